//! deidentify, as a person and as a pipeline use it. All identifiers are made up.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use common::{chaperon, complained, said, with_input};
use serde_json::Value;

const LETTER: &str = "Dear Dr. Rivera,\n\nMRN: 4839201, DOB: 03/04/1950.\nCall (555) 867-5309.\n";
const VALUES: [&str; 4] = ["Rivera", "4839201", "03/04/1950", "867-5309"];

fn letters() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("notes/deep")).unwrap();
    fs::write(folder.path().join("notes/a.txt"), LETTER).unwrap();
    fs::write(folder.path().join("notes/deep/b.txt"), LETTER.repeat(3)).unwrap();
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

fn manifest(folder: &Path) -> Vec<Value> {
    read(folder, "out/manifest.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn run(folder: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let arguments = [&["deidentify", "notes", "--out", "out", "--json"][..], more].concat();
    let output = chaperon(folder, &arguments);
    (
        output.status.code(),
        serde_json::from_str(&said(&output)).unwrap_or_else(|_| complained(&output).into()),
    )
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let output = with_input(folder.path(), &["deidentify"], LETTER);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    assert_eq!(said(&output), "Dear Dr. [NAME],\n\nMRN: [MRN], DOB: [DATE].\nCall [PHONE].\n");
    let nothing = with_input(folder.path(), &["deidentify", "-"], "");
    assert_eq!((nothing.status.code(), said(&nothing).as_str()), (Some(0), ""));
    fs::write(folder.path().join("letter.txt"), LETTER).unwrap();
    let file = chaperon(folder.path(), &["deidentify", "letter.txt", "--treat", "*=pass"]);
    assert_eq!(said(&file), LETTER);
    let general = chaperon(folder.path(), &["deidentify", "letter.txt", "--treat", "*=generalise,NAME=mask"]);
    assert_eq!(said(&general), "Dear Dr. *****,\n\nMRN: [MRN], DOB: 1950.\nCall [PHONE].\n");
}

#[test]
fn a_folder_is_written_again_with_a_manifest() {
    let folder = letters();
    let (code, told) = run(folder.path(), &[]);
    assert_eq!(code, Some(0), "{told}");
    for name in ["out/a.txt", "out/deep/b.txt"] {
        let text = read(folder.path(), name);
        assert!(
            text.starts_with("Dear Dr. [NAME],") && !VALUES.iter().any(|value| text.contains(value)),
            "{text}"
        );
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let lines = manifest(folder.path());
    assert_eq!(lines.len(), 3);
    assert_eq!((&lines[0]["path"], &lines[1]["path"]), (&"a.txt".into(), &"deep/b.txt".into()));
    assert_eq!((&lines[0]["counts"]["MRN"], &lines[0]["treatments"]), (&1.into(), &"*=redact".into()));
    assert_eq!(
        (&lines[0]["operating_point"], &lines[0]["bytes_in"]),
        (&"balanced".into(), &LETTER.len().into())
    );
    assert_eq!((&lines[2]["totals"]["files"], &lines[2]["totals"]["counts"]["MRN"]), (&2.into(), &4.into()));
    let text = read(folder.path(), "out/manifest.jsonl");
    assert!(!VALUES.iter().any(|value| text.contains(value)));
    assert_eq!(told["manifest_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(read(folder.path(), "notes/a.txt"), LETTER, "nothing is changed in place");
}

#[test]
fn a_second_run_does_what_is_not_done_or_has_changed() {
    let folder = letters();
    let first = run(folder.path(), &[]).1;
    let again = run(folder.path(), &[]).1;
    assert_eq!((&first["done_before"], &again["done_before"]), (&0.into(), &2.into()));
    assert_eq!(first["manifest_sha256"], again["manifest_sha256"], "the same work, the same manifest");
    // what was written is damaged, what was read has changed, something is new
    fs::write(folder.path().join("out/a.txt"), "damaged").unwrap();
    assert_eq!(run(folder.path(), &[]).1["done_before"], 1);
    assert!(read(folder.path(), "out/a.txt").starts_with("Dear Dr. [NAME],"));
    fs::write(folder.path().join("notes/a.txt"), LETTER.replace("4839201", "4839202")).unwrap();
    fs::write(folder.path().join("notes/new.txt"), "x").unwrap();
    let third = run(folder.path(), &[]).1;
    assert_eq!((&third["done_before"], &third["files"]), (&1.into(), &3.into()));
    let (code, told) = run(folder.path(), &["--operating-point", "rules"]);
    assert_eq!(code, Some(1), "other settings need another folder: {told}");
}

#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    let folder = letters();
    run(folder.path(), &[]);
    // as a run that was killed leaves it: what is done is noted, and a file is half-written
    let work = folder.path().join("out/.chaperon");
    fs::create_dir(&work).unwrap();
    let text = read(folder.path(), "out/manifest.jsonl");
    let (first, rest) = text.split_once('\n').unwrap();
    fs::write(work.join("done.jsonl"), format!("{first}\n{}", rest.get(..40).unwrap())).unwrap();
    fs::write(work.join("2.tmp"), "half").unwrap();
    fs::remove_file(folder.path().join("out/manifest.jsonl")).unwrap();
    let (code, told) = run(folder.path(), &[]);
    assert_eq!((code, &told["done_before"], &told["files"]), (Some(0), &1.into(), &2.into()));
    assert_eq!(read(folder.path(), "out/manifest.jsonl"), text);
    assert!(!work.exists());
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_the_others_go_on() {
    let folder = letters();
    let bad = [LETTER.as_bytes(), &[0xff, 0xfe], b"MRN: 5550123"].concat();
    fs::write(folder.path().join("notes/bad.txt"), &bad).unwrap();
    fs::write(folder.path().join("notes/shut.txt"), LETTER).unwrap();
    fs::write(folder.path().join("notes/zero.bin"), b"ab\0cd").unwrap();
    let (code, told) = run(folder.path(), &[]);
    assert_eq!((code, &told["files"], &told["failed"]), (Some(8), &3.into(), &2.into()), "{told}");
    let failure = |path: &str| {
        let failures = told["failures"].as_array().unwrap();
        failures.iter().find(|failure| failure["path"] == path).unwrap().clone()
    };
    assert_eq!(failure("bad.txt")["offset"], LETTER.len());
    assert_eq!(failure("zero.bin")["offset"], 2);
    for name in ["out/bad.txt", "out/zero.bin"] {
        assert!(!folder.path().join(name).exists(), "{name} is not there in part");
    }
    let lines = manifest(folder.path());
    assert!(lines.iter().any(|line| line["path"] == "bad.txt" && line["failed"].is_string()));
    let all = format!("{told}{}", read(folder.path(), "out/manifest.jsonl"));
    assert!(!VALUES.iter().chain(&["5550123"]).any(|value| all.contains(value)));
    let people = said(&chaperon(folder.path(), &["deidentify", "notes", "--out", "out"]));
    assert!(people.contains("failed: bad.txt at byte 70: not UTF-8"), "{people}");
    // a stream says so on standard error
    let stream = chaperon(folder.path(), &["deidentify", "notes/bad.txt"]);
    assert_eq!(stream.status.code(), Some(7));
    assert!(complained(&stream).contains("at byte 70"), "{}", complained(&stream));
    fs::remove_file(folder.path().join("notes/bad.txt")).unwrap();
    fs::remove_file(folder.path().join("notes/zero.bin")).unwrap();
    assert_eq!(run(folder.path(), &[]).0, Some(0));
}

#[test]
fn surrogates_are_the_same_throughout_a_run() {
    let folder = letters();
    let treat = ["--treat", "NAME=surrogate,*=redact"];
    run(folder.path(), &treat);
    let name = |name: &str| {
        let text = read(folder.path(), name);
        let at = text.find("NAME-").unwrap();
        text.get(at..at + 11).unwrap().to_owned()
    };
    assert_eq!(name("out/a.txt"), name("out/deep/b.txt"));
    let before = name("out/a.txt");
    assert_eq!(run(folder.path(), &treat).1["done_before"], 2);
    // what was drawn is forgotten: all is done again, so that it is the same throughout
    fs::write(folder.path().join("notes/new.txt"), LETTER).unwrap();
    let told = run(folder.path(), &treat).1;
    assert_eq!((&told["done_before"], &told["files"]), (&0.into(), &3.into()));
    assert!(name("out/a.txt") == name("out/new.txt") && name("out/a.txt") != before);
    let apart = ["--treat", "NAME=surrogate,*=redact", "--per-file"];
    fs::remove_dir_all(folder.path().join("out")).unwrap();
    run(folder.path(), &apart);
    assert_ne!(name("out/a.txt"), name("out/deep/b.txt"));
}

#[test]
fn a_long_text_is_cut_at_lines_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let line = "The wound is dry and measures 2.1 by 3.4 cm, without redness around it.\n";
    let text = [line.repeat(9000).as_str(), LETTER, &line.repeat(100)].concat();
    fs::write(folder.path().join("long.txt"), &text).unwrap();
    let output = chaperon(folder.path(), &["deidentify", "long.txt", "--operating-point", "rules"]);
    let redacted = "Dear Dr. [NAME],\n\nMRN: [MRN], DOB: [DATE].\nCall [PHONE].\n";
    assert!(said(&output) == text.replace(LETTER, redacted));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = letters();
    fs::write(folder.path().join("mine"), "x").unwrap();
    for (arguments, code) in [
        (&["deidentify", "notes"][..], 2),
        (&["deidentify", "-", "--out", "out"], 2),
        (&["deidentify", "notes", "-", "--out", "out"], 2),
        (&["deidentify", "notes", "--out", "notes/out"], 2),
        (&["deidentify", "notes", "--out", "out", "--treat", "NAME=hide"], 2),
        (&["deidentify", "notes", "--out", "out", "--jobs", "0"], 2),
        (&["deidentify", "notes", "--out", "out", "--treat", "NAME=pseudonym"], 2),
        (&["deidentify", "notes", "--out", "out", "--treat", "MRN=realistic"], 2),
        (&["deidentify", "notes", "--out", "out", "--treat", "*=realistic"], 2),
        (&["deidentify", "notes", "--out", "out", "--review", "out/review"], 2),
        (&["deidentify", "notes", "--out", "out", "--review", "notes/review"], 2),
        (&["deidentify", "absent", "--out", "out"], 7),
        (&["deidentify", "notes/deep", "--out", "notes"], 2),
        (&["deidentify", "notes/deep", "--out", "."], 2),
    ] {
        let output = chaperon(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", complained(&output));
        assert!(!folder.path().join("out").exists(), "{arguments:?}");
    }
    fs::create_dir(folder.path().join("full")).unwrap();
    fs::write(folder.path().join("full/mine.txt"), "x").unwrap();
    let full = chaperon(folder.path(), &["deidentify", "notes", "--out", "full"]);
    assert_eq!(full.status.code(), Some(1));
    assert_eq!(fs::read_dir(folder.path().join("full")).unwrap().count(), 1);
}

#[test]
fn a_format_is_told_by_name_and_bytes_or_by_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("notes")).unwrap();
    file("notes/a.csv", "MRN,note,code\n4839201,\"seen by Dr. Rivera, well\",7\n4839202,x,8\n");
    file("notes/b.jsonl", "{\"mrn\":\"4839201\",\"note\":\"call \\\"Dr. Rivera\\\"\"}\n{\"mrn\":null}\n");
    file("columns.toml", "[columns]\ncode = \"DEVICE\"\n");
    assert_eq!(run(folder.path(), &[]).0, Some(0));
    let rows = read(folder.path(), "out/a.csv");
    assert_eq!(rows, "MRN,note,code\n[MRN],\"seen by Dr. [NAME], well\",7\n[MRN],x,8\n");
    assert!(
        read(folder.path(), "out/b.jsonl").starts_with("{\"mrn\":\"[MRN]\",\"note\":\"call \\\"Dr. [NAME]")
    );
    assert_eq!(
        (&manifest(folder.path())[0]["format"], &manifest(folder.path())[1]["format"]),
        (&"csv".into(), &"json-lines".into())
    );
    assert_eq!(run(folder.path(), &["--columns", "columns.toml"]).0, Some(1), "other settings");
    let told = ["deidentify", "notes/a.csv", "--columns", "columns.toml"];
    assert!(said(&chaperon(folder.path(), &told)).contains("well\",[DEVICE]\n"));
    let text = ["deidentify", "notes/a.csv", "--format", "text"];
    assert!(said(&chaperon(folder.path(), &text)).starts_with("MRN,note,code\n"));
    // names told by their place are found in the narrative beside them; what is empty is none
    file(
        "p.json",
        "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"Quackenbush\",\"given\":[\"\"]}],\"text\":{\"div\":\"<div>Seen: quackenbush</div>\"}}",
    );
    let patient = said(&chaperon(folder.path(), &["deidentify", "p.json"]));
    assert!(
        patient.contains("\"family\":\"[NAME]\"") && !patient.to_lowercase().contains("quackenbush"),
        "{patient}"
    );
    file("bad.jsonl", "{\"mrn\":\"1\"}\n{\"mrn\":\"4839201");
    let bad = chaperon(folder.path(), &["deidentify", "bad.jsonl"]);
    assert_eq!(bad.status.code(), Some(7));
    assert!(
        complained(&bad).contains("at byte ") && !complained(&bad).contains("4839201"),
        "{}",
        complained(&bad)
    );
}

#[test]
fn pages_for_review_are_apart_and_say_that_they_hold_phi() {
    let folder = letters();
    let review = ["--review", "review"];
    assert_eq!(run(folder.path(), &review).0, Some(0));
    let page = read(folder.path(), "review/deep/b.txt.html");
    assert_eq!(page.matches("4839201").count(), 3, "before only");
    assert_eq!(page.matches("<ins title=\"MRN\">[MRN]</ins>").count(), 3);
    assert!(
        page.contains("noindex")
            && page.contains("protected health information")
            && !page.contains("<script")
    );
    assert!(page.contains("<a href=\"../index.html\">"));
    let index = read(folder.path(), "review/index.html");
    assert!(index.contains("<a href=\"./deep/b.txt.html\">deep/b.txt</a>") && !index.contains("4839201"));
    for name in ["review/index.html", "review/a.txt.html"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let names: Vec<_> =
        fs::read_dir(folder.path().join("out")).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_str().unwrap().ends_with("html")), "{names:?}");
    fs::remove_file(folder.path().join("review/a.txt.html")).unwrap();
    assert_eq!(run(folder.path(), &review).1["done_before"], 1, "what has no page is done again");
}

#[test]
fn what_is_left_out_is_told_and_no_success() {
    let folder = letters();
    std::os::unix::fs::symlink("a.txt", folder.path().join("notes/link.txt")).unwrap();
    let (code, told) = run(folder.path(), &[]);
    assert_eq!((code, &told["files"], &told["left_out"][0]["why"]), (Some(8), &2.into(), &"a link".into()));
    let quiet = ["scan", "notes/deep", "--fail-on-findings"];
    fs::write(folder.path().join("notes/deep/b.txt"), "x").unwrap();
    assert_eq!(chaperon(folder.path(), &quiet).status.code(), Some(0));
    std::os::unix::fs::symlink("b.txt", folder.path().join("notes/deep/c.txt")).unwrap();
    for more in [&["--tells"][..], &["--format", "spans"], &[]] {
        let output = chaperon(folder.path(), &[&quiet[..], more].concat());
        assert_eq!(output.status.code(), Some(8), "{more:?}: {}", complained(&output));
    }
    assert_eq!(chaperon(folder.path(), &["scan", "notes/deep"]).status.code(), Some(0));
}

#[test]
fn what_became_of_a_file_that_fails_now_goes() {
    let folder = letters();
    assert_eq!(run(folder.path(), &["--review", "review"]).0, Some(0));
    fs::write(folder.path().join("notes/a.txt"), [0xff, 0xfe]).unwrap();
    assert_eq!(run(folder.path(), &["--review", "review"]).0, Some(8));
    for name in ["out/a.txt", "review/a.txt.html"] {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
    assert!(folder.path().join("out/deep/b.txt").exists());
}

#[test]
fn a_review_goes_on_after_a_run_without_one() {
    let folder = letters();
    assert_eq!(run(folder.path(), &[]).0, Some(0));
    let deep = ["deidentify", "notes/a.txt", "--out", "out", "--review", "review", "--json"];
    let output = chaperon(folder.path(), &deep);
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    let index = read(folder.path(), "review/index.html");
    assert!(index.contains("./a.txt.html") && !index.contains("./deep/b.txt.html"), "{index}");
    assert!(index.contains("deep/b.txt (done without a page)"));
    // and takes no other list's name
    fs::write(folder.path().join("notes/index"), "x").unwrap();
    assert_eq!(run(folder.path(), &["--review", "review"]).0, Some(2));
}

#[test]
fn the_folders_of_others_are_left_alone() {
    let folder = letters();
    for (name, file, text) in [
        ("shop", "manifest.jsonl", "{\"sku\":7}\n"),
        ("site", "index.html", "<!doctype html><title>mine</title>"),
        ("work", ".chaperon/notes.txt", "mine"),
    ] {
        let theirs = folder.path().join(name);
        fs::create_dir_all(theirs.join(".chaperon")).unwrap();
        if name != "work" {
            fs::remove_dir(theirs.join(".chaperon")).unwrap();
        }
        fs::write(theirs.join(file), text).unwrap();
        for arguments in [
            &["deidentify", "notes", "--out", name][..],
            &["deidentify", "notes", "--out", "out", "--review", name],
        ] {
            assert_eq!(chaperon(folder.path(), arguments).status.code(), Some(1), "{arguments:?}");
        }
        assert_eq!(read(&theirs, file), text);
        assert!(!theirs.join("a.txt").exists());
    }
}

#[test]
fn labelled_spans_are_written_apart_and_each_to_its_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    let line = "{\"id\":1,\"text\":\"MRN: 4839201\"}\n";
    for name in ["in/notes.v1.jsonl", "in/notes.v2.jsonl"] {
        fs::write(folder.path().join(name), line).unwrap();
    }
    let spans = |out: &str| chaperon(folder.path(), &["scan", "in", "--format", "spans", "--out", out]);
    assert_eq!(spans("in").status.code(), Some(2), "not over what is read");
    assert_eq!(read(folder.path(), "in/notes.v1.jsonl"), line);
    assert_eq!(spans("out").status.code(), Some(0));
    for name in ["notes.v1.jsonl", "notes.v2.jsonl", "notes.v1.meta.json", "notes.v2.meta.json"] {
        assert!(folder.path().join("out").join(name).is_file(), "{name}");
    }
}

#[test]
fn a_year_decides_what_becomes_of_dates() {
    let folder = letters();
    run(folder.path(), &["--treat", "DATE=generalise,*=redact"]);
    assert!(manifest(folder.path()).iter().any(|line| line["year"].as_u64().is_some_and(|year| year > 2000)));
    let text = read(folder.path(), "out/manifest.jsonl");
    let now = manifest(folder.path())[0]["year"].to_string();
    let before = text.replace(&format!("\"year\":{now}"), "\"year\":2001");
    fs::write(folder.path().join("out/manifest.jsonl"), before).unwrap();
    assert_eq!(run(folder.path(), &["--treat", "DATE=generalise,*=redact"]).0, Some(1));
}

#[test]
fn a_long_file_of_rows_keeps_its_names_in_every_block() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = "PatientKey,Ward,note\n".to_owned();
    for row in 0..12_000 {
        writeln!(file, "k{row},w{row},the wound is dry and measures two by three").unwrap();
    }
    assert!(file.len() > 600_000);
    fs::write(folder.path().join("long.csv"), &file).unwrap();
    fs::write(folder.path().join("columns.toml"), "[columns]\nPatientKey = \"MRN\"\n").unwrap();
    let told = ["deidentify", "long.csv", "--columns", "columns.toml", "--operating-point", "rules"];
    let written = said(&chaperon(folder.path(), &told));
    assert_eq!(written.matches("\n[MRN],w").count(), 12_000);
    // a class that a sample tells holds in the last block too
    let mut file = "Key,note\n".to_owned();
    for row in 0..30_000 {
        let key = if row % 10 == 9 { format!("{row}") } else { format!("478-23-{:04}", 1000 + row % 9000) };
        writeln!(file, "{key},dry and clean").unwrap();
    }
    fs::write(folder.path().join("long.csv"), &file).unwrap();
    let written = said(&chaperon(folder.path(), &["deidentify", "long.csv", "--operating-point", "rules"]));
    assert_eq!(written.matches("\n[SSN],").count(), 30_000);
}

#[test]
fn what_is_said_of_no_column_is_told() {
    let folder = letters();
    fs::write(folder.path().join("notes/a.csv"), "MRN,Ward\n7,x\n").unwrap();
    fs::write(folder.path().join("columns.toml"), "[columns]\nWard = \"plain\"\nWrad = \"plain\"\n").unwrap();
    let (code, told) = run(folder.path(), &["--columns", "columns.toml"]);
    assert_eq!((code, &told["unmatched"]), (Some(0), &serde_json::json!(["wrad"])), "{told}");
    assert_eq!(manifest(folder.path()).last().unwrap()["unmatched"], serde_json::json!(["wrad"]));
    let one = chaperon(folder.path(), &["deidentify", "notes/a.csv", "--columns", "columns.toml"]);
    assert!(complained(&one).contains("nothing is called `wrad`"), "{}", complained(&one));
    fs::write(folder.path().join("columns.toml"), "[columns]\nWard = \"plain\"\nward = \"mrn\"\n").unwrap();
    let twice = chaperon(folder.path(), &["deidentify", "notes/a.csv", "--columns", "columns.toml"]);
    assert_eq!(twice.status.code(), Some(2));
}

#[test]
fn a_date_of_birth_that_its_place_tells_is_no_age_over_89() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.json", "{\"resourceType\":\"Patient\",\"birthDate\":\"1925-03-14\"}"),
        ("b.hl7", "MSH|^~\\&|A|B|C|D|20240203||ADT^A01|1|P|2.5.1\rPID|1||7||X^Y||19250314|M\r"),
        ("c.xml", "<ClinicalDocument><birthTime value=\"19250314\"/></ClinicalDocument>"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
        let out = said(&chaperon(folder.path(), &["deidentify", name, "--treat", "*=generalise"]));
        assert!(!out.contains("1925"), "{out}");
    }
}
