//! What a start finds: checks the journal against its newest checkpoint, cuts a torn end off, and lists the
//! exchanges that were opened and never closed. Changes nothing before all that can be checked was.

use std::path::Path;

use terms::{EngagementId, ExchangeId, NoteSigner, SegmentKeys, UtcMillis};

use crate::checkpoint::read_frontier;
use crate::disk::{Disk, read_all, replace};
use crate::entry::{Control, Payload};
use crate::frame::{Frame, FrameError, Header, Kind};
use crate::note::{Checkpoint, verifier_key};
use crate::scan::{Frames, Step, fits, holds_later_frame};
use crate::segment::SegmentHead;
use crate::tree::Frontier;
use crate::{JournalError, Tampering, layout};

mod history;
mod open;

pub(crate) use history::History;

pub(crate) struct Found {
    pub(crate) tree: Frontier,
    pub(crate) newest: UtcMillis,
    pub(crate) last_segment: u64,
    pub(crate) open: Vec<(ExchangeId, EngagementId)>,
    pub(crate) torn_bytes: u64,
    pub(crate) history: History,
}

pub(crate) struct Recovery<'a> {
    pub(crate) disk: &'a dyn Disk,
    pub(crate) dir: &'a Path,
    pub(crate) keys: &'a dyn SegmentKeys,
    pub(crate) signer: &'a dyn NoteSigner,
}

/// The end of a walk over one segment.
struct Ending {
    head: Option<SegmentHead>,
    offset: u64,
    newest: UtcMillis,
    stopped: bool,
    broken: Option<FrameError>,
}

impl Recovery<'_> {
    pub(crate) fn run(&self) -> Result<Found, JournalError> {
        self.disk.make_dir(&layout::segments(self.dir))?;
        let numbers = self.segments()?;
        self.check_key(numbers.is_empty())?;
        let history = History::read(self.disk, self.dir, self.signer)?;
        let last = numbers.last().copied().unwrap_or(0);
        let (first, mut tree) = self.start_of_walk(history.signed, last)?;
        let mut found = Found {
            tree: Frontier::default(),
            newest: UtcMillis(0),
            last_segment: last,
            open: Vec::new(),
            torn_bytes: 0,
            history,
        };
        let (mut from, mut stopped) = (last, true);
        let mut ending = None;
        for number in first..=last {
            let end = self.walk(number, &mut tree, found.history.signed)?;
            if number < last && end.broken.is_some() {
                return Err(damaged(number, &tree, end.offset));
            }
            found.newest = found.newest.max(end.newest);
            // a segment that was just begun may have no frame yet: then the one before it tells
            if let Some(head) = &end.head {
                (from, stopped) = (head.oldest_open, end.stopped);
            }
            ending = Some(end);
        }
        check_size(found.history.signed, tree.size(), last)?;
        if let Some(end) = ending {
            found.torn_bytes = self.check_tail(last, &tree, &end)?;
            if !stopped {
                found.open = self.open_exchanges(from.clamp(1, last), last)?;
            }
            found.last_segment = self.cut(last, &end)?;
        }
        found.history.adopt(self.disk, self.dir)?;
        found.tree = tree;
        Ok(found)
    }

    /// Numbers of the segments, which leave no gap.
    fn segments(&self) -> Result<Vec<u64>, JournalError> {
        let files = self.disk.list(&layout::segments(self.dir))?;
        let mut numbers: Vec<_> = files.iter().filter_map(|file| layout::segment_number(file)).collect();
        numbers.sort_unstable();
        for (expected, number) in (1..).zip(&numbers) {
            if *number != expected {
                return Err(Tampering::SegmentMissing { segment: expected }.into());
            }
        }
        Ok(numbers)
    }

    fn check_key(&self, fresh: bool) -> Result<(), JournalError> {
        let line = format!("{}\n", verifier_key(self.signer));
        match read_all(self.disk, &self.dir.join(layout::VERIFIER_KEY))? {
            Some(key) if key == line.as_bytes() => Ok(()),
            None if fresh && read_all(self.disk, &self.dir.join(layout::CHECKPOINT))?.is_none() => {
                Ok(replace(self.disk, self.dir, layout::VERIFIER_KEY, line.as_bytes())?)
            }
            _ => Err(Tampering::Key.into()),
        }
    }

    /// The segment to walk from, with the tree before it: the first, or the one that the frontier file tells of
    /// where that segment's head says the same and the newest checkpoint covers it.
    fn start_of_walk(&self, signed: Option<Checkpoint>, last: u64) -> Result<(u64, Frontier), JournalError> {
        let text = read_all(self.disk, &self.dir.join(layout::FRONTIER))?.unwrap_or_default();
        let frontier = std::str::from_utf8(&text).ok().and_then(read_frontier);
        let covered = |tree: &Frontier| signed.is_some_and(|signed| signed.size > tree.size());
        match frontier {
            Some((number, tree)) if (1..=last).contains(&number) && covered(&tree) => {
                let mut frames = Frames::from(self.disk, &layout::segment(self.dir, number), 0)?;
                let agrees = match frames.step()? {
                    Step::Frame(frame) => self.head(number, &frame, &tree).is_some(),
                    _ => false,
                };
                Ok(if agrees { (number, tree) } else { (1, Frontier::default()) })
            }
            _ => Ok((1, Frontier::default())),
        }
    }

    /// The head of a segment, if it says what is the case.
    fn head(&self, number: u64, frame: &Frame<'_>, tree: &Frontier) -> Option<SegmentHead> {
        serde_json::from_slice::<SegmentHead>(frame.payload).ok().filter(|head| {
            head.v == 1
                && head.number == number
                && head.origin == self.signer.name()
                && head.size == tree.size()
                && head.root == tree.root().to_hex()
        })
    }

    fn walk(
        &self,
        number: u64,
        tree: &mut Frontier,
        signed: Option<Checkpoint>,
    ) -> Result<Ending, JournalError> {
        let mut frames = Frames::from(self.disk, &layout::segment(self.dir, number), 0)?;
        let mut before: Option<Header> = None;
        let mut ending = Ending { head: None, offset: 0, newest: UtcMillis(0), stopped: false, broken: None };
        loop {
            let frame = match frames.step()? {
                Step::Frame(frame) => frame,
                Step::End => return Ok(ending),
                Step::Broken(why) => {
                    ending.broken = Some(why);
                    return Ok(ending);
                }
            };
            if before.is_none() {
                ending.head = self.head(number, &frame, tree);
                ending.newest = ending.head.as_ref().map_or(UtcMillis(0), |head| head.newest);
            }
            if ending.head.is_none() || !fits(&frame.header, tree.size(), before.as_ref()) {
                return Err(misplaced(number, tree, ending.offset));
            }
            tree.push(crate::leaf_hash(frame.leaf));
            if signed.is_some_and(|signed| signed.size == tree.size() && signed.root != tree.root()) {
                return Err(Tampering::Root { size: tree.size() }.into());
            }
            ending.newest = ending.newest.max(frame.header.time);
            ending.stopped = is_stop(&frame);
            before = Some(frame.header);
            ending.offset = frames.offset();
        }
    }

    /// Bytes of the torn end of the last write; an error where the break is not that.
    fn check_tail(&self, number: u64, tree: &Frontier, ending: &Ending) -> Result<u64, JournalError> {
        let Some(why) = ending.broken else { return Ok(0) };
        if matches!(why, FrameError::Kind | FrameError::Version(1..)) {
            return Err(misplaced(number, tree, ending.offset));
        }
        let mut tail = Vec::new();
        self.disk.read(&layout::segment(self.dir, number), ending.offset)?.read_to_end(&mut tail)?;
        if holds_later_frame(&tail, tree.size()) {
            return Err(damaged(number, tree, ending.offset));
        }
        Ok(tail.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1))
    }

    /// Cuts the last segment after its last frame; the file goes where it holds none. The last number in use.
    fn cut(&self, number: u64, ending: &Ending) -> Result<u64, JournalError> {
        let path = layout::segment(self.dir, number);
        if ending.offset == 0 {
            self.disk.remove(&path)?;
            self.disk.sync_dir(&layout::segments(self.dir))?;
            return Ok(number - 1);
        }
        let mut file = self.disk.open(&path)?;
        if file.length()? > ending.offset {
            file.truncate(ending.offset)?;
            file.sync()?;
        }
        Ok(number)
    }
}

fn check_size(signed: Option<Checkpoint>, size: u64, last: u64) -> Result<(), JournalError> {
    match signed {
        Some(signed) if size < signed.size => Err(Tampering::Truncated { size, signed: signed.size }.into()),
        // the first checkpoint is signed before the first entry is taken: head and start are all there is
        None if size > 2 || last > 1 => Err(Tampering::Checkpoint { file: layout::CHECKPOINT }.into()),
        _ => Ok(()),
    }
}

fn is_stop(frame: &Frame<'_>) -> bool {
    frame.header.kind == Kind::Control
        && Payload::read(frame.payload)
            .is_some_and(|payload| matches!(payload.control, Some(Control::Stop { .. })))
}

fn damaged(segment: u64, tree: &Frontier, offset: u64) -> JournalError {
    Tampering::Damaged { segment, position: tree.size(), offset }.into()
}

fn misplaced(segment: u64, tree: &Frontier, offset: u64) -> JournalError {
    Tampering::Misplaced { segment, position: tree.size(), offset }.into()
}
