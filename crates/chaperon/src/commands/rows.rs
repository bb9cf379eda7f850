//! What the register commands share: recording, ending, listing and showing rows.

use governance::{Body, RegisterKind};
use serde_json::Value;
use terms::{EngagementId, Name};

use crate::Ended;
use crate::cli::{EndArgs, ListArgs, Noun, RowCommand, ShowArgs, Signed};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::house::{Desk, Opening};
use crate::operations::{Note, Operation, RowView};
use crate::output::{Output, Table, safe};

impl From<&Signed> for Note {
    fn from(signed: &Signed) -> Self {
        Self { author: signed.author.clone(), reason: signed.reason.clone() }
    }
}

/// A row to record.
pub(super) fn put<T: Body>(
    engagement: Option<EngagementId>,
    id: &Name,
    body: &T,
    replace: bool,
    signed: &Signed,
) -> Result<Operation, Failure> {
    let body = serde_json::to_value(body).map_err(|_| Failure::failed("the row can't be written as JSON"))?;
    Ok(Operation::Put { engagement, kind: T::KIND, id: id.clone(), body, replace, note: signed.into() })
}

/// Asks for a change in a house that is there, and says what was done.
pub(super) fn change(config: &Config, operation: Operation, done: &str, out: &mut Output) -> Ended {
    let rows = Desk::with(config, Opening::Existing, |desk| desk.rows(operation))?;
    changed(&rows, done, out)
}

/// Says that a row was recorded, and what somebody should know of it.
pub(super) fn recorded(rows: &[RowView], warnings: &[String], out: &mut Output) -> Ended {
    if out.is_json() && !warnings.is_empty() {
        let mut row = serde_json::to_value(rows.first())
            .map_err(|_| Failure::failed("the answer can't be written as JSON"))?;
        if let Some(row) = row.as_object_mut() {
            row.insert("warnings".to_owned(), warnings.into());
        }
        out.json(&row)?;
        return Ok(Exit::Ok);
    }
    changed(rows, "recorded", out)?;
    warnings.iter().try_for_each(|warning| out.line(&format!("warning: {}", safe(warning))))?;
    Ok(Exit::Ok)
}

/// Says what was done to rows.
pub(super) fn changed(rows: &[RowView], done: &str, out: &mut Output) -> Ended {
    if out.is_json() {
        match rows {
            [row] => out.json(row)?,
            rows => out.json(&rows)?,
        }
        return Ok(Exit::Ok);
    }
    for row in rows {
        out.line(&format!("{} `{}` {done}, version {}", said(row.kind), row.id, row.version))?;
    }
    Ok(Exit::Ok)
}

/// A register's noun, as people say it.
fn said(kind: RegisterKind) -> String {
    kind.as_str().replace('-', " ")
}

/// Does what any register's noun can do with its rows.
pub(super) fn run<N: Noun>(
    config: &Config,
    kind: RegisterKind,
    columns: &[Column],
    command: &RowCommand<N>,
    out: &mut Output,
) -> Ended {
    match command {
        RowCommand::List(list) => self::list(config, kind, list, columns, out),
        RowCommand::Show(show) => self::show(config, kind, show, out),
        RowCommand::End(end) => self::end(config, kind, end, out),
        RowCommand::Words(never, _) => match *never {},
    }
}

/// Ends a row.
pub(super) fn end(config: &Config, kind: RegisterKind, end: &EndArgs, out: &mut Output) -> Ended {
    let EndArgs { named, signed } = end;
    let operation = Operation::End {
        engagement: named.within.engagement.clone(),
        kind,
        id: named.name.clone(),
        note: signed.into(),
    };
    change(config, operation, "ended", out)
}

/// Heading of a column and the pointer to its value in the body.
pub(super) type Column = (&'static str, &'static str);

/// Lists rows.
pub(super) fn list(
    config: &Config,
    kind: RegisterKind,
    list: &ListArgs,
    columns: &[Column],
    out: &mut Output,
) -> Ended {
    listed(&newest(config, kind, list)?, kind, columns, out)
}

/// The newest version of the rows that are to be listed.
pub(super) fn newest(config: &Config, kind: RegisterKind, list: &ListArgs) -> Result<Vec<RowView>, Failure> {
    let operation = Operation::List { engagement: list.within.engagement.clone(), kind, ended: list.all };
    Desk::with(config, Opening::Existing, |desk| desk.rows(operation))
}

/// Writes a list of rows; the column of engagements only where there are several.
pub(super) fn listed(rows: &[RowView], kind: RegisterKind, columns: &[Column], out: &mut Output) -> Ended {
    if out.is_json() {
        out.json(&rows)?;
        return Ok(Exit::Ok);
    }
    let several = kind != RegisterKind::Engagement
        && rows.first().is_some_and(|first| rows.iter().any(|row| row.engagement != first.engagement));
    let ended = rows.iter().any(|row| row.ended);
    let mut headings = vec!["name"];
    headings.extend(several.then_some("engagement"));
    headings.extend(columns.iter().map(|(heading, _)| *heading));
    headings.push("version");
    headings.extend(ended.then_some("ended"));
    let mut table = Table::new(headings);
    for row in rows {
        let mut cells = vec![row.id.to_string()];
        cells.extend(several.then(|| row.engagement.to_string()));
        cells.extend(columns.iter().map(|(_, pointer)| row.text(pointer)));
        cells.push(row.version.to_string());
        cells.extend(ended.then(|| if row.ended { row.valid_from.clone() } else { String::new() }));
        table.row(cells);
    }
    table.write(out, &format!("no {} is recorded", said(kind)))?;
    Ok(Exit::Ok)
}

/// Shows one row.
fn show(config: &Config, kind: RegisterKind, show: &ShowArgs, out: &mut Output) -> Ended {
    shown(&versions(config, kind, show)?, show.history, out)
}

/// The versions of the row that is to be shown.
pub(super) fn versions(
    config: &Config,
    kind: RegisterKind,
    show: &ShowArgs,
) -> Result<Vec<RowView>, Failure> {
    let operation = Operation::Show {
        engagement: show.named.within.engagement.clone(),
        kind,
        id: show.named.name.clone(),
        history: show.history,
    };
    Desk::with(config, Opening::Existing, |desk| desk.rows(operation))
}

/// Writes the versions of a row: the newest first.
pub(super) fn shown(rows: &[RowView], history: bool, out: &mut Output) -> Ended {
    if out.is_json() {
        match rows {
            [row] if !history => out.json(row)?,
            rows => out.json(&rows)?,
        }
        return Ok(Exit::Ok);
    }
    for (index, row) in rows.iter().rev().enumerate() {
        if index > 0 {
            out.line("")?;
        }
        facts(row).write(out, "")?;
    }
    Ok(Exit::Ok)
}

fn facts(row: &RowView) -> Table {
    let mut table = Table::facts();
    table.fact(row.kind.as_str(), row.id.as_str());
    if row.kind != RegisterKind::Engagement {
        table.fact("engagement", row.engagement.as_str());
    }
    table.fact("version", &row.version.to_string());
    table.fact(if row.ended { "ended" } else { "since" }, &row.valid_from);
    table.fact("until", row.valid_to.as_deref().unwrap_or_default());
    table.fact("author", &row.author);
    table.fact("reason", &row.reason);
    flatten("", &row.body, &mut |name, value| table.fact(name, value));
    table
}

/// Every leaf of a value, under its path: `terms.no_training`, `scope[0].model`.
fn flatten(path: &str, value: &Value, leaf: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, leaf);
            }
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            leaf(path, &items.join(", "));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&format!("{path}[{index}]"), item, leaf);
            }
        }
        Value::Null => {}
        Value::String(text) => leaf(path, text),
        other => leaf(path, &other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_flattened_to_its_leaves() {
        let body = serde_json::json!({
            "title": "x", "none": null, "terms": { "no_training": true }, "regions": ["us", "eu"],
            "scope": [{ "model": "*" }, { "model": "m" }],
        });
        let mut leaves = Vec::new();
        flatten("", &body, &mut |name, value| leaves.push(format!("{name}={value}")));
        assert_eq!(
            leaves,
            ["title=x", "terms.no_training=true", "regions=us, eu", "scope[0].model=*", "scope[1].model=m"]
        );
    }
}
