//! Secrets, which a configuration names and never holds.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use crate::failure::{Failure, why};

/// Where a secret is: `{ env = "NAME" }` or `{ file = "PATH" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file that only its owner may read, or that root handed over; a newline at its end is no part of the secret.
    File(PathBuf),
}

impl SecretRef {
    /// Reads the secret that `key` of the configuration names.
    pub(crate) fn read(&self, key: &str) -> Result<Zeroizing<String>, Failure> {
        let read = match self {
            Self::Env(name) => from_env(name),
            Self::File(path) => from_file(path),
        };
        read.map_err(|failure| failure.about(&format!("`{key}`")))
    }

    /// The same, with a relative path taken from `folder`.
    #[must_use]
    pub(super) fn relative_to(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            env @ Self::Env(_) => env,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the configuration of the binary")]
fn from_env(name: &str) -> Result<Zeroizing<String>, Failure> {
    std::env::var(name)
        .map(Zeroizing::new)
        .map_err(|_| Failure::config(format!("the environment variable `{name}` is not set, or not text")))
}

/// Reads a secret's file. Refuses one that others than those whom it is meant for may read.
pub(crate) fn from_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let shown = path.display();
    let failed = |error: std::io::Error| {
        Failure::config(format!("the secret's file `{shown}` can't be read: {}", why(&error)))
    };
    if keys::open_to_others(&std::fs::metadata(path).map_err(failed)?) {
        return Err(Failure::config(format!(
            "the secret's file `{shown}` can be read by others than its owner"
        ))
        .help(format!("run `chmod 600 {shown}`")));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?);
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReferenceVisitor)
    }
}

struct ReferenceVisitor;

impl<'de> Visitor<'de> for ReferenceVisitor {
    type Value = SecretRef;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reference to a secret: `{ env = \"NAME\" }` or `{ file = \"PATH\" }`")
    }

    fn visit_str<E: de::Error>(self, _secret: &str) -> Result<SecretRef, E> {
        Err(E::custom(
            "a secret is never written here: give a reference, `{ env = \"NAME\" }` or `{ file = \"PATH\" }`",
        ))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SecretRef, A::Error> {
        let reference = match map.next_key::<String>()?.as_deref() {
            Some("env") => SecretRef::Env(map.next_value()?),
            Some("file") => SecretRef::File(map.next_value()?),
            Some(other) => return Err(de::Error::unknown_field(other, &["env", "file"])),
            None => return Err(de::Error::custom("a reference to a secret names `env` or `file`")),
        };
        match map.next_key::<String>()? {
            None => Ok(reference),
            Some(_) => Err(de::Error::custom("a reference to a secret names one of `env` and `file`")),
        }
    }
}
