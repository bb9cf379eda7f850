//! Names and short texts that people write.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terms::Name;

use super::{InvalidValue, as_text};

/// One line of text that people write: 1 to 200 characters without control characters, trimmed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(Box<str>);

impl Text {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Text {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
            return Err(InvalidValue::expected("one line of 1 to 200 characters"));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

as_text!(Text);

/// The short name of a covered entity, business associate or subcontractor: the node of a chain of agreements.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Party(Name);

impl Party {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Party {
    type Err = terms::InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A model's name as requests write it: 1 to 128 printable ASCII characters without blanks, quotes or `*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelName(Box<str>);

impl ModelName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ModelName {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_graphic() && !matches!(b, b'*' | b'"' | b'\'' | b'\\' | b'`');
        if text.is_empty() || text.len() > 128 || !text.bytes().all(allowed) {
            return Err(InvalidValue::expected(
                "a model's name: 1 to 128 printable characters without blanks, quotes or `*`",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

as_text!(ModelName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_one_line() {
        assert_eq!("  Mercy West ".parse::<Text>().unwrap().as_str(), "Mercy West");
        for bad in ["", "  ", "two\nlines", &"x".repeat(201)] {
            assert!(bad.parse::<Text>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn model_names_hold_no_wildcard() {
        assert!("meta-llama/Llama-3.1-8B:free".parse::<ModelName>().is_ok());
        for bad in ["", "gpt *", "gpt-*", "a b", "a\"b"] {
            assert!(bad.parse::<ModelName>().is_err(), "{bad:?}");
        }
    }
}
