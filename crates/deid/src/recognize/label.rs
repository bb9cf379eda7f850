//! Numbers behind a label: `MRN: 48213377`, `Member ID W1234 56789`, `acct #99-1`.

use terms::IdentifierClass;

use super::label_phrases::{Phrase, phrases};
use super::{Candidate, Rank};
use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View};
use crate::wordset::words;

/// How many words may stand between a label and its value.
const FILLERS: usize = 7;
/// Longest value, in bytes.
const LONGEST: usize = 48;

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    if !view.flags.any(Flags::LABEL) {
        return;
    }
    let mut next = 0;
    for at in 0..view.words.len() {
        let hit = if at >= next && view.has(at, Flags::LABEL) { labelled(view, at, found) } else { None };
        next = hit.unwrap_or(next);
    }
}

/// Finds the value of the label that starts at word `at`; the word after it.
fn labelled(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) -> Option<usize> {
    let mut buffer = [0; 16];
    let word = view.str(at);
    let slot = buffer.get_mut(..word.len())?;
    slot.copy_from_slice(word.as_bytes());
    slot.make_ascii_lowercase();
    let first = std::str::from_utf8(slot).ok()?;
    phrases(first).iter().find_map(|phrase| value(view, at, phrase, found))
}

fn value(view: &View<'_>, at: usize, phrase: &Phrase, found: &mut Vec<Candidate>) -> Option<usize> {
    let matches = phrase.rest.iter().enumerate().all(|(offset, word)| view.is(at + 1 + offset, word));
    if !matches {
        return None;
    }
    let (mut next, mut marked) = (at + 1 + phrase.rest.len(), false);
    for _ in 0..FILLERS {
        let mark = [b':', b'#', b'='].iter().any(|mark| view.mark(next, *mark));
        let word = view.is_any(next, words!("number numbers num no id nbr nr code identifier"));
        let verb = view
            .is_any(next, words!("is was of ending in s with digits last four the my record card account"));
        let quiet =
            [b'.', b'-', b'(', b')', b'\'', b'*', b'"', b'|', b'_'].iter().any(|mark| view.mark(next, *mark));
        let line = view.get(next).is_some_and(|word| word.gap == Gap::Line);
        if line && !marked || !(mark || word || verb || quiet) {
            break;
        }
        marked |= mark || word || view.is_any(next, words!("is ending"));
        next += 1;
    }
    if phrase.strict && !marked {
        return None;
    }
    let last = run(view, next, phrase.class)?;
    let span = view.span(next, last);
    let text = view.slice(span.clone());
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plate = phrase.class == IdentifierClass::Vehicle && !marked;
    if plate && !text.bytes().any(|byte| byte.is_ascii_uppercase())
        || digits < phrase.digits
        || is_clinical(view, next, last, text, phrase)
    {
        return None;
    }
    found.push(Candidate::new(span, phrase.class, Rank::Label, 96, name(phrase.class)));
    Some(last + 1)
}

/// The last word of the value that starts at word `at`.
fn run(view: &View<'_>, at: usize, class: IdentifierClass) -> Option<usize> {
    let start = view.get(at)?;
    if start.kind == Kind::Mark && !matches!(view.byte(start.start), Some(b'(' | b'+')) {
        return None;
    }
    let plate = class == IdentifierClass::Vehicle;
    let mut last = at;
    for next in at + 1..at + 16 {
        let Some(word) = view.get(next) else { break };
        if word.end - start.start > LONGEST || word.gap == Gap::Line {
            break;
        }
        let has_digit = matches!(word.kind, Kind::Number | Kind::Code);
        let joins = match word.gap {
            Gap::None if word.kind == Kind::Mark => {
                // a mark counts only with something behind it
                let inner =
                    matches!(view.byte(word.start), Some(b'-' | b'/' | b'.' | b'_' | b'(' | b')' | b':'));
                let glued = view
                    .get(next + 1)
                    .is_some_and(|after| after.gap == Gap::None && after.kind != Kind::Mark);
                if !(inner && glued) {
                    break;
                }
                continue;
            }
            Gap::None => true,
            _ => {
                let before = view
                    .get(last)
                    .is_some_and(|word| matches!(word.kind, Kind::Number | Kind::Code | Kind::Upper));
                before
                    && has_digit
                    && word.gap == Gap::Space
                    && last + 1 == next
                    && (plate || word.len() >= 2)
            }
        };
        if !joins {
            break;
        }
        last = next;
    }
    Some(last)
}

/// Whether the value is a measure, a date or an amount after all.
fn is_clinical(view: &View<'_>, first: usize, last: usize, text: &str, phrase: &Phrase) -> bool {
    let decimal = text.parse::<f64>().is_ok() && text.contains('.');
    let unit = view.is_any(last + 1, words!("mg mcg ml kg cm mm units days years weeks months hours times"))
        || view.mark(last + 1, b'%');
    let year = text.len() == 4
        && phrase.strict
        && text.parse::<u32>().is_ok_and(|year| (1900..=2100).contains(&year))
        && !matches!(phrase.class, IdentifierClass::Account | IdentifierClass::Ssn);
    let dated = view.get(first).is_some_and(|word| word.kind == Kind::Number)
        && (text.matches('/').count() == 2 || text.matches(':').count() >= 1)
        && text.len() <= 10
        && phrase.class != IdentifierClass::Device;
    decimal || unit || year || dated
}

/// The recogniser's name by class.
fn name(class: IdentifierClass) -> &'static str {
    match class {
        IdentifierClass::Mrn => "mrn.labelled",
        IdentifierClass::Ssn => "ssn.labelled",
        IdentifierClass::Account => "account.labelled",
        IdentifierClass::HealthPlan => "health-plan.labelled",
        IdentifierClass::License => "license.labelled",
        IdentifierClass::Vehicle => "vehicle.labelled",
        IdentifierClass::Device => "device.labelled",
        IdentifierClass::Phone => "phone.labelled",
        IdentifierClass::Fax => "fax.labelled",
        IdentifierClass::Location => "zip.labelled",
        _ => "other.labelled",
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn labelled_numbers_are_found() {
        for (text, value, class) in [
            ("MRN: 48213377", "48213377", "MRN"),
            ("mrn 00-12-34.", "00-12-34", "MRN"),
            ("Medical Record Number: A-12345", "A-12345", "MRN"),
            ("MRN# 482 13 377, seen", "482 13 377", "MRN"),
            ("Member ID: XYZ123456789", "XYZ123456789", "HEALTH_PLAN"),
            ("Policy #: 88-1234", "88-1234", "HEALTH_PLAN"),
            ("acct no. 9912345", "9912345", "ACCOUNT"),
            ("Driver's license: D1234567", "D1234567", "LICENSE"),
            ("NPI 1234567893", "1234567893", "LICENSE"),
            ("license plate 7ABC123", "7ABC123", "VEHICLE"),
            ("serial number SN-99812-A", "SN-99812-A", "DEVICE"),
            ("Accession: S19-12345", "S19-12345", "OTHER_ID"),
            ("last four of SSN is 9999", "9999", "SSN"),
            ("SSN ending in 9999", "9999", "SSN"),
        ] {
            assert_eq!(texts(text, recognize), [(value, class)], "{text}");
        }
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "patient 45 years",
            "MRN",
            "MR angiography 2019",
            "visit 3",
            "group of 12",
            "account for 50%",
            "plan: 500 mg daily",
            "policy changed in 2019",
            "Phone: none",
            "model 3",
            "order: 1000 ml",
            "Patient: 65-year-old",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
