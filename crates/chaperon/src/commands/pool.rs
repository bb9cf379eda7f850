//! pool

use governance::{Member, ModelName, Pool, RegisterKind, Service};
use serde_json::Value;
use terms::Name;

use super::replace::plain;
use super::rows;
use crate::Ended;
use crate::cli::{PoolAdd, PoolCommand};
use crate::config::Config;
use crate::house::{Desk, Opening};
use crate::operations::{Operation, RowView};
use crate::output::Output;

const KIND: RegisterKind = RegisterKind::Pool;
const COLUMNS: [rows::Column; 3] =
    [("first", "/members/0/service"), ("spread", "/spread"), ("aliases", "/aliases")];

pub(super) fn run(config: &Config, command: &PoolCommand, out: &mut Output) -> Ended {
    match command {
        PoolCommand::Add(add) => self::add(config, add, out),
        PoolCommand::Rows(command) => rows::run(config, KIND, &COLUMNS, command, out),
    }
}

fn add(config: &Config, add: &PoolAdd, out: &mut Output) -> Ended {
    let body = Pool {
        members: add.members.iter().map(|member| member.0.clone()).collect(),
        aliases: add.aliases.clone(),
        spread: add.spread.unwrap_or_default(),
        attempts: add.attempts,
    };
    let (recorded, services) = Desk::with(config, Opening::Existing, |desk| {
        let recorded = add.entry.place(&add.name).record(desk, &body, |before| {
            before.each("--to", "/members", member);
            before.each("--alias", "/aliases", plain);
            before.option("--spread", add.spread.is_some(), "/spread");
            before.option("--attempts", add.attempts.is_some(), "/attempts");
        })?;
        let engagement = recorded.first().map(|row| row.engagement.clone());
        let list = Operation::List { engagement, kind: RegisterKind::Service, ended: false };
        Ok((recorded, desk.rows(list)?))
    })?;
    rows::recorded(&recorded, &hidden(&add.name, &body, &services), out)
}

fn member(member: &Value) -> String {
    let of = |what: &str| member.get(what).map(plain).unwrap_or_default();
    format!("{}/{}", of("service"), of("model"))
}

/// The models of services that are no members, to which a name of the pool led until now.
fn hidden(name: &Name, pool: &Pool, services: &[RowView]) -> Vec<String> {
    let names: Vec<&str> =
        std::iter::once(name.as_str()).chain(pool.aliases.iter().map(ModelName::as_str)).collect();
    let mut found = Vec::new();
    for row in services {
        let Ok(service) = serde_json::from_value::<Service>(row.body.clone()) else { continue };
        for model in &service.models {
            let inside =
                |one: &Member| one.service.as_str() == row.id.as_str() && model.is_called(one.model.as_str());
            if pool.members.iter().any(inside) {
                continue;
            }
            for taken in names.iter().filter(|name| model.is_called(name)) {
                found.push(format!(
                    "`{taken}` is a model of service `{0}` too, which is no member: it leads to the pool now; `{0}/{taken}` \
                     leads to the service",
                    row.id
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_model_that_a_pool_hides_is_told_unless_it_is_a_member() {
        let service = |id: &str| {
            let row = json!({ "kind": "service", "engagement": "mercy", "id": id, "version": 1, "valid_from": "",
                "valid_to": null, "author": "a", "reason": "r", "ended": false, "body": {
                    "vendor": "v", "product": "p", "protocols": ["openai"], "endpoint": "https://a.example/v1",
                    "models": [{ "name": "large", "aliases": ["big"] }, { "name": "small" }] } });
            serde_json::from_value::<RowView>(row).unwrap()
        };
        let pool: Pool = serde_json::from_value(json!({
            "members": [{ "service": "one", "model": "large" }], "aliases": ["big", "small"] }))
        .unwrap();
        let told = hidden(&"large".parse().unwrap(), &pool, &[service("one"), service("two")]);
        let about: Vec<_> =
            told.iter().map(|line| line.split(", which").next().unwrap().to_owned()).collect();
        assert_eq!(
            about,
            [
                "`small` is a model of service `one` too",
                "`large` is a model of service `two` too",
                "`big` is a model of service `two` too",
                "`small` is a model of service `two` too",
            ]
        );
    }
}
