//! Opening: lock, keys, database, registers; the record when it is first needed.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use audit::{Journal, JournalConfig, JournalError};
use keys::{KeyError, Keyring, OsRandom, RootSource};
use store::{Condition, StoreError};
use terms::{Clock, Randomness};
use tokio::sync::{Mutex, OnceCell};
use zeroize::Zeroizing;

use super::lock::{DataLock, Denied};
use super::{House, SystemClock};
use crate::config::{Config, Root, StoreUrl};
use crate::failure::{Failure, why};

/// Whether a house that is not there yet is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Made where it is not.
    Make,
    /// Only opened.
    Existing,
}

/// Why a house did not open.
pub(crate) enum NotOpened {
    /// Another process holds the data directory.
    Held,
    /// Something is wrong.
    Failed(Failure),
}

impl From<Failure> for NotOpened {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl House {
    /// Opens the house.
    pub(crate) async fn open(config: Config, opening: Opening) -> Result<Self, NotOpened> {
        keys::harden_process().map_err(|error| key_failure(&error))?;
        let data_dir = config.data_dir.clone();
        if !data_dir.is_dir() {
            make(&data_dir, opening)?;
        }
        let lock = DataLock::take(&data_dir).map_err(|denied| match denied {
            Denied::Held => NotOpened::Held,
            Denied::Failed(failure) => NotOpened::Failed(failure),
        })?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let randomness: Arc<dyn Randomness> = Arc::new(OsRandom);
        let keyring = keyring(&config, opening, &clock, &randomness)?;
        let store = Arc::new(open_store(&config).await?);
        let snapshot = super::registers::load(store.as_ref(), &*keyring.vault(), None).await?;
        Ok(Self {
            config,
            keyring,
            store,
            snapshot: Arc::new(ArcSwap::from_pointee(snapshot)),
            observations: Arc::default(),
            clock,
            randomness,
            plane: OnceLock::new(),
            journal: OnceCell::new(),
            changes: Mutex::new(()),
            _lock: lock,
        })
    }
}

fn make(data_dir: &Path, opening: Opening) -> Result<(), Failure> {
    let shown = data_dir.display();
    if opening == Opening::Existing {
        return Err(absent(data_dir));
    }
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(|error| {
        Failure::failed(format!("the data directory `{shown}` can't be made: {}", why(&error)))
    })
}

fn absent(data_dir: &Path) -> Failure {
    Failure::refused(format!("there is nothing in the data directory `{}` yet", data_dir.display()))
        .help("`chaperon serve`, `chaperon demo` or `chaperon engagement add` begin it")
}

fn keyring(
    config: &Config,
    opening: Opening,
    clock: &Arc<dyn Clock>,
    randomness: &Arc<dyn Randomness>,
) -> Result<Keyring, Failure> {
    let dir = config.data_dir.join("keys");
    let (clock, randomness) = (Arc::clone(clock), Arc::clone(randomness));
    if Keyring::exists(&dir) {
        return Keyring::open(&dir, root_source(config)?, clock, randomness)
            .map_err(|error| key_failure(&error));
    }
    if config.data_dir.join("journal").exists() {
        // new keys beside an old record would make it unreadable for ever, unnoticed
        return Err(Failure::failed(format!(
            "there is a record but no keyring in `{}`",
            config.data_dir.display()
        ))
        .help("put the keyring back: it is kept apart from backups of the data"));
    }
    if opening == Opening::Existing {
        return Err(absent(&config.data_dir));
    }
    Keyring::create(&dir, root_source(config)?, clock, randomness).map_err(|error| key_failure(&error))
}

fn root_source(config: &Config) -> Result<RootSource, Failure> {
    Ok(match &config.root {
        Root::File(path) => RootSource::File(path.clone()),
        Root::Passphrase(secret) => RootSource::Passphrase {
            params: config.data_dir.join("keys").join("root.json"),
            passphrase: secret.read("root.passphrase")?,
        },
    })
}

async fn open_store(config: &Config) -> Result<store::Store, Failure> {
    store::Store::open(&store_url(config)?).await.map_err(|error| store_failure(&error))
}

fn store_url(config: &Config) -> Result<Zeroizing<String>, Failure> {
    match &config.store {
        StoreUrl::Plain(url) => Ok(Zeroizing::new(url.clone())),
        StoreUrl::Secret(secret) => secret.read("store.url"),
    }
}

fn store_failure(error: &StoreError) -> Failure {
    let failure = Failure::failed(format!("the database can't be opened: {error}"));
    match error {
        StoreError::Newer { .. } => failure.help(
            "run the version that wrote it, or restore the copy from before the upgrade (docs/operating.md)",
        ),
        _ => failure,
    }
}

/// The keyring opened and nothing else: it is not made where it is not.
pub(crate) fn look_at_keyring(config: &Config) -> Result<Keyring, Failure> {
    keyring(config, Opening::Existing, &(Arc::new(SystemClock) as _), &(Arc::new(OsRandom) as _))
}

/// How the database stands, which is left as it is.
pub(crate) async fn look_at_store(config: &Config) -> Result<Condition, Failure> {
    let condition = store::Store::look(&store_url(config)?).await.map_err(|error| store_failure(&error))?;
    if condition.schema > condition.known {
        let (found, known) = (condition.schema, condition.known);
        return Err(store_failure(&StoreError::Newer { found, known }));
    }
    Ok(condition)
}

/// Starts the record.
pub(super) fn journal(house: &House) -> Result<Journal, Failure> {
    let config = JournalConfig::new(
        house.config.data_dir.join("journal"),
        Arc::clone(&house.clock),
        Arc::clone(&house.randomness),
        house.keyring.segment_keys(),
        house.keyring.signer(),
    );
    let (journal, _recovered) = Journal::start(config).map_err(|error| record_failure(&error))?;
    Ok(journal)
}

/// A failure of the record.
pub(crate) fn record_failure(error: &JournalError) -> Failure {
    match error {
        JournalError::Tampered(_) => Failure::tampered(error.to_string()).help(
            "`chaperon journal verify` tells more; keep a copy of the data directory before anything else",
        ),
        other => Failure::failed(other.to_string()),
    }
}

/// Another process holds the data directory in which a server is to start.
pub(crate) fn taken(config: &Config) -> Failure {
    Failure::unreachable(format!(
        "the data directory `{}` is held by a server that runs already, or by a command that is not done yet",
        config.data_dir.display()
    ))
    .help(
        "`chaperon doctor` tells whether a server runs; stop it, or name another directory with `--data-dir`",
    )
}

/// Another process holds the data directory and does not answer.
pub(crate) fn held(config: &Config) -> Failure {
    Failure::unreachable(format!(
        "another process holds the data directory `{}`, and no server answers at its admin socket",
        config.data_dir.display()
    ))
    .help("wait until it is done, or name the data directory that is meant with `--data-dir`")
}

/// A failure of the keyring.
pub(crate) fn key_failure(error: &KeyError) -> Failure {
    Failure::failed(error.to_string())
}
