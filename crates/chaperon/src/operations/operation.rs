//! What may be asked.

use std::fmt;
use std::time::Duration;

use governance::{CredentialForm, Endpoint, EngagementState, ListKind, RegisterKind, Text};
use serde::{Deserialize, Serialize};
use terms::{
    AgentId, EngagementId, ExchangeId, FindingCounts, IdentifierClass, Name, RowVersion, UtcMillis,
    WorkforceId,
};
use zeroize::Zeroizing;

/// One thing to do. `engagement` may be left out where there is one only.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Operation {
    /// Record a row: new, or with `replace` a further version of one that is there.
    Put {
        engagement: Option<EngagementId>,
        kind: RegisterKind,
        id: Name,
        body: serde_json::Value,
        replace: bool,
        note: Note,
    },
    /// End a row.
    End { engagement: Option<EngagementId>, kind: RegisterKind, id: Name, note: Note },
    /// Set the state of an engagement.
    State { engagement: EngagementId, state: EngagementState, note: Note },
    /// Seal and record the credential of a service.
    Credential {
        engagement: Option<EngagementId>,
        service: Name,
        form: CredentialForm,
        region: Option<Name>,
        token_endpoint: Option<Endpoint>,
        scope: Option<Text>,
        secret: Secret,
        note: Note,
    },
    /// Make a key for an agent; its earlier keys end unless `keep`.
    MintKey { engagement: Option<EngagementId>, agent: Name, keep: bool, note: Note },
    /// End keys of an agent: one, or all.
    RevokeKeys { engagement: Option<EngagementId>, agent: Name, key: Option<Name>, note: Note },
    /// Draft: add texts to a term list, one a line.
    AddTerms {
        engagement: Option<EngagementId>,
        list: ListKind,
        class: Option<IdentifierClass>,
        workflow: Option<Name>,
        texts: Secret,
        replace: bool,
        note: Note,
    },
    /// Put the draft of a term list in force, if this version is still the newest.
    ReviewTerms { engagement: Option<EngagementId>, list: ListKind, version: RowVersion, note: Note },
    /// The texts of a term list: of a version, or of what is in force, or of the newest.
    RevealTerms {
        engagement: Option<EngagementId>,
        list: ListKind,
        version: Option<RowVersion>,
        in_force: bool,
    },
    /// The newest version of each row of a register; of all engagements where none is named.
    List { engagement: Option<EngagementId>, kind: RegisterKind, ended: bool },
    /// One row: the newest version, or all.
    Show { engagement: Option<EngagementId>, kind: RegisterKind, id: Name, history: bool },
    /// The newest entries of the record, or those from a position on.
    Entries { from: Option<u64>, count: u32 },
    /// One entry, by its position.
    Entry { position: u64 },
    /// What was decided of one exchange, and how it ended.
    Exchange { exchange: ExchangeId },
    /// Candidates for an incident: the newest exchanges, opened since then, whose answers were masked.
    Candidates { engagement: Option<EngagementId>, since: Option<UtcMillis>, count: u32 },
    /// What was used of each budget, about a second ago.
    BudgetUse { engagement: Option<EngagementId> },
    /// What would become of a request of an agent: only a server can tell.
    Preview {
        engagement: Option<EngagementId>,
        agent: AgentId,
        path: String,
        content_type: Option<String>,
        on_behalf_of: Option<WorkforceId>,
        session: Option<String>,
        body: Secret,
    },
    /// The figures of a period, from `from` up to but not with `to`, and of the one before it.
    Report { engagement: Option<EngagementId>, from: UtcMillis, to: UtcMillis },
    /// Put on record that files are about to be de-identified, or that it has ended.
    Deidentification { engagement: EngagementId, run: Name, stage: Stage },
    /// How the house stands.
    Status {},
    /// What the process that holds the house knows of itself and of what it stands on.
    Machine {},
    /// Whether the services that have not ended can be reached, and access to them be got.
    Reach {},
    /// What the answers of services said of them, since the server began.
    Observed {},
}

/// How far a run over files has come. Nothing in it is content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Stage {
    /// Nothing is written yet.
    Begun { detector: String, operating_point: String, treatments: String, files: u64 },
    /// All that could be written is.
    Ended { files: u64, failed: u64, counts: FindingCounts, manifest: Option<String> },
}

/// Who makes a change and why, as far as the caller says so.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Note {
    /// Who; the user of the operating system is recorded beside.
    pub(crate) author: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
}

impl Operation {
    /// Who and why, of an operation that changes something.
    pub(super) const fn note(&self) -> Option<&Note> {
        match self {
            Self::Put { note, .. }
            | Self::End { note, .. }
            | Self::State { note, .. }
            | Self::Credential { note, .. }
            | Self::MintKey { note, .. }
            | Self::RevokeKeys { note, .. }
            | Self::AddTerms { note, .. }
            | Self::ReviewTerms { note, .. } => Some(note),
            _ => None,
        }
    }

    /// How long a server may be silent before it answers: a report may have to read much of the record.
    pub(crate) const fn patience(&self) -> Duration {
        match self {
            Self::Report { .. } => Duration::from_hours(1),
            _ => Duration::from_secs(30),
        }
    }
}

/// A secret on its way: never printed, wiped when dropped.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(secret: &Zeroizing<String>) -> Self {
        Self(secret.as_str().to_owned())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_travel_as_json_and_secrets_are_never_printed() {
        let operation = Operation::Credential {
            engagement: None,
            service: "acme-api".parse().unwrap(),
            form: CredentialForm::Bearer,
            region: None,
            token_endpoint: None,
            scope: None,
            secret: Secret::new(&Zeroizing::new("s3cret".to_owned())),
            note: Note::default(),
        };
        assert!(!format!("{operation:?}").contains("s3cret"));
        let json = serde_json::to_string(&operation).unwrap();
        match serde_json::from_str(&json).unwrap() {
            Operation::Credential { secret, .. } => assert_eq!(secret.expose(), "s3cret"),
            other => panic!("{other:?}"),
        }
        assert!(serde_json::from_str::<Operation>(r#"{"operation":"status","more":1}"#).is_err());
    }
}
