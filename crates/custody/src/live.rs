//! A session in memory. All turns of one session share one of these.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terms::{
    Digest, EngagementId, Form, IdentifierClass, KeyUse, Randomness, SealError, SealedValue, Sealer,
    SessionId, Shape, SurrogateError, UtcMillis, Vault,
};

use crate::entry::{self, Entry};
use crate::remembered::{Entries, Remembered};
use crate::{CustodyError, SealedEntries, SessionLimits, SessionPoint, SessionRecord, SessionUpdate};

pub(crate) struct Live {
    pub(crate) engagement: EngagementId,
    pub(crate) session: SessionId,
    pub(crate) owner: Digest,
    pub(crate) created: UtcMillis,
    state: Mutex<State>,
}

struct State {
    remembered: Remembered,
    /// How many entries are in the store.
    kept: usize,
    /// Where the latest turn ended.
    newest: Option<Digest>,
    used: UtcMillis,
    /// When it was last used as far as the store knows; `None` if it does not know the session.
    stored: Option<UtcMillis>,
    /// Whether it was ended, whatever its times say since: the store has deleted it, or is about to.
    over: bool,
    /// Its own key, sealed. It is opened to seal and to open entries, and is in memory no longer than that.
    key: Option<SealedValue>,
}

impl Live {
    /// A session that remembers nothing, or a branch that begins with some of what another remembers.
    pub(crate) fn new(
        engagement: EngagementId,
        session: SessionId,
        owner: Digest,
        created: UtcMillis,
        used: UtcMillis,
        entries: impl IntoIterator<Item = Entry>,
    ) -> Self {
        let remembered = entries.into_iter().collect();
        let state = State { remembered, kept: 0, newest: None, used, stored: None, over: false, key: None };
        Self { engagement, session, owner, created, state: Mutex::new(state) }
    }

    /// One that knows the same under the same name, and shares nothing with it.
    pub(crate) fn copy(&self, now: UtcMillis) -> Arc<Self> {
        let entries = self.entries();
        let entries = entries.iter().cloned();
        Arc::new(Self::new(self.engagement.clone(), self.session, self.owner, self.created, now, entries))
    }

    /// A session as it was kept; `None` if it has ended.
    pub(crate) fn open(
        vault: &dyn Vault,
        record: SessionRecord,
        kept: &[SealedEntries],
    ) -> Result<Option<Self>, CustodyError> {
        let wrapped = SealedValue { epoch: record.key_epoch, bytes: record.sealed_key };
        let context = record.session.as_bytes();
        let key = match vault.open_key(&record.engagement, KeyUse::Session, context, &wrapped) {
            Ok(opened) => opened,
            // The key was destroyed, and the session with it.
            Err(SealError::NoKey) => return Ok(None),
            Err(_) => return Err(CustodyError::Sealed),
        };
        let mut entries = Vec::new();
        for sealed in kept {
            if usize::try_from(sealed.position) != Ok(entries.len()) {
                // It was ended while a turn went on, and what that turn added came behind its end.
                return Ok(None);
            }
            entry::open(sealed, &*key, record.session, &mut entries)?;
        }
        let kept = entries.len();
        let mut live =
            Self::new(record.engagement, record.session, record.owner, record.created, record.used, entries);
        let state = live.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        (state.kept, state.stored, state.key) = (kept, Some(record.used), Some(wrapped));
        Ok(Some(live))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic can't leave an entry half inserted: every insertion is one call.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn entries(&self) -> Entries {
        self.state().remembered.entries()
    }

    /// Whether `mark` is one of the first `known` entries.
    pub(crate) fn marked(&self, mark: &Digest, known: usize) -> bool {
        self.state().remembered.mark(mark).is_some_and(|place| place < known)
    }

    /// Whether the session has ended at `now`.
    pub(crate) fn ended(&self, limits: &SessionLimits, now: UtcMillis) -> bool {
        let state = self.state();
        state.over || state.used < now.minus(limits.idle) || self.created < now.minus(limits.max_life)
    }

    /// Whether the store deletes it when what was last used before `idle` or created before `born` is deleted.
    pub(crate) fn deleted_by(&self, idle: UtcMillis, born: UtcMillis) -> bool {
        self.state().stored.is_some_and(|used| used < idle || self.created < born)
    }

    /// Ends it for good.
    pub(crate) fn end(&self) {
        self.state().over = true;
    }

    pub(crate) fn over(&self) -> bool {
        self.state().over
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        // beside its entries: itself, its name, its sealed key, and its place in the memory of all
        size_of::<Self>() + 256 + self.state().remembered.weight()
    }

    /// Whether a turn that goes on at `point`, where the session had `entries`, may stay in the session: it must
    /// not learn what came after. Of a session that was just opened, only the number can tell.
    pub(crate) fn goes_on_at(&self, point: Digest, entries: u32) -> bool {
        let mut state = self.state();
        if state.newest.is_none() && state.remembered.len() <= entries as usize {
            state.newest = Some(point);
        }
        state.newest == Some(point)
    }

    pub(crate) fn touch(&self, now: UtcMillis) {
        self.state().used = now;
    }

    /// A turn ended at `point`, with `marks` of what its answer held; how many entries the session has there, or
    /// `None` if there is nothing to remember it for. What would be more marks than `most` is not remembered.
    pub(crate) fn end_turn(
        &self,
        point: Digest,
        now: UtcMillis,
        marks: impl Iterator<Item = Digest>,
        most: usize,
    ) -> Option<u32> {
        let mut state = self.state();
        for mark in marks {
            if state.remembered.marks() < most && state.remembered.mark(&mark).is_none() {
                state.remembered.push(Entry::Mark(Arc::new(mark)));
            }
        }
        if state.remembered.len() == 0 {
            return None;
        }
        (state.newest, state.used) = (Some(point), now);
        Some(count(state.remembered.len()))
    }

    /// The surrogate of `original`, drawn if the session has none.
    pub(crate) fn surrogate(
        &self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
        most: usize,
        randomness: &dyn Randomness,
    ) -> Result<String, SurrogateError> {
        self.state().remembered.surrogate(class, original, taken, most, randomness)
    }

    /// The surrogate of `original` in `form`, drawn if the session has none that fits; `None` if none is found.
    pub(crate) fn shaped(
        &self,
        wanted: (IdentifierClass, &str, Form),
        shape: &dyn Shape,
        most: usize,
        randomness: &dyn Randomness,
    ) -> Result<Option<String>, SurrogateError> {
        self.state().remembered.shaped_as(wanted, shape, most, randomness)
    }

    /// Remembers the pseudonym of `original`, if the session does not know it.
    pub(crate) fn pseudonym(
        &self,
        class: IdentifierClass,
        original: &str,
        pseudonym: &str,
        most: usize,
    ) -> Result<(), SurrogateError> {
        self.state().remembered.pseudonym(class, original, pseudonym, most)
    }

    /// What the store does not have yet: the record, with a key if there was none, the entries, and `points`.
    pub(crate) fn to_keep(
        &self,
        vault: &dyn Vault,
        randomness: &dyn Randomness,
        points: Vec<SessionPoint>,
    ) -> Result<Keeping, CustodyError> {
        let mut state = self.state();
        let (upto, new) = (state.remembered.len(), state.remembered.behind(state.kept));
        let seal = |sealer: &dyn Sealer| {
            entry::seal(new, sealer, randomness, self.session, count(state.kept)).map(Some)
        };
        let context = self.session.as_bytes();
        let (entries, fresh) = match &state.key {
            Some(_) if new.is_empty() => (None, None),
            Some(wrapped) => {
                let opened = vault.open_key(&self.engagement, KeyUse::Session, context, wrapped);
                (seal(&*opened.map_err(|_| CustodyError::Sealed)?)?, None)
            }
            None => {
                let made = vault.fresh_key(&self.engagement, KeyUse::Session, context);
                let (wrapped, sealer) = made.map_err(|_| CustodyError::Sealed)?;
                (if new.is_empty() { None } else { seal(&*sealer)? }, Some(wrapped))
            }
        };
        if fresh.is_some() {
            state.key = fresh;
        }
        let key = state.key.as_ref().ok_or(CustodyError::Sealed)?;
        let record = SessionRecord {
            engagement: self.engagement.clone(),
            session: self.session,
            owner: self.owner,
            key_epoch: key.epoch,
            sealed_key: key.bytes.clone(),
            created: self.created,
            used: state.used,
        };
        Ok(Keeping { update: SessionUpdate { record, entries, points }, upto })
    }

    /// The store has the first `upto` entries now, and knows when the session was last `used`.
    pub(crate) fn kept(&self, upto: usize, used: UtcMillis) {
        let mut state = self.state();
        (state.kept, state.stored) = (state.kept.max(upto), Some(used));
    }
}

/// What is to be kept of a session, and how many entries it has then.
pub(crate) struct Keeping {
    pub(crate) update: SessionUpdate,
    pub(crate) upto: usize,
}

fn count(entries: usize) -> u32 {
    u32::try_from(entries).unwrap_or(u32::MAX)
}
