//! The JSON walk against serde_json, and the losslessness of edits.

#![expect(clippy::format_collect, reason = "tests may panic")]

use gateway::protocol::json::{Bounds, Document, Edit, JsonFault, Kind, check, splice};
use proptest::prelude::*;
use serde_json::Value;

const BOUNDS: Bounds = Bounds { depth: 100, nodes: 1 << 16, unique_keys: true };

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_filter("JSON has no infinity", |number| number.is_finite()).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 12, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..12)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// All strings and keys in the order of the text.
fn strings(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, out)),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            out.push(key.clone());
            strings(member, out);
        }),
        _ => {}
    }
}

/// The same document with every character of its strings that is not ASCII as an escape.
fn escaped(text: &str) -> String {
    let mut units = [0; 2];
    text.chars()
        .map(|character| match character {
            ' '..='~' => character.to_string(),
            _ => character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}")).collect(),
        })
        .collect()
}

proptest! {
    #[test]
    fn yields_the_strings_that_serde_json_yields(value in value(), pretty: bool, ascii: bool) {
        let mut text = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        if ascii && !pretty {
            text = escaped(&text);
        }
        let document = Document::parse(text, BOUNDS).unwrap();
        let mut wanted = Vec::new();
        strings(&value, &mut wanted);
        let ours: Vec<_> = (0..document.nodes().len())
            .filter_map(|index| document.view(u32::try_from(index).unwrap()).string())
            .collect();
        prop_assert_eq!(ours, wanted);
    }

    #[test]
    fn accepts_no_more_than_serde_json(text in "[\\[\\]{}\",:0-9eE+.\\- ntfrueals\\\\/uD8C\t\n]{0,24}") {
        let theirs = serde_json::from_str::<Value>(&text);
        let vectors = Document::of_vectors(text.clone(), BOUNDS);
        prop_assert_eq!(vectors.err(), Document::parse(text.clone(), BOUNDS).err());
        match Document::parse(text.clone(), BOUNDS) {
            // numbers beyond what a double holds are JSON all the same
            Ok(_) => prop_assert!(theirs.is_ok() || theirs.unwrap_err().to_string().contains("out of range")),
            Err(error) => prop_assert!(theirs.is_err() || error.fault == JsonFault::DuplicateKey, "{}", text),
        }
    }

    #[test]
    fn edits_replace_what_they_name_and_no_other_byte(value in value(), texts in prop::collection::vec(any::<String>(), 1..8)) {
        let document = Document::parse(serde_json::to_string_pretty(&value).unwrap(), BOUNDS).unwrap();
        let values: Vec<_> = document.nodes().iter().filter(|node| node.kind == Kind::String).collect();
        let mut edits: Vec<_> = values.iter().zip(&texts)
            .map(|(node, text)| (node.start, node.end, Edit::Text(text.into()))).collect();
        let out = splice(document.text(), &mut edits);
        let again = Document::parse(out, BOUNDS).unwrap();
        prop_assert_eq!(again.nodes().len(), document.nodes().len());
        let mut new = texts.iter();
        for (index, node) in document.nodes().iter().enumerate() {
            let (before, after) = (document.view(u32::try_from(index).unwrap()), again.view(u32::try_from(index).unwrap()));
            match (node.kind, if node.kind == Kind::String { new.next() } else { None }) {
                (Kind::Object | Kind::Array, _) => prop_assert_eq!(before.kind(), after.kind()),
                (_, Some(text)) => prop_assert!(after.is(text)),
                (_, None) => prop_assert_eq!(before.raw(), after.raw()),
            }
        }
    }
}

#[test]
fn refuses_what_two_readers_could_read_differently() {
    for (text, fault) in [
        (r#"{"a":1,"a":2}"#, JsonFault::DuplicateKey),
        (r#"{"a":1,"b":2,"\u0061":2}"#, JsonFault::DuplicateKey),
        (r#"{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"\u0031":1}"#, JsonFault::DuplicateKey),
        (r#""\ud800""#, JsonFault::Escape),
        (r#""\udc00\ud800""#, JsonFault::Escape),
        (r#""\ud800\u0041""#, JsonFault::Escape),
        (r#""\x41""#, JsonFault::Escape),
        ("\"a\nb\"", JsonFault::Syntax),
        ("\u{feff}{}", JsonFault::Syntax),
        ("{} {}", JsonFault::Syntax),
        ("[1,]", JsonFault::Syntax),
        ("{,}", JsonFault::Syntax),
        ("01", JsonFault::Syntax),
        ("+1", JsonFault::Syntax),
        ("NaN", JsonFault::Syntax),
        ("\"open", JsonFault::Syntax),
    ] {
        assert_eq!(check(text, BOUNDS).unwrap_err().fault, fault, "{text}");
    }
    assert_eq!(check("[[[]]]", Bounds { depth: 2, ..BOUNDS }).unwrap_err().fault, JsonFault::Depth);
    assert_eq!(check("[1,2,3]", Bounds { nodes: 3, ..BOUNDS }).unwrap_err().fault, JsonFault::Size);
    let nodes = |text: &str| {
        let document = Document::of_vectors(text.to_owned(), Bounds { nodes: 4, ..BOUNDS }).unwrap();
        assert_eq!(document.root().node().end as usize, text.len());
        document.nodes().len()
    };
    assert_eq!((nodes("[1, 2 ,-3e4,5,6]"), nodes("[[1,2,3,4],[5]]"), nodes("[[],{}]")), (1, 3, 3));
    assert_eq!((nodes(r#"[1,2,"a"]"#), nodes("[[1,2],true]")), (4, 3));
    assert!(check(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#, BOUNDS).is_ok());
}
