//! The state of the record, as the verifier judges it: it shares no code with what wrote it.

use std::path::Path;

use chaperon_verify::Verdict;
use serde::Serialize;

use crate::commands::journal::verdict;
use crate::exit::Exit;

/// What the verifier says, and what the newest checkpoint pins.
#[derive(Debug, Default, Serialize)]
pub(super) struct State {
    /// `intact`, `unproven tail`, `tampered`; `not verified` where the verifier could not do its work.
    pub(super) verdict: &'static str,
    /// Name of the log.
    pub(super) origin: String,
    pub(super) entries: u64,
    pub(super) segments: u64,
    /// Entries that the newest checkpoint covers.
    pub(super) signed: u64,
    /// Checkpoints that were verified.
    pub(super) checkpoints: u64,
    /// Whether a torn write ends the record.
    pub(super) torn: bool,
    /// Size and root hash of the newest checkpoint, as its file has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pinned: Option<Pinned>,
    /// What is wrong, where something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wrong: Option<String>,
}

/// What a copy of this report pins, kept elsewhere.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Pinned {
    pub(super) size: String,
    pub(super) root: String,
}

impl State {
    /// Judges the record of a data directory.
    pub(super) fn of(data_dir: &Path) -> Self {
        // read first: what is signed meanwhile extends it
        let checkpoint = std::fs::read_to_string(data_dir.join("journal").join("checkpoint"));
        let pinned = checkpoint.ok().as_deref().and_then(pinned);
        match verdict(data_dir) {
            Err(failure) => {
                Self { verdict: "not verified", wrong: Some(failure.message().to_owned()), ..Self::default() }
            }
            Ok(report) => Self {
                verdict: report.verdict.as_str(),
                origin: report.origin,
                entries: report.frames,
                segments: report.segments,
                signed: report.signed.unwrap_or(0),
                checkpoints: report.checkpoints,
                torn: report.torn,
                pinned: pinned.filter(|_| report.verdict != Verdict::Tampered),
                wrong: report.wrong.map(|wrong| wrong.to_string()),
            },
        }
    }

    pub(super) fn is_tampered(&self) -> bool {
        self.verdict == Verdict::Tampered.as_str()
    }

    pub(super) fn is_verified(&self) -> bool {
        [Verdict::Intact, Verdict::UnprovenTail].iter().any(|fine| self.verdict == fine.as_str())
    }

    /// How a command ends that reports this. A tail is unproven whenever a server runs.
    pub(super) fn exit(&self) -> Exit {
        if self.is_tampered() {
            Exit::Tampered
        } else if self.is_verified() {
            Exit::Ok
        } else {
            Exit::Failed
        }
    }

    /// Entries after the newest checkpoint.
    pub(super) const fn tail(&self) -> u64 {
        self.entries.saturating_sub(self.signed)
    }
}

/// Size and root of a checkpoint (C2SP tlog-checkpoint: origin, size, root, one a line).
fn pinned(checkpoint: &str) -> Option<Pinned> {
    let mut lines = checkpoint.lines().skip(1);
    let (size, root) = (lines.next()?, lines.next()?);
    let plain = size.bytes().all(|byte| byte.is_ascii_digit()) && root.len() == 44;
    plain.then(|| Pinned { size: size.to_owned(), root: root.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_pins_size_and_root() {
        let root = "A".repeat(43) + "=";
        let found = pinned(&format!("log\n12\n{root}\n\n\u{2014} log sig\n"));
        assert_eq!(found, Some(Pinned { size: "12".into(), root }));
        assert_eq!(pinned("log\n12\n"), None);
        assert_eq!(pinned("log\n12\nshort\n"), None);
    }

    #[test]
    fn only_a_verified_record_ends_well() {
        let with = |verdict| State { verdict, ..State::default() }.exit();
        assert_eq!(with("intact"), Exit::Ok);
        assert_eq!(with("unproven tail"), Exit::Ok);
        assert_eq!(with("tampered"), Exit::Tampered);
        assert_eq!(with("not verified"), Exit::Failed);
    }
}
