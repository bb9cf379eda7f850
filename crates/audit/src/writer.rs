//! The one thread that writes: takes all that is queued, seals, writes once, syncs once, acknowledges.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use terms::{EngagementId, ExchangeId, SegmentId, UtcMillis};
use tokio::sync::oneshot;

use crate::checkpoint::Durable;
use crate::entry::{Closing, Control, Payload};
use crate::frame::Kind;
use crate::journal::Shared;
use crate::queue::{About, Item};
use crate::segment::{Segment, SegmentHead};
use crate::tree::Frontier;
use crate::{JournalError, Receipt};

type Waiter = oneshot::Sender<Result<Receipt, JournalError>>;

pub(crate) struct Writer {
    shared: Arc<Shared>,
    segment: Segment,
    run: SegmentId,
    tree: Frontier,
    /// The tree before the segment.
    before: Arc<Frontier>,
    /// Exchanges under way, each with the segment of its opening.
    open: HashMap<ExchangeId, (EngagementId, u64)>,
    waiting: Vec<(Waiter, Receipt)>,
    /// The latest time of this run, and of any run.
    time: UtcMillis,
    newest: UtcMillis,
}

impl Writer {
    /// Opens the first segment of a run. Nothing of it is durable yet.
    pub(crate) fn start(
        shared: Arc<Shared>,
        number: u64,
        tree: Frontier,
        newest: UtcMillis,
    ) -> Result<Self, JournalError> {
        let time = shared.clock.now();
        let run = SegmentId::fresh(time, &*shared.randomness);
        let segment = shared.new_segment(number, run)?;
        let before = Arc::new(tree.clone());
        let (open, waiting) = (HashMap::new(), Vec::new());
        let mut writer = Self { shared, segment, run, tree, before, open, waiting, time, newest };
        writer.head(run)?;
        Ok(writer)
    }

    /// Writes what a start has to say, closes what the last run left open, and signs it.
    pub(crate) fn greet(
        &mut self,
        open: Vec<(ExchangeId, EngagementId)>,
        torn_bytes: u64,
    ) -> Result<(), JournalError> {
        let house = env!("CARGO_PKG_VERSION").to_owned();
        let start = Control::Start { house, interrupted: open.len() as u64, torn_bytes };
        self.segment.append(&mut self.tree, Kind::Control, Payload::control(&start)?)?;
        self.interrupt(open)?;
        self.flush()?;
        self.shared.sign()
    }

    /// Serves the queue until it is closed. An error is final.
    pub(crate) fn serve(&mut self) -> Result<(), JournalError> {
        let mut batch = Vec::new();
        while self.shared.queue.take(&mut batch, self.shared.pace.closing) {
            // who is in this batch must learn why, so the reason is known before the batch is let go of
            self.commit(&mut batch).inspect_err(|why| self.shared.queue.close(why.clone()))?;
        }
        match self.shared.queue.why_closed() {
            JournalError::Closed => self.finish(),
            why => Err(why),
        }
    }

    fn commit(&mut self, batch: &mut Vec<Item>) -> Result<(), JournalError> {
        if self.segment.is_full(self.shared.pace.segment_bytes) {
            self.rotate()?;
        }
        self.begin();
        self.shared.figures.entries.fetch_add(batch.len() as u64, Relaxed);
        for item in batch.drain(..) {
            if matches!(&item.about, About::Interrupts(exchange, _) if !self.open.contains_key(exchange)) {
                continue;
            }
            let written = self.append(item.about, item.payload);
            match (item.waiter, written) {
                (Some(waiter), Ok(receipt)) => self.waiting.push((waiter, receipt)),
                (Some(waiter), Err(why)) => drop(waiter.send(Err(why))),
                (None, Ok(_)) => {}
                (None, Err(_unsealed)) => {
                    self.shared.figures.unsealed.fetch_add(1, Relaxed);
                }
            }
        }
        self.flush()?;
        for (waiter, receipt) in self.waiting.drain(..) {
            // who left meanwhile has an opening on record, which is closed as interrupted
            let _gone = waiter.send(Ok(receipt));
        }
        Ok(())
    }

    fn begin(&mut self) {
        // within a run time never falls, whatever the clock does
        self.time = self.time.max(self.shared.clock.now());
        self.newest = self.newest.max(self.time);
        self.segment.begin(self.tree.size(), self.time);
    }

    fn append(&mut self, about: About, payload: Vec<u8>) -> Result<Receipt, JournalError> {
        let keys = &*self.shared.keys;
        match about {
            About::House => self.segment.append(&mut self.tree, Kind::Control, payload),
            About::Opens(exchange, engagement) => {
                let receipt = self.segment.append_sealed(&mut self.tree, keys, &engagement, payload)?;
                self.open.insert(exchange, (engagement, self.segment.number()));
                Ok(receipt)
            }
            About::Closes(exchange, engagement) | About::Interrupts(exchange, engagement) => {
                let receipt = self.segment.append_sealed(&mut self.tree, keys, &engagement, payload)?;
                self.open.remove(&exchange);
                Ok(receipt)
            }
        }
    }

    fn flush(&mut self) -> Result<(), JournalError> {
        let began = Instant::now();
        self.segment.flush()?;
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.shared.figures.syncs.fetch_add(1, Relaxed);
        self.shared.figures.sync_micros.fetch_add(took, Relaxed);
        self.shared.publish(Durable {
            tree: self.tree.clone(),
            newest: self.newest,
            segment: self.segment.number(),
            before: Arc::clone(&self.before),
        });
        Ok(())
    }

    /// Begins the next segment, with fresh keys. Its head goes with the next batch.
    fn rotate(&mut self) -> Result<(), JournalError> {
        self.segment.finish()?;
        let id = SegmentId::fresh(self.shared.clock.now(), &*self.shared.randomness);
        self.segment = self.shared.new_segment(self.segment.number() + 1, id)?;
        self.before = Arc::new(self.tree.clone());
        self.head(id)?;
        self.flush()
    }

    fn head(&mut self, segment: SegmentId) -> Result<(), JournalError> {
        let number = self.segment.number();
        let head = SegmentHead {
            v: 1,
            number,
            segment,
            run: self.run,
            origin: self.shared.origin.clone(),
            size: self.tree.size(),
            root: self.tree.root().to_hex(),
            newest: self.newest,
            oldest_open: self.open.values().map(|(_, opened_in)| *opened_in).min().unwrap_or(number),
            house: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let payload = serde_json::to_vec(&head).map_err(|_| JournalError::TooLarge)?;
        self.begin();
        self.segment.append(&mut self.tree, Kind::Segment, payload)?;
        Ok(())
    }

    /// Closes exchanges as interrupted. One whose key is gone stays open: nothing can be sealed for it.
    fn interrupt(&mut self, open: Vec<(ExchangeId, EngagementId)>) -> Result<(), JournalError> {
        for (exchange, engagement) in open {
            let payload = Payload::closing(exchange, &Closing::interrupted())?;
            let _unsealed = self.append(About::Closes(exchange, engagement), payload);
        }
        Ok(())
    }

    /// Ends the run in order: closes what is open, says so, cuts the zeros, signs.
    fn finish(&mut self) -> Result<(), JournalError> {
        // before the last frames are durable: whoever signs them keeps what is signed
        self.shared.keep_last();
        self.begin();
        let open: Vec<_> =
            self.open.iter().map(|(exchange, (engagement, _))| (*exchange, engagement.clone())).collect();
        let stop = Control::Stop { interrupted: open.len() as u64 };
        self.interrupt(open)?;
        self.segment.append(&mut self.tree, Kind::Control, Payload::control(&stop)?)?;
        self.flush()?;
        self.segment.finish()?;
        self.shared.sign()
    }
}
