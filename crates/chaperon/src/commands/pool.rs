//! pool

use governance::{Pool, RegisterKind};

use super::rows;
use crate::Ended;
use crate::cli::{PoolAdd, PoolCommand};
use crate::config::Config;
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
        spread: add.spread,
        attempts: add.attempts,
    };
    let operation = rows::record(&add.entry, &add.name, &body)?;
    rows::change(config, operation, "recorded", out)
}
