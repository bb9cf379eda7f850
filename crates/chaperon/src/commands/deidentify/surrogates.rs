//! What takes the place of identifiers, the same throughout a run or a file. Nothing of it is kept.

use std::sync::Arc;

use custody::Loose;
use keys::OsRandom;
use sha2::{Digest as _, Sha256};
use terms::{Clock as _, Randomness as _};

use crate::house::SystemClock;

/// More originals than that are not remembered: half a gigabyte of memory, about.
const MOST: usize = 4_000_000;

/// Surrogates of a run, or of a file.
pub(super) struct Surrogates {
    pub(super) texts: Loose,
    /// A secret from which unique identifiers are made.
    secret: [u8; 32],
}

impl Surrogates {
    /// None yet.
    pub(super) fn new() -> Self {
        let mut secret = [0; 32];
        OsRandom.fill(&mut secret);
        let texts = Loose::new(Arc::new(OsRandom), MOST, SystemClock.now().year());
        Self { texts, secret }
    }

    /// The unique identifier of DICOM that stands for another: one that nobody can tell from a random one, and that
    /// nobody can try without the secret, which ends with the run.
    pub(super) fn uid(&self, original: &str) -> String {
        let digest: [u8; 32] =
            Sha256::new().chain_update(self.secret).chain_update(original.trim()).finalize().into();
        let (bits, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
        structure::uid(u128::from_be_bytes(*bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_identifier_stays_one_and_is_the_same_in_one_run() {
        let (one, other) = (Surrogates::new(), Surrogates::new());
        let uid = one.uid("1.2.840.113619.2.1");
        assert!(uid.len() <= 64 && uid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{uid}");
        assert_eq!(one.uid("1.2.840.113619.2.1 "), uid, "padding is none of it");
        assert_ne!(one.uid("1.2.840.113619.2.2"), uid);
        assert_ne!(other.uid("1.2.840.113619.2.1"), uid);
    }
}
