//! Weeks as ISO 8601 counts them: from Monday, in UTC; the first of a year holds its first Thursday.

use std::fmt;
use std::str::FromStr;

use terms::UtcMillis;

/// Milliseconds of a day.
pub(crate) const DAY: u64 = 86_400_000;
/// 1970-01-01 was a Thursday.
const THURSDAY: u64 = 3;

/// A week, by its Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Week {
    /// Its first day, in days since 1970-01-01.
    monday: u64,
}

impl Week {
    /// The last week that is over.
    pub(crate) fn last_full(now: UtcMillis) -> Self {
        let this = Self::of(now.0 / DAY);
        Self { monday: this.monday.saturating_sub(7) }
    }

    const fn of(day: u64) -> Self {
        Self { monday: day.saturating_sub((day + THURSDAY) % 7) }
    }

    /// Its first moment.
    pub(crate) const fn begins(self) -> UtcMillis {
        UtcMillis(self.monday * DAY)
    }

    /// The first moment after it.
    pub(crate) const fn ends(self) -> UtcMillis {
        UtcMillis((self.monday + 7) * DAY)
    }
}

impl FromStr for Week {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "write a week as YYYY-Www, for instance 2026-W47";
        let (year, week) = text.split_once("-W").ok_or(EXPECTED)?;
        if year.len() != 4 || week.len() != 2 || !year.bytes().chain(week.bytes()).all(|b| b.is_ascii_digit())
        {
            return Err(EXPECTED);
        }
        let year: u16 = year.parse().map_err(|_| EXPECTED)?;
        let week: u64 = week.parse().map_err(|_| EXPECTED)?;
        // the 4th of January is always in the first week
        let fourth = UtcMillis::from_date(year, 1, 4).ok_or(EXPECTED)?;
        let first = Self::of(fourth.0 / DAY);
        let found = Self { monday: first.monday + 7 * week.checked_sub(1).ok_or(EXPECTED)? };
        // a 53rd week that the year does not have is the first of the next
        if found.to_string() == text { Ok(found) } else { Err("the year has no such week") }
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thursday = self.monday + THURSDAY;
        let text = UtcMillis(thursday * DAY).to_string();
        let year = text.get(..4).unwrap_or("1970");
        let first = year.parse().ok().and_then(|year| UtcMillis::from_date(year, 1, 1));
        let since = thursday - first.map_or(0, |first| first.0 / DAY).min(thursday);
        write!(f, "{year}-W{:02}", since / 7 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> UtcMillis {
        UtcMillis::parse(text).unwrap()
    }

    /// Examples of ISO 8601, at turns of years too.
    #[test]
    fn weeks_begin_on_monday_and_belong_to_the_year_of_their_thursday() {
        for (week, monday) in [
            ("2026-W47", "2026-11-16"),
            ("2026-W01", "2025-12-29"),
            ("2020-W53", "2020-12-28"),
            ("2021-W01", "2021-01-04"),
            ("2024-W52", "2024-12-23"),
            ("1998-W53", "1998-12-28"),
        ] {
            let read: Week = week.parse().unwrap();
            assert_eq!(read.begins(), day(monday), "{week}");
            assert_eq!(read.to_string(), week);
        }
        for bad in ["2026-W00", "2026-W54", "2021-W53", "2026-47", "26-W47", "2026-W+7", "2026-W047", ""] {
            assert!(bad.parse::<Week>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_full_week_ended_before_now() {
        for now in ["2026-11-16", "2026-11-22T23:59:59Z", "2026-11-18T12:00:00Z"] {
            let week = Week::last_full(day(now));
            assert_eq!(week.to_string(), "2026-W46", "{now}");
            assert_eq!(week.ends(), day("2026-11-16"));
        }
    }
}
