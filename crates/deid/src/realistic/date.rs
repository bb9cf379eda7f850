//! Dates: another day of the same year, in the same notation.

use std::fmt::Write as _;

use terms::{Randomness, SurrogateError};

use super::{Drawer, Real};
use crate::shape::{Date, Day, USUAL, below, dated};
use crate::transform::tells_an_age;

pub(super) fn real(drawer: &mut Drawer<'_>, original: &str) -> Result<Option<Real>, SurrogateError> {
    let Some((date, time)) = dated(original) else { return Ok(None) };
    let year = date.day().year();
    if drawer.source.year().is_none_or(|now| tells_an_age(year, now)) {
        return Ok(None);
    }
    let Some(day) = day(drawer, &date)? else { return Ok(None) };
    let Some(time_of_day) = self::time(drawer, time)? else { return Ok(None) };
    let written = date.with(day);
    let own = original.get(..original.len() - time.len()).unwrap_or_default();
    let mut real = Real { text: written.clone() + &time_of_day, ..Real::default() };
    if !time.is_empty() {
        real.parts.push((written, own.to_owned()));
    }
    // what may be another day is not written in other notations
    for notation in USUAL.into_iter().filter(|_| date.is_sure()).filter_map(Date::read) {
        real.variants.push((notation.with(day), notation.with(date.day())));
    }
    Ok(Some(real))
}

/// The day that stands for a date in whatever notation. It is after the 12th, so that none is taken for a month.
fn day(drawer: &mut Drawer<'_>, date: &Date<'_>) -> Result<Option<Day>, SurrogateError> {
    let (own, year, taken) = (date.day(), date.day().year(), drawer.taken);
    let read = |text: &str| Date::read(text).map(|date| date.day());
    let free = |candidate: &str| {
        read(candidate).is_some_and(|day| {
            let written = USUAL.into_iter().filter_map(Date::read).map(|notation| notation.with(day));
            !day.shares(own) && !written.chain([date.with(day)]).any(|written| taken.holds(&written))
        })
    };
    let draw = |randomness: &dyn Randomness| Some(Day::draw(randomness, (year, year + 1)).iso());
    Ok(drawer.part("d ", &own.iso(), &free, &draw)?.and_then(|drawn| read(&drawn)))
}

/// What stands behind a date with other hours, minutes and seconds; `None` if it is anything but a time of day.
fn time(drawer: &mut Drawer<'_>, text: &str) -> Result<Option<String>, SurrogateError> {
    if text.is_empty() {
        return Ok(Some(String::new()));
    }
    let Some(Clock { before, digits: clock, halves, after }) = Clock::read(text) else { return Ok(None) };
    let draw = |randomness: &dyn Randomness| {
        let mut drawn = String::new();
        let mut marks = clock.chars().filter(|c| !c.is_ascii_digit());
        for (at, part) in clock.split([':', '.']).enumerate() {
            let width = part.len();
            let (least, many) = match (at, halves) {
                (0, true) => (1, 12),
                (0, false) => (0, 24),
                (1 | 2, _) => (0, 60),
                _ => (0, 10_u32.pow(u32::try_from(width).ok()?.min(9))),
            };
            drawn.extend((at > 0).then(|| marks.next()).flatten());
            let _ = write!(drawn, "{:0width$}", least + below(randomness, many));
        }
        Some(drawn)
    };
    // offsets and `AM` say too little to be drawn
    let drawn = drawer.shared("w ", clock, &draw)?;
    Ok(drawn.map(|drawn| format!("{before}{drawn}{after}")))
}

/// A time of day as it stands behind a date: `T14:05:00.123+05:30`, ` at 10:30 AM`, `, 9:05 p.m. EST`.
struct Clock<'t> {
    /// With the blanks and words before it.
    before: &'t str,
    digits: &'t str,
    /// Whether the hours go to twelve.
    halves: bool,
    /// Half of the day and offset or zone.
    after: &'t str,
}

impl<'t> Clock<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let (before, rest) = text.split_at_checked(text.find(|c: char| c.is_ascii_digit())?)?;
        let known = ["", "T", "at", "@"]
            .iter()
            .any(|known| before.trim_matches([' ', ',']).eq_ignore_ascii_case(known));
        let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(rest.len());
        let (clock, after) = rest.split_at_checked(end)?;
        let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let parts: Vec<&str> = whole.split(':').collect();
        let below = |at: usize, most: u32| {
            parts.get(at).is_none_or(|part| part.parse().is_ok_and(|part: u32| part < most))
        };
        let shaped = matches!(parts.len(), 2 | 3)
            && matches!(parts.first().map(|hours| hours.len()), Some(1 | 2))
            && parts.iter().skip(1).all(|part| part.len() == 2)
            && (below(0, 24) && below(1, 60) && below(2, 61));
        let fractioned =
            fraction.bytes().all(|byte| byte.is_ascii_digit()) && (1..=9).contains(&fraction.len());
        let fractioned = fractioned && (parts.len() == 3 || !clock.contains('.'));
        let (halves, zone) = half(after.trim_start());
        (known && shaped && fractioned && is_zone(zone.trim())).then_some(Self {
            before,
            digits: clock,
            halves,
            after,
        })
    }
}

/// Whether `AM` or `PM` is at the beginning, and what is behind it.
fn half(text: &str) -> (bool, &str) {
    let known = ["a.m.", "p.m.", "am", "pm"].iter().find_map(|known| {
        let (half, rest) = text.split_at_checked(known.len())?;
        let ends = !rest.starts_with(|c: char| c.is_alphanumeric());
        (ends && half.eq_ignore_ascii_case(known)).then_some(rest)
    });
    known.map_or((false, text), |rest| (true, rest))
}

/// Whether nothing is left, or what names a zone: `Z`, `+05:30`, `EST`.
fn is_zone(text: &str) -> bool {
    const ZONES: &str = "z utc gmt est edt cst cdt mst mdt pst pdt akst akdt hst et ct mt pt hrs hours";
    let offset = text.strip_prefix(['+', '-']).is_some_and(|offset| {
        let digits = offset.bytes().filter(u8::is_ascii_digit).count();
        offset.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
            && matches!((digits, offset.find(':')), (4, None | Some(2)) | (2, None))
    });
    text.is_empty() || offset || ZONES.split(' ').any(|zone| text.eq_ignore_ascii_case(zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_time_of_day_is_one() {
        for text in [
            "T10:00:00Z",
            "T10:00:00.123+05:30",
            " 10:30",
            ", 9:05 p.m. EST",
            " at 10:30 AM",
            " @ 14:05 hrs",
            "T10:00-0800",
            " 10:30:00 AM",
        ] {
            assert!(Clock::read(text).is_some(), "{text}");
        }
        for text in [
            " 10:30 with Mary Finchley",
            " at 10:30 AM by Dr. Lee",
            " room 4:12",
            " Mary 10:30",
            " 10:30 MRN 482133",
            " 25:00",
            " 10:5",
            " 10:30 617",
            " 1:23:45:67",
            " 10.30",
            "T10:00:00.",
            " 10:30 AMY",
            " 10:30+5:300",
        ] {
            assert!(Clock::read(text).is_none(), "{text}");
        }
    }
}
