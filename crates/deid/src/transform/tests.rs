use std::collections::BTreeMap;

use super::*;
use crate::Confidence;

mod treatments;

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
    transform(&[Passage::prose(text)], &[found], &Constraints::none(), obligations, &mut source)
}

fn treat(pairs: &[(IdentifierClass, Treatment)]) -> Obligations {
    Obligations {
        treatments: pairs.iter().copied().collect(),
        reason_codes: Vec::new(),
        ..Obligations::default()
    }
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
    let [places] = done.places() else { panic!("one passage was edited") };
    let now: Vec<_> = places.iter().map(|place| done.edits()[0].1.get(place.clone()).unwrap()).collect();
    assert_eq!(now, ["NAME-AB0001", "[MRN]", "Dover"]);
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
    let done = transform(&passages, &found, &Constraints::none(), &obligations, &mut source).unwrap();
    assert_eq!(done.edits().iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(done.issued().len(), 1);
    assert_eq!(done.counts().total(), 3);
}

#[test]
fn a_surrogate_never_equals_text_of_the_request() {
    let obligations = Obligations::default();
    let done = run("Ann ab0001", vec![finding(0..3, IdentifierClass::Name)], &obligations).unwrap();
    assert_eq!(done.edits(), [(0, "NAME-AB0002 ab0001".to_owned())]);
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
    let done = transform(&[Passage::prose("a")], &[], &Constraints::none(), &default, &mut source);
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
    let done =
        transform(&[Passage::prose("Ann")], &found, &Constraints::none(), &Obligations::default(), &mut Full);
    assert_eq!(done.err(), Some(TransformError::Surrogate(SurrogateError::Full)));
}

/// As [`Counting`], and draws: what it drew first, it keeps.
struct Drawing(Counting, BTreeMap<(String, Form), String>, u64);

struct Bytes(std::sync::atomic::AtomicU64);

impl terms::Randomness for Bytes {
    fn fill(&self, bytes: &mut [u8]) {
        let next = |state: u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        for byte in bytes {
            let order = std::sync::atomic::Ordering::Relaxed;
            *byte = self.0.fetch_update(order, order, next).unwrap().to_be_bytes()[1];
        }
    }
}

impl SurrogateSource for Drawing {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        self.0.surrogate(class, original, taken)
    }

    fn shaped(
        &mut self,
        _: IdentifierClass,
        original: &str,
        form: Form,
        shape: &dyn terms::Shape,
    ) -> Result<Option<String>, SurrogateError> {
        let key = (original.to_owned(), form);
        if let Some(known) = self.1.get(&key).filter(|known| shape.fits(known)) {
            return Ok(Some(known.clone()));
        }
        self.2 += 1;
        let bytes = Bytes(self.2.into());
        let drawn = (0..64).filter_map(|_| shape.draw(&bytes)).find(|drawn| shape.fits(drawn));
        if let Some(drawn) = &drawn {
            self.1.insert(key, drawn.clone());
        }
        Ok(drawn)
    }
}

fn drawing() -> Drawing {
    Drawing(Counting(BTreeMap::new(), 0), BTreeMap::new(), 0)
}

/// The new texts of `texts`, in each of which what is in angle brackets is an identifier.
fn fitted(texts: &[&str], constraints: &Constraints, source: &mut Drawing) -> (Vec<String>, Vec<Issued>) {
    let plain: Vec<String> = texts.iter().map(|text| text.replace(['<', '>'], "")).collect();
    let passages: Vec<Passage<'_>> = plain.iter().map(|text| Passage::prose(text)).collect();
    let found: Vec<Vec<Finding>> = texts
        .iter()
        .map(|text| {
            let brackets = text.match_indices('<').zip(text.match_indices('>')).enumerate();
            let span = |(n, ((open, _), (close, _)))| open - 2 * n..close - 1 - 2 * n;
            brackets.map(|bracket| finding(span(bracket), IdentifierClass::Mrn)).collect()
        })
        .collect();
    let done = transform(&passages, &found, constraints, &Obligations::default(), source).unwrap();
    let (edits, issued, _) = done.into_parts();
    (edits.into_iter().map(|(_, text)| text).collect(), issued)
}

#[test]
fn a_number_is_one_number_everywhere_and_the_same_in_the_next_turn() {
    let mut constraints = Constraints::none();
    constraints.number(1);
    let mut source = drawing();
    let texts = ["MRN <48213377>, not x<48213377>", "<48213377>", "<Ann>"];
    let (new, issued) = fitted(&texts, &constraints, &mut source);
    let number = new[1].clone();
    assert!(crate::shape::is_number(&number) && number.len() == 8 && number != "48213377");
    assert_eq!(new[0], format!("MRN {number}, not xMRN-AB0001"), "a label where a letter touches");
    assert_eq!(new[2], "MRN-AB0002");
    let forms: Vec<Form> = issued.iter().map(|one| one.form).collect();
    assert_eq!(forms, [Form::Number, Form::Label, Form::Label]);
    assert_eq!(fitted(&texts, &constraints, &mut source).0, new);
}

#[test]
fn a_known_surrogate_that_the_request_holds_is_not_used_again() {
    let mut constraints = Constraints::none();
    constraints.require(Some("dob"), crate::Rule::Format("date"));
    let mut source = drawing();
    let first = fitted(&["<1980-03-02>"], &constraints, &mut source).0.remove(0);
    let real = format!("<1980-03-02> and {first}");
    let (new, _) = fitted(&[&real], &constraints, &mut source);
    assert!(!new[0].starts_with(&first) && new[0].ends_with(&first), "{new:?}");
}

#[test]
fn neighbours_that_touch_get_labels() {
    let mut constraints = Constraints::none();
    constraints.require(None, crate::Rule::Pattern("^[0-9]{8}$"));
    let (new, _) = fitted(&["<48213377><77120934> <77120934>"], &constraints, &mut drawing());
    assert!(new[0].starts_with("MRN-AB0001MRN-AB0002 ") && new[0].len() == 29, "{new:?}");
}

#[test]
fn a_day_is_one_day_in_every_notation() {
    let mut constraints = Constraints::none();
    constraints.require(None, crate::Rule::Format("date"));
    let mut source = drawing();
    let texts = ["born <03/14/1980>, <March 14, 1980>", "<1980-03-14T10:05:00Z>", "<03/15/1980>"];
    let (new, issued) = fitted(&texts, &constraints, &mut source);
    let date = |text: &str| crate::shape::Date::read(text).map(|date| date.day().iso()).unwrap();
    let (first, second) = new[0].strip_prefix("born ").unwrap().split_once(", ").unwrap();
    let day = date(first);
    assert!(date(second) == day && date(&new[2]) != day, "{new:?}");
    let restorer = crate::Restorer::new(&issued);
    let arguments = format!("{{\"dob\":\"{day}\",\"at\":\"{day}T00:00:00Z\"}}");
    assert_eq!(
        restorer.restore(&arguments, crate::Encoding::Json),
        "{\"dob\":\"1980-03-14\",\"at\":\"1980-03-14T00:00:00Z\"}",
        "in ISO form too, though only other notations were sent"
    );
    assert_eq!(fitted(&["<1980-03-14>"], &constraints, &mut source).0, [day], "and in the next turn");
    assert_eq!(fitted(&texts, &constraints, &mut source).0, new);
}

#[test]
fn a_day_with_its_time_and_a_day_in_doubt_stand_alone() {
    let mut constraints = Constraints::none();
    constraints.require(None, crate::Rule::Format("date-time"));
    let mut source = drawing();
    let (new, issued) = fitted(&["<1980-03-14T10:05:00Z>", "<03/02/1980>"], &constraints, &mut source);
    let restorer = crate::Restorer::new(&issued);
    let back = |text: &str| restorer.restore(text, crate::Encoding::Text);
    assert_eq!(back(&new[0]), "1980-03-14T10:05:00Z");
    assert!(
        !back(&new[0].replace('T', " at ")).contains("1980"),
        "its day beside a drawn time would look true"
    );
    assert_eq!(back(&new[1]), "03/02/1980");
    let day = crate::shape::Date::read(&new[1]).unwrap().day().iso();
    assert!(!back(&day).contains("1980"), "nobody knows whether it was March or February");
    let (other, _) = fitted(&["<1980-03-02>"], &constraints, &mut source);
    assert_ne!(other, [day]);
}

/// Remembers one moved day for each original, as a session does, and issues labels by number.
struct Moving(Counting, BTreeMap<String, String>, crate::shape::tests::Lot);

impl Moving {
    fn new(seed: u64) -> Self {
        Self(Counting(BTreeMap::new(), 0), BTreeMap::new(), crate::shape::tests::Lot::new(seed))
    }
}

impl SurrogateSource for Moving {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        self.0.surrogate(class, original, taken)
    }

    fn shaped(
        &mut self,
        _: IdentifierClass,
        original: &str,
        form: Form,
        shape: &dyn terms::Shape,
    ) -> Result<Option<String>, SurrogateError> {
        let key = format!("{original}/{}", form.as_str());
        if let Some(known) = self.1.get(&key).filter(|known| shape.fits(known)) {
            return Ok(Some(known.clone()));
        }
        let drawn = shape.draw(&self.2).filter(|drawn| shape.fits(drawn));
        self.1.extend(drawn.clone().map(|drawn| (key, drawn)));
        Ok(drawn)
    }
}

/// What goes out of `text` when dates are moved, and what restores it.
fn moved(text: &str, source: &mut Moving) -> (String, crate::Restorer) {
    let found = crate::Detector::rules().detect(Passage::prose(text), &crate::Known::none()).unwrap();
    let obligations = treat(&[(IdentifierClass::Date, Treatment::Shift)]);
    let passages = [Passage::prose(text)];
    let done = transform(&passages, &[found], &Constraints::none(), &obligations, source).unwrap();
    let sent = done.edits().first().map_or_else(|| text.to_owned(), |(_, sent)| sent.clone());
    (sent, crate::Restorer::new(done.issued()))
}

fn day(text: &str) -> i64 {
    crate::shape::Date::read(text).unwrap_or_else(|| panic!("{text}")).day().number()
}

#[test]
fn dates_of_a_conversation_are_moved_together_and_come_back() {
    let text =
        "Seen 2024-02-27T10:00:00Z and March 12, 2024, then 04/02/2024 at 9:15 AM. Next: 3/14, May 2024.";
    for seed in 0..20 {
        let mut source = Moving::new(seed);
        let (sent, restorer) = moved(text, &mut source);
        let words: Vec<&str> = sent.split([' ', 'T']).collect();
        let (first, third) = (day(words[1]), day(words[8]));
        let second = day(words[4..7].join(" ").trim_end_matches(','));
        assert_eq!((second - first, third - second), (14, 21), "{sent}");
        assert!(
            (35..=364).contains(&(first - day("2024-02-27")).abs()) && (first - day("2024-02-27")) % 7 == 0
        );
        assert!(sent.contains("T10:00:00Z") && sent.contains(" at 9:15 AM"), "{sent}");
        assert!(!sent.contains("May 2024"), "what is no full date gets a label: {sent}");
        assert_eq!(restorer.restore(&sent, crate::Encoding::Text), text);
        // the next turn of the conversation, and what the model reckons
        let (again, _) = moved("Since 2024-02-27.", &mut source);
        assert!(sent.contains(again.trim_start_matches("Since ").trim_end_matches('.')));
        let by = first - day("2024-02-27");
        let later = crate::shape::Day::from_number(day("2024-03-26") + by).unwrap().iso();
        let answer = format!("Come back on {later}. The rule is of 1996-08-21.");
        let heard = restorer.restore(&answer, crate::Encoding::Text);
        assert_eq!(heard, "Come back on 2024-03-26. The rule is of 1996-08-21.");
        let address = format!("https://a.example/{later}/x and x{later}");
        assert_eq!(
            restorer.restore(&address, crate::Encoding::Text),
            address,
            "what was only reckoned is not masked"
        );
    }
}

#[test]
fn two_conversations_move_dates_differently() {
    let of = |seed| moved("Seen 2024-02-27.", &mut Moving::new(seed)).0;
    let all: std::collections::BTreeSet<String> = (0..40).map(of).collect();
    assert!(all.len() > 20, "{all:?}");
}

#[test]
fn a_source_that_remembers_no_shift_and_other_classes_get_labels() {
    let shift = [(IdentifierClass::Date, Treatment::Shift), (IdentifierClass::Mrn, Treatment::Shift)];
    let found = vec![finding(0..10, IdentifierClass::Date), finding(11..15, IdentifierClass::Mrn)];
    let done = run("2024-02-27 4839", found, &treat(&shift)).unwrap();
    assert_eq!(done.edits(), [(0, "DATE-AB0001 MRN-AB0002".to_owned())]);
}

#[test]
fn two_spellings_that_would_be_one_come_back_each_as_it_was() {
    for seed in 0..40 {
        let text = "On 11/06/1980 and on 11/6/1980 and on 1/6/1980.";
        let (sent, restorer) = moved(text, &mut Moving::new(seed));
        assert_eq!(restorer.restore(&sent, crate::Encoding::Text), text, "{sent}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, ..Default::default() })]
    #[test]
    fn order_and_distance_stay_and_all_comes_back(
        days in proptest::collection::vec(700_000_i64..740_000, 1..12),
        notation in proptest::sample::select(vec!["2000-01-02", "01/02/2000", "January 2, 2000", "2 Jan 2000"]),
        seed: u64,
    ) {
        let like = crate::shape::Date::read(notation).unwrap();
        let written = |day: &i64| like.with(crate::shape::Day::from_number(*day).unwrap());
        let lines: Vec<String> = days.iter().map(|day| format!("seen on {}", written(day))).collect();
        let text = lines.join("\n");
        let (sent, restorer) = moved(&text, &mut Moving::new(seed));
        let after: Vec<i64> = sent.lines().map(|line| day(line.trim_start_matches("seen on "))).collect();
        let shift = after[0] - days[0];
        proptest::prop_assert!(shift != 0 && shift % 7 == 0 && (35..=364).contains(&shift.abs()));
        proptest::prop_assert!(days.iter().zip(&after).all(|(before, after)| after - before == shift));
        proptest::prop_assert_eq!(restorer.restore(&sent, crate::Encoding::Text), text);
    }
}

#[test]
fn what_is_told_is_stripped_and_not_restored() {
    let text = "Ann has asthma and gout";
    let told = |part: &str, class| {
        let start = text.find(part).unwrap();
        crate::Told { span: start..start + part.len(), class, rule: "test", confidence: Confidence(90) }
    };
    let places =
        vec![told("asthma", terms::HealthClass::Diagnosis), told("gout", terms::HealthClass::Behavioural)];
    let obligations = Obligations { strip: [terms::HealthClass::Diagnosis].into(), ..Obligations::default() };
    let found = vec![finding(0..3, IdentifierClass::Name)];
    let mut source = Counting(BTreeMap::new(), 0);
    let passages = [Passage::prose(text)];
    let constraints = Constraints::none();
    let done = transform_told(
        &passages,
        std::slice::from_ref(&found),
        &[places],
        &constraints,
        &obligations,
        &mut source,
    )
    .unwrap();
    let (_, new) = &done.edits()[0];
    assert!(new.ends_with(" has [DIAGNOSIS] and gout") && !new.contains("Ann"), "{new}");
    assert_eq!((done.stripped().total(), done.issued().len()), (1, 1));
    // who is to strip must be told where
    let blind = transform(&passages, &[found], &constraints, &obligations, &mut source);
    assert_eq!(blind.err(), Some(TransformError::Mismatch));
}
