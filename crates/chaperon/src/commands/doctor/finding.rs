//! One thing that was examined.

use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;

/// What was examined, how it stands, and what to do.
#[derive(Serialize)]
pub(super) struct Finding {
    pub(super) what: &'static str,
    pub(super) state: State,
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
    /// What the command ends with for it.
    #[serde(skip)]
    pub(super) exit: Exit,
    /// Whether a server that runs shows that the cause may lie in who asks.
    #[serde(skip)]
    eased: bool,
}

/// How it stands; the worst is the greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum State {
    Ok,
    Warn,
    Fail,
}

impl State {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        }
    }
}

impl Finding {
    fn new(what: &'static str, state: State, detail: String) -> Self {
        Self { what, state, detail, help: None, exit: Exit::Refused, eased: false }
    }

    pub(super) fn ok(what: &'static str, detail: impl Into<String>) -> Self {
        Self::new(what, State::Ok, detail.into())
    }

    pub(super) fn warn(what: &'static str, detail: impl Into<String>, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..Self::new(what, State::Warn, detail.into()) }
    }

    pub(super) fn fail(what: &'static str, detail: impl Into<String>, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..Self::new(what, State::Fail, detail.into()) }
    }

    /// A failure of what is shared with other commands, with its exit code, and its help where it has one.
    pub(super) fn failed(what: &'static str, failure: &Failure, help: &str) -> Self {
        Self {
            help: Some(failure.helped().unwrap_or(help).to_owned()),
            exit: failure.exit(),
            ..Self::new(what, State::Fail, failure.message().to_owned())
        }
    }

    /// Only a warning where a server runs: it was given what this command was not.
    #[must_use]
    pub(super) fn unless_served(mut self) -> Self {
        self.eased = true;
        self
    }

    /// Does so: a server runs.
    pub(super) fn ease(&mut self) {
        if self.eased && self.state == State::Fail {
            self.state = State::Warn;
            self.help =
                Some("the running server has it; a start with what this command was given would fail".into());
        }
    }
}
