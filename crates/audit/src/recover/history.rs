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
        let entries = entries(&tail, start == 0, by)?;
        let mut back = entries.iter().rev();
        let (last, before) = (back.next(), back.next());
        let end = last.map_or(0, |last| start + last.end as u64);
        let unadopted = match (&newest, last) {
            (None, Some(_)) if before.is_some() || start > 0 => return Err(wrong(layout::CHECKPOINT)),
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

fn newest(disk: &dyn Disk, dir: &Path, by: &dyn NoteSigner) -> Result<Option<Checkpoint>, JournalError> {
    let Some(note) = read_all(disk, &dir.join(layout::CHECKPOINT))? else { return Ok(None) };
    let text = std::str::from_utf8(&note).map_err(|_| wrong(layout::CHECKPOINT))?;
    Checkpoint::read(text, by).map(Some).ok_or(wrong(layout::CHECKPOINT))
}

/// The whole entries of `tail`, without a torn one at its end. Where it is not the history's beginning, it may begin
/// inside an entry.
fn entries<'a>(tail: &'a [u8], beginning: bool, by: &dyn NoteSigner) -> Result<Vec<Entry<'a>>, JournalError> {
    let mut start = if beginning { 0 } else { first(tail, by.name()) };
    let mut found = Vec::new();
    while let Some(end) = end(tail, start) {
        let Some(entry) = entry(tail, start, end, by) else {
            // its blocks did not all reach the disk; nothing was ever written behind it
            return if end == tail.len() { Ok(found) } else { Err(wrong(layout::CHECKPOINTS)) };
        };
        found.push(entry);
        start = end;
    }
    Ok(found)
}

/// Where the first entry begins that begins here: behind an empty line, with the log's name.
fn first(tail: &[u8], name: &str) -> usize {
    let head = format!("\n\n{name}\n");
    memchr::memmem::find(tail, head.as_bytes()).map_or(tail.len(), |at| at + 2)
}

/// Where the entry ends that begins at `start`: with its second empty line.
fn end(tail: &[u8], start: usize) -> Option<usize> {
    let gaps = memchr::memmem::find_iter(tail.get(start..)?, b"\n\n");
    gaps.map(|gap| start + gap + 2).nth(1)
}

fn entry<'a>(tail: &'a [u8], start: usize, end: usize, by: &dyn NoteSigner) -> Option<Entry<'a>> {
    let note = std::str::from_utf8(tail.get(start..end)?).ok()?.strip_suffix('\n')?;
    Some(Entry { note, checkpoint: Checkpoint::read(note, by)?, end })
}

const fn wrong(file: &'static str) -> JournalError {
    JournalError::Tampered(Tampering::Checkpoint { file })
}
