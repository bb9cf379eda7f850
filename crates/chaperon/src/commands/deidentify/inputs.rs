//! What is to be de-identified: files, with the names under which they are written.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::out;
use crate::failure::{Failure, why};

/// A file, and where it is written below the out folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) path: PathBuf,
    /// With `/` between its parts.
    pub(super) name: String,
    pub(super) length: u64,
    /// Whether it was met in a folder: then it is no link.
    walked: bool,
}

impl Input {
    /// Opens it. What was a file when the folder was read and is a link now is not followed.
    pub(super) fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true);
        if self.walked {
            options.custom_flags(nix::fcntl::OFlag::O_NOFOLLOW.bits());
        }
        options.open(&self.path)
    }
}

/// The inputs, and what was met in folders and left alone: links, sockets, names that can't be written down.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub(super) files: Vec<Input>,
    pub(super) left_out: Vec<(String, &'static str)>,
}

/// All files that the paths name. `to` is the out folder, if one was named: it may not lie in an input, nor an input
/// in it.
pub(super) fn inputs(paths: &[PathBuf], to: &Path) -> Result<Inputs, Failure> {
    let mut inputs = Inputs::default();
    for path in paths {
        fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    }
    apart(paths, to)?;
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if metadata.is_dir() {
            walk(path, path, &mut inputs)?;
        } else if metadata.is_file() {
            let name = path.file_name().map(PathBuf::from).unwrap_or_default();
            inputs.add(path.clone(), &name, metadata.len(), false);
        } else {
            return Err(Failure::usage(format!("`{}` is neither a file nor a folder", path.display())));
        }
    }
    distinct(&inputs.files)?;
    Ok(inputs)
}

impl Inputs {
    fn add(&mut self, path: PathBuf, name: &Path, length: u64, walked: bool) {
        match name.to_str() {
            Some(name) if out::is_ours(name) => {
                self.left_out.push((path.display().to_string(), "its name is one that the out folder needs"));
            }
            Some(name) => self.files.push(Input { path, name: name.to_owned(), length, walked }),
            None => self.left_out.push((path.display().to_string(), "its name is not UTF-8")),
        }
    }
}

/// Whether no path lies in the folder `to`, nor `to` in one of them, by way of links either.
pub(in crate::commands) fn apart(paths: &[PathBuf], to: &Path) -> Result<(), Failure> {
    let folder = whole(to)?;
    for path in paths {
        let whole = whole(path)?;
        if folder.starts_with(&whole) || whole.starts_with(&folder) {
            let (one, other) = (path.display(), to.display());
            return Err(Failure::usage(format!("`{one}` and `{other}` lie one inside the other"))
                .help("name a folder beside what is read"));
        }
    }
    Ok(())
}

/// The path without links, of what may not be there yet.
fn whole(path: &Path) -> Result<PathBuf, Failure> {
    let mut missing = Vec::new();
    let mut there = std::path::absolute(path).map_err(|error| unreadable(path, &error))?;
    loop {
        match fs::canonicalize(&there) {
            Ok(mut whole) => {
                whole.extend(missing.iter().rev());
                return Ok(whole);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (Some(name), Some(parent)) = (there.file_name(), there.parent()) else {
                    return Err(unreadable(path, &error));
                };
                missing.push(name.to_owned());
                there = parent.to_owned();
            }
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
}

fn walk(root: &Path, folder: &Path, inputs: &mut Inputs) -> Result<(), Failure> {
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(folder, &error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let unreadable = |error: io::Error| unreadable(&path, &error);
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() {
            walk(root, &path, inputs)?;
        } else if kind.is_file() {
            let length = entry.metadata().map_err(unreadable)?.len();
            let name = path.strip_prefix(root).map(Path::to_owned).unwrap_or_default();
            inputs.add(path, &name, length, true);
        } else {
            let what = if kind.is_symlink() { "a link" } else { "no file" };
            inputs.left_out.push((path.display().to_string(), what));
        }
    }
    Ok(())
}

fn distinct(files: &[Input]) -> Result<(), Failure> {
    let mut names = BTreeMap::new();
    for file in files {
        if let Some(other) = names.insert(&file.name, &file.path) {
            let (one, other) = (other.display(), file.path.display());
            return Err(Failure::usage(format!("`{one}` and `{other}` would be written under one name"))
                .help("do them one after the other, each to an out folder of its own"));
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("`{}` can't be read: {}", path.display(), why(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("in/deep")).unwrap();
        for name in ["in/b.txt", "in/deep/a.txt", "a.txt"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("in/link")).unwrap();
        folder
    }

    #[test]
    fn folders_are_walked_and_links_left_out() {
        let folder = tree();
        let at = |name: &str| folder.path().join(name);
        let found = inputs(&[at("in"), at("a.txt")], &at("out")).unwrap();
        let names: Vec<_> = found.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["b.txt", "deep/a.txt", "a.txt"]);
        assert_eq!(found.left_out.len(), 1);
        // what became a link since is not followed
        let (file, target) = (&found.files[0], at("a.txt"));
        fs::remove_file(&file.path).unwrap();
        std::os::unix::fs::symlink(target, &file.path).unwrap();
        assert!(file.open().is_err());
    }

    #[test]
    fn what_is_read_and_what_is_written_lie_apart() {
        let folder = tree();
        let at = |name: &str| folder.path().join(name);
        for (from, to) in [
            ("in", "in/out"),
            ("in", "in"),
            ("in/deep", "in"),
            ("in/deep/a.txt", "in/deep"),
            ("in", "in/deep/new/newer"),
            ("in/deep", "in/deep/../../in"),
        ] {
            assert!(inputs(&[at(from)], &at(to)).is_err(), "{from} to {to}");
        }
        std::os::unix::fs::symlink(at("in"), at("away")).unwrap();
        assert!(inputs(&[at("in")], &at("away/out")).is_err(), "through a link");
        assert!(inputs(&[at("in/deep")], &at("in/out")).is_ok());
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let folder = tree();
        let at = |name: &str| folder.path().join(name);
        assert!(inputs(&[at("in/deep"), at("a.txt")], &at("out")).is_err());
    }
}
