//! engagement

use governance::{Engagement, EngagementState, RegisterKind};
use terms::{EngagementId, Name};

use super::replace::Place;
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
    let id = id(&add.name)?;
    let mut body = Engagement {
        title: add.title.clone(),
        covered_entity: add.covered_entity.clone(),
        operator: add.operator.clone().unwrap_or_else(|| add.covered_entity.clone()),
        state: EngagementState::Draft,
    };
    let recorded = Desk::with(config, Opening::Make, |desk| {
        if add.activate {
            body.state = EngagementState::Active;
        } else if add.replacing.replace {
            body.state = self::standing(desk, &id)?.unwrap_or(body.state);
        }
        let engagement = Some(add.name.clone());
        let place = Place { engagement, id: &id, replacing: &add.replacing, signed: &add.signed };
        place.record(desk, &body, |before| before.option("--operator", add.operator.is_some(), "/operator"))
    })?;
    rows::changed(&recorded, "recorded", out)
}

/// The state of an engagement that is there: commands of their own change it.
fn standing(desk: &mut Desk, id: &Name) -> Result<Option<EngagementState>, Failure> {
    let rows = desk.rows(Operation::List { engagement: None, kind: KIND, ended: false })?;
    let state = rows.iter().find(|row| row.id == *id).and_then(|row| row.body.get("state").cloned());
    Ok(state.and_then(|state| serde_json::from_value(state).ok()))
}

fn state(config: &Config, change: &EngagementChange, state: EngagementState, out: &mut Output) -> Ended {
    let operation =
        Operation::State { engagement: change.name.clone(), state, note: (&change.signed).into() };
    rows::change(config, operation, state.as_str(), out)
}

fn id(name: &EngagementId) -> Result<Name, Failure> {
    name.as_str().parse().map_err(|_| Failure::failed("an engagement's name is a name"))
}
