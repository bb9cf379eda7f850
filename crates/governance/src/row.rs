//! One version of one row, typed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use terms::{EngagementId, Name, RowVersion, UtcMillis};

use crate::registers::{Holdings, Register};
use crate::{RegisterError, RegisterKind, StoredRow};

/// A field that does not hold what it must.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {problem}")]
pub struct FieldError {
    /// The field's path in the row, for instance `scope[0].endpoint`.
    pub field: String,
    /// What is wrong with it; never the row's content.
    pub problem: String,
    /// The register in which a row is missing that the field names.
    pub missing: Option<RegisterKind>,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into(), missing: None }
    }

    /// The field names a row that is not there.
    pub(crate) fn absent(field: impl Into<String>, kind: RegisterKind, name: &str) -> Self {
        let problem = format!("no {kind} `{name}` in this engagement");
        Self { missing: Some(kind), ..Self::new(field, problem) }
    }
}

/// What the rows of one register hold. Implemented by the row types of this crate only.
pub trait Body: Serialize + DeserializeOwned + Clone + Send + Sync + sealed::Sealed + 'static {
    /// The register.
    const KIND: RegisterKind;

    /// Checks what the types of the fields can't: that the fields fit each other.
    fn check(&self) -> Result<(), FieldError> {
        Ok(())
    }

    /// Checks what depends on when the row is recorded.
    fn check_at(&self, _now: UtcMillis) -> Result<(), FieldError> {
        Ok(())
    }

    /// Checks that what the row names is there.
    #[doc(hidden)]
    fn check_names(&self, _id: &Name, _holdings: &Holdings) -> Result<(), FieldError> {
        Ok(())
    }

    #[doc(hidden)]
    fn register(holdings: &Holdings) -> &Register<Self>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// Reads a row's body as a person or a file gives it. The error tells the place and the expected fields.
pub fn read_body<T: Body>(json: &str) -> Result<T, FieldError> {
    let body: T = serde_json::from_str(json).map_err(|error| FieldError::new("row", error.to_string()))?;
    body.check()?;
    Ok(body)
}

/// One version of one row, as the registers read it: nobody else makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Row<T> {
    /// The engagement that the row belongs to.
    pub engagement: EngagementId,
    /// The row's name inside its register.
    pub id: Name,
    /// From 1, without gaps.
    pub version: RowVersion,
    /// Since when this version holds.
    pub valid_from: UtcMillis,
    /// Until when it held; `None` for the newest.
    pub valid_to: Option<UtcMillis>,
    /// Who wrote it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// Whether this version ends the row.
    pub ended: bool,
    /// What the row holds.
    pub body: T,
}

impl<T: Body> Row<T> {
    /// Reads a stored row. The error names the row and the place, never what stands there.
    pub(crate) fn read(stored: StoredRow) -> Result<Self, RegisterError> {
        let broken = |problem: String| RegisterError::Unreadable(format!("{}: {problem}", title(&stored)));
        let body: T = serde_json::from_str(&stored.body)
            .map_err(|error| broken(format!("line {} column {}", error.line(), error.column())))?;
        body.check().map_err(|error| broken(error.to_string()))?;
        Ok(Self {
            engagement: stored.engagement,
            id: stored.id,
            version: stored.version,
            valid_from: stored.valid_from,
            valid_to: stored.valid_to,
            author: stored.author,
            reason: stored.reason,
            ended: stored.ended,
            body,
        })
    }

    /// Whether this version held at `at`.
    pub fn held_at(&self, at: UtcMillis) -> bool {
        !self.ended && self.valid_from <= at && self.valid_to.is_none_or(|to| at < to)
    }
}

/// A stored row in words: kind, name, engagement, version.
pub(crate) fn title(row: &StoredRow) -> String {
    format!("{} `{}` of engagement `{}`, version {}", row.kind, row.id, row.engagement, row.version)
}
