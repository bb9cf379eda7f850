//! journal: tail, show, verify; and what was decided of an exchange.

mod decided;
mod entries;
mod verify;

pub(super) use entries::{counts, plain};
pub(super) use verify::point;

use terms::ExchangeId;

use crate::Ended;
use crate::cli::{Global, JournalCommand, Tail};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::house::{Desk, Opening};
use crate::operations::{Answer, Operation};
use crate::output::Output;

/// How often a followed record is asked for more.
const PACE: std::time::Duration = std::time::Duration::from_millis(500);

pub(super) fn run(config: &Config, command: &JournalCommand, out: &mut Output) -> Ended {
    match command {
        JournalCommand::Tail(tail) => self::tail(config, tail, out),
        JournalCommand::Show { subject } => show(config, subject, out),
        JournalCommand::Verify(verify) => verify::run(config, verify, out),
    }
}

/// Entries as a table, for the demo.
pub(crate) fn write(entries: &[serde_json::Value], out: &mut Output) -> Result<(), Failure> {
    entries::write(entries, out)
}

/// The verifier's report on a data directory, for the demo.
pub(crate) fn judge(data_dir: &std::path::Path) -> Result<String, Failure> {
    verify::judge(data_dir, None, None).map(|report| report.to_string())
}

/// The verifier's judgement of a data directory.
pub(super) fn verdict(data_dir: &std::path::Path) -> Result<chaperon_verify::Report, Failure> {
    verify::judge(data_dir, None, None)
}

pub(super) fn explain(global: &Global, exchange: ExchangeId, out: &mut Output) -> Ended {
    let config = Config::load(&global.overrides())?;
    let found = ask(&config, Operation::Exchange { exchange })?;
    decided::write(&found, out)
}

fn show(config: &Config, subject: &str, out: &mut Output) -> Ended {
    if let Ok(position) = subject.parse() {
        let found = ask(config, Operation::Entry { position })?;
        return entries::write_whole(&found, out);
    }
    match subject.parse() {
        Ok(exchange) => entries::write_whole(&ask(config, Operation::Exchange { exchange })?, out),
        Err(_) => Err(Failure::usage(format!("`{subject}` is neither a position nor an exchange id"))),
    }
}

fn tail(config: &Config, tail: &Tail, out: &mut Output) -> Ended {
    let found = ask(config, Operation::Entries { from: None, count: tail.count })?;
    entries::write(&found, out)?;
    if tail.follow {
        return follow(config, entries::after(&found, 0), out);
    }
    Ok(Exit::Ok)
}

/// Shows entries as they come, until the command is stopped or its reader goes.
fn follow(config: &Config, mut next: u64, out: &mut Output) -> Ended {
    loop {
        out.flush()?;
        std::thread::sleep(PACE);
        let found = ask(config, Operation::Entries { from: Some(next), count: 1000 })?;
        next = entries::after(&found, next);
        entries::write_more(&found, out)?;
    }
}

pub(super) fn ask(config: &Config, operation: Operation) -> Result<Vec<serde_json::Value>, Failure> {
    match Desk::with(config, Opening::Existing, |desk| desk.ask(operation))? {
        Answer::Entries(entries) => Ok(entries),
        _ => Err(Failure::failed("the answer is not the one that was asked for")),
    }
}
