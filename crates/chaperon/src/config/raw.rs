//! The file as it is written, before its values are checked.

use std::fmt;
use std::path::PathBuf;

use serde::de::{self, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::diagnostic::Flaw;
use super::limits::RawLimits;
use super::{Detection, Log, SecretRef, StoreUrl, Tls};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) listen: Option<Spanned<String>>,
    pub(super) tls: Option<Tls>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) store: Option<RawStore>,
    pub(super) root: Option<Spanned<RawRoot>>,
    pub(super) upstream: RawUpstream,
    pub(super) facts: RawFacts,
    pub(super) telemetry: Option<RawTelemetry>,
    pub(super) detection: Detection,
    pub(super) limits: RawLimits,
    pub(super) log: Log,
    pub(super) admin: RawAdmin,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStore {
    pub(super) url: Spanned<StoreUrl>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRoot {
    pub(super) file: Option<PathBuf>,
    pub(super) passphrase: Option<SecretRef>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawUpstream {
    pub(super) trust: Option<Spanned<PathBuf>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawFacts {
    pub(super) file: Option<Spanned<PathBuf>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTelemetry {
    pub(super) endpoint: Spanned<String>,
    pub(super) sampling: Option<Spanned<f64>>,
    pub(super) authorization: Option<SecretRef>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawAdmin {
    pub(super) socket: Option<PathBuf>,
}

impl File {
    pub(super) fn parse(text: &str) -> Result<Self, Flaw> {
        toml::from_str(text).map_err(|error| Flaw::toml(&error))
    }
}

impl<'de> Deserialize<'de> for StoreUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UrlVisitor)
    }
}

struct UrlVisitor;

impl<'de> Visitor<'de> for UrlVisitor {
    type Value = StoreUrl;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`sqlite:PATH`, `postgres://HOST/DATABASE`, or a reference to one")
    }

    fn visit_str<E: de::Error>(self, url: &str) -> Result<StoreUrl, E> {
        Ok(StoreUrl::Plain(url.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<StoreUrl, A::Error> {
        SecretRef::deserialize(de::value::MapAccessDeserializer::new(map).into_deserializer())
            .map(StoreUrl::Secret)
    }
}
