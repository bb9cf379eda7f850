//! The page on policies, held to the code: its examples load or are refused as it says, its lists are whole.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use policy::{DEFAULT_POLICY, Policies, SCHEMA};
use terms::{IdentifierClass, explain};

const PAGE: &str = include_str!("../../../docs/reference/policy.md");

fn blocks(kind: &str) -> Vec<&'static str> {
    let opening = format!("\n```{kind}\n");
    PAGE.split(&opening).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

#[test]
fn examples_load_and_mistakes_do_not() {
    let good = blocks("cedar");
    assert!(good.len() >= 5);
    for text in &good {
        Policies::for_engagement(Some(text)).unwrap();
    }
    let bad = blocks("cedar refused");
    assert!(bad.len() >= 3);
    for text in bad {
        assert!(Policies::for_engagement(Some(text)).is_err(), "{text}");
    }
    assert!(DEFAULT_POLICY.contains(good.first().unwrap()), "the default policy is another");
}

#[test]
fn every_fact_of_the_schema_is_on_the_page() {
    let (_, facts) = SCHEMA.split_once("type Request = {").unwrap();
    let (facts, _) = facts.split_once("};").unwrap();
    let facts: Vec<_> = facts.lines().filter_map(|line| line.trim().split_once(": ")).collect();
    assert!(facts.len() > 15);
    for (fact, _) in facts.into_iter().filter(|(fact, _)| !fact.starts_with("//")) {
        assert!(PAGE.contains(&format!("`{}`", fact.trim_end_matches('?'))), "{fact}");
    }
    for class in IdentifierClass::ALL {
        assert!(PAGE.contains(&format!("`{class}`")), "{class}");
    }
    for class in terms::HealthClass::ALL {
        assert!(PAGE.contains(&format!("`{class}`")), "{class}");
    }
}

#[test]
fn every_code_of_the_guardrails_is_on_the_page() {
    let (_, table) = PAGE.split_once("| refused with |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let base = include_str!("../src/base.cedar");
    for code in base.split("@code(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(table.contains(&format!("| `{code}` |")), "{code}");
        assert!(explain(code).is_some());
    }
}
