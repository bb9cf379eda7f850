//! What is left of a person, on texts that were judged by hand.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use deid::risk::{Level, Reason, residual};
use deid::{Confidence, Finding, Passage};
use terms::IdentifierClass::{self, AgeOver89, Date, Location, Mrn, Name, Phone, Ssn, Url};
use terms::{Obligations, Treatment};

const CASES: &str = include_str!("risk.txt");

fn class_of(mark: &str) -> IdentifierClass {
    match mark {
        "n" => Name,
        "d" => Date,
        "l" => Location,
        "m" => Mrn,
        "o" => AgeOver89,
        "p" => Phone,
        "s" => Ssn,
        "u" => Url,
        other => panic!("{other} is no mark"),
    }
}

fn read(marked: &str) -> (String, Vec<Finding>) {
    let (mut text, mut found, mut rest) = (String::new(), Vec::new(), marked);
    while let Some((before, after)) = rest.split_once('<') {
        let (inside, behind) = after.split_once('>').unwrap();
        let (mark, value) = inside.split_once(':').unwrap();
        text.push_str(before);
        let start = text.len();
        text.push_str(value);
        let (span, class) = (start..text.len(), class_of(mark));
        found.push(Finding { span, class, confidence: Confidence(90), recognizer: "test" });
        rest = behind;
    }
    text.push_str(rest);
    (text, found)
}

fn obligations(text: &str) -> Obligations {
    let mut obligations = Obligations::default();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let (class, treatment) = item.split_once('=').unwrap();
        let treatment = Treatment::named(treatment).unwrap();
        let classes = if class == "*" { IdentifierClass::ALL.to_vec() } else { vec![class.parse().unwrap()] };
        obligations.treatments.extend(classes.into_iter().map(|class| (class, treatment)));
    }
    obligations
}

fn level(word: &str) -> Level {
    Level::ALL.into_iter().find(|level| level.as_str() == word).unwrap()
}

#[test]
fn texts_have_the_level_that_their_writer_gave_them() {
    let cases = CASES.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let (mut count, mut wrong) = (0, Vec::new());
    for case in cases {
        let [wanted, treatments, marked] = case.splitn(3, '|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("{case}")
        };
        let (text, found) = read(marked);
        let left = residual(&[Passage::prose(&text)], &[found], &obligations(treatments));
        count += 1;
        if left.level() != level(wanted) {
            wrong.push(format!("{} {:?} for {case}", left.level(), left.reasons()));
        }
    }
    assert!(count >= 60, "{count}");
    assert!(wrong.is_empty(), "of {count}:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_replaced_tells_nothing_and_what_passes_does() {
    let text = "The Mayor of Dover";
    let finding = Finding { span: 4..9, class: Name, confidence: Confidence(90), recognizer: "test" };
    let of = |treatment| {
        let obligations = Obligations { treatments: [(Name, treatment)].into(), ..Obligations::default() };
        residual(&[Passage::prose(text)], &[vec![finding.clone()]], &obligations)
    };
    assert_eq!(of(Treatment::Surrogate).level(), Level::None);
    assert_eq!(of(Treatment::Pass).reasons(), [Reason::Identifier, Reason::Occupation]);
}

#[test]
fn reasons_of_all_passages_add_up_once() {
    let passages = ["A 47-year-old", "aged 47", "struck by lightning"].map(Passage::prose);
    let left = residual(&passages, &[], &Obligations::default());
    assert_eq!(left.reasons(), [Reason::Unusual, Reason::Age]);
    assert_eq!(left.level(), Level::Elevated);
}

#[test]
fn words_that_only_look_alike_tell_nothing() {
    for text in [
        "mayoral race",
        "senatorial",
        "Kuruvilla",
        "leprosyx",
        "\u{e9}mayor\u{e9}",
        "onlyness of the county",
        "47 o'clock years",
        "page 47",
        "stage 2",
        "coded A19",
    ] {
        let left = residual(&[Passage::prose(text)], &[], &Obligations::default());
        assert_eq!(left.level(), Level::None, "{text}: {:?}", left.reasons());
    }
}
