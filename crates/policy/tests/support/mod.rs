//! Synthetic facts.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses a part of it")]

use policy::{Action, Facts};
use terms::{Code, Decision, FindingCounts, HealthCounts, IdentifierClass, Purpose, Reason, Verdict};

/// A covered request of a workflow that carries PHI, with a name and a date found.
pub fn covered() -> Facts {
    Facts {
        engagement: "mercy".parse().unwrap(),
        engagement_active: true,
        agent: "triage".parse().unwrap(),
        agent_version: None,
        workflow: "intake".to_owned(),
        purpose: Purpose::Treatment,
        carries_phi: true,
        observing: false,
        on_behalf_of: None,
        vendor: "acme".parse().unwrap(),
        service: "acme-api".parse().unwrap(),
        model: "acme-large".to_owned(),
        action: Action::ModelCall,
        covered: true,
        on_premises: false,
        coverage_reasons: vec![Reason::new(Code::COVERED).by("agreement:acme-baa@1/scope[0]")],
        features: words(&["inference"]),
        covered_features: words(&["inference", "images"]),
        findings: found(&[IdentifierClass::Name, IdentifierClass::Date]),
        signed_findings: false,
        foreign_opaque: false,
        tells: HealthCounts::default(),
        signed_tells: [].into(),
        may_tell: None,
        passage_words: 0,
        answer_is_text: true,
    }
}

/// The same to a vendor without an agreement.
pub fn uncovered() -> Facts {
    Facts {
        covered: false,
        coverage_reasons: vec![Reason::new(Code::AGREEMENT_MISSING)],
        covered_features: words(&[]),
        ..covered()
    }
}

pub fn words(words: &[&str]) -> std::collections::BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub fn found(classes: &[IdentifierClass]) -> FindingCounts {
    let mut counts = FindingCounts::default();
    for class in classes {
        counts.add(*class);
    }
    counts
}

pub fn told(classes: &[terms::HealthClass]) -> HealthCounts {
    let mut counts = HealthCounts::default();
    for class in classes {
        counts.add(*class);
    }
    counts
}

/// A decision in one line: verdict, codes, obligations.
pub fn line(decision: &Decision) -> String {
    let verdict = if decision.verdict == Verdict::Permit { "permit" } else { "deny" };
    let mut words: Vec<String> = decision.reasons.iter().map(|reason| reason.code.to_string()).collect();
    let treatments = decision.obligations.treatments.iter();
    words.extend(treatments.map(|(class, treatment)| format!("{class}={treatment:?}").to_lowercase()));
    words.extend(decision.obligations.strip.iter().map(|class| format!("strip {class}")));
    words.extend(decision.obligations.reason_codes.iter().map(|code| format!("because {code}")));
    format!("{verdict:<6} {}", words.join(", "))
}
