//! What is to be scanned: files, folders, standard input.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use structure::Format;

use super::Progress;
use crate::failure::{Failure, why};

/// The largest file that is read.
const LARGEST: u64 = 256 << 20;
/// How much of standard input is read at once.
const PIECE: u64 = 256 << 10;

/// A text with the name under which findings are listed.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) content: Content,
}

/// What a source turned out to hold.
pub(super) enum Content {
    Text(String),
    /// A file of DICOM.
    Dicom(Vec<u8>),
    /// Not examined, and why.
    Skipped(&'static str),
}

/// Where texts come from, in order; each is read when its turn comes.
pub(super) enum Place {
    Stdin,
    File(PathBuf),
    /// Met in a folder and not read, and why.
    LeftOut(PathBuf, &'static str),
}

/// The places that the paths name: folders are walked in order of name, links inside them are not followed.
pub(super) fn places(paths: &[PathBuf]) -> Result<Vec<Place>, Failure> {
    if paths.is_empty() {
        return Ok(vec![Place::Stdin]);
    }
    let mut places = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            places.push(Place::Stdin);
            continue;
        }
        let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if metadata.is_dir() {
            walk(path, &mut places)?;
        } else {
            places.push(Place::File(path.clone()));
        }
    }
    Ok(places)
}

fn walk(folder: &Path, places: &mut Vec<Place>) -> Result<(), Failure> {
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(folder, &error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
        if kind.is_dir() {
            walk(&entry.path(), places)?;
        } else if kind.is_file() {
            places.push(Place::File(entry.path()));
        } else {
            places.push(Place::LeftOut(entry.path(), if kind.is_symlink() { "a link" } else { "no file" }));
        }
    }
    Ok(())
}

impl Place {
    /// Whether it is a file of JSON Lines, or standard input.
    pub(super) fn is_jsonl(&self) -> bool {
        match self {
            Self::Stdin => true,
            Self::File(path) => path.extension().is_some_and(|extension| extension == "jsonl"),
            Self::LeftOut(..) => false,
        }
    }

    /// How long its text is, in bytes; `None` for standard input. A file that is not read has nothing to examine.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::LeftOut(..) => Some(0),
            Self::File(path) => {
                Some(fs::metadata(path).map_or(0, |found| found.len()).min(LARGEST + 1) % (LARGEST + 1))
            }
        }
    }

    /// Reads the text.
    pub(super) fn read(&self, progress: &Progress) -> Result<Source, Failure> {
        match self {
            Self::Stdin => {
                let bytes = stdin(progress).map_err(|error| {
                    Failure::failed(format!("standard input can't be read: {}", why(&error)))
                })?;
                Ok(Source { name: "-".to_owned(), content: text(bytes) })
            }
            Self::LeftOut(path, why) => {
                Ok(Source { name: path.display().to_string(), content: Content::Skipped(why) })
            }
            Self::File(path) => {
                let size = fs::metadata(path).map_err(|error| unreadable(path, &error))?.len();
                let content = if size > LARGEST {
                    Content::Skipped("larger than 256 MiB")
                } else {
                    text(fs::read(path).map_err(|error| unreadable(path, &error))?)
                };
                Ok(Source { name: path.display().to_string(), content })
            }
        }
    }
}

/// Standard input to its end, or one byte further than what is examined.
fn stdin(progress: &Progress) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut input = std::io::stdin().lock().take(LARGEST + 1);
    loop {
        let came = input.by_ref().take(PIECE).read_to_end(&mut bytes)?;
        progress.came(came);
        if (came as u64) < PIECE {
            progress.ended();
            return Ok(bytes);
        }
    }
}

fn text(bytes: Vec<u8>) -> Content {
    if bytes.len() as u64 > LARGEST {
        return Content::Skipped("larger than 256 MiB");
    }
    if Format::told_by(None, &bytes) == Format::Dicom {
        return Content::Dicom(bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Content::Text(text),
        _ => Content::Skipped("not text in UTF-8"),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("`{}` can't be read: {}", path.display(), why(error)))
}
