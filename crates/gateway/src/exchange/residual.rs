//! What is left of a person in what leaves.

use audit::ResidualRecord;
use deid::Finding;
use terms::{Decision, Verdict};

use super::Arrival;

/// What is left of a person once the request's identifiers are treated as was decided; after a refusal nothing leaves.
pub(super) fn residual(
    arrival: &Arrival,
    findings: &[Vec<Finding>],
    decision: &Decision,
) -> Option<ResidualRecord> {
    if decision.verdict == Verdict::Deny {
        return None;
    }
    let passages = arrival.request.passages();
    let passages: Vec<_> =
        passages.map(|passage| deid::Passage { text: passage.text, label: passage.label }).collect();
    let left = deid::risk::residual(&passages, findings, &decision.obligations);
    let reasons = left.reasons().iter().map(|reason| reason.as_str().to_owned()).collect();
    Some(ResidualRecord { level: left.level().as_str().to_owned(), reasons })
}
