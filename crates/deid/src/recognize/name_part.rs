//! What a name is made of: first name, initials, particles, surname, suffix.

use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View, Word};
use crate::wordset::{WordSet, words};

/// Names that the lexicon knows.
pub(super) const LISTED: Flags = Flags::FIRST.with(Flags::SURNAME);
/// Capital words that are not names even where a name is expected.
const NEVER: Flags = Flags::CREDENTIAL.with(Flags::WEEKDAY);
/// Most parts of one name.
const PARTS: usize = 5;
/// Longest name, in bytes.
const LONGEST: usize = 80;
/// Words that are names in the lexicon, and after a name almost never are.
const VERBS: &WordSet = words!(
    "will may see can do so an in on my he she her his her you hi say was has had the is at page see \
     to no did does plan be an"
);

/// Whether word `at` is an initial: one capital letter.
pub(super) fn is_initial(view: &View<'_>, at: usize) -> bool {
    view.get(at).is_some_and(|word| word.kind == Kind::Upper && word.len() == 1)
}

/// Whether word `at` is no ordinary word, eponym, month or cue: it could be a name that no list knows.
pub(super) fn is_strange(word: &Word) -> bool {
    let ordinary = Flags::WORD
        .with(Flags::EPONYM)
        .with(Flags::MONTH)
        .with(Flags::WEEKDAY)
        .with(Flags::NATION)
        .with(Flags::STATE)
        .with(Flags::TITLE)
        .with(Flags::CREDENTIAL)
        .with(Flags::FACILITY)
        .with(Flags::LABEL)
        .with(Flags::NAME_LABEL)
        .with(Flags::ROLE)
        .with(Flags::DISEASE)
        .with(Flags::STREET)
        .with(Flags::STREET_ABROAD)
        .with(Flags::PLACE_CUE)
        .with(Flags::SPEECH)
        .with(Flags::AGE);
    !word.has(ordinary) && word.len() > 2
}

/// Whether word `at` may follow within a name that has begun.
fn follows(view: &View<'_>, at: usize, upper: bool) -> bool {
    let Some(word) = view.get(at).filter(|word| word.is_capital() && word.gap != Gap::Line) else {
        return false;
    };
    let verb = view.get(at + 1).is_some_and(|next| next.kind == Kind::Lower && next.gap == Gap::Space);
    if word.has(NEVER) || verb && view.is_any(at, VERBS) || word.has(Flags::MONTH) && dated(view, at) {
        return false;
    }
    if word.kind == Kind::Upper && word.len() == 1 {
        return view.get(at + 1).is_none_or(|next| match next.kind {
            Kind::Mark => !view.mark(at + 1, b'\''),
            Kind::Lower => false,
            _ => next.gap == Gap::Line || next.is_capital() && next.gap == Gap::Space,
        });
    }
    let listed = word.has(LISTED);
    let after_initial = view.mark(at.wrapping_sub(1), b'.')
        && is_initial(view, at.wrapping_sub(2))
        && word.kind == Kind::Capital;
    let short =
        word.kind == Kind::Capital && word.len() == 2 && !word.has(Flags::STATE_CODE.with(Flags::WORD));
    let name = listed
        || short
        || after_initial
        || !word.has(Flags::WORD) && is_strange(word) && !word.has(Flags::CITY);
    let label = word.has(Flags::LABEL.with(Flags::NAME_LABEL).with(Flags::FACILITY))
        && (view.mark(at + 1, b':') || !listed);
    let case = word.kind != Kind::Upper || upper;
    name && !label && case
}

fn dated(view: &View<'_>, at: usize) -> bool {
    let next = if view.mark(at + 1, b'.') { at + 2 } else { at + 1 };
    view.get(next).is_some_and(|word| matches!(word.kind, Kind::Number | Kind::Code))
}

/// The last word of the name whose first part is word `first`.
pub(super) fn run(view: &View<'_>, first: usize) -> usize {
    let Some(start) = view.get(first) else { return first };
    let upper = start.kind == Kind::Upper && (start.len() > 1 || later_upper(view, first));
    let (mut last, mut next, mut parts) = (first, first + 1, 1);
    while parts < PARTS && view.get(next).is_some_and(|word| word.end - start.start <= LONGEST) {
        let tight = |at: usize| view.get(at).is_some_and(|word| word.gap == Gap::None);
        if view.mark(next, b'.')
            && tight(next)
            && (is_initial(view, next - 1) || view.is_any(next - 1, words!("st jr sr wm chas")))
        {
            if is_initial(view, next - 1) || follows(view, next + 1, upper) {
                last = if follows(view, next + 1, upper) { last } else { last.max(next) };
            }
            next += 1;
        } else if (view.mark(next, b'-') || view.mark(next, b'\'')) && tight(next) && tight(next + 1) {
            let joined = view
                .get(next + 1)
                .is_some_and(|word| word.is_capital() || word.kind == Kind::Lower && word.len() > 1);
            if !joined || view.mark(next, b'\'') && !view.get(next + 1).is_some_and(Word::is_capital) {
                break;
            }
            last = next + 1;
            next += 2;
        } else if view.has(next, Flags::SUFFIX) && view.get(next).is_some_and(Word::is_capital) {
            last = next;
            break;
        } else if view.mark(next, b',')
            && view.has(next + 1, Flags::SUFFIX)
            && view.get(next + 1).is_some_and(Word::is_capital)
        {
            last = next + 1;
            break;
        } else if follows(view, next, upper) {
            last = next;
            next += 1;
            parts += 1;
        } else if let Some(after) = particles(view, next, upper) {
            last = after;
            next = after + 1;
            parts += 1;
        } else {
            break;
        }
    }
    last
}

/// Whether the words after an initial are all capitals: `J SMITH`.
fn later_upper(view: &View<'_>, at: usize) -> bool {
    let next = if view.mark(at + 1, b'.') { at + 2 } else { at + 1 };
    view.get(next).is_some_and(|word| word.kind == Kind::Upper && word.len() > 1)
}

/// `van der Berg`: the capital word behind small particles that start at word `at`.
fn particles(view: &View<'_>, at: usize, upper: bool) -> Option<usize> {
    let mut next = at;
    while next < at + 3
        && view.get(next).is_some_and(|word| word.kind == Kind::Lower && word.has(Flags::PARTICLE))
    {
        next += 1;
    }
    (next > at && follows(view, next, upper)).then_some(next)
}

/// Whether the name from `first` to `last` is followed by a word that makes an eponym of it.
pub(crate) fn is_eponym(view: &View<'_>, last: usize) -> bool {
    let mut next = last + 1;
    while next < last + 8 && (view.mark(next, b'\'') || view.is(next, "s") || view.mark(next, b'-')) {
        next += 1;
    }
    view.has(next, Flags::DISEASE) || view.is_any(next, words!("negative positive"))
}

/// Whether word `at` starts a sentence or line, so that its capital says nothing.
pub(super) fn starts_sentence(view: &View<'_>, at: usize) -> bool {
    let Some(word) = view.get(at) else { return true };
    word.gap == Gap::Line
        || at == 0
        || [b'.', b':', b'!', b'?', b'"', b'-', b'*', b'(', b';'].iter().any(|mark| view.mark(at - 1, *mark))
}
