//! The identifier classes of Safe Harbor, 45 CFR 164.514(b)(2)(i)(A)-(R).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One class of identifier, named as the labels of findings are written.
///
/// Source: 45 CFR 164.514(b)(2)(i); dates and ages over 89 are one paragraph, (C), and two classes here,
/// since they are transformed differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum IdentifierClass {
    /// (A) names
    Name,
    /// (C) all elements of dates, except the year, directly related to an individual
    Date,
    /// (C) ages over 89
    #[serde(rename = "AGE_OVER_89")]
    AgeOver89,
    /// (B) geographic subdivisions smaller than a State
    Location,
    /// (D) telephone numbers
    Phone,
    /// (E) fax numbers
    Fax,
    /// (F) electronic mail addresses
    Email,
    /// (G) social security numbers
    Ssn,
    /// (H) medical record numbers
    Mrn,
    /// (I) health plan beneficiary numbers
    HealthPlan,
    /// (J) account numbers
    Account,
    /// (K) certificate and licence numbers
    License,
    /// (L) vehicle identifiers and serial numbers, including licence plates
    Vehicle,
    /// (M) device identifiers and serial numbers
    Device,
    /// (N) web universal resource locators
    Url,
    /// (O) internet protocol addresses
    Ip,
    /// (P) biometric identifiers, as a reference to one in text
    Biometric,
    /// (Q) full-face photographs and comparable images
    Photo,
    /// (R) any other unique identifying number, characteristic or code
    OtherId,
}

impl IdentifierClass {
    /// Every class, in the order of the rule's list.
    pub const ALL: [Self; 19] = [
        Self::Name,
        Self::Date,
        Self::AgeOver89,
        Self::Location,
        Self::Phone,
        Self::Fax,
        Self::Email,
        Self::Ssn,
        Self::Mrn,
        Self::HealthPlan,
        Self::Account,
        Self::License,
        Self::Vehicle,
        Self::Device,
        Self::Url,
        Self::Ip,
        Self::Biometric,
        Self::Photo,
        Self::OtherId,
    ];

    /// The label of the class in findings, policies and the record, for instance `HEALTH_PLAN`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "NAME",
            Self::Date => "DATE",
            Self::AgeOver89 => "AGE_OVER_89",
            Self::Location => "LOCATION",
            Self::Phone => "PHONE",
            Self::Fax => "FAX",
            Self::Email => "EMAIL",
            Self::Ssn => "SSN",
            Self::Mrn => "MRN",
            Self::HealthPlan => "HEALTH_PLAN",
            Self::Account => "ACCOUNT",
            Self::License => "LICENSE",
            Self::Vehicle => "VEHICLE",
            Self::Device => "DEVICE",
            Self::Url => "URL",
            Self::Ip => "IP",
            Self::Biometric => "BIOMETRIC",
            Self::Photo => "PHOTO",
            Self::OtherId => "OTHER_ID",
        }
    }

    /// The paragraph of the rule that names the class.
    pub const fn citation(self) -> &'static str {
        match self {
            Self::Name => "45 CFR 164.514(b)(2)(i)(A)",
            Self::Location => "45 CFR 164.514(b)(2)(i)(B)",
            Self::Date | Self::AgeOver89 => "45 CFR 164.514(b)(2)(i)(C)",
            Self::Phone => "45 CFR 164.514(b)(2)(i)(D)",
            Self::Fax => "45 CFR 164.514(b)(2)(i)(E)",
            Self::Email => "45 CFR 164.514(b)(2)(i)(F)",
            Self::Ssn => "45 CFR 164.514(b)(2)(i)(G)",
            Self::Mrn => "45 CFR 164.514(b)(2)(i)(H)",
            Self::HealthPlan => "45 CFR 164.514(b)(2)(i)(I)",
            Self::Account => "45 CFR 164.514(b)(2)(i)(J)",
            Self::License => "45 CFR 164.514(b)(2)(i)(K)",
            Self::Vehicle => "45 CFR 164.514(b)(2)(i)(L)",
            Self::Device => "45 CFR 164.514(b)(2)(i)(M)",
            Self::Url => "45 CFR 164.514(b)(2)(i)(N)",
            Self::Ip => "45 CFR 164.514(b)(2)(i)(O)",
            Self::Biometric => "45 CFR 164.514(b)(2)(i)(P)",
            Self::Photo => "45 CFR 164.514(b)(2)(i)(Q)",
            Self::OtherId => "45 CFR 164.514(b)(2)(i)(R)",
        }
    }

    /// Whether the class by itself points at a person: a bare date or a web address does not.
    pub const fn names_a_person(self) -> bool {
        !matches!(self, Self::Date | Self::Url)
    }
}

impl fmt::Display for IdentifierClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A label that is no identifier class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown identifier class")]
pub struct UnknownClass;

impl FromStr for IdentifierClass {
    type Err = UnknownClass;

    fn from_str(label: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|class| class.label() == label).ok_or(UnknownClass)
    }
}

/// How many findings of each class: all that a decision, a metric or an entry may know of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingCounts(BTreeMap<IdentifierClass, u32>);

impl FindingCounts {
    /// Counts one more finding of `class`.
    pub fn add(&mut self, class: IdentifierClass) {
        let count = self.0.entry(class).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds all of `other`'s counts.
    pub fn merge(&mut self, other: &Self) {
        for (class, more) in &other.0 {
            let count = self.0.entry(*class).or_default();
            *count = count.saturating_add(*more);
        }
    }

    /// The count of one class.
    pub fn of(&self, class: IdentifierClass) -> u32 {
        self.0.get(&class).copied().unwrap_or(0)
    }

    /// Classes found at least once, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (IdentifierClass, u32)> + '_ {
        self.0.iter().map(|(class, count)| (*class, *count))
    }

    /// Findings of all classes together.
    pub fn total(&self) -> u32 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an identifier of a person was found ([`IdentifierClass::names_a_person`]).
    pub fn names_a_person(&self) -> bool {
        self.0.keys().any(|class| class.names_a_person())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_round_trip_through_text_and_json() {
        for class in IdentifierClass::ALL {
            assert_eq!(class.label().parse(), Ok(class));
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{}\"", class.label()));
        }
    }

    #[test]
    fn a_bare_date_names_no_person() {
        let mut counts = FindingCounts::default();
        counts.add(IdentifierClass::Date);
        assert!(!counts.names_a_person());
        counts.add(IdentifierClass::Mrn);
        assert!(counts.names_a_person());
        assert_eq!(counts.total(), 2);
    }
}
