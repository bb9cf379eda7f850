//! Facts as Cedar takes them.

use std::str::FromStr;
use std::sync::LazyLock;

use cedar_policy::{Context, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression};
use terms::{HealthClass, IdentifierClass};

use crate::Facts;

/// The features of the schema.
const FEATURES: [&str; 9] = [
    "inference",
    "images",
    "audio",
    "files",
    "external-url",
    "vendor-state",
    "hosted-tool",
    "batch",
    "embeddings",
];

/// Features that any policy permits: text in, text or vectors out.
const PLAIN: [&str; 2] = ["inference", "embeddings"];

pub(crate) fn is_feature(name: &str) -> bool {
    FEATURES.contains(&name)
}

/// The features of a request that a policy must name.
pub(crate) fn to_be_named(facts: &Facts) -> impl Iterator<Item = &str> {
    facts.features.iter().map(String::as_str).filter(|feature| !PLAIN.contains(feature))
}

/// The facts can't be written as the schema has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unwritable;

struct Types {
    agent: EntityTypeName,
    service: EntityTypeName,
    action: EntityTypeName,
    purpose: EntityTypeName,
    feature: EntityTypeName,
    identifier: EntityTypeName,
    health: EntityTypeName,
}

static TYPES: LazyLock<Option<Types>> = LazyLock::new(|| {
    let parse = |name: &str| EntityTypeName::from_str(name).ok();
    Some(Types {
        agent: parse("Agent")?,
        service: parse("Service")?,
        action: parse("Action")?,
        purpose: parse("Purpose")?,
        feature: parse("Feature")?,
        identifier: parse("Identifier")?,
        health: parse("Health")?,
    })
});

fn entity(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// Builds the request. Its shape is the schema's by construction (a test holds it against the schema), so that
/// no request pays for being validated.
pub(crate) fn build(facts: &Facts) -> Result<Request, Unwritable> {
    let types = TYPES.as_ref().ok_or(Unwritable)?;
    if !facts.features.iter().chain(&facts.covered_features).all(|feature| is_feature(feature)) {
        return Err(Unwritable);
    }
    let context = Context::from_pairs(pairs(facts, types)).map_err(|_| Unwritable)?;
    Request::new(
        entity(&types.agent, facts.agent.as_str()),
        entity(&types.action, facts.action.as_str()),
        entity(&types.service, facts.service.as_str()),
        context,
        None,
    )
    .map_err(|_| Unwritable)
}

fn pairs(facts: &Facts, types: &Types) -> Vec<(String, RestrictedExpression)> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let flag = RestrictedExpression::new_bool;
    let member = |kind: &EntityTypeName, id: &str| RestrictedExpression::new_entity_uid(entity(kind, id));
    let features = |set: &std::collections::BTreeSet<String>| {
        RestrictedExpression::new_set(set.iter().map(|feature| member(&types.feature, feature)))
    };
    let classes = facts
        .findings
        .iter()
        .map(|(class, _): (IdentifierClass, _)| member(&types.identifier, class.label()));
    let told = |classes: &mut dyn Iterator<Item = HealthClass>| {
        RestrictedExpression::new_set(classes.map(|class| member(&types.health, class.as_str())))
    };
    let mut pairs = vec![
        ("engagement", text(facts.engagement.as_str())),
        ("engagement_active", flag(facts.engagement_active)),
        ("workflow", text(&facts.workflow)),
        ("purpose", member(&types.purpose, facts.purpose.as_str())),
        ("carries_phi", flag(facts.carries_phi)),
        ("observing", flag(facts.observing)),
        ("vendor", text(facts.vendor.as_str())),
        ("model", text(&facts.model)),
        ("covered", flag(facts.covered)),
        ("on_premises", flag(facts.on_premises)),
        ("features", features(&facts.features)),
        ("covered_features", features(&facts.covered_features)),
        ("findings", RestrictedExpression::new_set(classes)),
        ("finding_count", RestrictedExpression::new_long(facts.findings.total().into())),
        ("names_a_person", flag(facts.findings.names_a_person())),
        ("signed_findings", flag(facts.signed_findings)),
        ("foreign_opaque", flag(facts.foreign_opaque)),
        ("tells", told(&mut facts.tells.classes())),
        ("tells_count", RestrictedExpression::new_long(facts.tells.total().into())),
        ("passage_words", RestrictedExpression::new_long(facts.passage_words.into())),
    ];
    pairs.extend(facts.may_tell.as_ref().map(|may| ("declared_tells", told(&mut may.iter().copied()))));
    pairs.extend(facts.agent_version.as_ref().map(|version| ("agent_version", text(version.as_str()))));
    pairs.extend(facts.on_behalf_of.as_ref().map(|person| ("on_behalf_of", text(person))));
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, SCHEMA};
    use cedar_policy::Schema;
    use terms::{FindingCounts, HealthCounts, Purpose};

    fn facts(purpose: Purpose, all: bool) -> Facts {
        let mut findings = FindingCounts::default();
        IdentifierClass::ALL.iter().filter(|_| all).for_each(|class| findings.add(*class));
        let mut tells = HealthCounts::default();
        HealthClass::ALL.iter().filter(|_| all).for_each(|class| tells.add(*class));
        let features = || FEATURES.iter().filter(|_| all).map(ToString::to_string).collect();
        Facts {
            engagement: "mercy".parse().unwrap(),
            engagement_active: all,
            agent: "triage".parse().unwrap(),
            agent_version: all.then(|| "1.2".parse().unwrap()),
            workflow: "intake".to_owned(),
            purpose,
            carries_phi: all,
            observing: all,
            on_behalf_of: all.then(|| "nurse-1".to_owned()),
            vendor: "acme".parse().unwrap(),
            service: "acme-api".parse().unwrap(),
            model: "acme-large".to_owned(),
            action: Action::ModelCall,
            covered: all,
            on_premises: all,
            coverage_reasons: Vec::new(),
            features: features(),
            covered_features: features(),
            findings,
            signed_findings: all,
            foreign_opaque: all,
            signed_tells: tells.classes().collect(),
            may_tell: all.then(|| tells.classes().collect()),
            tells,
            passage_words: 7,
            answer_is_text: all,
        }
    }

    #[test]
    fn every_request_has_the_shape_of_the_schema() {
        let schema = Schema::from_str(SCHEMA).unwrap();
        for purpose in [Purpose::Treatment, Purpose::Payment, Purpose::Operations, Purpose::Research] {
            for all in [false, true] {
                let facts = facts(purpose, all);
                let types = TYPES.as_ref().unwrap();
                let context = Context::from_pairs(pairs(&facts, types)).unwrap();
                let built = build(&facts).unwrap();
                let (agent, action) = (built.principal().unwrap().clone(), built.action().unwrap().clone());
                let service = built.resource().unwrap().clone();
                Request::new(agent, action, service, context, Some(&schema)).unwrap();
            }
        }
    }

    #[test]
    fn an_unknown_feature_is_no_request() {
        let mut odd = facts(Purpose::Treatment, true);
        odd.features.insert("telepathy".to_owned());
        assert_eq!(build(&odd).err(), Some(Unwritable));
    }
}
