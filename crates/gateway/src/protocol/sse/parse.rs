//! The incremental parser.

use std::ops::Range;

use super::Event;

/// An event is longer than this house reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream is longer than the limit")]
pub struct EventTooLong;

/// Cuts a stream of bytes into events.
pub struct Parser {
    /// What came and was not given out yet; the event under way begins at `begin`.
    buffer: Vec<u8>,
    begin: usize,
    /// The next byte to look at, and where its line began.
    at: usize,
    line: usize,
    lines: Vec<Range<usize>>,
    /// The byte before was a CR, so that an LF here still belongs to it.
    after_cr: bool,
    first_line: bool,
    limit: usize,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl Parser {
    /// A parser that refuses events of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: Vec::new(),
            begin: 0,
            at: 0,
            line: 0,
            lines: Vec::new(),
            after_cr: false,
            first_line: true,
            limit,
        }
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, chunk: &[u8]) {
        if self.begin > 0 {
            self.buffer.drain(..self.begin.min(self.buffer.len()));
            (self.at, self.line) = (self.at - self.begin, self.line - self.begin);
            for line in &mut self.lines {
                *line = line.start - self.begin..line.end - self.begin;
            }
            self.begin = 0;
        }
        self.buffer.extend_from_slice(chunk);
    }

    /// Bytes that came and were not given out.
    pub fn held(&self) -> usize {
        self.buffer.len().saturating_sub(self.begin)
    }

    /// The next event that has come whole.
    pub fn next_event(&mut self) -> Result<Option<Event>, EventTooLong> {
        loop {
            self.skip_lf();
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let found = memchr::memchr2(b'\r', b'\n', rest);
            let seen = self.at + found.map_or(rest.len(), |length| length + 1);
            if seen - self.begin > self.limit {
                return Err(EventTooLong);
            }
            let Some(length) = found else {
                self.at = seen;
                return Ok(None);
            };
            let end = self.at + length;
            self.after_cr = rest.get(length) == Some(&b'\r');
            self.at = seen;
            let line = self.line..end;
            self.line = seen;
            if self.end_line(line) {
                self.skip_lf();
                return Ok(Some(self.take()));
            }
        }
    }

    /// What is left at the end of the stream: an event without its blank line, the end of a line end, or nothing.
    pub fn finish(&mut self) -> Option<Event> {
        self.skip_lf();
        let end = self.buffer.len();
        if self.line < end {
            self.end_line(self.line..end);
        }
        if self.begin == end {
            return None;
        }
        (self.at, self.line) = (end, end);
        let cut = !self.lines.is_empty();
        let mut event = self.take();
        if cut {
            event.close();
        }
        Some(event)
    }

    /// Whether the line was blank, which ends the event.
    fn end_line(&mut self, mut line: Range<usize>) -> bool {
        if std::mem::take(&mut self.first_line)
            && self.buffer.get(line.clone()).is_some_and(|text| text.starts_with(BOM))
        {
            line.start += BOM.len();
        }
        if line.is_empty() {
            return true;
        }
        self.lines.push(line);
        false
    }

    fn skip_lf(&mut self) {
        if !self.after_cr {
            return;
        }
        match self.buffer.get(self.at) {
            Some(b'\n') => {
                self.at += 1;
                self.line = self.at;
                self.after_cr = false;
            }
            Some(_) => self.after_cr = false,
            None => {}
        }
    }

    fn take(&mut self) -> Event {
        let raw = self.buffer.get(self.begin..self.at).unwrap_or_default().to_vec();
        for line in &mut self.lines {
            *line = line.start - self.begin..line.end - self.begin;
        }
        let event = Event::new(raw, &self.lines);
        self.lines.clear();
        self.begin = self.at;
        event
    }
}
