//! Dates in the ways in which dates are written.

use fastrand::Rng;

use super::random::{chance, fill, word};
use super::slot::DateForm;

/// A day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day(i64);

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Months of other languages, with the pattern of a date.
const FOREIGN: &[(&str, [&str; 12])] = &[
    (
        "{d} de {m} de {y}",
        [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
    ),
    (
        "{d} {m} {y}",
        [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
    ),
    (
        "{d}. {m} {y}",
        [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
    ),
    (
        "{d} de {m} de {y}",
        [
            "janeiro",
            "fevereiro",
            "março",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ],
    ),
    (
        "{d} {m} {y}",
        [
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ],
    ),
];

const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

impl Day {
    pub(super) fn new(rng: &mut Rng, years: std::ops::Range<i64>) -> Self {
        Self((rng.i64(years) - 1970) * 365 + rng.i64(0..365) + 10)
    }

    pub(super) fn later(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// Year, month, day of the month, by H. Hinnant's `civil_from_days`.
    pub(super) fn civil(self) -> (i64, usize, i64) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = yoe + era * 400 + i64::from(month <= 2);
        (year, usize::try_from(month).unwrap_or(1), doy - (153 * mp + 2) / 5 + 1)
    }

    fn month(self) -> &'static str {
        MONTHS.get(self.civil().1 - 1).copied().unwrap_or_default()
    }

    fn weekday(self) -> &'static str {
        usize::try_from(self.0.rem_euclid(7)).ok().and_then(|at| DAYS.get(at)).copied().unwrap_or_default()
    }

    /// Fills a pattern: `{y}` 2024 `{yy}` 24 `{m}` 3 `{mm}` 03 `{d}` `{dd}` `{M}` March `{b}` Mar `{B}` MAR
    /// `{th}` 14th `{w}` Thursday `{a}` Thu.
    pub(super) fn fill(self, pattern: &str) -> String {
        let (year, month, day) = self.civil();
        let name = self.month();
        let short: String = name.chars().take(3).collect();
        pattern
            .replace("{y}", &year.to_string())
            .replace("{yy}", &format!("{:02}", year.rem_euclid(100)))
            .replace("{m}", &month.to_string())
            .replace("{mm}", &format!("{month:02}"))
            .replace("{d}", &day.to_string())
            .replace("{dd}", &format!("{day:02}"))
            .replace("{th}", &format!("{day}{}", ordinal(day)))
            .replace("{M}", name)
            .replace("{B}", &short.to_uppercase())
            .replace("{b}", &short)
            .replace("{w}", self.weekday())
            .replace("{a}", &self.weekday().chars().take(3).collect::<String>())
    }
}

fn ordinal(day: i64) -> &'static str {
    match (day % 10, day / 10) {
        (_, 1) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

const NUMBERS: &[&str] = &[
    "{m}/{d}/{y}",
    "{mm}/{dd}/{y}",
    "{m}/{d}/{yy}",
    "{mm}/{dd}/{yy}",
    "{mm}-{dd}-{y}",
    "{mm}-{dd}-{yy}",
    "{m}-{d}-{yy}",
    "{m}-{d}-{y}",
    "{m}.{d}.{yy}",
    "{mm}.{dd}.{y}",
    "{mm} / {dd} / {y}",
    "{m}/{d}/ {yy}",
    "{m}/{d}/'{yy}",
];
const ISO: &[&str] = &["{y}-{mm}-{dd}", "{y}-{mm}-{dd}", "{y}-{mm}-{dd}", "{y}-{mm}-{dd}", "{y}/{mm}/{dd}"];
const YEAR_FIRST: &[&str] = &["{y}.{mm}.{dd}", "{y}-{b}-{dd}", "{y} {b} {d}", "{y} {M} {d}", "{y}-{m}-{d}"];
const LONG: &[&str] = &[
    "{M} {d}, {y}",
    "{M} {d}, {y}",
    "{M} {d} {y}",
    "{b} {d}, {y}",
    "{b}. {d}, {y}",
    "{M} {th}, {y}",
    "{M} {th} {y}",
    "{w}, {M} {d}, {y}",
    "{a} {b} {d} {y}",
    "{a}, {b} {d}, {y}",
    "{b} {dd} {y}",
    "{B} {dd}, {y}",
    "{b}-{dd}-{y}",
    "{th} of {M} {y}",
    "{M} {d},{y}",
];
const EUROPEAN: &[&str] = &[
    "{d} {M} {y}",
    "{dd}.{mm}.{y}",
    "{d} {b} {y}",
    "{dd}/{mm}/{y}",
    "{dd}-{b}-{y}",
    "{dd}-{B}-{yy}",
    "{dd}-{B}-{y}",
    "{d}.{m}.{yy}",
    "{dd}.{mm}.{yy}",
    "{dd} {B} {y}",
    "{th} {M} {y}",
    "{dd}-{mm}-{y}",
    "{d}. {m}. {y}",
    "{d}-{b}-{yy}",
    "{dd}/{b}/{y}",
    "{w} {d} {M} {y}",
    "{w}, {d} {M} {y}",
];
const MONTH_DAY: &[&str] = &["{m}/{d}", "{m}/{d}", "{mm}/{dd}", "{m}-{d}"];
const MONTH_DAY_WORDS: &[&str] = &[
    "{M} {th}",
    "{M} {d}",
    "{b} {d}",
    "{b}. {d}",
    "{d} {M}",
    "{th} of {M}",
    "{th} {M}",
    "{b} {th}",
    "{d} {b}",
    "{w}, {M} {d}",
    "{w} {M} {th}",
    "{a} {m}/{d}",
];
const MONTH_YEAR: &[&str] = &[
    "{M} {y}",
    "{M} {y}",
    "{M}, {y}",
    "{b} {y}",
    "{mm}/{y}",
    "{m}/{y}",
    "{M} of {y}",
    "{b} '{yy}",
    "{b}-{yy}",
    "{m}/{yy}",
    "{b}. {y}",
    "{M} '{yy}",
];
const MONTH: &[&str] = &["{M}", "{M}", "{M}", "{b}"];
const COMPACT: &[&str] =
    &["{y}{mm}{dd}", "{dd}{B}{yy}", "{dd}{B}{y}", "{mm}{dd}{yy}", "{mm}{dd}{y}", "{yy}{mm}{dd}", "{d}{b}{y}"];

/// A way to write dates that a document prefers; `abroad` in a hundred of its addresses are outside the United States.
pub(super) fn preferred(rng: &mut Rng, abroad: u32) -> &'static str {
    let list = match rng.u32(..100) {
        part if abroad > 50 && part < 75 => EUROPEAN,
        ..62 => NUMBERS,
        62..70 => ISO,
        70..72 => YEAR_FIRST,
        72..86 => LONG,
        86..97 => EUROPEAN,
        _ => COMPACT,
    };
    word(rng, list)
}

/// A date in pieces: those that are dates, and the time beside them.
pub(super) struct Written {
    pub(super) date: String,
    /// Stands after the date: a separator, then the time.
    pub(super) time: Option<(&'static str, String)>,
}

/// Writes a day. `preferred` are the document's ways.
pub(super) fn write(rng: &mut Rng, day: Day, form: DateForm, preferred: &[&'static str]) -> Written {
    let pattern = match form {
        DateForm::Plain if chance(rng, 4) => return foreign(rng, day),
        DateForm::Plain if chance(rng, 10) => self::preferred(rng, 0),
        DateForm::Plain => word(rng, preferred),
        DateForm::Stamp => return stamp(rng, day, preferred),
        DateForm::Numbers => matching(rng, preferred, NUMBERS),
        DateForm::Iso => matching(rng, preferred, ISO),
        DateForm::Long => matching(rng, preferred, LONG),
        DateForm::European if chance(rng, 15) => return foreign(rng, day),
        DateForm::European => matching(rng, preferred, EUROPEAN),
        DateForm::MonthDay => word(rng, MONTH_DAY),
        DateForm::MonthDayWords => word(rng, MONTH_DAY_WORDS),
        DateForm::MonthYear => word(rng, MONTH_YEAR),
        DateForm::Month => word(rng, MONTH),
        DateForm::Compact => matching(rng, preferred, COMPACT),
    };
    Written { date: day.fill(pattern), time: None }
}

/// The document's way where it is of this kind.
fn matching(rng: &mut Rng, preferred: &[&'static str], list: &[&'static str]) -> &'static str {
    let of_kind = preferred.iter().copied().find(|pattern| list.contains(pattern));
    match of_kind {
        Some(pattern) if chance(rng, 80) => pattern,
        _ => word(rng, list),
    }
}

fn foreign(rng: &mut Rng, day: Day) -> Written {
    let Some((pattern, months)) = rng.choice(FOREIGN) else {
        return Written { date: day.fill("{y}-{mm}-{dd}"), time: None };
    };
    let month = months.get(day.civil().1 - 1).copied().unwrap_or_default();
    Written { date: day.fill(&pattern.replace("{m}", month)), time: None }
}

/// A time of the day.
pub(super) fn time(rng: &mut Rng) -> String {
    let (hour, minute, second) = (rng.u32(..24), rng.u32(..60), rng.u32(..60));
    let (twelve, half) = (if hour % 12 == 0 { 12 } else { hour % 12 }, if hour < 12 { "AM" } else { "PM" });
    match rng.u32(..11) {
        0..3 => format!("{hour:02}:{minute:02}"),
        3 => format!("{hour:02}:{minute:02}:{second:02}"),
        4 => format!("{hour:02}{minute:02}"),
        5 => format!("{twelve}:{minute:02} {half}"),
        6 => format!("{twelve}:{minute:02}{}", half.to_lowercase()),
        7 => format!("{twelve:02}:{minute:02}:{second:02} {half}"),
        8 => format!("{hour:02}{minute:02}h"),
        9 => format!("{twelve}:{minute:02} {}", if hour < 12 { "a.m." } else { "p.m." }),
        _ => format!("{hour:02}{minute:02} hrs"),
    }
}

fn stamp(rng: &mut Rng, day: Day, preferred: &[&'static str]) -> Written {
    let clock = fill(rng, "T1#:4#:3#");
    match rng.u32(..100) {
        // one word, in which nothing but the date is a date; what can't be told apart goes with it
        ..12 => {
            let zone = word(rng, &["", "Z", "Z", "+00:00", "-05:00", ".000Z", "-0700"]);
            Written { date: format!("{}{clock}{zone}", day.fill("{y}-{mm}-{dd}")), time: None }
        }
        12..16 => Written { date: format!("{}{}", day.fill("{y}{mm}{dd}"), fill(rng, "1#4#3#")), time: None },
        16..24 => Written {
            date: day.fill("{y}-{mm}-{dd}"),
            time: Some((" ", {
                let pattern = word(rng, &["1#:2#:3#", "0#:4#:1#.###", "1%:0#:0#,###"]);
                fill(rng, pattern)
            })),
        },
        _ => {
            let pattern = if chance(rng, 75) { word(rng, preferred) } else { self::preferred(rng, 0) };
            let between = word(rng, &[" ", " ", " ", " ", " at ", " @ ", ", ", " - ", "  ", " @"]);
            Written { date: day.fill(pattern), time: Some((between, time(rng))) }
        }
    }
}

/// A season of a year.
pub(super) fn season(rng: &mut Rng, day: Day) -> String {
    let season =
        word(rng, &["spring", "summer", "fall", "autumn", "winter", "Spring", "Summer", "Fall", "Winter"]);
    let year = day.civil().0;
    match rng.u32(..6) {
        0 | 1 => format!("{season} of {year}"),
        2 | 3 => format!("{season} {year}"),
        4 => format!("the {season} of {year}"),
        _ => format!("{season} '{:02}", year.rem_euclid(100)),
    }
}

/// How long ago, which is no date.
pub(super) fn ago(rng: &mut Rng) -> String {
    let count =
        word(rng, &["two", "three", "four", "several", "a few", "2", "3", "5", "10", "a couple of", "six"]);
    let unit = word(rng, &["days", "weeks", "months", "years", "hours"]);
    match rng.u32(..8) {
        0 => "yesterday".to_owned(),
        1 => word(rng, &["last week", "last month", "last year", "last night", "this morning"]).to_owned(),
        2 => format!("{count} {unit} prior"),
        3 => format!("{count} {unit} earlier"),
        4 => format!("over the past {count} {unit}"),
        _ => format!("{count} {unit} ago"),
    }
}

/// A day of the week.
pub(super) fn weekday(rng: &mut Rng) -> &'static str {
    let short = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    if chance(rng, 15) { word(rng, &short) } else { word(rng, &DAYS) }
}
