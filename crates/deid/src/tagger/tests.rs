//! What the weights that ship find and leave alone, and that a broken file of weights is none.

use super::*;
use crate::{Detector, Known, Passage};

fn found(point: OperatingPoint, text: &str) -> Vec<&str> {
    let findings = Detector::standard(point).detect(Passage::prose(text), &Known::none()).unwrap();
    findings.iter().map(|finding| text.get(finding.span.clone()).unwrap()).collect()
}

fn by_rules(text: &str) -> Vec<&str> {
    let findings = Detector::rules().detect(Passage::prose(text), &Known::none()).unwrap();
    findings.iter().map(|finding| text.get(finding.span.clone()).unwrap()).collect()
}

#[test]
fn weights_that_are_not_whole_are_none() {
    assert!(Weights::read(BYTES).is_some());
    for length in [0, 3, 4, 8, 40, 1000, BYTES.len() - 1] {
        assert!(Weights::read(&BYTES[..length]).is_none(), "{length}");
    }
    let longer = [BYTES, &[0]].concat();
    assert!(Weights::read(&longer).is_none());
    let mut other = BYTES.to_vec();
    other[4] += 1;
    assert!(Weights::read(&other).is_none(), "another version of the form");
}

#[test]
fn what_no_rule_finds_is_found() {
    for (text, what) in [
        ("Kestrelwood in bed 9 has a trough of 24 on vanc.", "Kestrelwood"),
        ("ask okonjo-bello if the mri is back", "okonjo-bello"),
        ("Discussed with Vashchenko, who agrees with the plan.", "Vashchenko"),
        ("transfer from Larkmoor accepted, bed by 4", "Larkmoor"),
    ] {
        assert!(!by_rules(text).contains(&what), "{text}");
        let all = found(OperatingPoint::Balanced, text);
        assert!(all.contains(&what), "{text}: {all:?}");
    }
}

#[test]
fn what_is_no_identifier_is_left_alone() {
    for text in [
        "However, the murmur was softer and she denies chest pain.",
        "Continue Flonase and Zyrtec; stop terazosin after the lithotripsy.",
        "He smokes one and a half packs a day and drinks on weekends.",
        "Positive Babinski sign on the left, negative Hoffmann, Foley catheter in place.",
        "What does the CHA2DS2-VASc score say about anticoagulation with apixaban?",
        "REVIEW OF SYSTEMS: NEGATIVE FOR FEVER, CHILLS AND WEIGHT LOSS.",
    ] {
        assert_eq!(found(OperatingPoint::Balanced, text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn a_surer_point_finds_no_more() {
    let covered = |point, text: &str| {
        let findings = Detector::standard(point).detect(Passage::prose(text), &Known::none()).unwrap();
        findings.iter().map(|finding| finding.span.len()).sum::<usize>()
    };
    let texts = [
        "pt smith from bed 4 wants dr lee re her may 3 scan at mercy, call 4471",
        "Banks, Ofa 7/12 MEC THIN. RIOS AND PARK CALLED. XM COMPAT.",
        "Agreement with Dunmore about Fern's ride to Walnut on the 4th.",
    ];
    for text in texts {
        let points = [OperatingPoint::Precision, OperatingPoint::Balanced, OperatingPoint::Recall];
        let covered = points.map(|point| covered(point, text));
        assert!(covered.is_sorted(), "{text}: {covered:?}");
    }
}

#[test]
fn what_a_rule_says_is_neither_dropped_nor_renamed() {
    for text in [
        "WBC 20896935 Hgb 9",
        "Hospital day 2. Ordered 20896935 10:30",
        "Meds: aspirin, metoprolol, lisinopril. Susan Carter. Labs normal.",
        "Chest pain Thomas Baker ruled out",
        "Take aspirin Patricia Brown daily with food",
        "Review of systems, labs, meds: metoprolol, lisinopril, Robert Chen, atorvastatin, apixaban.",
    ] {
        let all = |detector: Detector| detector.detect(Passage::prose(text), &Known::none()).unwrap();
        let tagged = all(Detector::standard(OperatingPoint::Balanced));
        for rule in all(Detector::rules()) {
            let kept = tagged.iter().any(|one| {
                one.class == rule.class && one.span.start <= rule.span.start && rule.span.end <= one.span.end
            });
            assert!(kept, "{text}: {rule:?} is not among {tagged:?}");
        }
    }
}

#[test]
fn blocks_are_read_as_the_whole_is() {
    let text =
        "Mr. Ortega (Dunmore ward)\nDOB: 4/5/61 seen by K. Larsen 7/12, transfer to Walnut; ".repeat(9);
    let view = View::of(&text);
    let mut rules = Vec::new();
    recognize::all(&view, &mut rules);
    let weights = built_in().unwrap();
    let tell = |scores: Vec<Score>| -> Vec<_> {
        scores.iter().map(|score| (score.at, score.class, score.margin, score.begins)).collect()
    };
    let whole = tell(scores(weights, &view, &rules, usize::MAX));
    assert!(whole.len() > 50);
    for block in [1, 2, 7, 13, 64] {
        assert_eq!(tell(scores(weights, &view, &rules, block)), whole, "blocks of {block}");
    }
}

#[test]
fn source_code_is_not_asked_about() {
    for text in [
        "self.commentlist = bstartswith(b) or quopri::encode(x)",
        "class ValueTerminal(TokenList): token_type = None",
        "refused.as_deref().map(FnOnce::call_once);",
    ] {
        assert_eq!(found(OperatingPoint::Balanced, text), Vec::<&str>::new(), "{text}");
    }
}
