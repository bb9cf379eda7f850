//! budget

use governance::{Budget, RegisterKind};
use serde_json::Value;

use super::{journal, rows};
use crate::Ended;
use crate::cli::{BudgetAdd, BudgetCommand, BudgetUse};
use crate::config::Config;
use crate::exit::Exit;
use crate::house::{Desk, Opening};
use crate::operations::Operation;
use crate::output::{Output, Table};

const KIND: RegisterKind = RegisterKind::Budget;
const COLUMNS: [rows::Column; 5] = [
    ("agent", "/agent"),
    ("window", "/window"),
    ("requests", "/requests"),
    ("tokens", "/tokens"),
    ("cost", "/cost"),
];

pub(super) fn run(config: &Config, command: &BudgetCommand, out: &mut Output) -> Ended {
    match command {
        BudgetCommand::Add(add) => self::add(config, add, out),
        BudgetCommand::Rows(command) => rows::run(config, KIND, &COLUMNS, command, out),
        BudgetCommand::Use(used) => self::used(config, used, out),
    }
}

fn add(config: &Config, add: &BudgetAdd, out: &mut Output) -> Ended {
    let body = Budget {
        agent: add.agent.clone(),
        window: add.window,
        requests: add.requests,
        tokens: add.tokens,
        cost: add.cost,
    };
    let recorded = Desk::with(config, Opening::Existing, |desk| {
        add.entry.place(&add.name).record(desk, &body, |before| {
            before.option("--agent", add.agent.is_some(), "/agent");
            before.option("--requests", add.requests.is_some(), "/requests");
            before.option("--tokens", add.tokens.is_some(), "/tokens");
            before.option("--cost", add.cost.is_some(), "/cost");
        })
    })?;
    rows::changed(&recorded, "recorded", out)
}

fn used(config: &Config, used: &BudgetUse, out: &mut Output) -> Ended {
    let operation = Operation::BudgetUse { engagement: used.within.engagement.clone() };
    let found = journal::ask(config, operation)?;
    if out.is_json() {
        out.json(&found)?;
        return Ok(Exit::Ok);
    }
    let mut table = Table::new(["budget", "engagement", "agent", "requests", "tokens", "cost", "until"]);
    for budget in &found {
        let text = |name: &str| journal::plain(budget.get(name));
        let share = |name: &str| share(budget.get(name));
        let cells = [text("budget"), text("engagement"), text("agent")];
        table.row(cells.into_iter().chain([
            share("requests"),
            share("tokens"),
            share("cost"),
            text("until"),
        ]));
    }
    table.write(out, "no budget is recorded")?;
    Ok(Exit::Ok)
}

/// `12 of 100`, or what was used alone where there is no limit.
fn share(counted: Option<&Value>) -> String {
    let part = |name: &str| journal::plain(counted.and_then(|counted| counted.get(name)));
    match counted.and_then(|counted| counted.get("limit")) {
        None | Some(Value::Null) => part("used"),
        Some(_) => format!("{} of {}", part("used"), part("limit")),
    }
}
