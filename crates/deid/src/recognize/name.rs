//! Names (A): announced ones, pairs that the lexicon knows, and parts of a found name later in the text.

use std::collections::HashSet;

use terms::IdentifierClass;

use super::name_context::{self as context, Hit};
use super::name_part::{LISTED, is_eponym, is_initial, is_strange, run, starts_sentence};
use super::{Candidate, Rank};
use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View, Word};

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    let mut next = 0;
    for (at, word) in view.words.iter().enumerate() {
        if matches!(word.kind, Kind::Number | Kind::Code | Kind::Mark) {
            continue;
        }
        let announced = announced(view, at, word);
        let hit = announced.or_else(|| if at >= next { by_lexicon(view, at, word) } else { None });
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

/// A name that the lists know, without anything that announces it.
fn by_lexicon(view: &View<'_>, at: usize, word: &Word) -> Option<Hit> {
    if !word.is_capital() {
        return None;
    }
    if is_initial(view, at) {
        return initials(view, at);
    }
    if word.len() < 3 && !word.has(LISTED) {
        return None;
    }
    context::last_first(view, at).or_else(|| pair(view, at, word)).or_else(|| single(view, at, word))
}

/// `J. Smith`, `J.R. Smith`.
fn initials(view: &View<'_>, at: usize) -> Option<Hit> {
    if !view.mark(at + 1, b'.') {
        return None;
    }
    let mut next = at + 2;
    while is_initial(view, next) && view.mark(next + 1, b'.') {
        next += 2;
    }
    let word = view
        .get(next)
        .filter(|word| word.kind == Kind::Capital && word.gap != Gap::Line && word.len() > 2)?;
    let known =
        word.has(Flags::SURNAME) && !word.has(Flags::WORD) || next > at + 2 && word.has(Flags::SURNAME);
    (known && !is_eponym(view, next)).then(|| (at..=run(view, next), 78, "name.initials"))
}

/// First name and surname side by side.
fn pair(view: &View<'_>, at: usize, word: &Word) -> Option<Hit> {
    let last = run(view, at);
    let surname = view.get(last).filter(|surname| last > at && surname.len() > 1)?;
    if is_eponym(view, last) || view.is_any(last + 1, "disease syndrome") {
        return None;
    }
    let upper = word.kind == Kind::Upper;
    let first = word.has(Flags::FIRST);
    let first_plain =
        first && !word.has(Flags::WORD) && (!word.has(Flags::EPONYM) || word.has(Flags::FIRST_TOP));
    let first_top = word.has(Flags::FIRST_TOP);
    let last_known = surname.has(Flags::SURNAME);
    let last_plain = last_known && !surname.has(Flags::WORD);
    let strange = is_strange(surname) && surname.kind != Kind::Upper;
    let place = word.has(Flags::STATE.with(Flags::NATION))
        || word.has(Flags::CITY) && !first
        || view.has(last, Flags::FACILITY);
    let sure = first_plain && (last_known || strange)
        || first_top && (last_plain || strange || last_known && surname.has(Flags::SURNAME_TOP))
        || first && !word.has(Flags::EPONYM) && last_plain && !starts_sentence(view, at)
        || !upper && is_strange(word) && last_plain && !surname.has(Flags::EPONYM.with(Flags::CITY));
    if place || !sure {
        return None;
    }
    Some((context::hyphenated_start(view, at)..=last, if first { 79 } else { 68 }, "name.pair"))
}

/// A first name alone, where it can hardly be anything else.
fn single(view: &View<'_>, at: usize, word: &Word) -> Option<Hit> {
    let other = Flags::WORD
        .with(Flags::EPONYM)
        .with(Flags::CITY)
        .with(Flags::STATE)
        .with(Flags::NATION)
        .with(Flags::MONTH)
        .with(Flags::DISEASE)
        .with(Flags::LABEL)
        .with(Flags::FACILITY)
        .with(Flags::CREDENTIAL)
        .with(Flags::STREET)
        .with(Flags::STREET_ABROAD)
        .with(Flags::STATE_CODE);
    if word.has(other) || word.kind == Kind::Upper || word.len() < 3 || is_eponym(view, at) {
        return None;
    }
    let said = view.has(at + 1, Flags::SPEECH) || view.mark(at + 1, b'\'');
    let top = word.has(Flags::FIRST_TOP);
    let listed = word.has(Flags::FIRST) && !starts_sentence(view, at);
    let family = word.has(Flags::SURNAME) && said && !starts_sentence(view, at);
    let glued = view.get(at + 1).is_some_and(|next| {
        next.gap == Gap::None
            && next.kind == Kind::Mark
            && !matches!(
                view.byte(next.start),
                Some(b'.' | b',' | b'?' | b'!' | b'\'' | b')' | b';' | b':' | b'"')
            )
    });
    (!glued && (top || listed || word.has(Flags::FIRST) && said || family)).then_some((
        at..=at,
        66,
        "name.first",
    ))
}

/// Parts of names that were found, again where they stand alone: `Smith` after `Ms. Jane Smith`.
///
/// `seeds` are names as they stand in the text or as the conversation knows them.
pub(crate) fn reuse<'a>(view: &View<'_>, seeds: impl Iterator<Item = &'a str>, found: &mut Vec<Candidate>) {
    let mut parts: HashSet<String> = HashSet::new();
    for seed in seeds {
        let words = seed.split(|c: char| !(c.is_alphanumeric() || c == '\''));
        parts.extend(words.filter(|part| part.len() >= 3).map(str::to_lowercase));
    }
    if parts.is_empty() {
        return;
    }
    let mut lower = String::new();
    for (at, word) in view.words.iter().enumerate() {
        if !word.is_capital() || word.len() < 3 {
            continue;
        }
        lower.clear();
        lower.extend(view.str(at).chars().flat_map(char::to_lowercase));
        let other = Flags::WORD.with(Flags::MONTH).with(Flags::NATION).with(Flags::STATE);
        let ordinary = word.has(other) && starts_sentence(view, at);
        if parts.contains(&lower) && !ordinary && !is_eponym(view, at) {
            let span = word.start..word.end;
            found.push(Candidate::new(span, IdentifierClass::Name, Rank::Shape, 76, "name.again"));
        }
    }
}

#[cfg(test)]
mod tests;
