//! The data directory: whose it is, who may read it, and how much room there is.

use std::fs::{self, Metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;

use super::finding::Finding;
use crate::config::Config;
use crate::failure::why;

const MIB: u64 = 1 << 20;
/// Below this a record fails soon; below the other there is time to act.
const TOO_LITTLE: u64 = 64 * MIB;
const LITTLE: u64 = 1024 * MIB;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    match fs::metadata(&config.data_dir) {
        Ok(metadata) => vec![files(config, &metadata), room(&config.data_dir)],
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut above = config.data_dir.ancestors().skip(1).filter(|path| path.exists());
            let there = above.next().unwrap_or(Path::new("."));
            vec![not_there(config), room(there)]
        }
        Err(error) => vec![Finding::fail(
            "data directory",
            format!("`{}` can't be read: {}", config.data_dir.display(), why(&error)),
            "run this as the user that runs the house",
        )],
    }
}

fn not_there(config: &Config) -> Finding {
    Finding::warn(
        "data directory",
        format!("`{}` is not there yet", config.data_dir.display()),
        "the first `chaperon serve` makes it; `--config` or `--data-dir` name another",
    )
}

/// Everything under the data directory belongs to one user, who runs the house, and is open to nobody else.
fn files(config: &Config, directory: &Metadata) -> Finding {
    let shown = config.data_dir.display();
    let (owner, user) = (directory.uid(), nix::unistd::geteuid());
    if owner != user.as_raw() && !user.is_root() {
        return Finding::fail(
            "data directory",
            format!("`{shown}` belongs to user {owner}, this is user {user}"),
            format!("run the house as its owner, or give it away with `chown -R {user} {shown}`"),
        );
    }
    match first_wrong(&config.data_dir, directory, owner) {
        Ok(None) => Finding::ok("data directory", format!("{shown}, of user {owner} alone")),
        Ok(Some((path, true))) => Finding::fail(
            "data directory",
            format!("`{}` does not belong to user {owner} as its directory does", path.display()),
            format!("`chown -R {owner} {shown}`"),
        ),
        Ok(Some((path, false))) => Finding::fail(
            "data directory",
            format!("`{}` is open to others than its owner", path.display()),
            format!("`chmod -R go-rwx {shown}`"),
        ),
        Err((path, error)) => Finding::fail(
            "data directory",
            format!("`{}` can't be read: {}", path.display(), why(&error)),
            "run this as the user that runs the house",
        ),
    }
}

/// The first entry that belongs to somebody else (true) or is open to others (false).
fn first_wrong(
    directory: &Path,
    metadata: &Metadata,
    owner: u32,
) -> Result<Option<(PathBuf, bool)>, (PathBuf, std::io::Error)> {
    let mut waiting = vec![(directory.to_owned(), metadata.clone())];
    while let Some((path, metadata)) = waiting.pop() {
        if metadata.is_symlink() {
            continue;
        }
        if metadata.uid() != owner {
            return Ok(Some((path, true)));
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            return Ok(Some((path, false)));
        }
        if metadata.is_dir() {
            for entry in fs::read_dir(&path).map_err(|error| (path.clone(), error))? {
                let entry = entry.map_err(|error| (path.clone(), error))?;
                match entry.metadata() {
                    Ok(metadata) => waiting.push((entry.path(), metadata)),
                    // a file that a running server replaced meanwhile
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err((entry.path(), error)),
                }
            }
        }
    }
    Ok(None)
}

fn room(path: &Path) -> Finding {
    const HELP: &str = "make room: when the record can't be written, nothing is served";
    let Ok(found) = statvfs(path) else {
        return Finding::warn("disk", "how much room there is can't be told", "look at it with `df`");
    };
    let free = found.blocks_available().saturating_mul(found.fragment_size());
    let detail = format!("{} MiB free", free / MIB);
    if found.files() > 0 && found.files_available() < 64 {
        return Finding::fail("disk", "hardly any file can be made: no inodes are left", HELP);
    }
    match free {
        0..TOO_LITTLE => Finding::fail("disk", detail, HELP),
        TOO_LITTLE..LITTLE => Finding::warn("disk", detail, HELP),
        _ => Finding::ok("disk", detail),
    }
}
