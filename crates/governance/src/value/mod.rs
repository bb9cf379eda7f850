//! The values of which rows are made: text goes in, and what was parsed is valid everywhere.

mod address;
mod amount;
mod endpoint;
mod pattern;
mod text;
mod when;

pub use address::{Network, is_public};
pub use amount::Amount;
pub use endpoint::Endpoint;
pub use pattern::{ModelPattern, OrAny};
pub use text::{ModelName, Party, Text};
pub(crate) use when::{moment, optional_moment};

/// A text that is not the value that its field holds: what was expected, never what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct InvalidValue {
    /// The form that the field takes.
    pub expected: &'static str,
}

impl InvalidValue {
    pub(crate) const fn expected(expected: &'static str) -> Self {
        Self { expected }
    }
}

/// Reading and writing through `FromStr` and `Display`, for serde's `try_from` and `into`.
macro_rules! as_text {
    ($value:ident) => {
        impl TryFrom<String> for $value {
            type Error = $crate::value::InvalidValue;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$value> for String {
            fn from(value: $value) -> Self {
                value.to_string()
            }
        }
    };
}

pub(crate) use as_text;
