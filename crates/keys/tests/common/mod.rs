//! What the tests of this crate share.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keys::{KeyError, Keyring, RootSource};
use terms::{Clock, EngagementId, Randomness, UtcMillis};

/// 2026-11-22, 01:09:47 UTC.
pub(crate) const NOW: UtcMillis = UtcMillis(1_795_309_787_123);

/// A clock that stands still.
pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> UtcMillis {
        NOW
    }
}

/// Bytes that are the same in every run: SplitMix64 from a seed.
pub(crate) struct Replayed(pub(crate) AtomicU64);

impl Randomness for Replayed {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) fn replayed() -> Arc<dyn Randomness> {
    Arc::new(Replayed(AtomicU64::new(1)))
}

pub(crate) fn name(text: &str) -> EngagementId {
    text.parse().unwrap()
}

pub(crate) fn file_root(dir: &Path) -> RootSource {
    RootSource::File(dir.join("root.key"))
}

pub(crate) fn create(dir: &Path) -> Result<Keyring, KeyError> {
    Keyring::create(dir, file_root(dir), Arc::new(Still), Arc::new(keys::OsRandom))
}

pub(crate) fn open(dir: &Path) -> Result<Keyring, KeyError> {
    Keyring::open(dir, file_root(dir), Arc::new(Still), Arc::new(keys::OsRandom))
}
