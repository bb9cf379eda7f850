//! What is done for each command.

mod check;
mod explain;
mod journal;
mod scan;

use crate::Ended;
use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Does what is asked.
pub(crate) fn run(cli: Cli, out: &mut Output) -> Ended {
    match cli.command {
        Command::Check(check) => check::run(&cli.global, &check, out),
        Command::Explain(explain) => explain::run(&cli.global, &explain, out),
        Command::Scan(scan) => scan::run(&scan, out),
        Command::Version => version(out),
        _ => Err(Failure::failed("this is not built yet")),
    }
}

fn version(out: &mut Output) -> Ended {
    let version = env!("CARGO_PKG_VERSION");
    if out.is_json() {
        out.json(&serde_json::json!({ "name": "chaperon", "version": version }))?;
    } else {
        out.line(&format!("chaperon {version}"))?;
    }
    Ok(Exit::Ok)
}
