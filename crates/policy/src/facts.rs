//! What is known of a request when it is decided.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use terms::{
    AgentId, AgentVersion, DecisionId, EngagementId, FindingCounts, HealthClass, HealthCounts, Purpose,
    Reason, ServiceId, VendorId,
};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// a call of a model
    ModelCall,
    /// text goes back to the agent that sent it, without identifiers
    Deidentify,
    /// originals go back to the agent whose text they were taken from
    Reidentify,
}

impl Action {
    /// The action as the schema writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ModelCall => "model-call",
            Self::Deidentify => "deidentify",
            Self::Reidentify => "reidentify",
        }
    }
}

/// What is known of a request: no content, only who, whom, what for, and which classes were found.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, named as the schema names it")]
#[derive(Clone, Debug)]
pub struct Facts {
    /// The engagement.
    pub engagement: EngagementId,
    /// Whether its state is `active`.
    pub engagement_active: bool,
    /// The agent that asks.
    pub agent: AgentId,
    /// The version that it declares.
    pub agent_version: Option<AgentVersion>,
    /// What it works on.
    pub workflow: String,
    /// Why PHI is used or disclosed.
    pub purpose: Purpose,
    /// Whether the workflow is declared to carry PHI.
    pub carries_phi: bool,
    /// Whether the workflow is only observed now; of no effect where it carries PHI.
    pub observing: bool,
    /// For whom it acts.
    pub on_behalf_of: Option<String>,
    /// The vendor.
    pub vendor: VendorId,
    /// Its service.
    pub service: ServiceId,
    /// The model as the service's row lists it.
    pub model: String,
    /// What is asked for.
    pub action: Action,
    /// Whether an agreement covers this exact use, or the model runs inside the wall.
    pub covered: bool,
    /// Whether the model runs inside the wall.
    pub on_premises: bool,
    /// Why it is covered or not, as coverage says, the nearest miss first.
    pub coverage_reasons: Vec<Reason>,
    /// What the request asks for, in the words of the schema.
    pub features: BTreeSet<String>,
    /// What the agreement's scope names of it.
    pub covered_features: BTreeSet<String>,
    /// What was found.
    pub findings: FindingCounts,
    /// Whether something was found in signed content.
    pub signed_findings: bool,
    /// Whether a part that only a vendor can read was not issued by this service in this conversation.
    pub foreign_opaque: bool,
    /// What the content tells of health, where [`Policies::asks`](crate::Policies::asks) or a declaration ask for it.
    pub tells: HealthCounts,
    /// What of it is told in signed content, where nothing can be stripped.
    pub signed_tells: BTreeSet<HealthClass>,
    /// What the workflow declared that it may tell.
    pub may_tell: Option<BTreeSet<HealthClass>>,
    /// Words of the longest text, where [`Policies::asks`](crate::Policies::asks) for them.
    pub passage_words: u32,
    /// Whether the answer is text, in which a surrogate can be restored; a vector is not.
    pub answer_is_text: bool,
}

impl Facts {
    /// SHA-256 over all facts and the version of the policies, each preceded by its length as a 64-bit big-endian
    /// number. The first 20 hexadecimal characters, behind `d-`, are the stable id of the decision.
    pub(crate) fn digest(&self, version: &str) -> [u8; 32] {
        let mut sum = Canonical(Sha256::new());
        sum.text("chaperon decision 4").text(version);
        sum.text(self.engagement.as_str()).flag(self.engagement_active).text(self.agent.as_str());
        sum.optional(self.agent_version.as_ref().map(AgentVersion::as_str)).text(&self.workflow);
        sum.text(self.purpose.as_str()).flag(self.carries_phi).optional(self.on_behalf_of.as_deref());
        sum.text(self.vendor.as_str())
            .text(self.service.as_str())
            .text(&self.model)
            .text(self.action.as_str());
        sum.flag(self.covered).flag(self.on_premises).count(self.coverage_reasons.len());
        for reason in &self.coverage_reasons {
            sum.text(reason.code.as_str());
            sum.optional(reason.policy.as_deref()).optional(reason.detail.as_deref());
        }
        for features in [&self.features, &self.covered_features] {
            sum.count(features.len());
            for feature in features {
                sum.text(feature);
            }
        }
        sum.count(self.findings.iter().count());
        for (class, count) in self.findings.iter() {
            sum.text(class.label()).bytes(&count.to_be_bytes());
        }
        sum.flag(self.signed_findings).flag(self.foreign_opaque).flag(self.answer_is_text);
        sum.flag(self.observing);
        sum.count(self.tells.iter().count());
        for (class, count) in self.tells.iter() {
            sum.text(class.as_str()).bytes(&count.to_be_bytes());
        }
        sum.classes(&self.signed_tells).flag(self.may_tell.is_some());
        sum.classes(self.may_tell.iter().flatten()).bytes(&self.passage_words.to_be_bytes());
        sum.0.finalize().into()
    }
}

/// The stable id of the decision over the facts of `digest`.
pub(crate) fn decision_id(digest: &[u8]) -> DecisionId {
    DecisionId(format!("d-{}", hex(digest)))
}

/// The first 20 hexadecimal characters of a digest.
pub(crate) fn hex(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = digest.iter().take(10).flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| DIGITS.get(usize::from(nibble))).map(|digit| char::from(*digit)).collect()
}

/// Feeds a digest such that no two lists of values give the same bytes.
pub(crate) struct Canonical(pub(crate) Sha256);

impl Canonical {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    fn flag(&mut self, flag: bool) -> &mut Self {
        self.bytes(&[u8::from(flag)])
    }

    fn count(&mut self, count: usize) -> &mut Self {
        self.bytes(&u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes())
    }

    fn classes<'c>(&mut self, classes: impl IntoIterator<Item = &'c HealthClass>) -> &mut Self {
        let classes: Vec<_> = classes.into_iter().collect();
        self.count(classes.len());
        classes.into_iter().fold(self, |sum, class| sum.text(class.as_str()))
    }

    fn optional(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.flag(true).text(text),
            None => self.flag(false),
        }
    }
}
