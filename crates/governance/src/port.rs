//! The port through which registers are kept. The crate `store` implements it.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use terms::{EngagementId, Name, RowVersion, UtcMillis};

use crate::{FieldError, InvalidValue};

/// Which register a row belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RegisterKind {
    /// one covered entity's project
    Engagement,
    /// a company that offers services
    Vendor,
    /// a product or tier of a vendor
    Service,
    /// an agreement with its terms and scope rows
    Agreement,
    /// an application or agent
    Agent,
    /// a key of an agent (its digest, never the key)
    AgentKey,
    /// a service's credential, sealed
    Credential,
    /// the policy text of an engagement
    Policy,
    /// services that may stand in for one another
    Pool,
    /// how much agents may ask for
    Budget,
    /// a list of texts that are no identifiers, or that are; sealed
    TermList,
}

impl RegisterKind {
    /// Every register.
    pub const ALL: [Self; 11] = [
        Self::Engagement,
        Self::Vendor,
        Self::Service,
        Self::Agreement,
        Self::Agent,
        Self::AgentKey,
        Self::Credential,
        Self::Policy,
        Self::Pool,
        Self::Budget,
        Self::TermList,
    ];

    /// The register as rows and commands write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Engagement => "engagement",
            Self::Vendor => "vendor",
            Self::Service => "service",
            Self::Agreement => "agreement",
            Self::Agent => "agent",
            Self::AgentKey => "agent-key",
            Self::Credential => "credential",
            Self::Policy => "policy",
            Self::Pool => "pool",
            Self::Budget => "budget",
            Self::TermList => "term-list",
        }
    }
}

impl RegisterKind {
    /// The article that goes before its name.
    const fn article(self) -> &'static str {
        match self {
            Self::Engagement | Self::Agreement | Self::Agent | Self::AgentKey => "an",
            _ => "a",
        }
    }
}

impl fmt::Display for RegisterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RegisterKind {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(InvalidValue::expected(
            "engagement, vendor, service, agreement, agent, agent-key, credential, policy, pool, budget or term-list",
        ))
    }
}

/// One version of one row, as it is kept. Never overwritten: a change appends the next version and sets
/// `valid_to` of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRow {
    /// The engagement that the row belongs to; for an engagement's own row, itself.
    pub engagement: EngagementId,
    /// The register.
    pub kind: RegisterKind,
    /// The row's name inside its register.
    pub id: Name,
    /// From 1, without gaps.
    pub version: RowVersion,
    /// Since when this version holds.
    pub valid_from: UtcMillis,
    /// Until when it held; `None` for the version that holds.
    pub valid_to: Option<UtcMillis>,
    /// Who wrote it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// `true` when this version ends the row.
    pub ended: bool,
    /// The typed row as JSON.
    pub body: String,
}

/// Why a register could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another writer appended this version first.
    #[error("the row was changed meanwhile")]
    Conflict,
    /// A row's body is not what this version of the house writes.
    #[error("a row of the register can't be read: {0}")]
    Unreadable(String),
    /// The database failed.
    #[error("the register's database failed: {0}")]
    Database(String),
    /// A field does not hold what it must.
    #[error(transparent)]
    Invalid(#[from] FieldError),
    /// A row of this name is there already.
    #[error("there is {} {kind} `{id}` already", .kind.article())]
    Exists {
        /// the register
        kind: RegisterKind,
        /// the row's name
        id: Name,
    },
    /// No row of this name is there, or it has ended.
    #[error("there is no {kind} `{id}`")]
    Absent {
        /// the register
        kind: RegisterKind,
        /// the row's name
        id: Name,
    },
    /// The clock is behind the row's newest version.
    #[error("the clock of this machine is behind the newest version of the row")]
    ClockBehind,
}

/// Keeps register rows, append-only.
#[async_trait]
pub trait RegisterStore: Send + Sync {
    /// Every version of every row, ordered by engagement, kind, id, version.
    async fn load(&self) -> Result<Vec<StoredRow>, RegisterError>;

    /// Appends `row`, whose version is one above the newest, and ends that one's validity at `row.valid_from`,
    /// in one transaction. Another version in its place is a [`RegisterError::Conflict`].
    async fn append(&self, row: &StoredRow) -> Result<(), RegisterError>;
}

/// What was used of one budget in its running window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetUse {
    /// The engagement.
    pub engagement: EngagementId,
    /// The budget.
    pub budget: Name,
    /// When the window began.
    pub window_start: UtcMillis,
    /// Requests.
    pub requests: u64,
    /// Tokens.
    pub tokens: u64,
    /// Money, in millionths.
    pub cost: u64,
}

/// Keeps what was used of budgets: the newest of each.
#[async_trait]
pub trait BudgetUses: Send + Sync {
    /// What was kept of every budget.
    async fn load_uses(&self) -> Result<Vec<BudgetUse>, RegisterError>;

    /// Keeps these in the place of what was kept of the same budgets, in one transaction.
    async fn keep_uses(&self, uses: &[BudgetUse]) -> Result<(), RegisterError>;
}
