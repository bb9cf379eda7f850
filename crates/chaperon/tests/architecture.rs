//! The map (ARCHITECTURE.md) against the code: who may import whom, who may hold which power, how long files
//! are, and under which licences foreign code comes in.
#![expect(clippy::disallowed_methods, reason = "`cargo metadata` is a child process")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Lines of a source file, tests aside, beyond which it must be split.
const LONGEST_FILE: usize = 450;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn metadata(extra: &[&str]) -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--offline", "--locked"])
        .args(extra)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Each package of the workspace with its direct dependencies, those for development apart.
struct Package {
    name: String,
    uses: BTreeSet<String>,
    uses_in_development: BTreeSet<String>,
}

fn packages() -> Vec<Package> {
    let metadata = metadata(&["--no-deps"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let (development, built): (Vec<_>, Vec<_>) = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .partition(|dependency| dependency["kind"] == "dev");
            Package {
                name: text(&package["name"]),
                uses: built.into_iter().map(|dependency| text(&dependency["name"])).collect(),
                uses_in_development: development
                    .into_iter()
                    .map(|dependency| text(&dependency["name"]))
                    .collect(),
            }
        })
        .collect()
}

/// The rows of the table under `heading`, each cell as the names it holds in backticks.
fn table(heading: &str) -> Vec<Vec<BTreeSet<String>>> {
    let page = read("ARCHITECTURE.md");
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let named = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    section
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(named).collect())
        .collect()
}

fn only(cell: &BTreeSet<String>) -> String {
    assert_eq!(cell.len(), 1, "one name was expected: {cell:?}");
    cell.first().unwrap().clone()
}

#[test]
fn no_room_imports_another_that_the_map_does_not_name() {
    let allowed: BTreeMap<String, BTreeSet<String>> =
        table("Who may import whom").iter().map(|row| (only(&row[0]), row[1].clone())).collect();
    let packages = packages();
    let rooms: BTreeSet<String> = packages.iter().map(|package| package.name.clone()).collect();
    assert_eq!(rooms, allowed.keys().cloned().collect(), "the map and the workspace name the same rooms");
    for package in &packages {
        let imports: BTreeSet<_> = package.uses.intersection(&rooms).cloned().collect();
        let unmapped: Vec<_> = imports.difference(&allowed[&package.name]).collect();
        assert!(
            unmapped.is_empty(),
            "`{}` imports {unmapped:?}, which ARCHITECTURE.md does not allow",
            package.name
        );
    }
}

#[test]
fn the_rooms_described_are_the_rooms_there_are() {
    let described: BTreeSet<String> = table("Rooms").iter().map(|row| only(&row[0])).collect();
    assert_eq!(described, packages().into_iter().map(|package| package.name).collect());
}

#[test]
fn the_verifier_depends_on_nothing_of_ours() {
    let packages = packages();
    let rooms: BTreeSet<String> = packages.iter().map(|package| package.name.clone()).collect();
    let verifier = packages.iter().find(|package| package.name == "chaperon-verify").unwrap();
    assert_eq!(verifier.uses.intersection(&rooms).count(), 0);
    assert_eq!(verifier.uses_in_development.intersection(&rooms).count(), 0);
}

#[test]
fn a_power_is_held_only_by_the_rooms_that_the_map_names() {
    let packages = packages();
    for row in table("One door per power") {
        let (power, rooms) = (only(&row[1]), &row[2]);
        let holders: BTreeSet<String> =
            packages.iter().filter(|package| package.uses.contains(&power)).map(|p| p.name.clone()).collect();
        assert!(holders.is_subset(rooms), "`{power}` is held by {holders:?}, the map names {rooms:?}");
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Our own sources, as (path from the root, text).
fn source_files() -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    for package in std::fs::read_dir(root.join("crates")).unwrap() {
        sources(&package.unwrap().path().join("src"), &mut found);
    }
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().display().to_string(), text)
        })
        .collect()
}

#[test]
fn no_source_file_is_longer_than_the_map_says() {
    for (path, text) in source_files() {
        let code = text.split("#[cfg(test)]").next().unwrap();
        assert!(code.lines().count() <= LONGEST_FILE, "{path} has more than {LONGEST_FILE} lines: split it");
    }
}

/// SQL is written in `store` alone; elsewhere not even its words may stand in a literal.
#[test]
fn sql_stands_in_the_store_alone() {
    for (path, text) in source_files() {
        if path.starts_with("crates/store/") {
            continue;
        }
        for statement in ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM ", "\"CREATE TABLE "] {
            assert!(!text.contains(statement), "{path} holds SQL: {statement}");
        }
    }
}

/// What no page may say: a program is not compliant, people are.
#[test]
fn no_page_claims_what_no_program_can_be() {
    let pages = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md"];
    let texts = pages.map(|page| (page.to_owned(), read(page)));
    for (path, text) in texts.into_iter().chain(source_files()) {
        let words = text.to_lowercase().replace(['-', '\n'], " ");
        for claim in ["hipaa compliant", "hipaa certified", "hipaa certification", "guarantees compliance"] {
            assert!(!words.contains(claim), "{path} claims `{claim}`");
        }
    }
}

/// One alternative of an SPDX expression is enough; all of its parts must be allowed.
fn acceptable(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ");
    let mut depth = 0_u32;
    let mut parts = vec![String::new()];
    let mut operators = Vec::new();
    for word in expression.replace('(', " ( ").replace(')', " ) ").split_whitespace() {
        match word {
            "(" => depth += 1,
            ")" => depth -= 1,
            "OR" | "AND" if depth == 0 => {
                operators.push(word.to_owned());
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        let part = parts.last_mut().unwrap();
        part.push_str(word);
        part.push(' ');
    }
    if operators.is_empty() {
        let part = parts[0].trim();
        return match part.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => acceptable(inner, allowed),
            None => allowed.contains(part.split(" WITH ").next().unwrap()),
        };
    }
    // AND binds tighter than OR
    let mut alternatives = vec![vec![parts[0].clone()]];
    for (operator, part) in operators.iter().zip(&parts[1..]) {
        if operator == "OR" {
            alternatives.push(vec![part.clone()]);
        } else {
            alternatives.last_mut().unwrap().push(part.clone());
        }
    }
    alternatives.iter().any(|alternative| alternative.iter().all(|part| acceptable(part, allowed)))
}

#[test]
fn a_licence_expression_is_judged_by_its_alternatives() {
    let allowed = BTreeSet::from(["MIT".to_owned(), "ISC".to_owned()]);
    for good in ["MIT", "MIT OR GPL-3.0", "GPL-2.0/MIT", "ISC AND (GPL-2.0 OR MIT)", "(MIT OR X) AND ISC"] {
        assert!(acceptable(good, &allowed), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "ISC AND (GPL-2.0 OR LGPL-3.0)", ""] {
        assert!(!acceptable(bad, &allowed), "{bad}");
    }
}

#[test]
fn every_dependency_comes_under_a_licence_that_is_listed() {
    let rules = read("deny.toml");
    let list = rules.split("allow = [").nth(1).unwrap().split(']').next().unwrap();
    let allowed: BTreeSet<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    let metadata = metadata(&["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let mut refused = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or("none given");
        if !acceptable(licence, &allowed) {
            refused.push(format!("{} ({licence})", package["name"]));
        }
    }
    assert!(refused.is_empty(), "licences that deny.toml does not list: {refused:?}");
}
