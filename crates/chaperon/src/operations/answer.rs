//! What is answered.

use governance::{CredentialForm, ListKind, RegisterKind, ReviewState, StoredRow};
use serde::{Deserialize, Serialize};
use terms::{EngagementId, IdentifierClass, Name, RowVersion};

use super::{Figures, Machine, Secret};

/// The answer to an operation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "answer", content = "value", rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// Rows of a register.
    Rows(Vec<RowView>),
    /// A key that was made: shown once.
    Key {
        /// The whole key.
        key: Secret,
        /// Its public part.
        id: String,
        /// Whose it is.
        agent: Name,
        /// How many keys ended.
        ended: usize,
    },
    /// How many keys ended.
    Revoked(usize),
    /// Entries of the record, oldest first.
    Entries(Vec<serde_json::Value>),
    /// The figures of a period.
    Report(Box<Figures>),
    /// How the house stands.
    Status(serde_json::Value),
    /// The process that holds the house.
    Machine(Machine),
    /// What came of knocking at each service.
    Reached(Vec<Reached>),
    /// The texts of a term list; none where none is in force.
    Terms(Option<TermsView>),
    /// What would become of a request, as JSON: it holds the request's own text.
    Preview(Secret),
    /// What services' answers said of them.
    Observed(Vec<Observed>),
}

/// The texts of a version of a term list. They may be PHI.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TermsView {
    pub(crate) list: ListKind,
    pub(crate) version: RowVersion,
    pub(crate) state: ReviewState,
    pub(crate) terms: Vec<Term>,
}

/// One text of a term list.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Term {
    pub(crate) text: Secret,
    pub(crate) class: Option<IdentifierClass>,
    pub(crate) workflow: Option<Name>,
    pub(crate) author: String,
    pub(crate) reason: String,
}

/// What the answers of one service said of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Observed {
    pub(crate) engagement: EngagementId,
    pub(crate) service: Name,
    /// The version of the row that was asked.
    pub(crate) version: RowVersion,
    pub(crate) seen: governance::facts::Seen,
}

/// What came of knocking at one service.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reached {
    pub(crate) engagement: EngagementId,
    pub(crate) service: Name,
    pub(crate) endpoint: String,
    /// What the host stands for, up to the first address that is refused.
    pub(crate) addresses: Vec<String>,
    /// Whether a connection was made, with TLS where it is due.
    pub(crate) connected: bool,
    /// How it was reached, or why not.
    pub(crate) detail: String,
    /// What came of its credential; `None` where none is recorded.
    pub(crate) credential: Option<Tried>,
}

/// What came of trying a credential without its service.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Tried {
    pub(crate) form: CredentialForm,
    /// Whether it opens, has its form, and gets the token or the keys that its form takes.
    pub(crate) works: bool,
    /// Until when what was got holds, or what is wrong.
    pub(crate) detail: String,
}

/// A version of a row, for people and programs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RowView {
    pub(crate) kind: RegisterKind,
    pub(crate) engagement: EngagementId,
    pub(crate) id: Name,
    pub(crate) version: RowVersion,
    pub(crate) valid_from: String,
    pub(crate) valid_to: Option<String>,
    pub(crate) author: String,
    pub(crate) reason: String,
    pub(crate) ended: bool,
    pub(crate) body: serde_json::Value,
}

impl RowView {
    /// The row as it is shown: what is sealed stays out.
    pub(crate) fn new(row: &StoredRow) -> Self {
        let mut body = serde_json::from_str(&row.body).unwrap_or(serde_json::Value::Null);
        let sealed = matches!(row.kind, RegisterKind::Credential | RegisterKind::TermList);
        if let Some(fields) = body.as_object_mut().filter(|_| sealed) {
            fields.remove("sealed");
        }
        Self {
            kind: row.kind,
            engagement: row.engagement.clone(),
            id: row.id.clone(),
            version: row.version,
            valid_from: row.valid_from.to_string(),
            valid_to: row.valid_to.map(|to| to.to_string()),
            author: row.author.clone(),
            reason: row.reason.clone(),
            ended: row.ended,
            body,
        }
    }

    /// A field of the body as text; empty where there is none.
    pub(crate) fn text(&self, pointer: &str) -> String {
        match self.body.pointer(pointer) {
            None | Some(serde_json::Value::Null) => String::new(),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
            Some(other) => other.to_string(),
        }
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Object(fields) => {
            fields.get("name").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
        }
        other => other.to_string(),
    }
}
