//! Between the tasks that want entries and the one thread that writes them.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use terms::{EngagementId, ExchangeId};
use tokio::sync::{Semaphore, oneshot};

use crate::{JournalError, Receipt};

/// Entries that may wait; who comes later waits for room.
const ROOM: usize = 4096;

/// One entry on its way to the disk.
pub(crate) struct Item {
    pub(crate) payload: Vec<u8>,
    pub(crate) about: About,
    /// Who waits for it to be durable. An item without a waiter does not hurry the writer.
    pub(crate) waiter: Option<oneshot::Sender<Result<Receipt, JournalError>>>,
}

/// What the writer must know of an entry.
#[derive(Clone)]
pub(crate) enum About {
    Opens(ExchangeId, EngagementId),
    Closes(ExchangeId, EngagementId),
    /// Closes, but only what is still open.
    Interrupts(ExchangeId, EngagementId),
    House,
}

#[derive(Default)]
struct State {
    items: Vec<Item>,
    urgent: bool,
    /// Since when the oldest item waits that hurries nobody.
    since: Option<Instant>,
    closed: Option<JournalError>,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    room: Semaphore,
}

impl Queue {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::default(), ready: Condvar::new(), room: Semaphore::new(ROOM) }
    }

    /// Queues an item, once there is room.
    pub(crate) async fn push(&self, item: Item) -> Result<(), JournalError> {
        match self.room.acquire().await {
            Ok(room) => room.forget(),
            Err(_) => return Err(self.why_closed()),
        }
        let mut state = self.state.lock();
        if let Some(why) = &state.closed {
            return Err(why.clone());
        }
        let first = state.items.is_empty();
        let hurries = item.waiter.is_some() && !state.urgent;
        state.urgent |= item.waiter.is_some();
        if first {
            state.since = Some(Instant::now());
        }
        state.items.push(item);
        drop(state);
        if first || hurries {
            self.ready.notify_one();
        }
        Ok(())
    }

    /// Waits for something to write and takes all of it: at once where somebody waits for it, else when the
    /// oldest item has waited for `patience`. False once the queue is closed and empty.
    pub(crate) fn take(&self, batch: &mut Vec<Item>, patience: Duration) -> bool {
        let mut state = self.state.lock();
        while !state.urgent && state.closed.is_none() {
            match state.since.and_then(|since| since.checked_add(patience)) {
                None => self.ready.wait(&mut state),
                Some(due) => {
                    if self.ready.wait_until(&mut state, due).timed_out() {
                        break;
                    }
                }
            }
        }
        std::mem::swap(&mut state.items, batch);
        state.urgent = false;
        state.since = None;
        drop(state);
        self.room.add_permits(batch.len());
        !batch.is_empty()
    }

    /// Refuses whatever comes from now on, for the first reason given.
    pub(crate) fn close(&self, why: JournalError) {
        self.state.lock().closed.get_or_insert(why);
        self.room.close();
        self.ready.notify_one();
    }

    /// Closes the queue and answers everybody in it.
    pub(crate) fn fail(&self, why: &JournalError) {
        {
            let mut state = self.state.lock();
            state.closed = Some(why.clone());
        }
        self.close(why.clone());
        let items = std::mem::take(&mut self.state.lock().items);
        for waiter in items.into_iter().filter_map(|item| item.waiter) {
            let _gone = waiter.send(Err(why.clone()));
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state.lock().closed.is_none()
    }

    pub(crate) fn why_closed(&self) -> JournalError {
        self.state.lock().closed.clone().unwrap_or(JournalError::Closed)
    }
}
