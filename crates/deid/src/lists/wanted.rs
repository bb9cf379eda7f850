//! Texts that must be found: one search for their first words, and a look at what follows.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use terms::IdentifierClass;

use super::{LONGEST, ListError, MOST, SHORTEST, SHORTEST_NAME, plain};
use crate::normalize::Normal;
use crate::recognize::{Candidate, Rank};
use crate::wordset::{WordSet, words};

/// Most characters of white space between two words of a text.
const GAP: usize = 16;
/// So many words in a row may be calm: one more, and an answer may be cut behind them.
const QUIET: usize = 2;
/// Small words, in which a text neither begins nor ends.
const SMALL: &WordSet = words!("a and at by de for from in la of on or the to with");

/// The texts, compiled.
pub(super) struct Wanted {
    /// Finds first words.
    first: AhoCorasick,
    /// By pattern of `first`: the texts that begin with it.
    texts: Vec<Box<[Text]>>,
    lively: Lively,
}

struct Text {
    /// In small letters, one blank between words.
    plain: Box<str>,
    class: IdentifierClass,
}

/// Words that are not calm, since a text that must be found may begin, end or go on in them.
#[derive(Default)]
pub(crate) struct Lively(HashSet<Box<str>>);

impl Wanted {
    /// From the texts; `None` if there are none.
    pub(super) fn new<'a>(
        wanted: impl IntoIterator<Item = (IdentifierClass, &'a str)>,
    ) -> Result<Option<Self>, ListError> {
        let mut by_word: BTreeMap<String, Vec<Text>> = BTreeMap::new();
        let mut lively = Lively::default();
        for (at, (class, text)) in wanted.into_iter().enumerate() {
            if at >= MOST {
                return Err(ListError::TooMany);
            }
            let (plain, words) = searchable(class, text)?;
            lively.0.extend(words);
            for first in spellings(plain.split(' ').next().unwrap_or_default()) {
                by_word.entry(first).or_default().push(Text { plain: plain.as_str().into(), class });
            }
        }
        if by_word.is_empty() {
            return Ok(None);
        }
        let first = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(by_word.keys())
            .map_err(|_too_many| ListError::Unusable)?;
        let texts = by_word.into_values().map(Vec::into_boxed_slice).collect();
        Ok(Some(Self { first, texts, lively }))
    }

    /// Adds what stands in folded text; of texts that begin at one place the longest.
    pub(super) fn find(&self, text: &str, found: &mut Vec<Candidate>) {
        for hit in self.first.find_overlapping_iter(text) {
            let Some((before, rest)) = text.split_at_checked(hit.start()) else { continue };
            if before.ends_with(char::is_alphanumeric) {
                continue;
            }
            let texts = self.texts.get(hit.pattern().as_usize()).map_or(&[][..], |texts| texts);
            let ends = texts.iter().filter_map(|one| Some((length(rest, &one.plain)?, one.class)));
            if let Some((length, class)) = ends.max_by_key(|(length, _)| *length) {
                let span: Range<usize> = hit.start()..hit.start() + length;
                found.push(Candidate::new(span, class, Rank::Cue, 99, "must-find"));
            }
        }
    }

    pub(super) fn lively(&self) -> &Lively {
        &self.lively
    }
}

impl Lively {
    /// Whether a run of letters and apostrophes may belong to a text that must be found.
    pub(crate) fn has(&self, run: &str) -> bool {
        let folded = Normal::of(run);
        // a run of which not all was kept may be any word
        run.len() >= LONGEST_RUN || pieces(folded.text()).any(|piece| self.0.contains(piece.as_str()))
    }
}

/// Runs of letters are kept up to here when an answer is read.
const LONGEST_RUN: usize = 24;

/// The form in which a text is searched for, and its words that are not calm, if it may be searched for.
pub(super) fn searchable(class: IdentifierClass, text: &str) -> Result<(String, Vec<Box<str>>), ListError> {
    let plain = plain(text);
    if plain.len() > LONGEST {
        return Err(ListError::TooLong);
    }
    let shortest = if class == IdentifierClass::Name { SHORTEST_NAME } else { SHORTEST };
    if plain.chars().filter(|c| c.is_alphanumeric()).count() < shortest {
        return Err(ListError::TooShort);
    }
    let lively = lively_words(&plain)?;
    Ok((plain, lively))
}

/// The words of a text that are not calm: enough that no answer is cut inside of it.
fn lively_words(plain: &str) -> Result<Vec<Box<str>>, ListError> {
    let words: Vec<&str> = plain.split(' ').collect();
    let lettered = |word: &str| word.contains(char::is_alphabetic);
    let (first, last) =
        (words.iter().position(|word| lettered(word)), words.iter().rposition(|word| lettered(word)));
    let (mut lively, mut quiet) = (Vec::new(), 0);
    for (at, word) in words.iter().enumerate() {
        let inner = Some(at) != first && Some(at) != last;
        if word.contains(char::is_numeric) {
            quiet = 0;
        }
        if lettered(word) && !(inner && SMALL.has(word) && quiet < QUIET) {
            quiet = 0;
            let all: Vec<String> = pieces(word).collect();
            let long = all.iter().any(|piece| piece.chars().count() > 1);
            let telling = all.into_iter().filter(|piece| !long || piece.chars().count() > 1);
            lively.extend(telling.map(String::into_boxed_str));
        } else if !word.contains(char::is_numeric) {
            quiet += 1;
        }
        if quiet > QUIET {
            return Err(ListError::Marks);
        }
    }
    Ok(lively)
}

/// The runs of letters in a word, in small letters.
fn pieces(word: &str) -> impl Iterator<Item = String> + '_ {
    let runs = word.split(|c: char| !c.is_alphabetic()).filter(|run| !run.is_empty());
    runs.map(str::to_lowercase)
}

/// The letter cases in which a word is searched for; those of ASCII need not be spelt out.
fn spellings(word: &str) -> Vec<String> {
    if word.is_ascii() {
        return vec![word.to_owned()];
    }
    let mut letters = word.chars();
    let capital: String = letters.next().map_or_else(String::new, |first| first.to_uppercase().collect());
    let mut all = vec![word.to_owned(), word.to_uppercase(), capital + letters.as_str()];
    all.sort_unstable();
    all.dedup();
    all
}

/// How many bytes of `text` say `plain`, up to a border of words.
fn length(text: &str, plain: &str) -> Option<usize> {
    let mut wanted = plain.chars().peekable();
    let mut said = text.char_indices().peekable();
    while let Some(next) = wanted.peek().copied() {
        if next == ' ' {
            wanted.next();
            skip_gap(&mut said)?;
            continue;
        }
        let (_, character) = said.next()?;
        if !character.to_lowercase().all(|small| wanted.next() == Some(small)) {
            return None;
        }
    }
    let end = said.peek().map_or(text.len(), |(at, _)| *at);
    let touched = said.peek().is_some_and(|(_, next)| next.is_alphanumeric());
    (!touched).then_some(end)
}

/// Goes on behind white space, of which there must be some, not too much, and no empty line.
fn skip_gap(said: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Option<()> {
    let (mut count, mut lines) = (0, 0);
    while let Some((_, blank)) = said.next_if(|(_, next)| next.is_whitespace()) {
        count += 1;
        lines += usize::from(blank == '\n');
    }
    (count > 0 && count <= GAP && lines <= 1).then_some(())
}
