//! Numbers out of random bytes.

use terms::Randomness;

/// A number below `end`, which is small: one of 2³² parts of bias is nothing to a surrogate.
pub(crate) fn below(randomness: &dyn Randomness, end: u32) -> u32 {
    let mut bytes = [0; 8];
    randomness.fill(&mut bytes);
    let number = u64::from_be_bytes(bytes) % u64::from(end.max(1));
    u32::try_from(number).unwrap_or(0)
}

/// One of `choices`; `None` of none.
pub(super) fn one_of(randomness: &dyn Randomness, choices: &[u8]) -> Option<u8> {
    let end = u32::try_from(choices.len()).ok().filter(|end| *end > 0)?;
    choices.get(below(randomness, end) as usize).copied()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Random bytes that are the same each time.
    pub(crate) struct Lot(AtomicU64);

    impl Lot {
        pub(crate) fn new(seed: u64) -> Self {
            Self(AtomicU64::new(seed))
        }
    }

    impl Randomness for Lot {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                let state = self.0.load(Ordering::Relaxed);
                let state =
                    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                self.0.store(state, Ordering::Relaxed);
                *byte = state.to_be_bytes()[0];
            }
        }
    }

    #[test]
    fn every_number_comes_and_none_beyond() {
        let lot = Lot::new(1);
        let drawn: std::collections::BTreeSet<u32> = (0..500).map(|_| below(&lot, 10)).collect();
        assert!(drawn.into_iter().eq(0..10));
        assert_eq!(one_of(&lot, b""), None);
        assert_eq!(one_of(&lot, b"x"), Some(b'x'));
    }
}
