//! engagement

use governance::{Engagement, EngagementState, RegisterKind};
use terms::{EngagementId, Name};

use super::rows;
use crate::Ended;
use crate::cli::{EngagementAdd, EngagementChange, EngagementCommand};
use crate::config::Config;
use crate::failure::Failure;
use crate::house::{Desk, Opening};
use crate::operations::Operation;
use crate::output::Output;

const KIND: RegisterKind = RegisterKind::Engagement;
const COLUMNS: [rows::Column; 4] = [
    ("title", "/title"),
    ("covered entity", "/covered_entity"),
    ("operator", "/operator"),
    ("state", "/state"),
];

pub(super) fn run(config: &Config, command: &EngagementCommand, out: &mut Output) -> Ended {
    match command {
        EngagementCommand::Add(add) => self::add(config, add, out),
        EngagementCommand::List { all } => {
            let operation = Operation::List { engagement: None, kind: KIND, ended: *all };
            let found = Desk::with(config, Opening::Existing, |desk| desk.rows(operation))?;
            rows::listed(&found, KIND, &COLUMNS, out)
        }
        EngagementCommand::Show { name, history } => {
            let operation =
                Operation::Show { engagement: None, kind: KIND, id: id(name)?, history: *history };
            let found = Desk::with(config, Opening::Existing, |desk| desk.rows(operation))?;
            rows::shown(&found, *history, out)
        }
        EngagementCommand::Activate(change) => state(config, change, EngagementState::Active, out),
        EngagementCommand::Suspend(change) => state(config, change, EngagementState::Suspended, out),
        EngagementCommand::End(change) => {
            let note = (&change.signed).into();
            let operation = Operation::End { engagement: None, kind: KIND, id: id(&change.name)?, note };
            rows::change(config, operation, "ended", out)
        }
    }
}

fn add(config: &Config, add: &EngagementAdd, out: &mut Output) -> Ended {
    let body = Engagement {
        title: add.title.clone(),
        covered_entity: add.covered_entity.clone(),
        operator: add.operator.clone().unwrap_or_else(|| add.covered_entity.clone()),
        state: if add.activate { EngagementState::Active } else { EngagementState::Draft },
    };
    let operation = rows::put(Some(add.name.clone()), &id(&add.name)?, &body, add.replace, &add.signed)?;
    let recorded = Desk::with(config, Opening::Make, |desk| desk.rows(operation))?;
    rows::changed(&recorded, "recorded", out)
}

fn state(config: &Config, change: &EngagementChange, state: EngagementState, out: &mut Output) -> Ended {
    let operation =
        Operation::State { engagement: change.name.clone(), state, note: (&change.signed).into() };
    rows::change(config, operation, state.as_str(), out)
}

fn id(name: &EngagementId) -> Result<Name, Failure> {
    name.as_str().parse().map_err(|_| Failure::failed("an engagement's name is a name"))
}
