//! Telephone (D) and fax (E) numbers by their shape: North American, international, and grouped local ones.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::view::{Gap, Kind, Shape, View};
use crate::wordset::{WordSet, words};

static AMERICAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?:\+?1[-. ]{0,2})?(?:\([2-9][0-9]{2}\)[-. ]{0,2}|\b[2-9][0-9]{2}[-./ ]{1,2})[0-9]{3}[-. ]{1,2}[0-9]{4}\b",
    )
    .ok()
});
static PLAIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b1?[2-9][0-9]{2}[2-9][0-9]{6}\b").ok());
static ABROAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:\+|\b00)[0-9]{1,3}(?:[-. /]{0,2}(?:\([0-9]{1,4}\)|[0-9]{1,5})){2,6}").ok()
});
static GROUPED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"(?x) \(0[0-9]{1,4}\)[\x20-]?[0-9]{2,4}(?:[\x20-]?[0-9]{2,4}){1,3}\b
        | \b0[0-9]{1,4}[\x20./-][0-9]{2,4}(?:[\x20.-][0-9]{2,4}){1,3}\b
        | \b0[0-9]{2,4}[\x20-][0-9]{5,7}\b
        | \b[0-9]{2,3}\x20[0-9]{3}\x20[0-9]{3,4}\b | \b[0-9]{3}\x20[0-9]{2}\x20[0-9]{2}\x20[0-9]{2}\b | \b[0-9]{2}(?:\x20[0-9]{2}){3,4}\b
        | \b[0-9]{4}\x20[0-9]{4}\b | \b[0-9]{5}\x20[0-9]{5,6}\b";
    Regex::new(pattern).ok()
});
static LOCAL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b[2-9][0-9]{2}[-. ][0-9]{4}\b").ok());

/// Words that make a short or plain number a telephone number.
const CUES: &WordSet = words!(
    "phone tel telephone call called cell mobile contact number reach reached ext fax pager beeper \
     home ph text dial line office hotline whatsapp"
);

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for cluster in view.clusters.iter().filter(|cluster| cluster.digits >= 7) {
        let text = view.slice(cluster.start..cluster.end);
        let mut add = |regex: &LazyLock<Option<Regex>>, percent, name| {
            let before = found.len();
            for hit in regex.iter().flat_map(|regex| regex.find_iter(text)) {
                let start = cluster.start + hit.start();
                let span = start..start + hit.as_str().trim_end_matches([' ', '-', '.', '/', '(']).len();
                if whole(view, &span) {
                    push(view, span, percent, name, found);
                }
            }
            found.len() > before
        };
        // what no match can lack
        let shape = Shape::of(text);
        let ends = shape.has(3) && shape.has(4);
        let _ = ends && add(&AMERICAN, 92, "phone.american")
            || (shape.zero || text.contains('+')) && add(&ABROAD, 88, "phone.international")
            || cluster.digits >= 8
                && (shape.zero || text.contains(' '))
                && add(&GROUPED, 70, "phone.grouped")
            || (shape.has(10) || shape.has(11)) && add(&PLAIN, 65, "phone.plain")
            || ends && view.before(cluster.first, 6, CUES) && add(&LOCAL, 80, "phone.local");
    }
}

/// Whether the number is not a part of a longer one.
fn whole(view: &View<'_>, span: &Range<usize>) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| view.byte(at)).is_some_and(|byte| byte.is_ascii_digit());
    let joint = |at: Option<usize>| {
        at.and_then(|at| view.byte(at)).is_some_and(|byte| matches!(byte, b'-' | b'.' | b'/'))
    };
    let before = joint(span.start.checked_sub(1)) && digit(span.start.checked_sub(2));
    let after = joint(Some(span.end)) && digit(Some(span.end + 1));
    let digits = view.slice(span.clone()).bytes().filter(u8::is_ascii_digit).count();
    !before && !after && !view.is_cut(span) && (7..=15).contains(&digits)
}

fn push(view: &View<'_>, span: Range<usize>, percent: u8, name: &'static str, found: &mut Vec<Candidate>) {
    let first = view.word_at(span.start);
    let next = view.word_at(span.end);
    let after = (next..next + 3).any(|at| {
        view.is_any(at, words!("fax facsimile")) && view.get(at).is_some_and(|word| word.gap != Gap::Line)
    });
    let fax = after && !view.mark(next + 1, b':') || view.before(first, 4, words!("fax facsimile f"));
    let (class, name) = if fax { (IdentifierClass::Fax, "fax.cue") } else { (IdentifierClass::Phone, name) };
    let end = extension(view, next).unwrap_or(span.end);
    found.push(Candidate::new(span.start..end, class, Rank::Cue, percent, name));
}

/// The end of an extension that starts at word `at`.
fn extension(view: &View<'_>, at: usize) -> Option<usize> {
    let mut at = at;
    if view.mark(at, b',') {
        at += 1;
    }
    if view.get(at).is_some_and(|word| word.kind == Kind::Code) {
        let digits = view.str(at).strip_prefix(['x', 'X'])?;
        return (digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| view.get(at).map(|w| w.end))?;
    }
    if !view.is_any(at, words!("ext x extension extn")) {
        return None;
    }
    let number = if view.mark(at + 1, b'.') { at + 2 } else { at + 1 };
    view.get(number).filter(|word| word.kind == Kind::Number && word.len() <= 6).map(|word| word.end)
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn numbers_are_found() {
        for (text, number) in [
            ("call (617) 555-0100.", "(617) 555-0100"),
            ("617-555-0100 home", "617-555-0100"),
            ("617.555.0100 x42 or", "617.555.0100 x42"),
            ("+1 617 555 0100", "+1 617 555 0100"),
            ("+44 20 7946 0958 now", "+44 20 7946 0958"),
            ("at 020 7946 0958", "020 7946 0958"),
            ("call 555-0100", "555-0100"),
            ("at 6175550100.", "6175550100"),
            ("617-555-0100 ext. 1234", "617-555-0100 ext. 1234"),
        ] {
            assert_eq!(texts(text, recognize), [(number, "PHONE")], "{text}");
        }
        assert_eq!(texts("Fax: 617-555-0100", recognize), [("617-555-0100", "FAX")]);
        assert_eq!(texts("617-555-0100 (fax)", recognize), [("617-555-0100", "FAX")]);
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "BP 120/80 HR 72",
            "WBC 11.2, Hgb 13.4, Plt 250",
            "range 200-1000 mg",
            "ICD E11.9",
            "2345-7",
            "1,250,000",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
