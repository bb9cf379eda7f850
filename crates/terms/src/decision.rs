//! What policy answers: a verdict, what it obliges to, and why.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Code, IdentifierClass};

/// Why PHI is used or disclosed (45 CFR 164.501, 164.506; 164.512 for research).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Purpose {
    /// provision, coordination or management of care
    Treatment,
    /// billing, eligibility, claims
    Payment,
    /// health care operations
    Operations,
    /// under an authorization, a waiver or a data use agreement
    Research,
}

impl Purpose {
    /// The purpose as records write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Treatment => "treatment",
            Self::Payment => "payment",
            Self::Operations => "operations",
            Self::Research => "research",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no purpose of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a purpose is treatment, payment, operations or research")]
pub struct UnknownPurpose;

impl FromStr for Purpose {
    type Err = UnknownPurpose;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Treatment, Self::Payment, Self::Operations, Self::Research]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
            .ok_or(UnknownPurpose)
    }
}

/// What is done to findings of one class, from the mildest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Treatment {
    /// goes out as it is: minimum necessary, with a reason code on record
    Pass,
    /// a date moved by as many days as every other of its conversation, moved back in the answer; of other classes a
    /// surrogate. What goes out is derived from the date: it is not de-identified by 45 CFR 164.514(b)(2), and goes
    /// only where an agreement covers the use
    Shift,
    /// replaced by a random surrogate, restored in the answer
    Surrogate,
    /// replaced by the class's label, not restored
    Redact,
}

/// What a permit obliges to. An absent class is treated as a [`Treatment::Surrogate`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligations {
    /// What is done to findings, by class.
    pub treatments: BTreeMap<IdentifierClass, Treatment>,
    /// Why classes may pass, as the policy's reason codes say.
    pub reason_codes: Vec<String>,
}

impl Obligations {
    /// What is done to findings of `class`.
    pub fn treatment(&self, class: IdentifierClass) -> Treatment {
        self.treatments.get(&class).copied().unwrap_or(Treatment::Surrogate)
    }
}

/// One reason of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The stable code; `explain` tells its rule and help.
    pub code: Code,
    /// The policy or register row that gave the reason, where one did: `base:uncovered-phi`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What it is about, in words that hold no PHI: names of vendors, services, classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Reason {
    /// A reason of one code.
    pub const fn new(code: Code) -> Self {
        Self { code, policy: None, detail: None }
    }

    /// The same reason, given by a policy.
    #[must_use]
    pub fn by(mut self, policy: impl Into<String>) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// The same reason, about something.
    #[must_use]
    pub fn about(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// Permit or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// may go, under the obligations
    Permit,
    /// may not go
    Deny,
}

/// Stable over the same facts and the same policies: `d-` and 20 hexadecimal characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecisionId(pub String);

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What policy decided of one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Stable identity of this decision.
    pub id: DecisionId,
    /// Permit or deny.
    pub verdict: Verdict,
    /// What a permit obliges to; empty for a deny.
    pub obligations: Obligations,
    /// Why, the most telling first. Never empty for a deny.
    pub reasons: Vec<Reason>,
    /// The version (digest) of the policy sets that were asked.
    pub policy_set: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn treatments_are_ordered_by_strictness() {
        let rising = [Treatment::Pass, Treatment::Shift, Treatment::Surrogate, Treatment::Redact];
        assert!(rising.is_sorted());
        assert_eq!(Obligations::default().treatment(IdentifierClass::Ssn), Treatment::Surrogate);
    }

    #[test]
    fn purposes_round_trip() {
        assert_eq!("payment".parse(), Ok(Purpose::Payment));
        assert_eq!("marketing".parse::<Purpose>(), Err(UnknownPurpose));
    }
}
