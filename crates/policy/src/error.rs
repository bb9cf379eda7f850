//! Why a policy is not loaded.

use std::fmt;

use miette::Diagnostic;

/// A place in a policy's text, counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Place {
    /// The place of a byte of `text`.
    pub(crate) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a policy is not loaded. Speaks of the policy's text only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The text is no Cedar.
    #[error("{place}: {problem}{}", in_brackets(help))]
    Syntax {
        /// where
        place: Place,
        /// what
        problem: String,
        /// what to do, where Cedar knows
        help: Option<String>,
    },
    /// The text is Cedar, and does not fit the schema, or can never apply.
    #[error("{place}: {problem}{}", in_brackets(help))]
    Invalid {
        /// where
        place: Place,
        /// what
        problem: String,
        /// what to do, where Cedar knows
        help: Option<String>,
    },
    /// An annotation is unknown, missing, or does not hold what it must.
    #[error("{place}: `@{name}` {problem}")]
    Annotation {
        /// where
        place: Place,
        /// the annotation
        name: String,
        /// what is wrong with it
        problem: String,
    },
    /// More text or more policies than are evaluated for one request.
    #[error("a policy has at most 64 KiB and 200 statements")]
    TooLong,
    /// The schema of the house itself is broken.
    #[error("the schema of the house can't be read: {0}")]
    Schema(String),
}

#[expect(clippy::ref_option, reason = "called with the field as it is")]
fn in_brackets(help: &Option<String>) -> String {
    help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default()
}

/// Place, problem and help of an error of Cedar in `text`.
pub(crate) fn told(
    text: &str,
    error: &dyn Diagnostic,
    offset: Option<usize>,
) -> (Place, String, Option<String>) {
    let label = error.labels().and_then(|mut labels| labels.next());
    let byte = label.map(|label| label.offset()).or(offset).unwrap_or(0);
    (Place::of(text, byte), error.to_string(), error.help().map(|help| help.to_string()))
}
