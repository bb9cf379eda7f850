//! Finds the session that a request goes on with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terms::{Clock, Digest, KeyUse, Randomness, SessionId, UtcMillis, Vault};

use crate::chain::{Next, Trace};
use crate::live::Live;
use crate::memory::{Held, Memory};
use crate::turn::Turn;
use crate::writing::Writing;
use crate::{CanonicalMessage, CustodyError, SessionLimits, SessionOwner, SessionStore};

/// All sessions of the house. Cheap to clone.
#[derive(Clone)]
pub struct Sessions(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) vault: Arc<dyn Vault>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) limits: SessionLimits,
    pub(crate) writing: Writing,
    memory: Mutex<Memory>,
}

impl Sessions {
    /// Sessions kept in `store`, under keys of `vault`.
    pub fn new(
        store: Arc<dyn SessionStore>,
        vault: Arc<dyn Vault>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        limits: SessionLimits,
    ) -> Self {
        let (writing, memory) = (Writing::default(), Mutex::default());
        Self(Arc::new(Inner { store, vault, clock, randomness, limits, writing, memory }))
    }

    /// The turn that a request takes: in the session that `header` or the conversation so far names, in a
    /// branch of it, or in a fresh one.
    ///
    /// `messages` are all of the request's original messages in order, system prompt first. The store is asked
    /// at most once, and not at all if the request neither has a header nor holds an answer.
    ///
    /// # Errors
    /// [`CustodyError`] if the engagement has no key, or if the store fails or holds what does not open.
    pub async fn resume(
        &self,
        owner: &SessionOwner,
        header: Option<&str>,
        messages: &[CanonicalMessage<'_>],
    ) -> Result<Turn, CustodyError> {
        let digester = self
            .0
            .vault
            .digester(&owner.engagement, KeyUse::Conversation)
            .map_err(|_| CustodyError::Sealed)?;
        let trace = Trace::new(&*digester, owner, header, messages);
        let now = self.0.clock.now();
        let live = match (self.find(owner, &trace, now).await?, trace.next) {
            (Some((_, held)), Next::Header(_)) => held.live,
            (Some((chain, held)), Next::Answer(_)) if held.live.goes_on_at(chain, held.entries) => held.live,
            (Some((_, held)), Next::Answer(_)) => self.branch(&held, now),
            (None, Next::Header(chain)) => {
                // Parallel turns under a new header meet here.
                let held = Held { live: self.fresh(owner, trace.owner, now), entries: 0 };
                let limits = &self.0.limits;
                self.memory().claim(chain, held, limits.memory, |live| !live.ended(limits, now)).live
            }
            (None, Next::Answer(_)) => self.fresh(owner, trace.owner, now),
        };
        live.touch(now);
        Ok(Turn::new(Arc::clone(&self.0), digester, live, trace.next))
    }

    /// The turn that a request would take, on a copy: it knows what the session knows, and what it draws is gone with
    /// it. The session does not learn of it, and nothing of it is remembered or kept, whatever is done with it.
    ///
    /// # Errors
    /// As [`Sessions::resume`].
    pub async fn rehearse(
        &self,
        owner: &SessionOwner,
        header: Option<&str>,
        messages: &[CanonicalMessage<'_>],
    ) -> Result<Turn, CustodyError> {
        let digester = self
            .0
            .vault
            .digester(&owner.engagement, KeyUse::Conversation)
            .map_err(|_| CustodyError::Sealed)?;
        let trace = Trace::new(&*digester, owner, header, messages);
        let now = self.0.clock.now();
        let live = match (self.find(owner, &trace, now).await?, trace.next) {
            (Some((_, held)), Next::Header(_)) => held.live.copy(now),
            (Some((chain, held)), Next::Answer(_)) if held.live.goes_on_at(chain, held.entries) => {
                held.live.copy(now)
            }
            (Some((_, held)), Next::Answer(_)) => self.branch(&held, now),
            (None, _) => self.fresh(owner, trace.owner, now),
        };
        // what has ended leaves nothing behind
        live.end();
        Ok(Turn::new(Arc::clone(&self.0), digester, live, trace.next))
    }

    /// The longest match of the conversation.
    async fn find(
        &self,
        owner: &SessionOwner,
        trace: &Trace,
        now: UtcMillis,
    ) -> Result<Option<(Digest, Held)>, CustodyError> {
        let (inner, candidates) = (&self.0, trace.candidates.as_slice());
        let remembered = self.memory().find(&owner.engagement, candidates, inner.limits.memory);
        let unknown = remembered.as_ref().map_or(candidates.len(), |(index, _)| *index);
        let longer = candidates.get(..unknown).unwrap_or_default();
        if !longer.is_empty()
            && let Some(point) = inner.store.find(&owner.engagement, longer).await?
            && let Some(live) = self.load(owner, point.session).await?
            && live.owner == trace.owner
            && !live.ended(&inner.limits, now)
        {
            let held = Held { live, entries: point.entries };
            self.memory().insert(point.chain, held.clone(), inner.limits.memory);
            return Ok(Some((point.chain, held)));
        }
        Ok(remembered.and_then(|(index, held)| {
            let chain = candidates.get(index).copied()?;
            (!held.live.ended(&inner.limits, now)).then_some((chain, held))
        }))
    }

    async fn load(
        &self,
        owner: &SessionOwner,
        session: SessionId,
    ) -> Result<Option<Arc<Live>>, CustodyError> {
        if let Some(live) = self.memory().alive(&owner.engagement, session) {
            return Ok(Some(live));
        }
        let Some((record, sealed)) = self.0.store.load(&owner.engagement, session).await? else {
            return Ok(None);
        };
        if record.engagement != owner.engagement || record.session != session {
            return Err(CustodyError::Sealed);
        }
        let live = Live::open(&*self.0.vault, record, &sealed)?;
        Ok(live.and_then(|live| self.memory().enliven(live)))
    }

    fn fresh(&self, owner: &SessionOwner, digest: Digest, now: UtcMillis) -> Arc<Live> {
        let session = SessionId::fresh(now, &*self.0.randomness);
        Arc::new(Live::new(owner.engagement.clone(), session, digest, now, now, []))
    }

    /// A session of its own that knows what the other knew at the point, and ends when the other ends.
    fn branch(&self, held: &Held, now: UtcMillis) -> Arc<Live> {
        let (from, session) = (&held.live, SessionId::fresh(now, &*self.0.randomness));
        let entries = from.entries();
        let entries = entries.iter().take(held.entries as usize).cloned();
        Arc::new(Live::new(from.engagement.clone(), session, from.owner, from.created, now, entries))
    }

    /// Ends the sessions whose time is over, here and in the store; how many in the store.
    ///
    /// What the store deletes ends here too, though a turn that is under way may have just used it: it goes on
    /// with what it knows, and leaves nothing behind.
    ///
    /// # Errors
    /// [`CustodyError`] if the store fails or something could not be written before; they have ended here all the
    /// same.
    pub async fn expire(&self) -> Result<u64, CustodyError> {
        let inner = &self.0;
        let alone = inner.writing.alone().await;
        let written = inner.writing.flush(inner, &alone).await;
        // From here on none of them is found, read or written, and then they are deleted.
        let (idle, born) = self.memory().expire(&inner.limits, inner.clock.now());
        let ended = inner.store.expire(idle, born).await?;
        written.map(|()| ended)
    }

    /// Writes what turns have queued, in as few transactions as it takes.
    ///
    /// # Errors
    /// [`CustodyError::Database`] if the store fails: what was queued stays queued. [`CustodyError::Sealed`] if
    /// a session could not be sealed: that one is given up, all others are written.
    pub async fn flush(&self) -> Result<(), CustodyError> {
        let alone = self.0.writing.alone().await;
        self.0.writing.flush(&self.0, &alone).await
    }

    /// Waits until there is something to flush.
    pub async fn queued(&self) {
        self.0.writing.queued().await;
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.memory()
    }
}

impl Inner {
    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        // At worst a panic elsewhere has forgotten a point: stability is lost, nothing else.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
