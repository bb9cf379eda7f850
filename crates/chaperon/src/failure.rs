//! The one shape in which a command says that it did not do what it was asked.

use std::fmt::Write as _;
use std::io;

use serde::{Deserialize, Serialize};
use terms::Code;

use crate::exit::Exit;
use crate::output::safe;

/// Why a command ended without success. Lower case, no full stop, no content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Failure(Box<Told>);

/// What is told; boxed, since every command may fail and few do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    kind: Kind,
    message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// A source excerpt that is shown below the message as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    excerpt: Option<String>,
}

/// What kind of failure, which decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Refused,
    Usage,
    Tampered,
    Unreachable,
    Config,
    Failed,
}

impl Failure {
    fn new(kind: Kind, message: String) -> Self {
        Self(Box::new(Told { kind, message, code: None, rule: None, help: None, excerpt: None }))
    }

    /// The answer is no.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, message.into())
    }

    /// The answer is no, for a reason of the catalogue.
    pub(crate) fn coded(code: Code, message: impl Into<String>) -> Self {
        let explained = code.explanation();
        let mut failure = Self::refused(message);
        failure.0.code = Some(code.to_string());
        failure.0.rule = Some(explained.rule.to_owned()).filter(|rule| !rule.is_empty());
        failure.0.help = Some(explained.help.to_owned()).filter(|help| !help.is_empty());
        failure
    }

    /// The command line does not say enough, or says something wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message.into())
    }

    /// The configuration is wrong.
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message.into())
    }

    /// Another process is in the way, or does not answer.
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unreachable, message.into())
    }

    /// The journal was tampered with.
    pub(crate) fn tampered(message: impl Into<String>) -> Self {
        Self::new(Kind::Tampered, message.into())
    }

    /// Something that should work does not.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message.into())
    }

    /// What to do about it.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// The same, said of what it is about.
    #[must_use]
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    /// A source excerpt to show.
    #[must_use]
    pub(crate) fn excerpt(mut self, excerpt: impl Into<String>) -> Self {
        self.0.excerpt = Some(excerpt.into());
        self
    }

    /// What is the case.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, where that is known.
    pub(crate) fn helped(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self.0.kind {
            Kind::Refused => Exit::Refused,
            Kind::Usage => Exit::Usage,
            Kind::Tampered => Exit::Tampered,
            Kind::Unreachable => Exit::Unreachable,
            Kind::Config => Exit::Config,
            Kind::Failed => Exit::Failed,
        }
    }

    /// One line of JSON.
    pub(crate) fn json(&self) -> String {
        serde_json::json!({ "error": self, "exit": self.exit() as u8 }).to_string()
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let word = match self.0.kind {
            Kind::Refused => "refused",
            _ => "error",
        };
        let mut text = format!("{word}: {}\n", safe(&self.0.message));
        if let Some(excerpt) = &self.0.excerpt {
            text.push_str(excerpt);
        }
        match (&self.0.code, &self.0.rule) {
            (Some(code), Some(rule)) => {
                let _ = writeln!(text, "  code  {code:<24} rule  {rule}");
            }
            (Some(code), None) => {
                let _ = writeln!(text, "  code  {code}");
            }
            (None, _) => {}
        }
        if let Some(help) = &self.0.help {
            let _ = writeln!(text, "  help  {}", safe(help));
        }
        text
    }
}

/// Why a file can't be read or written, in the words of a shell. What the operating system says beyond the kind may name
/// more than is meant to be shown.
pub(crate) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        kind => kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_code_rule_and_help() {
        let failure =
            Failure::coded(Code::AGREEMENT_MISSING, "vendor `acme-llm` has no agreement in force\u{1b}[2J");
        let text = failure.text();
        assert!(
            text.starts_with("refused: vendor `acme-llm` has no agreement in force\\u{1b}[2J\n"),
            "{text}"
        );
        assert!(text.contains("code  agreement-missing        rule  45 CFR 164.502(e)"), "{text}");
        assert!(text.contains("help  record one with `chaperon agreement add`"), "{text}");
        assert_eq!(failure.exit(), Exit::Refused);
    }

    #[test]
    fn json_keeps_the_exit_code() {
        let json: serde_json::Value = serde_json::from_str(&Failure::usage("no").json()).unwrap();
        assert_eq!(json["exit"], 2);
        assert_eq!(json["error"]["message"], "no");
    }

    #[test]
    fn what_is_not_there_is_a_file() {
        let missing = std::fs::read("/nowhere/at/all").unwrap_err();
        assert_eq!(why(&missing), "there is no such file or folder");
        assert_eq!(why(&io::ErrorKind::PermissionDenied.into()), "permission denied");
    }
}
