//! Surrogates that look real: the right kind, the form of the original, nobody's, and back again.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at what it did not expect"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use deid::{Confidence, Constraints, Encoding, Finding, Issued, Passage, RestoreStream, Restorer, transform};
use proptest::prelude::*;
use terms::IdentifierClass::{self, Account, Date, Email, Ip, Location, Mrn, Name, Phone, Ssn, Url, Vehicle};
use terms::{Form, Obligations, Randomness, Shape, SurrogateError, SurrogateSource, Treatment};

/// A session: what it drew it keeps, and no two are alike.
#[derive(Default)]
struct Session {
    known: BTreeMap<(String, &'static str), String>,
    bits: Bits,
}

#[derive(Default)]
struct Bits(AtomicU64);

impl Randomness for Bits {
    fn fill(&self, bytes: &mut [u8]) {
        let next = |state: u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99));
        for byte in bytes {
            *byte = self.0.fetch_update(Relaxed, Relaxed, next).unwrap().to_be_bytes()[1];
        }
    }
}

impl Session {
    fn new(seed: u64) -> Self {
        Self { bits: Bits(seed.into()), ..Self::default() }
    }
}

impl SurrogateSource for Session {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        _: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        let (key, count) = ((original.to_owned(), "label"), self.known.len());
        let label = class.label().replace('_', "-");
        Ok(self.known.entry(key).or_insert_with(|| format!("{label}-4K2M{count:02}")).clone())
    }

    fn shaped(
        &mut self,
        _: IdentifierClass,
        original: &str,
        form: Form,
        shape: &dyn Shape,
    ) -> Result<Option<String>, SurrogateError> {
        let key = (original.to_owned(), form.as_str());
        if let Some(known) = self.known.get(&key).filter(|known| shape.fits(known)) {
            return Ok(Some(known.clone()));
        }
        for _ in 0..64 {
            let Some(drawn) = shape.draw(&self.bits) else { return Ok(None) };
            if drawn != original && shape.fits(&drawn) && !self.known.values().any(|other| *other == drawn) {
                self.known.insert(key, drawn.clone());
                return Ok(Some(drawn));
            }
        }
        Ok(None)
    }

    fn year(&self) -> Option<u32> {
        Some(2026)
    }
}

fn class_of(mark: char) -> IdentifierClass {
    match mark {
        'd' => Date,
        'l' => Location,
        'p' => Phone,
        'm' => Mrn,
        's' => Ssn,
        'e' => Email,
        'u' => Url,
        'i' => Ip,
        'v' => Vehicle,
        'a' => Account,
        _ => Name,
    }
}

/// The text without its marks, `<n:Ann Lee>`, and the findings that they mark.
fn read(marked: &str) -> (String, Vec<Finding>) {
    let (mut text, mut found, mut rest) = (String::new(), Vec::new(), marked);
    while let Some((before, after)) = rest.split_once('<') {
        let (inside, behind) = after.split_once('>').unwrap();
        let (mark, value) = inside.split_at(2);
        text.push_str(before);
        let start = text.len();
        text.push_str(value);
        let class = class_of(mark.chars().next().unwrap());
        found.push(Finding {
            span: start..text.len(),
            class,
            confidence: Confidence(90),
            recognizer: "test",
        });
        rest = behind;
    }
    text.push_str(rest);
    (text, found)
}

fn everything() -> Obligations {
    let treatments = IdentifierClass::ALL.into_iter().map(|class| (class, Treatment::Realistic)).collect();
    Obligations { treatments, ..Obligations::default() }
}

fn run(marked: &[&str], session: &mut Session) -> (Vec<String>, Vec<Issued>) {
    let read: Vec<_> = marked.iter().map(|text| read(text)).collect();
    let passages: Vec<_> = read.iter().map(|(text, _)| Passage::prose(text)).collect();
    let found: Vec<_> = read.iter().map(|(_, found)| found.clone()).collect();
    let done = transform(&passages, &found, &Constraints::none(), &everything(), session).unwrap();
    let mut texts: Vec<String> = read.iter().map(|(text, _)| text.clone()).collect();
    let (edits, issued, _) = done.into_parts();
    for (index, text) in edits {
        texts[index] = text;
    }
    let restorer = Restorer::new(&issued);
    for (new, (old, _)) in texts.iter().zip(&read) {
        assert_eq!(&restorer.restore(new, Encoding::Text), old, "from {new}");
    }
    (texts, issued)
}

fn one(marked: &str, seed: u64) -> String {
    run(&[marked], &mut Session::new(seed)).0.remove(0)
}

#[test]
fn a_name_keeps_the_form_in_which_it_was_written() {
    let marked =
        "<n:John A. Smith Jr.>|<n:SMITH, JOHN>|<n:Smith>|<n:smith>|<n:J. Smith>|<n:Mary Smith>|<n:john>";
    for seed in 0..40 {
        let new = one(marked, seed);
        let [full, last_first, alone, small, initial, mary, first] = new.split('|').collect::<Vec<_>>()[..]
        else {
            panic!("{new}")
        };
        let words: Vec<&str> = full.split(' ').collect();
        let (given, surname) = (words[0], words[2]);
        assert_eq!(words[3], "Jr.");
        assert!(words[1].len() == 2 && words[1].ends_with('.') && words[1] != "A.", "{new}");
        assert_eq!(last_first, format!("{}, {}", surname.to_uppercase(), given.to_uppercase()), "{new}");
        assert_eq!((alone, small), (surname, surname.to_lowercase().as_str()), "{new}");
        assert_eq!(initial, format!("{}. {surname}", &given[..1]), "{new}");
        assert!(mary.ends_with(&format!(" {surname}")) && !mary.starts_with(given), "a relative: {new}");
        assert_eq!(first, given.to_lowercase());
        assert!(!new.to_lowercase().contains("smith") && !new.to_lowercase().contains("john"), "{new}");
        assert!(!new.contains("NAME"), "{new}");
    }
}

#[test]
fn a_model_may_write_the_parts_alone() {
    let text = "<n:John Smith> and <n:Garc\u{ed}a, Ana> live at <l:12 Maple Street, Boston, MA 02139>, call <p:617-555-1234>, seen <d:03/25/2024>.";
    let (new, issued) = run(&[text], &mut Session::new(7));
    let restorer = Restorer::new(&issued);
    let words: Vec<&str> = new[0].split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let (sam, rivera, other) = (words[0], words[1], words[3]);
    let town = words.iter().position(|word| *word == "MA").map(|at| words[at - 1]).unwrap();
    let day = new[0].split("seen ").nth(1).unwrap().trim_end_matches('.');
    let [month, of_month, _] = day.split('/').collect::<Vec<_>>()[..] else { panic!("{day}") };
    for (said, meant) in [
        (format!("Ms. {rivera}'s knee"), "Ms. Smith's knee".to_owned()),
        (format!("{sam} is well, {}!", rivera.to_uppercase()), "John is well, SMITH!".to_owned()),
        (format!("{rivera}, {sam}"), "Smith, John".to_owned()),
        (format!("{}. {rivera}", &sam[..1]), "J. Smith".to_owned()),
        (format!("Dr. {other}"), "Dr. Garc\u{ed}a".to_owned()),
        (format!("the {rivera}s, {sam}antha"), format!("the {rivera}s, {sam}antha")),
        (format!("He lives in {town}."), "He lives in Boston.".to_owned()),
        // in small letters it may be another word
        (format!("a {} thing", rivera.to_lowercase()), format!("a {} thing", rivera.to_lowercase())),
        (format!("on 2024-{month}-{of_month}"), "on 2024-03-25".to_owned()),
        (format!("https://x.example/?q={rivera}"), format!("https://x.example/?q={rivera}")),
    ] {
        assert_eq!(restorer.restore(&said, Encoding::Text), meant, "{said}");
    }
}

#[test]
fn everything_is_of_its_kind_and_nobodys() {
    for seed in 0..200 {
        let new = one(
            "<p:(617) 555-1234 ext 12>|<p:867-5309>|<p:+44 20 7946 0958>|<e:Jane.Smith@mercy.org>|<u:https://portal.mercy.org/p/12>|\
             <i:10.0.0.5>|<i:fe80::1>|<s:123-45-6789>|<m:MR-482133>|<a:4111 1111 1111 1111>|<v:1HGCM82633A004352>|<d:2024-02-27T10:00:00Z>|<l:02139>",
            seed,
        );
        let all: Vec<&str> = new.split('|').collect();
        let matches = |at: usize, pattern: &str| {
            let regex = compiled(pattern);
            assert!(regex.is_match(all[at]), "{} is not {pattern}", all[at]);
        };
        matches(0, r"^\([2-9]\d\d\) 555-01\d\d ext \d\d$");
        matches(1, r"^555-01\d\d$");
        matches(2, r"^\+1 [2-9]\d\d-555-01\d\d$");
        matches(3, r"^[a-z]+\d{3}@example\.(com|net|org)$");
        matches(4, r"^https://www\.[a-z]+\.example/[a-z]+\d{3}$");
        matches(5, r"^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$");
        matches(6, r"^2001:db8:");
        matches(7, r"^9\d\d-[0-4]\d-\d{4}$");
        matches(8, r"^[A-Z]{2}-\d{6}$");
        matches(9, r"^\d{4} \d{4} \d{4} \d{4}$");
        matches(10, r"^0[0-9A-HJ-NPR-Z]{7}[0-9X][0-9A-HJ-NPR-Z]{8}$");
        matches(11, r"^2024-(0[13-9]|1[0-2])-\d\dT\d\d:\d\d:\d\dZ$");
        matches(12, r"^\d{5}$");
    }
}

fn compiled(pattern: &str) -> regex::Regex {
    regex::Regex::new(pattern).unwrap()
}

#[test]
fn places_keep_what_they_are() {
    let new = one(
        "<l:12 Maple Street, Apt 4B, Boston, MA 02139-4307>|<l:BOSTON MA>|<l:Mercy General Hospital>|<l:Cook County>|<l:P.O. Box 123>|<l:elm street>",
        3,
    );
    let all: Vec<&str> = new.split('|').collect();
    let matches = |at: usize, pattern: &str| {
        assert!(compiled(pattern).is_match(all[at]), "{} is not {pattern}", all[at]);
    };
    matches(0, r"^\d\d [A-Z][a-z]+ Street, Apt \d[A-Z], [A-Z][a-z]+, MA \d{5}-\d{4}$");
    matches(1, r"^[A-Z]+$");
    matches(2, r"^[A-Z][a-z]+ General Hospital$");
    matches(3, r"^[A-Z][a-z]+ County$");
    matches(4, r"^P\.O\. Box \d{3}$");
    matches(5, r"^[a-z]+ street$");
}

#[test]
fn the_same_is_the_same_and_turns_agree() {
    let mut session = Session::new(5);
    let (first, _) = run(&["<n:Ann Lee>, MRN <m:482-13377>, DOB <d:03/02/1980>"], &mut session);
    let (second, _) = run(
        &[
            "<n:Ann Lee>, MRN <m:482-13377>, DOB <d:03/02/1980>",
            "so <n:LEE, ANN> <m:48213377> <d:March 2, 1980>",
        ],
        &mut session,
    );
    assert_eq!(first[0], second[0]);
    let [name, rest] = first[0].split(", MRN ").collect::<Vec<_>>()[..] else { panic!() };
    let [mrn, day] = rest.split(", DOB ").collect::<Vec<_>>()[..] else { panic!() };
    let (given, surname) = name.split_once(' ').unwrap();
    let wanted = format!("so {}, {} {}", surname.to_uppercase(), given.to_uppercase(), mrn.replace('-', ""));
    assert!(second[1].starts_with(&wanted), "{second:?}");
    let [month, of_month, year] = day.split('/').collect::<Vec<_>>()[..] else { panic!() };
    assert!(
        year == "1980" && second[1].ends_with(&format!(" {}, 1980", of_month.trim_start_matches('0'))),
        "{month}"
    );
}

#[test]
fn what_has_no_other_form_gets_the_label() {
    for marked in [
        "<n:jsmith42>",
        "x<n:Smith>",
        "<m:4821>",
        "<s:6789>",
        "<d:Mar 3>",
        "<d:03/02/1930>",
        "<p:ext 5>",
        "<l:42.36, -71.05>",
        "<e:jane at mercy>",
        "<i:10.0.0.5:80>",
        "<m:482133>7",
    ] {
        let new = one(marked, 3);
        assert!(new.contains("-4K2M"), "{marked} became {new}");
    }
}

#[test]
fn nothing_of_an_original_stays_beside_its_kind() {
    for (marked, left) in [
        ("<n:Hung Do>", "do"),
        ("<n:Vang, Pa>", "pa"),
        ("<n:HUNG VAN DO>", "do"),
        ("<l:Indiana, PA 15701>", "indiana"),
        ("<l:New York, NY>", "new"),
        ("<l:Washington, DC, 20001, USA>", "washington"),
        ("<l:12 Elm Street, Washington>", "washington"),
        ("<l:California>", "california"),
        ("<l:Apt Finchley 4B>", "finchley"),
        ("<p:617-555-1143 Mary Finchley>", "finchley"),
        ("<p:617-555-1143 x12 Finchley>", "finchley"),
        ("<d:2024-02-27 10:30 Finchley>", "finchley"),
        ("<d:2024-02-27, seen by Finchley at 10:30>", "finchley"),
    ] {
        for seed in 0..8 {
            let new = one(marked, seed).to_lowercase();
            assert!(
                !new.split(|c: char| !c.is_alphabetic()).any(|word| word == left),
                "{marked} became {new}"
            );
        }
    }
    assert!(one("<l:Indiana, PA 15701>", 3).contains(", PA "));
    assert!(one("<l:Springfield, Illinois>", 3).ends_with(", Illinois"));
    assert!(one("<p:617-555-1143 ext. 12>", 3).contains(" ext. "));
}

#[test]
fn a_day_in_doubt_comes_back_in_its_own_notation_only() {
    let (new, issued) = run(&["<d:03/02/2024>"], &mut Session::new(7));
    let [month, day, _] = new[0].split('/').collect::<Vec<_>>()[..] else { panic!("{new:?}") };
    let said = format!("on 2024-{month}-{day}");
    assert_eq!(Restorer::new(&issued).restore(&said, Encoding::Text), said);
}

#[test]
fn a_letter_of_the_text_beside_a_part_is_no_initial() {
    // whichever initial is drawn, the text has it too
    let letters = ('A'..='Z').fold(String::new(), |text, letter| text + &format!("{letter}. <n:Lee> "));
    for seed in 0..20 {
        run(&[&format!("<n:LEE, ANN> {letters}<n:A. Lee>")], &mut Session::new(seed));
    }
}

#[test]
fn nothing_drawn_is_in_the_request() {
    let given: Vec<String> = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/data/given.txt"))
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split_whitespace().map(str::to_uppercase).collect::<Vec<_>>())
        .collect();
    let most = given[..given.len() - 100].join(" ");
    let said = format!("<n:Ann Lee> knows {most}");
    for seed in 0..20 {
        let new = one(&said, seed);
        let first = new.split(' ').next().unwrap().to_uppercase();
        assert!(given[given.len() - 100..].contains(&first), "{first}");
    }
}

#[test]
fn what_a_model_appends_to_an_address_is_part_of_it() {
    let (new, issued) = run(&["<u:https://portal.mercy.org/p> for <n:Ann Lee>"], &mut Session::new(3));
    let restorer = Restorer::new(&issued);
    let (page, name) = new[0].split_once(" for ").unwrap();
    let surname = name.split(' ').nth(1).unwrap();
    let back = restorer.restore(&format!("{page}?q={surname} {surname}"), Encoding::Text);
    assert_eq!(back, format!("https://portal.mercy.org/p?q={surname} Lee"));
}

fn value() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "<n:Ann Maria Lee>",
        "<n:LEE, ANN>",
        "<n:Lee>",
        "<n:ann lee>",
        "<n:A. Lee>",
        "<n:Juan de la Cruz>",
        "<n:O'Brien>",
        "<n:Jos\u{e9} Nu\u{f1}ez-Lee>",
        "<n:A.L.>",
        "<l:12 Elm St, Dover, DE 19901>",
        "<l:Dover>",
        "<l:DOVER>",
        "<l:19901>",
        "<l:Mercy Hospital>",
        "<p:(302) 555-1234>",
        "<p:302.555.1234>",
        "<p:3025551234 x9>",
        "<d:2024-03-02>",
        "<d:03/02/2024>",
        "<d:3/2/2024 10:30 AM>",
        "<d:Mar 3>",
        "<m:48213377>",
        "<m:482-13377>",
        "<s:123-45-6789>",
        "<e:a.lee@mercy.org>",
        "<i:10.0.0.5>",
        "<u:https://mercy.org/x> ",
        "<v:1HGCM82633A004352>",
        "<a:4111111111111111>",
    ])
}

fn filler() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        " ",
        " ",
        " ",
        ", ",
        ". ",
        "\n",
        " saw ",
        " caf\u{e9} ",
        "-",
        "x",
        "7",
        "T1",
        "\"",
        "'s ",
        " \u{1f600} ",
        " S. ",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Restoring is checked by [`run`]; here that nothing outside of findings changes, that nothing of an original is
    /// left, and that a stream says the same.
    #[test]
    fn what_goes_out_comes_back(pieces in prop::collection::vec((filler(), value()), 1..14), seed: u64, size in 1..9_usize) {
        let marked: String = pieces.iter().flat_map(|(filler, value)| [*filler, *value]).collect();
        let mut session = Session::new(seed);
        let (new, issued) = run(&[&marked], &mut session);
        let (again, _) = run(&[&marked], &mut session);
        prop_assert_eq!(&new, &again, "a turn later");
        let restorer = Arc::new(Restorer::new(&issued));
        let mut stream = RestoreStream::new(Arc::clone(&restorer), Encoding::Text);
        let characters: Vec<char> = new[0].chars().collect();
        let mut streamed: String = characters.chunks(size).map(|chunk| stream.push(&chunk.iter().collect::<String>())).collect();
        streamed.push_str(&stream.finish());
        let (old, found) = read(&marked);
        prop_assert_eq!(&streamed, &old);
        let mut at = 0;
        for pair in found.windows(2) {
            let between = &old[pair[0].span.end..pair[1].span.start];
            let place = new[0][at..].find(between);
            prop_assert!(place.is_some());
            at += place.unwrap();
        }
        let kept = issued.iter().filter(|one| one.form != Form::Part);
        let originals: Vec<&str> = found.iter().map(|finding| &old[finding.span.clone()]).collect();
        for one in kept {
            prop_assert!(!originals.contains(&one.surrogate.as_str()), "{}", one.surrogate);
        }
    }
}
