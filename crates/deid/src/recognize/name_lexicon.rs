//! Names (A) that the lists know, without anything that announces them.

use super::name_context::{Hit, hyphenated_start, last_first};
use super::name_part::{LISTED, is_eponym, is_initial, is_strange, run, starts_sentence};
use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View, Word};
use crate::wordset::{WordSet, words};

/// What a name without context must not be besides.
const OTHER: Flags = Flags::EPONYM
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
/// First names that start a sentence as other words more often than not.
const DOUBTFUL: &WordSet = words!(
    "will may mark bill art crystal ray amber dale dean rich van joy sandy rod robin earl buddy miles drew \
    chase price angel pearl jade iris don an ok"
);
/// Words before a name inside a sentence.
const BEFORE: &WordSet = words!(
    "with by to for and from named asked told called tell ask see saw met meet as like schedule remind contact"
);

/// Most initials of one name.
const INITIALS: usize = 5;
/// What only people do.
const HUMAN: &WordSet = words!(
    "said says asked asks told reports reported denies denied states stated complains complained lives \
    lived presented presents wants wanted feels felt agrees agreed understands verbalized verbalizes endorses"
);

/// The name that starts at word `at`.
pub(super) fn find(view: &View<'_>, at: usize, word: &Word) -> Option<Hit> {
    if word.kind == Kind::Lower {
        return small(view, at, word);
    }
    if !word.is_capital() {
        return None;
    }
    if is_initial(view, at) {
        return initials(view, at);
    }
    if word.len() < 3 && !word.has(LISTED) {
        return None;
    }
    last_first(view, at)
        .or_else(|| pair(view, at, word))
        .or_else(|| single(view, at, word))
        .or_else(|| ambiguous(view, at, word))
}

/// `john smith`: both small, both listed, neither an ordinary word, except the most frequent.
fn small(view: &View<'_>, at: usize, word: &Word) -> Option<Hit> {
    if !word.has(Flags::FIRST) || word.has(Flags::WORD) && !word.has(Flags::FIRST_TOP) || word.len() < 3 {
        return None;
    }
    let next = view
        .get(at + 1)
        .filter(|next| next.kind == Kind::Lower && next.gap == Gap::Space && next.len() > 2)?;
    let top = word.has(Flags::FIRST_TOP)
        && next.has(Flags::SURNAME_TOP)
        && !next.has(Flags::PLACE_CUE.with(Flags::SPEECH));
    let plain =
        !word.has(Flags::WORD) && next.has(Flags::SURNAME) && !next.has(Flags::WORD.with(Flags::DISEASE));
    let other =
        word.has(OTHER) || is_eponym(view, at) || is_eponym(view, at + 1) || view.is_any(at, DOUBTFUL);
    (!other && (plain || top && !next.has(Flags::LABEL))).then_some((at..=at + 1, 70, "name.small"))
}

/// `J. Smith`, `J.R. Smith`.
fn initials(view: &View<'_>, at: usize) -> Option<Hit> {
    if !view.mark(at + 1, b'.') {
        return None;
    }
    let mut next = at + 2;
    while next < at + 2 * INITIALS && is_initial(view, next) && view.mark(next + 1, b'.') {
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
    if is_eponym(view, last)
        || view.has(at, Flags::STATE.with(Flags::NATION))
        || view.has(last, Flags::FACILITY)
    {
        return None;
    }
    let upper = word.kind == Kind::Upper;
    let first = word.has(Flags::FIRST);
    let top = word.has(Flags::FIRST_TOP);
    let first_plain = first && !word.has(Flags::WORD) && (!word.has(Flags::EPONYM) || top);
    let known = surname.has(Flags::SURNAME);
    let plain = known && !surname.has(Flags::WORD);
    let strange = is_strange(surname) && surname.kind != Kind::Upper;
    let said = view.has(last + 1, Flags::SPEECH);
    let sure = first_plain && (known || strange)
        || top && (plain || strange || known && surname.has(Flags::SURNAME_TOP))
        || first
            && !word.has(Flags::EPONYM)
            && plain
            && (!starts_sentence(view, at) || word.len() > 3 && !surname.has(Flags::EPONYM))
        || first && known && said && !word.has(Flags::EPONYM)
        || !upper && is_strange(word) && plain && !surname.has(Flags::EPONYM.with(Flags::CITY))
        || !upper
            && is_strange(word)
            && strange
            && surname.len() > 3
            && (said || !starts_sentence(view, at) || initial_between(view, at, last));
    let place = word.has(Flags::CITY) && !first;
    (sure && !place).then(|| (hyphenated_start(view, at)..=last, if first { 79 } else { 68 }, "name.pair"))
}

/// `Ubul K. Csonka`: an initial stands between.
fn initial_between(view: &View<'_>, first: usize, last: usize) -> bool {
    (first + 1..last).any(|at| is_initial(view, at))
}

/// A name alone, where it can hardly be anything else.
fn single(view: &View<'_>, at: usize, word: &Word) -> Option<Hit> {
    if word.has(OTHER.with(Flags::WORD)) || word.kind == Kind::Upper || word.len() < 3 || is_eponym(view, at)
    {
        return None;
    }
    let said = view.has(at + 1, Flags::SPEECH) || possessive(view, at);
    let starts = starts_sentence(view, at);
    let inner = !starts && followed(view, at);
    let first =
        word.has(Flags::FIRST) && (word.has(Flags::FIRST_TOP) || !starts || said || goes_on(view, at));
    let family = word.has(Flags::SURNAME) && (said || inner);
    let household = word.has(Flags::SURNAME) && view.is_any(at + 1, words!("family household"));
    let person = is_strange(word)
        && word.len() > 3
        && (view.is_any(at + 1, HUMAN) || view.is_any(at.wrapping_sub(1), words!("says said asked told")));
    (followed(view, at) && (first || family || person) || household).then_some((at..=at, 66, "name.single"))
}

/// A name that is an ordinary word as well, where the sentence treats it as a person.
fn ambiguous(view: &View<'_>, at: usize, word: &Word) -> Option<Hit> {
    if !word.has(Flags::FIRST_TOP) || word.kind != Kind::Capital || !followed(view, at) || is_eponym(view, at)
    {
        return None;
    }
    if word.has(OTHER) || view.is_any(at, DOUBTFUL) {
        return None;
    }
    let said = view.has(at + 1, Flags::SPEECH) && !view.is_any(at + 1, words!("and"));
    let called = !starts_sentence(view, at) && view.is_any(at.wrapping_sub(1), BEFORE);
    (said || called).then_some((at..=at, 62, "name.ambiguous"))
}

/// Whether a verb or comma in small letters goes on after word `at`, as after the subject of a sentence.
fn goes_on(view: &View<'_>, at: usize) -> bool {
    view.mark(at + 1, b',')
        || view.get(at + 1).is_some_and(|next| next.kind == Kind::Lower && next.gap == Gap::Space)
}

fn possessive(view: &View<'_>, at: usize) -> bool {
    view.mark(at + 1, b'\'') && view.is(at + 2, "s")
}

/// Whether what follows word `at` may follow a name: a blank, or a mark that ends or lists.
fn followed(view: &View<'_>, at: usize) -> bool {
    view.get(at + 1).is_none_or(|next| {
        next.gap != Gap::None
            || next.kind == Kind::Mark
                && matches!(
                    view.byte(next.start),
                    Some(b'.' | b',' | b'?' | b'!' | b'\'' | b')' | b';' | b':' | b'"' | b']' | b'*')
                )
    })
}
