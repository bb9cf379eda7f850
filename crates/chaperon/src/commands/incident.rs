//! incident: candidates of the record.

use super::journal;
use crate::Ended;
use crate::cli::{IncidentCommand, IncidentList};
use crate::config::Config;
use crate::exit::Exit;
use crate::operations::Operation;
use crate::output::{Output, Table};

pub(super) fn run(config: &Config, command: &IncidentCommand, out: &mut Output) -> Ended {
    match command {
        IncidentCommand::List(list) => self::list(config, list, out),
    }
}

fn list(config: &Config, list: &IncidentList, out: &mut Output) -> Ended {
    let operation = Operation::Candidates {
        engagement: list.within.engagement.clone(),
        since: list.since,
        count: list.count,
    };
    let found = journal::ask(config, operation)?;
    if out.is_json() {
        out.json(&found)?;
        return Ok(Exit::Ok);
    }
    let mut table = Table::new(["opened", "exchange", "engagement", "agent", "service", "masked"]);
    for candidate in &found {
        let text = |name: &str| journal::plain(candidate.get(name));
        let service = format!("{}/{}", text("vendor"), text("service"));
        let masked = journal::counts(candidate.get("masked"));
        table.row([text("opened"), text("exchange"), text("engagement"), text("agent"), service, masked]);
    }
    table.write(out, "no answer was masked")?;
    if let Some(first) = found.first() {
        let exchange = journal::plain(first.get("exchange"));
        out.line(&format!("\n`chaperon explain {exchange}` shows the newest of them"))?;
    }
    if found.len() == usize::try_from(list.count).unwrap_or(usize::MAX) {
        out.line("there may be more: `--count` shows more of them")?;
    }
    Ok(Exit::Ok)
}
