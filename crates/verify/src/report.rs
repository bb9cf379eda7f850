//! What is said at the end.

use std::fmt;

use serde_json::json;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// nothing is wrong, and a checkpoint covers every frame
    Intact,
    /// nothing is wrong, but what comes after the newest checkpoint is not proven
    UnprovenTail,
    /// something is wrong
    Tampered,
}

impl Verdict {
    /// The exit code of the binary.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Intact => 0,
            Self::UnprovenTail => 3,
            Self::Tampered => 4,
        }
    }

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::UnprovenTail => "unproven tail",
            Self::Tampered => "tampered",
        }
    }
}

/// What kind of wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// bytes are not those that were written
    Altered,
    /// a frame or a file is not there
    Missing,
    /// a frame stands before one that belongs before it
    Reordered,
    /// a frame is there that was not written there
    Inserted,
    /// the end is not there
    Truncated,
    /// the journal is an older copy of itself
    RolledBack,
    /// there are two histories
    Forked,
    /// signed by another key
    AnotherKey,
}

impl Kind {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::Missing => "missing",
            Self::Reordered => "reordered",
            Self::Inserted => "inserted",
            Self::Truncated => "truncated",
            Self::RolledBack => "rolled back",
            Self::Forked => "forked",
            Self::AnotherKey => "signed by another key",
        }
    }
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// what kind of wrong
    pub kind: Kind,
    /// number of the segment
    pub segment: Option<u64>,
    /// offset in the segment's file, in bytes
    pub offset: Option<u64>,
    /// the leaf concerned, or the first one that may be
    pub position: Option<u64>,
    /// in words
    pub detail: String,
}

impl Wrong {
    /// Something wrong with no place in a segment.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, segment: None, offset: None, position: None, detail: detail.into() }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.detail)?;
        let places = [("segment", self.segment), ("offset", self.offset), ("position", self.position)];
        let mut before = " (";
        for (name, value) in places.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            write!(f, "{before}{name} {value}")?;
            before = ", ";
        }
        if before == ", " { f.write_str(")") } else { Ok(()) }
    }
}

/// All that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The answer.
    pub verdict: Verdict,
    /// Name of the log.
    pub origin: String,
    /// Segments read.
    pub segments: u64,
    /// Frames read, up to what is wrong.
    pub frames: u64,
    /// Frames that the newest checkpoint of the directory covers.
    pub signed: Option<u64>,
    /// Checkpoints that were verified.
    pub checkpoints: u64,
    /// Whether a torn write ends the journal.
    pub torn: bool,
    /// What is wrong, where the verdict is tampered.
    pub wrong: Option<Wrong>,
}

impl Report {
    /// As one line of JSON.
    pub fn to_json(&self) -> String {
        let wrong = self.wrong.as_ref().map(|wrong| {
            json!({
                "kind": wrong.kind.as_str(),
                "segment": wrong.segment,
                "offset": wrong.offset,
                "position": wrong.position,
                "detail": wrong.detail,
            })
        });
        json!({
            "verdict": self.verdict.as_str(),
            "origin": self.origin,
            "segments": self.segments,
            "frames": self.frames,
            "signed": self.signed,
            "checkpoints": self.checkpoints,
            "torn": self.torn,
            "wrong": wrong,
        })
        .to_string()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.verdict.as_str())?;
        if let Some(wrong) = &self.wrong {
            writeln!(f, "  {wrong}")?;
        }
        if !self.origin.is_empty() {
            writeln!(f, "  log          {}", self.origin)?;
        }
        let segments = if self.segments == 1 { "segment" } else { "segments" };
        writeln!(f, "  frames       {} in {} {segments}", self.frames, self.segments)?;
        match self.signed {
            Some(signed) => {
                writeln!(f, "  checkpoints  {}, the newest covers {signed} frames", self.checkpoints)?;
            }
            None => writeln!(f, "  checkpoints  none")?,
        }
        if self.torn {
            writeln!(f, "  tail         a torn write, which the next start cuts off")?;
        }
        Ok(())
    }
}

/// Why there is no verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverifiable(pub String);

impl fmt::Display for Unverifiable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unverifiable {}
