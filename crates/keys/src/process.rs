//! What the operating system gives: random bytes, and a process that can't be dumped.

use std::io;

use terms::Randomness;

use crate::KeyError;

/// The random generator of the cryptographic library, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Randomness for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // Never returns with bytes that are not random: without entropy it waits.
        while aws_lc_rs::rand::fill(bytes).is_err() {
            std::thread::yield_now();
        }
    }
}

/// Forbids core dumps and, on Linux, tracing and reading of this process's memory by the same user.
///
/// Called once, before any key is read.
pub fn harden_process() -> Result<(), KeyError> {
    use nix::sys::resource::{Resource, setrlimit};
    let failed = |error: nix::Error| KeyError::Process(io::Error::from(error));
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_dumpable(false).map_err(failed)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_differ() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        OsRandom.fill(&mut one);
        OsRandom.fill(&mut two);
        assert_ne!(one, two);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_hardened_process_leaves_no_dump() {
        use nix::sys::resource::{Resource, getrlimit};
        harden_process().unwrap();
        assert!(!nix::sys::prctl::get_dumpable().unwrap());
        assert_eq!(getrlimit(Resource::RLIMIT_CORE).unwrap(), (0, 0));
    }
}
