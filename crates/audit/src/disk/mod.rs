//! What the journal needs of a disk. A port, so that tests can lose what was not synced.

mod os;

use std::any::Any;
use std::io::{self, Read};
use std::path::Path;

pub use os::OsDisk;

/// Reads a file from its start.
pub type DiskRead = Box<dyn Read + Send>;

/// A directory tree on a disk. Errors are the system's own.
pub trait Disk: Send + Sync {
    /// Makes a directory with its parents, for its owner alone.
    fn make_dir(&self, dir: &Path) -> io::Result<()>;
    /// Names of the files in a directory.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Makes an empty file to write to, or empties an old one.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Opens a file to write to.
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Reads a file from `offset` on.
    fn read(&self, path: &Path, offset: u64) -> io::Result<DiskRead>;
    /// Renames a file, over another where there is one.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
    /// Holds a lock until the guard is dropped; [`io::ErrorKind::WouldBlock`] where another process holds it.
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Any + Send + Sync>>;
}

/// A file that is written to.
pub trait DiskFile: Send {
    /// Writes all of `bytes` at `offset`, beyond the end too.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Makes all that was written durable, and the length.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
    /// The file's length.
    fn length(&self) -> io::Result<u64>;
}

/// The whole of a file; `None` where there is none.
pub(crate) fn read_all(disk: &dyn Disk, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    match disk.read(path, 0) {
        Ok(mut file) => file.read_to_end(&mut bytes).map(|_| Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts a whole file in place of another, durably: after a crash there is the old one or the new one.
pub(crate) fn replace(disk: &dyn Disk, dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = dir.join(format!("{name}.tmp"));
    let mut file = disk.create(&fresh)?;
    file.write_at(0, bytes)?;
    file.sync()?;
    disk.rename(&fresh, &dir.join(name))?;
    disk.sync_dir(dir)
}
