//! Restoring a text that comes in chunks.

use std::sync::Arc;

use super::address::Follower;
use super::sign::unit;
use super::{Encoding, Look, Original, Place, Restorer};

/// Restores a text chunk by chunk; the output does not depend on where the chunks are cut.
///
/// Holds back only a tail that could still become one of the surrogates.
pub struct RestoreStream {
    restorer: Arc<Restorer>,
    encoding: Encoding,
    held: String,
    walk: Walk,
}

impl RestoreStream {
    /// At the start of a text.
    pub fn new(restorer: Arc<Restorer>, encoding: Encoding) -> Self {
        Self { restorer, encoding, held: String::new(), walk: Walk::default() }
    }

    /// What can be said after one more chunk.
    pub fn push(&mut self, chunk: &str) -> String {
        let mut out = String::with_capacity(self.held.len() + chunk.len());
        self.push_into(chunk, &mut out);
        out
    }

    pub(crate) fn push_into(&mut self, chunk: &str, out: &mut String) {
        if self.restorer.is_empty() {
            out.push_str(chunk);
        } else if self.held.is_empty() {
            let done = self.walk.run(&self.restorer, self.encoding, chunk, false, out);
            self.held.push_str(chunk.get(done..).unwrap_or_default());
        } else {
            self.held.push_str(chunk);
            let done = self.walk.run(&self.restorer, self.encoding, &self.held, false, out);
            self.held.drain(..done);
        }
    }

    /// The rest, at the end of the text.
    pub fn finish(&mut self) -> String {
        let mut out = String::new();
        self.finish_into(&mut out);
        out
    }

    pub(crate) fn finish_into(&mut self, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        self.walk.run(&self.restorer, self.encoding, &held, true, out);
    }

    /// How many surrogates were restored.
    pub fn restored(&self) -> u32 {
        self.walk.restored
    }
}

/// What must be remembered of the text so far.
#[derive(Default)]
pub(super) struct Walk {
    follower: Follower,
    before: char,
    in_string: bool,
    /// Whether the address, if we are in one, began in a JSON string, whose end is its end.
    address_in_string: bool,
    restored: u32,
}

impl Walk {
    /// Restores `text` into `out` as far as it can be decided, and says how far that is. With `last`, all is.
    pub(super) fn run(
        &mut self,
        restorer: &Restorer,
        encoding: Encoding,
        text: &str,
        last: bool,
        out: &mut String,
    ) -> usize {
        let (mut at, mut copied) = (0, 0);
        while let Some(byte) = text.as_bytes().get(at).copied() {
            let look = self.look(restorer, encoding, (byte, text.get(at..).unwrap_or_default()), last);
            if let Look::Found(length, _) | Look::Misplaced(length, _) = look {
                out.push_str(text.get(copied..at).unwrap_or_default());
                self.replace(look, encoding, out);
                at += length;
                copied = at;
                continue;
            }
            if matches!(look, Look::Partial) {
                break;
            }
            if byte.is_ascii() && byte != b'\\' {
                self.step(char::from(byte), byte == b'"' && encoding == Encoding::Json);
                at += 1;
                continue;
            }
            match unit(text.get(at..).unwrap_or_default(), encoding) {
                Some(unit) => {
                    self.step(unit.character, false);
                    at += unit.length;
                }
                None if last => at = text.len(),
                None => break,
            }
        }
        out.push_str(text.get(copied..at).unwrap_or_default());
        at
    }

    /// What stands at the start of `rest`, which begins with `byte`.
    #[inline]
    fn look<'a>(
        &self,
        restorer: &'a Restorer,
        encoding: Encoding,
        (byte, rest): (u8, &str),
        last: bool,
    ) -> Look<'a> {
        let number = matches!(byte, b'0'..=b'9' | b'-') && encoding == Encoding::Json && !self.in_string;
        if self.follower.in_address() {
            return if restorer.may_begin(byte, encoding) {
                restorer.look_in_address(rest, encoding, last)
            } else {
                Look::Nothing
            };
        }
        if number && self.place().takes_a_number(encoding) {
            let look = restorer.look_at_number(rest, last);
            if !matches!(look, Look::Nothing) {
                return look;
            }
        }
        if restorer.may_begin(byte, encoding) {
            return restorer.look(rest, self.before, encoding, last);
        }
        Look::Nothing
    }

    /// Writes what takes the place of what was found.
    fn replace(&mut self, look: Look<'_>, encoding: Encoding, out: &mut String) {
        match look {
            Look::Found(_, original) => {
                original.write(encoding, &self.place(), out);
                self.restored = self.restored.saturating_add(1);
            }
            Look::Misplaced(_, class) => self.place().redact(class, encoding, out),
            Look::Nothing | Look::Partial => {}
        }
        if let Look::Found(_, Original::Shaped(shaped)) = look
            && shaped.is_address()
        {
            // what a model writes behind an address is more of it
            "http://".chars().for_each(|character| self.step(character, false));
        }
        self.step('x', false);
    }

    /// Goes on behind `character`; what is restored counts as a letter.
    fn step(&mut self, character: char, bare_quote: bool) {
        if !self.follower.in_address() {
            self.address_in_string = self.in_string;
        }
        self.follower.step(character, bare_quote && self.address_in_string);
        self.before = character;
        self.in_string ^= bare_quote;
    }

    fn place(&self) -> Place {
        Place { mark: self.follower.mark(), in_string: self.in_string }
    }
}
