//! Pools: services that may stand in for one another.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terms::{Name, ServiceId};

use crate::RegisterKind;
use crate::registers::{Holdings, Register};
use crate::row::{Body, FieldError, sealed};
use crate::value::{InvalidValue, ModelName};

/// Which member of a pool is asked first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Spread {
    /// the first that is well, in the order of the row
    #[default]
    Ordered,
    /// by weight; a conversation stays where it is as long as that service is well
    Balanced,
}

impl FromStr for Spread {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "ordered" => Ok(Self::Ordered),
            "balanced" => Ok(Self::Balanced),
            _ => Err(InvalidValue::expected("ordered or balanced")),
        }
    }
}

/// One service of a pool, with its model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The service.
    pub service: ServiceId,
    /// Its model, by a name that its row knows.
    pub model: ModelName,
    /// Its share where the pool is balanced, 1 to 100.
    #[serde(default = "Member::usual")]
    pub weight: u8,
}

impl Member {
    const fn usual() -> u8 {
        1
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service, self.model)
    }
}

/// Services that may stand in for one another under one model name. Being in a pool covers nothing: of its members,
/// only those are asked that an agreement covers for the exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Its members, the preferred first.
    pub members: Vec<Member>,
    /// Further model names that requests may use for it, beside its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<ModelName>,
    /// Which member is asked first.
    #[serde(default)]
    pub spread: Spread,
    /// How often a request is tried in all, 1 to 10; not said, each member once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u8>,
}

impl Pool {
    /// How often a request is tried in all.
    pub fn tries(&self) -> usize {
        self.attempts.map_or(self.members.len(), usize::from)
    }
}

impl sealed::Sealed for Pool {}

impl Body for Pool {
    const KIND: RegisterKind = RegisterKind::Pool;

    fn check(&self) -> Result<(), FieldError> {
        if !(1..=16).contains(&self.members.len()) {
            return Err(FieldError::new("members", "name 1 to 16"));
        }
        let mut seen = BTreeSet::new();
        for (index, member) in self.members.iter().enumerate() {
            if !seen.insert(member.to_string()) {
                return Err(FieldError::new(format!("members[{index}]"), "is there twice"));
            }
            if !(1..=100).contains(&member.weight) {
                return Err(FieldError::new(format!("members[{index}].weight"), "expected 1 to 100"));
            }
        }
        match self.attempts {
            Some(attempts) if !(1..=10).contains(&attempts) => {
                Err(FieldError::new("attempts", "expected 1 to 10"))
            }
            _ => Ok(()),
        }
    }

    fn check_names(&self, id: &Name, holdings: &Holdings) -> Result<(), FieldError> {
        for (index, member) in self.members.iter().enumerate() {
            let service = holdings.services.current(member.service.as_str());
            if service.and_then(|row| row.body.model(member.model.as_str())).is_none() {
                let problem = format!("no service of this engagement offers `{member}`");
                let missing = Some(RegisterKind::Service);
                return Err(FieldError { missing, ..FieldError::new(format!("members[{index}]"), problem) });
            }
        }
        let mut others = holdings.pools.all_newest().filter(|row| !row.ended && row.id != *id);
        let names = |name: &str| name == id.as_str() || self.aliases.iter().any(|own| own.as_str() == name);
        let clash = others
            .find(|row| names(row.id.as_str()) || row.body.aliases.iter().any(|alias| names(alias.as_str())));
        match clash {
            Some(row) => Err(FieldError::new("aliases", format!("pool `{}` has a name of these", row.id))),
            None => Ok(()),
        }
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.pools
    }
}
