//! `chaperon`: the command line, the configuration and the wiring.
//!
//! What it does: parses what is asked, opens the house (data directory, keys, registers, record), and carries the
//! question there, through the admin socket where a server runs. What it does not: any rule of its own.
//!
//! Exit codes are documented in `exit` and in `--help`.

mod admin;
mod cli;
mod commands;
mod config;
mod demo;
mod exit;
mod facts;
mod failure;
mod house;
mod log;
mod operations;
mod output;
mod plane;
mod telemetry;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

/// Many small allocations a request, on many threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        // where, never what: a panic's text may hold what was being worked on
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ = std::io::stderr().write_all(format!("a defect was met at {place}\n").as_bytes());
    }));
    let cli = Cli::parse();
    let json = cli.global.json;
    let mut out = Output::new(json);
    let done = commands::run(cli, &mut out).and_then(|exit| out.flush().map(|()| exit));
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            complain(&failure, json);
            failure.exit().into()
        }
    }
}

fn complain(failure: &Failure, json: bool) {
    let text = if json { failure.json() + "\n" } else { failure.text() };
    // Nowhere is left to say that standard error is gone.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// What a command answers, unless it failed.
type Ended = Result<Exit, Failure>;
