//! pool

use governance::{Pool, RegisterKind};
use serde_json::Value;

use super::replace::plain;
use super::rows;
use crate::Ended;
use crate::cli::{PoolAdd, PoolCommand};
use crate::config::Config;
use crate::house::{Desk, Opening};
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
    let recorded = Desk::with(config, Opening::Existing, |desk| {
        add.entry.place(&add.name).record(desk, &body, |before| {
            before.each("--to", "/members", member);
            before.each("--alias", "/aliases", plain);
            before.option("--spread", add.spread.is_some(), "/spread");
            before.option("--attempts", add.attempts.is_some(), "/attempts");
        })
    })?;
    rows::changed(&recorded, "recorded", out)
}

fn member(member: &Value) -> String {
    let of = |what: &str| member.get(what).map(plain).unwrap_or_default();
    format!("{}/{}", of("service"), of("model"))
}
