//! A row as it is to be recorded. Of one that is there, what the version before says is said again or let go in so many
//! words: a version holds the whole row, and nobody should lose an account or a price by leaving out an option.

use governance::Body;
use serde_json::Value;
use terms::{EngagementId, Name};

use super::rows;
use crate::cli::{Entry, Replacing, Signed};
use crate::failure::Failure;
use crate::house::Desk;
use crate::operations::{Operation, RowView};

/// Where a row is recorded, and how.
pub(super) struct Place<'a> {
    pub(super) engagement: Option<EngagementId>,
    pub(super) id: &'a Name,
    pub(super) replacing: &'a Replacing,
    pub(super) signed: &'a Signed,
}

impl Entry {
    /// Where this entry puts a row of this name.
    pub(super) fn place<'a>(&'a self, id: &'a Name) -> Place<'a> {
        let engagement = self.within.engagement.clone();
        Place { engagement, id, replacing: &self.replacing, signed: &self.signed }
    }
}

impl Place<'_> {
    /// Records a row; `compare` names the options by which the version before said something.
    ///
    /// # Errors
    /// A refusal that lists what would be lost, where `--drop` does not let it go.
    pub(super) fn record<T: Body>(
        self,
        desk: &mut Desk,
        body: &T,
        compare: impl FnOnce(&mut Before<'_>),
    ) -> Result<Vec<RowView>, Failure> {
        let Self { engagement, id, replacing, signed } = self;
        let operation = rows::put(engagement.clone(), id, body, replacing.replace, signed)?;
        if replacing.replace && !replacing.drop {
            let lost = self::lost(desk, engagement, &operation, compare)?;
            if !lost.is_empty() {
                let message = format!("{} `{id}` has what is not said again: {}", T::KIND, lost.join(", "));
                return Err(Failure::refused(message).help("say it again, or let it go with `--drop`"));
            }
        }
        desk.rows(operation)
    }
}

/// What the newest version says and the one to be recorded does not; nothing where there is none that holds.
fn lost(
    desk: &mut Desk,
    engagement: Option<EngagementId>,
    operation: &Operation,
    compare: impl FnOnce(&mut Before<'_>),
) -> Result<Vec<String>, Failure> {
    let Operation::Put { kind, id, body, .. } = operation else { return Ok(Vec::new()) };
    let rows = desk.rows(Operation::List { engagement, kind: *kind, ended: false })?;
    let Some(old) = rows.iter().find(|row| row.id == *id) else { return Ok(Vec::new()) };
    let mut before = Before { old: &old.body, new: body, lost: Vec::new() };
    compare(&mut before);
    Ok(before.lost)
}

/// The version before and the one to be recorded.
pub(super) struct Before<'a> {
    old: &'a Value,
    new: &'a Value,
    lost: Vec<String>,
}

impl Before<'_> {
    /// An option that was given or not, and where the row keeps what it says.
    pub(super) fn option(&mut self, option: &str, given: bool, pointer: &str) {
        let Some(old) = self.old.pointer(pointer).filter(|old| says(old)) else { return };
        if !given && self.new.pointer(pointer) != Some(old) {
            self.lost.push(written(option, &plain(old)));
        }
    }

    /// An option whose row may also say that nothing at all is let: `nothing`.
    pub(super) fn bound(&mut self, option: &str, pointer: &str) {
        let set = |row: &Value| row.pointer(pointer).is_some_and(Value::is_array);
        if set(self.old) && !set(self.new) {
            let names: Vec<String> = items(self.old.pointer(pointer)).map(plain).collect();
            let names = if names.is_empty() { "nothing".to_owned() } else { names.join(",") };
            self.lost.push(written(option, &names));
        }
    }

    /// What the version before says at a place.
    pub(super) fn said(&self, pointer: &str) -> Option<&Value> {
        self.old.pointer(pointer)
    }

    /// An option that is repeated, each time for what has another name.
    pub(super) fn each(&mut self, option: &str, pointer: &str, name: impl Fn(&Value) -> String) {
        let names = |value: &Value| items(value.pointer(pointer)).map(&name).collect::<Vec<_>>();
        let new = names(self.new);
        for gone in names(self.old).iter().filter(|old| !new.contains(old)) {
            self.lost.push(written(option, gone));
        }
    }

    /// Objects under a pointer that both versions have, by name.
    pub(super) fn both(&self, pointer: &str) -> Vec<(Value, Value)> {
        let new: Vec<&Value> = items(self.new.pointer(pointer)).collect();
        let same = |old: &Value| new.iter().find(|new| new.get("name") == old.get("name"));
        let pairs =
            items(self.old.pointer(pointer)).filter_map(|old| Some((old.clone(), (*same(old)?).clone())));
        pairs.collect()
    }

    /// What was found to be lost.
    pub(super) fn lose(&mut self, option: &str, value: &str) {
        self.lost.push(written(option, value));
    }
}

fn items(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

/// Whether a value says anything: what is false, empty or any does not.
fn says(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty() && text != "*",
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// The option as it would be given again; of one without a value, alone.
fn written(option: &str, value: &str) -> String {
    let flag = value.is_empty() || option.trim_start_matches('-') == value;
    if flag { format!("`{option}`") } else { format!("`{option} {value}`") }
}

/// A value as an option has it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Bool(_) | Value::Null => String::new(),
        Value::Object(fields) => fields.get("name").map(plain).unwrap_or_default(),
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_said_again_is_lost() {
        let old = json!({ "account": "org-42", "tier": null, "retention": "*", "placement": "on-premises",
            "training": true, "product": "x", "aliases": ["a", "b"], "models": [{ "name": "m" }, { "name": "n" }] });
        let new = json!({ "placement": "vendor", "training": false, "product": "x", "account": "org-7",
            "aliases": ["b"], "models": [{ "name": "n" }] });
        let mut before = Before { old: &old, new: &new, lost: Vec::new() };
        before.option("--account", true, "/account");
        before.option("--account", false, "/account");
        for (option, pointer) in [
            ("--tier", "/tier"),
            ("--retention", "/retention"),
            ("--on-premises", "/placement"),
            ("--no-training", "/training"),
            ("--product", "/product"),
            ("--nothing", "/nothing"),
        ] {
            before.option(option, false, pointer);
        }
        before.each("--alias", "/aliases", plain);
        before.each("--model", "/models", plain);
        assert_eq!(before.both("/models").len(), 1);
        assert_eq!(
            before.lost,
            ["`--account org-42`", "`--on-premises`", "`--no-training`", "`--alias a`", "`--model m`"]
        );
    }
}
