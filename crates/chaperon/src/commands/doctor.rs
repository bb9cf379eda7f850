//! doctor: would the house start on this machine, and go on?
//!
//! `check` is for registers, agreements and services; this is for the machine and the installation. Nothing is
//! changed: no database is brought forward, no record started.

mod disk;
mod finding;
mod house;
mod process;

use serde::Serialize;

use crate::Ended;
use crate::admin::Client;
use crate::cli::{Doctor, Global};
use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::house::key_failure;
use crate::operations::{Answer, Machine, Operation};
use crate::output::{Output, Table};

use finding::{Finding, State};

#[derive(Serialize)]
struct Report<'a> {
    verdict: State,
    findings: &'a [Finding],
}

pub(super) fn run(global: &Global, doctor: &Doctor, out: &mut Output) -> Ended {
    let config = Config::load(&global.overrides())?;
    if doctor.ready {
        return ready(&config, out);
    }
    // before a key is read, as a server does
    keys::harden_process().map_err(|error| key_failure(&error))?;
    let (asked, server) = match ask(&config) {
        Ok(server) => (None, server),
        Err(failure) => (
            Some(Finding::failed("server", &failure, "restart the server, with the version of this command")),
            None,
        ),
    };
    let server = server.as_ref();
    let mut findings = vec![configuration(&config)];
    findings.extend(asked);
    findings.extend(disk::examine(&config));
    findings.extend(house::examine(&config));
    findings.extend(process::examine(&config, server));
    if server.is_some() {
        findings.iter_mut().for_each(Finding::ease);
    }
    write(&findings, out)?;
    Ok(exit(&findings))
}

/// What the running server says of itself; nothing where none runs.
fn ask(config: &Config) -> Result<Option<Machine>, Failure> {
    let Some(mut client) = Client::connect(&config.admin.socket)? else { return Ok(None) };
    match client.ask(&Operation::Machine {})? {
        Answer::Machine(machine) => Ok(Some(machine)),
        _ => Err(Failure::failed("the server's answer is not the one that was asked for")),
    }
}

/// Whether a server answers and would serve.
fn ready(config: &Config, out: &mut Output) -> Ended {
    let Some(machine) = ask(config)? else {
        return Err(Failure::unreachable("no server answers at the admin socket"));
    };
    if !machine.writable {
        return Err(Failure::coded(terms::Code::RECORD_UNAVAILABLE, "the record can't be written"));
    }
    if out.is_json() {
        out.json(&serde_json::json!({ "ready": true, "version": machine.version }))?;
    } else {
        out.line("ready")?;
    }
    Ok(Exit::Ok)
}

fn configuration(config: &Config) -> Finding {
    match super::check::secrets(config) {
        Ok(()) => Finding::ok("configuration", super::check::source(config)),
        Err(failure) => Finding::failed("configuration", &failure, "give it what it names, or name another")
            .unless_served(),
    }
}

fn write(findings: &[Finding], out: &mut Output) -> Result<(), Failure> {
    let verdict = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Ok);
    if out.is_json() {
        return out.json(&Report { verdict, findings });
    }
    let mut table = Table::facts();
    for finding in findings {
        table.row([finding.what, finding.state.word(), &finding.detail]);
        if let Some(help) = &finding.help {
            table.row(["", "", &format!("-> {help}")]);
        }
    }
    table.write(out, "")
}

fn exit(findings: &[Finding]) -> Exit {
    let mut failed = findings.iter().filter(|finding| finding.state == State::Fail);
    match failed.clone().next() {
        None => Exit::Ok,
        Some(_) if failed.clone().any(|finding| finding.exit == Exit::Tampered) => Exit::Tampered,
        Some(_) if failed.any(|finding| finding.exit == Exit::Config) => Exit::Config,
        Some(_) => Exit::Refused,
    }
}
