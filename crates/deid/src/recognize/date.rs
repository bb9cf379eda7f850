//! Dates written in digits (C): day, month and year in any order, month and year, day and month after a cue,
//! and times that stand with them. A year alone is no finding.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::lexicon::Flags;
use crate::view::{Cluster, Kind, Shape, View};
use crate::wordset::{WordSet, words};

const TIME: &str = r"(?:,?[T ]{1,2}(?:at )?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?: ?(?:[AaPp]\.?[Mm]\b\.?|Z\b|[+-][0-9]{2}:?[0-9]{2}))?)?";

/// Year first; the parts are separated by the same mark, which a second look checks.
static YEAR_FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(r"\b((?:18|19|20)[0-9]{{2}})([-/.])([0-9]{{1,2}})([-/.])([0-9]{{1,2}}){TIME}")).ok()
});
static YEAR_LAST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"\b([0-9]{{1,2}})( ?[-/.] ?)([0-9]{{1,2}})( ?[-/.] ?)((?:18|19|20)[0-9]{{2}}|[0-9]{{2}})\b{TIME}"
    ))
    .ok()
});
static MONTH_YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b([0-9]{1,2})([-/])((?:19|20)[0-9]{2})\b").ok());
static YEAR_MONTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b((?:19|20)[0-9]{2})([-/])([0-9]{2})\b").ok());
static DAY_MONTH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b([0-9]{1,2})([-/])([0-9]{1,2})\b").ok());

/// Words before a day and month without a year.
const BEFORE: &WordSet = words!(
    "on since from until till by before after dated date thru through dos dob seen admitted \
     discharged started begun due scheduled visit tomorrow today yesterday surgery lmp edd expires \
     exp monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun between \
     appt appointment born"
);
/// Words after a fraction that is no date.
const AFTER: &WordSet = words!(
    "strength pain murmur bilaterally throughout power motor systolic dose doses tablet tab tabs \
     tablets scale points severity intensity cup mile mg ml pack ppd of inch words objects edema"
);

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for cluster in view.clusters.iter().filter(|cluster| cluster.digits >= 2) {
        let text = view.slice(cluster.start..cluster.end);
        if text.len() == cluster.digits {
            compact(view, cluster, found);
            continue;
        }
        if !text.bytes().any(|byte| matches!(byte, b'/' | b'-' | b'.')) {
            continue;
        }
        // a time zone or `AM` lies beyond the cluster
        let wide = view.text.get(cluster.start..).unwrap_or_default();
        let wide = wide.get(..wide.len().min(text.len() + 12)).unwrap_or(text);
        let before = found.len();
        let shape = Shape::of(wide);
        if shape.runs < 3 {
            short(view, cluster, text, found);
            continue;
        }
        scan(view, cluster, &YEAR_FIRST, wide, [1, 3, 5], found);
        if found.len() == before {
            scan(view, cluster, &YEAR_LAST, wide, [5, 1, 3], found);
        }
        if found.len() == before {
            short(view, cluster, text, found);
        }
    }
    stuck(view, found);
}

/// Adds the dates of one form; `order` says which groups are year, and the two that are month and day.
fn scan(
    view: &View<'_>,
    cluster: &Cluster,
    form: &LazyLock<Option<Regex>>,
    text: &str,
    order: [usize; 3],
    found: &mut Vec<Candidate>,
) {
    for hit in form.iter().flat_map(|form| form.captures_iter(text)) {
        let Some(all) = hit.get(0) else { continue };
        let span = cluster.start + all.start()..cluster.start + all.end();
        let marks = [2, 4].map(|mark| hit.get(mark).map_or("", |mark| mark.as_str().trim()));
        let dotted = marks == [".", "."] && order == [5, 1, 3];
        let [_, first, second] = order.map(|part| number(&hit, part));
        let valid = day_and_month(first, second) || day_and_month(second, first);
        let short_year = hit.get(5).is_some_and(|year| year.len() == 2);
        // 1.2.13 is more often a number of a chapter or version
        let section = dotted && short_year && !cued(view, cluster);
        let span = weekday(view, span);
        if marks.first() == marks.get(1) && valid && !section && whole(view, &span) {
            found.push(Candidate::new(span, IdentifierClass::Date, Rank::Cue, 92, "date.numeric"));
        }
    }
}

fn number(hit: &Captures<'_>, group: usize) -> u32 {
    hit.get(group).and_then(|part| part.as_str().parse().ok()).unwrap_or(0)
}

fn day_and_month(day: u32, month: u32) -> bool {
    (1..=31).contains(&day) && (1..=12).contains(&month)
}

/// With the day of the week before it.
fn weekday(view: &View<'_>, span: Range<usize>) -> Range<usize> {
    let at = view.word_at(span.start);
    let before = at.wrapping_sub(if view.mark(at.wrapping_sub(1), b',') { 2 } else { 1 });
    let day = view.get(before).filter(|day| day.has(Flags::WEEKDAY) && span.start - day.end <= 2);
    day.map_or(span.start, |day| day.start)..span.end
}

fn whole(view: &View<'_>, span: &Range<usize>) -> bool {
    let byte = |at: usize| view.byte(at).unwrap_or(b' ');
    let joint = |mark: u8| matches!(mark, b'/' | b'-' | b'.' | b'_');
    let before = span.start >= 2 && joint(byte(span.start - 1)) && byte(span.start - 2).is_ascii_digit();
    let after = joint(byte(span.end)) && byte(span.end + 1).is_ascii_digit();
    !before
        && !after
        && !view.text.get(span.end..).is_some_and(|t| t.starts_with(|c: char| c.is_alphanumeric()))
}

fn cued(view: &View<'_>, cluster: &Cluster) -> bool {
    let before = cluster.first.wrapping_sub(1);
    let marked = [b':', b'(', b','].iter().any(|mark| view.mark(before, *mark));
    let before = if marked { before.wrapping_sub(1) } else { before };
    view.is_any(before, BEFORE)
}

/// Month and year, or day and month after a cue.
fn short(view: &View<'_>, cluster: &Cluster, text: &str, found: &mut Vec<Candidate>) {
    let mut add = |span: Range<usize>, percent, name| {
        let span = weekday(view, span);
        if whole(view, &span) {
            found.push(Candidate::new(span, IdentifierClass::Date, Rank::Cue, percent, name));
        }
    };
    let shape = Shape::of(text);
    if shape.runs < 2 {
        return;
    }
    let year = |form: &'static LazyLock<Option<Regex>>| form.iter().filter(|_| shape.has(4));
    for hit in year(&MONTH_YEAR).flat_map(|form| form.captures_iter(text)) {
        if let Some(all) = hit.get(0).filter(|_| (1..=12).contains(&number(&hit, 1))) {
            add(cluster.start + all.start()..cluster.start + all.end(), 80, "date.month-year");
        }
    }
    for hit in year(&YEAR_MONTH).flat_map(|form| form.captures_iter(text)) {
        if let Some(all) = hit.get(0).filter(|_| (1..=12).contains(&number(&hit, 3))) {
            add(cluster.start + all.start()..cluster.start + all.end(), 75, "date.month-year");
        }
    }
    let after = view.word_at(cluster.end);
    if !cued(view, cluster) || view.is_any(after, AFTER) || view.mark(after, b'%') {
        return;
    }
    for hit in DAY_MONTH.iter().flat_map(|form| form.captures_iter(text)) {
        let (first, second) = (number(&hit, 1), number(&hit, 3));
        let dash = hit.get(2).is_some_and(|mark| mark.as_str() == "-");
        // "after 2-3 days" counts, "on 3-14" dates
        let counted = dash
            && (first < second && second <= 12 || view.get(after).is_some_and(|w| w.kind == Kind::Lower));
        let valid = day_and_month(second, first) || day_and_month(first, second);
        if let Some(all) = hit.get(0).filter(|_| valid && !counted) {
            add(cluster.start + all.start()..cluster.start + all.end(), 75, "date.day-month");
        }
    }
}

/// Eight digits, year first: 20190314.
fn compact(view: &View<'_>, cluster: &Cluster, found: &mut Vec<Candidate>) {
    let text = view.slice(cluster.start..cluster.end);
    if text.len() == 8 && is_compact(text) {
        let span = cluster.start..cluster.end;
        found.push(Candidate::new(span, IdentifierClass::Date, Rank::Shape, 65, "date.compact"));
    }
}

fn is_compact(text: &str) -> bool {
    let part = |range: Range<usize>| text.get(range).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    (1900..=2099).contains(&part(0..4)) && day_and_month(part(6..8), part(4..6))
}

/// Dates run into a word: `DOB3/14/1950`, `14MAR2019`, `2019-03-14T08`.
fn stuck(view: &View<'_>, found: &mut Vec<Candidate>) {
    for (at, word) in view.at(&view.codes) {
        if word.len() > 40 {
            continue;
        }
        let text = view.str(at);
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        if letters >= 2
            && letters + 2 >= text.len()
            && text.bytes().skip(letters).all(|byte| byte.is_ascii_digit())
        {
            let start = word.start + letters;
            let rest = view.text.get(start..).unwrap_or_default();
            let len =
                rest.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'-')).count();
            let part = view.slice(start..start + len);
            let hit = YEAR_LAST.as_ref().and_then(|form| form.captures(part));
            if let Some(hit) = hit.filter(|hit| {
                day_and_month(number(hit, 1), number(hit, 3)) || day_and_month(number(hit, 3), number(hit, 1))
            }) {
                let end = hit.get(0).map_or(0, |all| all.end());
                found.push(Candidate::new(
                    start..start + end,
                    IdentifierClass::Date,
                    Rank::Cue,
                    80,
                    "date.stuck",
                ));
            }
        } else {
            month_inside(view, word.start..word.end, text, found);
        }
    }
}

/// `14MAR2019`, `14Mar19`.
fn month_inside(_: &View<'_>, span: Range<usize>, text: &str, found: &mut Vec<Candidate>) {
    let day = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some((day, rest)) = text.split_at_checked(day) else { return };
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let Some((month, year)) = rest.split_at_checked(letters) else { return };
    let valid = day.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day))
        && matches!(year.len(), 0 | 2 | 4)
        && year.bytes().all(|byte| byte.is_ascii_digit())
        && letters >= 3
        && crate::lexicon::lexicon().look_up(month, false).any(Flags::MONTH);
    if valid {
        found.push(Candidate::new(span, IdentifierClass::Date, Rank::Cue, 85, "date.stuck"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn dates_are_found() {
        for (text, date) in [
            ("seen 03/14/2019.", "03/14/2019"),
            ("seen 3/14/19 for", "3/14/19"),
            ("14.03.2019", "14.03.2019"),
            ("2019-03-14T08:15:00Z x", "2019-03-14T08:15:00Z"),
            ("at 2019-03-14 08:15", "2019-03-14 08:15"),
            ("03/14/2019 8:15 AM", "03/14/2019 8:15 AM"),
            ("since 03/2019", "03/2019"),
            ("seen on 3/14 and", "3/14"),
            ("on 3-14", "3-14"),
            ("file 20190314 sent", "20190314"),
            ("DOB3/14/1950", "3/14/1950"),
            ("on 14MAR2019", "14MAR2019"),
        ] {
            assert_eq!(texts(text, recognize), [(date, "DATE")], "{text}");
        }
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "in 2019",
            "BP 120/80",
            "strength 5/5",
            "pain 3/10",
            "on 1/2 tablet",
            "2/6 murmur",
            "after 2-3 days",
            "section 1.2.13",
            "13/45/2019",
            "12345678",
            "1-2 weeks",
            "ratio 10:30",
            "lab 4.5-11.0",
            "CPT 99213",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
