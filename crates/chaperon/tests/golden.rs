//! What the command line says, word for word.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use common::{chaperon, compare, complained, golden, said};

const COMMANDS: &[&str] = &[
    "",
    "serve",
    "demo",
    "check",
    "doctor",
    "explain",
    "completions",
    "engagement",
    "engagement add",
    "engagement list",
    "engagement show",
    "engagement suspend",
    "engagement end",
    "engagement activate",
    "vendor",
    "vendor add",
    "vendor list",
    "vendor show",
    "vendor end",
    "vendor facts",
    "agreement end",
    "pool",
    "pool add",
    "budget",
    "budget add",
    "budget use",
    "policy show",
    "terms list",
    "terms end",
    "service",
    "service add",
    "service credential",
    "agreement",
    "agreement add",
    "agent",
    "agent add",
    "agent rotate",
    "agent revoke",
    "policy",
    "policy set",
    "terms",
    "terms add",
    "terms show",
    "terms review",
    "journal",
    "journal tail",
    "journal show",
    "journal verify",
    "incident",
    "incident list",
    "preview",
    "report",
    "scan",
    "deidentify",
];

#[test]
fn help_texts() {
    let folder = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let arguments: Vec<&str> =
            command.split(' ').filter(|word| !word.is_empty()).chain(["--help"]).collect();
        let output = chaperon(folder.path(), &arguments);
        assert!(output.status.success(), "{command}");
        let text = said(&output);
        assert!(command.contains(' ') || text.contains("Usage: chaperon"), "{text}");
        let name = if command.is_empty() { "chaperon".to_owned() } else { command.replace(' ', "-") };
        compare(&format!("help/{name}.txt"), &text);
    }
}

#[test]
fn every_command_that_does_something_has_examples() {
    let folder = tempfile::tempdir().unwrap();
    for command in COMMANDS {
        let arguments: Vec<&str> =
            command.split(' ').filter(|word| !word.is_empty()).chain(["--help"]).collect();
        let text = said(&chaperon(folder.path(), &arguments));
        assert!(text.contains("Examples:") || text.contains("Commands:"), "{command}");
    }
}

#[test]
fn configuration_errors() {
    let folder = golden("config");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.retain(|name| std::path::Path::new(name).extension().is_some_and(|extension| extension == "toml"));
    assert!(files.len() >= 6, "{files:?}");
    for file in files {
        let output = chaperon(&folder, &["check", "--config-only", "--config", &file]);
        assert_eq!(output.status.code(), Some(6), "{file}");
        assert_eq!(said(&output), "");
        compare(&format!("config/{}", file.replace(".toml", ".txt")), &complained(&output));
    }
}

/// What the configuration names and is not there, or is something else: a start would end alike.
#[test]
fn files_of_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("none.pem", "nothing\n");
    let names = |certificate: &str, key: &str, trust: &str| {
        format!(
            "[tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n[upstream]\ntrust = \"{trust}\"\n\
             [root]\npassphrase = {{ file = \"absent.txt\" }}\n"
        )
    };
    let mut text = String::new();
    for (certificate, key, trust) in [
        ("absent.pem", "absent.key", "absent.pem"),
        ("none.pem", "absent.key", "."),
        ("none.pem", "none.pem", "none.pem"),
    ] {
        file("chaperon.toml", &names(certificate, key, trust));
        for command in [&["check", "--config-only"][..], &["check", "--offline"]] {
            let output = chaperon(folder.path(), command);
            assert_eq!(output.status.code(), Some(6), "{}", complained(&output));
            if command.len() == 2 && command.contains(&"--config-only") {
                text.push_str(
                    &said(&output)
                        .lines()
                        .filter(|line| !line.contains("vendor facts"))
                        .fold(String::new(), |all, line| all + line + "\n"),
                );
                text.push('\n');
            }
        }
    }
    compare("config/files.txt", &text);
}

#[test]
fn explanations() {
    let folder = tempfile::tempdir().unwrap();
    for code in ["agreement-missing", "covered", "caller-left"] {
        let output = chaperon(folder.path(), &["explain", code]);
        assert!(output.status.success());
        compare(&format!("explain/{code}.txt"), &said(&output));
    }
    let json = chaperon(folder.path(), &["explain", "agreement-missing", "--json"]);
    compare("explain/agreement-missing.json", &said(&json));
    let unknown = chaperon(folder.path(), &["explain", "agreement-mising"]);
    assert_eq!(unknown.status.code(), Some(1));
    compare("explain/unknown.txt", &complained(&unknown));
}

#[test]
fn usage_errors_end_with_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["dance"][..], &["agent", "add"], &["vendor", "add", "Not A Name", "--legal-name", "x"]]
    {
        assert_eq!(chaperon(folder.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}
