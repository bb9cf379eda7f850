//! Ages over 89 (C).

use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::lexicon::Flags;
use crate::view::{Kind, View, Word};
use crate::wordset::{WordSet, words};

const TENS: &WordSet = words!("ninety");
const WHOLE: &WordSet = words!("nonagenarian centenarian supercentenarian");

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    let mut add = |word: &Word| {
        let span = word.start..word.end;
        found.push(Candidate::new(span, IdentifierClass::AgeOver89, Rank::Cue, 90, "age.over89"));
    };
    for (at, word) in view.at(&view.numbers) {
        if (2..=3).contains(&word.len()) && is_old(view.str(at)) && is_age(view, at) {
            add(word);
        }
    }
    for (at, word) in view.at(&view.codes) {
        if word.len() <= 6 && coded(view, at) {
            add(word);
        }
    }
    if view.flags.any(Flags::OLD) {
        in_words(view, found);
    }
}

fn in_words(view: &View<'_>, found: &mut Vec<Candidate>) {
    for (at, word) in view.words.iter().enumerate().filter(|(_, word)| word.has(Flags::OLD)) {
        if !matches!(word.kind, Kind::Lower | Kind::Capital) {
            continue;
        }
        if view.is_any(at, WHOLE) {
            let span = word.start..word.end;
            found.push(Candidate::new(span, IdentifierClass::AgeOver89, Rank::Cue, 90, "age.over89"));
        } else {
            spelled(view, at, found);
        }
    }
}

fn is_old(number: &str) -> bool {
    number.parse::<u32>().is_ok_and(|age| (90..=129).contains(&age))
}

/// Whether the number at `at` is followed by a word of age, or stands under `age`.
fn is_age(view: &View<'_>, at: usize) -> bool {
    let mut next = at + 1;
    if view.mark(next, b'-') {
        next += 1;
    }
    // 93 years, 93-year-old, 93 yo, 93 y.o., 93 y/o; not "for 90 years"
    if view.has(next, Flags::AGE) {
        let plural = view.is_any(next, words!("years yrs"));
        let old = (next + 1..next + 4).any(|word| view.is_any(word, words!("old o age")));
        return !plural || old;
    }
    if view.mark(next, b's') || view.is(next, "s") && view.before(at, 3, words!("her his their in")) {
        return true;
    }
    let labelled =
        labelled(view, at) || view.is(at.wrapping_sub(1), "of") && view.is(at.wrapping_sub(2), "age");
    labelled && !view.mark(at + 1, b'%')
}

/// Whether a word of age announces word `at`, as a field may, too: `age 97`, `"age": 97`, `age=97`,
/// `age_years: 97`, `Age (years): 97`.
fn labelled(view: &View<'_>, at: usize) -> bool {
    let marks = |at: usize, marks: &[u8], most: usize| {
        let mark = |before: &usize| {
            at.checked_sub(before + 1).is_some_and(|word| marks.iter().any(|mark| view.mark(word, *mark)))
        };
        at - (0..most).take_while(mark).count()
    };
    let value = marks(at, b":=\"'*|)", 5);
    let Some(cue) = value.checked_sub(1) else { return false };
    if value < at && view.is_any(cue, words!("years yrs year")) {
        let outer = marks(cue, b"_(-,", 2);
        let outer = if view.is(outer.wrapping_sub(1), "in") { outer - 1 } else { outer };
        return view.is_any(marks(outer, b"_", 1).wrapping_sub(1), words!("age patientage"));
    }
    view.is_any(cue, words!("age aged turned turning"))
        || value < at && view.is_any(cue, words!("patientage ageyears ageinyears"))
}

/// `93yo`, `93F`, `93M`, `93y`, `90s` (in her 90s).
fn coded(view: &View<'_>, at: usize) -> bool {
    let text = view.str(at);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (Some(number), Some(unit)) = (text.get(..digits), text.get(digits..)) else { return false };
    let unit = unit.to_ascii_lowercase();
    match unit.as_str() {
        "yo" | "y" | "yr" | "yrs" | "yom" | "yof" => is_old(number),
        "f" | "m" => is_old(number) && (digits == 2 || view.mark(at + 1, b',')),
        "s" => number.len() == 2 && is_old(number) && view.before(at, 3, words!("her his their")),
        _ => false,
    }
}

/// `ninety-three-year-old`, `ninety years old`.
fn spelled(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    if !view.is_any(at, TENS) {
        return;
    }
    let mut last = at;
    if view.is_any(at + 2, words!("one two three four five six seven eight nine")) {
        last = at + 2;
    }
    let old = (last + 1..last + 6).any(|next| view.is(next, "old"));
    let unit = (last + 1..last + 3).any(|next| view.has(next, Flags::AGE));
    if old && unit {
        found.push(Candidate::new(
            view.span(at, last),
            IdentifierClass::AgeOver89,
            Rank::Cue,
            85,
            "age.spelled",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn old_ages_are_found() {
        for (text, age) in [
            ("a 93-year-old woman", "93"),
            ("pt is 101 years old", "101"),
            ("94 y.o. male", "94"),
            ("95yo F", "95yo"),
            ("Age: 92", "92"),
            ("a ninety-three-year-old", "ninety-three"),
            ("92F with CHF", "92F"),
            ("a nonagenarian", "nonagenarian"),
            ("in her 90s", "90s"),
            (r#"{"age": 97, "x": 1}"#, "97"),
            (r#"{"patient_age":"97"}"#, "97"),
            (r#"{"patientAge": 97}"#, "97"),
            ("age=97", "97"),
            ("age: 129", "129"),
            ("age_years: 97", "97"),
            ("Age (years): 97", "97"),
            ("Age in years: 97", "97"),
            ("**Age:** 97", "97"),
            ("| Age | 97 |", "97"),
        ] {
            assert_eq!(texts(text, recognize), [(age, "AGE_OVER_89")], "{text}");
        }
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "SpO2 93%",
            "89-year-old",
            "HR 92",
            "for 90 years",
            "92 kg",
            "weight 101",
            "90 mg",
            "in the 90s",
            r#""dosage": 97"#,
            r#""age": 89"#,
            "age=970",
            "SpO2: 97",
            "years: 97",
            "age: 97%",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
