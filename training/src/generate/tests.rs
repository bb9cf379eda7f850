//! What holds for every document, whatever the templates.
#![expect(
    clippy::string_slice,
    clippy::format_push_string,
    reason = "a test stops at what it did not expect"
)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::slot::Slot;
use super::style::{self, Style};
use super::text::Draft;
use super::*;

fn corpus(files: &[(&str, &str)]) -> Result<Corpus, Error> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(format!("{name}.txt")), text).unwrap();
    }
    Corpus::load(&[folder.path()])
}

/// A document of every slot.
fn everything() -> Corpus {
    let mut text = "@family everything\n@doc\n".to_owned();
    for slot in Slot::all() {
        text.push_str(&format!("{slot}: {{{slot}}}; \"then\" it's - so\n"));
    }
    corpus(&[("everything", &text), ("prose", "@family prose\nA clean sentence with {drug}.\n")]).unwrap()
}

fn stretches(document: &Document) -> Vec<(&str, Label)> {
    document.spans.iter().map(|span| (&document.text[span.start..span.end], span.label)).collect()
}

fn assert_sound(text: &str, spans: &[Span]) {
    let mut last = 0;
    for span in spans {
        assert!(span.start >= last && span.start < span.end, "{span:?} after {last}");
        last = span.end;
        let stretch = text.get(span.start..span.end).unwrap_or_else(|| panic!("{span:?} is on no boundary"));
        assert_eq!(stretch, stretch.trim(), "{:?} has blanks at an end", span.label);
        assert!(stretch.chars().any(char::is_alphanumeric), "{stretch:?} {:?} names nothing", span.label);
    }
}

#[test]
fn every_slot_expands_to_something_and_every_stretch_is_sound() {
    let corpus = everything();
    for seed in 0..300 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let split = if seed % 2 == 0 { Split::Train } else { Split::Dev };
        let document = corpus.document(&mut rng, split);
        assert_sound(&document.text, &document.spans);
        let mut draft = Draft::default();
        let body = &corpus.families[0].bodies[0].nodes;
        Scene::new(&mut rng, split, &corpus.sentences).write(&Rules::new(), body, &mut draft);
        for slot in Slot::all() {
            assert!(!draft.text.contains(&format!("\n{slot}: ;")), "{slot} is empty with seed {seed}");
        }
        assert!(!draft.text.contains(['{', '}', '<', '>']), "a pattern is left: {}", draft.text);
    }
}

#[test]
fn some_documents_are_several_about_the_same_people() {
    let corpus =
        corpus(&[("a", "@family a\n@doc\nA {p.LAST} end\n"), ("b", "@family b\n@doc\nB {p.LAST} end\n")])
            .unwrap();
    let mut rng = fastrand::Rng::with_seed(3);
    let documents: Vec<_> = (0..400).map(|_| corpus.document(&mut rng, Split::Train)).collect();
    let several: Vec<_> = documents.iter().filter(|document| document.spans.len() > 1).collect();
    assert!((10..60).contains(&several.len()), "{}", several.len());
    for document in several {
        let names: BTreeSet<_> = stretches(document).into_iter().map(|(name, _)| letters(name)).collect();
        assert_eq!(names.len(), 1, "{}", document.text);
    }
}

#[test]
fn a_seed_gives_the_same_text() {
    let corpus = everything();
    let run = |seed| corpus.document(&mut fastrand::Rng::with_seed(seed), Split::Train);
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).text, run(8).text);
}

/// Words of names and places, initials and short ones aside.
fn words(split: Split) -> BTreeSet<String> {
    let people =
        ["first", "last", "mid", "nick", "maiden", "lf", "UP", "low"].map(|form| format!("{{p.{form}}}"));
    let corpus = corpus(&[("people", &format!("@family people\n@doc\n{}\n", people.join("\n")))]).unwrap();
    let mut rng = fastrand::Rng::with_seed(11);
    let mut words = BTreeSet::new();
    for _ in 0..4000 {
        let mut draft = Draft::default();
        let body = &corpus.families[0].bodies[0].nodes;
        Scene::new(&mut rng, split, &[]).write(&Rules::new(), body, &mut draft);
        for span in &draft.spans {
            let name = list::plain_letters(&draft.text[span.start..span.end]).to_lowercase();
            // as the split does: the last word stands for what is before it
            let last = name.rsplit([' ', '-', ',']).next().unwrap();
            words.extend(Some(last.to_owned()).filter(|word| word.chars().count() > 3));
        }
    }
    words
}

#[test]
fn training_never_draws_a_name_of_the_development_part() {
    let (train, dev) = (words(Split::Train), words(Split::Dev));
    assert!(train.len() > 2000 && dev.len() > 1000, "{} {}", train.len(), dev.len());
    let both: Vec<_> = train.intersection(&dev).collect();
    // "Jr.", "III": not names
    assert!(both.iter().all(|word| word.starts_with("jr") || *word == "iii"), "{both:?}");
}

#[test]
fn training_never_draws_a_town_of_the_development_part() {
    let towns = |split| {
        let mut rng = fastrand::Rng::with_seed(5);
        (0..5000).map(|_| place::town(&mut rng, split).name).collect::<BTreeSet<_>>()
    };
    assert_eq!(towns(Split::Train).intersection(&towns(Split::Dev)).count(), 0);
}

#[test]
fn training_never_draws_a_facility_of_the_development_part() {
    let drawn = |split| {
        let mut rng = fastrand::Rng::with_seed(6);
        let mut drawn = BTreeSet::new();
        for _ in 0..3000 {
            drawn.insert(facility::facility(&mut rng, split).full);
            drawn.extend([facility::church(&mut rng, split), facility::employer(&mut rng, split)]);
            drawn.extend([facility::school(&mut rng, split), place::neighbourhood(&mut rng, split)]);
        }
        drawn
    };
    let (train, dev) = (drawn(Split::Train), drawn(Split::Dev));
    let both: Vec<_> = train.intersection(&dev).filter(|name| !name.starts_with("P.S. ")).collect();
    assert!(both.is_empty(), "{both:?}");
}

/// Letters and digits, whatever the case.
fn letters(text: &str) -> String {
    text.to_uppercase().to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

const KEEPING: [Style; 16] = [
    Style::Capitals,
    Style::Small,
    Style::SmallNames,
    Style::CapitalNames,
    Style::Marked,
    Style::NoPunctuation,
    Style::Wrapped,
    Style::Joined,
    Style::DoubleSpaces,
    Style::Tabs,
    Style::Typos,
    Style::RunTogether,
    Style::SmartQuotes,
    Style::Dashes,
    Style::HardSpaces,
    Style::Carriage,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_style_leaves_every_stretch_its_letters(seed in any::<u64>(), styles in prop::collection::vec(0..16_usize, 1..5)) {
        let corpus = everything();
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut draft = Draft::default();
        let body = &corpus.families[0].bodies[0].nodes;
        Scene::new(&mut rng, Split::Train, &corpus.sentences).write(&Rules::new(), body, &mut draft);
        let of = |draft: &Draft| {
            let stretch = |span: &Span| (letters(&draft.text[span.start..span.end]), span.label);
            draft.spans.iter().map(stretch).collect::<Vec<_>>()
        };
        let before = of(&draft);
        for style in styles {
            style::apply(&mut rng, &mut draft, KEEPING[style]);
            assert_sound(&draft.text, &draft.spans);
            prop_assert_eq!(&before, &of(&draft));
        }
        style::apply(&mut rng, &mut draft, Style::Cut);
        assert_sound(&draft.text, &draft.spans);
        let after = of(&draft);
        let whole = after.len().saturating_sub(1);
        prop_assert_eq!(&before[..whole], &after[..whole]);
    }
}

#[test]
fn each_style_changes_what_it_says() {
    let styled = |style, text: &str| {
        let mut draft = Draft::default();
        draft.plain("said \"on ");
        draft.mark("3-14-2024", Label::Date);
        draft.plain(text);
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..20 {
            style::apply(&mut rng, &mut draft, style);
        }
        (draft.text.clone(), draft.text[draft.spans[0].start..draft.spans[0].end].to_owned())
    };
    let end = " that it's.\" Then\nmore";
    assert_eq!(styled(Style::Capitals, end).0, "SAID \"ON 3-14-2024 THAT IT'S.\" THEN\nMORE");
    assert_eq!(styled(Style::RunTogether, end).0, "said \"on3-14-2024that it's.\" Then\nmore");
    assert_eq!(styled(Style::SmartQuotes, end).0, "said “on 3-14-2024 that it’s.” Then\nmore");
    assert_eq!(styled(Style::Joined, end).0, "said \"on 3-14-2024 that it's.\" Then more");
    assert_ne!(styled(Style::Dashes, end).1, "3-14-2024");
    assert!(!styled(Style::HardSpaces, end).0.contains(' '));
    assert!(styled(Style::Carriage, end).0.contains("Then\r"));
    assert_eq!(styled(Style::SmallNames, end).0, "said \"on 3-14-2024 that it's.\" Then\nmore");
    assert_ne!(styled(Style::Marked, end).0, "said \"on 3-14-2024 that it's.\" Then\nmore");
    assert_eq!(styled(Style::Marked, end).1, "3-14-2024");
    assert_eq!(styled(Style::NoPunctuation, ". Yes, so").0, "said \"on 3-14-2024 Yes so");
}

#[test]
fn offsets_of_a_line_count_code_points() {
    let corpus = corpus(&[("a", "@family a\n@doc\n🩺é {p.mf} {mrn}\n")]).unwrap();
    let document = corpus.document(&mut fastrand::Rng::with_seed(2), Split::Dev);
    let line = document.to_json("x");
    let points: Vec<char> = document.text.chars().collect();
    let (start, end) = (&line["spans"][0]["start"], &line["spans"][0]["end"]);
    let range =
        usize::try_from(start.as_u64().unwrap()).unwrap()..usize::try_from(end.as_u64().unwrap()).unwrap();
    assert_eq!(points[range].iter().collect::<String>(), stretches(&document)[0].0);
    assert_eq!((&line["spans"][0]["label"], &line["family"]), (&"MRN".into(), &"a".into()));
    assert_eq!(serde_json::to_value(Label::AgeOver89).unwrap(), "AGE_OVER_89");
    assert_eq!(serde_json::to_value(Label::HealthPlan).unwrap(), "HEALTH_PLAN");
}

#[test]
fn errors_name_file_and_line() {
    let fault = |text: &str| corpus(&[("a", text)]).unwrap_err().to_string();
    assert_eq!(fault("@family a\n@doc\nfine\n# no\n{nope}\n"), "a.txt:5: unknown slot {nope}");
    assert_eq!(fault("@family a\n@doc\nx\n[[a|b\n"), "a.txt:4: unbalanced [[");
    assert_eq!(fault("@family a\n@doc\nx a]]\n"), "a.txt:3: unbalanced ]]");
    assert_eq!(fault("@family a\n@doc\n\n{>nope}\n"), "a.txt:4: no rule nope");
    assert_eq!(fault("@family b\n@doc\nx\n"), "a.txt:1: @family b is not the file's name");
    assert_eq!(fault("@family a\n@rule r\n{>r}\n@doc\nx\n"), "a.txt:1: rule r needs itself");
    assert_eq!(fault("@family a\n@docs\nx\n"), "a.txt:2: @docs is unknown");
    let prose =
        corpus(&[("prose_x", "@family prose_x\nfine {drug}\nof [[{p.he}|{p}]]\n")]).unwrap_err().to_string();
    assert_eq!(prose, "prose_x.txt:3: prose holds no identifiers and no rules");
    assert!(fault("@family a\n").starts_with("no documents in "));
}

#[test]
fn the_template_language_is_read_as_described() {
    let text = "@family a\n@rule r\nrule\\nbroken\n@doc\n[[[x]|[x]]] {\"json\": {>r}}[[?]] #1\n# gone\n{n:3-3}{num:2} | @me\n\n";
    let corpus = corpus(&[("a", text), ("common", "@family common\n@rule other\nx\n")]).unwrap();
    let body = &corpus.families[0].bodies[0].nodes;
    let mut draft = Draft::default();
    let mut rng = fastrand::Rng::with_seed(3);
    Scene::new(&mut rng, Split::Train, &[]).write(&corpus.families[0].rules, body, &mut draft);
    let text = draft.text.strip_prefix("[x] {\"json\": rule\nbroken} #1\n3").unwrap();
    assert_eq!((text.len(), &text[2..]), (2 + " | @me".len(), " | @me"));
    assert_eq!(corpus.families().collect::<Vec<_>>(), ["a"]);
}

#[test]
fn clean_sentences_are_the_prose_of_the_folder() {
    assert_eq!(everything().clean_sentences().len(), 1);
    assert!(everything().clean_sentences()[0].starts_with("A clean sentence with "));
}
