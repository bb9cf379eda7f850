//! Dates with a month, a season or a holiday in words (C).

use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View};
use crate::wordset::words;

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    if view.flags.any(Flags::MONTH) {
        for at in 0..view.words.len() {
            if view.has(at, Flags::MONTH) {
                month(view, at, found);
            }
        }
    }
    if view.flags.any(Flags::WEEKDAY) {
        for at in 0..view.words.len() {
            if view.has(at, Flags::WEEKDAY) {
                ordinal(view, at, found);
            }
        }
    }
    if view.flags.any(Flags::SEASON) {
        for at in 0..view.words.len() {
            if view.has(at, Flags::SEASON) {
                season(view, at, found);
            }
        }
    }
}

fn is_day(view: &View<'_>, at: usize) -> bool {
    let text = view.str(at);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some((number, suffix)) = text.split_at_checked(digits) else { return false };
    let ordinal = ["st", "nd", "rd", "th"].iter().any(|ending| suffix.eq_ignore_ascii_case(ending));
    digits <= 2
        && number.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day))
        && (suffix.is_empty() || ordinal)
}

fn is_year(view: &View<'_>, at: usize) -> bool {
    view.get(at).is_some_and(|word| word.kind == Kind::Number && word.len() == 4)
        && view.str(at).parse::<u32>().is_ok_and(|year| (1850..=2100).contains(&year))
}

/// The last word of a year that follows word `at`: `, 2019`, `2019`, `'19`, `of 2019`, `-2019`.
fn year_after(view: &View<'_>, at: usize) -> Option<usize> {
    let mut next = at + 1;
    if view.mark(next, b',') || view.mark(next, b'-') || view.mark(next, b'.') || view.is(next, "of") {
        next += 1;
    }
    if is_year(view, next) {
        return Some(next);
    }
    let two = |at| view.get(at).is_some_and(|word| word.kind == Kind::Number && word.len() == 2);
    if view.mark(next, b'\'') && two(next + 1) {
        return Some(next + 1);
    }
    let dashed = view.mark(at + 1, b'-') && view.get(at + 1).is_some_and(|dash| dash.gap == Gap::None);
    (dashed && two(at + 2)).then_some(at + 2)
}

/// The first word of a day that stands before word `at`: `14 March`, `the 14th of March`, `14-Mar`.
fn day_before(view: &View<'_>, at: usize) -> Option<usize> {
    let mut before = at.checked_sub(1)?;
    if view.is(before, "of") || view.mark(before, b'-') || view.mark(before, b'.') || view.mark(before, b'/')
    {
        before = before.checked_sub(1)?;
    }
    // 5.14 March: the number before belongs to something else
    let alone = before.checked_sub(1).is_none_or(|outer| {
        !(view.mark(outer, b'.') || view.mark(outer, b'/'))
            || view.get(before).is_some_and(|w| w.gap != Gap::None)
    });
    (is_day(view, before) && alone).then_some(before)
}

fn month(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(word) = view.get(at) else { return };
    let ambiguous = view.is_any(at, words!("may mar march sept sep dec jan april june august"));
    let (mut first, mut last, mut sure) = (at, at, false);
    let dot = usize::from(view.mark(at + 1, b'.') && word.len() <= 4);
    if let Some(day) = day_before(view, at) {
        (first, sure) = (day, true);
    } else {
        let mut next = at + 1 + dot;
        if view.mark(next, b'-') || view.mark(next, b'/') || view.is(next, "the") {
            next += 1;
        }
        let clock = view.mark(next + 1, b':');
        if is_day(view, next) && !clock && !(ambiguous && word.kind == Kind::Lower) {
            (last, sure) = (range_end(view, next), true);
        }
    }
    let anchor = if last == at { at + dot } else { last };
    if let Some(year) = year_after(view, anchor) {
        (last, sure) = (year, sure || word.kind != Kind::Lower || !ambiguous);
    }
    if !sure && word.kind != Kind::Lower && bare(view, at) {
        sure = true;
    }
    if sure {
        let first = weekday_before(view, first).unwrap_or(first);
        let mut span = view.span(first, last);
        if let Some(end) = time_after(view, last) {
            span.end = end;
        }
        found.push(Candidate::new(span, IdentifierClass::Date, Rank::Cue, 90, "date.month"));
    }
}

/// The end of a range of days: `14-16`, `14 to 16`, `14 and 15`.
fn range_end(view: &View<'_>, at: usize) -> usize {
    let joined =
        view.mark(at + 1, b'-') || view.mark(at + 1, b'/') || view.is_any(at + 1, words!("to and through"));
    let counted = view.get(at + 3).is_some_and(|word| word.kind == Kind::Lower && word.gap == Gap::Space)
        && !view.mark(at + 1, b'-');
    if joined && is_day(view, at + 2) && !counted { at + 2 } else { at }
}

/// Whether a month without day or year is a date by the word before it.
fn bare(view: &View<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    let cue = view.is_any(
        before,
        words!(
            "in since last this next until through of by late early mid during from before after \
                 around"
        ),
    );
    // "May" and "March" after "of" or "by" are as often names
    let name = view.is_any(at, words!("may mar jun jan april june august dec sat"));
    let plain = view.get(at + 1).is_none_or(|next| !next.is_capital() || next.gap == Gap::Line);
    cue && plain && !(name && view.is_any(before, words!("of by from before after around this")))
}

/// `Monday, the 14th`.
fn ordinal(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let mut next = at + 1;
    while next <= at + 3 && (view.mark(next, b',') || view.is(next, "the")) {
        next += 1;
    }
    let day = is_day(view, next) && view.get(next).is_some_and(|word| word.kind == Kind::Code);
    if day && next <= at + 3 && !view.is(next + 1, "of") {
        let span = view.span(at, next);
        found.push(Candidate::new(span, IdentifierClass::Date, Rank::Cue, 78, "date.ordinal"));
    }
}

fn weekday_before(view: &View<'_>, at: usize) -> Option<usize> {
    let mut before = at.checked_sub(1)?;
    if view.is(before, "the") {
        before = before.checked_sub(1)?;
    }
    if view.mark(before, b',') || view.mark(before, b'.') {
        before = before.checked_sub(1)?;
    }
    view.has(before, Flags::WEEKDAY).then_some(before)
}

/// The end of a time of day after word `at`.
fn time_after(view: &View<'_>, at: usize) -> Option<usize> {
    let mut next = at + 1;
    if view.mark(next, b',') {
        next += 1;
    }
    if view.is_any(next, words!("at @")) {
        next += 1;
    }
    let number = |at| view.get(at).is_some_and(|word| word.kind == Kind::Number && word.len() <= 2);
    if !(number(next) && view.mark(next + 1, b':') && view.get(next + 2).is_some()) {
        return None;
    }
    let mut last = next + 2;
    if view.mark(last + 1, b':') && number(last + 2) {
        last += 2;
    }
    if view.is_any(last + 1, words!("am pm")) {
        last += 1;
    }
    view.get(last).map(|word| word.end)
}

/// `spring of 2019`, `Christmas 2019`, `Q3 2021`, `Thanksgiving Day`.
fn season(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let season = view.is_any(at, words!("spring summer autumn fall winter"));
    let holiday = view.is_any(at, words!("christmas thanksgiving easter halloween hanukkah ramadan"));
    if !season && !holiday {
        return;
    }
    let mut last = at;
    if holiday && view.is_any(at + 1, words!("day eve")) {
        last = at + 1;
    }
    let year = year_after(view, last);
    let dated = year.is_some() || holiday && (last > at || view.is(at.wrapping_sub(1), "on"));
    if dated {
        let span = view.span(at, year.unwrap_or(last));
        found.push(Candidate::new(span, IdentifierClass::Date, Rank::Cue, 80, "date.season"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn dates_are_found() {
        for (text, date) in [
            ("on March 14, 2019 she", "March 14, 2019"),
            ("on Mar. 14th", "Mar. 14th"),
            ("14 March 2019", "14 March 2019"),
            ("the 14th of March", "14th of March"),
            ("14-Mar-2019", "14-Mar-2019"),
            ("Thursday, March 14", "Thursday, March 14"),
            ("in March 2019", "March 2019"),
            ("since November he", "November"),
            ("March '19", "March '19"),
            ("May 3, 2020 at 10:30 AM", "May 3, 2020 at 10:30 AM"),
            ("Jan 3-5", "Jan 3-5"),
            ("spring of 2019", "spring of 2019"),
            ("on Christmas Eve", "Christmas Eve"),
        ] {
            assert_eq!(texts(text, recognize), [(date, "DATE")], "{text}");
        }
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "may 5 days",
            "she may return",
            "Dr. May saw",
            "in 2019",
            "every spring",
            "fall risk",
            "Monday",
            "march on",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
