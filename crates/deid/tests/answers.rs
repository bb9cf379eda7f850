//! Answers guarded with the real detector.

use std::sync::Arc;

use deid::{AnswerGuard, Detector, Encoding, Issued, Restorer};
use proptest::prelude::*;
use terms::{FindingCounts, IdentifierClass, Phi};

fn guard(encoding: Encoding) -> AnswerGuard {
    let issued =
        [("NAME-4K2M9Q", "Maria Lopez"), ("MRN-4839K2", "48213377")].map(|(surrogate, original)| Issued {
            class: IdentifierClass::Name,
            form: terms::Form::Label,
            surrogate: surrogate.to_owned(),
            original: Phi::new(original.to_owned()),
        });
    let sent = Arc::new(|text: &str| text == "Thomas Baker");
    AnswerGuard::new(&Detector::rules(), Arc::new(Restorer::new(&issued)), sent, encoding)
}

fn run<'a>(chunks: impl IntoIterator<Item = &'a str>, encoding: Encoding) -> (String, FindingCounts) {
    let mut guard = guard(encoding);
    let mut out: String = chunks.into_iter().map(|chunk| guard.push(chunk)).collect();
    out.push_str(&guard.finish());
    (out, guard.masked().clone())
}

const ANSWER: &str = "Here is a summary of the visit.\n\n**NAME-4K2M9Q** (MRN-4839K2) was seen by Thomas Baker for chest \
    pain. Her brother is James Whitfield, reachable at (617) 555-0142 or j.whitfield@example.org, and Whitfield \
    lives at 412 Maple Street, Springfield, IL 62704. His MRN: 77120934. The troponin was 0.04 ng/mL on 3 May and \
    the rate was 92 per minute; follow up in 2 weeks with name_4k2m9q.";

#[test]
fn an_answer_is_masked_and_restored() {
    let (out, masked) = run([ANSWER], Encoding::Text);
    assert!(out.starts_with(
        "Here is a summary of the visit.\n\n**Maria Lopez** (48213377) was seen by Thomas Baker"
    ));
    assert!(out.ends_with("follow up in 2 weeks with Maria Lopez."));
    for leaked in
        ["Whitfield", "James", "555-0142", "example.org", "412 Maple", "62704", "77120934", "4K2M9Q"]
    {
        assert!(!out.contains(leaked), "{leaked}");
    }
    assert!(out.contains("The troponin was 0.04 ng/mL on 3 May and the rate was 92 per minute"));
    assert!(masked.of(IdentifierClass::Name) >= 2 && masked.of(IdentifierClass::Mrn) == 1);
}

#[test]
fn look_alikes_of_surrogates_are_ordinary_text() {
    let (out, masked) = run(["Her MRN is MRN-5839K2, not MRN-4839K2."], Encoding::Text);
    assert!(!out.contains("5839K2") && out.contains("not 48213377."));
    assert_eq!(masked.total(), 1);
}

#[test]
fn clinical_prose_is_left_alone() {
    let prose = "The patient should continue metformin 500 mg twice daily with meals. We recommend a repeat HbA1c in \
        3 months, and a referral to ophthalmology. Blood pressure of 142/88 suggests stage 2 hypertension; consider \
        lisinopril 10 mg. Don't stop aspirin. In summary, the plan is reasonable, and the risk is low.";
    assert_eq!(run([prose], Encoding::Text), (prose.to_owned(), FindingCounts::default()));
}

#[test]
fn tool_arguments_stay_json() {
    let arguments =
        r#"{"patient":"NAME-4K2M9Q","contact":{"name":"James Whitfield","phone":"617-555-0142"},"n":3}"#;
    let (out, masked) = run([arguments], Encoding::Json);
    let value: serde_json::Value = serde_json::from_str(&out).expect("it is still JSON");
    assert_eq!(value.get("patient").and_then(|v| v.as_str()), Some("Maria Lopez"));
    assert!(!out.contains("Whitfield") && !out.contains("555-0142"));
    assert_eq!((value.get("n").and_then(serde_json::Value::as_u64), masked.total()), (Some(3), 2));
}

#[test]
fn a_label_is_seen_from_as_far_as_the_rules_look() {
    let prose = "It is as it was and so it goes on and on with no more to say. ".repeat(4);
    let answer = format!("{prose}The MRN number is the record of: 7712 and so on.");
    assert_eq!(run([answer.as_str()], Encoding::Text).0, answer.replace("7712", "[MRN]"));
    assert_eq!(run(answer.split_inclusive(' '), Encoding::Text).0, answer.replace("7712", "[MRN]"));
}

#[test]
fn numbers_of_tool_arguments_are_masked_whole_in_any_chunks() {
    let arguments = r#"{"mrn": -48213379, "ids":[77120934 ,1], "age": 97.5 ,"dose":-2.5,"age":-99e0}"#;
    let masked = r#"{"mrn": "[MRN]", "ids":["[MRN]" ,1], "age": "[AGE_OVER_89]" ,"dose":-2.5,"age":-99e0}"#;
    for size in 1..=arguments.len() {
        let chunks =
            arguments.as_bytes().chunks(size).map(|chunk| std::str::from_utf8(chunk).expect("ASCII"));
        assert_eq!(run(chunks, Encoding::Json).0, masked, "{size}");
    }
}

#[test]
fn an_answer_word_by_word_is_the_answer_as_a_whole() {
    for encoding in [Encoding::Text, Encoding::Json] {
        let whole = run([ANSWER], encoding);
        assert_eq!(run(ANSWER.split_inclusive(' '), encoding), whole);
        let letters: Vec<String> = ANSWER.chars().map(String::from).collect();
        assert_eq!(run(letters.iter().map(String::as_str), encoding), whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn chunking_changes_nothing(
        words in prop::collection::vec(prop::sample::select(vec![
            "James Whitfield", "Whitfield", "MRN: 77120934", "412 Maple Street", "the", "patient", "was", "92 years old",
            "seen", "by", "Dr.", "born", "\n\n", "NAME-4K2M9Q", "name 4k2m9q", "617-555-0142", "de la Cruz", "Juan",
            "j.w@example.org", "\"", "\\n", "https://x.test/MRN-4839K2", "and", "so on", "in", "Springfield, IL 62704",
        ]), 0..60),
        size in 1..30_usize,
        as_json: bool,
    ) {
        let encoding = if as_json { Encoding::Json } else { Encoding::Text };
        let text = words.join(" ");
        let characters: Vec<char> = text.chars().collect();
        let chunks: Vec<String> = characters.chunks(size).map(|chunk| chunk.iter().collect()).collect();
        prop_assert_eq!(run(chunks.iter().map(String::as_str), encoding), run([text.as_str()], encoding));
    }
}
