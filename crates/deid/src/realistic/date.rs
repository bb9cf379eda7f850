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
    for notation in USUAL.into_iter().filter_map(Date::read) {
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

/// What stands behind a date with other hours, minutes and seconds; `None` if it is no time of day.
fn time(drawer: &mut Drawer<'_>, text: &str) -> Result<Option<String>, SurrogateError> {
    if text.is_empty() {
        return Ok(Some(String::new()));
    }
    let Some(colon) = text.find(':') else { return Ok(None) };
    let start = text
        .get(..colon)
        .and_then(|before| before.rfind(|c: char| !c.is_ascii_digit()))
        .map_or(0, |at| at + 1);
    let clock = text.get(start..).unwrap_or_default();
    let end = clock.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.'))).unwrap_or(clock.len());
    let (clock, rest) = clock.split_at_checked(end).unwrap_or_default();
    let halves = rest
        .trim_start()
        .get(..1)
        .is_some_and(|c| c.eq_ignore_ascii_case("a") || c.eq_ignore_ascii_case("p"));
    let shape = clock.split([':', '.']).map(str::len).collect::<Vec<_>>();
    if !matches!(shape.first(), Some(1 | 2)) || shape.iter().skip(1).take(2).any(|length| *length != 2) {
        // a stretch of dots and digits that nobody can say is a time
        return Ok(None);
    }
    let draw = |randomness: &dyn Randomness| {
        let hour = if halves { 1 + below(randomness, 12) } else { below(randomness, 24) };
        let mut drawn = if shape.first() == Some(&1) { hour.to_string() } else { format!("{hour:02}") };
        let mut marks = clock.chars().filter(|c| !c.is_ascii_digit());
        for (at, length) in shape.iter().enumerate().skip(1) {
            drawn.push(marks.next()?);
            let most = if at < 3 { 60 } else { 10_u32.pow(u32::try_from(*length).ok()?.min(9)) };
            let _ = write!(drawn, "{:0width$}", below(randomness, most), width = *length);
        }
        Some(drawn)
    };
    // offsets and `AM` say too little to be drawn
    let drawn = drawer.shared("w ", clock, &draw)?;
    Ok(drawn.map(|drawn| format!("{}{drawn}{rest}", text.get(..start).unwrap_or_default())))
}
