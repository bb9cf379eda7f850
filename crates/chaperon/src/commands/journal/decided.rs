//! What was decided of an exchange, and why: places of findings, never values.

use serde_json::Value;

use super::entries::{counts, plain};
use crate::Ended;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Table, safe};

/// Writes the decision of an exchange.
pub(super) fn write(found: &[Value], out: &mut Output) -> Ended {
    let Some(exchange) = found.first() else {
        return Err(Failure::failed("the answer is not the one that was asked for"));
    };
    if out.is_json() {
        out.json(exchange)?;
        return Ok(Exit::Ok);
    }
    facts(exchange).write(out, "")?;
    reasons(exchange, out)?;
    findings(exchange, out)?;
    Ok(Exit::Ok)
}

fn facts(exchange: &Value) -> Table {
    let text = |pointer: &str| plain(exchange.pointer(pointer));
    let opening = |field: &str| text(&format!("/opened/opening/{field}"));
    let mut table = Table::facts();
    table.fact("exchange", &text("/exchange"));
    table.fact("decision", &format!("{} ({})", opening("decision/verdict"), opening("decision/id")));
    table.fact("engagement", &opening("engagement"));
    table.fact("agent", &opening("agent"));
    table.fact("on behalf of", &opening("on_behalf_of"));
    table.fact("workflow", &format!("{} ({})", opening("workflow"), opening("purpose")));
    let service = format!("{}/{}", opening("destination/vendor"), opening("destination/service"));
    table.fact("to", &format!("{service} at {}", opening("destination/host")));
    let (asked, model) = (opening("model/requested"), opening("model/resolved"));
    table.fact("model", &if asked == model { model } else { format!("{model}, asked for as {asked}") });
    if exchange.pointer("/opened/opening/pool").is_some_and(Value::is_object) {
        table.fact("pool", &format!("{} version {}", opening("pool/id"), opening("pool/version")));
    }
    table.fact("first try", &opening("parent"));
    if exchange.pointer("/opened/opening/agreement").is_some_and(Value::is_object) {
        let (id, version) = (opening("agreement/id"), opening("agreement/version"));
        let row = opening("agreement/scope_row");
        table.fact("agreement", &format!("{id} version {version}, scope row {row}"));
    }
    let lists = [("allow", "lists/allow"), ("must-find", "lists/must_find")].map(|(list, field)| {
        let version = opening(field);
        if version.is_empty() { version } else { format!("{list} version {version}") }
    });
    table.fact("term lists", lists.join(" ").trim());
    table.fact("treated", &treated(exchange));
    table.fact("tells of", &counts(exchange.pointer("/opened/opening/tells")));
    let why = exchange.pointer("/opened/opening/residual/reasons").and_then(Value::as_array);
    let why: Vec<_> = why.into_iter().flatten().map(|reason| plain(Some(reason))).collect();
    let level = opening("residual/level");
    let told = if why.is_empty() { level } else { format!("{level} ({})", why.join(", ")) };
    table.fact("residual risk", &told);
    table.fact("policies", &opening("decision/policy_set"));
    table.fact("opened", &text("/opened/time"));
    table.fact("closed", &text("/closed/time"));
    let ended = text("/closed/closing/outcome");
    table.fact("outcome", if ended.is_empty() { "under way, or cut off" } else { &ended });
    table.fact("code", &text("/closed/closing/code"));
    table.fact("status", &text("/closed/closing/status"));
    table.fact("masked in the answer", &counts(exchange.pointer("/closed/closing/masked")));
    table.fact("receipt", &text("/receipt"));
    table
}

/// What policy obliged to, other than surrogates, and the reasons it gave: `DATE=shift (needs-intervals)`.
fn treated(exchange: &Value) -> String {
    let obligations = |name: &str| exchange.pointer(&format!("/opened/opening/decision/obligations/{name}"));
    let treatments = obligations("treatments").and_then(Value::as_object).into_iter().flatten();
    let treatments: Vec<_> = treatments.map(|(class, how)| format!("{class}={}", plain(Some(how)))).collect();
    let strip = obligations("strip").and_then(Value::as_array).into_iter().flatten();
    let treatments: Vec<_> =
        treatments.into_iter().chain(strip.map(|class| format!("{}=strip", plain(Some(class))))).collect();
    let why = obligations("reason_codes").and_then(Value::as_array).into_iter().flatten();
    let why: Vec<_> = why.map(|code| plain(Some(code))).collect();
    if why.is_empty() {
        treatments.join(" ")
    } else {
        format!("{} ({})", treatments.join(" "), why.join(", "))
    }
}

fn reasons(exchange: &Value, out: &mut Output) -> Result<(), Failure> {
    let reasons = exchange.pointer("/opened/opening/decision/reasons").and_then(Value::as_array);
    for reason in reasons.into_iter().flatten() {
        let code = plain(reason.get("code"));
        let explained = terms::explain(&code);
        out.line("")?;
        let title = explained.map_or("", |explained| explained.title);
        out.line(&format!("{}: {title}", safe(&code)))?;
        for (name, value) in [
            ("about ", plain(reason.get("detail"))),
            ("policy", plain(reason.get("policy"))),
            ("rule  ", explained.map_or("", |explained| explained.rule).to_owned()),
            ("help  ", explained.map_or("", |explained| explained.help).to_owned()),
        ] {
            if !value.is_empty() {
                out.line(&format!("  {name}  {}", safe(&value)))?;
            }
        }
    }
    Ok(())
}

fn findings(exchange: &Value, out: &mut Output) -> Result<(), Failure> {
    let pointers = exchange.pointer("/opened/opening/pointers/items").and_then(Value::as_array);
    let Some(pointers) = pointers.filter(|pointers| !pointers.is_empty()) else {
        return out.line("\nnothing was found in it");
    };
    let mut table = Table::new(["found", "where"]);
    for pointer in pointers {
        table.row([plain(pointer.get("class")), plain(pointer.get("pointer"))]);
    }
    out.line("")?;
    table.write(out, "")?;
    let total = plain(exchange.pointer("/opened/opening/pointers/total"));
    if total != pointers.len().to_string() {
        out.line(&format!("{total} in all"))?;
    }
    Ok(())
}
