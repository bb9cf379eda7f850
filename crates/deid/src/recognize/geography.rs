//! Places smaller than a State (B): ZIP codes, city and State, known cities, facilities, coordinates.

use std::sync::LazyLock;

use regex::Regex;
use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::lexicon::{Flags, lexicon};
use crate::view::{Gap, Kind, View, Word};
use crate::wordset::words;

static COORDINATES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^-?[0-9]{1,2}\.[0-9]{3,8}\x{b0}?\s?[NS]?,\s?-?[0-9]{1,3}\.[0-9]{3,8}\x{b0}?(?:\s?[EW]\b)?")
        .ok()
});

/// Two-letter States that are words or clinical abbreviations as well: they count only with a comma or ZIP code.
const LONG_STATES: &[(&str, &str)] = &[
    ("new", "hampshire"),
    ("new", "jersey"),
    ("new", "mexico"),
    ("new", "york"),
    ("north", "carolina"),
    ("north", "dakota"),
    ("south", "carolina"),
    ("south", "dakota"),
    ("rhode", "island"),
    ("west", "virginia"),
];

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for (at, word) in view.at(&view.numbers) {
        if word.len() == 5 {
            zip_plus_four(view, at, found);
        }
        if word.len() <= 2 && view.mark(at + 1, b'.') {
            coordinates(view, at, found);
        }
    }
    for (at, word) in view.at(&view.capitals) {
        if view.mark(at + 1, b',') || word.gap != Gap::None {
            city_and_state(view, at, found);
        }
        if word.has(Flags::CITY) {
            known_city(view, at, found);
        }
        if word.has(Flags::PLACE_CUE) || at > 0 {
            cued(view, at, found);
        }
    }
}

/// The last word of a State that starts at word `at`, after an optional comma.
pub(super) fn state_after(view: &View<'_>, at: usize) -> Option<usize> {
    let at = if view.mark(at, b',') { at + 1 } else { at };
    let word = view.get(at)?;
    if word.kind == Kind::Upper && word.len() == 2 && word.has(Flags::STATE_CODE) {
        return Some(at);
    }
    if !word.is_capital() || !word.has(Flags::STATE) {
        return None;
    }
    let pair = LONG_STATES.iter().any(|(first, second)| view.is(at, first) && view.is(at + 1, second));
    let half = view.is_any(at, words!("new north south west rhode"));
    match (pair, half) {
        (true, _) => Some(at + 1),
        (false, true) => None,
        (false, false) => Some(at),
    }
}

/// The last word of a ZIP code that starts at word `at`.
pub(super) fn zip_after(view: &View<'_>, at: usize) -> Option<usize> {
    let at = if view.mark(at, b',') { at + 1 } else { at };
    let word = view.get(at)?;
    if word.kind != Kind::Number || word.len() != 5 || word.gap == Gap::None {
        return None;
    }
    let plus = view.mark(at + 1, b'-')
        && view
            .get(at + 2)
            .is_some_and(|four| four.kind == Kind::Number && four.len() == 4 && four.gap == Gap::None);
    Some(if plus { at + 2 } else { at })
}

pub(super) fn push(
    view: &View<'_>,
    first: usize,
    last: usize,
    percent: u8,
    name: &'static str,
    found: &mut Vec<Candidate>,
) {
    let rank = if percent >= 75 { Rank::Cue } else { Rank::Shape };
    found.push(Candidate::new(view.span(first, last), IdentifierClass::Location, rank, percent, name));
}

fn zip_plus_four(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let tight = |at: usize| view.get(at).is_some_and(|word| word.gap == Gap::None);
    if view.mark(at + 1, b'-')
        && tight(at + 1)
        && tight(at + 2)
        && zip_after(view, at) == Some(at + 2)
        && !view.mark(at + 3, b'-')
    {
        push(view, at, at + 2, 80, "zip.plus-four", found);
    }
}

fn coordinates(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(word) = view.get(at) else { return };
    let start =
        if word.start > 0 && view.byte(word.start - 1) == Some(b'-') { word.start - 1 } else { word.start };
    let rest = view.ahead(start);
    if let Some(hit) = COORDINATES.as_ref().and_then(|form| form.find(rest)) {
        let span = start..start + hit.end();
        found.push(Candidate::new(span, IdentifierClass::Location, Rank::Cue, 85, "geo.coordinates"));
    }
}

/// Whether word `at` may be a part of a place's name.
fn placelike(word: &Word) -> bool {
    word.is_capital()
        && word.len() > 1
        && !word.has(Flags::TITLE.with(Flags::CREDENTIAL).with(Flags::MONTH).with(Flags::WEEKDAY))
}

/// `Springfield, IL 62701`, `Fort Worth, Texas`, `Boston MA 02115`; `at` is the last word of the city.
fn city_and_state(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(word) =
        view.get(at).filter(|word| placelike(word) && (word.kind != Kind::Upper || word.len() > 3))
    else {
        return;
    };
    let comma = view.mark(at + 1, b',');
    let Some(state) = state_after(view, at + 1) else { return };
    let abbreviated = view.get(state).is_some_and(|state| state.kind == Kind::Upper);
    let zip = zip_after(view, state + 1);
    // "Smith, MD", "Jones, PA", "Lee, DO": a credential
    let credential = abbreviated && view.is_any(state, words!("md pa do ma la or in me hi ok id mt"));
    let city = word.has(Flags::CITY);
    let sure =
        zip.is_some() || city || comma && !credential && (word.has(Flags::SURNAME) || !word.has(Flags::WORD));
    let named = comma && credential && view.has(at.wrapping_sub(1), Flags::PLACE_CUE);
    let same_line = view.get(state).is_some_and(|state| state.gap != Gap::Line || zip.is_some());
    if !(sure || named) || !(comma || zip.is_some() || city) || !same_line {
        return;
    }
    let mut first = at;
    while first > 0 && at - first < 3 {
        let before = view.get(first - 1).filter(|before| placelike(before) || view.is(first - 1, "st"));
        let joined = view.get(first).is_some_and(|word| word.gap == Gap::Space);
        let dotted = view.mark(first - 1, b'.') && first >= 2 && view.is_any(first - 2, words!("st ft mt"));
        if dotted && joined {
            first -= 2;
        } else if before.is_some_and(|before| !before.has(Flags::STREET) && !before.has(Flags::PLACE_CUE))
            && joined
        {
            first -= 1;
        } else {
            break;
        }
    }
    push(view, first, zip.unwrap_or(state), 90, "geo.city-state", found);
}

/// The last word of the longest known city that starts at word `at`.
fn city_at(view: &View<'_>, at: usize) -> Option<usize> {
    let mut phrase = String::new();
    let mut best = None;
    let mut next = at;
    for _ in 0..4 {
        let Some(word) = view.get(next) else { break };
        if view.mark(next, b'.') || view.mark(next, b'-') {
            next += 1;
            continue;
        }
        let inner = next > at && word.has(Flags::PARTICLE);
        if !(word.is_capital() || inner) || next > at && word.gap == Gap::Line {
            break;
        }
        if !phrase.is_empty() {
            phrase.push(' ');
        }
        phrase.push_str(&view.str(next).to_ascii_lowercase());
        if lexicon().is_city(&phrase) {
            best = Some(next);
        }
        next += 1;
    }
    best
}

/// A known city: by itself where its name is nothing else, otherwise after a word of place.
fn known_city(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(last) = city_at(view, at) else { return };
    let Some(word) = view.get(at) else { return };
    if view.has(last + 1, Flags::DISEASE) || view.mark(last + 1, b'\'') || view.mark(last + 1, b'-') {
        return;
    }
    let cue = at.checked_sub(1).is_some_and(|before| {
        view.is_any(
            before,
            words!(
                "in from near to at lives outside visiting of around via through leaving reside \
                 toward"
            ),
        )
    });
    let several = last > at;
    let doubtful =
        word.has(Flags::WORD.with(Flags::FIRST).with(Flags::SURNAME).with(Flags::EPONYM).with(Flags::STATE));
    let country = view.has(at, Flags::NATION) && !several;
    let after_name = view
        .get(at.wrapping_sub(1))
        .is_some_and(|before| before.is_capital() && !before.has(Flags::WORD) && word.gap == Gap::Space);
    let place = match (several, doubtful, cue) {
        (true, _, _) => true,
        (_, false, _) => !after_name,
        (_, true, true) => !word.has(Flags::WORD.with(Flags::EPONYM)) && !view.has(last + 1, Flags::SURNAME),
        _ => false,
    };
    if place && !country {
        let end = state_after(view, last + 1).unwrap_or(last);
        push(view, at, end, if cue { 80 } else { 70 }, "geo.city", found);
    }
}

/// A capital word that no list knows, after a word that only a place follows: `lives in Lakewood`.
fn cued(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(word) = view.get(at).filter(|word| placelike(word) && word.kind == Kind::Capital) else {
        return;
    };
    let before = at.wrapping_sub(1);
    let place = view.is_any(before, words!("in from near to at outside of"))
        && view.is_any(
            before.wrapping_sub(1),
            words!(
                "lives living live resides residing born moved lived travel traveled travelled native \
                 relocated raised grew drove flew city town suburb county area"
            ),
        );
    let known = word
        .has(Flags::WORD.with(Flags::NATION).with(Flags::EPONYM).with(Flags::STATE).with(Flags::FACILITY));
    if place && !known && word.gap == Gap::Space {
        let mut last = at;
        while last < at + 2
            && view.get(last + 1).is_some_and(|next| {
                next.kind == Kind::Capital && next.gap == Gap::Space && !next.has(Flags::WORD)
            })
        {
            last += 1;
        }
        push(view, at, last, 72, "geo.cued", found);
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        texts(text, recognize).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn places_are_found() {
        assert!(found("in Springfield, IL 62701").contains(&"Springfield, IL 62701"));
        assert!(found("from Fort Worth, Texas").contains(&"Fort Worth, Texas"));
        assert!(found("she lives in Tullyville now").contains(&"Tullyville"));
        assert!(found("flew from Chicago yesterday").contains(&"Chicago"));
        assert!(found("62701-1234").contains(&"62701-1234"));
        assert!(found("42.3601, -71.0589").contains(&"42.3601, -71.0589"));
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "Jane Smith, MD",
            "The Hospital",
            "the Emergency Department",
            "in Texas",
            "lives in California",
            "Kennedy disease",
            "Reading glasses",
            "Mobile phone",
            "from Germany",
            "Medical Center",
            "Home Health Care",
            "CPT 99213",
        ] {
            assert_eq!(found(text), [] as [&str; 0], "{text}");
        }
    }
}
