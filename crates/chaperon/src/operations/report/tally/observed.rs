//! What workflows did that were only observed.

use std::collections::BTreeMap;

use audit::{Closing, Opening};
use terms::{Code, Verdict};

use super::super::figures::ObservedLine;
use super::{USES, is_further_try, known, merge, more};

type Key = (String, String, String);

#[derive(Default)]
pub(super) struct Observed(BTreeMap<Key, ObservedLine>);

impl Observed {
    /// Counts an exchange that was permitted since its workflow is observed.
    pub(super) fn take(&mut self, opening: &Opening, closing: Option<&Closing>) {
        let told: Vec<_> =
            opening.decision.reasons.iter().filter(|reason| reason.code == Code::OBSERVED.as_str()).collect();
        if opening.decision.verdict != Verdict::Permit || told.is_empty() {
            return;
        }
        let key = (opening.engagement.to_string(), opening.agent.to_string(), opening.workflow.clone());
        // registers bound them: this is for a register that grew beyond reading
        if self.0.len() >= USES && !self.0.contains_key(&key) {
            return;
        }
        let line = self.0.entry(key).or_default();
        line.exchanges += 1;
        if let Some(closing) = closing {
            merge(&mut line.unmasked, &closing.unmasked);
        }
        // a request that was tried again holds what it held
        if is_further_try(opening) {
            return;
        }
        merge(&mut line.findings, &opening.findings);
        if let Some(code) = told.iter().find_map(|reason| reason.detail.as_deref()) {
            more(&mut line.would_refuse, known(code), 1);
        }
    }

    pub(super) fn lines(self) -> Vec<ObservedLine> {
        let named =
            |((engagement, agent, workflow), line)| ObservedLine { engagement, agent, workflow, ..line };
        self.0.into_iter().map(named).collect()
    }
}
