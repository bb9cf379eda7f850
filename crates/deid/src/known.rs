//! What the conversation already knows: originals to find again, surrogates to leave alone.

use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use terms::IdentifierClass;

use crate::normalize::Normal;
use crate::recognize::{Candidate, Rank};

/// Originals and surrogates of one conversation, ready to be searched for. Cheap to clone.
#[derive(Clone, Default)]
pub struct Known(Option<Arc<Index>>);

struct Index {
    automaton: AhoCorasick,
    /// By pattern: the class of an original, `None` for a surrogate.
    patterns: Vec<Option<IdentifierClass>>,
    names: Vec<String>,
}

/// Shortest original that is searched for, in letters and digits: `A` alone would be everywhere.
const SHORTEST: usize = 3;

impl Known {
    /// Nothing is known.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// From the conversation's mappings: class, original, surrogate. An original is found again in any letter
    /// case, between word boundaries; a surrogate in any case and with `-`, `_` or a blank inside.
    pub fn new<'a>(mappings: impl IntoIterator<Item = (IdentifierClass, &'a str, &'a str)>) -> Self {
        let (mut texts, mut patterns, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for (class, original, surrogate) in mappings {
            let folded = Normal::of(original.trim()).text().to_owned();
            if folded.chars().filter(|c| c.is_alphanumeric()).count() >= SHORTEST {
                if class == IdentifierClass::Name {
                    names.push(folded.clone());
                }
                let cased = if folded.is_ascii() {
                    Vec::new()
                } else {
                    vec![folded.to_lowercase(), folded.to_uppercase()]
                };
                for text in cased.into_iter().chain([folded]) {
                    texts.push(text);
                    patterns.push(Some(class));
                }
            }
            for joint in ["-", "_", " "].iter().filter(|_| !surrogate.is_empty()) {
                texts.push(surrogate.replace('-', joint));
                patterns.push(None);
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&texts);
        match automaton {
            Ok(automaton) if !texts.is_empty() => Self(Some(Arc::new(Index { automaton, patterns, names }))),
            _ => Self(None),
        }
    }

    /// Adds the originals found in folded text to `found`; the stretches that are surrogates.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Candidate>) -> Vec<Range<usize>> {
        let mut surrogates = Vec::new();
        let Some(index) = &self.0 else { return surrogates };
        for hit in index.automaton.find_iter(text) {
            let span = hit.start()..hit.end();
            let before = text.get(..span.start).and_then(|text| text.chars().next_back());
            let after = text.get(span.end..).and_then(|text| text.chars().next());
            if before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric) {
                continue;
            }
            match index.patterns.get(hit.pattern().as_usize()) {
                Some(Some(class)) => {
                    found.push(Candidate::new(span, *class, Rank::Known, 99, "known.original"));
                }
                _ => surrogates.push(span),
            }
        }
        surrogates
    }

    /// The names among the originals.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|index| index.names.iter().map(String::as_str))
    }
}
