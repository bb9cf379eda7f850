use proptest::prelude::*;
use terms::IdentifierClass::{self, Date, Location, Mrn, Name, OtherId, Phone, Ssn};

use super::*;
use crate::Finding;

type Allowed<'a> = &'a [(Option<IdentifierClass>, &'a str)];

fn lists(allowed: Allowed<'_>, wanted: &[(IdentifierClass, &str)]) -> Arc<Lists> {
    Lists::new(allowed.iter().copied(), wanted.iter().copied(), "1").unwrap()
}

fn findings(lists: &Arc<Lists>, label: Option<&str>, text: &str, known: &Known) -> Vec<Finding> {
    let detector = Detector::rules().with_lists(Arc::clone(lists));
    detector.detect(Passage { text, label }, known).unwrap()
}

fn found<'t>(lists: &Arc<Lists>, text: &'t str) -> Vec<(&'t str, IdentifierClass)> {
    let found = findings(lists, None, text, &Known::none());
    found.into_iter().map(|one| (text.get(one.span).unwrap(), one.class)).collect()
}

#[test]
fn an_allowed_text_is_no_finding_where_it_is_all_of_one() {
    let none = lists(&[], &[]);
    let allow = lists(&[(None, "Crystal  Ball")], &[]);
    for text in ["We saw Crystal Ball today.", "we saw CRYSTAL BALL today", "seen: Crystal\u{a0}Ball."] {
        assert_eq!(found(&allow, text), [], "{text}");
    }
    assert_eq!(found(&none, "We saw Crystal Ball today.").len(), 1);
    let longer = found(&allow, "We saw Mr. Crystal Ball Finchley and Crystal Ball today.");
    assert!(longer.iter().any(|(text, _)| text.contains("Finchley")), "{longer:?}");
    assert!(longer.iter().any(|(text, _)| text.contains("Crystal")), "{longer:?}");
}

#[test]
fn what_a_label_a_field_or_the_conversation_says_is_found_nevertheless() {
    let allow = lists(&[(None, "Crystal Ball"), (Some(Date), "Christmas Eve")], &[]);
    assert_eq!(found(&allow, "Patient: Crystal Ball").len(), 1);
    let known = Known::new([(Name, "Crystal Ball", "NAME-4K2M9Q")]);
    assert_eq!(findings(&allow, None, "We saw Crystal Ball today.", &known).len(), 1);
    assert_eq!(findings(&allow, Some("patient_name"), "Crystal Ball", &Known::none()).len(), 1);
    assert_eq!(found(&allow, "seen on Christmas Eve"), []);
    assert_eq!(found(&lists(&[], &[]), "seen on Christmas Eve").len(), 1);
}

#[test]
fn no_list_hides_a_number_or_an_address() {
    for (class, text, refused) in [
        (Some(Ssn), "anything", ListError::Class(Ssn)),
        (Some(Mrn), "MRN", ListError::Class(Mrn)),
        (Some(Phone), "extension", ListError::Class(Phone)),
        (Some(OtherId), "code", ListError::Class(OtherId)),
        (None, "219-09-9962", ListError::TooShort),
        (None, "Ward 4821", ListError::Number),
        (Some(Date), "May 3", ListError::Number),
        (None, "Q", ListError::TooShort),
        (None, "...", ListError::TooShort),
    ] {
        assert_eq!(Lists::check_allowed(class, text), Err(refused), "{text}");
        assert!(Lists::new([(class, text)], [], "1").is_err(), "{text}");
    }
    let address = Lists::check_allowed(None, "ann.lee@mercy.org");
    assert_eq!(address, Err(ListError::Class(IdentifierClass::Email)));
    let long = "Crystal ".repeat(9);
    assert_eq!(Lists::check_allowed(None, &long), Err(ListError::TooLong));
    for (class, text) in [(None, "Crystal Ball"), (Some(Location), "Ward 5B"), (Some(Date), "Christmas Eve")]
    {
        assert_eq!(Lists::check_allowed(class, text), Ok(()), "{text}");
    }
    let many = std::iter::repeat_n((None, "Crystal Ball"), 1001);
    assert_eq!(Lists::new(many, [], "1").err(), Some(ListError::TooMany));
}

#[test]
fn what_must_be_found_is_found_between_borders_of_words() {
    let lists =
        lists(&[], &[(OtherId, "project heron"), (OtherId, "heron"), (Name, "Ĳsbrand été"), (Name, "Ива́н")]);
    for (text, wanted) in [
        ("about project heron today", "project heron"),
        ("PROJECT\n  HERON", "PROJECT\n  HERON"),
        ("the 'Heron'.", "Heron"),
        ("pro\u{200b}ject heron", "pro\u{200b}ject heron"),
        ("ĳsbrand ÉTÉ", "ĳsbrand ÉTÉ"),
        ("ИВАН", "ИВАН"),
    ] {
        let all = found(&lists, text);
        assert!(all.iter().any(|(said, _)| *said == wanted), "{text}: {all:?}");
    }
    for text in ["herons", "projects heron2", "project\n\nher", "a heronry", "xproject", "project"] {
        assert_eq!(found(&lists, text), [], "{text}");
    }
    let split = found(&lists, "project\n\nheron");
    assert_eq!(split, [("heron", OtherId)]);
    let named = findings(&lists, None, "project heron", &Known::none());
    assert_eq!(named[0].recognizer, "must-find");
}

#[test]
fn what_must_be_found_wins_over_what_is_allowed_and_splits_no_address() {
    let both = lists(&[(None, "Crystal Ball")], &[(Name, "crystal ball"), (OtherId, "acme")]);
    assert_eq!(found(&both, "We saw Crystal Ball today."), [("Crystal Ball", Name)]);
    assert_eq!(found(&both, "to j.doe@acme.com"), [("j.doe@acme.com", IdentifierClass::Email)]);
    let parts = lists(&[], &[(Name, "Zebulon Quux")]);
    assert_eq!(found(&parts, "Zebulon Quux came. Quux left."), [("Zebulon Quux", Name), ("Quux", Name)]);
}

#[test]
fn base64_is_looked_into_for_what_must_be_found() {
    // "about the project heron today"
    let text = "see YWJvdXQgdGhlIHByb2plY3QgaGVyb24gdG9kYXk= there";
    assert_eq!(found(&lists(&[], &[]), text), []);
    assert_eq!(found(&lists(&[], &[(OtherId, "project heron")]), text).len(), 1);
}

#[test]
fn texts_that_can_not_be_searched_for_are_refused() {
    for (class, text, refused) in [
        (Name, "Al", ListError::TooShort),
        (OtherId, "a", ListError::TooShort),
        (OtherId, "a - - - b", ListError::Marks),
        (OtherId, "of the - / & of b", ListError::Marks),
    ] {
        assert_eq!(Lists::check_wanted(class, text), Err(refused), "{text}");
    }
    assert_eq!(Lists::check_wanted(OtherId, &"é".repeat(65)), Err(ListError::TooLong));
    for text in
        ["Smith & Wesson", "Bank of the West", "K9", "a - - b", "St. Mary's of the Plain and the Hills"]
    {
        assert_eq!(Lists::check_wanted(OtherId, text), Ok(()), "{text}");
    }
}

#[test]
fn the_version_of_a_detector_names_its_lists() {
    let one = Detector::rules().with_lists(Lists::new([], [], "allow-1").unwrap());
    assert_eq!((one.version(), Detector::rules().version()), ("rules-1+allow-1", "rules-1"));
}

proptest! {
    /// A text that must be found is covered wholly wherever it stands alone, whatever is around it.
    #[test]
    fn what_must_be_found_is_covered(
        before in "(\\PC{0,20}[ .,(])?", term in "[a-z]{3,8}( [a-z]{2,8}){0,2}", after in "([ .,)]\\PC{0,20})?",
    ) {
        let lists = lists(&[], &[(OtherId, &term)]);
        let text = format!("{before}{term}{after}");
        let all = findings(&lists, None, &text, &Known::none());
        let span = before.len()..before.len() + term.len();
        let open = text.char_indices().filter(|(at, c)| span.contains(at) && c.is_alphanumeric());
        let covered = |at: usize| all.iter().any(|one| one.span.contains(&at));
        prop_assert!(open.clone().all(|(at, _)| covered(at)), "{text:?}: {all:?}");
    }

    /// Allowing a text never changes what is found elsewhere by other classes, nor a longer finding.
    #[test]
    fn allowing_takes_away_only_what_is_exactly_it(
        words in prop::collection::vec(prop::sample::select(vec![
            "Crystal", "Ball", "Mr.", "saw", "Finchley", "MRN: 48213377", "on", "March 3, 2020", "the", "Boston", ",",
        ]), 1..12),
    ) {
        let text = words.join(" ");
        let plainly = findings(&lists(&[], &[]), None, &text, &Known::none());
        let allow = lists(&[(None, "Crystal Ball")], &[]);
        let left = findings(&allow, None, &text, &Known::none());
        for one in &plainly {
            let said = text.get(one.span.clone()).unwrap();
            let kept = left.iter().any(|other| other.span.start <= one.span.start && one.span.end <= other.span.end);
            prop_assert!(kept || plain(said) == "crystal ball" || said == "Crystal" || said == "Ball", "{said:?} in {text:?}");
        }
    }
}

#[test]
fn an_answer_hides_what_must_be_found_in_whatever_pieces_it_comes() {
    use crate::{AnswerGuard, Encoding, Restorer};
    let lists = lists(
        &[(None, "Crystal Ball")],
        &[
            (OtherId, "project blue heron"),
            (Name, "evergreen of the hills"),
            (OtherId, "antidisestablishmentarianism"),
        ],
    );
    let detector = Detector::rules().with_lists(lists);
    let guarded = |text: &str, size: usize, sent: &'static str| {
        let none = Arc::new(Restorer::new(&[]));
        let sent = Arc::new(move |text: &str| sent.contains(text));
        let mut guard = AnswerGuard::new(&detector, none, sent, Encoding::Text);
        let letters: Vec<char> = text.chars().collect();
        let mut out = String::new();
        for piece in letters.chunks(size) {
            out.push_str(&guard.push(&piece.iter().collect::<String>()));
        }
        out + &guard.finish()
    };
    let calm = "and so it is and so on ".repeat(40);
    for (said, heard) in [
        ("it is about the project blue heron as it was", "it is about the [OTHER_ID] as it was"),
        ("so it was evergreen of the\nhills and so on", "so it was [NAME] and so on"),
        ("so it was evergreen's of the hills and so on", "so it was evergreen's of the hills and so on"),
        ("it is antidisestablishmentarianism that is so", "it is [OTHER_ID] that is so"),
        ("so we saw Crystal Ball there", "so we saw Crystal Ball there"),
        ("project blue heron", "[OTHER_ID]"),
        ("the project is blue and a heron is here", "the project is blue and a heron is here"),
    ] {
        for size in [1, 2, 7, 4000] {
            assert_eq!(guarded(said, size, ""), heard, "{said}");
            let long = guarded(&format!("{calm}{said} {calm}"), size, "");
            assert_eq!(long, format!("{calm}{heard} {calm}"), "{said}");
        }
        assert_eq!(
            guarded(said, 3, "project blue heron, evergreen of the\nhills, antidisestablishmentarianism"),
            said
        );
    }
}

#[test]
fn what_the_tagger_sees_in_an_allowed_text_is_no_finding() {
    let text = "transfer from Larkmoor Bell accepted, bed by 4";
    let standard = Detector::standard(crate::OperatingPoint::Balanced);
    let found = |detector: &Detector| detector.detect(Passage::prose(text), &Known::none()).unwrap().len();
    assert!(found(&standard) > 0);
    let allowed = [(None, "Larkmoor Bell")];
    let lists = Lists::new(allowed, [], "allow-1").unwrap();
    assert_eq!(found(&standard.clone().with_lists(lists)), 0);
    let other = Lists::new([(None, "Larkmoor Tower")], [], "allow-2").unwrap();
    assert!(found(&standard.with_lists(other)) > 0);
}
