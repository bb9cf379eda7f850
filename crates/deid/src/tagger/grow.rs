//! What is found word by word grows to the borders of what it is a part of: a date to all of its numbers, a name to its
//! initials and particles, a street to its number and town, a code to its last sign.

use std::ops::Range;

use terms::IdentifierClass;

use crate::lexicon::Flags;
use crate::recognize::Candidate;
use crate::view::{Gap, Kind, View, Word};
use crate::wordset::{WordSet, words};

/// How many words a finding grows by to either side at most.
const MOST: usize = 12;
/// How many words may stand between two parts of one address.
const BETWEEN: usize = 7;

const SUFFIXES: &WordSet = words!("jr sr ii iii iv");
const HOLIDAY: &WordSet = words!("day eve");
const TIME: &WordSet = words!("am pm a p hrs hr hours h");
const SAINT: &WordSet = words!("st saint sts san santa mt mount ft fort");
const WAYS: &WordSet = words!("n s e w ne nw se sw north south east west");
const UNITS: &WordSet =
    words!("apt apartment unit suite ste floor fl bldg building room rm lot trlr box po no flat");
const INSIDE: &WordSet =
    words!("of the for at la le de del da do di aan den van der los las heart eye womens");
/// What the name of a place or facility ends with, beside what the lexicon has.
const KINDS: &WordSet = words!(
    "county parish township borough village city island hills heights springs falls beach lake valley regional \
     general memorial community medical family pediatric pediatrics childrens university health healthcare medicine \
     rehab rehabilitation nursing church lutheran baptist catholic methodist district campus"
);

/// Lets each of `found` grow, and fills what stands between two parts of one address.
pub(super) fn all(view: &View<'_>, found: &mut [Candidate]) {
    for candidate in found.iter_mut() {
        let first = view.word_at(candidate.span.start);
        let last = view.word_at(candidate.span.end).saturating_sub(1);
        let whole = view.get(first).is_some_and(|word| word.start == candidate.span.start) && first <= last;
        if !whole {
            continue;
        }
        let grown = match candidate.class {
            IdentifierClass::Name => name(view, first..last),
            IdentifierClass::Date => date(view, first..last),
            IdentifierClass::Location => place(view, first..last),
            IdentifierClass::Email | IdentifierClass::Url | IdentifierClass::AgeOver89 => continue,
            _ => token(view, first..last),
        };
        let span = view.span(grown.start, grown.end);
        candidate.span = span.start.min(candidate.span.start)..span.end.max(candidate.span.end);
    }
    fill(view, found);
}

/// Whether nothing stands between word `at` and the one before.
fn touches(view: &View<'_>, at: usize) -> bool {
    view.get(at).is_some_and(|word| word.gap == Gap::None)
}

/// Whether word `at` stands on the line of the one before.
fn on_line(view: &View<'_>, at: usize) -> bool {
    view.get(at).is_some_and(|word| word.gap != Gap::Line)
}

fn is_mark(view: &View<'_>, at: usize, marks: &[u8]) -> bool {
    view.get(at).is_some_and(|word| {
        word.kind == Kind::Mark && view.byte(word.start).is_some_and(|byte| marks.contains(&byte))
    })
}

fn is_number(view: &View<'_>, at: usize) -> bool {
    view.get(at).is_some_and(|word| matches!(word.kind, Kind::Number | Kind::Code))
}

/// To both sides over words that touch each other and are `part`s, or a mark of `marks` between two of them.
fn over(view: &View<'_>, words: Range<usize>, marks: &[u8], part: impl Fn(usize) -> bool) -> Range<usize> {
    let Range { mut start, mut end } = words;
    for _ in 0..MOST {
        if start > 0 && touches(view, start) && part(start - 1) {
            start -= 1;
        } else if start > 1
            && touches(view, start)
            && is_mark(view, start - 1, marks)
            && touches(view, start - 1)
            && part(start - 2)
        {
            start -= 2;
        } else {
            break;
        }
    }
    for _ in 0..MOST {
        if touches(view, end + 1) && part(end + 1) {
            end += 1;
        } else if touches(view, end + 1)
            && is_mark(view, end + 1, marks)
            && touches(view, end + 2)
            && part(end + 2)
        {
            end += 2;
        } else {
            break;
        }
    }
    start..end
}

/// A code: all that touches it.
fn token(view: &View<'_>, words: Range<usize>) -> Range<usize> {
    let part = |at| {
        view.get(at)
            .is_some_and(|word| word.kind != Kind::Mark && (word.kind != Kind::Lower || word.len() < 3))
    };
    over(view, words, b"-/._:#", part)
}

fn date(view: &View<'_>, words: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = over(view, words, b"/-.'", |at| is_number(view, at));
    if view.has(end, Flags::MONTH) {
        // Oct. 1, 2024
        let day = end + 1 + usize::from(view.mark(end + 1, b'.'));
        end = if on_line(view, day) && is_day(view, day) { day } else { end };
    }
    if view.has(start, Flags::MONTH) && start > 0 && on_line(view, start) && is_day(view, start - 1) {
        start -= 1;
    }
    let weekday = start.saturating_sub(1 + usize::from(start > 0 && view.mark(start - 1, b',')));
    if start > 0 && on_line(view, start) && view.has(weekday, Flags::WEEKDAY) {
        start = weekday;
    }
    if is_mark(view, end + 1, b"'")
        && touches(view, end + 1)
        && view.is(end + 2, "s")
        && touches(view, end + 2)
    {
        // New Year's Eve
        end += 2 + usize::from(on_line(view, end + 3) && view.is_any(end + 3, HOLIDAY));
    }
    start..time(view, end)
}

fn is_day(view: &View<'_>, at: usize) -> bool {
    let word = view.get(at).filter(|word| matches!(word.kind, Kind::Number | Kind::Code) && word.len() <= 4);
    let digits = word.map(|_| view.str(at).trim_end_matches(|c: char| c.is_ascii_alphabetic()));
    digits.and_then(|digits| digits.parse::<u32>().ok()).is_some_and(|day| (1..=31).contains(&day))
}

/// The last word of the time of day behind word `end`, or `end`.
fn time(view: &View<'_>, end: usize) -> usize {
    let clock = end > 0 && (view.mark(end - 1, b':') || view.get(end).is_some_and(|word| word.len() == 4));
    if clock && view.get(end).is_some_and(|word| word.kind == Kind::Number) && unit(view, end) > end {
        return unit(view, end);
    }
    let mut at = end + 1;
    if view.mark(at, b',') || view.is(at, "at") {
        at += 1;
    }
    if !on_line(view, at) || view.get(at).is_none_or(|word| word.kind != Kind::Number || word.len() > 4) {
        return end;
    }
    let mut last = at;
    while view.mark(last + 1, b':')
        && touches(view, last + 1)
        && touches(view, last + 2)
        && is_number(view, last + 2)
    {
        last += 2;
    }
    let whole = unit(view, last);
    if last == at && whole == last { end } else { whole }
}

/// The last word of `a.m.` or `hrs` behind the number at `at`, or `at`.
fn unit(view: &View<'_>, at: usize) -> usize {
    if !on_line(view, at + 1) || !view.is_any(at + 1, TIME) {
        return at;
    }
    let dotted = view.mark(at + 2, b'.') && touches(view, at + 2) && view.is(at + 3, "m");
    at + if dotted { 3 } else { 1 }
}

fn name(view: &View<'_>, words: Range<usize>) -> Range<usize> {
    let letters =
        |at| view.get(at).is_some_and(|word| !matches!(word.kind, Kind::Mark | Kind::Number | Kind::Code));
    let Range { mut start, mut end } = over(view, words, b"-", letters);
    for _ in 0..4 {
        if start == 0 || !on_line(view, start) {
            break;
        }
        if view.has(start - 1, Flags::PARTICLE) && !view.has(start - 1, Flags::TITLE) {
            start -= 1;
        } else if start > 1 && view.mark(start - 1, b',') && is_family_name(view, start - 2) {
            start -= 2;
        } else if is_listed(view, start - 1, start) || is_initial(view, start - 1, start) {
            start -= 1;
        } else if start > 1
            && view.mark(start - 1, b'.')
            && touches(view, start - 1)
            && is_initial(view, start - 2, start)
        {
            start -= 2;
        } else {
            break;
        }
    }
    for _ in 0..3 {
        let next = end + 1;
        if !on_line(view, next) {
            break;
        }
        let dot = view.mark(next + 1, b'.') && touches(view, next + 1);
        let dotted = view.mark(next, b'.') && touches(view, next) && touches(view, next + 1);
        if view.is_any(next, SUFFIXES)
            || is_listed(view, next, end)
            || is_initial(view, next, end) && (dot || ends(view, next + 1))
        {
            end = next;
        } else if dotted && is_initial(view, end, next) && is_initial(view, next + 1, end) {
            // D.E.Y.
            end = next + 1;
        } else {
            break;
        }
    }
    start..end
}

/// Whether word `at` is one letter, written as the word `beside` is: an initial. `I` and `A` stand for themselves unless
/// a dot follows.
fn is_initial(view: &View<'_>, at: usize, beside: usize) -> bool {
    let Some(word) = view.get(at).filter(|word| word.len() == 1) else { return false };
    let small = view.get(beside).is_some_and(|own| own.kind == Kind::Lower);
    let case = word.kind == Kind::Upper || word.kind == Kind::Lower && small;
    let itself = view.is(at, "i") || view.is(at, "a");
    case && (!itself || view.mark(at + 1, b'.'))
}

/// Whether word `at` is a capital word of a list of names, and no other, beside a name.
fn is_listed(view: &View<'_>, at: usize, beside: usize) -> bool {
    const OTHER: Flags = Flags::TITLE
        .with(Flags::CREDENTIAL)
        .with(Flags::ROLE)
        .with(Flags::NAME_LABEL)
        .with(Flags::LABEL)
        .with(Flags::FACILITY)
        .with(Flags::WORD)
        .with(Flags::MEDICAL)
        .with(Flags::EPONYM)
        .with(Flags::MONTH)
        .with(Flags::WEEKDAY);
    let kind = |at| view.get(at).map(|word| word.kind);
    view.get(at).is_some_and(|word| {
        word.is_capital() && word.len() > 1 && word.has(Flags::FIRST.with(Flags::SURNAME)) && !word.has(OTHER)
    }) && kind(at) == kind(beside)
}

/// Whether word `at`, before a comma and a name, is the family's name: a capital word that begins a line or stands behind
/// a mark.
fn is_family_name(view: &View<'_>, at: usize) -> bool {
    let word = view.get(at).filter(|word| word.len() > 1 && word.is_capital());
    let begins = |word: &Word| {
        word.gap == Gap::Line || at == 0 || is_mark(view, at - 1, b":|\"([/*_#=") || view.mark(at - 1, b'\t')
    };
    word.is_some_and(|word| {
        begins(word)
            && !word.has(Flags::TITLE.with(Flags::CREDENTIAL).with(Flags::NAME_LABEL).with(Flags::WEEKDAY))
    })
}

/// Whether nothing that goes on stands at `at`: a mark, a capital word, another line or the end.
fn ends(view: &View<'_>, at: usize) -> bool {
    view.get(at).is_none_or(|word| {
        word.gap == Gap::Line
            || matches!(word.kind, Kind::Number | Kind::Code)
            || word.kind == Kind::Mark && !view.mark(at, b'\'')
    })
}

fn place(view: &View<'_>, words: Range<usize>) -> Range<usize> {
    let letters = |at| view.get(at).is_some_and(|word| word.is_capital() || is_number(view, at));
    let Range { mut start, mut end } = over(view, words, b"-/", letters);
    for _ in 0..4 {
        if start == 0 || !on_line(view, start) {
            break;
        }
        let dot = usize::from(start > 1 && view.mark(start - 1, b'.') && touches(view, start - 1));
        let before = start - 1 - dot;
        let street = view.has(start, Flags::STREET) || (start..=end).any(|at| view.has(at, Flags::STREET));
        let joins = view.is_any(before, SAINT)
            || street && dot == 0 && (view.is_any(before, WAYS) || is_number(view, before));
        if !joins {
            break;
        }
        start = before;
    }
    for _ in 0..MOST {
        let next = end + 1;
        if !on_line(view, next) {
            break;
        }
        let possessive = is_mark(view, next, b"'") && touches(view, next) && view.is(next + 1, "s");
        let kind = Flags::STREET.with(Flags::STREET_ABROAD).with(Flags::FACILITY);
        if possessive && touches(view, next + 1) {
            end = next + 1;
        } else if view.has(next, kind)
            || view.is_any(next, KINDS)
            || view.has(end, Flags::STREET) && view.is_any(next, WAYS)
        {
            end = next;
        } else {
            break;
        }
    }
    start..end
}

/// Covers what stands between two parts of one address or name on a line.
fn fill(view: &View<'_>, found: &mut [Candidate]) {
    for class in [IdentifierClass::Location, IdentifierClass::Name] {
        let of_class = found.iter_mut().filter(|candidate| candidate.class == class);
        let mut parts: Vec<&mut Candidate> = of_class.collect();
        parts.sort_by_key(|part| part.span.start);
        let mut rest = parts.as_mut_slice();
        while let Some((one, after)) = rest.split_first_mut() {
            if let Some(next) = after.first().filter(|next| next.span.start > one.span.end) {
                let between = view.word_at(one.span.end)..view.word_at(next.span.start);
                if between.len() <= BETWEEN && is_filling(view, between, class) {
                    one.span.end = next.span.start;
                }
            }
            rest = after;
        }
    }
}

/// Whether all of `words` may stand inside of an address or name, and one of them tells something.
fn is_filling(view: &View<'_>, words: Range<usize>, class: IdentifierClass) -> bool {
    let tells = |at: usize| view.get(at).is_some_and(|word| word.kind != Kind::Mark);
    let lines = words.clone().chain([words.end]).all(|at| on_line(view, at));
    if !lines || !words.clone().any(tells) {
        return false;
    }
    if class == IdentifierClass::Name {
        // Gerain (Chip) Oberman
        let [Some(first), Some(last)] = [words.clone().next(), words.clone().last()] else { return false };
        return words.len() == 3 && is_mark(view, first, b"(\"'`") && is_mark(view, last, b")\"'`");
    }
    let kinds = Flags::STREET.with(Flags::STREET_ABROAD).with(Flags::STATE).with(Flags::STATE_CODE);
    let kinds = kinds.with(Flags::FACILITY);
    words.clone().all(|at| {
        is_number(view, at)
            || is_mark(view, at, b",.-#/'&")
            || view.has(at, kinds)
            || [WAYS, UNITS, INSIDE, KINDS].iter().any(|set| view.is_any(at, set))
            || view.get(at).is_some_and(|word| word.len() == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognize::Rank;

    /// What a finding over `part` of `text` grows to.
    fn grown<'t>(text: &'t str, part: &str, class: IdentifierClass) -> &'t str {
        let start = text.find(part).unwrap();
        let mut found = [Candidate::new(start..start + part.len(), class, Rank::Shape, 60, "tagger")];
        all(&View::of(text), &mut found);
        text.get(found[0].span.clone()).unwrap()
    }

    #[test]
    fn a_date_is_all_of_its_numbers() {
        use IdentifierClass::Date;
        for (text, part, whole) in [
            ("seen 02/27 by", "02", "02/27"),
            ("seen 02/27 by", "27", "02/27"),
            ("on 11.15.18.", "11.15", "11.15.18"),
            ("due Oct. 1 at", "Oct", "Oct. 1"),
            ("on 8-14 13:07 NPO", "8-14", "8-14 13:07"),
            ("on 5/4/99 9:02 p.m. he", "5/4/99", "5/4/99 9:02 p.m"),
            ("on saturday april 6th", "april 6th", "saturday april 6th"),
            ("3/14 4 mg", "3", "3/14"),
            ("on 5/4/2024 14:30 he", "5/4/2024", "5/4/2024 14:30"),
            ("since New Year's Eve at", "New Year", "New Year's Eve"),
            ("at 1/30/11 1942 hrs by", "1/30/11 1942", "1/30/11 1942 hrs"),
        ] {
            assert_eq!(grown(text, part, Date), whole, "{text}");
        }
    }

    #[test]
    fn a_name_takes_its_initials_and_particles() {
        use IdentifierClass::Name;
        for (text, part, whole) in [
            ("signed N. Higashi, RN", "Higashi", "N. Higashi"),
            ("signed A.H. Orsk", "Orsk", "A.H. Orsk"),
            ("MARQUETTE, ROSE C.", "ROSE", "MARQUETTE, ROSE C"),
            ("LORD-BURGESS came", "BURGESS", "LORD-BURGESS"),
            ("with de la avila", "avila", "de la avila"),
            ("told John Orsk III of", "John Orsk", "John Orsk III"),
            ("by o. beach first", "beach", "o. beach"),
            ("Then I Orsk", "Orsk", "Orsk"),
            ("Orsk A lot", "Orsk", "Orsk"),
            ("Coat, Fidel", "Fidel", "Coat, Fidel"),
            ("saw Young-ja here", "Young", "Young-ja"),
            ("vitamin D is low", "vitamin", "vitamin"),
        ] {
            assert_eq!(grown(text, part, Name), whole, "{text}");
        }
    }

    #[test]
    fn a_place_takes_its_kind_and_number() {
        use IdentifierClass::Location;
        for (text, part, whole) in [
            ("at St. Helena's Parish", "Helena", "St. Helena's Parish"),
            ("in garza county now", "garza", "garza county"),
            ("home 99 Prospect St N, then", "Prospect St", "99 Prospect St N"),
            ("to st eugene regional medical center today", "eugene", "st eugene regional medical center"),
        ] {
            assert_eq!(grown(text, part, Location), whole, "{text}");
        }
    }

    #[test]
    fn what_stands_between_parts_of_an_address_is_covered() {
        let text = "lives 8273 colgin rd nw, trlr 53 - hidalgo, il 62432 with";
        let at = |part: &str| {
            let start = text.find(part).unwrap();
            Candidate::new(start..start + part.len(), IdentifierClass::Location, Rank::Shape, 60, "tagger")
        };
        let mut found = [at("hidalgo"), at("8273 colgin"), at("62432")];
        all(&View::of(text), &mut found);
        let covered = |part: &str| {
            let start = text.find(part).unwrap();
            found.iter().any(|one| one.span.start <= start && start + part.len() <= one.span.end)
        };
        for part in ["8273", "colgin rd nw", "trlr 53", "hidalgo", "il", "62432"] {
            assert!(covered(part), "{part}");
        }
        let towns = "from Boston and Denver";
        let mut found = ["Boston", "Denver"].map(|town| {
            let start = towns.find(town).unwrap();
            Candidate::new(start..start + town.len(), IdentifierClass::Location, Rank::Shape, 60, "tagger")
        });
        all(&View::of(towns), &mut found);
        assert_eq!(found[0].span, 5..11);
    }
}
