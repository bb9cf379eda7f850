//! Which checkpoints there are: the newest, the history, and one from outside.

use crate::note::{Checkpoint, Key, NoteError};
use crate::report::{Kind, Wrong};

/// All checkpoints that the tree must agree with.
#[derive(Debug, Default)]
pub struct Checkpoints {
    /// Of the history, sizes rising.
    pub history: Vec<Checkpoint>,
    /// Whether a torn entry ends the history.
    pub torn: bool,
}

impl Checkpoints {
    /// Size of the newest checkpoint.
    pub fn newest(&self) -> Option<u64> {
        self.history.last().map(|checkpoint| checkpoint.size)
    }
}

/// Reads `checkpoint` and `checkpoints`; `None` for a file that is not there.
pub fn read(newest: Option<&[u8]>, history: Option<&[u8]>, key: &Key) -> Result<Checkpoints, Wrong> {
    let Some(newest) = newest else { return unsigned(history.unwrap_or_default(), key) };
    let newest = std::str::from_utf8(newest).map_err(|_| wrong("checkpoint", NoteError::Malformed))?;
    let last = Checkpoint::read(newest, key).map_err(|why| wrong("checkpoint", why))?;
    let mut rest = history.ok_or_else(|| missing("checkpoints"))?;
    let mut all = Checkpoints::default();
    while !rest.is_empty() && !is_torn(rest, newest, last.size) {
        let (note, after) = entry(rest).ok_or_else(|| wrong("checkpoints", NoteError::Malformed))?;
        let checkpoint = Checkpoint::read(note, key).map_err(|why| wrong("checkpoints", why))?;
        if all.newest().is_some_and(|before| before >= checkpoint.size) {
            return Err(Wrong::new(Kind::Reordered, "sizes in `checkpoints` do not rise"));
        }
        if checkpoint.size == last.size && note != newest {
            return Err(Wrong::new(Kind::Altered, "`checkpoint` is not what `checkpoints` says of its size"));
        }
        all.history.push(checkpoint);
        rest = after;
    }
    all.torn = !rest.is_empty();
    all.with(last)
}

impl Checkpoints {
    /// Adds the newest: it is no older than the last entry but one. The last may be one that a crash kept from
    /// becoming the newest.
    fn with(mut self, newest: Checkpoint) -> Result<Self, Wrong> {
        let mut back = self.history.iter().rev().map(|checkpoint| checkpoint.size);
        let (last, before) = (back.next(), back.next());
        match last {
            None => Err(Wrong::new(Kind::Truncated, "`checkpoints` does not hold the first checkpoint")),
            Some(last) if last < newest.size => {
                self.history.push(newest);
                Ok(self)
            }
            Some(last) if last == newest.size || before.is_some_and(|before| before <= newest.size) => {
                Ok(self)
            }
            Some(_) => {
                Err(Wrong::new(Kind::RolledBack, "`checkpoint` is older than what `checkpoints` holds"))
            }
        }
    }
}

/// Whether these bytes are what a crash leaves of one more entry: its beginning, or all of it with zeros where blocks
/// did not reach the disk. It is newer than the newest, which is put in place after it.
fn is_torn(rest: &[u8], newest: &str, size: u64) -> bool {
    let mut lines = rest.split(|byte| *byte == b'\n').skip(1);
    let written = lines.next().filter(|_| lines.next().is_some());
    let written = written.and_then(|line| std::str::from_utf8(line).ok()?.parse::<u64>().ok());
    if written.is_some_and(|written| written <= size) {
        return false;
    }
    let digits = |size: u64| size.checked_ilog10().unwrap_or(0) as usize;
    let whole = newest.len() + 1 + digits(written.unwrap_or(size)) - digits(size);
    rest.len() < whole || rest.contains(&0)
}

/// Without `checkpoint`: a crash before the first one was in place leaves at most one entry in the history.
fn unsigned(history: &[u8], key: &Key) -> Result<Checkpoints, Wrong> {
    if let Some(first) = only_entry(history, key) {
        return Ok(Checkpoints { history: vec![first], torn: false });
    }
    match entry(history) {
        Some(_) => Err(missing("checkpoint")),
        None => Ok(Checkpoints { history: Vec::new(), torn: !history.is_empty() }),
    }
}

/// The first entry, without the empty line after it, and what follows.
fn entry(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let mut gaps = bytes.windows(2).enumerate().filter(|(_, pair)| pair == b"\n\n").map(|(at, _)| at);
    let end = gaps.nth(1)? + 1;
    let (note, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(note).ok()?, rest.strip_prefix(b"\n")?))
}

fn only_entry(bytes: &[u8], key: &Key) -> Option<Checkpoint> {
    let (note, rest) = entry(bytes)?;
    Checkpoint::read(note, key).ok().filter(|_| rest.is_empty())
}

/// What is wrong with a checkpoint.
pub fn wrong(file: &str, why: NoteError) -> Wrong {
    match why {
        NoteError::Malformed => {
            Wrong::new(Kind::Altered, format!("`{file}` is not formed like a checkpoint"))
        }
        NoteError::AnotherKey => {
            Wrong::new(Kind::AnotherKey, format!("`{file}` is not signed by this log's key"))
        }
        NoteError::Forged => {
            Wrong::new(Kind::Altered, format!("a signature in `{file}` does not fit what it signs"))
        }
    }
}

fn missing(file: &str) -> Wrong {
    Wrong::new(Kind::Missing, format!("`{file}` is missing"))
}
