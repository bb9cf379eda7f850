//! Names (A): announced ones, pairs that the lexicon knows, and parts of a found name later in the text.

use std::borrow::Cow;
use std::ops::Range;

use terms::IdentifierClass;

use super::name_context::{self as context, Hit};
use super::name_lexicon as lexicon;
use super::name_part::{is_eponym, starts_sentence};
use super::{Candidate, Rank};
use crate::lexicon::Flags;
use crate::view::{Kind, View, Word};

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    let mut next = 0;
    for (at, word) in view.words.iter().enumerate() {
        if matches!(word.kind, Kind::Number | Kind::Code | Kind::Mark) {
            continue;
        }
        let announced = announced(view, at, word);
        let hit = announced.or_else(|| if at >= next { lexicon::find(view, at, word) } else { None });
        if let Some((words, percent, name)) = hit {
            let rank = match percent {
                90.. => Rank::Label,
                80.. => Rank::Cue,
                _ => Rank::Shape,
            };
            next = next.max(*words.end() + 1);
            let span = view.span(*words.start(), *words.end());
            found.push(Candidate::new(span, IdentifierClass::Name, rank, percent, name));
        }
    }
}

/// A name that word `at` announces.
fn announced(view: &View<'_>, at: usize, word: &Word) -> Option<Hit> {
    let cue = Flags::TITLE
        .with(Flags::CREDENTIAL)
        .with(Flags::NAME_LABEL)
        .with(Flags::GREETING)
        .with(Flags::ROLE)
        .with(Flags::SPEECH);
    if word.has(cue) {
        let hit = (word.has(Flags::TITLE).then(|| context::title(view, at)).flatten())
            .or_else(|| word.has(Flags::CREDENTIAL).then(|| context::credential(view, at)).flatten())
            .or_else(|| word.has(Flags::NAME_LABEL).then(|| context::label(view, at)).flatten())
            .or_else(|| word.has(Flags::GREETING).then(|| context::greeting(view, at)).flatten())
            .or_else(|| word.has(Flags::ROLE).then(|| context::role(view, at)).flatten())
            .or_else(|| word.has(Flags::SPEECH).then(|| context::introduction(view, at)).flatten());
        if hit.is_some() {
            return hit;
        }
    }
    // M.D., R.N.
    let dotted = word.kind == Kind::Upper && word.len() == 1 && view.mark(at + 1, b'.') && at > 0;
    if dotted && (view.is(at, "m") || view.is(at, "d")) && (view.is(at + 2, "d") || view.is(at + 2, "o")) {
        return context::credential_at(view, at);
    }
    None
}

/// Words that would be a part of a name if a name has them as a part: capital, and no ordinary word or eponym here,
/// or small and in the lists of names only.
pub(crate) fn parts(view: &View<'_>) -> Vec<Range<usize>> {
    let other = Flags::WORD.with(Flags::MONTH).with(Flags::NATION).with(Flags::STATE);
    let mut parts = Vec::new();
    for (at, word) in view.at(&view.capitals) {
        if word.len() < 3 {
            continue;
        }
        let ordinary = word.has(other) && starts_sentence(view, at) && !view.has(at + 1, Flags::SPEECH);
        if !ordinary && !is_eponym(view, at) {
            parts.push(word.start..word.end);
        }
    }
    parts.extend(small_parts(view));
    parts
}

/// The same of small letters: words that are in the lists of names and nothing else.
fn small_parts<'v>(view: &'v View<'_>) -> impl Iterator<Item = Range<usize>> + 'v {
    let listed = Flags::FIRST.with(Flags::SURNAME);
    let named = view.flags.any(listed);
    let small = view.words.iter().filter(move |word| named && word.kind == Kind::Lower && word.len() >= 3);
    small.filter(move |word| word.has(listed) && !word.has(Flags::WORD)).map(|word| word.start..word.end)
}

/// Parts of names that were found, again where they stand alone: `Smith` after `Ms. Jane Smith`.
///
/// `words` are what [`parts`] gave for the text; `seeds` are names as they stand in the text, `known` those that the
/// conversation knows.
pub(crate) fn again<'a>(
    text: &str,
    words: &[Range<usize>],
    seeds: impl Iterator<Item = &'a str>,
    known: Option<&NameParts<'_>>,
    found: &mut Vec<Candidate>,
) {
    if words.is_empty() {
        return;
    }
    let seeds = NameParts::of(seeds);
    let known = known.filter(|known| !known.0.is_empty());
    if seeds.0.is_empty() && known.is_none() {
        return;
    }
    for span in words {
        let word = text.get(span.clone()).unwrap_or_default();
        if seeds.hold(word) || known.is_some_and(|known| known.hold(word)) {
            found.push(Candidate::new(span.clone(), IdentifierClass::Name, Rank::Shape, 76, "name.again"));
        }
    }
}

/// The parts of names, by a number that is the same in all letter cases. A conversation's are made once for all of its
/// texts: there may be ten thousand names, and a hundred thousand texts.
#[derive(Default)]
pub(crate) struct NameParts<'a>(Vec<(u64, Cow<'a, str>)>);

impl<'a> NameParts<'a> {
    pub(crate) fn of(names: impl Iterator<Item = &'a str>) -> Self {
        let words = names.flat_map(|name| name.split(|c: char| !(c.is_alphanumeric() || c == '\'')));
        let parts = words.filter(|part| part.len() >= 3).map(|part| (key(part), Cow::Borrowed(part)));
        let mut parts: Vec<_> = parts.collect();
        parts.sort_unstable();
        parts.dedup();
        Self(parts)
    }

    /// The same without the names.
    pub(crate) fn into_owned(self) -> NameParts<'static> {
        NameParts(self.0.into_iter().map(|(key, part)| (key, Cow::Owned(part.into_owned()))).collect())
    }

    fn hold(&self, word: &str) -> bool {
        let key = key(word);
        let from = self.0.partition_point(|part| part.0 < key);
        let mut alike = self.0.iter().skip(from).take_while(|part| part.0 == key);
        alike.any(|part| lower(&part.1).eq(lower(word)))
    }
}

fn lower(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase)
}

/// A number that is the same for a word in all letter cases.
fn key(word: &str) -> u64 {
    let step =
        |key: u64, code: u32| (key ^ u64::from(code)).wrapping_mul(0x517c_c1b7_2722_0a95).rotate_left(5);
    if word.is_ascii() {
        word.bytes().fold(0, |key, byte| step(key, u32::from(byte.to_ascii_lowercase())))
    } else {
        lower(word).fold(0, |key, char| step(key, u32::from(char)))
    }
}

#[cfg(test)]
mod tests;
