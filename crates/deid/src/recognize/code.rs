//! Numbers and codes that identify by their shape alone: Medicare beneficiary identifiers (I), record numbers
//! with their letters run in (H), UUIDs, digests and long numbers (R).

use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::view::{Gap, Kind, View};
use crate::wordset::{WordSet, words};

/// From so many digits on a bare number is no clinical value.
const LONG: usize = 7;

/// Words before a long number that is a public code or a measure.
const PUBLIC: &WordSet = words!(
    "snomed rxnorm rxcui loinc cpt hcpcs ndc icd pmid doi nct code codes sct concept pubmed isbn issn"
);

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for (at, _) in view.at(&view.numbers).filter(|(_, word)| word.len() >= LONG) {
        number(view, at, found);
    }
    for (at, _) in view.at(&view.codes).filter(|(_, word)| word.len() >= 5) {
        code(view, at, found);
    }
}

/// Whether word `at` touches another by a mark: a part of something longer.
fn joined(view: &View<'_>, at: usize) -> bool {
    let tight = |mark: usize| {
        view.get(mark).is_some_and(|word| word.kind == Kind::Mark)
            && [b'-', b'.', b'/', b'_', b'@', b',', b'$'].iter().any(|byte| view.mark(mark, *byte))
    };
    let before = at
        .checked_sub(1)
        .is_some_and(|mark| view.get(at).is_some_and(|word| word.gap == Gap::None) && tight(mark));
    let after = view.get(at + 1).is_some_and(|word| word.gap == Gap::None)
        && tight(at + 1)
        && view.get(at + 2).is_some_and(|word| word.gap == Gap::None && word.kind != Kind::Mark);
    before || after
}

fn number(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(word) = view.get(at) else { return };
    let unit = view.is_any(at + 1, words!("mg mcg ml units copies iu cells cfu million dollars"));
    if unit || view.before(at, 4, PUBLIC) || joined(view, at) {
        return;
    }
    let zeros = view.str(at).bytes().rev().take_while(|byte| *byte == b'0').count();
    if zeros >= 5 {
        return;
    }
    let class = if word.len() <= 10 { IdentifierClass::Mrn } else { IdentifierClass::OtherId };
    found.push(Candidate::new(word.start..word.end, class, Rank::Shape, 55, "code.long-number"));
}

fn code(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(word) = view.get(at) else { return };
    let text = view.str(at);
    let span = word.start..word.end;
    let mut add =
        |span, class, percent, name| found.push(Candidate::new(span, class, Rank::Cue, percent, name));
    if let Some(end) = uuid(view, word.start) {
        add(word.start..end, IdentifierClass::OtherId, 95, "code.uuid");
        return;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.len() - digits;
    let tail = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let head = text.get(..text.len() - tail.len()).unwrap_or_default();
    let public = view.before(at, 3, PUBLIC) || head.eq_ignore_ascii_case("nct");
    let plain_tail = !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit());
    if plain_tail
        && tail.len() >= 4
        && ["mrn", "mr", "pt", "pid", "acct", "ssn", "dob"].iter().any(|l| head.eq_ignore_ascii_case(l))
    {
        add(span.end - tail.len()..span.end, IdentifierClass::Mrn, 88, "mrn.stuck");
    } else if mbi(text) {
        add(span, IdentifierClass::HealthPlan, 92, "health-plan.mbi");
    } else if (24..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        add(span, IdentifierClass::OtherId, 85, "code.digest");
    } else if digits >= 6 && letters <= 4 && upper(text) && !public {
        add(span, IdentifierClass::OtherId, 65, "code.letters-digits");
    } else if digits >= 5 && text.len() >= 10 && upper(text) && !public {
        add(span, IdentifierClass::OtherId, 60, "code.mixed");
    }
}

fn upper(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The Medicare beneficiary identifier: 11 characters, letters and digits in fixed places, no S L O I B Z.
fn mbi(text: &str) -> bool {
    const SHAPE: &[u8] = b"1AX0AX0AA00";
    text.len() == SHAPE.len()
        && text.bytes().zip(SHAPE).all(|(byte, place)| {
            let letter = byte.is_ascii_uppercase() && !b"SLOIBZ".contains(&byte);
            match place {
                b'1' => (b'1'..=b'9').contains(&byte),
                b'0' => byte.is_ascii_digit(),
                b'A' => letter,
                _ => letter || byte.is_ascii_digit(),
            }
        })
}

/// The end of a UUID that starts at byte `start`.
fn uuid(view: &View<'_>, start: usize) -> Option<usize> {
    let text = view.text.get(start..start + 36)?;
    let shaped = text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    (shaped && !view.is_cut(&(start..start + 36))).then_some(start + 36)
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn codes_are_found() {
        assert_eq!(texts("MRN48213377 seen", recognize), [("48213377", "MRN")]);
        assert_eq!(texts("1EG4TE5MK73", recognize), [("1EG4TE5MK73", "HEALTH_PLAN")]);
        assert_eq!(texts("chart of 48213377 please", recognize), [("48213377", "MRN")]);
        assert_eq!(texts("C4820133 came", recognize), [("C4820133", "OTHER_ID")]);
        assert_eq!(
            texts("6f1c1b1e-93c5-4d3a-8f29-0d9a3f2b7c11", recognize),
            [("6f1c1b1e-93c5-4d3a-8f29-0d9a3f2b7c11", "OTHER_ID")]
        );
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "E11.9",
            "99213",
            "COVID19",
            "SNOMED 44054006",
            "1000000 copies",
            "H1N1",
            "CD4 count",
            "T4N2M0",
            "vitamin B12",
            "1,234,567",
            "Z79.4",
            "500mg",
            "3.1415926",
            "PMID 12345678",
            "NCT01234567",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
