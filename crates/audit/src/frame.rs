//! One frame of a segment: header, payload, checksum. Pure: bytes in, fields out.

use terms::UtcMillis;

/// Bytes of a frame's header.
pub const HEADER_BYTES: usize = 40;
/// Most bytes that a payload may have, the tag of a sealed one included.
pub const MAX_PAYLOAD_BYTES: usize = 1 << 20;

pub(crate) const MAGIC: [u8; 4] = *b"CHPJ";
pub(crate) const CHECKSUM_BYTES: usize = 4;
const VERSION: u8 = 1;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// the head of a segment, plain JSON
    Segment,
    /// the declaration of a key slot, plain JSON
    Key,
    /// an opening or a closing, sealed
    Sealed,
    /// a control entry, plain JSON free of PHI
    Control,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Segment => 1,
            Self::Key => 2,
            Self::Sealed => 3,
            Self::Control => 4,
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Segment),
            2 => Some(Self::Key),
            3 => Some(Self::Sealed),
            4 => Some(Self::Control),
            _ => None,
        }
    }
}

/// A frame's header, in the clear and authenticated with the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the payload is.
    pub kind: Kind,
    /// The key slot that the frame declares or is sealed under; 0 for none.
    pub slot: u16,
    /// The epoch of the engagement key that wraps the slot's key; 0 for none.
    pub epoch: u32,
    /// Bytes of the payload as stored.
    pub length: u32,
    /// The leaf's index in the tree, from 0 over all segments.
    pub position: u64,
    /// When it was written; never falls within a segment.
    pub time: UtcMillis,
    /// Position of the first frame of the write that this frame was part of: all before it was durable.
    pub batch: u64,
}

impl Header {
    /// The 40 bytes.
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let kind = [VERSION, self.kind.byte()];
        let (slot, epoch, length) =
            (self.slot.to_be_bytes(), self.epoch.to_be_bytes(), self.length.to_be_bytes());
        let (position, time, batch) =
            (self.position.to_be_bytes(), self.time.0.to_be_bytes(), self.batch.to_be_bytes());
        let fields: [&[u8]; 8] = [&MAGIC, &kind, &slot, &epoch, &length, &position, &time, &batch];
        let mut bytes = [0; HEADER_BYTES];
        for (to, from) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        bytes
    }

    /// Reads the header at the start of `bytes`.
    fn decode(mut bytes: &[u8]) -> Result<Self, FrameError> {
        let [_, _, _, _, _version, kind] = take(&mut bytes)?;
        Ok(Self {
            kind: Kind::of(kind).ok_or(FrameError::Kind)?,
            slot: u16::from_be_bytes(take(&mut bytes)?),
            epoch: u32::from_be_bytes(take(&mut bytes)?),
            length: u32::from_be_bytes(take(&mut bytes)?),
            position: u64::from_be_bytes(take(&mut bytes)?),
            time: UtcMillis(u64::from_be_bytes(take(&mut bytes)?)),
            batch: u64::from_be_bytes(take(&mut bytes)?),
        })
    }
}

/// Bytes of the leaf, header and payload, of the frame whose first bytes these are.
pub(crate) fn leaf_bytes(mut bytes: &[u8]) -> Result<usize, FrameError> {
    if take::<4>(&mut bytes)? != MAGIC {
        return Err(FrameError::Magic);
    }
    let [version, _kind] = take(&mut bytes)?;
    if version != VERSION {
        return Err(FrameError::Version(version));
    }
    let _slot_and_epoch: [u8; 6] = take(&mut bytes)?;
    let length = usize::try_from(u32::from_be_bytes(take(&mut bytes)?)).unwrap_or(usize::MAX);
    if length > MAX_PAYLOAD_BYTES {
        return Err(FrameError::Length);
    }
    Ok(HEADER_BYTES.saturating_add(length))
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], FrameError> {
    let (head, rest) = bytes.split_first_chunk().ok_or(FrameError::Short)?;
    *bytes = rest;
    Ok(*head)
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// the bytes end before the frame does
    #[error("the frame is cut short")]
    Short,
    /// no frame begins here
    #[error("no frame begins here")]
    Magic,
    /// written by a version that this house does not know
    #[error("the frame's version is not known")]
    Version(u8),
    /// a kind that this house does not know, though the checksum matches
    #[error("the frame's kind is not known")]
    Kind,
    /// larger than a frame may be
    #[error("the frame is longer than a frame may be")]
    Length,
    /// the checksum does not match
    #[error("the frame's checksum does not match")]
    Checksum,
}

/// A frame whose checksum matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The header's fields.
    pub header: Header,
    /// Header and payload: the data of the tree's leaf.
    pub leaf: &'a [u8],
    /// The payload as stored.
    pub payload: &'a [u8],
}

impl Frame<'_> {
    /// Bytes of the whole frame in its segment.
    pub const fn stored_bytes(&self) -> usize {
        self.leaf.len() + CHECKSUM_BYTES
    }
}

/// Reads the frame at the start of `bytes`. Takes any bytes whatever without panicking.
pub fn parse_frame(bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
    let (leaf, rest) = bytes.split_at_checked(leaf_bytes(bytes)?).ok_or(FrameError::Short)?;
    let (checksum, _) = rest.split_first_chunk::<CHECKSUM_BYTES>().ok_or(FrameError::Short)?;
    if crc32c::crc32c(leaf) != u32::from_be_bytes(*checksum) {
        return Err(FrameError::Checksum);
    }
    let (_, payload) = leaf.split_at_checked(HEADER_BYTES).ok_or(FrameError::Short)?;
    Ok(Frame { header: Header::decode(leaf)?, leaf, payload })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(payload: &[u8]) -> Vec<u8> {
        let header = Header {
            kind: Kind::Sealed,
            slot: 7,
            epoch: 3,
            length: u32::try_from(payload.len()).unwrap(),
            position: 0x0102_0304_0506_0708,
            time: UtcMillis(1_795_309_787_123),
            batch: 0x0102_0304_0506_0700,
        };
        let mut bytes = header.encode().to_vec();
        bytes.extend_from_slice(payload);
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
        bytes
    }

    #[test]
    fn the_header_is_where_the_page_says() {
        let bytes = frame(b"xyz");
        assert_eq!(&bytes[..8], b"CHPJ\x01\x03\x00\x07");
        assert_eq!(&bytes[8..16], &[0, 0, 0, 3, 0, 0, 0, 3]);
        assert_eq!(&bytes[16..24], &[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(&bytes[32..40], &[1, 2, 3, 4, 5, 6, 7, 0]);
        assert_eq!(bytes.len(), 40 + 3 + 4);
        let parsed = parse_frame(&bytes).unwrap();
        assert_eq!(parsed.payload, b"xyz");
        assert_eq!(parsed.header.encode(), bytes[..40]);
    }

    #[test]
    fn any_flipped_bit_and_any_cut_is_noticed() {
        let bytes = frame(b"a payload");
        for cut in 0..bytes.len() {
            assert!(parse_frame(&bytes[..cut]).is_err());
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(parse_frame(&flipped).is_err(), "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256), magic: bool) {
            let mut input = if magic { b"CHPJ\x01\x03".to_vec() } else { Vec::new() };
            input.extend(bytes);
            let _ = parse_frame(&input);
        }

        #[test]
        fn what_is_written_is_read(payload in proptest::collection::vec(any::<u8>(), 0..512)) {
            let bytes = frame(&payload);
            prop_assert_eq!(parse_frame(&bytes).unwrap().payload, &payload[..]);
        }
    }
}
