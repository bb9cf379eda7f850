//! The lock of a data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::failure::{Failure, why};

/// Held for as long as this process owns the data directory. The operating system gives it up when the process
/// ends, however it ends.
pub(super) struct DataLock(#[expect(dead_code, reason = "holding the file is what it is for")] File);

/// Why the lock is not ours.
pub(super) enum Denied {
    /// Another process holds it.
    Held,
    /// It can't be tried.
    Failed(Failure),
}

impl DataLock {
    /// Takes the lock, or says who is in the way.
    pub(super) fn take(data_dir: &Path) -> Result<Self, Denied> {
        let path = data_dir.join("lock");
        let failed = |error: std::io::Error| {
            Denied::Failed(Failure::failed(format!("`{}` can't be locked: {}", path.display(), why(&error))))
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Denied::Held),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // for people who look; nothing reads it
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self(file))
    }
}
