//! The incremental parser.

use super::frame::{AROUND, PRELUDE};
use super::{Frame, FrameError};

/// Cuts a stream of bytes into frames.
pub struct Parser {
    /// What came and was not given out yet; the frame under way begins at `begin`.
    buffer: Vec<u8>,
    begin: usize,
    limit: usize,
}

impl Parser {
    /// A parser that refuses frames of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), begin: 0, limit }
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.buffer.drain(..self.begin.min(self.buffer.len()));
        self.begin = 0;
        self.buffer.extend_from_slice(chunk);
    }

    /// The next frame that has come whole. The length is believed once its checksum agrees.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let rest = self.buffer.get(self.begin..).unwrap_or_default();
        let Some((prelude, sum)) = rest.first_chunk::<PRELUDE>().and_then(|p| p.split_last_chunk()) else {
            return Ok(None);
        };
        if crc32fast::hash(prelude) != u32::from_be_bytes(*sum) {
            return Err(FrameError::Damaged);
        }
        let size = |bytes: Option<&[u8; 4]>| bytes.map_or(u32::MAX, |bytes| u32::from_be_bytes(*bytes));
        let wide = |size| usize::try_from(size).unwrap_or(usize::MAX);
        let (length, headers) = (wide(size(prelude.first_chunk())), wide(size(prelude.last_chunk())));
        if length > self.limit {
            return Err(FrameError::TooLong);
        }
        if length.checked_sub(AROUND).is_none_or(|inside| inside < headers) {
            return Err(FrameError::Damaged);
        }
        let Some(raw) = rest.get(..length) else { return Ok(None) };
        let frame = Frame::read(raw.to_vec(), headers)?;
        self.begin += length;
        Ok(Some(frame))
    }

    /// Bytes that came and were not given out.
    pub fn held(&self) -> usize {
        self.buffer.len().saturating_sub(self.begin)
    }

    /// Whether nothing is left of a frame that has not come whole.
    pub fn is_empty(&self) -> bool {
        self.begin >= self.buffer.len()
    }
}
