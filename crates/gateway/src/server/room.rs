//! Room: how many bytes of requests and answers are held at once.

use std::sync::Arc;
use std::time::Duration;

use terms::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::TooMuch;

/// What room is counted in, so that its count fits a semaphore's on every machine.
pub(super) const UNIT: usize = 1024;

/// All the room there is. Cheap to clone.
#[derive(Clone)]
pub struct Room(Arc<Semaphore>);

/// Some of it, given back when it is dropped.
#[derive(Debug)]
pub struct Held {
    room: Arc<Semaphore>,
    permit: OwnedSemaphorePermit,
    /// Of the bytes that the permit stands for, those in use.
    bytes: usize,
}

impl Room {
    /// Room for `total` bytes, and at least for `one` at a time.
    pub fn new(total: usize, one: usize) -> Self {
        Self(Arc::new(Semaphore::new(units(total).max(units(one)).min(Semaphore::MAX_PERMITS))))
    }

    /// Takes room for `bytes` once there is that much, within `patience`.
    ///
    /// # Errors
    /// `too-busy` if there is not in time.
    pub async fn take(&self, bytes: usize, patience: Duration) -> Result<Held, TooMuch> {
        let needed = u32::try_from(units(bytes)).map_err(|_more| TooMuch(Code::BODY_TOO_LARGE))?;
        let taken = tokio::time::timeout(patience, Arc::clone(&self.0).acquire_many_owned(needed)).await;
        let permit = taken.ok().and_then(Result::ok).ok_or(TooMuch(Code::TOO_BUSY))?;
        Ok(Held { room: Arc::clone(&self.0), permit, bytes })
    }
}

impl Held {
    /// Gives back what is above `bytes`.
    pub fn shrink_to(&mut self, bytes: usize) {
        let above = self.permit.num_permits().saturating_sub(units(bytes));
        drop(self.permit.split(above));
        self.bytes = self.bytes.min(bytes);
    }

    /// Takes room for more, without waiting: who waits while holding may wait for ever.
    ///
    /// # Errors
    /// `too-busy` if there is none.
    pub fn grow(&mut self, more: usize) -> Result<(), TooMuch> {
        let bytes = self.bytes.saturating_add(more);
        let lacking = units(bytes).saturating_sub(self.permit.num_permits());
        if lacking > 0 {
            let lacking = u32::try_from(lacking).map_err(|_more| TooMuch(Code::TOO_BUSY))?;
            let permit = Arc::clone(&self.room).try_acquire_many_owned(lacking);
            self.permit.merge(permit.map_err(|_none| TooMuch(Code::TOO_BUSY))?);
        }
        self.bytes = bytes;
        Ok(())
    }
}

const fn units(bytes: usize) -> usize {
    bytes / UNIT + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(room: &Room, bytes: usize) -> Result<Held, TooMuch> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(room.take(bytes, Duration::from_millis(1)))
    }

    #[test]
    fn room_is_waited_for_and_given_back() {
        let room = Room::new(2 * UNIT, 0);
        let held = take(&room, 2 * UNIT).unwrap();
        assert_eq!(take(&room, 1).err(), Some(TooMuch(Code::TOO_BUSY)));
        drop(held);
        assert!(take(&room, 2 * UNIT).is_ok());
    }

    #[test]
    fn what_is_held_shrinks_and_grows_within_the_room() {
        let room = Room::new(3 * UNIT, 0);
        let mut held = take(&room, 3 * UNIT).unwrap();
        held.shrink_to(10);
        assert_eq!(room.0.available_permits(), 3);
        assert_eq!(held.grow(UNIT - 11), Ok(()));
        assert_eq!(room.0.available_permits(), 3);
        assert_eq!(held.grow(1), Ok(()));
        assert_eq!(room.0.available_permits(), 2);
        assert_eq!(held.grow(9 * UNIT), Err(TooMuch(Code::TOO_BUSY)));
        assert_eq!(held.grow(2 * UNIT), Ok(()));
        drop(held);
        assert_eq!(room.0.available_permits(), 4);
    }

    #[test]
    fn the_largest_body_fits_a_room_that_is_too_small() {
        assert!(take(&Room::new(1, 5 * UNIT), 5 * UNIT).is_ok());
    }
}
