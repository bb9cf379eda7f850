//! The opened house: everything that both the server and a command without one need.
//!
//! Invariants: one process at a time holds a data directory; no row takes effect before its entry is durable.

mod clock;
mod desk;
mod lock;
mod open;
mod registers;
mod terms;

use std::sync::{Arc, OnceLock};

use ::terms::{Clock, EngagementId, KeyUse, Phi, Randomness, SealError};
use arc_swap::ArcSwap;
use audit::{Journal, Reader};
use gateway::{Gateway, Observations, Snapshot};
use governance::{Credential, RegisterStore};
use keys::Keyring;
use tokio::sync::{Mutex, OnceCell};

use crate::config::Config;
use crate::failure::Failure;

pub(crate) use self::terms::{Batch, compile as compile_terms, open as open_terms, seal as seal_terms};
pub(crate) use clock::SystemClock;
pub(crate) use desk::Desk;
pub(crate) use open::{
    NotOpened, Opening, key_failure, look_at_keyring, look_at_store, record_failure, taken,
};
pub(crate) use registers::{recorded_by, register_failure};

/// What is open, from the data directory to the record.
pub(crate) struct House {
    /// The wiring.
    pub(crate) config: Config,
    /// The keys.
    pub(crate) keyring: Keyring,
    /// The database of registers and sessions.
    pub(crate) store: Arc<store::Store>,
    /// Registers and policies as they stand; swapped whole at each change.
    pub(crate) snapshot: Arc<ArcSwap<Snapshot>>,
    /// What answers say of their services, while a server runs.
    pub(crate) observations: Arc<Observations>,
    /// The wall clock.
    pub(crate) clock: Arc<dyn Clock>,
    /// The operating system's random bytes.
    pub(crate) randomness: Arc<dyn Randomness>,
    /// The data plane, while a server runs.
    pub(crate) plane: OnceLock<Arc<Gateway>>,
    journal: OnceCell<Journal>,
    changes: Mutex<()>,
    // the last to go: while it is held, everything above is ours
    _lock: lock::DataLock,
}

impl House {
    /// The registers' port.
    pub(crate) fn register_store(&self) -> &dyn RegisterStore {
        self.store.as_ref()
    }

    /// The record, started when it is first needed: a start is a segment and an entry of its own.
    pub(crate) async fn journal(&self) -> Result<&Journal, Failure> {
        self.journal.get_or_try_init(|| async { open::journal(self) }).await
    }

    /// Whether the record was started and takes entries.
    pub(crate) fn is_writable(&self) -> bool {
        self.journal.get().is_some_and(Journal::is_writable)
    }

    /// Reads the record, whether it was started or not.
    pub(crate) fn reader(&self) -> Reader {
        match self.journal.get() {
            Some(journal) => journal.reader(),
            None => Reader::new(self.config.data_dir.join("journal"), self.keyring.segment_keys()),
        }
    }

    /// A vendor's credential, opened. Its context is the service's name.
    pub(crate) fn credential(
        &self,
        engagement: &EngagementId,
        credential: &Credential,
    ) -> Result<Phi<Vec<u8>>, SealError> {
        let sealed = credential.sealed().ok_or(SealError::Forged)?;
        let context = credential.service.as_str().as_bytes();
        self.keyring.vault().unseal(engagement, KeyUse::Credential, context, &sealed)
    }

    /// Ends everything in order: the record first, so that its last checkpoint is there whatever else fails.
    pub(crate) async fn shut_down(&self) -> Result<(), Failure> {
        let recorded = match self.journal.get() {
            Some(journal) => journal.shut_down().await.map_err(|error| open::record_failure(&error)),
            None => Ok(()),
        };
        self.store.close().await;
        recorded
    }
}

/// Whether a policy's text can be read.
pub(crate) fn policy(text: &str) -> Result<(), Failure> {
    registers::policies_of(Some(text)).map(drop)
}
