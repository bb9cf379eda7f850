//! "Segment and frame": bytes to fields.

use crate::crc32c::crc32c;

/// Bytes of a header.
pub const HEADER_BYTES: usize = 40;
/// Bytes of a checksum.
pub const CHECKSUM_BYTES: usize = 4;
/// Most bytes of a payload.
pub const MAX_PAYLOAD_BYTES: u32 = 1 << 20;
/// What a frame begins with.
pub const MAGIC: &[u8; 4] = b"CHPJ";

/// Kinds of frame.
pub const SEGMENT: u8 = 1;
/// declares a key slot
pub const KEY: u8 = 2;
/// a sealed entry
pub const SEALED: u8 = 3;
/// a control entry
pub const CONTROL: u8 = 4;

/// The fields of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// the format's version
    pub version: u8,
    /// what the payload is
    pub kind: u8,
    /// key slot
    pub slot: u16,
    /// key epoch
    pub epoch: u32,
    /// bytes of the payload
    pub length: u32,
    /// index of the leaf
    pub position: u64,
    /// milliseconds since 1970
    pub time: u64,
    /// position of the first frame of the same write
    pub batch: u64,
}

impl Header {
    /// Reads a header; `None` where the magic is missing or the bytes are too few.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(MAGIC)?;
        let [version, kind] = take(&mut rest)?;
        Some(Self {
            version,
            kind,
            slot: u16::from_be_bytes(take(&mut rest)?),
            epoch: u32::from_be_bytes(take(&mut rest)?),
            length: u32::from_be_bytes(take(&mut rest)?),
            position: u64::from_be_bytes(take(&mut rest)?),
            time: u64::from_be_bytes(take(&mut rest)?),
            batch: u64::from_be_bytes(take(&mut rest)?),
        })
    }

    /// Bytes of payload and checksum; `None` for a version or a length that is not of this format.
    pub fn rest_bytes(&self) -> Option<usize> {
        let known = self.version == 1 && self.length <= MAX_PAYLOAD_BYTES;
        usize::try_from(self.length).ok().filter(|_| known).map(|length| length + CHECKSUM_BYTES)
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*head)
}

/// A frame with a right checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// its header
    pub header: Header,
    /// header and payload: the leaf's data
    pub leaf: &'a [u8],
    /// what it holds
    pub payload: &'a [u8],
}

/// Reads the frame at the start of `bytes`; `None` where there is none with a right checksum. The kind may be one
/// that is not known.
pub fn read(bytes: &[u8]) -> Option<Frame<'_>> {
    let header = Header::read(bytes)?;
    let leaf_bytes = HEADER_BYTES + header.rest_bytes()? - CHECKSUM_BYTES;
    let (leaf, rest) = bytes.split_at_checked(leaf_bytes)?;
    let (checksum, _) = rest.split_first_chunk::<CHECKSUM_BYTES>()?;
    if crc32c(leaf) != u32::from_be_bytes(*checksum) {
        return None;
    }
    let (_, payload) = leaf.split_at_checked(HEADER_BYTES)?;
    Some(Frame { header, leaf, payload })
}

/// Every frame with a right checksum in `bytes`, wherever it begins.
pub fn anywhere(bytes: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    let starts = bytes.windows(MAGIC.len()).enumerate().filter(|(_, window)| window == MAGIC);
    starts.filter_map(|(at, _)| read(bytes.get(at..)?))
}
