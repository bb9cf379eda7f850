//! Files that hold keys: who may read them, and how they are replaced whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use crate::KeyError;

const PRIVATE_DIR: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;
/// No file of the keyring is larger: a larger one is not read.
const LARGEST: u64 = 256 << 20;

/// Makes the directory with mode 0700 where it is not, and checks it where it is.
pub(crate) fn make_dir(dir: &Path) -> Result<(), KeyError> {
    DirBuilder::new().recursive(true).mode(PRIVATE_DIR).create(dir).map_err(KeyError::file(dir, "made"))?;
    check_dir(dir)
}

/// Refuses a directory that others than its owner may enter.
pub(crate) fn check_dir(dir: &Path) -> Result<(), KeyError> {
    let metadata = fs::metadata(dir).map_err(KeyError::file(dir, "read"))?;
    check(dir, &metadata, PRIVATE_DIR)
}

/// Reads a file whole; `None` where it is not; refused where others than its owner may read it.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(KeyError::file(path, "read")(error)),
    };
    let metadata = file.metadata().map_err(KeyError::file(path, "read"))?;
    check(path, &metadata, PRIVATE_FILE)?;
    if metadata.len() > LARGEST {
        return Err(KeyError::damaged(path, "it is too large"));
    }
    // Room for the whole and one byte more, so that no copy is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1));
    file.take(LARGEST).read_to_end(&mut bytes).map_err(KeyError::file(path, "read"))?;
    Ok(Some(bytes))
}

/// Puts `content` in place of the file, whole or not at all, durable on return, mode 0600.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let fresh = path.with_file_name(name);
    // Left behind by a crash; it may have another mode.
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(KeyError::file(&fresh, "written")(error));
        }
        _ => {}
    }
    write_new(&fresh, content)?;
    fs::rename(&fresh, path).map_err(KeyError::file(path, "written"))?;
    sync_dir_of(path)
}

/// Writes a file that must not be there yet, durable on return, mode 0600.
pub(crate) fn create(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    write_new(path, content)?;
    sync_dir_of(path)
}

fn write_new(path: &Path, content: &[u8]) -> Result<(), KeyError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE_FILE).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(KeyError::file(path, "written"))
}

fn sync_dir_of(path: &Path) -> Result<(), KeyError> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(KeyError::file(dir, "written"))
}

/// Whether others than those whom it is meant for may use a file or directory.
///
/// Nobody but its owner may; a file of root's may be readable by its group as well: that is how service managers and
/// orchestrators hand a secret to a process that is not root (the mask of an access list shows as the group's mode).
#[must_use]
pub fn open_to_others(metadata: &fs::Metadata) -> bool {
    let handed = metadata.is_file() && metadata.uid() == 0 && !nix::unistd::geteuid().is_root();
    is_open(metadata.permissions().mode(), handed)
}

const fn is_open(mode: u32, handed: bool) -> bool {
    mode & (if handed { 0o037 } else { 0o077 }) != 0
}

fn check(path: &Path, metadata: &fs::Metadata, want: u32) -> Result<(), KeyError> {
    if open_to_others(metadata) {
        let mode = metadata.permissions().mode() & 0o7777;
        return Err(KeyError::Permissions { path: path.to_owned(), mode, want });
    }
    let user = nix::unistd::geteuid().as_raw();
    // root may read anything anyway; a mounted secret often belongs to root.
    if metadata.uid() != user && metadata.uid() != 0 {
        return Err(KeyError::Owner { path: path.to_owned(), owner: metadata.uid(), user });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn replaces_whole_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ring");
        fs::write(dir.path().join("ring.new"), "left behind").unwrap();
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(**read(&path).unwrap().unwrap(), *b"two");
        assert_eq!(mode_of(&path), 0o600);
        assert!(!dir.path().join("ring.new").exists());
        assert!(matches!(create(&path, b"three"), Err(KeyError::File { .. })));
    }

    #[test]
    fn refuses_what_others_may_read_and_says_how_to_mend() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("root.key");
        create(&path, b"x").unwrap();
        for mode in [0o640, 0o604, 0o660, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = read(&path).unwrap_err();
            assert!(matches!(error, KeyError::Permissions { want: 0o600, .. }));
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
        let inner = dir.path().join("keys");
        make_dir(&inner).unwrap();
        assert_eq!(mode_of(&inner), 0o700);
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(make_dir(&inner).unwrap_err().to_string().contains("chmod 700"));
    }

    #[test]
    fn a_group_may_read_what_root_handed_over_and_nothing_more() {
        for mode in [0o100_400, 0o100_440, 0o100_600, 0o100_640] {
            assert!(!is_open(mode, true), "{mode:o}");
        }
        for mode in [0o100_444, 0o100_460, 0o100_450, 0o100_604] {
            assert!(is_open(mode, true), "{mode:o}");
        }
        assert!(is_open(0o100_440, false) && is_open(0o100_410, false) && !is_open(0o100_400, false));
    }

    #[test]
    fn what_is_not_there_is_none() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(&dir.path().join("nothing")).unwrap().is_none());
    }
}
