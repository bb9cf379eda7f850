//! The closing entry: how an exchange ended.

use serde::{Deserialize, Serialize};
use terms::{Code, FindingCounts};

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// How it ended.
    pub outcome: Outcome,
    /// The stable code, where there is one to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The HTTP status that the caller was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The model that the vendor says it used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_reported: Option<String>,
    /// Identifiers of the answer that were not in the request, and were masked.
    #[serde(default, skip_serializing_if = "FindingCounts::is_empty")]
    pub masked: FindingCounts,
    /// Identifiers of the answer that were not in the request, and were left as they were: the workflow is only
    /// observed.
    #[serde(default, skip_serializing_if = "FindingCounts::is_empty")]
    pub unmasked: FindingCounts,
    /// Surrogates restored in the answer.
    #[serde(default)]
    pub restored: u32,
    /// Bytes of the request as the caller sent it.
    #[serde(default)]
    pub bytes_in: u64,
    /// Bytes of the answer as the caller got it.
    #[serde(default)]
    pub bytes_out: u64,
    /// What the vendor counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

impl Closing {
    /// A closing of which nothing but the outcome is known.
    pub fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            code: None,
            status: None,
            model_reported: None,
            masked: FindingCounts::default(),
            unmasked: FindingCounts::default(),
            restored: 0,
            bytes_in: 0,
            bytes_out: 0,
            usage: None,
        }
    }

    /// The same closing, with a code.
    #[must_use]
    pub fn because(mut self, code: Code) -> Self {
        self.code = Some(code.as_str().to_owned());
        self
    }

    /// The closing of an exchange that nobody closed.
    pub(crate) fn interrupted() -> Self {
        Self::new(Outcome::Interrupted).because(Code::INTERRUPTED)
    }
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// the caller has the answer
    Success,
    /// something failed on the way
    Failure,
    /// it was denied: nothing left
    Refused,
    /// it was cut off, and how far it went is not known
    Interrupted,
}

/// What the vendor counted, in its own units of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// of the request
    #[serde(default)]
    pub input: u64,
    /// of the answer
    #[serde(default)]
    pub output: u64,
}
