//! Engagements and vendors.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terms::Name;

use crate::RegisterKind;
use crate::registers::{Holdings, Register};
use crate::row::{Body, FieldError, sealed};
use crate::value::{InvalidValue, Party, Text};

/// Where an engagement stands. Only an active one carries PHI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EngagementState {
    /// being prepared
    #[default]
    Draft,
    /// carries PHI
    Active,
    /// stopped for now
    Suspended,
    /// over
    Closed,
}

impl EngagementState {
    /// The state as rows write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for EngagementState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EngagementState {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Draft, Self::Active, Self::Suspended, Self::Closed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(InvalidValue::expected("draft, active, suspended or closed"))
    }
}

/// One covered entity's project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engagement {
    /// What people call it.
    pub title: Text,
    /// Whose PHI it is.
    pub covered_entity: Party,
    /// Who runs this gateway: the covered entity itself, or a business associate of it.
    pub operator: Party,
    /// Where it stands.
    #[serde(default)]
    pub state: EngagementState,
}

impl sealed::Sealed for Engagement {}

impl Body for Engagement {
    const KIND: RegisterKind = RegisterKind::Engagement;

    fn check_names(&self, id: &Name, holdings: &Holdings) -> Result<(), FieldError> {
        if id.as_str() == holdings.id.as_str() {
            return Ok(());
        }
        Err(FieldError::new("id", "an engagement's row is named like the engagement"))
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.engagement
    }
}

/// A company that offers AI services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    /// The company's name as agreements write it.
    pub legal_name: Text,
    /// Its node in the chain of agreements.
    pub party: Party,
}

impl sealed::Sealed for Vendor {}

impl Body for Vendor {
    const KIND: RegisterKind = RegisterKind::Vendor;

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.vendors
    }
}
