//! One frame, with the places of its parts in its own bytes.

use std::ops::Range;

use smallvec::SmallVec;

use super::FrameError;

/// The lengths and their checksum.
pub(super) const PRELUDE: usize = 12;
/// What a frame holds beside headers and payload.
pub(super) const AROUND: usize = PRELUDE + 4;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// a part of the answer
    Event,
    /// an error that the service's interface names
    Exception,
    /// any other error
    Error,
}

/// One frame.
#[derive(Clone, Debug)]
pub struct Frame {
    raw: Vec<u8>,
    message: Message,
    headers: Range<usize>,
    name: Range<usize>,
    said: Option<Range<usize>>,
    side: SmallVec<[Range<usize>; 2]>,
}

impl Frame {
    /// Reads a frame of these bytes, of which `headers` are headers.
    pub(super) fn read(raw: Vec<u8>, headers: usize) -> Result<Self, FrameError> {
        let (body, sum) = raw.split_last_chunk::<4>().ok_or(FrameError::Damaged)?;
        if crc32fast::hash(body) != u32::from_be_bytes(*sum) {
            return Err(FrameError::Damaged);
        }
        let headers = PRELUDE..PRELUDE + headers;
        let mut found = Found::default();
        let mut reader = Reader { raw: &raw, at: headers.start, end: headers.end };
        while reader.at < reader.end {
            reader.header(&mut found).ok_or(FrameError::Headers)?;
        }
        let Found { message, name, said, side, .. } = found;
        let (message, [event, exception, error]) = (message.ok_or(FrameError::Headers)?, name);
        let name = match message {
            Message::Event => event,
            Message::Exception => exception,
            Message::Error => error,
        };
        let name = name.ok_or(FrameError::Headers)?;
        Ok(Self { raw, message, headers, name, said, side })
    }

    /// The bytes that it came in.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// What it is.
    pub fn message(&self) -> Message {
        self.message
    }

    /// The type of the event or exception, or the error's code: a word.
    pub fn name(&self) -> &[u8] {
        self.raw.get(self.name.clone()).unwrap_or_default()
    }

    /// What an error says in its headers.
    pub fn said(&self) -> Option<&[u8]> {
        self.raw.get(self.said.clone()?)
    }

    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.raw.get(self.headers.end..self.raw.len().saturating_sub(4)).unwrap_or_default()
    }

    /// Names and values of headers that the format does not define.
    pub fn side(&self) -> impl Iterator<Item = &[u8]> {
        self.side.iter().map(|span| self.raw.get(span.clone()).unwrap_or_default())
    }

    /// Appends the frame with another payload and the same headers.
    pub fn write_with(&self, payload: &[u8], out: &mut Vec<u8>) {
        write(self.raw.get(self.headers.clone()).unwrap_or_default(), payload, out);
    }
}

/// What the headers of a frame tell.
#[derive(Default)]
struct Found {
    message: Option<Message>,
    /// of an event, an exception, an error
    name: [Option<Range<usize>>; 3],
    said: Option<Range<usize>>,
    media: bool,
    side: SmallVec<[Range<usize>; 2]>,
}

struct Reader<'r> {
    raw: &'r [u8],
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Option<Range<usize>> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.end)?;
        let taken = self.at..end;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        let at = self.take(1)?;
        self.raw.get(at.start).copied()
    }

    /// Whether a value is a string, and where it lies.
    fn value(&mut self) -> Option<(bool, Range<usize>)> {
        let kind = self.byte()?;
        let length = match kind {
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 => 4,
            5 | 8 => 8,
            6 | 7 => usize::from(self.byte()?) << 8 | usize::from(self.byte()?),
            9 => 16,
            _ => return None,
        };
        Some((kind == 7, self.take(length)?))
    }

    /// The next header. A name of the format's own that comes twice, or with a value that is none, is no header:
    /// another reader could believe the other.
    fn header(&mut self, found: &mut Found) -> Option<()> {
        let length = self.byte()?;
        let name = self.take(usize::from(length))?;
        let (string, value) = self.value()?;
        let (key, text) = (self.raw.get(name.clone())?, self.raw.get(value.clone())?);
        let word = || {
            // no type has digits, so that none is someone's number
            let allowed = |byte: u8| byte.is_ascii_alphabetic() || b"_.-".contains(&byte);
            let word = string && !text.is_empty() && text.len() <= 64 && text.iter().copied().all(allowed);
            word.then(|| value.clone())
        };
        let [event, exception, error] = &mut found.name;
        match key {
            b":message-type" => {
                let message = match text {
                    b"event" => Message::Event,
                    b"exception" => Message::Exception,
                    b"error" => Message::Error,
                    _ => return None,
                };
                found.message.replace(message).is_none().then_some(())
            }
            b":event-type" => event.replace(word()?).is_none().then_some(()),
            b":exception-type" => exception.replace(word()?).is_none().then_some(()),
            b":error-code" => error.replace(word()?).is_none().then_some(()),
            b":error-message" => found.said.replace(value).is_none().then_some(()),
            b":content-type" if text == JSON.as_bytes() => {
                (!std::mem::replace(&mut found.media, true)).then_some(())
            }
            _ => {
                found.side.extend([name, value]);
                Some(())
            }
        }
    }
}

const JSON: &str = "application/json";

/// Appends an event of JSON.
pub fn write_event(name: &str, payload: &[u8], out: &mut Vec<u8>) {
    let headers = [(":event-type", name), (":content-type", JSON), (":message-type", "event")];
    write(&encode(&headers), payload, out);
}

/// Appends an exception of JSON.
pub fn write_exception(name: &str, payload: &[u8], out: &mut Vec<u8>) {
    let headers = [(":exception-type", name), (":content-type", JSON), (":message-type", "exception")];
    write(&encode(&headers), payload, out);
}

fn encode(headers: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(96);
    for (name, value) in headers {
        out.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(name.as_bytes());
        out.push(7);
        out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(value.as_bytes());
    }
    out
}

/// Lengths fit: what is written is about as long as what was read, which is bounded.
fn write(headers: &[u8], payload: &[u8], out: &mut Vec<u8>) {
    let narrow = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let begin = out.len();
    out.extend_from_slice(&narrow(AROUND + headers.len() + payload.len()));
    out.extend_from_slice(&narrow(headers.len()));
    let sum = |out: &[u8]| crc32fast::hash(out.get(begin..).unwrap_or_default()).to_be_bytes();
    let prelude = sum(out);
    out.extend_from_slice(&prelude);
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    let whole = sum(out);
    out.extend_from_slice(&whole);
}
