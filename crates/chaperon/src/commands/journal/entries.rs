//! Entries of the record, one line each or whole.

use serde_json::Value;
use terms::UtcMillis;

use crate::Ended;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Table, safe};

/// A table, or one JSON object a line.
pub(super) fn write(entries: &[Value], out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return lines(entries, out);
    }
    let mut table = Table::new(["position", "time", "kind", "what"]);
    for entry in entries {
        table.row(cells(entry));
    }
    table.write(out, "the record is empty")
}

/// Entries that came later: rows without headings.
pub(super) fn write_more(entries: &[Value], out: &mut Output) -> Result<(), Failure> {
    if out.is_json() {
        return lines(entries, out);
    }
    for entry in entries {
        let [position, time, kind, what] = cells(entry);
        out.line(&format!("{position:<9} {time}  {kind:<8} {}", safe(&what)))?;
    }
    Ok(())
}

fn lines(entries: &[Value], out: &mut Output) -> Result<(), Failure> {
    entries.iter().try_for_each(|entry| out.json_line(entry))
}

/// Whole entries, indented.
pub(super) fn write_whole(entries: &[Value], out: &mut Output) -> Ended {
    for entry in entries {
        if out.is_json() {
            out.json(entry)?;
            continue;
        }
        let text = serde_json::to_string_pretty(entry)
            .map_err(|_| Failure::failed("the entry can't be written as JSON"))?;
        for line in text.lines() {
            out.line(&safe(line))?;
        }
    }
    Ok(Exit::Ok)
}

/// The position after the last of `entries`.
pub(super) fn after(entries: &[Value], otherwise: u64) -> u64 {
    entries.last().and_then(|entry| entry.get("position")?.as_u64()).map_or(otherwise, |last| last + 1)
}

fn cells(entry: &Value) -> [String; 4] {
    let text = |pointer: &str| plain(entry.pointer(pointer));
    [text("/position"), text("/time"), text("/kind"), what(entry)]
}

/// One line of what an entry says.
fn what(entry: &Value) -> String {
    let text = |pointer: &str| plain(entry.pointer(pointer));
    match entry.get("kind").and_then(Value::as_str) {
        Some("opening") => format!(
            "{} {} {} -> {}/{} {} ({})",
            text("/entry/exchange"),
            text("/entry/engagement"),
            text("/entry/agent"),
            text("/entry/destination/vendor"),
            text("/entry/destination/service"),
            text("/entry/decision/verdict"),
            reasons(entry.pointer("/entry/decision/reasons")),
        ),
        Some("closing") => format!(
            "{} {} {}",
            text("/entry/exchange"),
            text("/entry/closing/outcome"),
            text("/entry/closing/code"),
        ),
        Some("control") => control(entry),
        Some("segment") => format!("segment {}", text("/entry/segment")),
        Some("key") => format!("key {}", text("/entry/key")),
        Some("shredded") => "its key was destroyed".to_owned(),
        _ => "can't be read by this version".to_owned(),
    }
}

fn control(entry: &Value) -> String {
    let text = |pointer: &str| plain(entry.pointer(pointer));
    if text("/entry/what") == "register-change" {
        return format!(
            "{} `{}` of {} version {} by {}: {}",
            text("/entry/register"),
            text("/entry/id"),
            text("/entry/engagement"),
            text("/entry/version"),
            text("/entry/author"),
            text("/entry/reason"),
        );
    }
    let fields = entry.get("entry").and_then(Value::as_object);
    let fields = fields.into_iter().flatten().map(|(name, value)| match name.as_str() {
        "what" => plain(Some(value)),
        name @ ("since" | "until") => format!("{name}={}", moment(value)),
        name => format!("{name}={}", plain(Some(value))),
    });
    fields.collect::<Vec<_>>().join(" ")
}

/// A moment that the entry holds in milliseconds, as times are shown.
fn moment(value: &Value) -> String {
    value.as_u64().map_or_else(|| plain(Some(value)), |millis| UtcMillis(millis).to_string())
}

/// Codes of reasons, joined, each once.
pub(super) fn reasons(reasons: Option<&Value>) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for reason in reasons.and_then(Value::as_array).into_iter().flatten() {
        codes.extend(reason.get("code").and_then(Value::as_str).filter(|code| !codes.contains(code)));
    }
    codes.join(", ")
}

/// Classes with their counts: `MRN 2, NAME 1`.
pub(in crate::commands) fn counts(counts: Option<&Value>) -> String {
    let counts = counts.and_then(Value::as_object).into_iter().flatten();
    counts.map(|(class, count)| format!("{class} {count}")).collect::<Vec<_>>().join(", ")
}

/// A value as text, without quotes; empty where there is none.
pub(in crate::commands) fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
