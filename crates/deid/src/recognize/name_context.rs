//! Names that something announces (A): a title, a credential, a label, a greeting, a relation.

use std::ops::RangeInclusive;

use super::name_part::{LISTED, is_eponym, is_initial, is_strange, run};
use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View, Word};
use crate::wordset::words;

/// First and last word of a name, with how sure it is and by what.
pub(super) type Hit = (RangeInclusive<usize>, u8, &'static str);

/// Most marks or fillers between a cue and the name that it announces.
const OPENING: usize = 12;

/// The name that the title at word `at` announces.
pub(super) fn title(view: &View<'_>, at: usize) -> Option<Hit> {
    let word = view.get(at)?;
    let dotted = view.mark(at + 1, b'.');
    // a full stop after a title that is never shortened ends the sentence
    if dotted && word.len() > 4 {
        return None;
    }
    let first = if dotted { at + 2 } else { at + 1 };
    let next = view.get(first).filter(|next| next.is_capital() && next.gap == Gap::Space)?;
    let honorific = view.is_any(at, words!("mr mrs ms miss mx dr drs doctor prof mister missus"));
    // MS, MR, DO: diseases and methods as well
    let doubtful = matches!(word.kind, Kind::Upper | Kind::Lower) && !dotted || !honorific;
    let name = next.has(LISTED) && !next.has(Flags::WORD) || is_strange(next);
    if doubtful && !name || next.has(Flags::WEEKDAY.with(Flags::CREDENTIAL)) && !next.has(LISTED) {
        return None;
    }
    if view.is(at, "miss") && word.kind == Kind::Lower
        || at > 0 && view.get(at - 1).is_some_and(|w| w.kind == Kind::Number) && !honorific
    {
        return None;
    }
    if next.has(Flags::TITLE) && !next.has(LISTED) || view.is_any(first, words!("i the a no")) {
        return None;
    }
    let last = run(view, first);
    (!(is_initial(view, first) && last == first && !dotted)).then_some((first..=last, 93, "name.title"))
}

/// The name before the credential at word `at`: `Jane Smith, MD`, `J. Doe RN`.
pub(super) fn credential(view: &View<'_>, at: usize) -> Option<Hit> {
    let word = view.get(at)?;
    let written = word.kind == Kind::Upper || view.is_any(at, words!("phd pharmd psyd"));
    if written { credential_at(view, at) } else { None }
}

/// The same, for a credential in any spelling that starts at word `at`.
pub(super) fn credential_at(view: &View<'_>, at: usize) -> Option<Hit> {
    let comma = at >= 1 && view.mark(at - 1, b',');
    let end = at.checked_sub(if comma { 2 } else { 1 })?;
    let (mut first, mut parts, mut known) = (end + 1, 0, false);
    while parts < 4 && first > 0 {
        let before = first - 1;
        let Some(part) = view.get(before) else { break };
        if view.get(first).is_some_and(|after| after.gap == Gap::Line) {
            break;
        }
        let initial = is_initial(view, before);
        if view.mark(before, b'.') && before > 0 && is_initial(view, before - 1)
            || view.mark(before, b'-') && parts > 0
        {
            first = before;
            continue;
        }
        let plain = part.is_capital() && (part.has(LISTED) || is_strange(part) || initial);
        if !plain || part.has(Flags::CREDENTIAL) && part.kind == Kind::Upper {
            break;
        }
        known |= part.has(LISTED) && !part.has(Flags::WORD) || is_strange(part);
        first = before;
        parts += 1;
    }
    let doubtful = view.is_any(at, words!("pt do pa ma od ot rd mph ma ccc esq"));
    let enough = if doubtful || !comma { parts >= 2 } else { parts >= 1 };
    (known && enough && first <= end).then_some((first..=end, 90, "name.credential"))
}

/// The name behind the label at word `at`.
pub(super) fn label(view: &View<'_>, at: usize) -> Option<Hit> {
    let mut next = at + 1;
    let mut strong = view.is_any(at, words!("name surname lastname firstname"));
    for _ in 0..3 {
        let more = view.has(next, Flags::NAME_LABEL.with(Flags::ROLE))
            || view.is_any(next, words!("full of s md"))
            || view.mark(next, b'\'');
        if !more || view.get(next).is_some_and(|word| word.gap == Gap::Line) {
            break;
        }
        strong |= view.is_any(next, words!("name names"));
        next += 1;
    }
    let colon = view.mark(next, b':') || view.mark(next, b'=') || strong && view.is(next, "is");
    if !colon {
        return cue(view, at);
    }
    let mut first = next + 1;
    while first < next + OPENING && [b'"', b'\'', b'*', b'['].iter().any(|mark| view.mark(first, *mark)) {
        first += 1;
    }
    let word = view.get(first)?;
    if word.gap == Gap::Line {
        return None;
    }
    if word.has(Flags::TITLE) && !word.has(LISTED) {
        return None;
    }
    behind_colon(view, first, strong)
}

fn behind_colon(view: &View<'_>, first: usize, strong: bool) -> Option<Hit> {
    let word = view.get(first)?;
    if word.kind == Kind::Lower {
        return small(view, first).filter(|_| strong);
    }
    if !word.is_capital() {
        return None;
    }
    let mut last = run(view, first);
    let comma = view.mark(last + 1, b',')
        && view.get(last + 2).is_some_and(|given| {
            given.is_capital()
                && given.gap != Gap::Line
                && (given.has(Flags::FIRST) || is_strange(given))
                && !given.has(Flags::CREDENTIAL)
        });
    if comma {
        last = run(view, last + 2);
    }
    let named = (first..=last).any(|at| {
        view.get(at).is_some_and(|part| {
            part.has(LISTED) && !part.has(Flags::WORD) || is_strange(part) && part.is_capital()
        })
    });
    let ordinary = word.has(Flags::WORD) && !word.has(LISTED) || word.has(Flags::EPONYM) && !word.has(LISTED);
    let several = last > first && word.has(LISTED);
    let ok = !ordinary && (named || several || strong && word.has(LISTED)) && !is_eponym(view, last);
    (ok && !label_again(view, last)).then_some((first..=last, 92, "name.label"))
}

/// Whether the words are a label themselves: `Patient Name: Date of Birth:`.
fn label_again(view: &View<'_>, last: usize) -> bool {
    view.mark(last + 1, b':')
}

/// A name in small letters: `name: john smith`.
fn small(view: &View<'_>, first: usize) -> Option<Hit> {
    let plain = |at: usize| {
        view.get(at).is_some_and(|word| word.kind == Kind::Lower && word.has(LISTED) && word.gap != Gap::Line)
    };
    let word = view.get(first)?;
    if !plain(first) || word.has(Flags::WORD) && !word.has(Flags::FIRST_TOP) {
        return None;
    }
    let last = if plain(first + 1) { first + 1 } else { first };
    Some((first..=last, 80, "name.label"))
}

/// `patient John Smith`, `signed by Jane Doe`, `name is Jane`: without a colon the name must look like one.
fn cue(view: &View<'_>, at: usize) -> Option<Hit> {
    let mut first = at + 1;
    if view.mark(first, b',') || view.mark(first, b'-') {
        first += 1;
    }
    let word = view.get(first).filter(|word| word.is_capital() && word.gap == Gap::Space)?;
    let by = view
        .is_any(at, words!("by from to re cc name contact with attention user client employee parent nurse"));
    let last = run(view, first);
    let strange = is_strange(word) && word.kind != Kind::Upper && word.len() > 3;
    let several = last > first;
    let known = word.has(LISTED)
        && !word.has(Flags::WORD)
        && (!word.has(Flags::EPONYM) || several && word.has(Flags::FIRST))
        || several && word.has(Flags::FIRST) && view.has(last, Flags::SURNAME);
    let place = view.is_any(at, words!("from to contact by")) && word.has(Flags::CITY.with(Flags::STATE));
    let ok = if by {
        several && (known || strange) || known && word.has(Flags::FIRST)
    } else {
        known || strange && several
    };
    (ok && !place && !is_eponym(view, last)).then_some((first..=last, 80, "name.cue"))
}

/// `Dear Jane`, `Hi John Smith`, `Thanks,` and a line with a name.
pub(super) fn greeting(view: &View<'_>, at: usize) -> Option<Hit> {
    let mut first = at + 1;
    while first < at + OPENING && (view.mark(first, b',') || view.is_any(first, words!("there again"))) {
        first += 1;
    }
    let word = view
        .get(first)
        .filter(|word| word.is_capital() || word.kind == Kind::Lower && word.has(Flags::FIRST))?;
    if word.has(Flags::TITLE)
        || word.has(Flags::WORD) && !word.has(Flags::FIRST_TOP)
        || word.has(Flags::EPONYM) && !word.has(Flags::FIRST)
    {
        return None;
    }
    if word.gap == Gap::Line && !word.has(LISTED) && !is_strange(word)
        || word.kind == Kind::Lower && word.has(Flags::WORD)
    {
        return None;
    }
    (word.has(LISTED) || is_strange(word)).then(|| (first..=run(view, first), 85, "name.greeting"))
}

/// `his wife Maria`, `daughter, Ana,`, `nurse Kelly`.
pub(super) fn role(view: &View<'_>, at: usize) -> Option<Hit> {
    let comma = view.mark(at + 1, b',') || view.mark(at + 1, b'(');
    let first = if comma { at + 2 } else { at + 1 };
    let named = view.is_any(first, words!("named called"));
    let first = if named { first + 1 } else { first };
    let word = view
        .get(first)
        .filter(|word| word.is_capital() && word.kind != Kind::Upper && word.gap != Gap::Line)?;
    let given = word.has(Flags::FIRST)
        && (!word.has(Flags::WORD.with(Flags::EPONYM)) || named || word.has(Flags::FIRST_TOP));
    let family = word.has(Flags::SURNAME) && !word.has(Flags::WORD.with(Flags::EPONYM)) && !comma;
    let last = run(view, first);
    let strange = is_strange(word) && (named || last > first && !comma);
    (given || family || strange).then_some((first..=last, 82, "name.role"))
}

/// `my name is Jane`, `this is John Smith`, `I am Jane Doe`, `I'm John`.
pub(super) fn introduction(view: &View<'_>, at: usize) -> Option<Hit> {
    let strong = view.is(at, "is") && view.is(at.wrapping_sub(1), "name") || view.is_any(at, words!("named"));
    let weak = view.is(at, "is") && view.is_any(at.wrapping_sub(1), words!("this it"))
        || view.is(at, "am") && view.is(at.wrapping_sub(1), "i")
        || view.is(at, "m") && view.mark(at.wrapping_sub(1), b'\'');
    let first = at + 1;
    let word = view.get(first)?;
    if strong && word.kind == Kind::Lower {
        return small(view, first);
    }
    if !word.is_capital() || !(strong || weak) || word.has(Flags::TITLE) && !word.has(Flags::FIRST) {
        return None;
    }
    let last = run(view, first);
    let given = word.has(Flags::FIRST) && (!word.has(Flags::WORD) || last > first || strong);
    let ok = if strong {
        given || is_strange(word) || last > first && word.has(LISTED)
    } else {
        given || last > first && is_strange(word)
    };
    ok.then_some((first..=last, 88, "name.introduction"))
}

/// `Doe, Jane`: surname first, both known or one known and a date of birth or record number close by.
pub(super) fn last_first(view: &View<'_>, at: usize) -> Option<Hit> {
    let surname = view.get(at).filter(|word| word.len() > 1)?;
    if !view.mark(at + 1, b',') || view.get(at + 1).is_some_and(|comma| comma.gap != Gap::None) {
        return None;
    }
    let given = view
        .get(at + 2)
        .filter(|word| word.is_capital() && word.gap != Gap::Line && !word.has(Flags::CREDENTIAL))?;
    let upper = surname.kind == Kind::Upper && given.kind == Kind::Upper;
    let strict = Flags::WORD.with(Flags::EPONYM).with(Flags::CITY);
    let family = surname.has(Flags::SURNAME) || is_strange(surname);
    let named = given.has(Flags::FIRST) && !given.has(Flags::STATE);
    let top = surname.has(Flags::SURNAME_TOP) && given.has(Flags::FIRST_TOP);
    let sure = surname.has(Flags::SURNAME) && named && (top || !(surname.has(strict) && given.has(strict)));
    let starts = surname.gap != Gap::None && surname.kind == Kind::Upper
        || surname.gap == Gap::Line
        || view.get(at.wrapping_sub(1)).is_some_and(|before| before.kind == Kind::Mark);
    let dated =
        (at + 3..at + 14).any(|near| view.is_any(near, words!("dob mrn born age yo f m male female birth")));
    let plain = !given.has(Flags::WORD) && (starts || dated);
    let ok = family && named && (sure && (plain || upper) || dated && starts)
        || family && dated && starts && is_strange(given);
    ok.then(|| (hyphenated_start(view, at)..=run(view, at + 2), 84, "name.last-first"))
}

/// The first of the words before `at` that a name could start with.
pub(super) fn hyphenated_start(view: &View<'_>, at: usize) -> usize {
    let joined = at >= 2
        && view.mark(at - 1, b'-')
        && view.get(at - 1).is_some_and(|dash| dash.gap == Gap::None)
        && view.get(at).is_some_and(|word| word.gap == Gap::None)
        && view.get(at - 2).is_some_and(Word::is_capital);
    if joined { at - 2 } else { at }
}
