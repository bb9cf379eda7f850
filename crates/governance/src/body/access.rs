//! Agents and their keys, and the engagement's policy.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use terms::{AgentId, AgentVersion, Digest, HealthClass, Name, Purpose, UtcMillis};

use crate::RegisterKind;
use crate::registers::{Holdings, Register};
use crate::row::{Body, FieldError, Row, sealed};
use crate::value::{InvalidValue, Text, as_text, optional_moment};

/// What an agent works on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Its name.
    pub name: Name,
    /// Why it uses or discloses PHI.
    pub purpose: Purpose,
    /// Whether it is declared to carry PHI: then it never reaches an uncovered service.
    pub carries_phi: bool,
    /// Until when it is only observed: what would be changed or refused for what was found is counted and left. Only
    /// of a workflow that is declared to carry no PHI.
    #[serde(default, with = "optional_moment", skip_serializing_if = "Option::is_none")]
    pub observe_until: Option<UtcMillis>,
    /// What its requests may tell of health: all else is more than it needs (45 CFR 164.502(b)). `None` where nothing
    /// was declared, which bounds nothing; empty where it may tell nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_tell: Option<BTreeSet<HealthClass>>,
}

/// For how long a workflow may be observed, counted from when that was recorded.
const OBSERVED_AT_MOST: Duration = Duration::from_hours(90 * 24);

/// An application or agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// What people call it.
    pub title: Text,
    /// The version that is registered, where versions are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<AgentVersion>,
    /// What it works on.
    pub workflow: Workflow,
}

impl sealed::Sealed for Agent {}

impl Row<Agent> {
    /// Whether its workflow is only observed at `now`: never one that carries PHI, and never longer than
    /// 90 days after this version was recorded, whatever the row says.
    pub fn observes(&self, now: UtcMillis) -> bool {
        let workflow = &self.body.workflow;
        let within = |until| now < until && until <= self.valid_from.plus(OBSERVED_AT_MOST);
        !workflow.carries_phi && self.held_at(now) && workflow.observe_until.is_some_and(within)
    }
}

impl Body for Agent {
    const KIND: RegisterKind = RegisterKind::Agent;

    fn check(&self) -> Result<(), FieldError> {
        if self.workflow.carries_phi && self.workflow.observe_until.is_some() {
            return Err(FieldError::new(
                "workflow.observe_until",
                "a workflow that carries PHI is never observed",
            ));
        }
        Ok(())
    }

    fn check_at(&self, now: UtcMillis) -> Result<(), FieldError> {
        match self.workflow.observe_until {
            Some(until) if until <= now => {
                Err(FieldError::new("workflow.observe_until", "is not in the future"))
            }
            Some(until) if until > now.plus(OBSERVED_AT_MOST) => {
                Err(FieldError::new("workflow.observe_until", "is more than 90 days ahead"))
            }
            _ => Ok(()),
        }
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.agents
    }
}

/// The digest of an agent's key, as 64 hexadecimal characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyDigest(pub Digest);

impl FromStr for KeyDigest {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Digest::from_hex(text).map(Self).ok_or(InvalidValue::expected("64 hexadecimal characters"))
    }
}

impl fmt::Display for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

as_text!(KeyDigest);

/// A key of an agent: its digest, never the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentKey {
    /// Whose it is.
    pub agent: AgentId,
    /// SHA-256 of the whole key.
    pub digest: KeyDigest,
    /// The public part of the key, by which it is found; unique in the whole house.
    pub prefix: Name,
}

impl sealed::Sealed for AgentKey {}

impl Body for AgentKey {
    const KIND: RegisterKind = RegisterKind::AgentKey;

    fn check_names(&self, _id: &Name, holdings: &Holdings) -> Result<(), FieldError> {
        match holdings.agents.current(self.agent.as_str()) {
            Some(_) => Ok(()),
            None => Err(FieldError::absent("agent", RegisterKind::Agent, self.agent.as_str())),
        }
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.agent_keys
    }
}

/// The policy of an engagement. Its row is named `policy`; the crate `policy` reads the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The policies, in Cedar.
    pub text: String,
}

impl Policy {
    /// The name of an engagement's policy row.
    pub const ROW: &'static str = "policy";
}

impl sealed::Sealed for Policy {}

impl Body for Policy {
    const KIND: RegisterKind = RegisterKind::Policy;

    fn check(&self) -> Result<(), FieldError> {
        if self.text.len() > 65_536 {
            return Err(FieldError::new("text", "is longer than 64 KiB"));
        }
        Ok(())
    }

    fn check_names(&self, id: &Name, _holdings: &Holdings) -> Result<(), FieldError> {
        if id.as_str() == Self::ROW {
            return Ok(());
        }
        Err(FieldError::new("id", "the row of an engagement's policy is named `policy`"))
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.policies
    }
}
