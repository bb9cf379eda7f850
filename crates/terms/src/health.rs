//! What a text tells of somebody's health and care: the other half of protected health information.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One class of what a text tells. Not an identifier: it says something about whoever the identifiers point at.
///
/// Source: the parts of health information in 45 CFR 160.103 (condition, provision of care, payment for it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HealthClass {
    /// diseases, injuries, symptoms, pregnancy, allergies
    Diagnosis,
    /// drugs, doses, vaccines, contraceptives
    Medication,
    /// operations, examinations, therapies, tests that were ordered
    Procedure,
    /// values of laboratory and vital signs, what a test or an image showed
    Result,
    /// mental health; notes of psychotherapy need an authorization of their own (45 CFR 164.501, 164.508(a)(2))
    Behavioural,
    /// use of alcohol, tobacco, drugs, and its treatment (42 CFR Part 2)
    SubstanceUse,
    /// insurance, claims, charges
    Payment,
    /// appointments and their times
    Scheduling,
    /// age, sex, race, language, religion, marital and housing status
    Demographics,
}

impl HealthClass {
    /// Every class.
    pub const ALL: [Self; 9] = [
        Self::Diagnosis,
        Self::Medication,
        Self::Procedure,
        Self::Result,
        Self::Behavioural,
        Self::SubstanceUse,
        Self::Payment,
        Self::Scheduling,
        Self::Demographics,
    ];

    /// The class in rows, policies and the record, for instance `substance-use`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Diagnosis => "diagnosis",
            Self::Medication => "medication",
            Self::Procedure => "procedure",
            Self::Result => "result",
            Self::Behavioural => "behavioural",
            Self::SubstanceUse => "substance-use",
            Self::Payment => "payment",
            Self::Scheduling => "scheduling",
            Self::Demographics => "demographics",
        }
    }

    /// What stands in brackets where a text told of the class and may not, for instance `SUBSTANCE_USE`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Diagnosis => "DIAGNOSIS",
            Self::Medication => "MEDICATION",
            Self::Procedure => "PROCEDURE",
            Self::Result => "RESULT",
            Self::Behavioural => "BEHAVIOURAL",
            Self::SubstanceUse => "SUBSTANCE_USE",
            Self::Payment => "PAYMENT",
            Self::Scheduling => "SCHEDULING",
            Self::Demographics => "DEMOGRAPHICS",
        }
    }
}

impl fmt::Display for HealthClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no health class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a health class is diagnosis, medication, procedure, result, behavioural, substance-use, payment, scheduling or \
     demographics"
)]
pub struct UnknownHealthClass;

impl FromStr for HealthClass {
    type Err = UnknownHealthClass;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|class| class.as_str() == text).ok_or(UnknownHealthClass)
    }
}

/// How many places tell of each class: all that a decision or an entry may know of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HealthCounts(BTreeMap<HealthClass, u32>);

impl HealthCounts {
    /// Counts one more place that tells of `class`.
    pub fn add(&mut self, class: HealthClass) {
        let count = self.0.entry(class).or_default();
        *count = count.saturating_add(1);
    }

    /// The classes that are told of, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (HealthClass, u32)> + '_ {
        self.0.iter().map(|(class, count)| (*class, *count))
    }

    /// The classes that are told of.
    pub fn classes(&self) -> impl Iterator<Item = HealthClass> + '_ {
        self.0.keys().copied()
    }

    /// Whether it is told of `class`.
    pub fn has(&self, class: HealthClass) -> bool {
        self.0.contains_key(&class)
    }

    /// Places of all classes together.
    pub fn total(&self) -> u32 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_round_trip_through_text_and_json() {
        for class in HealthClass::ALL {
            assert_eq!(class.as_str().parse(), Ok(class));
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{class}\""));
            assert_eq!(class.label(), class.as_str().to_uppercase().replace('-', "_"));
        }
        assert_eq!("genetic".parse::<HealthClass>(), Err(UnknownHealthClass));
    }

    #[test]
    fn places_are_counted_by_class() {
        let mut counts = HealthCounts::default();
        assert!(counts.is_empty());
        counts.add(HealthClass::Payment);
        counts.add(HealthClass::Diagnosis);
        counts.add(HealthClass::Payment);
        assert_eq!(counts.total(), 3);
        assert!(counts.has(HealthClass::Payment) && !counts.has(HealthClass::Result));
        let all: Vec<_> = counts.iter().collect();
        assert_eq!(all, [(HealthClass::Diagnosis, 1), (HealthClass::Payment, 2)]);
    }
}
