//! What a scope row accepts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use terms::Name;

use super::{InvalidValue, as_text};

/// Which models a scope row names: one by name, all that start alike (`gpt-4o*`), or all (`*`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelPattern {
    stem: Box<str>,
    open: bool,
}

impl ModelPattern {
    /// Whether the vendor's model `name` is one of these. Letter case counts.
    pub fn accepts(&self, name: &str) -> bool {
        if self.open { name.starts_with(&*self.stem) } else { name == &*self.stem }
    }
}

impl FromStr for ModelPattern {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (stem, open) = text.strip_suffix('*').map_or((text, false), |stem| (stem, true));
        if !(open && stem.is_empty()) && stem.parse::<super::ModelName>().is_err() {
            return Err(InvalidValue::expected("a model's name, a beginning with `*` at its end, or `*`"));
        }
        Ok(Self { stem: stem.into(), open })
    }
}

impl fmt::Display for ModelPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.stem, if self.open { "*" } else { "" })
    }
}

as_text!(ModelPattern);

/// One name, or `*` for any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum OrAny {
    /// `*`
    #[default]
    Any,
    /// exactly this one
    Only(Name),
}

impl OrAny {
    /// Whether `name` is accepted. An absent name is accepted by `*` only.
    pub fn accepts(&self, name: Option<&Name>) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => name == Some(only),
        }
    }
}

impl FromStr for OrAny {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::Any);
        }
        text.parse().map(Self::Only).map_err(|_| InvalidValue::expected("a name such as `us-east-1`, or `*`"))
    }
}

impl fmt::Display for OrAny {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Only(name) => name.fmt(f),
        }
    }
}

as_text!(OrAny);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_at_the_end_only() {
        let pattern = |text: &str| text.parse::<ModelPattern>();
        assert!(pattern("gpt-4o*").unwrap().accepts("gpt-4o-mini"));
        assert!(pattern("*").unwrap().accepts("anything"));
        assert!(!pattern("gpt-4o").unwrap().accepts("gpt-4o-mini"));
        assert!(!pattern("gpt-4o").unwrap().accepts("GPT-4o"));
        for bad in ["", "*-mini", "gpt-*-mini", "**", "a b*"] {
            assert!(pattern(bad).is_err(), "{bad}");
        }
        assert_eq!(pattern("gpt-4o*").unwrap().to_string(), "gpt-4o*");
    }

    #[test]
    fn an_absent_name_is_no_name() {
        let us: OrAny = "us".parse().unwrap();
        assert!(!us.accepts(None) && us.accepts(Some(&"us".parse().unwrap())));
        assert!(OrAny::Any.accepts(None));
    }
}
