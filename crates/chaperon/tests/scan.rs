//! scan, as a person and as a program use it. All identifiers are made up.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use common::{chaperon, complained, said, with_input};
use serde_json::Value;

const LETTER: &str = "Dear Dr. Rivera,\n\nMRN: 4839201, DOB: 03/04/1950.\nCall (555) 867-5309.\n";

#[test]
fn findings_are_listed_without_their_values() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter.txt"), LETTER).unwrap();
    let output = chaperon(folder.path(), &["scan", "letter.txt"]);
    let text = said(&output);
    assert!(output.status.success());
    assert!(text.contains("letter.txt:3:6") && text.contains("MRN"), "{text}");
    assert!(text.contains("letter.txt:4:6") && text.contains("PHONE"), "{text}");
    for value in ["4839201", "03/04/1950", "867-5309", "Rivera"] {
        assert!(!text.contains(value), "{value} is shown: {text}");
    }
    let shown = said(&chaperon(folder.path(), &["scan", "letter.txt", "--show-values"]));
    assert!(shown.contains("4839201"), "{shown}");
}

#[test]
fn json_is_one_object_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let output = with_input(folder.path(), &["scan", "--json", "--fail-on-findings"], LETTER);
    assert_eq!(output.status.code(), Some(1));
    let findings: Vec<Value> =
        said(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mrn = findings.iter().find(|finding| finding["class"] == "MRN").unwrap();
    assert_eq!(
        (mrn["file"].as_str(), mrn["line"].as_u64(), mrn["column"].as_u64()),
        (Some("-"), Some(3), Some(6))
    );
    assert!(findings.iter().all(|finding| finding.get("value").is_none()));
    let clean = with_input(folder.path(), &["scan", "--fail-on-findings"], "nothing of note\n");
    assert_eq!(clean.status.code(), Some(0));
    assert_eq!(said(&clean), "nothing found\n");
}

#[test]
fn findings_of_records_say_their_element() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.json", "{\"resourceType\": \"Patient\",\n \"name\": [{\"family\": \"Quackenbush\"}]}");
    write("b.csv", "Key,Note\nA1,fine\nB2,\"MRN: 4839201\"\n");
    write("c.json", "{\"mrn\": 4839201");
    let text = said(&chaperon(folder.path(), &["scan", "."]));
    assert!(text.contains("a.json:2:23 Patient.name.family"), "{text}");
    assert!(text.contains("b.csv:3:10 Note"), "{text}");
    assert!(
        text.contains("read as text: ./c.json (no json: the document ends too early (byte 15))"),
        "{text}"
    );
    assert!(!text.contains("Quackenbush") && !text.contains("4839201"), "{text}");
    let json = said(&chaperon(folder.path(), &["scan", "a.json", "--json", "--show-values"]));
    let found: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(found["element"], "Patient.name.family");
    assert_eq!((found["class"].as_str(), found["value"].as_str()), (Some("NAME"), Some("Quackenbush")));
}

#[test]
fn spans_are_code_points_of_each_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Zoë 😀 called. MRN: 4839201.";
    let lines = format!(
        "{}\n{}\n",
        serde_json::json!({ "id": "a", "text": text, "more": 1 }),
        r#"{"id":7,"text":""}"#
    );
    let output = with_input(folder.path(), &["scan", "--format", "spans"], &lines);
    let labelled: Vec<Value> =
        said(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(labelled[1], serde_json::json!({ "id": 7, "spans": [] }));
    let mrn = labelled[0]["spans"].as_array().unwrap().iter().find(|span| span["label"] == "MRN").unwrap();
    let at = |key: &str| usize::try_from(mrn[key].as_u64().unwrap()).unwrap();
    let points: Vec<char> = text.chars().collect();
    assert_eq!(points[at("start")..at("end")].iter().collect::<String>(), "4839201");
}

#[test]
fn a_line_that_is_not_understood_is_named_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let output = with_input(
        folder.path(),
        &["scan", "--format", "spans"],
        "{\"id\":1,\"text\":\"\"}\n{\"mrn\":\"4839201\"}\n",
    );
    assert_eq!(output.status.code(), Some(1));
    let complaint = complained(&output);
    assert!(complaint.contains("line 2") && !complaint.contains("4839201"), "{complaint}");
}

#[test]
fn folders_are_walked_and_what_is_no_text_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    std::fs::create_dir_all(notes.join("deep")).unwrap();
    std::fs::write(notes.join("deep/a.txt"), LETTER).unwrap();
    std::fs::write(notes.join("b.bin"), [0xff, 0xfe, 0x00]).unwrap();
    std::os::unix::fs::symlink("/etc", notes.join("link")).unwrap();
    let text = said(&chaperon(folder.path(), &["scan", "notes"]));
    assert!(text.contains("notes/deep/a.txt:3:6"), "{text}");
    assert!(text.contains("left out: notes/b.bin (not text in UTF-8)"), "{text}");
    assert!(text.contains("left out: notes/link (a link)"), "{text}");
}

#[test]
fn what_is_left_beside_identifiers_is_told_and_never_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let letter = "Ann Lee, MRN: 4839201, the mayor, was struck by lightning.\n";
    let output = with_input(folder.path(), &["scan", "--json"], letter);
    let last: Value = serde_json::from_str(said(&output).lines().last().unwrap()).unwrap();
    let reasons = ["circumstance.unusual", "occupation.rare"];
    assert_eq!(last["residual"], serde_json::json!({ "level": "high", "reasons": reasons }));
    let output = with_input(folder.path(), &["scan"], letter);
    let told = said(&output);
    let line = told.lines().last().unwrap();
    assert!(line.contains("high") && line.ends_with("circumstance.unusual, occupation.rare"), "{told}");
    assert!(!told.contains("mayor") && !told.contains("lightning"), "{told}");
    let output = with_input(folder.path(), &["scan"], "MRN: 4839201, J18.9");
    assert!(!said(&output).contains("residual"), "nothing is left");
}

#[test]
fn a_folder_of_labelled_text_gives_a_file_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let corpora = folder.path().join("corpora");
    std::fs::create_dir_all(&corpora).unwrap();
    let line = serde_json::json!({ "id": "a", "text": "MRN: 4839201.", "spans": [] });
    for name in ["one.jsonl", "two.jsonl", "README.md"] {
        std::fs::write(corpora.join(name), format!("{line}\n")).unwrap();
    }
    let done = chaperon(folder.path(), &["scan", "corpora", "--format", "spans", "--out", "found"]);
    assert!(done.status.success() && said(&done).is_empty(), "{}", complained(&done));
    let read = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("found").join(name)).unwrap())
            .unwrap()
    };
    assert_eq!(read("two.jsonl")["spans"][0]["label"], "MRN");
    let meta = read("one.meta.json");
    assert_eq!((&meta["documents"], &meta["bytes"]), (&1.into(), &13.into()));
    assert_eq!(std::fs::read_dir(folder.path().join("found")).unwrap().count(), 4);
    let together =
        chaperon(folder.path(), &["scan", "corpora/one.jsonl", "corpora/two.jsonl", "--format", "spans"]);
    assert_eq!(said(&together).lines().count(), 2);
    let table = chaperon(folder.path(), &["scan", "corpora", "--out", "found"]);
    assert_eq!(table.status.code(), Some(2));
}
