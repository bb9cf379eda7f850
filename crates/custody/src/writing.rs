//! Writing behind: turns queue, a flush writes all that is queued.
//!
//! A crash in between loses the stability of surrogates, never a record: nothing here is a promise to anyone.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::live::{Keeping, Live};
use crate::sessions::Inner;
use crate::{CustodyError, SessionPoint};

/// A store that is away makes turns forget their points beyond this.
const MOST_QUEUED: usize = 65_536;

/// How many sessions one transaction writes.
const BATCH: usize = 1024;

#[derive(Default)]
pub(crate) struct Writing {
    queue: Mutex<VecDeque<Queued>>,
    wake: Notify,
    /// Held by the one flush that runs: positions are sealed once.
    flushing: tokio::sync::Mutex<()>,
}

struct Queued {
    live: Arc<Live>,
    points: Vec<SessionPoint>,
}

impl Writing {
    pub(crate) fn queue(&self, live: Arc<Live>, point: SessionPoint) {
        let mut queue = self.locked();
        if queue.len() < MOST_QUEUED {
            queue.push_back(Queued { live, points: vec![point] });
        }
        drop(queue);
        self.wake.notify_one();
    }

    pub(crate) async fn queued(&self) {
        loop {
            let woken = self.wake.notified();
            if !self.locked().is_empty() {
                return;
            }
            woken.await;
        }
    }

    pub(crate) async fn flush(&self, inner: &Inner) -> Result<(), CustodyError> {
        let _alone = self.flushing.lock().await;
        let mut given_up = Ok(());
        loop {
            let batch = self.next_batch();
            if batch.is_empty() {
                return given_up;
            }
            let (mut updates, mut queued) = (Vec::new(), Vec::new());
            for entry in batch {
                match entry.live.to_keep(&*inner.vault, &*inner.randomness, entry.points.clone()) {
                    Ok(Keeping { update, upto }) => {
                        updates.push(update);
                        queued.push((entry, upto));
                    }
                    Err(error) => given_up = Err(error),
                }
            }
            if let Err(error) = inner.store.apply(&updates).await {
                self.put_back(queued.into_iter().map(|(entry, _)| entry).collect());
                return Err(error);
            }
            for (entry, upto) in queued {
                entry.live.kept(upto);
            }
        }
    }

    /// Some of what is queued, oldest first, with the points of one session together.
    fn next_batch(&self) -> Vec<Queued> {
        let mut queue = self.locked();
        let most = queue.len().min(BATCH);
        let mut places = HashMap::new();
        let mut batch: Vec<Queued> = Vec::new();
        for entry in queue.drain(..most) {
            let place = *places.entry(entry.live.session).or_insert(batch.len());
            match batch.get_mut(place) {
                Some(same) => same.points.extend(entry.points),
                None => batch.push(entry),
            }
        }
        batch
    }

    fn put_back(&self, entries: Vec<Queued>) {
        let mut queue = self.locked();
        entries.into_iter().rev().for_each(|entry| queue.push_front(entry));
    }

    fn locked(&self) -> MutexGuard<'_, VecDeque<Queued>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
