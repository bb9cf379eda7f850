//! The checkpoints that a start finds: the newest, and where the history of all of them ends.

use std::io::Read as _;
use std::path::Path;

use terms::NoteSigner;

use crate::disk::{Disk, DiskFile, read_all, replace};
use crate::note::Checkpoint;
use crate::{JournalError, Tampering, layout};

/// More than two checkpoints have: all that a start needs of the history.
const TAIL_BYTES: u64 = 1 << 14;

pub(crate) struct History {
    pub(crate) signed: Option<Checkpoint>,
    /// Where the history ends, in bytes.
    pub(crate) end: u64,
    /// A checkpoint that reached the history, but not yet the file of the newest.
    unadopted: Option<String>,
}

impl History {
    pub(crate) fn read(disk: &dyn Disk, dir: &Path, by: &dyn NoteSigner) -> Result<Self, JournalError> {
        let newest = read_all(disk, &dir.join(layout::CHECKPOINT))?;
        let (start, tail) = tail(disk, &dir.join(layout::CHECKPOINTS))?;
        let (mut signed, mut used) = (None, 0);
        if let Some(note) = newest {
            let text = std::str::from_utf8(&note).map_err(|_| wrong(layout::CHECKPOINT))?;
            signed = Some(Checkpoint::read(text, by).ok_or(wrong(layout::CHECKPOINT))?);
            let at = memchr::memmem::rfind(&tail, &note).ok_or(wrong(layout::CHECKPOINTS))?;
            used = at + note.len();
            if tail.get(used) != Some(&b'\n') {
                return Err(wrong(layout::CHECKPOINTS));
            }
            used += 1;
        }
        let rest = tail.get(used..).unwrap_or_default();
        let unadopted = whole_entry(rest).and_then(|note| {
            let checkpoint = Checkpoint::read(note, by)?;
            signed.is_none_or(|signed| signed.size < checkpoint.size).then_some((note.to_owned(), checkpoint))
        });
        if signed.is_none() && unadopted.is_none() && memchr::memmem::find_iter(rest, "\n\n").count() > 1 {
            return Err(wrong(layout::CHECKPOINT));
        }
        let mut end = start + used as u64;
        if let Some((note, checkpoint)) = &unadopted {
            end += note.len() as u64 + 1;
            signed = Some(*checkpoint);
        }
        Ok(Self { signed, end, unadopted: unadopted.map(|(note, _)| note) })
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

/// The note of `bytes` if they are exactly one entry of the history: a note and an empty line.
fn whole_entry(bytes: &[u8]) -> Option<&str> {
    let note = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    (note.matches("\n\n").count() == 1 && note.ends_with('\n')).then_some(note)
}

const fn wrong(file: &'static str) -> JournalError {
    JournalError::Tampered(Tampering::Checkpoint { file })
}
