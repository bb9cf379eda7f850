//! Term lists: what is no identifier though it looks like one, and what must be found though no rule knows it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use terms::{Name, SealedValue};

use crate::RegisterKind;
use crate::registers::{Holdings, Register};
use crate::row::{Body, FieldError, sealed};
use crate::value::InvalidValue;

/// Most texts of one list.
const MOST: u32 = 1000;
/// Longest sealed texts, in base64.
const LONGEST: usize = 512 << 10;

/// What a list is for; its row is named so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ListKind {
    /// texts that are no identifiers
    Allow,
    /// texts that are
    MustFind,
}

impl ListKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Allow, Self::MustFind];

    /// The kind as rows write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::MustFind => "must-find",
        }
    }
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ListKind {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(InvalidValue::expected("allow or must-find"))
    }
}

/// Whether a version of a list has been looked at by a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ReviewState {
    /// it has no effect
    Draft,
    /// it is in force until the next one is, or the row ends
    Reviewed,
}

impl ReviewState {
    /// The state as rows write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Reviewed => "reviewed",
        }
    }
}

/// A term list of an engagement. Its texts may be identifiers of patients: they are sealed, and what is said of each
/// with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermList {
    /// What it is for.
    pub kind: ListKind,
    /// Whether it is in force.
    pub state: ReviewState,
    /// How many texts it holds.
    pub texts: u32,
    /// The epoch of the engagement's key.
    pub epoch: u32,
    /// The texts, in base64 of sealed bytes.
    sealed: String,
}

impl TermList {
    /// A list with its texts.
    pub fn new(kind: ListKind, state: ReviewState, texts: u32, sealed: &SealedValue) -> Self {
        Self { kind, state, texts, epoch: sealed.epoch, sealed: BASE64.encode(&sealed.bytes) }
    }

    /// The texts, as the vault sealed them; `None` if they are not base64.
    pub fn sealed(&self) -> Option<SealedValue> {
        Some(SealedValue { epoch: self.epoch, bytes: BASE64.decode(&self.sealed).ok()? })
    }
}

impl sealed::Sealed for TermList {}

impl Body for TermList {
    const KIND: RegisterKind = RegisterKind::TermList;

    fn check(&self) -> Result<(), FieldError> {
        if !(1..=MOST).contains(&self.texts) {
            return Err(FieldError::new("texts", "a list holds 1 to 1000 texts"));
        }
        match self.sealed().filter(|_| self.sealed.len() <= LONGEST) {
            Some(sealed) if !sealed.bytes.is_empty() => Ok(()),
            _ => Err(FieldError::new("sealed", "is not base64 of sealed bytes, or too long")),
        }
    }

    fn check_names(&self, id: &Name, _holdings: &Holdings) -> Result<(), FieldError> {
        if id.as_str() == self.kind.as_str() {
            return Ok(());
        }
        Err(FieldError::new("id", "a term list's row is named like its kind"))
    }

    fn register(holdings: &Holdings) -> &Register<Self> {
        &holdings.term_lists
    }
}
