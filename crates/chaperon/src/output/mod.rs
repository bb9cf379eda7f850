//! What goes to standard output: tables for people, JSON for programs.

mod numbers;
mod safe;
mod table;

use std::io::{self, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

use crate::failure::{Failure, why};

pub(crate) use numbers::{change, many, thousands};
pub(crate) use safe::safe;
pub(crate) use table::Table;

/// The door to standard output.
pub(crate) struct Output {
    json: bool,
    coloured: bool,
    out: io::StdoutLock<'static>,
}

impl Output {
    /// `json`: whether the caller asked for JSON.
    pub(crate) fn new(json: bool) -> Self {
        Self { json, coloured: false, out: io::stdout().lock() }
    }

    /// Whether the caller asked for JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Colours what is written for people from here on, as `choice` says; JSON never.
    pub(crate) fn colour(&mut self, choice: ColorChoice) {
        let choice = match choice {
            ColorChoice::Auto => AutoStream::choice(&self.out),
            told => told,
        };
        self.coloured = !self.json && choice != ColorChoice::Never;
    }

    /// Whether what is written is coloured.
    pub(crate) const fn is_coloured(&self) -> bool {
        self.coloured
    }

    /// Whether standard output is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.out.is_terminal()
    }

    /// Writes a line of text as it is: its parts must have gone through [`safe`].
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Failure> {
        written(writeln!(self.out, "{line}"))
    }

    /// Standard output itself, for what is no text of ours.
    pub(crate) fn raw(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Writes a value as JSON: indented for one document.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|_| Failure::failed("the answer can't be written as JSON"))?;
        self.line(&text)
    }

    /// Writes a value as one line of JSON.
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value)
            .map_err(|_| Failure::failed("the answer can't be written as JSON"))?;
        self.line(&text)
    }

    /// Hands out what was written so far.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        written(self.out.flush())
    }
}

/// A reader that went away (`| head`) ends the command without a complaint.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(Failure::failed(format!("standard output can't be written: {}", why(&error)))),
    }
}
