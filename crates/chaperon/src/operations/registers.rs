//! Rows of the registers: put, end, list, show.

use std::fmt;

use governance::{
    Agent, AgentKey, Agreement, Body, Budget, Change, Credential, Engagement, EngagementState, Policy, Pool,
    RegisterKind, Registers, Service, StoredRow, TermList, Vendor, add_row, end_row, next_row, read_body,
};
use terms::{EngagementId, Name};

use super::author::Author;
use super::{Answer, Operation, RowView};
use crate::failure::Failure;
use crate::house::{House, key_failure, recorded_by, register_failure};

/// Does what changes rows.
pub(super) async fn change(house: &House, operation: Operation, uid: u32) -> Result<Answer, Failure> {
    match operation {
        Operation::Put { engagement, kind, id, body, replace, note } => {
            let author = Author::of(&note, uid, if replace { "changed" } else { "added" });
            put(house, engagement, kind, &id, &body.to_string(), replace, &author).await
        }
        Operation::End { engagement, kind, id, note } => {
            let engagement = within(house, engagement, kind, &id)?;
            end(house, &engagement, kind, &id, &Author::of(&note, uid, "ended")).await
        }
        Operation::State { engagement, state, note } => {
            let author = Author::of(&note, uid, state.as_str());
            set_state(house, &engagement, state, &author).await
        }
        _ => Err(Failure::failed("this operation changes no row")),
    }
}

async fn put(
    house: &House,
    engagement: Option<EngagementId>,
    kind: RegisterKind,
    id: &Name,
    body: &str,
    replace: bool,
    author: &Author,
) -> Result<Answer, Failure> {
    let engagement = within(house, engagement, kind, id)?;
    if kind == RegisterKind::Engagement {
        read_body::<Engagement>(body).map_err(|error| Failure::refused(error.to_string()))?;
        house.keyring.ensure_engagement(&engagement).map_err(|error| key_failure(&error))?;
    } else {
        present(&house.snapshot.load().registers, &engagement)?;
    }
    let row = match kind {
        RegisterKind::Engagement => typed::<Engagement>(house, &engagement, id, body, replace, author).await,
        RegisterKind::Vendor => typed::<Vendor>(house, &engagement, id, body, replace, author).await,
        RegisterKind::Service => typed::<Service>(house, &engagement, id, body, replace, author).await,
        RegisterKind::Agreement => typed::<Agreement>(house, &engagement, id, body, replace, author).await,
        RegisterKind::Agent => typed::<Agent>(house, &engagement, id, body, replace, author).await,
        RegisterKind::Budget => typed::<Budget>(house, &engagement, id, body, replace, author).await,
        RegisterKind::Pool => typed::<Pool>(house, &engagement, id, body, replace, author).await,
        RegisterKind::Policy => {
            checked_policy(body)?;
            typed::<Policy>(house, &engagement, id, body, replace, author).await
        }
        _ => Err(Failure::refused("rows of this register are made by commands of their own")),
    }?;
    Ok(Answer::Rows(vec![RowView::new(&row)]))
}

async fn typed<T: Body>(
    house: &House,
    engagement: &EngagementId,
    id: &Name,
    body: &str,
    replace: bool,
    author: &Author,
) -> Result<StoredRow, Failure> {
    let body: T = read_body(body).map_err(|error| Failure::refused(error.to_string()))?;
    house
        .change(|registers, now| {
            let change = Change { author: &author.name, reason: &author.reason, now };
            let built = if replace {
                next_row(registers, engagement, id, &body, change)
            } else {
                add_row(registers, engagement, id, &body, change)
            };
            built.map_err(|error| register_failure(&error))
        })
        .await
}

/// A policy that the house can't read would deny everything: it is not recorded.
fn checked_policy(body: &str) -> Result<(), Failure> {
    let policy: Policy = read_body(body).map_err(|error| Failure::refused(error.to_string()))?;
    crate::house::policy(&policy.text)
}

async fn set_state(
    house: &House,
    engagement: &EngagementId,
    state: EngagementState,
    author: &Author,
) -> Result<Answer, Failure> {
    let id = name(engagement)?;
    let row = house
        .change(|registers, now| {
            let current = present(registers, engagement)?;
            let body = Engagement { state, ..current };
            let change = Change { author: &author.name, reason: &author.reason, now };
            next_row(registers, engagement, &id, &body, change).map_err(|error| register_failure(&error))
        })
        .await?;
    Ok(Answer::Rows(vec![RowView::new(&row)]))
}

async fn end(
    house: &House,
    engagement: &EngagementId,
    kind: RegisterKind,
    id: &Name,
    author: &Author,
) -> Result<Answer, Failure> {
    let mut rows = Vec::new();
    match kind {
        RegisterKind::Engagement => rows.push(end_typed::<Engagement>(house, engagement, id, author).await?),
        RegisterKind::Vendor => {
            unused(&house.snapshot.load().registers, engagement, id)?;
            rows.push(end_typed::<Vendor>(house, engagement, id, author).await?);
        }
        RegisterKind::Service => {
            rows.push(end_typed::<Service>(house, engagement, id, author).await?);
            if house.snapshot.load().registers.current::<Credential>(engagement, id.as_str()).is_some() {
                rows.push(end_typed::<Credential>(house, engagement, id, author).await?);
            }
        }
        RegisterKind::Agreement => rows.push(end_typed::<Agreement>(house, engagement, id, author).await?),
        RegisterKind::Agent => {
            rows.push(end_typed::<Agent>(house, engagement, id, author).await?);
            rows.extend(end_keys(house, engagement, id, |_| true, author).await?);
        }
        RegisterKind::Budget => rows.push(end_typed::<Budget>(house, engagement, id, author).await?),
        RegisterKind::Pool => rows.push(end_typed::<Pool>(house, engagement, id, author).await?),
        RegisterKind::Policy => rows.push(end_typed::<Policy>(house, engagement, id, author).await?),
        RegisterKind::TermList => rows.push(end_typed::<TermList>(house, engagement, id, author).await?),
        _ => return Err(Failure::refused("rows of this register end by commands of their own")),
    }
    Ok(Answer::Rows(rows.iter().map(RowView::new).collect()))
}

async fn end_typed<T: Body>(
    house: &House,
    engagement: &EngagementId,
    id: &Name,
    author: &Author,
) -> Result<StoredRow, Failure> {
    house
        .change(|registers, now| {
            let change = Change { author: &author.name, reason: &author.reason, now };
            end_row::<T>(registers, engagement, id, change).map_err(|error| register_failure(&error))
        })
        .await
}

/// Ends keys of an agent that `chosen` picks.
pub(super) async fn end_keys(
    house: &House,
    engagement: &EngagementId,
    agent: &Name,
    chosen: impl Fn(&Name) -> bool,
    author: &Author,
) -> Result<Vec<StoredRow>, Failure> {
    let keys: Vec<Name> = house
        .snapshot
        .load()
        .registers
        .list::<AgentKey>(engagement)
        .filter(|key| key.body.agent.as_str() == agent.as_str() && chosen(&key.id))
        .map(|key| key.id.clone())
        .collect();
    let mut ended = Vec::with_capacity(keys.len());
    for key in keys {
        ended.push(end_typed::<AgentKey>(house, engagement, &key, author).await?);
    }
    Ok(ended)
}

/// A vendor whose services are there does not end.
fn unused(registers: &Registers, engagement: &EngagementId, vendor: &Name) -> Result<(), Failure> {
    let services: Vec<String> = registers
        .list::<Service>(engagement)
        .filter(|service| service.body.vendor.as_str() == vendor.as_str())
        .map(|service| format!("`{}`", service.id))
        .collect();
    if services.is_empty() {
        return Ok(());
    }
    Err(Failure::refused(format!("vendor `{vendor}` still has services: {}", services.join(", ")))
        .help("end them first with `chaperon service end`"))
}

/// The newest version of each row, in order of engagement and name.
pub(super) async fn list(
    house: &House,
    engagement: Option<EngagementId>,
    kind: RegisterKind,
    ended: bool,
) -> Result<Answer, Failure> {
    if let Some(engagement) = &engagement {
        known(&house.snapshot.load().registers, engagement)?;
    }
    let rows = house.rows().await?;
    let shown = rows.iter().filter(|row| {
        row.kind == kind
            && row.valid_to.is_none()
            && (ended || !row.ended)
            && engagement.as_ref().is_none_or(|engagement| row.engagement == *engagement)
    });
    Ok(Answer::Rows(shown.map(RowView::new).collect()))
}

/// One row, with all of its versions when asked.
pub(super) async fn show(
    house: &House,
    engagement: Option<EngagementId>,
    kind: RegisterKind,
    id: &Name,
    history: bool,
) -> Result<Answer, Failure> {
    let engagement = within(house, engagement, kind, id)?;
    known(&house.snapshot.load().registers, &engagement)?;
    let rows = house.rows().await?;
    let versions =
        rows.iter().filter(|row| row.engagement == engagement && row.kind == kind && row.id == *id);
    let shown: Vec<RowView> =
        versions.filter(|row| history || row.valid_to.is_none()).map(RowView::new).collect();
    if shown.is_empty() {
        return Err(no_row(kind, id, &engagement));
    }
    Ok(Answer::Rows(shown))
}

/// The engagement that is meant: the one that is named, or the only one.
pub(super) fn within(
    house: &House,
    engagement: Option<EngagementId>,
    kind: RegisterKind,
    id: &Name,
) -> Result<EngagementId, Failure> {
    if kind == RegisterKind::Engagement {
        return id.as_str().parse().map_err(|_| Failure::refused("this is no name of an engagement"));
    }
    match engagement {
        Some(engagement) => Ok(engagement),
        None => only(house),
    }
}

/// The only engagement there is.
pub(super) fn only(house: &House) -> Result<EngagementId, Failure> {
    let snapshot = house.snapshot.load();
    let registers = &snapshot.registers;
    let mut engagements = registers.engagements();
    match (engagements.next(), engagements.next()) {
        (Some(one), None) => Ok(one.engagement.clone()),
        (None, _) => {
            Err(Failure::refused("there is no engagement yet")
                .help("begin one with `chaperon engagement add`"))
        }
        (Some(_), Some(_)) => {
            Err(Failure::usage("there is more than one engagement: name one with `--engagement`")
                .help("`chaperon engagement list` lists them"))
        }
    }
}

pub(super) fn present(registers: &Registers, engagement: &EngagementId) -> Result<Engagement, Failure> {
    match registers.engagement(engagement) {
        Some(row) => Ok(row.body.clone()),
        None => Err(absent(engagement)),
    }
}

/// An engagement that is there, or was.
fn known(registers: &Registers, engagement: &EngagementId) -> Result<(), Failure> {
    if registers.history::<Engagement>(engagement, engagement.as_str()).is_empty() {
        return Err(absent(engagement));
    }
    Ok(())
}

/// A row that is asked for and not there.
pub(super) fn no_row(kind: RegisterKind, id: &impl fmt::Display, engagement: &EngagementId) -> Failure {
    Failure::refused(format!("there is no {kind} `{id}` in engagement `{engagement}`"))
        .help(recorded_by(kind))
}

fn absent(engagement: &EngagementId) -> Failure {
    Failure::refused(format!("there is no engagement `{engagement}`"))
        .help("`chaperon engagement list` lists them; begin one with `chaperon engagement add`")
}

fn name(engagement: &EngagementId) -> Result<Name, Failure> {
    engagement.as_str().parse().map_err(|_| Failure::failed("an engagement's name is a name"))
}
