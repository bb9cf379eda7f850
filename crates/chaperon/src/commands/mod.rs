//! What is done for each command.

mod agent;
mod agreement;
mod budget;
mod check;
mod deidentify;
mod detector;
mod doctor;
mod engagement;
mod explain;
mod file;
mod incident;
pub(crate) mod journal;
mod policy;
mod pool;
mod prefill;
mod preview;
mod progress;
mod replace;
mod report;
mod rows;
mod scan;
pub(crate) mod serve;
mod service;
mod terms;
mod vendor;

use clap::CommandFactory as _;

use crate::Ended;
use crate::cli::{Cli, Command, Completions, Global};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Does what is asked.
pub(crate) fn run(cli: Cli, out: &mut Output) -> Ended {
    let global = &cli.global;
    match cli.command {
        Command::Serve(serve) => serve::run(global, &serve),
        Command::Demo(demo) => crate::demo::run(global, &demo, out),
        Command::StandIn => crate::demo::stand_in::run(),
        Command::Check(check) => check::run(global, &check, out),
        Command::Doctor(doctor) => doctor::run(global, &doctor, out),
        Command::Explain(explain) => explain::run(global, &explain, out),
        Command::Engagement(command) => engagement::run(&config(global)?, &command, out),
        Command::Vendor(command) => vendor::run(&config(global)?, &command, out),
        Command::Service(command) => service::run(&config(global)?, &command, out),
        Command::Pool(command) => pool::run(&config(global)?, &command, out),
        Command::Agreement(command) => agreement::run(&config(global)?, &command, out),
        Command::Agent(command) => agent::run(&config(global)?, &command, out),
        Command::Budget(command) => budget::run(&config(global)?, &command, out),
        Command::Policy(command) => policy::run(&config(global)?, &command, out),
        Command::Terms(command) => terms::run(&config(global)?, &command, out),
        Command::Journal(command) => journal::run(&config(global)?, &command, out),
        Command::Incident(command) => incident::run(&config(global)?, &command, out),
        Command::Preview(preview) => preview::run(&config(global)?, &preview, out),
        Command::Scan(scan) => scan::run(global, &scan, out),
        Command::Deidentify(deidentify) => deidentify::run(global, &deidentify, out),
        Command::Report(report) => report::run(&config(global)?, &report, out),
        Command::Completions(completions) => complete(&completions, out),
        Command::Version => version(out),
    }
}

fn config(global: &Global) -> Result<Config, Failure> {
    Config::load(&global.overrides())
}

fn complete(completions: &Completions, out: &mut Output) -> Ended {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut command, name, &mut script);
    out.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Ok)
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
