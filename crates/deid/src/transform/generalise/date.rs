//! The year of a date, in whatever notation.

use std::collections::BTreeSet;
use std::ops::Range;

use super::tells_an_age;
use crate::shape::Day;

/// Years before this are in no record.
const FIRST: u32 = 1850;
/// So far ahead something may be planned.
const AHEAD: u32 = 2;

/// A run of digits or of letters.
struct Run<'t> {
    text: &'t str,
    place: Range<usize>,
}

impl Run<'_> {
    fn is_digits(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    fn number(&self) -> Option<u32> {
        self.text.parse().ok()
    }
}

/// The years of a date or of a range of dates: `2024`, `2023 to 2024`. `None` where there is none, where one is in
/// doubt, and where one tells an age over 89.
pub(super) fn years(text: &str, of_birth: bool, now: u32) -> Option<String> {
    let runs = runs(text);
    let mut years = BTreeSet::new();
    for at in 0..runs.len() {
        if let Some(year) = full(text, &runs, at).or_else(|| compact(&runs, at, now)) {
            years.extend(Some(year).filter(|year| (FIRST..=now + AHEAD).contains(year)));
        } else if let Some(short) = short(text, &runs, at) {
            years.insert(century(short, of_birth, now)?);
        }
    }
    if years.iter().any(|year| tells_an_age(*year, now)) {
        return None;
    }
    let (first, last) = (years.first()?, years.last()?);
    Some(if first == last { first.to_string() } else { format!("{first} to {last}") })
}

fn runs(text: &str) -> Vec<Run<'_>> {
    let kind = |c: char| if c.is_ascii_digit() { 1 } else { 2 * u8::from(c.is_alphabetic()) };
    let mut runs: Vec<Run<'_>> = Vec::new();
    let (mut start, mut last) = (0, 0);
    for (at, kind) in text.char_indices().map(|(at, c)| (at, kind(c))).chain([(text.len(), 0)]) {
        if kind != last {
            if last != 0 {
                runs.extend(text.get(start..at).map(|run| Run { text: run, place: start..at }));
            }
            (start, last) = (at, kind);
        }
    }
    runs
}

/// What stands between two neighbouring runs.
fn between<'t>(text: &'t str, before: &Run<'_>, after: &Run<'_>) -> &'t str {
    text.get(before.place.end..after.place.start).unwrap_or_default()
}

fn previous<'r, 't>(runs: &'r [Run<'t>], at: usize) -> Option<&'r Run<'t>> {
    runs.get(at.checked_sub(1)?)
}

fn is_joint(mark: &str) -> bool {
    matches!(mark, "-" | "/" | "." | "\u{2010}" | "\u{2011}" | "\u{2012}" | "\u{2013}")
}

/// A year of four digits: a number of as many may be a time of day as well.
fn full(text: &str, runs: &[Run<'_>], at: usize) -> Option<u32> {
    let run = runs.get(at).filter(|run| run.is_digits() && run.text.len() == 4)?;
    let (before, after) = (previous(runs, at), runs.get(at + 1));
    let clock = |word: &&Run<'_>| {
        ["h", "hr", "hrs", "hour", "hours", "am", "pm"]
            .iter()
            .any(|unit| word.text.eq_ignore_ascii_case(unit))
    };
    if after.as_ref().is_some_and(clock) {
        return None;
    }
    let alone = before.is_none() && after.is_none();
    let leads =
        after.is_some_and(|after| is_joint(between(text, run, after)) || ranges(after, runs.get(at + 2)));
    let follows = before.is_some_and(|before| {
        let mark = between(text, before, run);
        is_joint(mark) || behind_a_month(text, runs, at, mark)
    });
    if alone || leads || follows { run.number() } else { None }
}

/// Whether a word leads to another year: `2019 to 2021`.
fn ranges(word: &Run<'_>, next: Option<&Run<'_>>) -> bool {
    let known = ["to", "through", "until", "and"].iter().any(|known| word.text.eq_ignore_ascii_case(known));
    known && next.is_some_and(|next| next.is_digits() && next.text.len() == 4)
}

/// Whether the number at `at` stands behind a word, or behind a word and a day: `March 2024`, `March 3, 2024`.
fn behind_a_month(text: &str, runs: &[Run<'_>], at: usize, mark: &str) -> bool {
    let open = |mark: &str| mark.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '.' | '\''));
    let Some(before) = previous(runs, at).filter(|_| open(mark)) else { return false };
    let is_at = before.text.eq_ignore_ascii_case("at");
    let ending = ["st", "nd", "rd", "th"].iter().any(|ending| before.text.eq_ignore_ascii_case(ending));
    if !before.is_digits() && !ending {
        return !is_at;
    }
    // back over the day, its ending, and the day that a range began with, to the month
    let mut back = at - 1;
    loop {
        let Some(run) = runs.get(back) else { return false };
        let ending = ["st", "nd", "rd", "th"].iter().any(|ending| run.text.eq_ignore_ascii_case(ending));
        if !run.is_digits() && !ending {
            let joint = runs.get(back + 1).map_or("", |next| between(text, run, next));
            return !run.text.eq_ignore_ascii_case("at") && joint.chars().all(|c| !c.is_ascii_digit());
        }
        if run.is_digits() && run.text.len() > 2 {
            return false;
        }
        let Some(next) = back.checked_sub(1) else { return false };
        back = next;
    }
}

/// `20240227`, `202402271030`, `12312024`.
fn compact(runs: &[Run<'_>], at: usize, now: u32) -> Option<u32> {
    let run =
        runs.get(at).filter(|run| run.is_digits() && matches!(run.text.len(), 8 | 10 | 12 | 14 | 17))?;
    let part = |range: Range<usize>| run.text.get(range)?.parse::<u32>().ok();
    let day = |year: Range<usize>, month, of_month| {
        let year = part(year)?;
        Day::new(year, part(month)?, part(of_month)?)?;
        (FIRST..=now + AHEAD).contains(&year).then_some(year)
    };
    day(0..4, 4..6, 6..8).or_else(|| day(4..8, 0..2, 2..4).filter(|_| run.text.len() == 8))
}

/// The last two digits of a year: `3/4/24`, `3-MAR-24`, `Mar 3 '24`.
fn short(text: &str, runs: &[Run<'_>], at: usize) -> Option<u32> {
    let run = runs.get(at).filter(|run| run.is_digits() && run.text.len() == 2)?;
    let before = previous(runs, at)?;
    let mark = between(text, before, run);
    if mark.ends_with(['\'', '\u{2019}']) {
        return run.number();
    }
    let first = previous(runs, at - 1)?;
    let same = is_joint(mark) && between(text, first, before) == mark;
    let whole = at == 2 || {
        let outer = between(text, runs.get(at.checked_sub(3)?)?, first);
        !is_joint(outer) || outer != mark
    };
    if !same || !whole || !first.is_digits() || first.text.len() > 2 {
        return None;
    }
    if runs.get(at + 1).is_some_and(|after| is_joint(between(text, run, after)) && !range(runs, at)) {
        return None;
    }
    let (one, two) = (first.number()?, before.number());
    // a year may come first where another mark than a slash parts them, if it has two digits and a day may be last
    let sure = match two {
        Some(_) if mark != "/" && first.text.len() == 2 && run.number().is_some_and(|day| day <= 31) => false,
        Some(two) => {
            (1..=12).contains(&one) && two <= 31 || mark == "/" && one <= 31 && (1..=12).contains(&two)
        }
        None => true,
    };
    run.number().filter(|_| sure)
}

/// Whether behind the run at `at` another date of three parts begins.
fn range(runs: &[Run<'_>], at: usize) -> bool {
    runs.get(at + 1..at + 4).is_some_and(|next| next.iter().all(Run::is_digits))
}

/// The year of two digits. Somebody born in `24` may be two years old or over a hundred.
fn century(short: u32, of_birth: bool, now: u32) -> Option<u32> {
    let (past, present) = (1900 + short, 2000 + short);
    if present > now + AHEAD {
        Some(past)
    } else {
        Some(present).filter(|_| !of_birth || !tells_an_age(past, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        years(text, false, 2026)
    }

    #[test]
    fn only_years_are_left() {
        for (text, wanted) in [
            ("2024-02-27", "2024"),
            ("2024-02-27T10:00:00.123+05:30", "2024"),
            ("02/27/2024", "2024"),
            ("27.2.2024", "2024"),
            ("2/9/24", "2024"),
            ("2-9-24", "2024"),
            ("02-09-98", "1998"),
            ("25/12/98", "1998"),
            ("March 3, 2024", "2024"),
            ("Mar. 3rd 2024 at 10:30 AM", "2024"),
            ("3 March 2024", "2024"),
            ("3rd of May 2021", "2021"),
            ("Monday, April 5th, 2021", "2021"),
            ("3-MAR-2024", "2024"),
            ("3-MAR-80", "1980"),
            ("03-Mar-24 0930", "2024"),
            ("Mar 3 '24", "2024"),
            ("summer \u{2019}98", "1998"),
            ("March 2024", "2024"),
            ("02/1980", "1980"),
            ("2024/02", "2024"),
            ("spring 2023", "2023"),
            ("Q1 2024", "2024"),
            ("Q1-2024", "2024"),
            ("2024-W05-2", "2024"),
            ("2024", "2024"),
            ("20240227", "2024"),
            ("202402271030", "2024"),
            ("12312024", "2024"),
            ("12/30/2023 to 1/2/2024", "2023 to 2024"),
            ("12/30/23-1/2/24", "2023 to 2024"),
            ("3/1/2024-3/5/2024", "2024"),
            ("2019-2021", "2019 to 2021"),
            ("2019 to 2021", "2019 to 2021"),
            ("Jan 5-9, 2022", "2022"),
            ("March 3, 2024 1945", "2024"),
            ("3/4/2024 1945", "2024"),
            ("1945 on 3/4/2024", "2024"),
            ("Christmas Eve 2021", "2021"),
        ] {
            assert_eq!(of(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn in_doubt_nothing_is_left() {
        for text in [
            "Mar 3",
            "3/14",
            "3/14 at 10:30 AM",
            "Mar 24",
            "Monday, April 5th",
            "Christmas Eve",
            "0930",
            "",
            "24-02-27",
            "10-02-27",
            "10.02.27",
            "08\u{2013}02\u{2013}24",
            "3/4 at 1945",
            "3/4 1945 hrs",
            "soon",
            "13/13/13",
            "2099-01-01",
            "1-2",
            "week 5",
            "March 3 2030",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_that_tells_an_age_over_89_goes() {
        for text in
            ["03/04/1936", "1936", "March 1930", "3/4/36", "19210505", "1930 to 2020", "12/1/1936-3/4/2001"]
        {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(of("03/04/1937").as_deref(), Some("1937"), "89 at most");
        assert_eq!(years("03/04/1937", true, 2027), None, "a year later");
    }
}
