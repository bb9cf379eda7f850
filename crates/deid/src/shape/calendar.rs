//! Full dates as people write them: read, drawn, and written in each other's notation.

use std::ops::Range;

use terms::Randomness;

use super::dice::below;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    year: u32,
    month: u32,
    of_month: u32,
}

/// A date as it is written.
#[derive(Debug)]
pub(crate) struct Date<'t> {
    text: &'t str,
    day: Day,
    /// Where year, month and day stand, in this order; letters behind the day's digits belong to it.
    places: [Range<usize>; 3],
    sure: bool,
}

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

impl Day {
    pub(crate) fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            2 => 28 + u32::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year, month, of_month: day })
    }

    /// A day of one of `years`, the last left out. It is after the 12th of its month, so that nobody takes the day
    /// for the month.
    pub(crate) fn draw(randomness: &dyn Randomness, years: (u32, u32)) -> Self {
        let year = years.0 + below(randomness, years.1 - years.0);
        Self { year, month: 1 + below(randomness, 12), of_month: 13 + below(randomness, 16) }
    }

    /// Whether the other has the same month, or the same day of its month.
    pub(crate) fn shares(self, other: Self) -> bool {
        self.month == other.month || self.of_month == other.of_month
    }

    /// The day so many days later, or earlier; `None` outside of the years 1 to 9999.
    pub(crate) fn plus(self, days: i64) -> Option<Self> {
        Self::from_number(self.number().checked_add(days)?)
    }

    /// Days since the first of March of the year 0, in the calendar of today carried backwards.
    pub(crate) fn number(self) -> i64 {
        // years that begin in March end with the day that may be missing
        let (year, month) = if self.month > 2 {
            (self.year, self.month - 3)
        } else {
            (self.year.wrapping_sub(1), self.month + 9)
        };
        let year = i64::from(year);
        let before = (153 * i64::from(month) + 2) / 5;
        365 * year + year / 4 - year / 100 + year / 400 + before + i64::from(self.of_month) - 1
    }

    /// The day of a [number](Self::number).
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        let (era, day) = (number.div_euclid(146_097), number.rem_euclid(146_097));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let of_month = of_year - (153 * month + 2) / 5 + 1;
        let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = u32::try_from(year + era * 400 + later).ok().filter(|year| (1..=9999).contains(year))?;
        Self::new(year, u32::try_from(month).ok()?, u32::try_from(of_month).ok()?)
    }

    /// Its year.
    pub(crate) const fn year(self) -> u32 {
        self.year
    }

    /// As schemas mean it (RFC 3339, full-date).
    pub(crate) fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

impl<'t> Date<'t> {
    /// The date that `text` is.
    ///
    /// Only full dates with a year of four digits. Of day and month in digits before the year, the month is first, as
    /// in the United States, unless it can't be one or dots part them; where that is a guess, [`Date::is_sure`] says so.
    pub(crate) fn read(text: &'t str) -> Option<Self> {
        if text.len() > 40 {
            return None;
        }
        ['-', '/', '.'].into_iter().find_map(|mark| digits(text, mark)).or_else(|| words(text))
    }

    /// The day.
    pub(crate) fn day(&self) -> Day {
        self.day
    }

    /// Whether day and month can't be taken for each other.
    pub(crate) fn is_sure(&self) -> bool {
        self.sure || self.day.month == self.day.of_month
    }

    /// Another day in the same notation.
    pub(crate) fn with(&self, day: Day) -> String {
        let [year, month, own] = &self.places;
        let part = |place: &Range<usize>| self.text.get(place.clone()).unwrap_or_default();
        let short =
            [month, own].iter().any(|place| part(place).trim_end_matches(char::is_alphabetic).len() == 1);
        let number = |value: u32| if short { value.to_string() } else { format!("{value:02}") };
        let ordinal = part(own).ends_with(|c: char| c.is_ascii_alphabetic());
        let mut parts = [
            (year, format!("{:04}", day.year)),
            (month, month_like(part(month), day.month).unwrap_or_else(|| number(day.month))),
            (own, number(day.of_month) + if ordinal { ending(day.of_month) } else { "" }),
        ];
        parts.sort_by_key(|(place, _)| place.start);
        let (mut out, mut at) = (String::new(), 0);
        for (place, new) in parts {
            out.push_str(self.text.get(at..place.start).unwrap_or_default());
            out.push_str(&new);
            at = place.end;
        }
        out + self.text.get(at..).unwrap_or_default()
    }
}

fn ending(day: u32) -> &'static str {
    match (day % 10, day / 10) {
        (_, 1) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

/// The month's name as long and in the case of another; `None` if that is in digits.
fn month_like(like: &str, month: u32) -> Option<String> {
    if !like.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = MONTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    let name = if like.len() <= 4 && !like.eq_ignore_ascii_case("june") && !like.eq_ignore_ascii_case("july")
    {
        name.get(..3)?
    } else {
        name
    };
    Some(if like.chars().all(|c| c.is_ascii_uppercase()) {
        name.to_ascii_uppercase()
    } else if like.chars().all(|c| c.is_ascii_lowercase()) {
        name.to_ascii_lowercase()
    } else {
        name.to_owned()
    })
}

/// The runs of letters and digits in `text`, with their places.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let within = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
    for at in text.bytes().enumerate().filter(|(_, byte)| within(*byte)).map(|(at, _)| at) {
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => run.end = at + 1,
            None => runs.push(at..at + 1),
        }
    }
    runs
}

fn digits(text: &str, mark: char) -> Option<Date<'_>> {
    let [one, two, three] = <[Range<usize>; 3]>::try_from(runs(text)).ok()?;
    let between = [text.get(one.end..two.start)?, text.get(two.end..three.start)?];
    let outside = one.start > 0 || three.end < text.len();
    if outside || !between.iter().all(|part| part.chars().eq([mark])) {
        return None;
    }
    let number = |place: &Range<usize>| text.get(place.clone()).and_then(whole);
    let [first, second, third] = [number(&one)?, number(&two)?, number(&three)?];
    match [one.len(), two.len(), three.len()] {
        [4, 1 | 2, 1 | 2] => {
            Some(Date { text, day: Day::new(first, second, third)?, places: [one, two, three], sure: true })
        }
        [1 | 2, 1 | 2, 4] if if mark == '.' { second <= 12 } else { first > 12 } => {
            Some(Date { text, day: Day::new(third, second, first)?, places: [three, two, one], sure: true })
        }
        [1 | 2, 1 | 2, 4] => {
            let sure = second > 12;
            Some(Date { text, day: Day::new(third, first, second)?, places: [three, one, two], sure })
        }
        _ => None,
    }
}

/// `March 2, 1980`, `2nd of March 1980`, `2-Mar-1980`.
fn words(text: &str) -> Option<Date<'_>> {
    let part = |place: &Range<usize>| text.get(place.clone()).unwrap_or_default();
    let mut places = runs(text);
    places.retain(|place| !part(place).eq_ignore_ascii_case("of"));
    let [first, second, year] = <[Range<usize>; 3]>::try_from(places).ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ,.-/".contains(&byte);
    let number = whole(part(&year)).filter(|_| year.len() == 4 && text.bytes().all(plain))?;
    let (month_place, day_place) =
        if month(part(&first)).is_some() { (first, second) } else { (second, first) };
    let day = Day::new(number, month(part(&month_place))?, day(part(&day_place))?)?;
    Some(Date { text, day, places: [year, month_place, day_place], sure: true })
}

fn month(word: &str) -> Option<u32> {
    let known = |name: &str| {
        word.eq_ignore_ascii_case(name)
            || name.get(..3).is_some_and(|short| word.eq_ignore_ascii_case(short))
            || (name == "September" && word.eq_ignore_ascii_case("sept"))
    };
    (1..).zip(MONTHS).find(|(_, name)| known(name)).map(|(number, _)| number)
}

fn day(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = word.get(digits.len()..).unwrap_or_default();
    let known =
        suffix.is_empty() || ["st", "nd", "rd", "th"].iter().any(|end| suffix.eq_ignore_ascii_case(end));
    whole(digits).filter(|_| known && digits.len() <= 2)
}

fn whole(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Whether `text` is what stands behind the date in a date-time (RFC 3339): `T14:05:00Z`, with a fraction, an offset.
pub(crate) fn is_time(text: &str) -> bool {
    parts(text).is_some()
}

/// A time like `text`, of which only the fraction's length and the offset stay.
pub(crate) fn drawn_time(text: &str, randomness: &dyn Randomness) -> Option<String> {
    let (fraction, offset) = parts(text)?;
    let [hour, minute, second] = [24, 60, 60].map(|most| below(randomness, most));
    let mut time = format!("T{hour:02}:{minute:02}:{second:02}");
    if fraction > 0 {
        time.push('.');
        time.extend((0..fraction).filter_map(|_| char::from_digit(below(randomness, 10), 10)));
    }
    time.push_str(offset);
    Some(time)
}

/// How many digits the fraction of a time has, and its offset.
fn parts(text: &str) -> Option<(usize, &str)> {
    let (time, rest) = text.split_at_checked(9)?;
    if !is_like(time, "T00:00:00") {
        return None;
    }
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(part) => part.split_at(part.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("", rest),
    };
    let valid = rest.starts_with('.') == (1..=9).contains(&fraction.len());
    let zone = offset == "Z" || is_like(offset, "+00:00") || is_like(offset, "-00:00");
    (valid && zone).then_some((fraction.len(), offset))
}

/// Whether `text` is `like` with any digits in the place of zeros.
fn is_like(text: &str, like: &str) -> bool {
    let fits = |(byte, like): (u8, u8)| if like == b'0' { byte.is_ascii_digit() } else { byte == like };
    text.len() == like.len() && text.bytes().zip(like.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::dice::tests::Lot;

    fn iso(text: &str) -> Option<String> {
        Date::read(text).map(|date| date.day().iso())
    }

    #[test]
    fn full_dates_are_read_and_nothing_is_guessed() {
        for (text, wanted) in [
            ("1980-03-02", Some("1980-03-02")),
            ("1980/3/2", Some("1980-03-02")),
            ("03/02/1980", Some("1980-03-02")),
            ("3-2-1980", Some("1980-03-02")),
            ("25/02/1980", Some("1980-02-25")),
            ("02.03.1980", Some("1980-03-02")),
            ("02.25.1980", Some("1980-02-25")),
            ("March 2, 1980", Some("1980-03-02")),
            ("Mar. 2nd 1980", Some("1980-03-02")),
            ("2 March 1980", Some("1980-03-02")),
            ("2nd of Sept 1980", Some("1980-09-02")),
            ("2-MAR-1980", Some("1980-03-02")),
            ("29/2/1980", Some("1980-02-29")),
            ("29/2/1981", None),
            ("31.4.1980", None),
            ("3/2/80", None),
            ("March 1980", None),
            ("03/1980", None),
            ("1980-03-02T10:00:00Z", None),
            ("1980-03/02", None),
            ("1980--03-02", None),
            (" 1980-03-02", None),
            ("13/13/1980", None),
            ("1980-00-10", None),
            ("", None),
            ("Marc 2 1980", None),
            ("March 2x 1980", None),
            ("March\u{e9} 2 1980", None),
            ("March 2 (1980)", None),
        ] {
            assert_eq!(iso(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn a_day_is_written_in_any_notation() {
        let day = Day { year: 1691, month: 9, of_month: 21 };
        for (like, written) in [
            ("1980-03-02", "1691-09-21"),
            ("1980/3/2", "1691/9/21"),
            ("03/02/1980", "09/21/1691"),
            ("10/12/1980", "09/21/1691"),
            ("25/02/1980", "21/09/1691"),
            ("02.03.1980", "21.09.1691"),
            ("March 2, 1980", "September 21, 1691"),
            ("june 2 1980", "september 21 1691"),
            ("Mar. 2nd 1980", "Sep. 21st 1691"),
            ("03-MAR-1980", "21-SEP-1691"),
            ("2nd of Sept 1980", "21st of Sep 1691"),
        ] {
            assert_eq!(Date::read(like).unwrap().with(day), written, "{like}");
            assert_eq!(iso(written).as_deref(), Some("1691-09-21"), "{written}");
        }
        assert_eq!([11, 12, 13, 21, 22, 23, 24].map(ending), ["th", "th", "th", "st", "nd", "rd", "th"]);
    }

    #[test]
    fn days_are_counted_as_the_calendar_has_them() {
        let mut day = Day::new(1599, 12, 31).unwrap();
        for _ in 0..366 * 420 {
            let next = day.plus(1).unwrap();
            let follows = if next.of_month > 1 {
                (next.year, next.month, next.of_month) == (day.year, day.month, day.of_month + 1)
            } else {
                Day::new(day.year, day.month, day.of_month + 1).is_none()
                    && (next.year, next.month) == (day.year + day.month / 12, day.month % 12 + 1)
            };
            assert!(follows, "{day:?} {next:?}");
            assert_eq!(Day::from_number(day.number()), Some(day));
            day = next;
        }
        let day = |year, month, of_month| Day::new(year, month, of_month).unwrap();
        assert_eq!(day(2024, 2, 28).plus(2), Some(day(2024, 3, 1)));
        assert_eq!(day(2023, 3, 1).plus(-365), Some(day(2022, 3, 1)));
        assert_eq!(day(9999, 12, 31).plus(1), None);
        assert_eq!(day(1, 1, 1).plus(-1), None);
        assert_eq!(day(2024, 1, 1).plus(i64::MAX), None);
    }

    #[test]
    fn drawn_days_are_days_and_no_months() {
        let lot = Lot::new(3);
        for _ in 0..500 {
            let Day { year, month, of_month: day } = Day::draw(&lot, (1600, 1800));
            assert!((1600..1800).contains(&year) && day > 12 && Day::new(year, month, day).is_some());
        }
    }

    #[test]
    fn times_are_drawn_and_offsets_stay() {
        let lot = Lot::new(5);
        for (text, end) in
            [("T14:05:00Z", "Z"), ("T14:05:00.123+05:30", "+05:30"), ("T14:05:00-08:00", "-08:00")]
        {
            let drawn = drawn_time(text, &lot).unwrap();
            assert!(drawn.len() == text.len() && drawn.ends_with(end) && drawn != text, "{drawn}");
        }
        for text in ["", "T14:05", "T14:05:00", "T14:05:00.Z", "T14:05:00+0530", " 14:05:00Z", "T14:05:00Zx"]
        {
            assert_eq!(drawn_time(text, &lot), None, "{text}");
        }
    }
}
