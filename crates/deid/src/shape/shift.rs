//! Dates moved by as many days as every other of their conversation, so that order and distance stay.
//!
//! The number of days is the conversation's secret: whole weeks, so that days of the week stay too, from five weeks to
//! a year, forwards or backwards. What goes out is derived from the date. That is no removal of it in the sense of
//! 45 CFR 164.514(b)(2)(i)(C), and (c) does not allow it as a code; it takes an expert's determination, (b)(1), or an
//! agreement under which the date itself might go.

use std::collections::{BTreeMap, BTreeSet};

use terms::{Form, IdentifierClass, Randomness, Shape, SurrogateError, SurrogateSource};

use super::calendar::{Date, Day};
use super::dice::below;

/// The day whose moved day a conversation remembers, from which the number of days is read.
const ANCHOR: &str = "2000-01-01";
/// Fewest and most weeks.
const WEEKS: (u32, u32) = (5, 52);
const WEEK: i64 = 7;

/// Around each moved date, so many days to either side are taken for reckoned from it: half a year.
const AROUND: i64 = 183;
/// Most days that are taken for reckoned in one answer; the latest count.
const MOST: usize = 2000;
/// Notations in which a model may write a day, whatever the request had.
pub(crate) const USUAL: [&str; 3] = ["2000-01-02", "01/02/2000", "January 2, 2000"];

/// By how many days the dates of a conversation are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shift(i64);

impl Shift {
    /// The conversation's, drawn if it has none; `None` from a source that keeps none.
    pub(crate) fn of(source: &mut dyn SurrogateSource) -> Result<Option<Self>, SurrogateError> {
        let moved = source.shaped(IdentifierClass::Date, ANCHOR, Form::Shifted, &Anchor)?;
        Ok(moved.and_then(|moved| Self::between(ANCHOR, &moved)))
    }

    /// From a date and the same date moved.
    fn between(own: &str, moved: &str) -> Option<Self> {
        let days = Date::read(moved)?.day().number() - Date::read(own)?.day().number();
        let weeks = days.unsigned_abs() / 7;
        let valid = days % WEEK == 0 && (u64::from(WEEKS.0)..=u64::from(WEEKS.1)).contains(&weeks);
        valid.then_some(Self(days))
    }

    /// The date moved, in its own notation; `None` where that would be read as another day.
    pub(crate) fn moved(self, date: &Date<'_>) -> Option<String> {
        let day = date.day().plus(self.0)?;
        let written = date.with(day);
        (Date::read(&written)?.day() == day).then_some(written)
    }
}

/// The moved day of the [`ANCHOR`].
struct Anchor;

impl Shape for Anchor {
    fn fits(&self, candidate: &str) -> bool {
        Shift::between(ANCHOR, candidate).is_some()
    }

    fn draw(&self, randomness: &dyn Randomness) -> Option<String> {
        let weeks = i64::from(WEEKS.0 + below(randomness, WEEKS.1 - WEEKS.0 + 1));
        let back = below(randomness, 2) == 1;
        Some(Date::read(ANCHOR)?.day().plus(if back { -WEEK * weeks } else { WEEK * weeks })?.iso())
    }
}

/// The date with which `text` begins, and its time of day: all that is behind the date. `None` if it is no full date.
///
/// A day of the week before the date is none of the date's: it stays true, since whole weeks are moved.
pub(crate) fn dated(text: &str) -> Option<(Date<'_>, &str)> {
    if let Some(date) = Date::read(text) {
        return Some((date, ""));
    }
    let cuts = text.match_indices(['T', ' ', ',']).map(|(at, _)| at);
    let mut parts = cuts.filter_map(|at| text.split_at_checked(at));
    parts.find_map(|(day, time)| Some((Date::read(day).filter(|_| is_time(time))?, time)))
}

/// Whether all of a text is a time of day behind a date: `T10:00:00.123Z`, ` at 10:30 AM EST`, `, 9:05`.
fn is_time(text: &str) -> bool {
    let start = text.strip_prefix('T').or_else(|| {
        let bare = text.strip_prefix(',').unwrap_or(text);
        let spaced = bare.trim_start_matches(' ');
        let at = spaced.strip_prefix("at ").or_else(|| spaced.strip_prefix("@ ")).unwrap_or(spaced);
        (bare.len() > spaced.len()).then(|| at.trim_start_matches(' '))
    });
    let Some(start) = start else { return false };
    let end = start.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.')).unwrap_or(start.len());
    let (clock, rest) = start.split_at_checked(end).unwrap_or_default();
    is_clock(clock) && is_half_and_zone(rest)
}

/// Hours and minutes, perhaps seconds, perhaps parts of one.
fn is_clock(clock: &str) -> bool {
    let (whole, part) = clock.split_once('.').map_or((clock, None), |(whole, part)| (whole, Some(part)));
    let mut numbers = whole.split(':');
    let below = |text: Option<&str>, lengths: &[usize], most: u32| {
        text.is_some_and(|text| lengths.contains(&text.len()) && text.parse::<u32>().is_ok_and(|n| n < most))
    };
    let minutes = below(numbers.next(), &[1, 2], 25) && below(numbers.next(), &[2], 60);
    let seconds = numbers.next();
    let part = part.is_none_or(|part| {
        seconds.is_some() && (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    });
    minutes && part && (seconds.is_none() || below(seconds, &[2], 61)) && numbers.next().is_none()
}

/// Which half of the day, and the zone.
fn is_half_and_zone(text: &str) -> bool {
    const HALVES: [&str; 8] = ["a.m.", "p.m.", "am.", "pm.", "am", "pm", "a", "p"];
    const ZONES: [&str; 15] =
        ["z", "utc", "gmt", "et", "ct", "mt", "pt", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt"];
    let lower = text.to_ascii_lowercase();
    let rest = lower.trim_start_matches(' ');
    let half = HALVES
        .iter()
        .find_map(|half| rest.strip_prefix(half))
        .filter(|rest| !rest.starts_with(char::is_alphabetic));
    let zone = half.unwrap_or(rest).trim_start_matches(' ');
    let offset = zone.strip_prefix(['+', '-']).is_some_and(|offset| {
        let digits: String = offset.chars().filter(|c| *c != ':').collect();
        matches!((offset.len(), digits.len()), (2, 2) | (4 | 5, 4))
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    zone.is_empty() || offset || ZONES.contains(&zone)
}

/// Days around moved dates, as a model may write them, with the days that they stand for. Dates are given as they were
/// moved and as they were.
pub(crate) fn reckoned<'a>(moved: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    let (mut days, mut notations, mut shift) = (BTreeSet::new(), BTreeMap::new(), None);
    for (moved, own) in moved {
        shift = shift.or_else(|| Shift::between(own, moved));
        if let Some(date) = Date::read(moved) {
            let day = date.day().number();
            days.extend(day - AROUND..=day + AROUND);
            notations.insert(sample(&date), date);
        }
    }
    for date in USUAL.into_iter().filter_map(Date::read) {
        notations.entry(sample(&date)).or_insert(date);
    }
    let mut reckoned = BTreeMap::new();
    let Some(Shift(by)) = shift else { return reckoned };
    for day in days.into_iter().rev().take(MOST) {
        let (Some(said), Some(meant)) = (Day::from_number(day), Day::from_number(day - by)) else { continue };
        for date in notations.values() {
            let written = date.with(said);
            if Date::read(&written).is_some_and(|read| read.day() == said) {
                reckoned.entry(written).or_insert_with(|| date.with(meant));
            }
        }
    }
    reckoned
}

/// One day in the notation of `date`, by which notations are told apart.
fn sample(date: &Date<'_>) -> String {
    Day::new(2222, 1, 2).map_or_else(String::new, |day| date.with(day))
}

#[cfg(test)]
mod tests {
    use super::super::dice::tests::Lot;
    use super::*;

    #[test]
    fn every_shift_is_whole_weeks_and_none_is_nothing() {
        let lot = Lot::new(7);
        let drawn: BTreeSet<i64> = (0..4000)
            .map(|_| Shift::between(ANCHOR, &Anchor.draw(&lot).unwrap()).unwrap().0)
            .inspect(|days| assert!((35..=364).contains(&days.abs()) && days % 7 == 0))
            .collect();
        assert_eq!(drawn.len(), 96, "all of them come");
        for other in ["2000-01-01", "2000-01-08", "2000-02-06", "2001-01-06", "soon"] {
            assert!(!Anchor.fits(other), "{other}");
        }
    }

    #[test]
    fn dates_are_moved_in_their_notation_or_not_at_all() {
        for (text, by, wanted) in [
            ("2024-02-27", 35, Some("2024-04-02")),
            ("03/02/1980", -70, Some("12/23/1979")),
            ("March 2nd, 1980", 42, Some("April 13th, 1980")),
            ("2-MAR-1980", 364, Some("1-MAR-1981")),
            ("25/02/1980", 35, Some("31/03/1980")),
            // would be read as the second of May's fourth month
            ("25/02/1980", 42, None),
            ("02.03.1980", 35, Some("06.04.1980")),
        ] {
            let moved = Shift(by).moved(&Date::read(text).unwrap());
            assert_eq!(moved.as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_time_stays_behind_its_date() {
        for (text, time) in [
            ("2024-02-27", Some("")),
            ("2024-02-27T10:00:00Z", Some("T10:00:00Z")),
            ("3/14/2019 at 10:30 AM", Some(" at 10:30 AM")),
            ("May 3, 2020 at 10:30 AM", Some(" at 10:30 AM")),
            ("May 3, 2020, 10:30", Some(", 10:30")),
            ("March 2020", None),
            ("3/14", None),
            ("May 3", None),
            ("2024-02-27 to", None),
            ("2024-02-27 10:00:00.123 +05:30", Some(" 10:00:00.123 +05:30")),
            ("3/14/2019 at 10:30 a.m. EST", Some(" at 10:30 a.m. EST")),
            ("3/14/2019 10:30 with Harold Finchley", None),
            ("3/14/2019 seen by Ann: 5", None),
            ("3/14/2019 Ann Oduya 10:30", None),
            ("2024-02-27T10:00:00Z Ann", None),
            ("2024-02-27 48:21", None),
            ("", None),
        ] {
            assert_eq!(dated(text).map(|(_, time)| time), time, "{text}");
        }
    }

    #[test]
    fn what_is_reckoned_lies_around_what_was_moved() {
        let all = reckoned([("2024-04-02", "2024-02-27"), ("May 7, 1980", "April 2, 1980")]);
        for (said, meant) in [
            ("2024-04-16", "2024-03-12"),
            ("04/16/2024", "03/12/2024"),
            ("April 16, 2024", "March 12, 2024"),
            ("2024-10-02", "2024-08-28"),
            ("1980-05-07", "1980-04-02"),
        ] {
            assert_eq!(all.get(said).map(String::as_str), Some(meant), "{said}");
        }
        for far in ["2024-10-03", "2023-10-01", "2000-01-01", "1990-05-07"] {
            assert_eq!(all.get(far), None, "{far}");
        }
        assert!(reckoned([("2024-04-02", "2024-04-01"), ("x", "y")]).is_empty(), "no shift of ours");
        let many: Vec<_> =
            (1900..2000).map(|year| (format!("{year}-05-08"), format!("{year}-04-03"))).collect();
        let all = reckoned(many.iter().map(|(moved, own)| (moved.as_str(), own.as_str())));
        assert_eq!(all.len(), MOST * USUAL.len());
    }
}
