//! The segment that is being written: one file, its key slots, and the batch under way.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use terms::{EngagementId, SealError, Sealer, SegmentId, SegmentKeys, UtcMillis};

use crate::disk::{Disk, DiskFile};
use crate::frame::{CHECKSUM_BYTES, Header, Kind, MAX_PAYLOAD_BYTES};
use crate::tree::{Frontier, leaf_hash};
use crate::{JournalError, Receipt, layout};

const TAG_BYTES: usize = 16;
/// More is given back between batches.
const BUFFER_BYTES: usize = 1 << 20;
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// The payload of a segment's first frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentHead {
    pub(crate) v: u8,
    /// Number of the segment, from 1; its file is named after it.
    pub number: u64,
    /// Identity of the segment.
    pub segment: SegmentId,
    /// Identity of the first segment of the same process start.
    pub run: SegmentId,
    /// The log's origin, which is also the name of its key.
    pub origin: String,
    /// Leaves before this frame.
    pub size: u64,
    /// Root over them, in hexadecimal.
    pub root: String,
    /// The latest time of any frame before this one.
    pub newest: UtcMillis,
    /// Number of the first segment that holds an opening not yet closed; its own number where there is none.
    pub oldest_open: u64,
    /// Version of the house that writes it.
    pub house: String,
}

/// The payload of a key frame.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeyHead {
    pub(crate) v: u8,
    pub(crate) slot: u16,
    pub(crate) key: terms::KeyId,
    pub(crate) epoch: u32,
    pub(crate) commitment: String,
}

/// Ninety-six bits that never come twice under one key: the key is the segment's, the position the frame's.
pub(crate) fn nonce(position: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    for (to, from) in nonce.iter_mut().skip(4).zip(position.to_be_bytes()) {
        *to = from;
    }
    nonce
}

#[derive(Clone)]
struct Slot {
    number: u16,
    sealer: Arc<dyn Sealer>,
}

pub(crate) struct Segment {
    number: u64,
    id: SegmentId,
    file: Box<dyn DiskFile>,
    /// Where the next batch goes.
    offset: u64,
    /// Up to where the file was filled with zeros.
    prepared: u64,
    prepare_bytes: u64,
    slots: HashMap<EngagementId, Slot>,
    batch: u64,
    time: UtcMillis,
    buffer: Vec<u8>,
}

impl Segment {
    /// Makes the file. Its head must be the first frame appended.
    pub(crate) fn create(
        disk: &dyn Disk,
        dir: &std::path::Path,
        number: u64,
        id: SegmentId,
        prepare_bytes: u64,
    ) -> Result<Self, JournalError> {
        let file = disk.create(&layout::segment(dir, number))?;
        disk.sync_dir(&layout::segments(dir))?;
        let (slots, buffer) = (HashMap::new(), Vec::new());
        let (offset, prepared, batch, time) = (0, 0, 0, UtcMillis(0));
        Ok(Self { number, id, file, offset, prepared, prepare_bytes, slots, batch, time, buffer })
    }

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// Whether the next batch belongs into a new segment.
    pub(crate) fn is_full(&self, limit: u64) -> bool {
        self.offset >= limit || self.slots.len() >= usize::from(u16::MAX)
    }

    /// Begins a batch: all leaves before `size` are durable.
    pub(crate) fn begin(&mut self, size: u64, time: UtcMillis) {
        self.batch = size;
        self.time = time;
    }

    /// Appends a plain frame to the batch.
    pub(crate) fn append(
        &mut self,
        tree: &mut Frontier,
        kind: Kind,
        payload: Vec<u8>,
    ) -> Result<Receipt, JournalError> {
        self.frame(tree, kind, (0, 0), payload, None)
    }

    /// Appends a frame sealed under the engagement's key of this segment, after declaring the key if need be.
    pub(crate) fn append_sealed(
        &mut self,
        tree: &mut Frontier,
        keys: &dyn SegmentKeys,
        engagement: &EngagementId,
        payload: Vec<u8>,
    ) -> Result<Receipt, JournalError> {
        let slot = match self.slots.get(engagement) {
            Some(slot) => slot.clone(),
            None => self.declare(tree, keys, engagement)?,
        };
        let key = (slot.number, slot.sealer.epoch());
        self.frame(tree, Kind::Sealed, key, payload, Some(&*slot.sealer))
    }

    fn declare(
        &mut self,
        tree: &mut Frontier,
        keys: &dyn SegmentKeys,
        engagement: &EngagementId,
    ) -> Result<Slot, JournalError> {
        let number = u16::try_from(self.slots.len() + 1).map_err(|_| JournalError::TooLarge)?;
        let sealer = keys.create(self.id, engagement)?;
        let head = KeyHead {
            v: 1,
            slot: number,
            key: sealer.key_id(),
            epoch: sealer.epoch(),
            commitment: sealer.commitment().to_hex(),
        };
        let payload = serde_json::to_vec(&head).map_err(|_| JournalError::TooLarge)?;
        self.frame(tree, Kind::Key, (number, sealer.epoch()), payload, None)?;
        let slot = Slot { number, sealer };
        self.slots.insert(engagement.clone(), slot.clone());
        Ok(slot)
    }

    fn frame(
        &mut self,
        tree: &mut Frontier,
        kind: Kind,
        (slot, epoch): (u16, u32),
        mut payload: Vec<u8>,
        sealer: Option<&dyn Sealer>,
    ) -> Result<Receipt, JournalError> {
        let stored = payload.len() + sealer.map_or(0, |_| TAG_BYTES);
        let length = u32::try_from(stored)
            .ok()
            .filter(|_| stored <= MAX_PAYLOAD_BYTES)
            .ok_or(JournalError::TooLarge)?;
        let (position, time, batch) = (tree.size(), self.time, self.batch);
        let header = Header { kind, slot, epoch, length, position, time, batch }.encode();
        if let Some(sealer) = sealer {
            payload.reserve_exact(TAG_BYTES);
            sealer.seal(nonce(position), &header, &mut payload)?;
            if payload.len() != stored {
                return Err(SealError::Forged.into());
            }
        }
        let start = self.buffer.len();
        self.buffer.reserve(header.len() + stored + CHECKSUM_BYTES);
        self.buffer.extend_from_slice(&header);
        self.buffer.extend_from_slice(&payload);
        let leaf_data = self.buffer.get(start..).unwrap_or_default();
        let (leaf, checksum) = (leaf_hash(leaf_data), crc32c::crc32c(leaf_data));
        self.buffer.extend_from_slice(&checksum.to_be_bytes());
        tree.push(leaf);
        Ok(Receipt { position, leaf })
    }

    /// Makes the batch durable: one write, one sync. After an error the segment must not be written to again.
    pub(crate) fn flush(&mut self) -> Result<(), JournalError> {
        self.file.write_at(self.offset, &self.buffer)?;
        self.offset += self.buffer.len() as u64;
        if self.offset > self.prepared && self.prepare_bytes > 0 {
            self.prepare()?;
        }
        self.file.sync()?;
        self.buffer.clear();
        self.buffer.shrink_to(BUFFER_BYTES);
        Ok(())
    }

    /// Fills the file with zeros ahead of the writer: to sync data into blocks that were written before costs
    /// about half of what it costs when the file grows, since its metadata stay as they are.
    fn prepare(&mut self) -> Result<(), JournalError> {
        let mut at = self.offset;
        self.prepared = self.offset + self.prepare_bytes;
        while at < self.prepared {
            let bytes = usize::try_from(self.prepared - at).unwrap_or(usize::MAX).min(ZEROS.len());
            self.file.write_at(at, ZEROS.get(..bytes).unwrap_or(&ZEROS))?;
            at += bytes as u64;
        }
        Ok(())
    }

    /// Cuts the zeros off: a segment that is not the last ends with its last frame.
    pub(crate) fn finish(&mut self) -> Result<(), JournalError> {
        self.file.truncate(self.offset)?;
        self.file.sync()?;
        Ok(())
    }
}
