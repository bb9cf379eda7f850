//! Names and numbers of things. What was parsed once is valid everywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Randomness, UtcMillis};

/// A name that is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name is 1 to 63 of a-z, 0-9, `-`, `_` and `.`, and starts with a letter or a digit")]
pub struct InvalidName;

/// A short name that people choose: 1 to 63 of `a-z 0-9 - _ .`, first a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Box<str>);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let first = text.bytes().next().ok_or(InvalidName)?;
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
        if text.len() > 63
            || !(first.is_ascii_lowercase() || first.is_ascii_digit())
            || !text.bytes().all(allowed)
        {
            return Err(InvalidName);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.into()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! named {
    ($($(#[$doc:meta])* $id:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $id(Name);

        impl $id {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl FromStr for $id {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

named! {
    /// One covered entity's project: the wall of isolation. It leads every key, digest and row.
    EngagementId;
    /// A company that offers AI services. Never called provider: that is a health-care provider.
    VendorId;
    /// A product or tier of a vendor, with its endpoint and account.
    ServiceId;
    /// A business associate agreement or data use agreement.
    AgreementId;
    /// Software that acts: an application or an agent.
    AgentId;
    /// The version that an agent declares of itself.
    AgentVersion;
    /// A member of the workforce (45 CFR 160.103) on whose behalf an agent acts.
    WorkforceId;
}

/// The version of a register row, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowVersion(pub u32);

impl fmt::Display for RowVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! numbered {
    ($($(#[$doc:meta])* $id:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $id(Uuid);

        impl $id {
            /// A fresh one: UUID version 7 (RFC 9562, 5.7) of `now` and 74 random bits.
            pub fn fresh(now: UtcMillis, randomness: &dyn Randomness) -> Self {
                let mut bytes = [0; 10];
                randomness.fill(&mut bytes);
                Self(uuid::Builder::from_unix_timestamp_millis(now.0, &bytes).into_uuid())
            }

            /// The 16 bytes of the UUID.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// From the 16 bytes of a UUID.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl FromStr for $id {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }
    )*};
}

numbered! {
    /// One request through the house, with an opening and a closing entry.
    ExchangeId;
    /// One key in the keyring.
    KeyId;
    /// One file of the journal: one process start, or a part of one.
    SegmentId;
    /// One conversation of one caller, with its surrogates.
    SessionId;
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zero;
    impl Randomness for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn names_are_checked_when_parsed() {
        assert!("mercy-west.2".parse::<EngagementId>().is_ok());
        for bad in ["", "-x", "Mercy", "a b", "a/b", "é", &"a".repeat(64)] {
            assert_eq!(bad.parse::<EngagementId>(), Err(InvalidName));
        }
        assert!(serde_json::from_str::<VendorId>("\"Not A Name\"").is_err());
    }

    #[test]
    fn numbers_sort_by_time() {
        let early = ExchangeId::fresh(UtcMillis(1_000), &Zero);
        let late = ExchangeId::fresh(UtcMillis(2_000), &Zero);
        assert!(early < late);
        assert_eq!(late.to_string().parse::<ExchangeId>(), Ok(late));
    }
}
