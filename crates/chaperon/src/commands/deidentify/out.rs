//! The out folder: a file in it is there whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use super::manifest::Manifest;
use super::review;
use crate::failure::{Failure, why};

/// What was done, when all is.
pub(super) const MANIFEST: &str = "manifest.jsonl";
/// What is not done yet.
const WORK: &str = ".chaperon";
/// In it, what was done so far.
const DONE: &str = "done.jsonl";

/// Whether a name below the out folder is taken by the folder's own files.
pub(super) fn is_ours(name: &str) -> bool {
    name == MANIFEST || Path::new(name).components().next() == Some(Component::Normal(WORK.as_ref()))
}

/// The list of all pages of a review, when all are written.
pub(super) const INDEX: &str = "index.html";

/// An out folder. One process at a time works in it.
pub(super) struct Out {
    root: PathBuf,
    /// The file that is written last.
    last: &'static str,
    /// Locked.
    _lock: File,
}

impl Out {
    /// Makes the folder, or goes on in one that a run began. One with other files in it is refused. `last` is the file
    /// that tells that all of it is written.
    pub(super) fn open(root: &Path, last: &'static str) -> Result<Self, Failure> {
        let failed = |error: io::Error| unwritable(root, &error);
        make(root).map_err(failed)?;
        let empty = fs::read_dir(root).map_err(failed)?.next().is_none();
        if !empty && !is_of_a_run(root, last).map_err(failed)? {
            return Err(Failure::refused(format!("the folder `{}` has other files in it", root.display()))
                .help("name one that is new or empty, or that an earlier run wrote"));
        }
        if last == INDEX {
            // pages are PHI: nobody else may look into a folder that was there
            fs::set_permissions(root, Permissions::from_mode(0o700)).map_err(failed)?;
        }
        let lock = File::open(root).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::unreachable(format!(
                    "another process works in the folder `{}`",
                    root.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let out = Self { root: root.to_owned(), last, _lock: lock };
        out.sweep().map_err(failed)?;
        Ok(out)
    }

    /// Removes what an interrupted run left half-written.
    fn sweep(&self) -> io::Result<()> {
        let work = self.root.join(WORK);
        make(&work)?;
        for entry in fs::read_dir(&work)? {
            let entry = entry?;
            if entry.file_name() != DONE {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// What a file of this name is called when it is done.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Removes a file, if it is there.
    pub(super) fn withdraw(&self, name: &str) -> io::Result<()> {
        let place = self.place(name);
        let there = fs::symlink_metadata(&place).is_ok_and(|found| found.is_file());
        if there { fs::remove_file(place) } else { Ok(()) }
    }

    /// A new file that is not done yet. `number` is no other's.
    pub(super) fn begin(&self, number: usize) -> io::Result<Begun> {
        let path = self.root.join(WORK).join(format!("{number}.tmp"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Begun { path: Some(path), file })
    }

    /// Gives a file that is done its name. Folders on the way are made; a link on the way is refused.
    pub(super) fn commit(&self, mut begun: Begun, name: &str) -> io::Result<()> {
        begun.file.sync_all()?;
        let mut folder = self.root.clone();
        for part in Path::new(name).parent().into_iter().flat_map(Path::components) {
            folder.push(part);
            make(&folder)?;
        }
        let place = self.place(name);
        if fs::symlink_metadata(&place).is_ok_and(|found| !found.is_file()) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if let Some(path) = begun.path.take() {
            fs::rename(path, place)?;
        }
        Ok(())
    }

    /// What an interrupted run noted as done.
    pub(super) fn noted(&self) -> Vec<u8> {
        fs::read(self.root.join(WORK).join(DONE)).unwrap_or_default()
    }

    /// Where to note what is done, with what is done already in it. Until all is, there is no manifest.
    pub(super) fn reopen(&self, done: &[u8]) -> io::Result<File> {
        let mut begun = self.begin(0)?;
        begun.file.write_all(done)?;
        self.commit(begun, &format!("{WORK}/{DONE}"))?;
        match fs::remove_file(self.place(self.last)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        OpenOptions::new().append(true).open(self.root.join(WORK).join(DONE))
    }

    /// The last act: names are durable, then the last file is there.
    pub(super) fn finish(&self, last: &[u8], names: impl Iterator<Item = String>) -> Result<(), Failure> {
        let finished = || {
            let mut folders: Vec<_> =
                names.filter_map(|name| Some(Path::new(&name).parent()?.to_owned())).collect();
            folders.sort();
            folders.dedup();
            for folder in folders {
                File::open(self.root.join(folder))?.sync_all()?;
            }
            let mut begun = self.begin(0)?;
            begun.file.write_all(last)?;
            self.commit(begun, self.last)?;
            File::open(&self.root)?.sync_all()?;
            fs::remove_dir_all(self.root.join(WORK))
        };
        finished().map_err(|error: io::Error| unwritable(&self.root, &error))
    }
}

/// A file that has no name yet; gone when it is dropped before it has.
pub(super) struct Begun {
    path: Option<PathBuf>,
    pub(super) file: File,
}

impl io::Write for Begun {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            let _ = fs::remove_file(path);
        }
    }
}

/// Whether a folder is one that a run of this program wrote, or began to: by what its last file says, or by what it
/// notes, and nothing else beside that.
fn is_of_a_run(root: &Path, last: &str) -> io::Result<bool> {
    let work = root.join(WORK);
    if is_folder(&work) {
        for entry in fs::read_dir(&work)? {
            let name = entry?.file_name();
            let begun = name.to_str().and_then(|name| name.strip_suffix(".tmp"));
            let begun = begun.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
            if !begun && name != DONE {
                return Ok(false);
            }
        }
        // what a crash cut off is no line
        let noted = fs::read(work.join(DONE)).unwrap_or_default();
        let whole = noted.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let noted = noted.get(..whole).unwrap_or_default();
        return Ok(noted.is_empty() || Manifest::is_one(noted));
    }
    let last_file = match fs::read(root.join(last)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        read => read?,
    };
    Ok(if last == INDEX { review::is_index(&last_file) } else { Manifest::is_one(&last_file) })
}

/// Makes a folder, unless it is there. A link to one is none.
fn make(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_folder(path) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(path)
        }
        done => done,
    }
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("`{}` can't be written: {}", path.display(), why(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_only_when_it_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("out");
        let out = Out::open(&root, MANIFEST).unwrap();
        assert!(Out::open(&root, MANIFEST).is_err(), "one at a time");
        drop(out.begin(1).unwrap());
        assert_eq!(fs::read_dir(root.join(WORK)).unwrap().count(), 0, "what is given up is gone");
        let mut begun = out.begin(1).unwrap();
        begun.file.write_all(b"x").unwrap();
        assert!(!out.place("deep/a.txt").exists());
        out.commit(begun, "deep/a.txt").unwrap();
        let mode = |name: &str| fs::metadata(root.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("deep/a.txt"), mode("deep"), mode("")), (0o600, 0o700, 0o700));
        out.finish(b"{\"totals\":{}}\n", ["deep/a.txt".to_owned()].into_iter()).unwrap();
        assert!(!root.join(WORK).exists());
        drop(out);
        // what a run that was killed left
        fs::create_dir(root.join(WORK)).unwrap();
        fs::write(root.join(WORK).join("7.tmp"), "half").unwrap();
        let out = Out::open(&root, MANIFEST).unwrap();
        assert!(!root.join(WORK).join("7.tmp").exists() && out.noted().is_empty());
    }

    #[test]
    fn what_is_there_and_not_ours_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mine.txt"), "x").unwrap();
        assert!(Out::open(folder.path(), MANIFEST).is_err());
        // somebody's shop, site and notes, whatever their files are called
        for (last, text) in
            [(MANIFEST, "{\"sku\": 7}\n"), (INDEX, "<html><title>PHI: my site</title></html>")]
        {
            fs::write(folder.path().join(last), text).unwrap();
            assert!(Out::open(folder.path(), last).is_err(), "{last}");
        }
        let theirs = folder.path().join("theirs");
        fs::create_dir_all(theirs.join(WORK)).unwrap();
        fs::write(theirs.join(WORK).join("notes.txt"), "x").unwrap();
        assert!(Out::open(&theirs, MANIFEST).is_err() && theirs.join(WORK).join("notes.txt").exists());
        // nobody else looks into a folder for pages
        let pages = folder.path().join("pages");
        fs::create_dir(&pages).unwrap();
        fs::set_permissions(&pages, Permissions::from_mode(0o755)).unwrap();
        drop(Out::open(&pages, INDEX).unwrap());
        assert_eq!(fs::metadata(&pages).unwrap().permissions().mode() & 0o777, 0o700);
        let root = folder.path().join("out");
        let out = Out::open(&root, MANIFEST).unwrap();
        std::os::unix::fs::symlink(folder.path(), root.join("deep")).unwrap();
        assert!(out.commit(out.begin(1).unwrap(), "deep/a.txt").is_err(), "a link on the way");
        fs::create_dir(root.join("b.txt")).unwrap();
        assert!(out.commit(out.begin(2).unwrap(), "b.txt").is_err());
        assert!(!folder.path().join("a.txt").exists());
        assert!(is_ours("manifest.jsonl") && is_ours(".chaperon/x") && !is_ours("a/manifest.jsonl"));
    }
}
