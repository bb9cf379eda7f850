//! What policy answers: a verdict, what it obliges to, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Code, HealthClass, IdentifierClass};

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

/// What is done to findings of one class, from the mildest to the strictest: by how much of an original goes out.
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
    /// replaced by a keyed pseudonym that is the same in every conversation and data set of the engagement. It is
    /// derived from the original, so still PHI (164.514(c)(1)), and goes only where an agreement covers the use
    Pseudonym,
    /// what Safe Harbor leaves (164.514(b)(2)(i)(B), (C)): the year of a date, State and first three digits of a ZIP
    /// code, `90+`; of other classes the label. Not restored
    Generalise,
    /// replaced by a random value of the same kind that looks real, written as the original is, and restored in the
    /// answer
    Realistic,
    /// replaced by a random surrogate that says nothing of the original but its class, restored in the answer
    Surrogate,
    /// replaced by the class's label, not restored
    Redact,
    /// replaced by one and the same mark, which does not tell the class either; not restored
    Mask,
}

impl Treatment {
    /// Every treatment, the mildest first.
    pub const ALL: [Self; 8] = [
        Self::Pass,
        Self::Shift,
        Self::Pseudonym,
        Self::Generalise,
        Self::Realistic,
        Self::Surrogate,
        Self::Redact,
        Self::Mask,
    ];

    /// The word by which policies and the record name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Shift => "shift",
            Self::Pseudonym => "pseudonym",
            Self::Generalise => "generalise",
            Self::Realistic => "realistic",
            Self::Surrogate => "surrogate",
            Self::Redact => "redact",
            Self::Mask => "mask",
        }
    }

    /// The treatment of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|treatment| treatment.as_str() == word)
    }

    /// Whether PHI still goes out: the original, or what is derived from it. It takes a reason why that is the minimum
    /// necessary (45 CFR 164.502(b)), and an agreement.
    pub const fn discloses(self) -> bool {
        matches!(self, Self::Pass | Self::Shift | Self::Pseudonym)
    }

    /// What it comes to for `class`: only dates can be shifted, and only dates, places and ages be generalised.
    #[must_use]
    pub const fn of(self, class: IdentifierClass) -> Self {
        match (self, class) {
            (Self::Shift, IdentifierClass::Date)
            | (
                Self::Generalise,
                IdentifierClass::Date | IdentifierClass::Location | IdentifierClass::AgeOver89,
            ) => self,
            (Self::Shift, _) => Self::Surrogate,
            (Self::Generalise, _) => Self::Redact,
            _ => self,
        }
    }
}

/// What a permit obliges to. An absent class is treated as a [`Treatment::Surrogate`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obligations {
    /// What is done to findings, by class.
    pub treatments: BTreeMap<IdentifierClass, Treatment>,
    /// Why classes may pass, as the policy's reason codes say.
    pub reason_codes: Vec<String>,
    /// What is cut out where the content tells of it: the class's label stands there instead, and is not restored.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub strip: BTreeSet<HealthClass>,
}

impl Obligations {
    /// What is done to findings of `class`.
    pub fn treatment(&self, class: IdentifierClass) -> Treatment {
        self.treatments.get(&class).copied().unwrap_or(Treatment::Surrogate).of(class)
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
        assert!(Treatment::ALL.is_sorted());
        for treatment in Treatment::ALL {
            assert_eq!(Treatment::named(treatment.as_str()), Some(treatment));
            assert_eq!(serde_json::to_value(treatment).unwrap(), treatment.as_str());
            assert_eq!(
                treatment.discloses(),
                treatment < Treatment::Generalise,
                "what is milder is still PHI"
            );
        }
        assert_eq!(Treatment::named("Pass"), None);
        assert_eq!(Obligations::default().treatment(IdentifierClass::Ssn), Treatment::Surrogate);
    }

    #[test]
    fn a_treatment_that_is_not_for_a_class_is_a_stricter_one() {
        use IdentifierClass::{AgeOver89, Date, Location, Name};
        use Treatment::{Generalise, Redact, Shift, Surrogate};
        for class in IdentifierClass::ALL {
            for treatment in Treatment::ALL {
                assert!(treatment.of(class) >= treatment, "{treatment:?} of {class}");
            }
        }
        let all = |treatment| [Date, Location, AgeOver89, Name].map(|class| Treatment::of(treatment, class));
        assert_eq!(all(Generalise), [Generalise, Generalise, Generalise, Redact]);
        assert_eq!(all(Shift), [Shift, Surrogate, Surrogate, Surrogate]);
        let treatments = [(Name, Generalise)].into();
        assert_eq!(Obligations { treatments, ..Obligations::default() }.treatment(Name), Redact);
    }

    #[test]
    fn purposes_round_trip() {
        assert_eq!("payment".parse(), Ok(Purpose::Payment));
        assert_eq!("marketing".parse::<Purpose>(), Err(UnknownPurpose));
    }
}
