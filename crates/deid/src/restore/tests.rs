use std::sync::Arc;

use proptest::prelude::*;
use terms::IdentifierClass;

use super::*;

fn issued() -> Vec<Issued> {
    [
        (IdentifierClass::Name, "NAME-4K2M9Q", "Ann \"Annie\" Lee"),
        (IdentifierClass::Name, "NAME-4K2M9R", "Bo"),
        (IdentifierClass::HealthPlan, "HEALTH-PLAN-7P3XA2", "H\\1\n2"),
        (IdentifierClass::AgeOver89, "AGE-OVER-89-9Z8Y7X", "94"),
    ]
    .map(|(class, surrogate, original)| Issued {
        class,
        form: Form::Label,
        surrogate: surrogate.to_owned(),
        original: Phi::new(original.to_owned()),
    })
    .into()
}

fn text(text: &str) -> String {
    Restorer::new(&issued()).restore(text, Encoding::Text)
}

fn json(text: &str) -> String {
    Restorer::new(&issued()).restore(text, Encoding::Json)
}

#[test]
fn restores_what_models_make_of_a_surrogate() {
    for written in [
        "NAME-4K2M9R",
        "name-4k2m9r",
        "Name-4k2M9R",
        "NAME_4K2M9R",
        "NAME\\_4K2M9R",
        "NAME\\-4K2M9R",
        "NAME\u{2010}4K2M9R",
        "NAME\u{2011}4K2M9R",
        "Name 4K2M9R",
        "NAME\u{a0}4K2M9R",
    ] {
        assert_eq!(text(&format!("a {written}'s b")), "a Bo's b", "{written}");
        for (open, close) in [("**", "**"), ("_", "_"), ("`", "`"), ("\"", "\""), ("(", ")"), ("x", "x")] {
            assert_eq!(text(&format!("{open}{written}{close}")), format!("{open}Bo{close}"));
        }
    }
    assert_eq!(text("health_plan 7p3xa2, AGE-OVER\\-89-9Z8Y7X"), "H\\1\n2, 94");
    assert_eq!(text("NAME-4K2M9RNAME-4K2M9Q"), "BoAnn \"Annie\" Lee");
}

#[test]
fn look_alikes_stay() {
    for same in
        ["NAME-4K2M9", "NAME-4K2M9S", "NAME4K2M9R", "MRN-4K2M9R", "NAME--4K2M9R", "NAME\\", "NAM", "4K2M9R"]
    {
        assert_eq!(text(same), same);
        assert_eq!(json(same), same);
    }
    assert_eq!(text("NAME-NAME-4K2M9R"), "NAME-Bo");
}

#[test]
fn nothing_is_restored_in_an_address() {
    for same in [
        "https://x.test/?q=NAME-4K2M9R",
        "HTTP://NAME-4K2M9R.x.test",
        "https:\\\\x.test/NAME-4K2M9R",
        "https:x.test/NAME-4K2M9R",
        "ftp://x.test/NAME-4K2M9R",
        "www.x.test/NAME-4K2M9R",
        "![a](https://x.test/(b)/NAME-4K2M9R)",
        "![a](https://x.test/\\)NAME-4K2M9R)",
        "![a](/NAME-4K2M9R)",
        "[a](NAME-4K2M9R)",
        "![a]( <x y NAME-4K2M9R>)",
        "<img src=\"//x.test/NAME-4K2M9R\">",
        "<img src=\"/\\x.test/NAME-4K2M9R\">",
        "<img src='\\\\x.test/NAME-4K2M9R'>",
        "[a]: https://x.test/\"NAME-4K2M9R",
        "[a]: https://x.test/>NAME-4K2M9R",
    ] {
        assert_eq!(text(same), same);
    }
    for same in
        [r#"{"u":"https:\/\/x.test\/NAME-4K2M9R"}"#, r#"{"u":"https:\u002f\u002fx.test/NAME\u002d4K2M9R"}"#]
    {
        assert_eq!(json(same), same);
    }
}

#[test]
fn restores_again_behind_an_address() {
    for (written, restored) in [
        ("https://x.test/a NAME-4K2M9R", "https://x.test/a Bo"),
        ("(https://x.test/a)NAME-4K2M9R", "(https://x.test/a)Bo"),
        ("[NAME-4K2M9R](https://x.test)NAME-4K2M9R", "[Bo](https://x.test)Bo"),
        ("[a](https://x.test \"NAME-4K2M9R\")", "[a](https://x.test \"Bo\")"),
        ("<https://x.test>NAME-4K2M9R", "<https://x.test>Bo"),
        (r#"{"u":"https://x.test","n":"NAME-4K2M9R"}"#, r#"{"u":"https://x.test","n":"Bo"}"#),
        ("<td>https://x.test</td><td>NAME-4K2M9R", "<td>https://x.test</td><td>Bo"),
        ("|https://x.test|NAME-4K2M9R|", "|https://x.test|Bo|"),
        ("http: NAME-4K2M9R", "http: Bo"),
        ("and/or NAME-4K2M9R", "and/or Bo"),
        ("a](b) NAME-4K2M9R", "a](b) Bo"),
    ] {
        assert_eq!(text(written), restored);
    }
    assert_eq!(json(r#"{"u":"https://x.test","n":"NAME-4K2M9R"}"#), r#"{"u":"https://x.test","n":"Bo"}"#);
}

#[test]
fn a_quote_that_begins_a_string_ends_no_address() {
    for same in [
        r#"[x](https://x.test/?q="NAME-4K2M9R)"#,
        r#"[x](https://x.test/?q=""NAME-4K2M9R)"#,
        r#"{x} https://x.test/"NAME-4K2M9R""#,
        r#"[x](<https://x.test/ "a" NAME-4K2M9R>)"#,
    ] {
        assert_eq!(json(same), same);
    }
    for (written, restored) in [
        (r#"[x](https://x.test/?q="NAME-4K2M9R) NAME-4K2M9R"#, r#"[x](https://x.test/?q="NAME-4K2M9R) Bo"#),
        (r#"{"u":"[x](https://x.test/","n":"NAME-4K2M9R"}"#, r#"{"u":"[x](https://x.test/","n":"Bo"}"#),
    ] {
        assert_eq!(json(written), restored);
        let chunks: Vec<String> = written.chars().map(String::from).collect();
        let chunks: Vec<&str> = chunks.iter().map(String::as_str).collect();
        assert_eq!(stream(&chunks, Encoding::Json).0, restored);
    }
}

#[test]
fn json_is_read_and_written_with_its_escapes() {
    assert_eq!(json(r#"{"n":"NAME-4K2M9Q"}"#), r#"{"n":"Ann \"Annie\" Lee"}"#);
    assert_eq!(json(r#"{"n":"\u004e\u0061ME\u002D4K2M9Q"}"#), r#"{"n":"Ann \"Annie\" Lee"}"#);
    assert_eq!(json(r#"{"n":"\nNAME\\_4K2M9Q\n"}"#), r#"{"n":"\nAnn \"Annie\" Lee\n"}"#);
    assert_eq!(
        json(r#"{"n":"NAME\u20104K2M9Q HEALTH-PLAN-7P3XA2"}"#),
        r#"{"n":"Ann \"Annie\" Lee H\\1\n2"}"#
    );
    assert_eq!(json(r#"{"n":"\ud83d\ude00\u00e9\"\\"}"#), r#"{"n":"\ud83d\ude00\u00e9\"\\"}"#);
    assert_eq!(json("\\u00"), "\\u00");
    assert_eq!(json("\\uzNAME-4K2M9R\\"), "\\uzBo\\");
}

fn stream(chunks: &[&str], encoding: Encoding) -> (String, u32) {
    let mut stream = RestoreStream::new(Arc::new(Restorer::new(&issued())), encoding);
    let mut out: String = chunks.iter().map(|chunk| stream.push(chunk)).collect();
    out.push_str(&stream.finish());
    (out, stream.restored())
}

#[test]
fn prose_is_not_held() {
    let mut stream = RestoreStream::new(Arc::new(Restorer::new(&issued())), Encoding::Text);
    for word in ["The ", "pati", "ent ", "said ", "so; ", "name", "d "] {
        let pushed = stream.push(word);
        let held = word == "name";
        assert_eq!(
            pushed,
            if held {
                ""
            } else if word == "d " {
                "named "
            } else {
                word
            }
        );
    }
    assert_eq!(stream.push("NAME-4K2"), "");
    assert_eq!(stream.push("M9R"), "Bo");
    assert_eq!(stream.push("NAME-4K2"), "");
    assert_eq!(stream.finish(), "NAME-4K2");
    let mut nothing = RestoreStream::new(Arc::new(Restorer::new(&[])), Encoding::Text);
    assert_eq!(nothing.push("NAME-"), "NAME-");
}

/// Text in which surrogates, their parts and what surrounds them come often.
fn written() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "NAME-4K2M9Q",
            "name_4k2m9r",
            "NAME-",
            "4K2M9R",
            "HEALTH",
            "PLAN-7P3XA2",
            "HEALTH-PLAN-7P3XA2",
            "AGE-OVER\\_89-9Z8Y7X",
            "\\u002d",
            "\\u002",
            "\\",
            "-",
            "_",
            " ",
            "\n",
            "https:",
            "//",
            "www.",
            "](",
            ")",
            "(",
            "<",
            ">",
            "\"",
            "\u{2011}",
            "é",
            "😀",
            "N",
            "n",
            "A",
            "\\n",
            "\\\"",
            "\\ud83d",
            "73920184",
            "00517702",
            "1653-04-12",
            "-55",
            "T1",
            "MRN73920184",
            "%2F",
            "[",
            ",",
            "1",
            ":",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Cuts `text` at places that depend on `seed`.
fn cut(text: &str, mut seed: u64) -> Vec<&str> {
    let (mut rest, mut chunks) = (text, Vec::new());
    while !rest.is_empty() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let take = usize::try_from(seed >> 60).unwrap() % 7;
        let at = rest.char_indices().nth(take).map_or(rest.len(), |(at, _)| at);
        let (chunk, more) = rest.split_at(at);
        chunks.push(chunk);
        rest = more;
    }
    chunks
}

proptest! {
    #[test]
    fn chunking_changes_nothing(text in written(), seed: u64, as_json: bool) {
        let encoding = if as_json { Encoding::Json } else { Encoding::Text };
        let (whole, restored) = stream(&[&text], encoding);
        prop_assert_eq!(&whole, &Restorer::new(&issued()).restore(&text, encoding));
        prop_assert_eq!(stream(&cut(&text, seed), encoding), (whole, restored));
        let restorer = Arc::new(Restorer::new(&fitted()));
        let mut streaming = RestoreStream::new(Arc::clone(&restorer), encoding);
        let mut out: String = cut(&text, seed).into_iter().map(|chunk| streaming.push(chunk)).collect();
        out.push_str(&streaming.finish());
        prop_assert_eq!(out, restorer.restore(&text, encoding));
    }

    #[test]
    fn without_anything_issued_the_text_stays(text in written()) {
        let none = Restorer::new(&[]);
        prop_assert!(none.is_empty());
        prop_assert_eq!(none.restore(&text, Encoding::Text), text.clone());
        prop_assert_eq!(none.restore(&text, Encoding::Json), text);
    }
}

/// Surrogates that look like real values.
fn fitted() -> Vec<Issued> {
    [
        (Form::Number, "73920184", "48213377"),
        (Form::Alike, "00517702", "00213377"),
        (Form::Alike, "73920184-55", "48213377-01"),
        (Form::Alike, "AB 1234567", "QX \"9876"),
        (Form::Date, "04/12/1653", "03/02/1980"),
        (Form::Date, "1653-04-12", "1980-03-02"),
        (Form::Date, "1653-04-13", "1980-03-03"),
        (Form::Label, "NAME-4K2M9R", "Bo"),
    ]
    .map(|(form, surrogate, original)| Issued {
        class: IdentifierClass::Mrn,
        form,
        surrogate: surrogate.to_owned(),
        original: Phi::new(original.to_owned()),
    })
    .into()
}

fn fit(text: &str, encoding: Encoding) -> String {
    let restorer = Arc::new(Restorer::new(&fitted()));
    let whole = restorer.restore(text, encoding);
    let characters: Vec<char> = text.chars().collect();
    for size in 1..=characters.len() {
        let mut stream = RestoreStream::new(Arc::clone(&restorer), encoding);
        let mut out: String =
            characters.chunks(size).map(|chunk| stream.push(&chunk.iter().collect::<String>())).collect();
        out.push_str(&stream.finish());
        assert_eq!(out, whole, "{size}");
    }
    whole
}

#[test]
fn values_are_restored_as_they_were_written_and_where_they_stand_alone() {
    for (written, restored) in [
        ("MRN 73920184.", "MRN 48213377."),
        ("**73920184**,_73920184_", "**48213377**,_48213377_"),
        ("73920184-55 73920184-56", "48213377-01 48213377-56"),
        ("born 04/12/1653, 1653-04-12", "born 03/02/1980, 1980-03-02"),
        ("1653-04-13T10:00", "1980-03-03T10:00"),
        ("AB 1234567!", "QX \"9876!"),
        ("73920184\u{2013}NAME-4K2M9R", "48213377\u{2013}Bo"),
    ] {
        assert_eq!(fit(written, Encoding::Text), restored);
    }
    for same in [
        "73 920184",
        "ab 1234567",
        "AB-1234567",
        "1653\u{2011}04\u{2011}12",
        "7392018",
        "https://x.test/7392018",
    ] {
        assert_eq!(fit(same, Encoding::Text), same);
    }
}

#[test]
fn values_that_are_not_restored_are_masked() {
    for (written, masked) in [
        ("739201845", "[MRN]5"),
        ("MRN73920184", "MRN[MRN]"),
        ("x73920184-55y", "x[MRN]y"),
        ("\u{e9}73920184", "\u{e9}[MRN]"),
        ("73920184\u{e9}", "[MRN]\u{e9}"),
        ("7392018473920184", "[MRN][MRN]"),
        ("1653-04-13Tx", "[MRN]Tx"),
        ("1653-04-13T", "[MRN]T"),
        ("1653-04-133", "[MRN]3"),
        ("https://x.test/73920184", "https://x.test/[MRN]"),
        ("https://x.test/?q=x73920184y&d=04%2F12%2f1653", "https://x.test/?q=x[MRN]y&d=[MRN]"),
        ("https://x.test/04%2F12%2", "https://x.test/04%2F12%2"),
        ("[a](73920184) 73920184", "[a]([MRN]) 48213377"),
        ("[a](<x 73920184-55>), 73920184", "[a](<x [MRN]>), 48213377"),
        ("www.x.test/NAME-4K2M9R/73920184 NAME-4K2M9R", "www.x.test/NAME-4K2M9R/[MRN] Bo"),
    ] {
        assert_eq!(fit(written, Encoding::Text), masked);
        assert_eq!(fit(&format!(r#"{{"a":"{written}"}}"#), Encoding::Json), format!(r#"{{"a":"{masked}"}}"#));
    }
}

#[test]
fn numbers_of_json_that_are_not_restored_are_masked_whole() {
    for (written, masked) in [
        (r#"{"n":739201845}"#, r#"{"n":"[MRN]"}"#),
        (r#"{"n": -173920184 ,"m":73920184}"#, r#"{"n": "[MRN]" ,"m":48213377}"#),
        (r#"{"n":[1.5e3,73920184e0,2,-73920184.5]}"#, r#"{"n":[1.5e3,"[MRN]",2,-48213377.5]}"#),
        (r#"{"u":"https:\/\/x.test\/\u00373920184","n":1}"#, r#"{"u":"https:\/\/x.test\/[MRN]","n":1}"#),
        ("[see MRN73920184, https://x.test/73920184", "[see MRN[MRN], https://x.test/[MRN]"),
        ("[173920184", "[\"[MRN]\""),
    ] {
        assert_eq!(fit(written, Encoding::Json), masked);
    }
    let long = format!("[{}73920184{}]", "1".repeat(60), "1".repeat(60));
    assert!(!fit(&long, Encoding::Json).contains("73920184"));
}

#[test]
fn numbers_and_dates_keep_the_types_that_json_has_for_them() {
    for (written, restored) in [
        (r#"{"mrn":73920184}"#, r#"{"mrn":48213377}"#),
        (r#"{"mrn": 73920184 ,"n":[73920184,1]}"#, r#"{"mrn": 48213377 ,"n":[48213377,1]}"#),
        (r#"{"mrn":"73920184"}"#, r#"{"mrn":"48213377"}"#),
        (r#"{"mrn":00517702}"#, r#"{"mrn":"00213377"}"#),
        (r#"{"mrn":"00517702"}"#, r#"{"mrn":"00213377"}"#),
        (r#"{"a":"mrn: 00517702"}"#, r#"{"a":"mrn: 00213377"}"#),
        (r#"{"dob":"1653-04-12"}"#, r#"{"dob":"1980-03-02"}"#),
        (r#"{"dob":"1653-04-12T00:00:00Z"}"#, r#"{"dob":"1980-03-02T00:00:00Z"}"#),
        (r#"{"note":"born 04\/12\/1653"}"#, r#"{"note":"born 03/02/1980"}"#),
        (r#"{"a":"{\"dob\":\"1653-04-12\"}"}"#, r#"{"a":"{\"dob\":\"1980-03-02\"}"}"#),
        (r#"{"a":"\u00373920184 AB 1234567"}"#, r#"{"a":"48213377 QX \"9876"}"#),
        (r#"{"a":"\n73920184\n"}"#, r#"{"a":"\n48213377\n"}"#),
    ] {
        assert_eq!(fit(written, Encoding::Json), restored);
    }
}

#[test]
fn the_guard_is_told_of_them() {
    let spans = Restorer::new(&fitted()).spans("73920184, x73920184, name 4k2m9r 1653-04-12");
    assert_eq!(spans, [0..8, 21..32, 33..43]);
}
