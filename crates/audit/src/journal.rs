//! The journal's handle: starts it, takes entries, and answers when they are durable.

use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use terms::{
    Clock, DecisionId, Digest, EngagementId, ExchangeId, NoteSigner, Randomness, SegmentId, SegmentKeys,
    UtcMillis,
};
use tokio::sync::{oneshot, watch};

use crate::checkpoint::{Checkpointer, Durable};
use crate::disk::{Disk, OsDisk};
use crate::entry::{Closing, Control, Destination, Opening, Payload};
use crate::note::valid_name;
use crate::queue::{About, Item, Queue};
use crate::recover::Recovery;
use crate::segment::Segment;
use crate::writer::Writer;
use crate::{JournalError, Reader, layout};

/// What a journal is started with.
pub struct JournalConfig {
    /// The journal's directory, made where it is missing.
    pub dir: PathBuf,
    /// Tells the time of entries.
    pub clock: Arc<dyn Clock>,
    /// For the identities of segments.
    pub randomness: Arc<dyn Randomness>,
    /// Where the keys of segments come from.
    pub keys: Arc<dyn SegmentKeys>,
    /// Signs checkpoints; its name is the log's origin.
    pub signer: Arc<dyn NoteSigner>,
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// How often and how much.
    pub pace: Pace,
}

impl JournalConfig {
    /// On the disk of the operating system, at the usual pace.
    pub fn new(
        dir: PathBuf,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        keys: Arc<dyn SegmentKeys>,
        signer: Arc<dyn NoteSigner>,
    ) -> Self {
        Self { dir, clock, randomness, keys, signer, disk: Arc::new(OsDisk), pace: Pace::default() }
    }
}

/// How often the journal does what, and how large its files grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// A checkpoint is signed this long after the last one, if entries came.
    pub checkpoint: Duration,
    /// A checkpoint is kept for ever this long after the last one that was; so are the first and the last of a run and
    /// the first of each segment.
    pub history: Duration,
    /// A closing waits this long at most for an opening to share its sync with.
    pub closing: Duration,
    /// A segment that has this many bytes is followed by the next.
    pub segment_bytes: u64,
    /// Zeros written ahead, so that a sync need not grow the file; 0 for none.
    pub prepare_bytes: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            checkpoint: Duration::from_millis(500),
            history: Duration::from_mins(1),
            closing: Duration::from_millis(20),
            segment_bytes: 64 << 20,
            prepare_bytes: 1 << 20,
        }
    }
}

/// What a start found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Exchanges of the last run that were closed as interrupted.
    pub interrupted: usize,
    /// Bytes of a torn write that were cut off.
    pub torn_bytes: u64,
    /// Leaves that were there.
    pub size: u64,
    /// Number of the segment that was begun.
    pub segment: u64,
}

/// Counters of a running journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Entries written.
    pub entries: u64,
    /// Batches, each with one sync.
    pub syncs: u64,
    /// Microseconds spent in writing and syncing them.
    pub sync_micros: u64,
    /// Checkpoints signed.
    pub checkpoints: u64,
    /// Closings that could not be sealed: their exchanges stay open.
    pub unsealed: u64,
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) entries: AtomicU64,
    pub(crate) syncs: AtomicU64,
    pub(crate) sync_micros: AtomicU64,
    pub(crate) checkpoints: AtomicU64,
    pub(crate) unsealed: AtomicU64,
}

/// What the handle, the writer and the checkpoint thread share.
pub(crate) struct Shared {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) keys: Arc<dyn SegmentKeys>,
    pub(crate) origin: String,
    pub(crate) pace: Pace,
    pub(crate) queue: Queue,
    pub(crate) figures: Counters,
    newest: AtomicU64,
    durable: Mutex<Option<Durable>>,
    checkpoints: Mutex<Checkpointer>,
    stopped: Mutex<bool>,
    stop: Condvar,
    finished: watch::Sender<Option<Result<(), JournalError>>>,
}

impl Shared {
    pub(crate) fn new_segment(&self, number: u64, id: SegmentId) -> Result<Segment, JournalError> {
        Segment::create(&*self.disk, &self.dir, number, id, self.pace.prepare_bytes)
    }

    pub(crate) fn publish(&self, durable: Durable) {
        self.newest.store(durable.newest.0, Relaxed);
        *self.durable.lock() = Some(durable);
    }

    /// What is signed from now on is kept in the history: the run ends.
    pub(crate) fn keep_last(&self) {
        self.checkpoints.lock().ending = true;
    }

    /// Signs what is durable.
    pub(crate) fn sign(&self) -> Result<(), JournalError> {
        let mut checkpoints = self.checkpoints.lock();
        let Some(durable) = self.durable.lock().clone() else { return Ok(()) };
        if checkpoints.sign(&durable)? {
            self.figures.checkpoints.fetch_add(1, Relaxed);
        }
        Ok(())
    }

    /// Signs at the journal's pace until it stops. What can't be signed would be an ever longer unproven tail:
    /// then the record counts as unavailable.
    fn keep_signing(&self) {
        loop {
            let mut stopped = self.stopped.lock();
            if !*stopped {
                self.stop.wait_for(&mut stopped, self.pace.checkpoint);
            }
            if *stopped {
                return;
            }
            drop(stopped);
            if let Err(why) = self.sign() {
                self.queue.close(why);
                return;
            }
        }
    }
}

/// Ends the run however the writer ends, by a panic too: nobody waits for ever.
struct End {
    shared: Arc<Shared>,
    how: Option<Result<(), JournalError>>,
    lock: Option<Box<dyn Any + Send + Sync>>,
}

impl End {
    fn run(mut self, mut writer: Writer) {
        self.how = Some(writer.serve());
        // who waits is told why before the writer lets go of them
        drop(self);
        drop(writer);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let how = self.how.take().unwrap_or(Err(JournalError::Unavailable(std::io::ErrorKind::Other)));
        self.shared.queue.fail(how.as_ref().err().unwrap_or(&JournalError::Closed));
        *self.shared.stopped.lock() = true;
        self.shared.stop.notify_all();
        drop(self.lock.take());
        self.shared.finished.send_replace(Some(how));
    }
}

/// Tells the writer to end in order when the last handle goes.
struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.queue.close(JournalError::Closed);
    }
}

/// The journal. Cheap to clone; ends in order with [`Journal::shut_down`] or with its last clone.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
    _handle: Arc<Handle>,
}

impl Journal {
    /// Checks what is on disk against the newest checkpoint, recovers from a crash, and begins a new segment.
    /// When it returns, the start is on record and signed.
    ///
    /// # Errors
    /// [`JournalError::Tampered`] where the journal is not what was written: nothing was changed then.
    pub fn start(config: JournalConfig) -> Result<(Self, Recovered), JournalError> {
        let JournalConfig { dir, clock, randomness, keys, signer, disk, pace } = config;
        if !valid_name(signer.name()) {
            return Err(JournalError::Origin);
        }
        disk.make_dir(&dir)?;
        let lock = disk.lock(&dir.join(layout::LOCK)).map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => JournalError::Locked,
            kind => JournalError::Unavailable(kind),
        })?;
        let found = Recovery { disk: &*disk, dir: &dir, keys: &*keys, signer: &*signer }.run()?;
        let checkpoints = Checkpointer {
            dir: dir.clone(),
            disk: Arc::clone(&disk),
            history: found.history.open(&*disk, &dir)?,
            offset: found.history.end,
            signed: found.history.signed.map(|signed| signed.size),
            kept: None,
            pace: pace.history,
            ending: false,
            frontier_of: 0,
            signer: Arc::clone(&signer),
        };
        let shared = Arc::new(Shared {
            dir,
            disk,
            clock,
            randomness,
            keys,
            origin: signer.name().to_owned(),
            pace,
            queue: Queue::new(),
            figures: Counters::default(),
            newest: AtomicU64::new(found.newest.0),
            durable: Mutex::new(None),
            checkpoints: Mutex::new(checkpoints),
            stopped: Mutex::new(false),
            stop: Condvar::new(),
            finished: watch::Sender::new(None),
        });
        let recovered = Recovered {
            interrupted: found.open.len(),
            torn_bytes: found.torn_bytes,
            size: found.tree.size(),
            segment: found.last_segment + 1,
        };
        let mut writer = Writer::start(Arc::clone(&shared), recovered.segment, found.tree, found.newest)?;
        writer.greet(found.open, found.torn_bytes)?;
        Self::spawn(&shared, writer, lock)?;
        Ok((Self { _handle: Arc::new(Handle(Arc::clone(&shared))), shared }, recovered))
    }

    fn spawn(
        shared: &Arc<Shared>,
        writer: Writer,
        lock: Box<dyn Any + Send + Sync>,
    ) -> Result<(), JournalError> {
        let end = End { shared: Arc::clone(shared), how: None, lock: Some(lock) };
        std::thread::Builder::new().name("journal".into()).spawn(move || end.run(writer))?;
        let signing = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("checkpoints".into());
        if let Err(error) = thread.spawn(move || signing.keep_signing()) {
            shared.queue.close(error.into());
        }
        Ok(())
    }

    /// Puts an opening on record. Returns when it is durable: only then may anything leave. Whoever stops waiting
    /// leaves an opening that the end of the run closes as interrupted, so wait detached from the client.
    pub async fn open(&self, opening: Opening) -> Result<Opened, JournalError> {
        let payload = Payload::opening(&opening)?;
        let Opening { exchange, engagement, decision, destination, .. } = opening;
        let receipt = self.durable(payload, About::Opens(exchange, engagement.clone())).await?;
        Ok(Opened { exchange, engagement, decision: decision.id, destination, receipt })
    }

    /// Closes an exchange. Returns when the closing is queued; it is durable with the next batch, at the latest
    /// [`Pace::closing`] later. A crash in between leaves an opening that the next start closes as interrupted.
    pub async fn close(&self, opened: Opened, closing: Closing) -> Result<(), JournalError> {
        let payload = Payload::closing(opened.exchange, &closing)?;
        let about = About::Closes(opened.exchange, opened.engagement);
        self.shared.queue.push(Item { payload, about, waiter: None }).await
    }

    /// Closes an exchange as interrupted, if it is still open: for whoever finds that the task that held it is gone.
    pub async fn interrupt(
        &self,
        exchange: ExchangeId,
        engagement: EngagementId,
    ) -> Result<(), JournalError> {
        let payload = Payload::closing(exchange, &Closing::interrupted())?;
        let about = About::Interrupts(exchange, engagement);
        self.shared.queue.push(Item { payload, about, waiter: None }).await
    }

    /// Puts what happened to the house on record, in the clear. Returns when it is durable.
    pub async fn control(&self, control: Control) -> Result<Receipt, JournalError> {
        if control.is_reserved() {
            return Err(JournalError::Reserved);
        }
        self.durable(Payload::control(&control)?, About::House).await
    }

    async fn durable(&self, payload: Vec<u8>, about: About) -> Result<Receipt, JournalError> {
        let (waiter, answer) = oneshot::channel();
        self.shared.queue.push(Item { payload, about, waiter: Some(waiter) }).await?;
        answer.await.unwrap_or_else(|_| Err(self.shared.queue.why_closed()))
    }

    /// The latest time of any entry, of earlier runs too: a clock behind it was turned back.
    pub fn newest_time(&self) -> UtcMillis {
        UtcMillis(self.shared.newest.load(Relaxed))
    }

    /// Counters since the start.
    pub fn figures(&self) -> Figures {
        let Counters { entries, syncs, sync_micros, checkpoints, unsealed } = &self.shared.figures;
        Figures {
            entries: entries.load(Relaxed),
            syncs: syncs.load(Relaxed),
            sync_micros: sync_micros.load(Relaxed),
            checkpoints: checkpoints.load(Relaxed),
            unsealed: unsealed.load(Relaxed),
        }
    }

    /// Whether entries are taken: not after a failed write or sync, and not once it was shut down.
    pub fn is_writable(&self) -> bool {
        self.shared.queue.is_open()
    }

    /// Reads this journal, while it is written too.
    pub fn reader(&self) -> Reader {
        let Shared { dir, keys, disk, .. } = &*self.shared;
        Reader::on(dir.clone(), Arc::clone(keys), Arc::clone(disk))
    }

    /// Refuses new entries, writes what is queued, closes what is open as interrupted, and signs the last
    /// checkpoint. Returns when all of it is durable.
    pub async fn shut_down(&self) -> Result<(), JournalError> {
        self.shared.queue.close(JournalError::Closed);
        let mut finished = self.shared.finished.subscribe();
        let end = finished.wait_for(Option::is_some).await.map_err(|_| JournalError::Closed)?;
        end.clone().unwrap_or(Err(JournalError::Closed))
    }
}

/// An exchange whose opening is durable. Only the journal makes one, and only once.
#[derive(Debug)]
#[must_use = "an exchange that is opened must be closed"]
pub struct Opened {
    exchange: ExchangeId,
    engagement: EngagementId,
    decision: DecisionId,
    destination: Destination,
    receipt: Receipt,
}

impl Opened {
    /// The exchange.
    pub const fn exchange(&self) -> ExchangeId {
        self.exchange
    }

    /// Its engagement.
    pub const fn engagement(&self) -> &EngagementId {
        &self.engagement
    }

    /// The decision that is on record with it.
    pub const fn decision(&self) -> &DecisionId {
        &self.decision
    }

    /// Where the opening says that the data goes.
    pub const fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Where its opening is in the log.
    pub const fn receipt(&self) -> Receipt {
        self.receipt
    }
}

/// Where an entry is in the log. The proof is fetched later, once a checkpoint covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Index of its leaf.
    pub position: u64,
    /// The leaf's hash.
    pub leaf: Digest,
}

impl fmt::Display for Receipt {
    /// `position:leaf`, the leaf's hash in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.leaf)
    }
}
