//! What the process that holds the house knows of itself.

use std::net::SocketAddr;

use nix::sys::resource::{Resource, getrlimit};
use serde::{Deserialize, Serialize};

use crate::house::House;

/// The process that holds the house, and what it stands on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Its version.
    pub(crate) version: String,
    /// Where it was told to listen.
    pub(crate) listen: SocketAddr,
    /// Whether the record takes entries.
    pub(crate) writable: bool,
    /// Whether the database answers.
    pub(crate) database: bool,
    /// What it may use.
    pub(crate) limits: Limits,
}

/// What a process may use, and whether its memory can be had.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Files and connections that are open; nothing where the system does not tell.
    pub(crate) open: Option<u64>,
    /// How many may be.
    pub(crate) most: u64,
    /// Whether no crash writes its memory to a disk, and no process of the same user reads it.
    pub(crate) sealed: bool,
}

impl Limits {
    /// Those of this process.
    pub(crate) fn here() -> Self {
        let most = getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft);
        let no_core = getrlimit(Resource::RLIMIT_CORE).is_ok_and(|(soft, hard)| (soft, hard) == (0, 0));
        let open = std::fs::read_dir("/proc/self/fd").ok();
        Self {
            open: open.map(|entries| u64::try_from(entries.count()).unwrap_or(u64::MAX)),
            most,
            sealed: no_core && !dumpable(),
        }
    }
}

#[cfg(target_os = "linux")]
fn dumpable() -> bool {
    nix::sys::prctl::get_dumpable().unwrap_or(true)
}

#[cfg(not(target_os = "linux"))]
const fn dumpable() -> bool {
    false
}

pub(super) async fn machine(house: &House) -> Machine {
    Machine {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        listen: house.config.listen,
        writable: house.is_writable(),
        database: house.store.ping().await.is_ok(),
        limits: Limits::here(),
    }
}
