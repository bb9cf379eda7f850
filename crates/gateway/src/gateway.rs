//! What the data plane is made of, and how it is started and stopped.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use audit::Journal;
use custody::Sessions;
use deid::Detector;
use egress::Egress;
use governance::{BudgetUse, BudgetUses, Registers};
use policy::Policies;
use terms::{Clock, Code, EngagementId, Randomness, Vault};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use crate::breaker::Breakers;
use crate::caller::KeyReader;
use crate::ledger::Ledger;
use crate::lists::TermLists;
use crate::metrics::Metrics;
use crate::observations::Observations;
use crate::recall::{self, Recall};
use crate::refusals::Refusals;
use crate::server::{Bodies, Listener};
use crate::trace::Spans;
use crate::{front, protocol};

/// The registers and policies that a request is judged by: immutable, swapped whole after each change.
pub struct Snapshot {
    /// Every register.
    pub registers: Registers,
    /// The policies of each engagement, base guardrails included.
    pub policies: HashMap<EngagementId, Arc<Policies>>,
    /// The term lists of each engagement that has any in force, compiled.
    pub lists: HashMap<EngagementId, Arc<TermLists>>,
}

/// How much the gateway takes on.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request's body, before and after decompression.
    pub body_bytes: usize,
    /// Bytes of all requests and answers that are held at once, as they came, half for each: in hand they take a few
    /// times that.
    pub held_bytes: usize,
    /// How long a caller may take to send its body.
    pub request: Duration,
    /// How long a caller may leave a streamed answer unread.
    pub idle: Duration,
    /// Bytes of an answer that is not streamed; one of vectors may have three times that.
    pub answer_bytes: usize,
    /// How long a whole answer may take, streamed or not.
    pub answer: Duration,
    /// Exchanges under way at a time.
    pub exchanges: usize,
    /// After so many failures in a row a service is left alone; 0: never.
    pub breaker_failures: u32,
    /// For how long.
    pub breaker_rest: Duration,
    /// How far the clock may be behind the newest entry of the record.
    pub clock_tolerance: Duration,
    /// How much of one body is read.
    pub protocol: protocol::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 16 << 20,
            held_bytes: 256 << 20,
            request: Duration::from_secs(30),
            idle: Duration::from_mins(2),
            answer_bytes: 32 << 20,
            answer: Duration::from_hours(1),
            exchanges: 4096,
            breaker_failures: 10,
            breaker_rest: Duration::from_secs(15),
            clock_tolerance: Duration::from_mins(1),
            protocol: protocol::Limits::default(),
        }
    }
}

/// What a gateway is made of.
pub struct Parts {
    /// Registers and policies.
    pub snapshot: Arc<ArcSwap<Snapshot>>,
    /// Finds identifiers.
    pub detector: Detector,
    /// The record.
    pub journal: Journal,
    /// Conversations and their surrogates.
    pub sessions: Arc<Sessions>,
    /// The way out.
    pub egress: Egress,
    /// Keyed digests of identifiers.
    pub vault: Arc<dyn Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable bytes.
    pub randomness: Arc<dyn Randomness>,
    /// Where it is kept what was used of budgets.
    pub budgets: Arc<dyn BudgetUses>,
    /// What was kept of them.
    pub used: Vec<BudgetUse>,
    /// Reads agent keys.
    pub keys: Arc<dyn KeyReader>,
    /// What answers say of their services.
    pub observations: Arc<Observations>,
    /// Takes what is told of exchanges, where somebody wants to know.
    pub spans: Option<Arc<dyn Spans>>,
    /// How much to take on.
    pub limits: Limits,
}

/// The data plane.
pub struct Gateway {
    pub(crate) parts: Parts,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) refusals: Arc<Refusals>,
    pub(crate) seats: Arc<Semaphore>,
    pub(crate) bodies: Bodies,
    pub(crate) recall: Recall,
    pub(crate) breakers: Breakers,
    pub(crate) ledger: Arc<Ledger>,
}

impl Gateway {
    /// Puts a gateway together.
    pub fn new(mut parts: Parts) -> Arc<Self> {
        let ledger = Ledger::new(std::mem::take(&mut parts.used));
        let seats = Arc::new(Semaphore::new(parts.limits.exchanges));
        let limits = &parts.limits;
        let bodies = Bodies::new(limits.body_bytes, limits.held_bytes, limits.request);
        let (metrics, refusals, recall) = (Metrics::new(), Arc::default(), Recall::new(recall::MOST));
        let breakers = Breakers::new(limits.breaker_failures, limits.breaker_rest);
        Arc::new(Self { parts, metrics, refusals, seats, bodies, recall, breakers, ledger })
    }

    /// Serves until `stop` ends. Exchanges under way may end within `grace`; when this returns none is under way or
    /// all that still are have been cut, and the journal can be shut down.
    pub async fn serve(self: Arc<Self>, listener: Listener, stop: impl Future<Output = ()>, grace: Duration) {
        let recording = tokio::spawn(Arc::clone(&self.refusals).keep_recording(self.parts.journal.clone()));
        let (ending, ended) = tokio::sync::oneshot::channel::<()>();
        let keeping = tokio::spawn(keep(Arc::clone(&self.parts.sessions), ended));
        let counting = tokio::spawn(keep_count(Arc::clone(&self)));
        let gateway = Arc::clone(&self);
        listener.serve(move |request| front::answer(Arc::clone(&gateway), request), stop, grace).await;
        self.drain(grace).await;
        recording.abort();
        counting.abort();
        self.count().await;
        // a write under way is not cut off: what it took out of the queue would be lost
        drop(ending);
        let _ended = keeping.await;
        self.refusals.record(&self.parts.journal).await;
        if let Err(error) = self.parts.sessions.flush().await {
            tracing::error!(%error, "sessions could not be kept: conversations under way will get new surrogates");
        }
    }

    /// A seat for one request, for as long as it is under way.
    pub(crate) fn seat(&self) -> Result<OwnedSemaphorePermit, Code> {
        Arc::clone(&self.seats).try_acquire_owned().map_err(|full| match full {
            TryAcquireError::NoPermits => Code::TOO_BUSY,
            TryAcquireError::Closed => Code::SHUTTING_DOWN,
        })
    }

    /// Keeps what was used of budgets since the last time.
    async fn count(&self) {
        let uses = self.ledger.changed();
        if uses.is_empty() {
            return;
        }
        if let Err(error) = self.parts.budgets.keep_uses(&uses).await {
            tracing::error!(%error, "what was used of budgets could not be kept; it is tried again");
            self.ledger.unkept(uses);
        }
    }

    /// Waits until no exchange is under way: each closes its own entry, also one whose caller has left.
    async fn drain(&self, grace: Duration) {
        let all = u32::try_from(self.parts.limits.exchanges).unwrap_or(u32::MAX);
        if tokio::time::timeout(grace, self.seats.acquire_many(all)).await.is_err() {
            tracing::warn!(
                "some exchanges did not end within the grace; their entries are closed as interrupted"
            );
        }
        // a body that was still being read must not begin an exchange now
        self.seats.close();
    }
}

/// Keeps what was used of budgets every second: a crash forgets no more.
async fn keep_count(gateway: Arc<Gateway>) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        gateway.count().await;
    }
}

/// Writes sessions behind their exchanges, many in one transaction; waits longer after each failure in a row.
async fn keep(sessions: Arc<Sessions>, mut ended: tokio::sync::oneshot::Receiver<()>) {
    let mut pause = PAUSE;
    loop {
        tokio::select! {
            () = sessions.queued() => {}
            _ended = &mut ended => return,
        }
        match sessions.flush().await {
            Ok(()) => pause = PAUSE,
            Err(error) => {
                tracing::error!(%error, "sessions could not be kept; they are tried again");
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            }
        }
        // turns that end meanwhile go with the next transaction
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ended = &mut ended => return,
        }
    }
}

/// Between two writes of sessions: a page of the database that many conversations touch is written once for all.
const PAUSE: Duration = Duration::from_millis(100);
/// Between two tries, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
