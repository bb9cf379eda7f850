//! Writing behind: turns queue, a flush writes all that is queued.
//!
//! A crash in between loses the stability of surrogates, never a record: nothing here is a promise to anyone.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terms::SessionId;
use tokio::sync::{MutexGuard as Alone, Notify};

use crate::live::{Keeping, Live};
use crate::sessions::Inner;
use crate::{CustodyError, SessionPoint};

/// A store that is away makes turns forget their points beyond this: about so many bytes of memory.
const MOST_QUEUED: usize = 16 << 20;

/// How many sessions one transaction writes.
const BATCH: usize = 1024;

#[derive(Default)]
pub(crate) struct Writing {
    queue: Mutex<Queue>,
    wake: Notify,
    /// Held by the one flush or expiry that runs: positions are sealed once, and nothing is written of what ends.
    flushing: tokio::sync::Mutex<()>,
}

/// Each session once, oldest first.
#[derive(Default)]
struct Queue {
    order: VecDeque<SessionId>,
    waiting: HashMap<SessionId, Queued>,
    /// About how many bytes of memory wait.
    weight: usize,
}

struct Queued {
    live: Arc<Live>,
    points: Vec<SessionPoint>,
    weight: usize,
}

impl Writing {
    pub(crate) fn queue(&self, live: Arc<Live>, point: SessionPoint) {
        let mut queue = self.locked();
        if queue.weight < MOST_QUEUED {
            queue.add(live, point);
        }
        drop(queue);
        self.wake.notify_one();
    }

    pub(crate) async fn queued(&self) {
        loop {
            let woken = self.wake.notified();
            if !self.locked().order.is_empty() {
                return;
            }
            woken.await;
        }
    }

    /// While this is held nothing else is written.
    pub(crate) async fn alone(&self) -> Alone<'_, ()> {
        self.flushing.lock().await
    }

    pub(crate) async fn flush(&self, inner: &Inner, _alone: &Alone<'_, ()>) -> Result<(), CustodyError> {
        let mut given_up = Ok(());
        loop {
            let batch = self.locked().take(BATCH);
            if batch.is_empty() {
                return given_up;
            }
            let (mut updates, mut queued) =
                (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
            for entry in batch.into_iter().filter(|entry| !entry.live.over()) {
                match entry.live.to_keep(&*inner.vault, &*inner.randomness, entry.points.clone()) {
                    Ok(Keeping { update, upto }) => {
                        queued.push((entry, upto, update.record.used));
                        updates.push(update);
                    }
                    Err(error) => given_up = Err(error),
                }
            }
            if let Err(error) = inner.store.apply(&updates).await {
                self.locked().put_back(queued.into_iter().map(|(entry, ..)| entry));
                return Err(error);
            }
            for (entry, upto, used) in queued {
                entry.live.kept(upto, used);
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn add(&mut self, live: Arc<Live>, point: SessionPoint) {
        let weight = live.weight();
        let queued = match self.waiting.entry(live.session) {
            Entry::Occupied(place) => place.into_mut(),
            Entry::Vacant(place) => {
                self.order.push_back(live.session);
                place.insert(Queued { live, points: Vec::new(), weight: 0 })
            }
        };
        queued.points.push(point);
        let weight = weight + size_of_val(queued.points.as_slice());
        self.weight = (self.weight + weight).saturating_sub(queued.weight);
        queued.weight = weight;
    }

    fn take(&mut self, most: usize) -> Vec<Queued> {
        let most = most.min(self.order.len());
        let batch: Vec<_> =
            self.order.drain(..most).filter_map(|session| self.waiting.remove(&session)).collect();
        self.weight -= batch.iter().map(|queued| queued.weight).sum::<usize>().min(self.weight);
        batch
    }

    /// Before those that were queued meanwhile.
    fn put_back(&mut self, batch: impl DoubleEndedIterator<Item = Queued>) {
        for mut queued in batch.rev() {
            self.weight += queued.weight;
            match self.waiting.entry(queued.live.session) {
                Entry::Occupied(mut place) => {
                    queued.points.append(&mut place.get_mut().points);
                    place.get_mut().points = queued.points;
                }
                Entry::Vacant(place) => {
                    self.order.push_front(queued.live.session);
                    place.insert(queued);
                }
            }
        }
    }
}
