//! Puts originals back where this request's surrogates stand in the answer.
//!
//! A surrogate is recognised in any letter case and with the hyphens that models and renderers make of its
//! hyphen; it is not restored inside of an address, which would carry the original away when it is fetched.

mod address;
mod sign;
mod streaming;

use std::ops::Range;

use terms::Phi;

use crate::Issued;
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
    firsts: [bool; 256],
}

struct Pattern {
    /// The surrogate in upper case.
    signs: Box<[u8]>,
    original: Phi<String>,
    escaped: Phi<String>,
}

/// What stands at one place of the text.
pub(crate) enum Look<'a> {
    /// No surrogate.
    Nothing,
    /// The text ends in what may become a surrogate.
    Partial,
    /// A surrogate that takes up so many bytes.
    Found(usize, Original<'a>),
}

/// An original in both encodings.
#[derive(Clone, Copy)]
pub(crate) struct Original<'a>(&'a Pattern);

impl<'a> Original<'a> {
    fn text(self, encoding: Encoding) -> &'a str {
        match encoding {
            Encoding::Text => self.0.original.expose(),
            Encoding::Json => self.0.escaped.expose(),
        }
    }
}

impl Restorer {
    /// Restores what is in `issued`.
    pub fn new(issued: &[Issued]) -> Self {
        let mut patterns: Vec<Pattern> = issued.iter().map(Pattern::new).collect();
        patterns.retain(|pattern| !pattern.signs.is_empty());
        patterns.sort_by(|a, b| a.signs.cmp(&b.signs));
        patterns.dedup_by(|a, b| a.signs == b.signs);
        let mut firsts = [false; 256];
        for first in patterns.iter().filter_map(|pattern| pattern.signs.first()) {
            for case in [first.to_ascii_uppercase(), first.to_ascii_lowercase()] {
                if let Some(slot) = firsts.get_mut(usize::from(case)) {
                    *slot = true;
                }
            }
        }
        Self { patterns, firsts }
    }

    /// Whether there is nothing to restore.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The whole of `text` with originals in place of surrogates.
    pub fn restore(&self, text: &str, encoding: Encoding) -> String {
        let mut out = String::with_capacity(text.len());
        streaming::Walk::default().run(self, encoding, text, true, &mut out);
        out
    }

    /// Where surrogates stand in `text`, which is plain.
    pub(crate) fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        let mut at = 0;
        while let Some(byte) = text.as_bytes().get(at) {
            if self.may_begin(*byte, Encoding::Text)
                && let Some(rest) = text.get(at..)
                && let Look::Found(length, _) = self.look(rest, Encoding::Text, true)
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

    /// What stands at the start of `text`; with `last`, nothing follows it.
    pub(crate) fn look(&self, text: &str, encoding: Encoding, last: bool) -> Look<'_> {
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
                    return Look::Found(text.len() - rest.len(), Original(pattern));
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
