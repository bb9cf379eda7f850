//! How the events of a streamed answer are framed: as lines of text, or as binary frames, or packed in those.
//!
//! Dialects see events with a name and data, whatever carries them.

mod chunk;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use self::chunk::Chunk;
use super::answer::AnswerError;
use super::eventstream::{self, Frame, Message};
use super::{Limits, sse};

/// How an endpoint's streams are framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// server-sent events
    Sse,
    /// frames of an AWS event stream, each an event of its type
    Frames,
    /// frames of an AWS event stream, each with one event of the model's own in base64
    Chunks,
}

impl Framing {
    /// The media type of such a stream.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Sse => "text/event-stream",
            Self::Frames | Self::Chunks => "application/vnd.amazon.eventstream",
        }
    }

    /// What a stream to a client is declared to be.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Sse => "text/event-stream; charset=utf-8",
            Self::Frames | Self::Chunks => self.media_type(),
        }
    }

    /// Whether errors are a kind of message of their own, which every client must raise.
    pub(crate) const fn has_exceptions(self) -> bool {
        !matches!(self, Self::Sse)
    }

    /// Appends an event.
    pub(crate) fn write(self, name: Option<&str>, data: &str, out: &mut Vec<u8>) {
        match self {
            Self::Sse => sse::write_event(name, data, out),
            Self::Frames => eventstream::write_event(name.unwrap_or_default(), data.as_bytes(), out),
            Self::Chunks => {
                let payload = json!({ "bytes": STANDARD.encode(data) }).to_string();
                eventstream::write_event("chunk", payload.as_bytes(), out);
            }
        }
    }
}

/// Cuts a stream of bytes into events.
pub(crate) enum Parser {
    Sse(sse::Parser),
    Frames(eventstream::Parser),
    Chunks(eventstream::Parser, Limits),
}

impl Parser {
    /// A parser of streams that are framed so.
    pub(crate) fn new(framing: Framing, limits: &Limits) -> Self {
        let frames = || eventstream::Parser::new(limits.event_bytes);
        match framing {
            Framing::Sse => Self::Sse(sse::Parser::new(limits.event_bytes)),
            Framing::Frames => Self::Frames(frames()),
            Framing::Chunks => Self::Chunks(frames(), *limits),
        }
    }

    /// Takes the next bytes of the stream.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        match self {
            Self::Sse(parser) => parser.feed(bytes),
            Self::Frames(parser) | Self::Chunks(parser, _) => parser.feed(bytes),
        }
    }

    /// The next event that has come whole.
    pub(crate) fn next_event(&mut self) -> Result<Option<Event>, AnswerError> {
        match self {
            Self::Sse(parser) => Ok(parser.next_event()?.map(Event::Sse)),
            Self::Frames(parser) => Ok(parser.next_frame()?.map(Event::Frame)),
            Self::Chunks(parser, limits) => match parser.next_frame()? {
                Some(frame) if frame.message() == Message::Event => {
                    Chunk::read(frame, limits).map(|chunk| Some(Event::Chunk(chunk)))
                }
                other => Ok(other.map(Event::Frame)),
            },
        }
    }

    /// What is left at the end of the stream and needs no more.
    pub(crate) fn finish(&mut self) -> Option<Event> {
        match self {
            Self::Sse(parser) => parser.finish().map(Event::Sse),
            Self::Frames(_) | Self::Chunks(..) => None,
        }
    }

    /// Bytes of an event that has not come whole.
    pub(crate) fn held(&self) -> usize {
        match self {
            Self::Sse(parser) => parser.held(),
            Self::Frames(parser) | Self::Chunks(parser, _) => parser.held(),
        }
    }

    /// Whether a part of an event came that is of no use without the rest.
    pub(crate) fn holds_part(&self) -> bool {
        match self {
            Self::Sse(_) => false,
            Self::Frames(parser) | Self::Chunks(parser, _) => !parser.is_empty(),
        }
    }
}

/// One event, in the bytes that it came in.
pub(crate) enum Event {
    Sse(sse::Event),
    Frame(Frame),
    Chunk(Chunk),
}

/// An error that the framing itself tells.
pub(crate) struct Fault<'e> {
    /// Its type: a word.
    pub(crate) kind: &'e [u8],
    /// What is said of it, as JSON; may be anything.
    pub(crate) body: Cow<'e, [u8]>,
}

impl Event {
    /// The bytes that it came in.
    pub(crate) fn raw(&self) -> &[u8] {
        match self {
            Self::Sse(event) => event.raw(),
            Self::Frame(frame) => frame.raw(),
            Self::Chunk(chunk) => chunk.frame().raw(),
        }
    }

    /// The event's type, a word; empty where the framing tells none.
    pub(crate) fn name(&self) -> &[u8] {
        match self {
            Self::Sse(event) => event.name(),
            Self::Frame(frame) => frame.name(),
            Self::Chunk(_) => b"",
        }
    }

    /// Its data; `None` where it has none.
    pub(crate) fn data(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Sse(event) => event.data(),
            Self::Frame(frame) => Some(Cow::Borrowed(frame.payload())),
            Self::Chunk(chunk) => Some(Cow::Borrowed(chunk.data())),
        }
    }

    /// The error that it is by its framing.
    pub(crate) fn fault(&self) -> Option<Fault<'_>> {
        let Self::Frame(frame) = self else { return None };
        let body = match (frame.message(), frame.said()) {
            (Message::Event, _) => return None,
            (_, Some(said)) => {
                Cow::Owned(json!({ "message": String::from_utf8_lossy(said) }).to_string().into_bytes())
            }
            (_, None) => Cow::Borrowed(frame.payload()),
        };
        Some(Fault { kind: frame.name(), body })
    }

    /// Whether `passes` lets through all that stands beside name and data.
    pub(crate) fn side_all(&self, passes: impl FnMut(&[u8]) -> bool) -> bool {
        match self {
            Self::Sse(event) => event.side().all(passes),
            Self::Frame(frame) => frame.side().all(passes),
            Self::Chunk(chunk) => chunk.is_plain() && chunk.frame().side().all(passes),
        }
    }

    /// Appends the event with other data, all else as it came.
    pub(crate) fn write_with(&self, data: &str, out: &mut Vec<u8>) {
        match self {
            Self::Sse(event) => event.write_with(data, out),
            Self::Frame(frame) => frame.write_with(data.as_bytes(), out),
            Self::Chunk(chunk) => chunk.write_with(data, out),
        }
    }

    /// Appends the event without what stands beside name and data: with `data`, or with its own.
    pub(crate) fn write_bare(&self, data: Option<&str>, out: &mut Vec<u8>) {
        let own = || std::str::from_utf8(self.own()).unwrap_or_default();
        match self {
            Self::Sse(event) => event.write_bare(data, out),
            Self::Frame(frame) => {
                let name = std::str::from_utf8(frame.name()).unwrap_or_default();
                Framing::Frames.write(Some(name), data.unwrap_or_else(own), out);
            }
            Self::Chunk(_) => Framing::Chunks.write(None, data.unwrap_or_else(own), out),
        }
    }

    fn own(&self) -> &[u8] {
        match self {
            Self::Sse(_) => b"",
            Self::Frame(frame) => frame.payload(),
            Self::Chunk(chunk) => chunk.data(),
        }
    }
}
