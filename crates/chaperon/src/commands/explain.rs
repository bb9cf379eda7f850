//! explain: a code of the catalogue, or what was decided of an exchange.

use terms::{CATALOGUE, ExchangeId, Explanation};

use crate::Ended;
use crate::cli::{Explain, Global};
use crate::config::nearest;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, Table, safe};

pub(super) fn run(global: &Global, explain: &Explain, out: &mut Output) -> Ended {
    let Some(subject) = explain.subject.as_deref() else {
        return all(out);
    };
    if let Some(explanation) = terms::explain(subject) {
        return one(explanation, out);
    }
    if let Ok(exchange) = subject.parse::<ExchangeId>() {
        return super::journal::explain(global, exchange, out);
    }
    let codes: Vec<String> = CATALOGUE.iter().map(|entry| entry.code.to_string()).collect();
    let failure = Failure::refused(format!("`{subject}` is neither a code nor an exchange id"));
    Err(match nearest(subject, &codes) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("`chaperon explain` lists all codes"),
    })
}

fn all(out: &mut Output) -> Ended {
    if out.is_json() {
        out.json(&CATALOGUE)?;
        return Ok(Exit::Ok);
    }
    let mut table = Table::new(["code", "status", "meaning"]);
    for entry in CATALOGUE {
        table.row([entry.code.as_str(), &entry.status.to_string(), entry.title]);
    }
    table.write(out, "")?;
    Ok(Exit::Ok)
}

fn one(explanation: &Explanation, out: &mut Output) -> Ended {
    if out.is_json() {
        out.json(explanation)?;
        return Ok(Exit::Ok);
    }
    out.line(&format!("{}: {}", explanation.code, safe(explanation.title)))?;
    out.line(&format!("  status  {}", explanation.status))?;
    for (name, value) in [("rule", explanation.rule), ("help", explanation.help)] {
        if !value.is_empty() {
            out.line(&format!("  {name}    {value}"))?;
        }
    }
    Ok(Exit::Ok)
}
