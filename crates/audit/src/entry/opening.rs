//! The opening entry: who wants to do what with whose data, and what was decided.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use terms::{
    AgentId, AgentVersion, AgreementId, Decision, DecisionId, Digest, EngagementId, ExchangeId,
    FindingCounts, HealthCounts, IdentifierClass, Name, Obligations, Purpose, Reason, RowVersion, ServiceId,
    SessionId, VendorId, Verdict, WorkforceId,
};

use super::Capped;

/// An opening: durable before anything leaves (45 CFR 164.312(b), 164.528).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The exchange that begins.
    pub exchange: ExchangeId,
    /// The exchange inside which this one happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ExchangeId>,
    /// The wall inside which it happens.
    pub engagement: EngagementId,
    /// Who acts.
    pub agent: AgentId,
    /// The version that the agent declares of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_version: Option<AgentVersion>,
    /// The identity of the agent key that was shown, never the key.
    pub agent_key: String,
    /// What is done.
    pub action: Action,
    /// The protocol in which it was asked for: `openai`, `anthropic`.
    pub protocol: String,
    /// Keyed digests of the identifiers that occur ([`terms::KeyUse::Index`]).
    #[serde(default, skip_serializing_if = "Capped::is_empty")]
    pub identifiers: Capped<IdentifierRef>,
    /// Where the data comes from: `request`, a store, a server.
    pub source: String,
    /// Where it goes.
    pub destination: Destination,
    /// The member of the workforce on whose behalf the agent acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<WorkforceId>,
    /// The workflow that the agent serves.
    pub workflow: String,
    /// The purpose of use.
    pub purpose: Purpose,
    /// What was decided, and why.
    pub decision: DecisionRecord,
    /// Which model.
    pub model: ModelNames,
    /// The agreement and its scope row that cover the use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<AgreementRef>,
    /// How many findings of each class.
    #[serde(default, skip_serializing_if = "FindingCounts::is_empty")]
    pub findings: FindingCounts,
    /// Where in the request findings were, never what they were.
    #[serde(default, skip_serializing_if = "Capped::is_empty")]
    pub pointers: Capped<PointerRef>,
    /// How many places tell of each class of health, where policy or declaration asked.
    #[serde(default, skip_serializing_if = "HealthCounts::is_empty")]
    pub tells: HealthCounts,
    /// Where the model is a pool: which. Each try with one of its services is an exchange, the later ones inside the
    /// first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolRef>,
    /// The conversation whose surrogates are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The term lists by which content was examined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists: Option<ListVersions>,
    /// What is left of a person in what a permit lets out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residual: Option<ResidualRecord>,
}

/// What is left of a person once identifiers are treated: a level and the rules that apply, as text, since a record
/// outlives the rules that it was written under. Never what they found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResidualRecord {
    /// `none`, `low`, `elevated` or `high`.
    pub level: String,
    /// The rules that apply, the weightiest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

/// The versions of an engagement's term lists that were in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListVersions {
    /// Of the list of texts that are no identifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<RowVersion>,
    /// Of the list of texts that must be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_find: Option<RowVersion>,
}

/// A pool at the version that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolRef {
    /// Its name.
    pub id: Name,
    /// The version of its row.
    pub version: RowVersion,
}

/// What is done with data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// sent to somebody
    Transmit,
    /// read from somewhere
    Read,
    /// written to somewhere
    Write,
    /// searched for
    Query,
    /// given back without identifiers to whom it came from
    Deidentify,
    /// identifiers given back to whom they came from
    Reidentify,
}

/// A reference to an identifier: comparable within one engagement, meaningless outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifierRef {
    /// Its class.
    pub class: IdentifierClass,
    /// Its keyed digest.
    #[serde(serialize_with = "write_digest", deserialize_with = "read_digest")]
    pub digest: Digest,
}

fn write_digest<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(digest)
}

fn read_digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    Digest::from_hex(&text).ok_or_else(|| serde::de::Error::custom("not a digest"))
}

/// Where a finding was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointerRef {
    /// JSON pointer (RFC 6901) into the request, with keys that the protocol does not know masked.
    pub pointer: String,
    /// The class of what was found there.
    pub class: IdentifierClass,
}

/// Where data goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The vendor.
    pub vendor: VendorId,
    /// The vendor's service.
    pub service: ServiceId,
    /// Its host, with the port where one is named.
    pub host: String,
}

/// The model, as it was asked for and as the vendor is asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelNames {
    /// As the request names it.
    pub requested: String,
    /// As the service knows it.
    pub resolved: String,
}

/// The agreement that covers a use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementRef {
    /// Which agreement.
    pub id: AgreementId,
    /// The version of its row that was in force.
    pub version: RowVersion,
    /// Index of the scope row.
    pub scope_row: u32,
}

/// A decision, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// Its stable identity.
    pub id: DecisionId,
    /// Permit or deny.
    pub verdict: Verdict,
    /// The version of the policy sets that were asked.
    pub policy_set: String,
    /// Why.
    pub reasons: Vec<ReasonRecord>,
    /// What a permit obliges to.
    pub obligations: Obligations,
}

impl From<&Decision> for DecisionRecord {
    fn from(decision: &Decision) -> Self {
        Self {
            id: decision.id.clone(),
            verdict: decision.verdict,
            policy_set: decision.policy_set.clone(),
            reasons: decision.reasons.iter().map(ReasonRecord::from).collect(),
            obligations: decision.obligations.clone(),
        }
    }
}

/// A reason, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRecord {
    /// The stable code, as text: a record outlives the catalogue that it was written under.
    pub code: String,
    /// The policy or register row that gave the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl From<&Reason> for ReasonRecord {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code.as_str().to_owned(),
            policy: reason.policy.clone(),
            detail: reason.detail.clone(),
        }
    }
}
