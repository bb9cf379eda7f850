//! What is left of a person once identifiers are treated, scored.
//!
//! A text without a single identifier may still point at one person: a code is nobody's, a code with the day of a service
//! and a ZIP code of five digits is somebody's; a mayor struck by lightning is one person. Safe Harbor therefore asks beside
//! removal that nobody has actual knowledge of a way back (45 CFR 164.514(b)(2)(ii)), and an expert weighs what is left
//! (164.514(b)(1)). This counts what rules can see of it; it is a warning, no determination.
//!
//! Each [`Reason`] that applies counts once, however often; their [weights](Reason::weight) add up to a [`Level`].
//!
//! ```
//! use deid::risk::{Level, residual};
//! use deid::{Detector, Known, Passage};
//! use terms::Obligations;
//!
//! let passage = Passage::prose("The mayor of a small town was struck by lightning.");
//! let found = Detector::rules().detect(passage, &Known::none())?;
//! let left = residual(&[passage], &[found], &Obligations::default());
//! assert_eq!(left.level(), Level::High);
//! # Ok::<(), deid::DetectError>(())
//! ```

mod phrases;
mod treated;

use std::collections::BTreeSet;
use std::fmt;

use terms::Obligations;

use crate::{Finding, Passage};

/// How much is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// nothing that rules can see: 0
    None,
    /// what many people share: 1 to 3
    Low,
    /// what few people share, or what is derived from an identifier: 4 or 5
    Elevated,
    /// what may point at one person, or an identifier itself: 6 and more
    High,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 4] = [Self::None, Self::Low, Self::Elevated, Self::High];

    /// The word by which output names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Elevated => "elevated",
            Self::High => "high",
        }
    }

    const fn of(sum: u32) -> Self {
        match sum {
            0 => Self::None,
            1..=3 => Self::Low,
            4 | 5 => Self::Elevated,
            _ => Self::High,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal, $weight:literal;)*) => {
        /// What is left of somebody: the name of a rule, never what it found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $doc])* $name,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The word by which output names it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }

            /// How much it counts.
            pub const fn weight(self) -> u32 {
                match self {
                    $(Self::$name => $weight,)*
                }
            }
        }
    };
}

reasons! {
    #[doc = "an identifier that points at a person goes out as it is"]
    Identifier = "identifier.passes", 6;
    #[doc = "the person, or what happened, was in the news"]
    Known = "public.known", 6;
    #[doc = "an identifier goes out as a keyed pseudonym, which is derived from it"]
    Pseudonym = "identifier.pseudonym", 4;
    #[doc = "a disease that few people have"]
    Rare = "condition.rare", 4;
    #[doc = "something that happens to few people"]
    Unusual = "circumstance.unusual", 4;
    #[doc = "the only one of a kind: `the only survivor`"]
    Singular = "singular", 4;
    #[doc = "an occupation or office that few people have"]
    Occupation = "occupation.rare", 4;
    #[doc = "an address or another exact place goes out as it is"]
    Precise = "place.precise", 4;
    #[doc = "a ZIP code of five digits or more goes out"]
    Zip5 = "zip.five", 3;
    #[doc = "a town or an institution goes out"]
    Town = "place.town", 3;
    #[doc = "an age over 89 goes out"]
    Old = "age.over-89", 3;
    #[doc = "a place that is described: `the last house on ...`"]
    Described = "place.described", 2;
    #[doc = "a date with day or month goes out"]
    Day = "date.full", 2;
    #[doc = "a family of few likes: triplets"]
    Household = "household", 2;
    #[doc = "a date goes out moved: order and distance are left"]
    Shifted = "date.shifted", 1;
    #[doc = "the year of a date is left"]
    Year = "date.year", 1;
    #[doc = "three digits of a ZIP code are left"]
    Zip3 = "zip.three", 1;
    #[doc = "that somebody is over 89 is left"]
    Ninety = "age.ninety", 1;
    #[doc = "an age in years"]
    Age = "age.exact", 1;
    #[doc = "a code of a diagnosis or procedure; alone it is nobody's, and counts nothing"]
    Code = "code", 1;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is left, with the reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residual {
    level: Level,
    reasons: Vec<Reason>,
}

impl Residual {
    /// How much is left.
    pub const fn level(&self) -> Level {
        self.level
    }

    /// Why, the weightiest first. A code is named beside others only.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    fn of(mut reasons: BTreeSet<Reason>) -> Self {
        if reasons.len() == 1 {
            reasons.remove(&Reason::Code);
        }
        let level = Level::of(reasons.iter().map(|reason| reason.weight()).sum());
        // the order of the list is by weight
        Self { level, reasons: reasons.into_iter().collect() }
    }

    /// What is left of both together.
    #[must_use]
    pub fn with(self, other: &Self) -> Self {
        Self::of(self.reasons.into_iter().chain(other.reasons.iter().copied()).collect())
    }
}

/// What is left of `passages`, given as they came, once `findings`, one list for each, sorted and not overlapping, are
/// treated under `obligations`.
pub fn residual(passages: &[Passage<'_>], findings: &[Vec<Finding>], obligations: &Obligations) -> Residual {
    let mut reasons = BTreeSet::new();
    for (passage, found) in
        passages.iter().zip(findings.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..])))
    {
        treated::add(passage, found, obligations, &mut reasons);
        phrases::add(passage, found, obligations, &mut reasons);
    }
    Residual::of(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_listed_by_weight_and_named_once() {
        assert!(Reason::ALL.is_sorted_by_key(|reason| std::cmp::Reverse(reason.weight())));
        let words: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
        assert!(Level::ALL.is_sorted());
    }

    #[test]
    fn a_code_counts_beside_others_only() {
        let of = |reasons: &[Reason]| Residual::of(reasons.iter().copied().collect());
        assert_eq!((of(&[Reason::Code]).level(), of(&[Reason::Code]).reasons().len()), (Level::None, 0));
        let together = of(&[Reason::Code, Reason::Day, Reason::Zip5]);
        assert_eq!(together.level(), Level::High);
        assert_eq!(together.reasons(), [Reason::Zip5, Reason::Day, Reason::Code]);
        assert_eq!(of(&[Reason::Day]).with(&of(&[Reason::Zip5])).level(), Level::Elevated);
    }
}
