//! preview

mod difference;

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;
use zeroize::Zeroizing;

use super::journal::plain;
use crate::Ended;
use crate::cli::Preview;
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::{Failure, why};
use crate::house::{Desk, Opening};
use crate::operations::{Answer, Operation, Secret};
use crate::output::{Output, Table};

/// The longest body that is handed on: with its escapes, and as an answer, it must fit in a line of the admin socket.
const LARGEST: u64 = 1 << 20;

pub(super) fn run(config: &Config, preview: &Preview, out: &mut Output) -> Ended {
    let body = read(preview.body.as_deref())?;
    let operation = Operation::Preview {
        engagement: preview.within.engagement.clone(),
        agent: preview.agent.clone(),
        path: preview.path.clone(),
        content_type: preview.content_type.clone(),
        on_behalf_of: preview.on_behalf_of.clone(),
        session: preview.session.clone(),
        body: Secret::new(&body),
    };
    let answer = Desk::with(config, Opening::Existing, |desk| desk.ask(operation))?;
    let not_it = || Failure::failed("the answer is not the one that was asked for");
    let Answer::Preview(page) = answer else { return Err(not_it()) };
    let page: Value = serde_json::from_str(page.expose()).map_err(|_error| not_it())?;
    if out.is_json() {
        out.json(&page)?;
    } else {
        decided(&page, out)?;
        tried(&page, out)?;
        found(&page, out)?;
        told(&page, out)?;
        changed(&page, &body, out)?;
    }
    Ok(Exit::Ok)
}

fn read(path: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let path = path.filter(|path| path.as_os_str() != "-");
    let shown = path.map_or_else(|| "standard input".to_owned(), |path| format!("`{}`", path.display()));
    let unread = |error: std::io::Error| Failure::usage(format!("{shown} can't be read: {}", why(&error)));
    let mut body = Zeroizing::new(String::new());
    let read = match path {
        None => std::io::stdin().take(LARGEST + 1).read_to_string(&mut body),
        Some(path) => {
            std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut body))
        }
    };
    read.map_err(unread)?;
    if body.len() as u64 > LARGEST {
        return Err(Failure::usage(format!("{shown} is longer than 1 MiB"))
            .help("ask the server for it with the agent's key: `/preview` before the endpoint's path"));
    }
    Ok(body)
}

fn decided(page: &Value, out: &mut Output) -> Result<(), Failure> {
    let text = |pointer: &str| plain(page.pointer(pointer));
    out.line(&format!("{}: {} ({})", text("/verdict"), text("/title"), text("/code")))?;
    out.line("nothing was sent\n")?;
    let mut facts = Table::facts();
    for (name, value) in [
        ("about", text("/detail")),
        ("status", text("/status")),
        ("rule", text("/rule")),
        ("what to do", text("/help")),
        ("agent", format!("{} of {}", text("/agent"), text("/engagement"))),
        ("workflow", format!("{}, {}", text("/workflow"), text("/purpose"))),
        ("on behalf of", text("/on_behalf_of")),
        ("features", words(page.get("features"))),
        ("because", words_of(page.pointer("/decision/reasons"), "code")),
        ("residual risk", risk(page)),
        ("policy", text("/decision/policy_set")),
        ("on record", text("/receipt")),
    ] {
        facts.fact(name, &value);
    }
    facts.write(out, "")
}

/// What would be left of a person: `elevated (condition.rare)`.
fn risk(page: &Value) -> String {
    let level = plain(page.pointer("/residual/level"));
    let reasons = words(page.pointer("/residual/reasons"));
    if reasons.is_empty() { level } else { format!("{level} ({reasons})") }
}

fn tried(page: &Value, out: &mut Output) -> Result<(), Failure> {
    let Some(tries) = page.get("tries").and_then(Value::as_array) else { return Ok(()) };
    let mut table = Table::new(["service", "model", "agreement", "verdict", "because", "now"]);
    for one in tries {
        let text = |pointer: &str| plain(one.pointer(pointer));
        let now = if one.get("resting") == Some(&Value::Bool(true)) { "left alone" } else { "" };
        let (service, reasons) = (format!("{}/{}", text("/vendor"), text("/service")), one.get("reasons"));
        let agreement = match one.pointer("/agreement/id") {
            Some(_) => format!("{} version {}", text("/agreement/id"), text("/agreement/version")),
            None => String::new(),
        };
        let codes = words_of(reasons, "code");
        table.row([&service, &text("/model"), &agreement, &text("/verdict"), &codes, now]);
    }
    out.line("\nservices, in the order in which they would be asked")?;
    table.write(out, "")
}

fn found(page: &Value, out: &mut Output) -> Result<(), Failure> {
    let Some(findings) = page.get("findings").and_then(Value::as_array) else { return Ok(()) };
    let mut table = Table::new(["where", "characters", "class", "recogniser", "sure", "treatment"]);
    for one in findings {
        let text = |name: &str| plain(one.get(name));
        let span = format!("{}-{}", text("start"), text("end"));
        let sure = format!("{} %", text("confidence"));
        table.row([&text("pointer"), &span, &text("class"), &text("recognizer"), &sure, &text("treatment")]);
    }
    out.line("\nfindings")?;
    table.write(out, "nothing was found")
}

fn told(page: &Value, out: &mut Output) -> Result<(), Failure> {
    let told = page.get("told").and_then(Value::as_array).filter(|told| !told.is_empty());
    let Some(told) = told else { return Ok(()) };
    let mut table = Table::new(["where", "characters", "tells of", "rule", "sure", "stripped"]);
    for one in told {
        let text = |name: &str| plain(one.get(name));
        let span = format!("{}-{}", text("start"), text("end"));
        let sure = format!("{} %", text("confidence"));
        let stripped = if one.get("stripped") == Some(&Value::Bool(true)) { "yes" } else { "" };
        table.row([&text("pointer"), &span, &text("class"), &text("rule"), &sure, stripped]);
    }
    out.line("\nwhat it tells of health")?;
    table.write(out, "")
}

fn changed(page: &Value, body: &str, out: &mut Output) -> Result<(), Failure> {
    let Some(leaving) = page.get("body").and_then(Value::as_str) else {
        return match page.get("bytes").and_then(Value::as_u64) {
            Some(bytes) => out.line(&format!("\n{bytes} bytes would leave, which are no text")),
            None => Ok(()),
        };
    };
    out.line("\nwhat changes before it leaves (- as it came, + as it would leave)")?;
    let lines = difference::between(body, leaving);
    if lines.is_empty() {
        out.line("nothing")?;
    }
    lines.iter().try_for_each(|line| out.line(&crate::output::safe(line)))
}

fn words(list: Option<&Value>) -> String {
    let words = list.and_then(Value::as_array).into_iter().flatten();
    words.map(|word| plain(Some(word))).collect::<Vec<_>>().join(", ")
}

fn words_of(list: Option<&Value>, name: &str) -> String {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.map(|item| plain(item.get(name))).collect::<Vec<_>>().join(", ")
}
