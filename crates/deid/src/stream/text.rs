//! The part of an answer that is still needed: what was said last, as context, and what is held.

use std::collections::VecDeque;

use crate::Encoding;
use crate::restore::unit;

/// Decoded text with the way back to how it was written. Places are counted from the start of the answer.
pub(super) struct Text {
    encoding: Encoding,
    /// The decoded text from `base` on.
    held: String,
    base: usize,
    /// The start of an escape whose end has not come.
    partial: String,
    /// Characters that were written as escapes.
    escapes: VecDeque<Escape>,
    /// Quotes that begin or end a JSON string.
    quotes: VecDeque<usize>,
}

struct Escape {
    at: usize,
    length: usize,
    written: String,
}

impl Text {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            held: String::new(),
            base: 0,
            partial: String::new(),
            escapes: VecDeque::new(),
            quotes: VecDeque::new(),
        }
    }

    /// Where the text ends.
    pub(super) fn end(&self) -> usize {
        self.base + self.held.len()
    }

    /// The decoded text between two places, as far as it is still there.
    pub(super) fn slice(&self, start: usize, end: usize) -> &str {
        let (start, end) = (start.saturating_sub(self.base), end.saturating_sub(self.base));
        self.held.get(start..end).unwrap_or_default()
    }

    /// Whether a character begins at `at` or the text ends there.
    pub(super) fn is_border(&self, at: usize) -> bool {
        at.checked_sub(self.base).is_some_and(|at| self.held.is_char_boundary(at))
    }

    /// Adds a chunk; with `last`, nothing follows it.
    pub(super) fn add(&mut self, chunk: &str, last: bool) {
        if self.encoding == Encoding::Text {
            self.held.push_str(chunk);
            return;
        }
        let mut joined = std::mem::take(&mut self.partial);
        joined.push_str(chunk);
        let mut rest = joined.as_str();
        while !rest.is_empty() {
            let plain = memchr::memchr2(b'\\', b'"', rest.as_bytes()).unwrap_or(rest.len());
            let (before, marked) = rest.split_at(plain);
            self.held.push_str(before);
            let Some(unit) = unit(marked, Encoding::Json) else {
                if last {
                    self.escape(marked, '\u{fffd}');
                } else {
                    marked.clone_into(&mut self.partial);
                }
                return;
            };
            let (written, after) = marked.split_at(unit.length);
            if written == "\"" {
                self.quotes.push_back(self.end());
                self.held.push('"');
            } else {
                self.escape(written, unit.character);
            }
            rest = after;
        }
    }

    fn escape(&mut self, written: &str, character: char) {
        if !written.is_empty() {
            let (at, length) = (self.end(), character.len_utf8());
            self.escapes.push_back(Escape { at, length, written: written.to_owned() });
            self.held.push(character);
        }
    }

    /// Writes the text between two places as it was written, and forgets how. Places only go forward.
    pub(super) fn write(&mut self, mut start: usize, end: usize, out: &mut String) {
        while let Some(escape) = self.escapes.front().filter(|escape| escape.at < end) {
            if escape.at >= start {
                out.push_str(self.slice(start, escape.at));
                out.push_str(&escape.written);
            }
            start = start.max(escape.at + escape.length);
            self.escapes.pop_front();
        }
        out.push_str(self.slice(start, end));
    }

    /// The quotes of JSON strings between two places, which are behind all that were forgotten.
    pub(super) fn quotes(&self, start: usize, end: usize) -> impl Iterator<Item = usize> {
        self.quotes.iter().copied().skip_while(move |at| *at < start).take_while(move |at| *at < end)
    }

    /// Forgets the quotes before `end`; how many there were.
    pub(super) fn forget_quotes(&mut self, end: usize) -> usize {
        let forgotten = self.quotes.partition_point(|at| *at < end);
        self.quotes.drain(..forgotten);
        forgotten
    }

    /// Forgets the text before `start`, which must be a border, once it is worth the move.
    pub(super) fn forget(&mut self, start: usize, slack: usize) {
        let spare = start.saturating_sub(self.base);
        if spare > slack && self.held.is_char_boundary(spare) {
            self.held.drain(..spare);
            self.base = start;
        }
    }
}
