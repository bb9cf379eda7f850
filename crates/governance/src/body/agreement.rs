//! Agreements: kind, parties, term, terms, and the matrix of what they cover.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terms::{Name, ServiceId, UtcMillis};

use crate::registers::{Holdings, Register};
use crate::row::{Body, FieldError, sealed};
use crate::value::{Endpoint, InvalidValue, ModelPattern, OrAny, Party, Text, moment, optional_moment};
use crate::{Feature, RegisterKind};

/// What kind of agreement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AgreementKind {
    /// business associate agreement (45 CFR 164.504(e))
    Baa,
    /// business associate agreement between a business associate and its subcontractor (164.504(e)(5))
    SubcontractorBaa,
    /// data use agreement for a limited data set (164.514(e)(4)); it never covers PHI as such
    Dua,
}

impl AgreementKind {
    /// The kind as rows write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Baa => "baa",
            Self::SubcontractorBaa => "subcontractor-baa",
            Self::Dua => "dua",
        }
    }
}

impl fmt::Display for AgreementKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AgreementKind {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Baa, Self::SubcontractorBaa, Self::Dua]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(InvalidValue::expected("baa, subcontractor-baa or dua"))
    }
}

/// A subprocessor that the agreement names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subprocessor {
    /// Its name as the agreement writes it.
    pub name: Text,
    /// Whether it has an agreement of its own with the vendor.
    pub covered: bool,
}

/// What the parties agreed beyond the term.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What is sent is never used for training.
    pub no_training: bool,
    /// What the vendor keeps of requests; `*` says nothing. Holds for scope rows whose own mode is `*`.
    #[serde(default)]
    pub retention_mode: OrAny,
    /// Where the vendor may process; none says nothing. Holds for scope rows whose own region is `*`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub regions: BTreeSet<Name>,
    /// Within how many hours the vendor reports a breach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach_notice_hours: Option<u32>,
    /// Who processes for the vendor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subprocessors: Vec<Subprocessor>,
}

/// One row of the matrix: a use that the agreement covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeRow {
    /// Which service.
    pub service: ServiceId,
    /// Where the agreement says that it is reached.
    pub endpoint: Endpoint,
    /// The account that the agreement names; absent for a service without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text>,
    /// Which models, by the vendor's own name.
    pub model: ModelPattern,
    /// Which uses beyond inference.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub features: BTreeSet<Feature>,
    /// Where it processes; `*` as the terms say.
    #[serde(default)]
    pub region: OrAny,
    /// What it keeps; `*` as the terms say.
    #[serde(default)]
    pub retention_mode: OrAny,
}

/// An agreement between two parties, from the one whose PHI it is to the one who receives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// What kind it is.
    pub kind: AgreementKind,
    /// Who discloses: the covered entity, or a business associate.
    pub from: Party,
    /// Who receives.
    pub to: Party,
    /// From when it is in force.
    #[serde(with = "moment")]
    pub effective: UtcMillis,
    /// From when it is no longer in force: a bare date ends it as that day begins, in UTC.
    #[serde(default, with = "optional_moment", skip_serializing_if = "Option::is_none")]
    pub ends: Option<UtcMillis>,
    /// What was agreed.
    pub terms: Terms,
    /// What it covers. An agreement with a party that runs no service of its own may have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<ScopeRow>,
}

impl Agreement {
    /// Whether the agreement lets PHI go from one party to the other: a data use agreement does not.
    pub const fn carries_phi(&self) -> bool {
        matches!(self.kind, AgreementKind::Baa | AgreementKind::SubcontractorBaa)
    }
}

impl sealed::Sealed for Agreement {}

impl Body for Agreement {
    const KIND: RegisterKind = RegisterKind::Agreement;

    fn check(&self) -> Result<(), FieldError> {
        if self.from == self.to {
            return Err(FieldError::new("to", "nobody has an agreement with itself"));
        }
        if self.ends.is_some_and(|ends| ends <= self.effective) {
            return Err(FieldError::new("ends", "is not after `effective`"));
        }
        if self.terms.breach_notice_hours == Some(0) {
            return Err(FieldError::new("terms.breach_notice_hours", "is at least 1"));
        }
        Ok(())
    }

    fn check_names(&self, _id: &Name, holdings: &Holdings) -> Result<(), FieldError> {
        for (index, row) in self.scope.iter().enumerate() {
            let field = format!("scope[{index}].service");
            let Some(service) = holdings.services.current(row.service.as_str()) else {
                return Err(FieldError::absent(field, RegisterKind::Service, row.service.as_str()));
            };
            let vendor = holdings.vendors.current(service.body.vendor.as_str());
            if vendor.is_some_and(|vendor| vendor.body.party != self.to) {
                let problem = format!("`{}` is not a service of `{}`", row.service, self.to);
                return Err(FieldError::new(field, problem));
            }
        }
        Ok(())
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.agreements
    }
}
