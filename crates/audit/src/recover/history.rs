//! The checkpoints that a start finds: the newest, and where the history of all of them ends.

use std::io::Read as _;
use std::path::Path;

use terms::NoteSigner;

use crate::disk::{Disk, DiskFile, read_all, replace};
use crate::note::Checkpoint;
use crate::{JournalError, Tampering, layout};

/// More than three checkpoints have: all that a start needs of the history.
const TAIL_BYTES: u64 = 1 << 12;

pub(crate) struct History {
    pub(crate) signed: Option<Checkpoint>,
    /// Where the history ends, in bytes.
    pub(crate) end: u64,
    /// A checkpoint that reached the history, but not yet the file of the newest.
    unadopted: Option<String>,
}

impl History {
    /// The history is never ahead of the newest checkpoint by more than one entry, and never empty beside it.
    pub(crate) fn read(disk: &dyn Disk, dir: &Path, by: &dyn NoteSigner) -> Result<Self, JournalError> {
        let newest = newest(disk, dir, by)?;
        let (start, tail) = tail(disk, &dir.join(layout::CHECKPOINTS))?;
        let entries = match &newest {
            Some(newest) => entries(&tail, start == 0, newest, by)?,
            None => only(&tail, start == 0, by)?,
        };
        let newest = newest.map(|newest| newest.checkpoint);
        let mut back = entries.iter().rev();
        let (last, before) = (back.next(), back.next());
        let end = last.map_or(0, |last| start + last.end as u64);
        let unadopted = match (&newest, last) {
            (Some(_), None) => return Err(wrong(layout::CHECKPOINTS)),
            (None, Some(last)) => Some(last),
            (Some(newest), Some(last)) if last.checkpoint.size > newest.size => {
                // one that a crash kept from being the newest: the one before it is no newer than that
                if before.is_none_or(|before| before.checkpoint.size > newest.size) {
                    return Err(wrong(layout::CHECKPOINT));
                }
                Some(last)
            }
            (None, None) | (Some(_), Some(_)) => None,
        };
        let contradicts = |newest: &Checkpoint| {
            entries.iter().any(|e| e.checkpoint.size == newest.size && e.checkpoint != *newest)
        };
        if newest.as_ref().is_some_and(contradicts) {
            return Err(wrong(layout::CHECKPOINTS));
        }
        let signed = unadopted.map(|entry| entry.checkpoint).or(newest);
        Ok(Self { signed, end, unadopted: unadopted.map(|entry| entry.note.to_owned()) })
    }

    /// Makes both files say the same.
    pub(crate) fn adopt(&mut self, disk: &dyn Disk, dir: &Path) -> Result<(), JournalError> {
        if let Some(note) = self.unadopted.take() {
            replace(disk, dir, layout::CHECKPOINT, note.as_bytes())?;
        }
        Ok(())
    }

    /// Opens the history to append to it, without its torn end.
    pub(crate) fn open(&self, disk: &dyn Disk, dir: &Path) -> Result<Box<dyn DiskFile>, JournalError> {
        let path = dir.join(layout::CHECKPOINTS);
        if self.end == 0 {
            let file = disk.create(&path)?;
            disk.sync_dir(dir)?;
            return Ok(file);
        }
        let mut file = disk.open(&path)?;
        if file.length()? > self.end {
            file.truncate(self.end)?;
            file.sync()?;
        }
        Ok(file)
    }
}

/// The last bytes of the history, and where they start.
fn tail(disk: &dyn Disk, path: &Path) -> Result<(u64, Vec<u8>), JournalError> {
    let mut bytes = Vec::new();
    let length = match disk.open(path) {
        Ok(file) => file.length()?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((0, bytes)),
        Err(error) => return Err(error.into()),
    };
    let start = length.saturating_sub(TAIL_BYTES);
    disk.read(path, start)?.read_to_end(&mut bytes)?;
    Ok((start, bytes))
}

/// One entry of the history.
struct Entry<'a> {
    note: &'a str,
    checkpoint: Checkpoint,
    /// Where it ends in what was read.
    end: usize,
}

/// What `checkpoint` says.
struct Newest {
    checkpoint: Checkpoint,
    /// Length of its note, in bytes.
    length: usize,
}

fn newest(disk: &dyn Disk, dir: &Path, by: &dyn NoteSigner) -> Result<Option<Newest>, JournalError> {
    let Some(note) = read_all(disk, &dir.join(layout::CHECKPOINT))? else { return Ok(None) };
    let text = std::str::from_utf8(&note).map_err(|_| wrong(layout::CHECKPOINT))?;
    let checkpoint = Checkpoint::read(text, by).ok_or(wrong(layout::CHECKPOINT))?;
    Ok(Some(Newest { checkpoint, length: note.len() }))
}

/// The whole entries of `tail`, without a torn one at its end; an error where one is damaged. Where it is not the
/// history's beginning, it may begin inside an entry.
fn entries<'a>(
    tail: &'a [u8],
    beginning: bool,
    newest: &Newest,
    by: &dyn NoteSigner,
) -> Result<Vec<Entry<'a>>, JournalError> {
    let mut start = if beginning { 0 } else { first(tail, by.name()) };
    let mut found = Vec::new();
    while let Some(rest) = tail.get(start..).filter(|rest| !rest.is_empty() && !newest.precedes_torn(rest)) {
        let entry = end(rest).and_then(|end| entry(tail, start, start + end, by));
        let entry = entry.ok_or(wrong(layout::CHECKPOINTS))?;
        start = entry.end;
        found.push(entry);
    }
    Ok(found)
}

/// The entry of a history beside which there is no newest checkpoint: a crash before the first one was in place leaves
/// one at most, or its torn beginning.
fn only<'a>(tail: &'a [u8], beginning: bool, by: &dyn NoteSigner) -> Result<Vec<Entry<'a>>, JournalError> {
    match end(tail) {
        None if beginning => Ok(Vec::new()),
        Some(end) if beginning && end == tail.len() => {
            entry(tail, 0, end, by).map(|entry| vec![entry]).ok_or(wrong(layout::CHECKPOINT))
        }
        None | Some(_) => Err(wrong(layout::CHECKPOINT)),
    }
}

impl Newest {
    /// Whether `rest` is what a crash leaves of one more entry: see `docs/formats/journal.md`, "Checkpoints and the
    /// key". It is shorter than an entry of its size or has zeros where blocks did not reach the disk, and it is newer
    /// than this.
    fn precedes_torn(&self, rest: &[u8]) -> bool {
        let mut lines = rest.split(|byte| *byte == b'\n').skip(1);
        let written = lines.next().filter(|_| lines.next().is_some());
        let written = written.and_then(|line| std::str::from_utf8(line).ok()?.parse::<u64>().ok());
        let size = self.checkpoint.size;
        if written.is_some_and(|written| written <= size) {
            return false;
        }
        let digits = |size: u64| size.checked_ilog10().unwrap_or(0) as usize;
        let whole = self.length + 1 + digits(written.unwrap_or(size)) - digits(size);
        rest.len() < whole || rest.contains(&0)
    }
}

/// Where the first entry begins that begins here: behind an empty line, with the log's name.
fn first(tail: &[u8], name: &str) -> usize {
    let head = format!("\n\n{name}\n");
    memchr::memmem::find(tail, head.as_bytes()).map_or(tail.len(), |at| at + 2)
}

/// Where the first entry ends: with its second empty line.
fn end(rest: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(rest, b"\n\n").map(|gap| gap + 2).nth(1)
}

fn entry<'a>(tail: &'a [u8], start: usize, end: usize, by: &dyn NoteSigner) -> Option<Entry<'a>> {
    let note = std::str::from_utf8(tail.get(start..end)?).ok()?.strip_suffix('\n')?;
    Some(Entry { note, checkpoint: Checkpoint::read(note, by)?, end })
}

const fn wrong(file: &'static str) -> JournalError {
    JournalError::Tampered(Tampering::Checkpoint { file })
}
