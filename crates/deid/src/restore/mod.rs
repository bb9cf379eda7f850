//! Puts originals back where this request's surrogates stand in the answer.
//!
//! A surrogate is recognised in any letter case and with the hyphens that models and renderers make of its
//! hyphen; one that looks like a real value only as it was written, and where no letter or digit touches it. Neither
//! is restored inside of an address, which would carry the original away when it is fetched. What looks like a real
//! value and is not restored is masked: nobody can tell that it is none.

mod address;
mod shaped;
mod sign;
mod streaming;

use std::ops::Range;

use terms::{Form, IdentifierClass, Phi};

use crate::Issued;
pub(crate) use shaped::stands_free;
use shaped::{Before, Place, Shaped};
pub(crate) use sign::unit;
use sign::{Sign, sign};
pub use streaming::RestoreStream;

/// How the text that is restored is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// text as a person reads it
    Text,
    /// a piece of a JSON document (RFC 8259), such as tool arguments: escapes in it are understood, and what
    /// is put into it is escaped
    Json,
}

/// Restores the surrogates that one request issued, and no other.
pub struct Restorer {
    /// Sorted by `sign`, which makes the list a trie.
    patterns: Vec<Pattern>,
    /// Sorted by how they are written.
    shaped: Vec<Shaped>,
    firsts: [bool; 256],
}

pub(crate) struct Pattern {
    /// The surrogate in upper case.
    signs: Box<[u8]>,
    original: Phi<String>,
    escaped: Phi<String>,
}

/// What stands at one place of the text.
#[derive(Clone, Copy)]
pub(crate) enum Look<'a> {
    /// No surrogate.
    Nothing,
    /// The text ends in what may become a surrogate.
    Partial,
    /// A surrogate that takes up so many bytes.
    Found(usize, Original<'a>),
    /// One that looks like a real value, so long and of this class, where it is not restored.
    Misplaced(usize, IdentifierClass),
}

/// An original that takes a surrogate's place.
#[derive(Clone, Copy)]
pub(crate) enum Original<'a> {
    /// For a label.
    Label(&'a Pattern),
    /// For one that looks like a real value.
    Shaped(&'a Shaped),
}

impl Original<'_> {
    /// Writes it; `place` is where it stands.
    fn write(self, encoding: Encoding, place: &Place, out: &mut String) {
        match (self, encoding) {
            (Self::Label(pattern), Encoding::Text) => out.push_str(pattern.original.expose()),
            (Self::Label(pattern), Encoding::Json) => out.push_str(pattern.escaped.expose()),
            (Self::Shaped(shaped), _) => shaped.write(encoding, place, out),
        }
    }
}

impl Restorer {
    /// Restores what is in `issued`.
    pub fn new(issued: &[Issued]) -> Self {
        let (labels, shaped): (Vec<_>, Vec<_>) =
            issued.iter().partition(|one| matches!(one.form, Form::Label | Form::Pseudonym));
        let mut patterns: Vec<Pattern> = labels.into_iter().map(Pattern::new).collect();
        patterns.retain(|pattern| !pattern.signs.is_empty());
        patterns.sort_by(|a, b| a.signs.cmp(&b.signs));
        patterns.dedup_by(|a, b| a.signs == b.signs);
        let shaped = shaped::sorted(&shaped);
        let mut firsts = [false; 256];
        let labels = patterns.iter().filter_map(|pattern| pattern.signs.first());
        let cases = labels.flat_map(|first| [first.to_ascii_uppercase(), first.to_ascii_lowercase()]);
        for first in cases.chain(shaped.iter().filter_map(Shaped::first)) {
            if let Some(slot) = firsts.get_mut(usize::from(first)) {
                *slot = true;
            }
        }
        Self { patterns, shaped, firsts }
    }

    /// Whether there is nothing to restore.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.shaped.is_empty()
    }

    /// The whole of `text` with originals in place of surrogates.
    pub fn restore(&self, text: &str, encoding: Encoding) -> String {
        let mut out = String::with_capacity(text.len());
        streaming::Walk::default().run(self, encoding, text, true, &mut out);
        out
    }

    /// Where surrogates stand in `text`, which is plain.
    pub fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        let mut at = 0;
        while let Some(byte) = text.as_bytes().get(at) {
            if self.may_begin(*byte, Encoding::Text)
                && let Some((before, rest)) = text.split_at_checked(at)
                && let before = before.chars().next_back().unwrap_or_default()
                && let Look::Found(length, _) = self.look(rest, before, Encoding::Text, true)
            {
                spans.push(at..at + length);
                at += length;
            } else {
                at += 1;
            }
        }
        spans
    }

    /// Whether a surrogate may begin with this byte.
    fn may_begin(&self, byte: u8, encoding: Encoding) -> bool {
        self.firsts.get(usize::from(byte)).copied().unwrap_or(false)
            || (byte == b'\\' && encoding == Encoding::Json)
    }

    /// What stands at the start of `text`, behind `before`; with `last`, nothing follows it.
    pub(crate) fn look(&self, text: &str, before: char, encoding: Encoding, last: bool) -> Look<'_> {
        match self.label(text, encoding, last) {
            Look::Nothing => {
                let before = if before.is_alphanumeric() { Before::Touched } else { Before::Free };
                shaped::look(self.shaped.as_slice(), text, before, encoding, last)
            }
            label => label,
        }
    }

    /// What stands at the start of `text`, in an address.
    fn look_in_address(&self, text: &str, encoding: Encoding, last: bool) -> Look<'_> {
        shaped::look(self.shaped.as_slice(), text, Before::Address, encoding, last)
    }

    /// What has to be masked of the number of JSON at the start of `text`, which is all of it.
    fn look_at_number(&self, text: &str, last: bool) -> Look<'_> {
        if self.shaped.is_empty() {
            return Look::Nothing;
        }
        shaped::look_at_number(self.shaped.as_slice(), text, last)
    }

    fn label(&self, text: &str, encoding: Encoding, last: bool) -> Look<'_> {
        let mut candidates = self.patterns.as_slice();
        let mut rest = text;
        for depth in 0.. {
            let (letter, length) = match sign(rest, encoding) {
                Sign::Letter(letter, length) => (letter, length),
                Sign::Unfinished if !last => return Look::Partial,
                Sign::Unfinished | Sign::Other => return Look::Nothing,
            };
            let from = candidates.partition_point(|pattern| pattern.sign(depth) < Some(letter));
            let to = candidates.partition_point(|pattern| pattern.sign(depth) <= Some(letter));
            candidates = candidates.get(from..to).unwrap_or_default();
            rest = rest.get(length..).unwrap_or_default();
            match candidates.first() {
                None => return Look::Nothing,
                Some(pattern) if pattern.signs.len() == depth + 1 => {
                    return Look::Found(text.len() - rest.len(), Original::Label(pattern));
                }
                Some(_) => {}
            }
        }
        Look::Nothing
    }
}

impl Pattern {
    fn new(issued: &Issued) -> Self {
        let mut escaped = String::new();
        sign::escape(issued.original.expose(), &mut escaped);
        Self {
            signs: issued.surrogate.to_ascii_uppercase().into_bytes().into(),
            original: issued.original.clone(),
            escaped: Phi::new(escaped),
        }
    }

    fn sign(&self, depth: usize) -> Option<u8> {
        self.signs.get(depth).copied()
    }
}

#[cfg(test)]
mod tests;
