//! Room: how many bytes of requests and answers are held at once.

use std::sync::Arc;

use terms::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::TooMuch;

/// What room is counted in, so that its count fits a semaphore's on every machine.
pub(super) const UNIT: usize = 1024;

/// All the room there is: one half for requests, which wait for it, and one for answers, which do not. They are apart
/// because a request that waits is given all that comes free until it has enough: answers under way would find none.
pub struct Room {
    requests: Arc<Semaphore>,
    answers: Arc<Semaphore>,
}

/// Some of it, given back when it is dropped.
#[derive(Debug)]
pub struct Held {
    requests: Arc<Semaphore>,
    answers: Arc<Semaphore>,
    request: OwnedSemaphorePermit,
    answer: Option<OwnedSemaphorePermit>,
    /// Bytes of the answer that are held.
    bytes: usize,
}

impl Room {
    /// Room for `total` bytes, half of it for requests, and there at least for `one` at a time.
    pub fn new(total: usize, one: usize) -> Self {
        let half = units(total / 2);
        let semaphore = |units: usize| Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS)));
        Self { requests: semaphore(half.max(units(one))), answers: semaphore(half) }
    }

    /// Takes room for `bytes` of a request once there is that much, until `deadline`.
    ///
    /// # Errors
    /// `too-busy` if there is not in time.
    pub async fn take(&self, bytes: usize, deadline: Instant) -> Result<Held, TooMuch> {
        let request = acquire(&self.requests, units(bytes), deadline).await?;
        let (requests, answers) = (Arc::clone(&self.requests), Arc::clone(&self.answers));
        Ok(Held { requests, answers, request, answer: None, bytes: 0 })
    }
}

impl Held {
    /// Takes room until the request has `bytes`. Requests that each wait while holding may wait for one another; that
    /// ends at `deadline`.
    ///
    /// # Errors
    /// `too-busy` if there is not that much in time.
    pub async fn reach(&mut self, bytes: usize, deadline: Instant) -> Result<(), TooMuch> {
        let lacking = units(bytes).saturating_sub(self.request.num_permits());
        if lacking > 0 {
            self.request.merge(acquire(&self.requests, lacking, deadline).await?);
        }
        Ok(())
    }

    /// Gives back what the request has above `bytes`.
    pub fn shrink_to(&mut self, bytes: usize) {
        let above = self.request.num_permits().saturating_sub(units(bytes));
        drop(self.request.split(above));
    }

    /// Takes room for more of the answer, without waiting: its vendor is sending.
    ///
    /// # Errors
    /// `too-busy` if there is none.
    pub fn grow(&mut self, more: usize) -> Result<(), TooMuch> {
        let bytes = self.bytes.saturating_add(more);
        let has = self.answer.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let lacking = units(bytes).saturating_sub(has);
        if lacking > 0 {
            let lacking = u32::try_from(lacking).map_err(|_more| TooMuch(Code::TOO_BUSY))?;
            let permit = Arc::clone(&self.answers).try_acquire_many_owned(lacking);
            let permit = permit.map_err(|_none| TooMuch(Code::TOO_BUSY))?;
            match &mut self.answer {
                Some(answer) => answer.merge(permit),
                None => self.answer = Some(permit),
            }
        }
        self.bytes = bytes;
        Ok(())
    }
}

async fn acquire(
    room: &Arc<Semaphore>,
    units: usize,
    deadline: Instant,
) -> Result<OwnedSemaphorePermit, TooMuch> {
    let units = u32::try_from(units).map_err(|_more| TooMuch(Code::BODY_TOO_LARGE))?;
    let taken = timeout_at(deadline, Arc::clone(room).acquire_many_owned(units)).await;
    taken.ok().and_then(Result::ok).ok_or(TooMuch(Code::TOO_BUSY))
}

const fn units(bytes: usize) -> usize {
    bytes / UNIT + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn block<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(1)
    }

    fn take(room: &Room, bytes: usize) -> Result<Held, TooMuch> {
        block(async { room.take(bytes, soon()).await })
    }

    #[test]
    fn room_is_waited_for_and_given_back() {
        let room = Room::new(4 * UNIT, 0);
        let held = take(&room, 2 * UNIT).unwrap();
        assert_eq!(take(&room, 1).err(), Some(TooMuch(Code::TOO_BUSY)));
        drop(held);
        assert!(take(&room, 2 * UNIT).is_ok());
    }

    #[test]
    fn a_request_reaches_further_and_shrinks_within_its_half() {
        let room = Room::new(6 * UNIT, 0);
        let mut held = take(&room, 1).unwrap();
        assert_eq!(block(async { held.reach(3 * UNIT, soon()).await }), Ok(()));
        assert_eq!(room.requests.available_permits(), 0);
        assert_eq!(block(async { held.reach(4 * UNIT, soon()).await }), Err(TooMuch(Code::TOO_BUSY)));
        held.shrink_to(10);
        assert_eq!(room.requests.available_permits(), 3);
        drop(held);
        assert_eq!((room.requests.available_permits(), room.answers.available_permits()), (4, 4));
    }

    #[test]
    fn an_answer_grows_within_its_half() {
        let room = Room::new(6 * UNIT, 0);
        let mut held = take(&room, 1).unwrap();
        assert_eq!(held.grow(UNIT - 1), Ok(()));
        assert_eq!(room.answers.available_permits(), 3);
        assert_eq!(held.grow(1), Ok(()));
        assert_eq!(room.answers.available_permits(), 2);
        assert_eq!(held.grow(9 * UNIT), Err(TooMuch(Code::TOO_BUSY)));
        assert_eq!(held.grow(2 * UNIT), Ok(()));
        assert_eq!((room.requests.available_permits(), room.answers.available_permits()), (3, 0));
        drop(held);
        assert_eq!((room.requests.available_permits(), room.answers.available_permits()), (4, 4));
    }

    #[test]
    fn a_request_that_waits_for_room_leaves_answers_theirs() {
        block(async {
            let room = Room::new(8 * UNIT, 0);
            let mut held = room.take(2 * UNIT, soon()).await.unwrap();
            let waits = room.take(4 * UNIT, Instant::now() + Duration::from_mins(10));
            let mut waits = std::pin::pin!(waits);
            assert!(tokio::time::timeout(Duration::from_millis(1), &mut waits).await.is_err());
            assert_eq!(room.requests.available_permits(), 0, "it waits, and has all that was free");
            assert_eq!(held.grow(3 * UNIT), Ok(()));
            drop(held);
            assert!(waits.await.is_ok());
        });
    }

    #[test]
    fn the_largest_body_fits_a_room_that_is_too_small() {
        assert!(take(&Room::new(1, 5 * UNIT), 5 * UNIT).is_ok());
    }
}
