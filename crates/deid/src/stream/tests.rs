use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use terms::{IdentifierClass, Phi};

use super::*;
use crate::{Confidence, Issued};

/// Names are capital words of a short list, with the words between two of them; numbers of five digits and more
/// are record numbers. `Crash` can't be examined.
fn detect() -> Detect {
    Arc::new(|text: &str, _| {
        if text.contains("Crash") {
            return Err(DetectError::Tagger);
        }
        let mut found: Vec<Finding> = Vec::new();
        let mut at = 0;
        for run in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
            let word = run.trim_end_matches(|c: char| !c.is_alphanumeric());
            let span = at..at + word.len();
            at += run.len();
            let class = match word {
                "Jon" | "Smyth" | "Ann" => IdentifierClass::Name,
                _ if word.len() >= 5 && word.bytes().filter(u8::is_ascii_digit).count() >= 3 => {
                    IdentifierClass::Mrn
                }
                _ if word.len() == 4 && word.starts_with("20") => IdentifierClass::Date,
                _ => continue,
            };
            match found.last_mut() {
                Some(last) if last.class == class && span.start - last.span.end <= 3 => {
                    last.span.end = span.end;
                }
                _ => found.push(Finding { span, class, confidence: Confidence(90), recognizer: "test" }),
            }
        }
        Ok(found)
    })
}

fn restorer() -> Arc<Restorer> {
    let issued =
        [("NAME-4K2M9Q", "Bo \"B\" Lee"), ("MRN-7P3XA2", "5512345")].map(|(surrogate, original)| Issued {
            class: IdentifierClass::Name,
            form: terms::Form::Label,
            surrogate: surrogate.to_owned(),
            original: Phi::new(original.to_owned()),
        });
    Arc::new(Restorer::new(&issued))
}

fn guard(encoding: Encoding) -> AnswerGuard {
    AnswerGuard::with(detect(), Words::new(None, false), restorer(), Arc::new(|text| text == "Ann"), encoding)
}

fn run(chunks: &[&str], encoding: Encoding) -> (String, FindingCounts, u32) {
    let mut guard = guard(encoding);
    let mut out: String = chunks.iter().map(|chunk| guard.push(chunk)).collect();
    out.push_str(&guard.finish());
    (out, guard.masked().clone(), guard.restored())
}

fn text(text: &str) -> String {
    run(&[text], Encoding::Text).0
}

fn json(text: &str) -> String {
    run(&[text], Encoding::Json).0
}

#[test]
fn masks_what_the_vendor_made_known_and_restores_what_it_was_sent() {
    assert_eq!(
        text("Ann met Jon Smyth, 4839201, and NAME-4K2M9Q (mrn-7p3xa2) in 2024."),
        "Ann met [NAME], [MRN], and Bo \"B\" Lee (5512345) in 2024."
    );
    let (_, masked, restored) = run(&["Jon NAME-4K2M9Q"], Encoding::Text);
    assert_eq!((masked.of(IdentifierClass::Name), restored), (1, 1));
    assert_eq!(text("MRN-7P3XA3 and name_4k2m9q and 4K2M9Q12"), "MRN-[MRN] and Bo \"B\" Lee and [MRN]");
    assert_eq!(text(""), "");
}

#[test]
fn what_is_found_with_the_text_before_it_is_masked_as_far_as_it_is_held() {
    let calm = "so it goes on and on ".repeat(40);
    assert_eq!(text(&format!("{calm}Jon Smyth {calm}")), format!("{calm}[NAME] {calm}"));
    let long = "x-".repeat(400);
    assert_eq!(text(&format!("{long}Jon Smyth")), format!("{long}[NAME]"));
}

#[test]
fn a_long_segment_is_not_cut_in_a_finding() {
    for pad in 380..430 {
        let (before, after) = ("-".repeat(pad), "-".repeat(300));
        assert_eq!(
            text(&format!("{before}Jon Smyth NAME-4K2M9Q{after}")),
            format!("{before}[NAME] Bo \"B\" Lee{after}")
        );
    }
}

#[test]
fn json_stays_json() {
    for (written, sent) in [
        (r#"{"n":"Jon","m":4839201,"s":"NAME-4K2M9Q"}"#, r#"{"n":"[NAME]","m":"[MRN]","s":"Bo \"B\" Lee"}"#),
        (r#"{"n":["Jon","Smyth"]}"#, r#"{"n":["[NAME]","[NAME]"]}"#),
        (r#"{"n":"a\nJon\u0020Smyth\t\u00e9\"Jon\""}"#, r#"{"n":"a\n[NAME]\t\u00e9\"[NAME]\""}"#),
        (r#"{"n":"J\u006fn","k":1.5}"#, r#"{"n":"[NAME]","k":1.5}"#),
        ("[4839201, 1", "[\"[MRN]\", 1"),
        (r#"{"mrn": -48213377.5}"#, r#"{"mrn": "[MRN]"}"#),
        (r#"{"mrn":[-4821337e+2 ,1.5,4839201]}"#, r#"{"mrn":["[MRN]" ,1.5,"[MRN]"]}"#),
        (r#"{"a":"Jon","b":true,"c":"Smyth"}"#, r#"{"a":"[NAME]","b":true,"c":"[NAME]"}"#),
    ] {
        assert_eq!(json(written), sent);
    }
}

#[test]
fn what_is_calm_but_for_own_surrogates_needs_no_detector() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let detect: Detect = Arc::new(move |text, known| {
        counted.fetch_add(1, Ordering::Relaxed);
        super::tests::detect()(text, known)
    });
    let mut guard =
        AnswerGuard::with(detect, Words::new(None, false), restorer(), Arc::new(|_| false), Encoding::Text);
    let mut out =
        guard.push("So the MRN-7P3XA2, as seen: it is so. And **name 4k2m9q** was here and so on. ");
    assert_eq!(calls.load(Ordering::Relaxed), 0);
    out.push_str(&guard.push("And Jon, MRN-7P3XA212345 so. "));
    out.push_str(&guard.finish());
    assert!(calls.load(Ordering::Relaxed) > 0);
    let calm = "So the 5512345, as seen: it is so. And **Bo \"B\" Lee** was here and so on. ";
    assert_eq!(out, format!("{calm}And [NAME], 5512345[MRN] so. "));
}

#[test]
fn what_touches_an_own_surrogate_is_examined() {
    for (written, examined) in [
        ("So the MRN-7P3XA2.evergreen was", true),
        ("So the evergreen:MRN-7P3XA2 was", true),
        ("So the MRN-7P3XA2-evergreen was", true),
        ("So the (MRN-7P3XA2), was", false),
        ("MRN-7P3XA2", false),
        (r#"{"so":"MRN-7P3XA2.","to":"the **name 4k2m9q**"}"#, false),
        (r#"{"so":"MRN-7P3XA2.evergreen"}"#, true),
    ] {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let detect: Detect = Arc::new(move |text, known| {
            counted.fetch_add(1, Ordering::Relaxed);
            super::tests::detect()(text, known)
        });
        let encoding = if written.starts_with('{') { Encoding::Json } else { Encoding::Text };
        let mut guard =
            AnswerGuard::with(detect, Words::new(None, false), restorer(), Arc::new(|_| false), encoding);
        guard.push(written);
        guard.finish();
        assert_eq!(calls.load(Ordering::Relaxed) > 0, examined, "{written}");
    }
}

#[test]
fn what_can_not_be_examined_does_not_go_out() {
    let (out, masked, _) = run(&["it is so and so. Then Jon and Crash."], Encoding::Text);
    assert_eq!(out, "it is so and so. Then [OTHER_ID]");
    assert_eq!(masked.of(IdentifierClass::OtherId), 1);
}

#[test]
fn prose_passes_a_word_later_and_little_is_held() {
    let mut guard = guard(Encoding::Text);
    for (chunk, pushed) in [
        ("it", ""),
        (" was", "it "),
        (" seen", "was "),
        (" today.", "seen "),
        (" and", "today. "),
        (" Jon", "and "),
        (" went", ""),
        (" home", ""),
        (" with", ""),
        (" his", "[NAME] went home with "),
    ] {
        assert_eq!(guard.push(chunk), pushed);
    }
    for _ in 0..2000 {
        guard.push("Jon-");
        assert!(guard.text.end() - guard.start <= LONGEST);
    }
    assert!(guard.text.end() > 8000 && guard.text.slice(0, 64).is_empty(), "what went out is forgotten");
}

#[test]
fn a_guard_may_cross_threads() {
    fn crosses<T: Send>() {}
    crosses::<AnswerGuard>();
    crosses::<RestoreStream>();
}

fn answers() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "Jon", "Smyth", "Ann", " ", " ", "\n\n", "4839201", "483", "2024", "NAME-4K2M9Q", "name 4k2m9q",
            "MRN-7P3XA2", "NAME-", "the ", "patient ", "was ", "seen, ", "\"", "\\", "\\n", "\\u0020", "\\u00",
            "://", "。", "é", "don't ", "{\"a\":", "}", "it is so and so ",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => (prop::sample::select(vec!["-", "Jon-", "a b ", "1"]), 1..300_usize).prop_map(|(s, n)| s.repeat(n)),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn chunking_changes_nothing(text in answers(), sizes in prop::collection::vec(1..40_usize, 1..8), as_json: bool) {
        let encoding = if as_json { Encoding::Json } else { Encoding::Text };
        let characters: Vec<char> = text.chars().collect();
        let (mut chunks, mut at) = (Vec::new(), 0);
        for size in sizes.iter().cycle() {
            if at >= characters.len() {
                break;
            }
            let end = (at + size).min(characters.len());
            chunks.push(characters[at..end].iter().collect::<String>());
            at = end;
        }
        let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
        prop_assert_eq!(run(&chunks, encoding), run(&[&text], encoding));
    }

    #[test]
    fn nothing_found_changes_nothing(text in answers(), as_json: bool) {
        let encoding = if as_json { Encoding::Json } else { Encoding::Text };
        let nothing: Detect = Arc::new(|_, _| Ok(Vec::new()));
        let none = Arc::new(Restorer::new(&[]));
        let mut guard = AnswerGuard::with(nothing, Words::new(None, false), none, Arc::new(|_| false), encoding);
        let mut out = guard.push(&text);
        out.push_str(&guard.finish());
        prop_assert_eq!(out, text);
    }

    #[test]
    fn json_with_numbers_stays_json_whatever_the_chunks(
        values in prop::collection::vec(json_value(), 1..30), sizes in prop::collection::vec(1..40_usize, 1..8),
        spaced: bool,
    ) {
        let space = if spaced { " " } else { "" };
        let fields: Vec<String> =
            values.iter().enumerate().map(|(at, value)| format!("\"k{at}\":{space}{value}")).collect();
        let text = format!("{{{}}}", fields.join(&format!(",{space}")));
        let (mut chunks, mut rest) = (Vec::new(), text.as_str());
        for size in sizes.iter().cycle() {
            let (chunk, after) = rest.split_at((*size).min(rest.len()));
            chunks.push(chunk);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        let (out, masked, _) = run(&chunks, Encoding::Json);
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&out);
        prop_assert!(parsed.is_ok(), "{} became {}", text, out);
        prop_assert!(!out.contains("48392") && !out.contains("Jon"));
        prop_assert_eq!(run(&[&text], Encoding::Json), (out, masked, 0));
    }
}

/// Values of JSON with numbers that are found, in all the ways of writing them.
fn json_value() -> impl Strategy<Value = String> {
    let number = (
        "-?",
        prop::sample::select(vec!["4839201", "4839255", "7", "12"]),
        "(\\.[0-9]{1,9})?",
        "([eE][+-]?[0-9])?",
    );
    prop_oneof![
        4 => number.prop_map(|(sign, digits, fraction, exponent)| format!("{sign}{digits}{fraction}{exponent}")),
        2 => prop::sample::select(vec!["\"Jon Smyth\"", "\"so it is\"", "true", "null", "[]", "[-4839201.5,-1]"])
            .prop_map(str::to_owned),
        1 => (1..70_usize).prop_map(|times| format!("\"{}\"", "x-".repeat(times))),
        1 => (1..120_usize).prop_map(|times| format!("-1{}.25", "4839201".repeat(times))),
    ]
}
