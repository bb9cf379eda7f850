//! Carries a streamed answer from the vendor to the caller, each no faster than the other.

use std::time::Duration;

use bytes::Bytes;
use egress::{EgressError, ReplyBody};
use terms::Code;
use tokio::sync::mpsc;

use super::weighed;
use crate::protocol::{AnswerStream, Ending, Facts};
use crate::server::{Held, Piece};

/// Pieces of an answer that may wait for a caller who reads slowly.
const WAITING: usize = 32;

/// What is done as a stream goes on.
pub(super) struct Course<B, E> {
    /// Once, when the first of it came.
    pub(super) begun: B,
    /// Once, before the end of it goes on: with what the vendor told, and the bytes that went before.
    pub(super) ends: E,
}

/// Carries a stream from the vendor to the caller.
pub(super) struct Relay {
    pieces: mpsc::Sender<Piece>,
    bytes: usize,
    room: Room,
    /// How long the caller may take nothing.
    patience: Duration,
}

impl Relay {
    /// A relay that keeps so many bytes and is so patient, and where the pieces come out.
    pub(super) fn new(kept: usize, patience: Duration) -> (Self, mpsc::Receiver<Piece>) {
        let (pieces, receiver) = mpsc::channel(WAITING);
        (Self { pieces, bytes: 0, room: Room { kept, came: 0, taken: 0 }, patience }, receiver)
    }

    /// How many bytes went on.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Tells the caller that the answer is whole; it may have left.
    pub(super) async fn end(&self) {
        let _left = self.hand(Piece::End).await;
    }

    pub(super) async fn run(
        &mut self,
        answer: &mut AnswerStream,
        mut body: ReplyBody,
        held: &mut Held,
        at: Course<impl FnOnce(), impl FnOnce(&Facts, usize)>,
    ) -> Result<(), Code> {
        let (mut begun, mut ends) = (Some(at.begun), Some(at.ends));
        loop {
            let piece = tokio::select! {
                piece = body.next() => piece,
                () = self.pieces.closed() => return Err(Code::CALLER_LEFT),
            };
            if let (Ok(Some(_)), Some(begun)) = (&piece, begun.take()) {
                begun();
            }
            if let Ok(Some(piece)) = &piece {
                held.grow(self.room.more(answer.held(), piece.len())).map_err(|none| none.0)?;
            }
            let mut out = Vec::new();
            let piece = piece.map_err(EgressError::code)?;
            let length = answer.held() + piece.as_ref().map_or(0, Bytes::len);
            let taken = weighed(length, || match piece {
                Some(piece) => answer.push(&piece, &mut out).map(|()| None),
                None => answer.finish(&mut out).map(Some),
            });
            if answer.is_complete()
                && let Some(ends) = ends.take()
            {
                ends(answer.facts(), self.bytes + out.len());
            }
            self.give(out).await?;
            match taken.map_err(|error| error.code())? {
                None => {}
                Some(Ending::Complete) => return Ok(()),
                Some(Ending::Failed) => return Err(Code::UPSTREAM_REFUSED),
                Some(Ending::CutOff) => return Err(Code::UPSTREAM_MALFORMED),
            }
        }
    }

    /// Waits until the caller takes it: that is the back-pressure.
    pub(super) async fn give(&mut self, bytes: Vec<u8>) -> Result<(), Code> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.bytes += bytes.len();
        self.hand(Piece::Data(bytes.into())).await
    }

    /// A caller who takes nothing for too long has left, though its connection stands.
    async fn hand(&self, piece: Piece) -> Result<(), Code> {
        let taken = self.pieces.send_timeout(piece, self.patience).await;
        taken.map_err(|_left| Code::CALLER_LEFT)
    }
}

/// The room that a streamed answer takes.
struct Room {
    /// How many bytes of it are kept until it ends, at most.
    kept: usize,
    came: usize,
    taken: usize,
}

impl Room {
    /// How much more it takes for a piece, beside `waiting` bytes of an event that has not come whole.
    fn more(&mut self, waiting: usize, piece: usize) -> usize {
        let needs = self.came.min(self.kept).saturating_add(waiting).saturating_add(piece);
        let more = needs.saturating_sub(self.taken);
        (self.came, self.taken) = (self.came.saturating_add(piece), self.taken.max(needs));
        more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_who_reads_nothing_has_left() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (pieces, _unread) = mpsc::channel(1);
        let room = Room { kept: 0, came: 0, taken: 0 };
        let mut relay = Relay { pieces, bytes: 0, room, patience: Duration::from_millis(1) };
        assert_eq!(runtime.block_on(relay.give(b"a".to_vec())), Ok(()));
        assert_eq!(runtime.block_on(relay.give(b"b".to_vec())), Err(Code::CALLER_LEFT));
    }

    #[test]
    fn an_answer_takes_room_for_what_is_kept_and_for_an_event_under_way() {
        let mut room = Room { kept: 10, came: 0, taken: 0 };
        assert_eq!([room.more(0, 6), room.more(0, 6)], [6, 6]);
        assert_eq!([room.more(0, 2), room.more(0, 2)], [0, 0], "more than that is not kept");
        assert_eq!([room.more(2, 2), room.more(4, 2), room.more(6, 2)], [2, 2, 2], "but waits for its end");
        assert_eq!([room.more(0, 4), room.more(4, 4)], [0, 0], "and makes room for the next");
    }
}
