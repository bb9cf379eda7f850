//! The registers of an open house: loaded, changed, loaded again.

use std::collections::HashMap;
use std::sync::Arc;

use audit::Control;
use gateway::Snapshot;
use governance::{RegisterError, RegisterKind, RegisterStore, Registers, StoredRow};
use policy::Policies;
use sha2::{Digest as _, Sha256};
use terms::{Digest, UtcMillis, Vault};

use super::House;
use super::open::record_failure;
use crate::failure::Failure;
use crate::operations::{Author, Note};

/// Reads all registers, and the policies of every engagement: one that can't be read fails the load. Term lists are
/// compiled where `before` has not done so; those that can't be read refuse their engagement's requests.
pub(super) async fn load(
    store: &dyn RegisterStore,
    vault: &dyn Vault,
    before: Option<&Snapshot>,
) -> Result<Snapshot, Failure> {
    let rows = store.load().await.map_err(|error| register_failure(&error))?;
    let registers = Registers::from_rows(rows).map_err(|error| register_failure(&error))?;
    let mut policies = HashMap::new();
    for engagement in registers.engagements() {
        let id = &engagement.engagement;
        let text = registers.policy(id).map(|row| row.body.text.as_str());
        policies.insert(id.clone(), Arc::new(policies_of(text)?));
    }
    let lists = super::terms::in_force(&registers, vault, before);
    Ok(Snapshot { registers, policies, lists })
}

/// The policies of an engagement, base guardrails included.
pub(crate) fn policies_of(text: Option<&str>) -> Result<Policies, Failure> {
    Policies::for_engagement(text)
        .map_err(|error| Failure::refused(format!("the policy can't be used: {error}")))
}

impl House {
    /// Changes one row. `next` builds it from the registers as they stand; nobody else changes them meanwhile.
    ///
    /// The entry comes first: a change that is not on record does not take effect. An entry without its row, after
    /// a crash between the two, tells of a change that did not happen.
    pub(crate) async fn change<F>(&self, next: F) -> Result<StoredRow, Failure>
    where
        F: FnOnce(&Registers, UtcMillis) -> Result<StoredRow, Failure>,
    {
        let _alone = self.changes.lock().await;
        let journal = self.journal().await?;
        let row = next(&self.snapshot.load().registers, self.clock.now())?;
        let control = Control::RegisterChange {
            engagement: Some(row.engagement.clone()),
            register: row.kind.to_string(),
            id: row.id.to_string(),
            version: row.version,
            author: row.author.clone(),
            reason: row.reason.clone(),
        };
        journal.control(control).await.map_err(|error| record_failure(&error))?;
        let store = self.register_store();
        store.append(&row).await.map_err(|error| register_failure(&error))?;
        let before = self.snapshot.load_full();
        let snapshot = load(store, &*self.keyring.vault(), Some(&before)).await?;
        self.snapshot.store(Arc::new(snapshot));
        Ok(row)
    }

    /// Puts on record under which configuration the house runs: a digest, since it may name paths and hosts.
    pub(crate) async fn record_configuration(&self) -> Result<(), Failure> {
        let text = serde_json::to_vec(&self.config)
            .map_err(|_| Failure::failed("the configuration can't be written as JSON"))?;
        let control = Control::ConfigChange {
            part: "config".to_owned(),
            digest: Digest(Sha256::digest(&text).into()).to_hex(),
            author: Author::of(&Note::default(), nix::unistd::geteuid().as_raw(), "").name,
        };
        let journal = self.journal().await?;
        journal.control(control).await.map(drop).map_err(|error| record_failure(&error))
    }

    /// Every version of every row, as kept.
    pub(crate) async fn rows(&self) -> Result<Vec<StoredRow>, Failure> {
        self.register_store().load().await.map_err(|error| register_failure(&error))
    }
}

/// A failure of the registers.
pub(crate) fn register_failure(error: &RegisterError) -> Failure {
    match error {
        RegisterError::Database(_) | RegisterError::Unreadable(_) => Failure::failed(error.to_string()),
        RegisterError::Exists { .. } => {
            Failure::refused(error.to_string()).help("`--replace` records a new version of it")
        }
        RegisterError::ClockBehind => Failure::coded(terms::Code::CLOCK_BEHIND_RECORD, error.to_string()),
        RegisterError::Invalid(flaw) => match flaw.missing {
            Some(kind) => Failure::refused(error.to_string()).help(recorded_by(kind)),
            None => Failure::refused(error.to_string()),
        },
        RegisterError::Absent { kind, .. } => Failure::refused(error.to_string()).help(recorded_by(*kind)),
        _ => Failure::refused(error.to_string()),
    }
}

/// Where to see which rows there are, and how to record one.
pub(crate) fn recorded_by(kind: RegisterKind) -> String {
    let noun = match kind {
        RegisterKind::AgentKey => return "`chaperon agent show NAME` lists an agent's keys".to_owned(),
        RegisterKind::Credential => return "record one with `chaperon service credential NAME`".to_owned(),
        RegisterKind::Policy => return "set one with `chaperon policy set FILE`".to_owned(),
        RegisterKind::TermList => "terms",
        kind => kind.as_str(),
    };
    format!("`chaperon {noun} list` shows what is there; record one with `chaperon {noun} add`")
}
