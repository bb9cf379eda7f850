//! Reads the record: entries with their positions, opened with the keys that are still there.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use terms::{Digest, ExchangeId, KeyId, Sealer, SegmentKeys, UtcMillis};

use crate::disk::{Disk, OsDisk};
use crate::entry::{Closing, Control, Opening, Payload};
use crate::frame::{Frame, Header, Kind};
use crate::scan::Frames;
use crate::segment::{KeyHead, SegmentHead, nonce};
use crate::{ReadError, layout};

mod exchanges;
mod records;

pub use exchanges::{Exchange, Exchanges};
pub use records::Records;

/// From which end a journal is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// the first entry first
    Oldest,
    /// the last entry first
    Newest,
}

/// One frame of the journal, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Index of its leaf.
    pub position: u64,
    /// When it was written.
    pub time: UtcMillis,
    /// Number of its segment.
    pub segment: u64,
    /// The leaf's hash.
    pub leaf: Digest,
    /// What it says.
    pub body: Body,
}

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Body {
    /// the head of a segment
    Segment(SegmentHead),
    /// a key of the segment
    Key(KeyDeclared),
    /// an exchange begins
    Opening(Box<Opening>),
    /// an exchange ended
    Closing(ExchangeId, Box<Closing>),
    /// something happened to the house
    Control(Control),
    /// the key is not in the keyring: destroyed, or never here
    Shredded,
    /// sealed bytes that do not open, or an entry of a version that this house does not know
    Unreadable,
}

/// A key that a segment declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDeclared {
    /// The slot by which frames name it.
    pub slot: u16,
    /// Its identity in the keyring.
    pub key: KeyId,
    /// The epoch of the engagement key that wraps it.
    pub epoch: u32,
    /// The commitment to it, in hexadecimal.
    pub commitment: String,
}

/// Reads a journal, whether a server writes it or not. Holds a few frames at a time, and the places of
/// one segment's frames. It does not verify: that is the verifier's work.
#[derive(Clone)]
pub struct Reader {
    dir: PathBuf,
    keys: Arc<dyn SegmentKeys>,
    disk: Arc<dyn Disk>,
}

impl Reader {
    /// Reads the journal in `dir`, on the disk of the operating system.
    pub fn new(dir: PathBuf, keys: Arc<dyn SegmentKeys>) -> Self {
        Self::on(dir, keys, Arc::new(OsDisk))
    }

    pub(crate) fn on(dir: PathBuf, keys: Arc<dyn SegmentKeys>, disk: Arc<dyn Disk>) -> Self {
        Self { dir, keys, disk }
    }

    /// Every frame.
    pub fn records(&self, order: Order) -> Result<Records, ReadError> {
        Records::new(self.clone(), order)
    }

    /// Every exchange, opening and closing joined, in the order of openings.
    pub fn exchanges(&self, order: Order) -> Result<Exchanges, ReadError> {
        Ok(Exchanges::new(self.records(order)?, order))
    }

    /// One exchange.
    pub fn exchange(&self, exchange: ExchangeId) -> Result<Option<Exchange>, ReadError> {
        exchanges::find(self.records(Order::Newest)?, exchange)
    }

    /// Numbers of the segments, ascending.
    fn segments(&self) -> Result<Vec<u64>, ReadError> {
        let files = self.disk.list(&layout::segments(&self.dir))?;
        let mut numbers: Vec<_> = files.iter().filter_map(|file| layout::segment_number(file)).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn frames(&self, segment: u64, offset: u64) -> Result<Frames, ReadError> {
        Ok(Frames::from(&*self.disk, &layout::segment(&self.dir, segment), offset)?)
    }
}

/// The keys of one segment, by slot.
#[derive(Default)]
struct Slots(HashMap<u16, Option<Arc<dyn Sealer>>>);

impl Slots {
    fn learn(&mut self, frame: &Frame<'_>, keys: &dyn SegmentKeys) {
        if let Ok(head) = serde_json::from_slice::<KeyHead>(frame.payload) {
            self.0.insert(frame.header.slot, keys.find(head.key).ok());
        }
    }

    fn body(&self, frame: &Frame<'_>) -> Body {
        let body = match frame.header.kind {
            Kind::Segment => serde_json::from_slice(frame.payload).ok().map(Body::Segment),
            Kind::Key => serde_json::from_slice(frame.payload).ok().map(|head: KeyHead| {
                let KeyHead { slot, key, epoch, commitment, .. } = head;
                Body::Key(KeyDeclared { slot, key, epoch, commitment })
            }),
            Kind::Control => {
                Payload::read(frame.payload).and_then(|payload| payload.control).map(Body::Control)
            }
            Kind::Sealed => match self.0.get(&frame.header.slot) {
                Some(Some(sealer)) => unseal(&**sealer, &frame.header, frame.payload),
                _ => Some(Body::Shredded),
            },
        };
        body.unwrap_or(Body::Unreadable)
    }
}

fn unseal(sealer: &dyn Sealer, header: &Header, payload: &[u8]) -> Option<Body> {
    let mut content = payload.to_vec();
    sealer.unseal(nonce(header.position), &header.encode(), &mut content).ok()?;
    match Payload::read(&content)? {
        Payload { opening: Some(opening), .. } => Some(Body::Opening(Box::new(opening))),
        Payload { exchange: Some(exchange), closing: Some(closing), .. } => {
            Some(Body::Closing(exchange, Box::new(closing)))
        }
        _ => None,
    }
}

fn record(slots: &Slots, segment: u64, frame: &Frame<'_>) -> Record {
    Record {
        position: frame.header.position,
        time: frame.header.time,
        segment,
        leaf: crate::leaf_hash(frame.leaf),
        body: slots.body(frame),
    }
}
