//! What holds for every text.
#![expect(clippy::unwrap_used, clippy::string_slice, reason = "a test may panic")]

use deid::{Detector, Finding, Known, OperatingPoint, Passage, REACH};
use proptest::prelude::*;
use terms::IdentifierClass;

fn detect(text: &str, label: Option<&str>, known: &Known) -> Vec<Finding> {
    Detector::standard(OperatingPoint::Recall).detect(Passage { text, label }, known).unwrap()
}

fn check(text: &str, findings: &[Finding]) {
    let mut end = 0;
    for finding in findings {
        assert!(finding.span.start >= end && finding.span.start < finding.span.end);
        assert!(text.get(finding.span.clone()).is_some(), "not on a character boundary");
        end = finding.span.end;
    }
}

/// Pieces that the recognisers look at, so that random text gets deep into them.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,4}",
        "[ \\n\\t.,:;/()#@'\"*&%\\\\-]{1,3}",
        "[0-9]{1,17}",
        "[A-Z0-9]{3,18}",
        prop::sample::select(vec![
            "Dr",
            "Mrs.",
            "John",
            "Smith",
            "MRN",
            "DOB",
            "SSN",
            "Patient:",
            "name",
            "March",
            "14",
            "2019",
            "St",
            "Street",
            "IL",
            "62701",
            "Hospital",
            "Apt",
            "@",
            "http://",
            "www.",
            "&#64;",
            "%40",
            "&nbsp;",
            "\\u0041",
            "\u{200b}",
            "M",
            "D",
            "is",
            "Dear",
            "mother",
            "van",
            "der",
            "-",
            "'",
            "é",
            "ß",
            "ﬁ",
            "½",
            "\u{301}",
            "Ж",
            "о",
            "(01)",
            "12345678901234",
            "fe80::1",
            "IBAN",
            "DE89",
            "at",
            "dot",
            "com",
            "year",
            "93",
            "NAME-4K7Q2M",
        ])
        .prop_map(str::to_owned),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec((piece(), prop::bool::ANY), 0..40).prop_map(|pieces| {
        pieces.into_iter().map(|(piece, blank)| if blank { piece + " " } else { piece }).collect()
    })
}

/// What a conversation may know: pieces that random text is made of.
fn mappings() -> impl Strategy<Value = Vec<(IdentifierClass, String)>> {
    prop::collection::vec((prop::sample::select(IdentifierClass::ALL.to_vec()), piece()), 0..6)
}

proptest! {
    #[test]
    fn findings_are_sorted_apart_and_on_boundaries(text in text(), label in prop::option::of("[a-zA-Z_]{0,12}")) {
        check(&text, &detect(&text, label.as_deref(), &Known::none()));
    }

    #[test]
    fn nothing_that_names_a_person_is_longer_than_the_reach(text in text(), long in "[A-Z][a-z]{150,400}|[0-9]{150,300}") {
        let text = format!("Dr. {long} and {text} {long}@{long}.com MRN {long}");
        for finding in detect(&text, None, &Known::none()) {
            prop_assert!(finding.span.len() <= REACH * 4 && text[finding.span.clone()].chars().count() <= REACH
                || !finding.class.names_a_person());
        }
    }

    #[test]
    fn no_string_panics(text in any::<String>()) {
        check(&text, &detect(&text, None, &Known::none()));
    }

    #[test]
    fn what_is_known_is_found_again_in_any_case(before in "[a-z ,.]{0,30}", after in "[a-z ,.]{0,30}") {
        let known = Known::new([(IdentifierClass::OtherId, "Zanzibar Kite", "OTHER-ID-4K7Q2M")]);
        let text = format!("{before} zanzibar KITE {after}");
        let findings = detect(&text, None, &known);
        check(&text, &findings);
        let at = before.len() + 1;
        prop_assert!(findings.iter().any(|found| found.span == (at..at + 13)));
    }

    #[test]
    fn own_surrogates_are_never_findings(text in text()) {
        let known = Known::new([(IdentifierClass::Name, "John Smith", "NAME-4K7Q2M")]);
        let text = format!("Dr. NAME-4K7Q2M {text} patient: name_4k7q2m");
        for finding in detect(&text, None, &known) {
            let found = text[finding.span].to_ascii_lowercase().replace(['_', ' '], "-");
            prop_assert!(!found.contains("name-4k7q2m"), "{}", found);
        }
    }

    #[test]
    fn detecting_is_examining_once_and_looking_with_what_is_known(
        text in text(), label in prop::option::of("[a-zA-Z_]{0,12}"), mappings in mappings(), tagged: bool
    ) {
        let detector = if tagged { Detector::standard(OperatingPoint::Recall) } else { Detector::rules() };
        let passage = Passage { text: &text, label: label.as_deref() };
        let examined = detector.examine(passage).unwrap();
        let known = Known::new(mappings.iter().map(|(class, text)| (*class, text.as_str(), "NAME-4K7Q2M")));
        for known in [Known::none(), known] {
            let findings = examined.clone().findings(passage, &known).unwrap();
            check(&text, &findings);
            prop_assert_eq!(Ok(findings), detector.detect(passage, &known));
        }
    }

    #[test]
    fn invisible_characters_hide_nothing(cut in 1_usize..11) {
        let number = "219-09-9999";
        let (head, tail) = number.split_at(cut);
        let text = format!("ssn {head}\u{200b}{tail} x");
        let findings = detect(&text, None, &Known::none());
        let number = format!("{head}\u{200b}{tail}");
        prop_assert!(findings.iter().any(|found| text[found.span.clone()] == number));
    }
}

#[test]
fn look_alikes_of_surrogates_are_ordinary_text() {
    let text = "record MRN-4839K2 please";
    let findings = detect(text, None, &Known::none());
    assert_eq!(findings.len(), 1);
    assert!(text[findings[0].span.clone()].contains("4839K2"));
}
