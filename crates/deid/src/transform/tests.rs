use std::collections::BTreeMap;

use super::*;
use crate::Confidence;

/// Numbers originals in the order in which they come; skips what is taken.
struct Counting(BTreeMap<String, String>, u32);

impl SurrogateSource for Counting {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        if let Some(known) = self.0.get(original) {
            return Ok(known.clone());
        }
        loop {
            self.1 += 1;
            let candidate = format!("{}-AB{:04}", class.label().replace('_', "-"), self.1);
            if !taken(&candidate) {
                self.0.insert(original.to_owned(), candidate.clone());
                return Ok(candidate);
            }
        }
    }
}

fn finding(span: std::ops::Range<usize>, class: IdentifierClass) -> Finding {
    Finding { span, class, confidence: Confidence(90), recognizer: "test" }
}

fn run(text: &str, found: Vec<Finding>, obligations: &Obligations) -> Result<Transformed, TransformError> {
    let mut source = Counting(BTreeMap::new(), 0);
    transform(&[Passage::prose(text)], &[found], obligations, &mut source, &|_| false)
}

fn treat(pairs: &[(IdentifierClass, Treatment)]) -> Obligations {
    Obligations { treatments: pairs.iter().copied().collect(), reason_codes: Vec::new() }
}

#[test]
fn each_class_gets_its_treatment() {
    let text = "Ann Lee, MRN 4839, Dover";
    let found = vec![
        finding(0..7, IdentifierClass::Name),
        finding(13..17, IdentifierClass::Mrn),
        finding(19..24, IdentifierClass::Location),
    ];
    let obligations =
        treat(&[(IdentifierClass::Mrn, Treatment::Redact), (IdentifierClass::Location, Treatment::Pass)]);
    let done = run(text, found, &obligations).unwrap();
    assert_eq!(done.edits(), [(0, "NAME-AB0001, MRN [MRN], Dover".to_owned())]);
    assert_eq!(done.counts().total(), 3);
    assert_eq!(done.obligations(), &obligations);
    let [issued] = done.issued() else { panic!("one surrogate was issued") };
    assert_eq!((issued.surrogate.as_str(), issued.original.expose().as_str()), ("NAME-AB0001", "Ann Lee"));
}

#[test]
fn only_passages_that_change_are_edited_and_an_original_is_issued_once() {
    let passages =
        [Passage::prose("nothing"), Passage::prose("Ann"), Passage::prose("Ann"), Passage::prose("IL")];
    let name = || vec![finding(0..3, IdentifierClass::Name)];
    let found = [vec![], name(), name(), vec![finding(0..2, IdentifierClass::Location)]];
    let obligations = treat(&[(IdentifierClass::Location, Treatment::Pass)]);
    let mut source = Counting(BTreeMap::new(), 0);
    let done = transform(&passages, &found, &obligations, &mut source, &|_| false).unwrap();
    assert_eq!(done.edits().iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(done.issued().len(), 1);
    assert_eq!(done.counts().total(), 3);
}

#[test]
fn a_surrogate_never_equals_text_of_the_request() {
    let obligations = Obligations::default();
    let done = run("Ann ab0001", vec![finding(0..3, IdentifierClass::Name)], &obligations).unwrap();
    assert_eq!(done.edits(), [(0, "NAME-AB0002 ab0001".to_owned())]);
    let mut source = Counting(BTreeMap::new(), 0);
    let taken = |candidate: &str| candidate.ends_with("0001");
    let found = [vec![finding(0..3, IdentifierClass::Name)]];
    let done = transform(&[Passage::prose("Ann")], &found, &obligations, &mut source, &taken).unwrap();
    assert_eq!(done.edits(), [(0, "NAME-AB0002".to_owned())]);
}

#[test]
fn what_would_corrupt_the_text_is_an_error() {
    let (name, default) = (IdentifierClass::Name, Obligations::default());
    let error = |text, found| run(text, found, &default).err();
    assert_eq!(
        error("Ann Lee", vec![finding(0..5, name), finding(4..7, name)]),
        Some(TransformError::Overlap)
    );
    assert_eq!(
        error("Ann Lee", vec![finding(4..7, name), finding(0..3, name)]),
        Some(TransformError::Overlap)
    );
    for (text, span) in [("Ann", 0..4), ("Ann", 1..1), ("é", 0..1), ("é", 1..2)] {
        assert_eq!(error(text, vec![finding(span, name)]), Some(TransformError::OutOfPlace));
    }
    let mut source = Counting(BTreeMap::new(), 0);
    let done = transform(&[Passage::prose("a")], &[], &default, &mut source, &|_| false);
    assert_eq!(done.err(), Some(TransformError::Mismatch));
}

#[test]
fn a_source_that_refuses_stops_the_transformation() {
    struct Full;
    impl SurrogateSource for Full {
        fn surrogate(
            &mut self,
            _: IdentifierClass,
            _: &str,
            _: &dyn Fn(&str) -> bool,
        ) -> Result<String, SurrogateError> {
            Err(SurrogateError::Full)
        }
    }
    let found = [vec![finding(0..3, IdentifierClass::Name)]];
    let done = transform(&[Passage::prose("Ann")], &found, &Obligations::default(), &mut Full, &|_| false);
    assert_eq!(done.err(), Some(TransformError::Surrogate(SurrogateError::Full)));
}
