//! What the operating system gives: random bytes, and a process that can't be dumped.

use std::cell::RefCell;
use std::io;

use terms::Randomness;
use zeroize::Zeroize;

use crate::KeyError;

/// The random generator of the cryptographic library, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Randomness for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > SMALL {
            return draw(bytes);
        }
        STOCK.with_borrow_mut(|stock| stock.hand_out(bytes));
    }
}

/// Requests up to this many bytes are served from a stock: one call of the generator costs as much for a few bytes
/// as for many.
const SMALL: usize = 32;

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; 512], left: 0 }) };
}

/// Random bytes that nobody has seen, in the first `left` places; what was handed out is wiped.
struct Stock {
    bytes: [u8; 512],
    left: usize,
}

impl Stock {
    fn hand_out(&mut self, bytes: &mut [u8]) {
        if self.left < bytes.len() {
            draw(&mut self.bytes);
            self.left = self.bytes.len();
        }
        let rest = self.left - bytes.len();
        let Some(fresh) = self.bytes.get_mut(rest..self.left) else { return draw(bytes) };
        bytes.copy_from_slice(fresh);
        fresh.zeroize();
        self.left = rest;
    }
}

/// Never returns with bytes that are not random: without entropy it waits.
fn draw(bytes: &mut [u8]) {
    while aws_lc_rs::rand::fill(bytes).is_err() {
        std::thread::yield_now();
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
    fn no_byte_of_the_stock_is_handed_out_twice() {
        let mut seen = std::collections::HashSet::new();
        for length in [8, 31, 32, 33].into_iter().cycle().take(400) {
            let mut bytes = vec![0; length];
            OsRandom.fill(&mut bytes);
            assert!(bytes.windows(8).all(|eight| eight != [0; 8]), "nothing wiped is handed out");
            assert!(bytes.chunks_exact(8).all(|eight| seen.insert(eight.to_vec())));
        }
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
