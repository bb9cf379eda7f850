//! How the house stands.

use std::collections::BTreeSet;

use governance::{Agent, AgentKey, Agreement, Credential, Engagement, Feature, Service, Vendor};
use serde_json::json;
use terms::{EngagementId, Name, ServiceId};

use super::{Answer, Observed};
use crate::house::House;

/// Keys, registers and policies, each with what is wrong with it.
pub(super) fn status(house: &House) -> Answer {
    let snapshot = house.snapshot.load();
    let registers = &snapshot.registers;
    let summary = house.keyring.summary();
    let engagements: Vec<_> =
        registers.engagements().map(|row| engagement(house, &row.engagement, &row.body)).collect();
    let now = house.clock.now();
    let behind = now < registers.newest_change();
    Answer::Status(json!({
        "log": summary.log,
        "root": format!("{:?}", summary.root).to_lowercase(),
        "engagements": engagements,
        "clock": if behind { "behind the newest change of the registers" } else { "ok" },
    }))
}

/// What services' answers said of them.
pub(super) fn observed(house: &House) -> Answer {
    let all = house.observations.all().into_iter();
    Answer::Observed(
        all.map(|gateway::Observation { engagement, service, version, seen }| Observed {
            engagement,
            service,
            version,
            seen,
        })
        .collect(),
    )
}

fn engagement(house: &House, id: &EngagementId, body: &Engagement) -> serde_json::Value {
    let snapshot = house.snapshot.load();
    let registers = &snapshot.registers;
    let mut problems: Vec<String> = Vec::new();
    let keys = house.keyring.summary().engagements;
    if !keys.iter().any(|keys| keys.engagement == *id && !keys.epochs.is_empty()) {
        problems.push("its keys are not in the keyring".to_owned());
    }
    if let Some(policy) = registers.policy(id)
        && crate::house::policy(&policy.body.text).is_err()
    {
        problems.push("its policy can't be read: every request is denied".to_owned());
    }
    for credential in registers.list::<Credential>(id) {
        if house.credential(id, &credential.body).is_err() {
            problems.push(format!("the credential of service `{}` does not open", credential.id));
        }
    }
    let services: Vec<_> = registers
        .list::<Service>(id)
        .flat_map(|row| row.body.models.iter().map(|model| standing(house, id, &row.id, model.upstream())))
        .collect();
    json!({
        "engagement": id,
        "models": services,
        "state": body.state.as_str(),
        "vendors": registers.list::<Vendor>(id).count(),
        "services": registers.list::<Service>(id).count(),
        "agreements": registers.list::<Agreement>(id).count(),
        "agents": registers.list::<Agent>(id).count(),
        "keys": registers.list::<AgentKey>(id).count(),
        "problems": problems,
    })
}

/// Whether a model of a service is covered now, and under which reason.
fn standing(house: &House, engagement: &EngagementId, service: &Name, model: &str) -> serde_json::Value {
    let Ok(service) = service.as_str().parse::<ServiceId>() else {
        return serde_json::Value::Null;
    };
    let snapshot = house.snapshot.load();
    let features = BTreeSet::from([Feature::Inference]);
    let now = house.clock.now();
    let coverage = governance::coverage(&snapshot.registers, engagement, &service, model, &features, now);
    let mut reasons: Vec<&str> = coverage.reasons.iter().map(|reason| reason.code.as_str()).collect();
    reasons.dedup();
    let about: Vec<&str> = coverage.reasons.iter().filter_map(|reason| reason.detail.as_deref()).collect();
    let credential = snapshot.registers.credential(engagement, &service).is_some();
    json!({
        "service": service, "model": model, "covered": coverage.covered, "reasons": reasons,
        "about": about, "credential": credential,
    })
}
