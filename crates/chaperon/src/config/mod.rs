//! The wiring of one installation: one TOML file, or none at all.
//!
//! Records (vendors, agreements, agents, policies) live in the database, never here. Secrets are given by
//! reference only. Paths in the file are relative to the file's folder. Without a file: loopback, SQLite and
//! keys in `./data`, deny by default.

mod diagnostic;
mod limits;
mod platform;
mod raw;
mod secret;
mod validate;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use deid::{Detector, OperatingPoint};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, why};

pub(crate) use diagnostic::nearest;
pub(crate) use limits::Limits;
pub(crate) use platform::container;
pub(crate) use secret::{SecretRef, from_file as secret_file};

/// The file that is read when it is there and no other was named.
pub(crate) const FILE: &str = "chaperon.toml";

/// A valid configuration.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Config {
    /// The file it came from.
    pub(crate) file: Option<PathBuf>,
    /// Where the gateway listens. Beyond loopback only with [`Config::tls`].
    pub(crate) listen: SocketAddr,
    /// Certificate and key of the listener.
    pub(crate) tls: Option<Tls>,
    /// Where keys, journal, lock, socket and the SQLite database are.
    pub(crate) data_dir: PathBuf,
    /// The registers' database.
    pub(crate) store: StoreUrl,
    /// Where the root key comes from.
    pub(crate) root: Root,
    /// How vendors are reached.
    pub(crate) upstream: Upstream,
    /// What is known of vendors.
    pub(crate) facts: KnownFacts,
    /// Where traces go, where they go anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) telemetry: Option<Telemetry>,
    /// How identifiers are found.
    pub(crate) detection: Detection,
    /// What one request and this process may use.
    pub(crate) limits: Limits,
    /// The server's own log.
    pub(crate) log: Log,
    /// The admin socket.
    pub(crate) admin: Admin,
}

/// Files in PEM, read again when they change.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// The certificate chain.
    pub(crate) certificate: PathBuf,
    /// The private key.
    pub(crate) key: PathBuf,
}

/// The database of the registers and sessions.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StoreUrl {
    /// `sqlite:PATH` or `postgres://HOST/DATABASE`, without a password.
    Plain(String),
    /// The same, with a password, held elsewhere.
    Secret(SecretRef),
}

/// Where the root key comes from.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Root {
    /// A file of 32 random bytes, made at the first start.
    File(PathBuf),
    /// A passphrase, stretched with Argon2id.
    Passphrase(SecretRef),
}

/// How vendors are reached.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Upstream {
    /// A file of PEM certificates of authorities that are trusted beside the system's.
    pub(crate) trust: Option<PathBuf>,
}

/// What is known of vendors: never what covers anything.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct KnownFacts {
    /// A file of facts that is newer than the one that is built in, its signature beside it.
    pub(crate) file: Option<PathBuf>,
}

/// Where traces go: never content.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Telemetry {
    /// The collector, which speaks OTLP over HTTP.
    pub(crate) endpoint: String,
    /// The same, as it is called.
    #[serde(skip)]
    pub(crate) collector: egress::CollectorAddress,
    /// Which share of the exchanges is told that no caller's trace decides about.
    pub(crate) sampling: f64,
    /// What to send as `Authorization`.
    pub(crate) authorization: Option<SecretRef>,
}

/// How identifiers are found.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Detection {
    /// How sure the trained tagger must be.
    pub(crate) operating_point: Sureness,
}

/// How sure the trained tagger must be of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Sureness {
    /// Rather one finding too many.
    Recall,
    /// As sure as not.
    Balanced,
    /// Rather one too few.
    Precision,
    /// The rules alone: what an application sends changes least.
    #[default]
    Rules,
}

impl Sureness {
    /// The detector with it.
    pub(crate) fn detector(self) -> Detector {
        match self {
            Self::Recall => Detector::standard(OperatingPoint::Recall),
            Self::Balanced => Detector::standard(OperatingPoint::Balanced),
            Self::Precision => Detector::standard(OperatingPoint::Precision),
            Self::Rules => Detector::rules(),
        }
    }
}

/// The server's own log: never content.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// For people or for programs.
    pub(crate) format: LogFormat,
    /// The least serious level that is written.
    pub(crate) level: LogLevel,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogFormat {
    /// One readable line an event.
    #[default]
    Text,
    /// One JSON object an event.
    Json,
}

/// How serious an event must be to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// And what may fail soon.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And how.
    Debug,
}

/// The admin socket, through which commands reach a running server.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Admin {
    /// Where it is.
    pub(crate) socket: PathBuf,
}

/// What the command line says of the configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// `--config`
    pub(crate) file: Option<PathBuf>,
    /// `--data-dir`
    pub(crate) data_dir: Option<PathBuf>,
    /// `--listen`
    pub(crate) listen: Option<SocketAddr>,
}

impl Config {
    /// Reads the configuration: the file that the command line names, or [`FILE`] where it is there, or none.
    pub(crate) fn load(overrides: &Overrides) -> Result<Self, Failure> {
        let found = Path::new(FILE);
        let file = match &overrides.file {
            Some(file) => Some(file.as_path()),
            None => found.exists().then_some(found),
        };
        let Some(file) = file else {
            return Self::parse("", None, overrides);
        };
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::config(format!("configuration `{}` can't be read: {}", file.display(), why(&error)))
        })?;
        Self::parse(&text, Some(file), overrides)
    }

    /// Parses the text of a configuration file.
    pub(crate) fn parse(text: &str, file: Option<&Path>, overrides: &Overrides) -> Result<Self, Failure> {
        let name = file.map_or_else(|| FILE.to_owned(), |file| file.display().to_string());
        raw::File::parse(text)
            .and_then(|raw| validate::valid(raw, file, overrides))
            .map_err(|flaw| flaw.failure(text, &name))
    }
}

#[cfg(test)]
mod tests;
