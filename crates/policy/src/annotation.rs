//! What the annotations of a policy say.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{ActionConstraint, Effect, Policy};
use terms::{Code, HealthClass, IdentifierClass, Name, Treatment, explain};

use crate::request::is_feature;

/// One policy, as its annotations describe it.
#[derive(Debug)]
pub(crate) struct Rule {
    /// The policy's name with its set's: `base:covered`.
    pub(crate) title: String,
    /// The code of a refusal.
    pub(crate) code: Code,
    /// What a permit does to findings.
    pub(crate) treatments: Treatments,
    /// Why something may pass.
    pub(crate) reason_code: Option<String>,
    /// The features beyond text that a permit names.
    pub(crate) features: BTreeSet<String>,
    /// Whether the policy's head names the actions that it is about.
    pub(crate) names_action: bool,
    /// What a permit has cut out of the content.
    pub(crate) strip: Strip,
}

/// What is cut out where the content tells of it, as `@strip` says.
#[derive(Debug, Default)]
pub(crate) struct Strip {
    named: BTreeSet<HealthClass>,
    undeclared: bool,
}

impl Strip {
    /// Whether `class` is cut out; `declared` is what the workflow may tell, where it declared that.
    pub(crate) fn takes(&self, class: HealthClass, declared: Option<&BTreeSet<HealthClass>>) -> bool {
        let undeclared = || declared.is_some_and(|declared| !declared.contains(&class));
        self.named.contains(&class) || self.undeclared && undeclared()
    }

    /// Whether it cuts out anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty() && !self.undeclared
    }

    /// Reads classes separated by commas; `undeclared` stands for all that the workflow did not declare.
    fn parse(text: &str) -> Result<Self, String> {
        let mut strip = Self::default();
        for item in text.split(',').map(str::trim) {
            let new = if item == "undeclared" {
                !std::mem::replace(&mut strip.undeclared, true)
            } else {
                let class = item.parse().map_err(|_| format!("names no health class: `{item}`"))?;
                strip.named.insert(class)
            };
            if !new {
                return Err(format!("names `{item}` twice"));
            }
        }
        Ok(strip)
    }
}

/// What is done to findings, as `@treat` says.
#[derive(Clone, Debug, Default)]
pub struct Treatments {
    named: BTreeMap<IdentifierClass, Treatment>,
    rest: Option<Treatment>,
}

impl Treatments {
    /// What is done to findings of `class`; `None` where the annotation says nothing.
    pub fn of(&self, class: IdentifierClass) -> Option<Treatment> {
        self.named.get(&class).copied().or(self.rest).map(|treatment| treatment.of(class))
    }

    /// Whether PHI goes out: an original as it is, or what is derived from one.
    fn discloses(&self) -> bool {
        self.named.values().chain(&self.rest).any(|treatment| treatment.discloses())
    }

    /// What is done to findings of the classes that are not named.
    pub fn rest(&self) -> Option<Treatment> {
        self.rest
    }

    /// Reads `CLASS=treatment` items separated by commas; `*` stands for every class that is not named. Says what is
    /// wrong, behind the name of what holds the list.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut treatments = Self::default();
        for item in text.split(',') {
            let (class, treatment) =
                item.split_once('=').ok_or("is a list such as \"NAME=redact, MRN=pass, *=surrogate\"")?;
            let (class, treatment) = (class.trim(), treatment_of(treatment.trim())?);
            if treatment == Treatment::Shift && class != IdentifierClass::Date.label() {
                return Err(format!("shifts `{class}`: only DATE can be shifted"));
            }
            let twice = if class == "*" {
                treatments.rest.replace(treatment).is_some()
            } else {
                let known = class.parse().map_err(|_| format!("names no identifier class: `{class}`"))?;
                treatments.named.insert(known, treatment).is_some()
            };
            if twice {
                return Err(format!("names `{class}` twice"));
            }
        }
        Ok(treatments)
    }
}

fn treatment_of(text: &str) -> Result<Treatment, String> {
    Treatment::named(text).ok_or_else(|| {
        let known = Treatment::ALL.map(Treatment::as_str).join(", ");
        format!("names no treatment: `{text}` is none of {known}")
    })
}

/// A wrong annotation: its name, and what is wrong with it.
pub(crate) type Wrong = (&'static str, String);

/// An annotation that is unknown.
const KNOWN: [&str; 6] = ["id", "code", "treat", "strip", "reason_code", "features"];

impl Rule {
    /// Reads the annotations of a policy of the set `set`.
    pub(crate) fn read(policy: &Policy, set: &str) -> Result<(Name, Self), (String, String)> {
        if let Some((unknown, _)) = policy.annotations().find(|(name, _)| !KNOWN.contains(name)) {
            let problem = format!(
                "is not an annotation here; there are: {}",
                KNOWN.map(|n| format!("@{n}")).join(", ")
            );
            return Err((unknown.to_owned(), problem));
        }
        Self::read_known(policy, set).map_err(|(name, problem)| (name.to_owned(), problem))
    }

    fn read_known(policy: &Policy, set: &str) -> Result<(Name, Self), Wrong> {
        let permits = policy.effect() == Effect::Permit;
        for (name, permit_only) in
            [("code", false), ("treat", true), ("strip", true), ("reason_code", true), ("features", true)]
        {
            if policy.annotation(name).is_some() && permits != permit_only {
                let effect = if permit_only { "permit" } else { "forbid" };
                return Err((name, format!("belongs to a {effect}")));
            }
        }
        let id = policy
            .annotation("id")
            .ok_or(("id", "is missing: the record names policies by it".to_owned()))?;
        let id: Name = id.parse().map_err(|error| ("id", format!("is no name: {error}")))?;
        let treatments = policy.annotation("treat").map(Treatments::parse).transpose();
        let treatments = treatments.map_err(|problem| ("treat", problem))?.unwrap_or_default();
        let strip = policy.annotation("strip").map(Strip::parse).transpose();
        let rule = Self {
            strip: strip.map_err(|problem| ("strip", problem))?.unwrap_or_default(),
            title: format!("{set}:{id}"),
            code: code(policy)?,
            reason_code: reason_code(policy, &treatments)?,
            treatments,
            features: features(policy)?,
            names_action: policy.action_constraint() != ActionConstraint::Any,
        };
        Ok((id, rule))
    }
}

fn code(policy: &Policy) -> Result<Code, Wrong> {
    let Some(text) = policy.annotation("code") else { return Ok(Code::POLICY_FORBIDS) };
    match explain(text) {
        Some(found) if found.status == 403 => Ok(found.code),
        Some(_) => Err(("code", format!("`{text}` is not the code of a refusal"))),
        None => Err(("code", format!("names no code of the catalogue: `{text}`"))),
    }
}

fn reason_code(policy: &Policy, treatments: &Treatments) -> Result<Option<String>, Wrong> {
    match (policy.annotation("reason_code"), treatments.discloses()) {
        (Some(text), true) => match text.parse::<Name>() {
            Ok(name) => Ok(Some(name.to_string())),
            Err(error) => Err(("reason_code", format!("is no name: {error}"))),
        },
        (None, false) => Ok(None),
        (None, true) => Err((
            "reason_code",
            "is missing: say why an identifier may pass, a date be shifted or a pseudonym go (45 CFR 164.502(b))"
                .to_owned(),
        )),
        (Some(_), false) => Err(("reason_code", "is given, but nothing passes, is shifted or is a pseudonym".to_owned())),
    }
}

fn features(policy: &Policy) -> Result<BTreeSet<String>, Wrong> {
    let Some(text) = policy.annotation("features") else { return Ok(BTreeSet::new()) };
    let feature = |item: &str| match item.trim() {
        known if is_feature(known) => Ok(known.to_owned()),
        other => Err(("features", format!("names no feature: `{other}`"))),
    };
    text.split(',').map(feature).collect()
}
