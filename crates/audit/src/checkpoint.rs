//! Signs checkpoints over what is durable: as the newest each time, and now and then into the history first.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use terms::{Digest, NoteSigner, UtcMillis};

use crate::disk::{Disk, DiskFile, replace};
use crate::note::Checkpoint;
use crate::tree::Frontier;
use crate::{JournalError, layout};

/// What of the log is durable.
#[derive(Clone)]
pub(crate) struct Durable {
    pub(crate) tree: Frontier,
    pub(crate) newest: UtcMillis,
    /// The segment that is being written, and the tree before it.
    pub(crate) segment: u64,
    pub(crate) before: Arc<Frontier>,
}

pub(crate) struct Checkpointer {
    pub(crate) dir: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) signer: Arc<dyn NoteSigner>,
    pub(crate) history: Box<dyn DiskFile>,
    /// Where the next checkpoint goes in the history.
    pub(crate) offset: u64,
    /// Size of the newest checkpoint.
    pub(crate) signed: Option<u64>,
    /// When this run last kept a checkpoint in the history, and in which segment.
    pub(crate) kept: Option<(Instant, u64)>,
    /// How long the history may go without one.
    pub(crate) pace: Duration,
    /// The run ends: what is signed from now on is kept.
    pub(crate) ending: bool,
    /// The segment that the frontier file tells of.
    pub(crate) frontier_of: u64,
}

impl Checkpointer {
    /// Signs the durable tree, unless the newest checkpoint already does. True if it signed.
    pub(crate) fn sign(&mut self, durable: &Durable) -> Result<bool, JournalError> {
        let size = durable.tree.size();
        if self.signed == Some(size) {
            return Ok(false);
        }
        let note = Checkpoint { size, root: durable.tree.root() }.sign(&*self.signer);
        if self.is_kept(durable.segment) {
            self.keep(&note, durable.segment)?;
        }
        replace(&*self.disk, &self.dir, layout::CHECKPOINT, note.as_bytes())?;
        self.signed = Some(size);
        if self.frontier_of != durable.segment {
            self.keep_frontier(durable)?;
        }
        Ok(true)
    }

    /// The first of a run, the first of a segment, the last, and one now and then.
    fn is_kept(&self, segment: u64) -> bool {
        self.ending || self.kept.is_none_or(|(when, of)| of != segment || when.elapsed() >= self.pace)
    }

    /// Appends to the history; only then is the checkpoint put in place as the newest. So the history is ahead of the
    /// newest by one entry at most, and that only after a crash.
    fn keep(&mut self, note: &str, segment: u64) -> Result<(), JournalError> {
        let entry = format!("{note}\n");
        self.history.write_at(self.offset, entry.as_bytes())?;
        self.history.sync()?;
        self.offset += entry.len() as u64;
        self.kept = Some((Instant::now(), segment));
        Ok(())
    }

    /// Writes the tree before this segment, so that the next start need not read the segments before. Derived:
    /// it is believed only where the segment's head and the signed checkpoint bear it out.
    fn keep_frontier(&mut self, durable: &Durable) -> Result<(), JournalError> {
        let text = write_frontier(durable.segment, &durable.before);
        replace(&*self.disk, &self.dir, layout::FRONTIER, text.as_bytes())?;
        self.frontier_of = durable.segment;
        Ok(())
    }
}

fn write_frontier(segment: u64, tree: &Frontier) -> String {
    let mut text = format!("{segment} {}\n", tree.size());
    for peak in tree.peaks() {
        text.push_str(&peak.to_hex());
        text.push('\n');
    }
    text
}

/// Segment and tree of a frontier file; `None` where it is not one.
pub(crate) fn read_frontier(text: &str) -> Option<(u64, Frontier)> {
    let mut lines = text.lines();
    let (segment, size) = lines.next()?.split_once(' ')?;
    let peaks = lines.map(Digest::from_hex).collect::<Option<Vec<_>>>()?;
    Some((segment.parse().ok()?, Frontier::from_parts(size.parse().ok()?, peaks)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frontier_is_read_as_it_was_written() {
        let mut tree = Frontier::default();
        for n in 0..7_u8 {
            assert_eq!(read_frontier(&write_frontier(3, &tree)), Some((3, tree.clone())));
            tree.push(crate::leaf_hash(&[n]));
        }
        assert_eq!(read_frontier("3 7\nab\n"), None);
    }
}
