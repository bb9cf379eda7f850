//! What treatments leave of identifiers.

use std::collections::BTreeSet;

use terms::IdentifierClass as Class;
use terms::{Obligations, Treatment};

use super::Reason;
use crate::transform::place::{cut_zip, state_and_prefix};
use crate::{Finding, Passage};

pub(super) fn add(
    passage: &Passage<'_>,
    findings: &[Finding],
    obligations: &Obligations,
    reasons: &mut BTreeSet<Reason>,
) {
    for finding in findings {
        let text = passage.text.get(finding.span.clone()).unwrap_or_default();
        reasons.extend(left(finding.class, obligations.treatment(finding.class), text));
    }
}

/// What is left of one.
fn left(class: Class, treatment: Treatment, text: &str) -> Option<Reason> {
    let year = || has_year(text).then_some(Reason::Year);
    match (treatment, class) {
        (Treatment::Pass, Class::Date) => Some(if is_year(text) { Reason::Year } else { Reason::Day }),
        (Treatment::Pass, Class::AgeOver89) => Some(Reason::Old),
        (Treatment::Pass, Class::Location) => Some(place(text)),
        // a house's page is nobody's by itself; one below it may be a person's
        (Treatment::Pass, Class::Url) => is_below(text).then_some(Reason::Identifier),
        (Treatment::Pass, _) => Some(Reason::Identifier),
        (Treatment::Pseudonym, _) => Some(Reason::Pseudonym),
        (Treatment::Shift, Class::Date) => Some(Reason::Shifted),
        (Treatment::Generalise | Treatment::Realistic, Class::Date) => year(),
        (Treatment::Generalise, Class::AgeOver89) => Some(Reason::Ninety),
        (Treatment::Generalise, Class::Location) => {
            // whether or not it is one here
            let kept = state_and_prefix(text, true)?;
            let prefix = kept.rsplit(' ').next().unwrap_or_default();
            (prefix != "000" && prefix.starts_with(|c: char| c.is_ascii_digit())).then_some(Reason::Zip3)
        }
        _ => None,
    }
}

/// How exact a place is that goes out.
fn place(text: &str) -> Reason {
    let (rest, zip) = cut_zip(text.trim());
    let exact = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    match zip {
        _ if exact(rest) => Reason::Precise,
        Some(_) => Reason::Zip5,
        None => Reason::Town,
    }
}

/// Whether an address names more than a house.
fn is_below(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.contains('@') || rest.find(['/', '?', '#']).is_some_and(|at| rest.len() > at + 1)
}

fn is_year(text: &str) -> bool {
    let text = text.trim();
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a year may be left of a date: in doubt it is.
fn has_year(text: &str) -> bool {
    let mut runs = text.split(|c: char| !c.is_ascii_digit());
    runs.any(|run| matches!(run.len(), 4 | 8 | 10 | 12 | 14 | 17))
        || text.matches(['/', '-', '.', '\'']).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_treatments_leave() {
        use Treatment::{Generalise, Mask, Pass, Pseudonym, Realistic, Redact, Shift, Surrogate};
        for (class, treatment, text, wanted) in [
            (Class::Date, Pass, "2024-02-27", Some(Reason::Day)),
            (Class::Date, Pass, "2024", Some(Reason::Year)),
            (Class::Date, Shift, "2024-02-27", Some(Reason::Shifted)),
            (Class::Date, Generalise, "2/27/24", Some(Reason::Year)),
            (Class::Date, Generalise, "Mar 3", None),
            (Class::Date, Realistic, "March 3, 2024", Some(Reason::Year)),
            (Class::Date, Surrogate, "2024-02-27", None),
            (Class::Location, Pass, "02139", Some(Reason::Zip5)),
            (Class::Location, Pass, "12 Maple St, Boston, MA 02139", Some(Reason::Precise)),
            (Class::Location, Pass, "Boston, MA 02139", Some(Reason::Zip5)),
            (Class::Location, Pass, "Boston", Some(Reason::Town)),
            (Class::Location, Generalise, "Boston, MA 02139", Some(Reason::Zip3)),
            (Class::Location, Generalise, "Boston, MA", None),
            (Class::Location, Generalise, "05901", None),
            (Class::AgeOver89, Pass, "93", Some(Reason::Old)),
            (Class::AgeOver89, Generalise, "93", Some(Reason::Ninety)),
            (Class::Name, Pass, "Ann", Some(Reason::Identifier)),
            (Class::Name, Generalise, "Ann", None),
            (Class::Url, Pass, "https://a.example", None),
            (Class::Url, Pass, "https://a.example/", None),
            (Class::Url, Pass, "https://a.example/patients/482133", Some(Reason::Identifier)),
            (Class::Url, Pass, "a.example?mrn=482133", Some(Reason::Identifier)),
            (Class::Mrn, Pseudonym, "48213377", Some(Reason::Pseudonym)),
            (Class::Mrn, Redact, "48213377", None),
            (Class::Mrn, Mask, "48213377", None),
        ] {
            assert_eq!(left(class, treatment.of(class), text), wanted, "{treatment:?} {text}");
        }
    }
}
