//! The documents against the code: what they name is there, and nothing is claimed that no program can be.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Markdown page, as (path from the root, text).
fn pages() -> Vec<(String, String)> {
    let mut found: Vec<String> = Vec::new();
    let mut folders = vec![root(), root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.starts_with(root().join("docs")) && folder != root() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path.strip_prefix(root()).unwrap().display().to_string());
            }
        }
    }
    assert!(found.len() > 5, "{found:?}");
    found.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

/// A program is not compliant, people are.
#[test]
fn no_page_claims_what_no_program_can_be() {
    for (path, text) in pages() {
        let words = text.to_lowercase().replace(['-', '\n'], " ");
        for claim in ["hipaa compliant", "hipaa certified", "hipaa certification", "guarantees compliance"] {
            assert!(!words.contains(claim), "{path} claims `{claim}`");
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for (path, text) in pages() {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let place = root().join(&path).parent().unwrap().join(target);
            assert!(place.exists(), "{path} links to `{link}`, which is not there");
        }
    }
}

/// Each threat of SECURITY.md has a test that exists, or says what its limit is.
#[test]
fn every_threat_has_a_test_or_a_limit() {
    let page = read("SECURITY.md");
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 15);
    for row in rows {
        let proof = row.trim_matches('|').rsplit('|').next().unwrap();
        let named: Vec<_> = proof.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty() || proof.contains("**Limit:**"), "neither test nor limit: {row}");
        for name in named {
            match name.split_once("::") {
                Some((file, test)) => {
                    let defined = format!("def {test}(");
                    assert!(read(&format!("tests/{file}")).contains(&defined), "no test `{name}`");
                }
                None => assert!(root().join(name).exists(), "`{name}` is not there"),
            }
        }
    }
}

/// Each crate from outside has its reason on the page of decisions.
#[test]
fn every_dependency_has_its_reason() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let page = read("docs/decisions/README.md");
    let named: BTreeSet<_> = page.split('`').skip(1).step_by(2).collect();
    for (name, wanted) in manifest["workspace"]["dependencies"].as_table().unwrap() {
        let ours = wanted.get("path").is_some();
        assert!(ours || named.contains(name.as_str()), "docs/decisions/README.md does not say why `{name}`");
    }
}
