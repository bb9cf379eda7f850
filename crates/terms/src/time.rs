//! Points in time, in UTC milliseconds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMillis(pub u64);

impl UtcMillis {
    /// The point `duration` later; stops at the end of time.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// The point `duration` earlier; stops at the epoch.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Midnight UTC of a calendar date, for years 1970 to 9999; `None` for a date that is not.
    pub fn from_date(year: u16, month: u8, day: u8) -> Option<Self> {
        if !(1970..=9999).contains(&year)
            || !(1..=12).contains(&month)
            || day == 0
            || day > days_in(year, month)
        {
            return None;
        }
        let years: u64 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
        let months: u64 = (1..month).map(|m| u64::from(days_in(year, m))).sum();
        Some(Self((years + months + u64::from(day) - 1) * DAY))
    }

    /// Parses `YYYY-MM-DD`, as midnight UTC, or the form that [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let date = text.get(..10)?;
        let mut parts = date.splitn(3, '-');
        let year = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        let day = parts.next()?.parse().ok()?;
        let midnight = Self::from_date(year, month, day)?;
        match text.get(10..)? {
            "" => Some(midnight),
            clock => Some(Self(midnight.0 + clock_millis(clock)?)),
        }
    }

    /// The year, in UTC.
    pub fn year(self) -> u32 {
        u32::from(self.date().0)
    }

    fn date(self) -> (u16, u8, u8) {
        let mut days = self.0 / DAY;
        let mut year = 1970_u16;
        loop {
            let length = if leap(year) { 366 } else { 365 };
            if days < length || year == 9999 {
                break;
            }
            days -= length;
            year += 1;
        }
        let mut month = 1_u8;
        while month < 12 && days >= u64::from(days_in(year, month)) {
            days -= u64::from(days_in(year, month));
            month += 1;
        }
        (year, month, u8::try_from(days + 1).unwrap_or(31))
    }
}

const DAY: u64 = 86_400_000;

const fn leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Parses `THH:MM:SSZ` or `THH:MM:SS.mmmZ`.
fn clock_millis(clock: &str) -> Option<u64> {
    let body = clock.strip_prefix('T')?.strip_suffix('Z')?;
    let (body, millis) = body.split_once('.').unwrap_or((body, "0"));
    let mut parts = body.splitn(3, ':').map(str::parse::<u64>);
    let (hour, minute, second) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let millis: u64 = millis.parse().ok()?;
    (hour < 24 && minute < 60 && second < 60 && millis < 1000)
        .then_some(((hour * 60 + minute) * 60 + second) * 1000 + millis)
}

impl fmt::Display for UtcMillis {
    /// RFC 3339 in UTC with milliseconds: `2026-11-22T01:09:47.123Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let clock = self.0 % DAY;
        let (hour, minute, second) = (clock / 3_600_000, clock / 60_000 % 60, clock / 1000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", clock % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_rfc_3339() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_309_787_123, "2026-11-22T01:09:47.123Z"),
        ] {
            assert_eq!(UtcMillis(millis).to_string(), text);
            assert!(text.starts_with(&UtcMillis(millis).year().to_string()));
            assert_eq!(UtcMillis::parse(text), Some(UtcMillis(millis)));
        }
        assert_eq!(UtcMillis::parse("2026-11-22"), UtcMillis::from_date(2026, 11, 22));
        assert_eq!(UtcMillis::parse("2026-02-29"), None);
        assert_eq!(UtcMillis::parse("2026-11-22T25:00:00Z"), None);
    }
}
