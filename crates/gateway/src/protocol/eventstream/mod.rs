//! Event streams as AWS frames them (`application/vnd.amazon.eventstream`), read incrementally and kept byte for byte.
//!
//! A frame, all numbers big-endian:
//!
//! ```text
//! u32 length of the frame | u32 length of the headers | u32 CRC of these eight bytes
//! headers: u8 length, name | u8 type | value (of a string: u16 length, bytes) ...
//! payload
//! u32 CRC of all before it
//! ```
//!
//! The CRC is that of ISO 3309, as in gzip. Chunks may be cut anywhere; a frame whose sums do not agree is an error,
//! and so is one longer than this house reads. Source: the Amazon event stream specification of Smithy.

mod frame;
mod parse;

pub use frame::{Frame, Message, write_event, write_exception};
pub use parse::Parser;

/// Why bytes are no frame that this house reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The frame is longer than the limit.
    #[error("a frame of the stream is longer than the limit")]
    TooLong,
    /// A checksum does not agree, or a length is none.
    #[error("a frame of the stream is damaged")]
    Damaged,
    /// The headers are not those of an event, an exception or an error.
    #[error("a frame of the stream has headers that are not understood")]
    Headers,
}
