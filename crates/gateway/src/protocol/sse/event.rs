//! One event, with the places of its fields in its own bytes.

use std::borrow::Cow;
use std::ops::Range;

use smallvec::SmallVec;

/// One block of lines up to and with the blank line that ends it.
#[derive(Clone, Debug, Default)]
pub struct Event {
    raw: Vec<u8>,
    name: Option<Range<usize>>,
    data: SmallVec<[Range<usize>; 2]>,
    side: SmallVec<[Range<usize>; 2]>,
}

impl Event {
    /// An event of these bytes, whose lines lie at `lines`.
    pub(super) fn new(raw: Vec<u8>, lines: &[Range<usize>]) -> Self {
        let mut event = Self { raw, ..Self::default() };
        for line in lines {
            event.line(line.clone());
        }
        event
    }

    /// Ends an event that the stream's end cut short of its blank line.
    pub(super) fn close(&mut self) {
        if !self.raw.ends_with(b"\n") {
            self.raw.push(b'\n');
        }
        self.raw.push(b'\n');
    }

    fn line(&mut self, line: Range<usize>) {
        let bytes = self.raw.get(line.clone()).unwrap_or_default();
        let colon = memchr::memchr(b':', bytes);
        let (field, value) = bytes.split_at_checked(colon.unwrap_or(bytes.len())).unwrap_or_default();
        let skip = match value {
            [b':', b' ', ..] => 2,
            [b':', ..] => 1,
            _ => 0,
        };
        let value = line.start + field.len() + skip..line.end;
        match field {
            b"data" => self.data.push(value),
            b"event" if self.is(&value, 64, |byte| byte.is_ascii_alphabetic() || b"_.-".contains(&byte)) => {
                self.name = Some(value);
            }
            b"retry" if self.is(&value, 7, |byte| byte.is_ascii_digit()) => {}
            _ => self.side.push(line),
        }
    }

    /// Whether a value is a word of such characters, and of so many at most; any other may be a text or someone's
    /// number. No type has digits.
    fn is(&self, value: &Range<usize>, most: usize, allowed: impl Fn(u8) -> bool) -> bool {
        self.raw
            .get(value.clone())
            .is_some_and(|text| text.len() <= most && text.iter().copied().all(allowed))
    }

    /// The bytes that it came in.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The event's type; empty where it names none, or one that is no word.
    pub fn name(&self) -> &[u8] {
        self.name.clone().and_then(|span| self.raw.get(span)).unwrap_or_default()
    }

    /// Its data: the lines of it, joined by LF. `None` where it has no such field.
    pub fn data(&self) -> Option<Cow<'_, [u8]>> {
        let mut lines = self.data.iter().map(|span| self.raw.get(span.clone()).unwrap_or_default());
        let first = lines.next()?;
        if self.data.len() == 1 {
            return Some(Cow::Borrowed(first));
        }
        Some(Cow::Owned(lines.fold(first.to_vec(), |mut joined, line| {
            joined.push(b'\n');
            joined.extend_from_slice(line);
            joined
        })))
    }

    /// Lines that are neither data nor a type: comments, identifiers, types that are no words, and fields that
    /// nobody reads.
    pub fn side(&self) -> impl Iterator<Item = &[u8]> {
        self.side.iter().map(|span| self.raw.get(span.clone()).unwrap_or_default())
    }

    /// Appends the event with other data. All else stays as it came, where data is one line.
    pub fn write_with(&self, data: &str, out: &mut Vec<u8>) {
        let place = match self.data.as_slice() {
            [one] if !data.contains(['\r', '\n']) => Some(one.clone()),
            _ => None,
        };
        let parts = place.and_then(|one| Some((self.raw.get(..one.start)?, self.raw.get(one.end..)?)));
        if let Some((head, tail)) = parts {
            out.extend_from_slice(head);
            out.extend_from_slice(data.as_bytes());
            out.extend_from_slice(tail);
            return;
        }
        self.write_bare(Some(data), out);
    }

    /// Appends the event without its side lines: with `data`, or with its own.
    pub fn write_bare(&self, data: Option<&str>, out: &mut Vec<u8>) {
        let own = self.data().unwrap_or_default();
        let data = data.map_or(own.as_ref(), str::as_bytes);
        write(self.name(), data, out);
    }
}

/// Appends an event.
pub fn write_event(name: Option<&str>, data: &str, out: &mut Vec<u8>) {
    write(name.unwrap_or_default().as_bytes(), data.as_bytes(), out);
}

fn write(name: &[u8], data: &[u8], out: &mut Vec<u8>) {
    if !name.is_empty() {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name);
        out.push(b'\n');
    }
    for line in data.split(|byte| matches!(byte, b'\n' | b'\r')) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
}
