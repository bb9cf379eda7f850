//! Why, in words: which reason stands first, and what it is about.

use std::collections::BTreeSet;

use terms::{Code, Decision, HealthClass, Reason, Verdict};

use crate::Facts;
use crate::annotation::Rule;
use crate::request::to_be_named;

/// The codes of the guardrails, the root first. Those from the second on follow from what coverage says.
const ORDER: [Code; 10] = [
    Code::ENGAGEMENT_INACTIVE,
    Code::WORKFLOW_UNCOVERED,
    Code::PHI_UNCOVERED,
    Code::UNSCANNABLE,
    Code::EXTERNAL_URL,
    Code::VENDOR_STATE,
    Code::HOSTED_TOOL,
    Code::SIGNED_CONTENT,
    Code::OPAQUE_FOREIGN,
    Code::UNDECLARED_HEALTH,
];

fn rank(code: Code) -> usize {
    ORDER.iter().position(|known| *known == code).unwrap_or(ORDER.len())
}

fn follows_from_coverage(code: Code) -> bool {
    (1..7).contains(&rank(code))
}

/// The reasons of the forbids that refuse, the root first.
pub(crate) fn refused(rules: &[&Rule], facts: &Facts) -> Vec<Reason> {
    let reason = |rule: &&Rule| {
        let reason = Reason::new(rule.code).by(&rule.title);
        match detail(rule.code, facts) {
            Some(detail) => reason.about(detail),
            None => reason,
        }
    };
    let mut reasons: Vec<_> = rules.iter().map(reason).collect();
    reasons.sort_by(|one, other| (rank(one.code), &one.policy).cmp(&(rank(other.code), &other.policy)));
    reasons
}

/// Puts what coverage says before the first refusal that follows from it.
pub(crate) fn rooted(mut reasons: Vec<Reason>, facts: &Facts) -> Vec<Reason> {
    if facts.covered {
        return reasons;
    }
    if let Some(first) = reasons.iter().position(|reason| follows_from_coverage(reason.code)) {
        reasons.splice(first..first, facts.coverage_reasons.iter().cloned());
    }
    reasons
}

/// Why a permit: what coverage says, then the engagement's permits by name.
pub(crate) fn permitted(own: &[&Rule], facts: &Facts) -> Vec<Reason> {
    let code = match (facts.covered, facts.on_premises) {
        (true, true) => Code::ON_PREMISES,
        (true, false) => Code::COVERED,
        (false, _) => Code::UNCOVERED_CLEAN,
    };
    let told = facts.coverage_reasons.iter().filter(|reason| reason.code == code);
    let mut reasons: Vec<_> = told.cloned().collect();
    if reasons.is_empty() {
        reasons.push(Reason::new(code));
    }
    let mut titles: Vec<_> = own.iter().map(|rule| rule.title.as_str()).collect();
    titles.sort_unstable();
    reasons.extend(titles.into_iter().map(|title| Reason::new(Code::POLICY_PERMITS).by(title)));
    reasons
}

/// What would have been refused, a reason for each code, then why it is permitted all the same. That nothing of a person
/// was found is no reason where it was left out of account.
pub(crate) fn observed(enforced: Decision, permitted: Vec<Reason>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = match enforced.verdict {
        Verdict::Permit => vec![Reason::new(Code::OBSERVED)],
        Verdict::Deny => enforced.reasons.into_iter().map(would_refuse).collect(),
    };
    let told = |reason: &Reason| enforced.verdict == Verdict::Permit || reason.code != Code::UNCOVERED_CLEAN;
    reasons.extend(permitted.into_iter().filter(told));
    reasons
}

fn would_refuse(refusal: Reason) -> Reason {
    Reason { code: Code::OBSERVED, detail: Some(refusal.code.as_str().to_owned()), ..refusal }
}

/// The refusals of features that the engagement's policy does not name, one for each code.
pub(crate) fn unnamed(features: &[&str]) -> Vec<Reason> {
    let codes: BTreeSet<Code> = features.iter().map(|feature| feature_code(feature)).collect();
    let mut codes: Vec<_> = codes.into_iter().collect();
    codes.sort_by_key(|code| rank(*code));
    let told = |code| {
        let named = quoted(features.iter().copied().filter(|feature| feature_code(feature) == code));
        Reason::new(code).about(format!("no policy of the engagement names {named}"))
    };
    codes.into_iter().map(told).collect()
}

/// The refusal of what a workflow did not declare that it may tell.
pub(crate) fn undeclared(classes: impl Iterator<Item = HealthClass>) -> Option<Reason> {
    let named = listed(classes);
    (!named.is_empty()).then(|| Reason::new(Code::UNDECLARED_HEALTH).about(named))
}

/// The refusal of what would have to be cut out of signed content.
pub(crate) fn unstrippable(classes: impl Iterator<Item = HealthClass>) -> Option<Reason> {
    let named = listed(classes);
    (!named.is_empty()).then(|| Reason::new(Code::SIGNED_CONTENT).about(named))
}

fn listed(classes: impl Iterator<Item = HealthClass>) -> String {
    classes.map(HealthClass::as_str).collect::<Vec<_>>().join(", ")
}

fn quoted<'a>(features: impl Iterator<Item = &'a str>) -> String {
    features.map(|feature| format!("`{feature}`")).collect::<Vec<_>>().join(", ")
}

/// What nothing permits.
pub(crate) fn asked(facts: &Facts) -> String {
    format!("agent `{}`, workflow `{}`, service `{}`", facts.agent, facts.workflow, facts.service)
}

fn feature_code(feature: &str) -> Code {
    match feature {
        "external-url" => Code::EXTERNAL_URL,
        "vendor-state" | "batch" => Code::VENDOR_STATE,
        "hosted-tool" => Code::HOSTED_TOOL,
        _ => Code::UNSCANNABLE,
    }
}

fn detail(code: Code, facts: &Facts) -> Option<String> {
    match code {
        Code::ENGAGEMENT_INACTIVE => Some(format!("engagement `{}`", facts.engagement)),
        Code::WORKFLOW_UNCOVERED => {
            Some(format!("workflow `{}`, service `{}`", facts.workflow, facts.service))
        }
        Code::PHI_UNCOVERED => {
            let person = facts.findings.iter().filter(|(class, _)| class.names_a_person());
            Some(person.map(|(class, _)| class.label()).collect::<Vec<_>>().join(", "))
        }
        Code::UNSCANNABLE | Code::EXTERNAL_URL | Code::VENDOR_STATE | Code::HOSTED_TOOL => {
            let uncovered = |feature: &&str| !facts.covered_features.contains(*feature);
            let features = to_be_named(facts).filter(|feature| feature_code(feature) == code);
            let features = quoted(features.filter(uncovered));
            (!features.is_empty()).then(|| format!("the agreement's scope does not name {features}"))
        }
        _ => None,
    }
}
