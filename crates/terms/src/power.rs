//! Powers that are handed in: nobody takes the time or rolls dice on their own.

use crate::UtcMillis;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, by the wall clock of this machine, in UTC milliseconds.
    fn now(&self) -> UtcMillis;
}

/// Gives unpredictable bytes.
pub trait Randomness: Send + Sync {
    /// Fills `bytes` from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);
}
