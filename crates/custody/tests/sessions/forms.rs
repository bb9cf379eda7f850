//! Surrogates in other forms than the label's.

use std::cell::Cell;

use crate::house::{House, SILENT, Talk, issue, owner};
use custody::SessionLimits;
use terms::{Form, IdentifierClass, Randomness, Shape, SurrogateError, SurrogateSource};

/// Counts what it draws; what is `not` does not fit.
struct Counting<'a> {
    next: Cell<u32>,
    not: &'a [&'a str],
}

impl Shape for Counting<'_> {
    fn fits(&self, candidate: &str) -> bool {
        !self.not.contains(&candidate)
    }

    fn draw(&self, _: &dyn Randomness) -> Option<String> {
        self.next.set(self.next.get() + 1);
        (self.next.get() < 100).then(|| format!("{:08}", self.next.get()))
    }
}

fn shaped(
    turn: &mut custody::Turn,
    original: &str,
    form: Form,
    not: &[&str],
) -> Result<Option<String>, SurrogateError> {
    turn.shaped(IdentifierClass::Mrn, original, form, &Counting { next: Cell::new(0), not })
}

#[tokio::test]
async fn each_form_is_stable_beside_the_label_and_through_a_restart() {
    let (mut house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    talk.say("one");
    let mut turn = house.resume(&owner, &talk).await;
    let label = issue(&mut turn, "48213377");
    let number = shaped(&mut turn, "48213377", Form::Number, &[]);
    assert_eq!(number, Ok(Some("00000001".to_owned())));
    assert_eq!(
        shaped(&mut turn, "77120934", Form::Number, &[]),
        Ok(Some("00000002".to_owned())),
        "no two alike"
    );
    assert_eq!(shaped(&mut turn, "48213377", Form::Alike, &[]), Ok(Some("00000003".to_owned())));
    turn.answered(Some(b"two"), SILENT);
    talk.hear("two");
    house.restart().await;
    talk.say("three");
    let mut turn = house.resume(&owner, &talk).await;
    assert_eq!(issue(&mut turn, "48213377"), label);
    assert_eq!(shaped(&mut turn, "48213377", Form::Number, &[]), number);
    assert_eq!(shaped(&mut turn, "48213377", Form::Alike, &[]), Ok(Some("00000003".to_owned())));
    let known: Vec<_> = turn.known().map(|(_, original, surrogate)| (original, surrogate)).collect();
    let (one, two) = ("48213377", "77120934");
    assert_eq!(known, [(one, label.as_str()), (one, ""), (two, ""), (one, "")]);
}

#[tokio::test]
async fn requests_that_refuse_each_others_take_turns_with_two() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    talk.say("one");
    let mut turn = house.resume(&owner, &talk).await;
    for other in 0..40 {
        shaped(&mut turn, &format!("5550{other:04}"), Form::Alike, &[]).unwrap();
    }
    let first = shaped(&mut turn, "48213377", Form::Number, &[]).unwrap().unwrap();
    let second = shaped(&mut turn, "48213377", Form::Number, &[&first]).unwrap().unwrap();
    for _ in 0..3 {
        assert_eq!(shaped(&mut turn, "48213377", Form::Number, &[&second]), Ok(Some(first.clone())));
        assert_eq!(shaped(&mut turn, "48213377", Form::Number, &[&first]), Ok(Some(second.clone())));
    }
}

#[tokio::test]
async fn one_that_no_longer_fits_gives_way_to_another_for_good() {
    let (mut house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    talk.say("one");
    let mut turn = house.resume(&owner, &talk).await;
    shaped(&mut turn, "48213377", Form::Number, &[]).unwrap();
    let second = shaped(&mut turn, "48213377", Form::Number, &["00000001"]);
    assert_eq!(second, Ok(Some("00000002".to_owned())));
    turn.answered(Some(b"two"), SILENT);
    talk.hear("two");
    house.restart().await;
    talk.say("three");
    let mut turn = house.resume(&owner, &talk).await;
    assert_eq!(shaped(&mut turn, "48213377", Form::Number, &[]), second);
}

#[tokio::test]
async fn what_can_not_be_drawn_is_none_and_the_limit_holds() {
    let house = House::with(SessionLimits { mappings: 1, ..SessionLimits::default() });
    let (owner, mut talk) = (owner("mercy", "scribe"), Talk::default());
    talk.say("one");
    let mut turn = house.resume(&owner, &talk).await;
    let none = Counting { next: Cell::new(100), not: &[] };
    assert_eq!(turn.shaped(IdentifierClass::Mrn, "48213377", Form::Number, &none), Ok(None));
    shaped(&mut turn, "48213377", Form::Number, &[]).unwrap();
    assert_eq!(shaped(&mut turn, "77120934", Form::Number, &[]), Err(SurrogateError::Full));
}

#[tokio::test]
async fn a_pseudonym_is_the_same_in_every_conversation_and_its_original_is_known() {
    let (mut house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    talk.say("one");
    let mut turn = house.resume(&owner, &talk).await;
    let ask =
        |turn: &mut custody::Turn, original: &str| turn.pseudonym(IdentifierClass::Name, original, "ann lee");
    let first = ask(&mut turn, "Ann Lee").unwrap();
    assert_eq!(ask(&mut turn, "ANN LEE"), Ok(first.clone()));
    assert!(first.starts_with("NAME-") && first.len() == 21, "{first}");
    turn.answered(Some(b"two"), SILENT);
    talk.hear("two");
    house.restart().await;
    talk.say("three");
    let mut turn = house.resume(&owner, &talk).await;
    let known: Vec<_> = turn.known().map(|(_, original, surrogate)| (original, surrogate)).collect();
    assert_eq!(known, [("Ann Lee", ""), ("ANN LEE", "")]);
    assert_eq!(ask(&mut turn, "Ann Lee"), Ok(first.clone()));
    assert_eq!(turn.known().count(), 2, "once");
    let mut other = Talk::default();
    other.say("another");
    let mut turn = house.resume(&owner, &other).await;
    assert_eq!(ask(&mut turn, "Lee, Ann"), Ok(first), "no conversation's, but the engagement's");
}

#[tokio::test]
async fn parts_are_no_findings_and_no_surrogate_is_an_original_of_the_session() {
    let (house, owner, mut talk) = (House::new(), owner("mercy", "scribe"), Talk::default());
    talk.say("one");
    let mut turn = house.resume(&owner, &talk).await;
    assert_eq!(shaped(&mut turn, "00000001", Form::Realistic, &[]), Ok(Some("00000002".to_owned())));
    issue(&mut turn, "00000003");
    assert_eq!(shaped(&mut turn, "s smith", Form::Part, &[]), Ok(Some("00000001".to_owned())));
    assert_eq!(shaped(&mut turn, "48213377", Form::Realistic, &[]), Ok(Some("00000004".to_owned())));
    turn.answered(Some(b"two"), SILENT);
    talk.hear("two");
    talk.say("three");
    let turn = house.resume(&owner, &talk).await;
    let known: Vec<_> = turn.known().map(|(_, original, _)| original).collect();
    assert_eq!(known, ["00000001", "00000003", "48213377"]);
}
