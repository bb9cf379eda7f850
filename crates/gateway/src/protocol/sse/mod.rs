//! Server-sent events (WHATWG HTML, 9.2), read incrementally and kept byte for byte.
//!
//! Lines end in CR, LF or both; chunks may be cut anywhere. An event keeps the bytes that it came in, so that
//! one that nothing changed is forwarded as it was.

mod event;
mod parse;

pub use event::{Event, write_event};
pub use parse::{EventTooLong, Parser};
