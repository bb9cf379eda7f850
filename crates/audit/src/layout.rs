//! Where things are in a journal's directory.

use std::path::{Path, PathBuf};

pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const CHECKPOINTS: &str = "checkpoints";
pub(crate) const VERIFIER_KEY: &str = "log.vkey";
pub(crate) const FRONTIER: &str = "frontier";
pub(crate) const LOCK: &str = "lock";

/// The directory of segments.
pub(crate) fn segments(dir: &Path) -> PathBuf {
    dir.join("segments")
}

/// The file of a segment, by its number from 1.
pub(crate) fn segment(dir: &Path, number: u64) -> PathBuf {
    segments(dir).join(format!("{number:08}.chj"))
}

/// The number of a segment's file; `None` for any other file.
pub(crate) fn segment_number(file: &str) -> Option<u64> {
    let digits = file.strip_suffix(".chj")?;
    let number = digits.parse().ok()?;
    (number > 0 && digits == format!("{number:08}")).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_segments_are_segments() {
        assert_eq!(segment_number("00000012.chj"), Some(12));
        for other in ["00000000.chj", "12.chj", "+0000012.chj", "00000012.chj.bak", "checkpoint"] {
            assert_eq!(segment_number(other), None, "{other}");
        }
    }
}
