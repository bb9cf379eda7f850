//! agent

use governance::{Agent, RegisterKind, Workflow};
use serde_json::json;
use terms::Name;

use super::replace::Place;
use super::rows;
use crate::Ended;
use crate::cli::{AgentAdd, AgentCommand, Named, RowCommand, ShowArgs};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::house::{Desk, Opening};
use crate::operations::{Answer, Operation, RowView};
use crate::output::{Output, Table, many};

const KIND: RegisterKind = RegisterKind::Agent;
const COLUMNS: [rows::Column; 6] = [
    ("title", "/title"),
    ("workflow", "/workflow/name"),
    ("purpose", "/workflow/purpose"),
    ("carries PHI", "/workflow/carries_phi"),
    ("observed until", "/workflow/observe_until"),
    ("may tell", "/workflow/may_tell"),
];

pub(super) fn run(config: &Config, command: &AgentCommand, out: &mut Output) -> Ended {
    match command {
        AgentCommand::Add(add) => self::add(config, add, out),
        AgentCommand::Rows(RowCommand::Show(show)) => self::show(config, show, out),
        AgentCommand::Rows(command) => rows::run(config, KIND, &COLUMNS, command, out),
        AgentCommand::Rotate { named, keep, signed } => {
            let operation = Operation::MintKey {
                engagement: named.within.engagement.clone(),
                agent: named.name.clone(),
                keep: *keep,
                note: signed.into(),
            };
            let answer = Desk::with(config, Opening::Existing, |desk| desk.ask(operation))?;
            minted(&answer, None, out)
        }
        AgentCommand::Revoke { named, key, signed } => {
            let operation = Operation::RevokeKeys {
                engagement: named.within.engagement.clone(),
                agent: named.name.clone(),
                key: key.clone(),
                note: signed.into(),
            };
            revoked(config, operation, named, out)
        }
    }
}

fn add(config: &Config, add: &AgentAdd, out: &mut Output) -> Ended {
    let body = Agent {
        title: add.title.clone(),
        version: add.agent_version.clone(),
        workflow: Workflow {
            name: add.workflow.clone(),
            purpose: add.purpose,
            carries_phi: add.carries_phi,
            observe_until: add.observe_until,
            may_tell: add.may_tell.as_ref().map(|may| may.0.clone()),
        },
    };
    let record = |desk: &mut Desk| {
        let engagement = add.within.engagement.clone();
        let place = Place { engagement, id: &add.name, replacing: &add.replacing, signed: &add.signed };
        place.record(desk, &body, |before| {
            before.option("--agent-version", add.agent_version.is_some(), "/version");
            // one that carries PHI can't be observed
            let observed = add.observe_until.is_some() || add.carries_phi;
            before.bound("--may-tell", "/workflow/may_tell");
            before.option("--observe-until", observed, "/workflow/observe_until");
        })
    };
    if add.replacing.replace {
        let recorded = Desk::with(config, Opening::Existing, record)?;
        return rows::changed(&recorded, "recorded", out);
    }
    let (recorded, answer) = Desk::with(config, Opening::Existing, |desk| {
        let recorded = record(desk)?;
        let mint = Operation::MintKey {
            engagement: recorded.first().map(|row| row.engagement.clone()),
            agent: add.name.clone(),
            keep: false,
            note: (&add.signed).into(),
        };
        Ok((recorded, desk.ask(mint)?))
    })?;
    minted(&answer, recorded.first(), out)
}

/// Shows a key, this once.
fn minted(answer: &Answer, recorded: Option<&RowView>, out: &mut Output) -> Ended {
    let Answer::Key { key, id, agent, ended } = answer else {
        return Err(Failure::failed("the answer is not the one that was asked for"));
    };
    if out.is_json() {
        out.json(&json!({
            "agent": agent, "key": key.expose(), "id": id, "ended": ended, "row": recorded,
        }))?;
        return Ok(Exit::Ok);
    }
    match recorded {
        Some(row) => out.line(&format!("agent `{agent}` recorded, version {}", row.version))?,
        None => out.line(&format!("agent `{agent}` has a new key; {ended} ended"))?,
    }
    out.line("its key, which is not shown again:\n")?;
    out.line(&format!("  {}\n", key.expose()))?;
    Ok(Exit::Ok)
}

fn revoked(config: &Config, operation: Operation, named: &Named, out: &mut Output) -> Ended {
    let Answer::Revoked(count) = Desk::with(config, Opening::Existing, |desk| desk.ask(operation))? else {
        return Err(Failure::failed("the answer is not the one that was asked for"));
    };
    if out.is_json() {
        out.json(&json!({ "agent": named.name, "ended": count }))?;
    } else {
        out.line(&format!("{} of agent `{}` ended", many(count as u64, "key"), named.name))?;
    }
    Ok(Exit::Ok)
}

/// The agent with its keys' ids.
fn show(config: &Config, show: &ShowArgs, out: &mut Output) -> Ended {
    let within = &show.named.within.engagement;
    let operation = Operation::Show {
        engagement: within.clone(),
        kind: KIND,
        id: show.named.name.clone(),
        history: show.history,
    };
    let (found, keys) = Desk::with(config, Opening::Existing, |desk| {
        let found = desk.rows(operation)?;
        let engagement = found.first().map(|row| row.engagement.clone());
        let kind = RegisterKind::AgentKey;
        Ok((found, desk.rows(Operation::List { engagement, kind, ended: show.history })?))
    })?;
    let keys: Vec<&RowView> = keys.iter().filter(|key| owned(key, &show.named.name)).collect();
    if out.is_json() {
        out.json(&json!({ "agent": found, "keys": keys }))?;
        return Ok(Exit::Ok);
    }
    rows::shown(&found, show.history, out)?;
    let mut table = Table::new(["key", "since", "author", "ended"]);
    for key in keys {
        let ended = if key.ended { key.valid_from.as_str() } else { "" };
        table.row([key.id.as_str(), &key.valid_from, &key.author, ended]);
    }
    out.line("")?;
    table.write(out, "it has no key: `chaperon agent rotate` makes one")?;
    Ok(Exit::Ok)
}

fn owned(key: &RowView, agent: &Name) -> bool {
    key.text("/agent") == agent.as_str()
}
