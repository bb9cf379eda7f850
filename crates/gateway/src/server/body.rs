//! Bodies: read whole within a cap, written whole or piece by piece.

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::read::GzDecoder;
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use terms::Code;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::{Held, Room};

/// A body that is not taken; carries the code of the refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch(pub Code);

/// A body that does not say its length takes room in pieces of this many bytes.
const PIECE: usize = 64 << 10;

/// Reads requests' bodies, each within a cap and a time, and within the room for all that is held.
pub struct Bodies {
    limit: usize,
    patience: Duration,
    room: Room,
}

/// A body that was read, with the room that it takes up.
#[derive(Debug)]
pub struct Taken {
    /// The body, unpacked.
    pub body: Bytes,
    /// The room, to be kept for as long as the body is.
    pub held: Held,
}

impl Bodies {
    /// At most `limit` bytes each, before and after decompression, within `patience`; about `total` bytes
    /// together, half of them for answers.
    pub fn new(limit: usize, total: usize, patience: Duration) -> Self {
        // the largest body there can be, packed and unpacked, must fit
        Self { limit, patience, room: Room::new(total, limit.saturating_mul(2)) }
    }

    /// Reads a body once there is room for it. A body that does not say its length takes room as it comes, and what it
    /// unpacks to once it is there, so that a slow caller has no more than it sent.
    pub async fn read<B>(&self, headers: &HeaderMap, body: B) -> Result<Taken, TooMuch>
    where
        B: Body<Data = Bytes>,
    {
        let gzip = is_gzip(headers)?;
        let declared = body.size_hint().exact().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if declared.is_some_and(|length| length > self.limit) {
            return Err(TooMuch(Code::BODY_TOO_LARGE));
        }
        let first = declared.unwrap_or(PIECE.min(self.limit));
        let mut held = self.room.take(first, Instant::now() + self.patience).await?;
        let deadline = Instant::now() + self.patience;
        let mut body = self.collect(body, first, &mut held, deadline).await?;
        if gzip {
            held.reach(body.len().saturating_add(self.limit), deadline).await?;
            body = inflate(&body, self.limit)?;
        }
        held.shrink_to(body.len());
        Ok(Taken { body, held })
    }

    /// The whole body as it was sent, until `deadline`; there is room for its `first` bytes.
    async fn collect<B>(
        &self,
        body: B,
        first: usize,
        held: &mut Held,
        deadline: Instant,
    ) -> Result<Bytes, TooMuch>
    where
        B: Body<Data = Bytes>,
    {
        let mut body = std::pin::pin!(body);
        let mut all = BytesMut::with_capacity(first);
        loop {
            let frame = timeout_at(deadline, body.frame()).await;
            let Some(frame) = frame.map_err(|_elapsed| TooMuch(Code::REQUEST_TIMEOUT))? else { break };
            let frame = frame.map_err(|_broken| TooMuch(Code::REQUEST_MALFORMED))?;
            // trailers say nothing that is used
            let Ok(data) = frame.into_data() else { continue };
            let length = all.len().saturating_add(data.len());
            if length > self.limit {
                return Err(TooMuch(Code::BODY_TOO_LARGE));
            }
            if length > first {
                held.reach(length.next_multiple_of(PIECE).min(self.limit), deadline).await?;
            }
            all.extend_from_slice(&data);
        }
        Ok(all.freeze())
    }
}

/// Whether the body is packed. Of two encodings, or two ways to say where the body ends, one would be believed here
/// and the other elsewhere. (Of `content-length` beside `transfer-encoding` in HTTP/1.1 hyper drops the length before
/// this can see it, reads the chunks, and ends the connection with the answer.)
fn is_gzip(headers: &HeaderMap) -> Result<bool, TooMuch> {
    let twice = |name| headers.get_all(name).iter().nth(1).is_some();
    let both =
        headers.contains_key(header::TRANSFER_ENCODING) && headers.contains_key(header::CONTENT_LENGTH);
    if both || twice(header::CONTENT_ENCODING) || twice(header::CONTENT_LENGTH) {
        return Err(TooMuch(Code::HEADER_INVALID));
    }
    match headers.get(header::CONTENT_ENCODING).map(http::HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(false),
        Some(b"gzip") => Ok(true),
        Some(_other) => Err(TooMuch(Code::ENCODING_UNSUPPORTED)),
    }
}

fn inflate(packed: &[u8], limit: usize) -> Result<Bytes, TooMuch> {
    let mut plain = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    GzDecoder::new(packed)
        .take(most)
        .read_to_end(&mut plain)
        .map_err(|_malformed| TooMuch(Code::REQUEST_MALFORMED))?;
    if plain.len() > limit { Err(TooMuch(Code::BODY_TOO_LARGE)) } else { Ok(Bytes::from(plain)) }
}

/// One piece of a streamed answer. An answer that stops without its `End` cuts the connection, so that no caller takes
/// a part for the whole.
#[derive(Debug)]
pub enum Piece {
    /// Bytes of the answer.
    Data(Bytes),
    /// The answer is whole.
    End,
}

/// What is sent to a caller: a whole body, or pieces as they come. The channel's bound is the back-pressure.
pub enum Outgoing {
    /// The whole body, taken once.
    Whole(Option<Bytes>),
    /// Pieces, until the end; broken off if the sender is dropped before.
    Pieces(mpsc::Receiver<Piece>),
    /// Broken off, once what went before is on its way.
    Broken,
}

/// The answer broke off.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
pub struct BrokeOff;

impl Outgoing {
    /// A whole body.
    pub fn whole(body: impl Into<Bytes>) -> Self {
        Self::Whole(Some(body.into()))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BrokeOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokeOff>>> {
        let this = self.get_mut();
        match this {
            Self::Whole(body) => {
                Poll::Ready(body.take().filter(|b| !b.is_empty()).map(|b| Ok(Frame::data(b))))
            }
            Self::Pieces(pieces) => match std::task::ready!(pieces.poll_recv(cx)) {
                Some(Piece::Data(data)) => Poll::Ready(Some(Ok(Frame::data(data)))),
                Some(Piece::End) => Poll::Ready(None),
                None => {
                    // whoever waits flushes: the last piece tells why the answer breaks off
                    *this = Self::Broken;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            },
            Self::Broken => Poll::Ready(Some(Err(BrokeOff))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Pieces(_) | Self::Broken => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_cut_at_the_limit() {
        let bomb = gzip(&vec![b' '; 10_000_000]);
        assert!(bomb.len() < 20_000);
        assert_eq!(inflate(&bomb, 1_000_000), Err(TooMuch(Code::BODY_TOO_LARGE)));
        assert_eq!(inflate(&gzip(b"{}"), 2), Ok(Bytes::from_static(b"{}")));
        assert_eq!(inflate(b"no gzip", 100), Err(TooMuch(Code::REQUEST_MALFORMED)));
    }

    /// A body of unknown length that never comes.
    struct Silent;

    impl Body for Silent {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }
    }

    fn whole(body: &'static [u8]) -> http_body_util::Full<Bytes> {
        http_body_util::Full::new(Bytes::from_static(body))
    }

    fn block<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    /// A server flushes when it has to wait.
    #[test]
    fn an_answer_that_breaks_off_lets_its_last_piece_go_first() {
        let (pieces, frames) = mpsc::channel(2);
        pieces.try_send(Piece::Data(Bytes::from_static(b"why"))).unwrap();
        drop(pieces);
        let mut body = Outgoing::Pieces(frames);
        let mut poll = || Pin::new(&mut body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
        assert!(matches!(poll(), Poll::Ready(Some(Ok(_)))));
        assert!(poll().is_pending());
        assert!(matches!(poll(), Poll::Ready(Some(Err(BrokeOff)))));
    }

    #[test]
    fn a_body_that_does_not_come_is_given_up() {
        let bodies = Bodies::new(100, 100, Duration::from_millis(1));
        let read = block(bodies.read(&HeaderMap::new(), Silent));
        assert_eq!(read.err(), Some(TooMuch(Code::REQUEST_TIMEOUT)));
    }

    #[test]
    fn a_body_takes_up_room_for_as_long_as_it_is_kept() {
        let bodies = Bodies::new(4096, 4096, Duration::from_millis(1));
        let read = || block(bodies.read(&HeaderMap::new(), whole(b"{}")));
        let taken: Vec<_> = (0..9).map(|_| read().unwrap()).collect();
        assert_eq!(taken.iter().filter(|taken| taken.body == "{}").count(), 9);
        assert_eq!(read().err(), Some(TooMuch(Code::TOO_BUSY)));
        drop(taken);
        assert!(read().is_ok());
    }

    /// A body of unknown length: each frame that is sent.
    fn chunked(frames: mpsc::Receiver<Piece>) -> Outgoing {
        Outgoing::Pieces(frames)
    }

    #[test]
    fn a_body_without_a_length_takes_room_as_it_comes() {
        block(async {
            let limit = 8 * PIECE;
            let bodies = Bodies::new(limit, 2 * limit, Duration::from_mins(10));
            let (slow, frames) = mpsc::channel(8);
            let headers = HeaderMap::new();
            let mut reads = std::pin::pin!(bodies.read(&headers, chunked(frames)));
            let mut poll = async || tokio::time::timeout(Duration::from_millis(5), &mut reads).await;
            slow.try_send(Piece::Data(vec![b'a'; PIECE].into())).unwrap();
            assert!(poll().await.is_err(), "the caller is slow");
            // the largest there is, packed and unpacked, but for what the slow one sent
            let rest = 2 * limit - 2 * PIECE;
            let other = bodies.room.take(rest, Instant::now()).await.unwrap();
            slow.try_send(Piece::Data(vec![b'b'; 2 * PIECE].into())).unwrap();
            slow.try_send(Piece::End).unwrap();
            assert!(poll().await.is_err(), "there is no room for the rest");
            drop(other);
            let taken = reads.await.unwrap();
            assert_eq!(taken.body.len(), 3 * PIECE);
            assert!(bodies.room.take(rest, Instant::now()).await.is_err());
        });
    }

    #[test]
    fn a_packed_body_takes_room_for_what_it_unpacks_to_and_keeps_what_it_is() {
        let bodies = Bodies::new(4096, 4096, Duration::from_millis(1));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, http::HeaderValue::from_static("gzip"));
        let read = || block(bodies.read(&headers, http_body_util::Full::new(Bytes::from(gzip(b"{}")))));
        let taken: Vec<_> = (0..5).map_while(|_| read().ok()).collect();
        assert!(taken.len() == 5 && taken.iter().all(|taken| taken.body == "{}"), "{}", taken.len());
        assert_eq!(read().err(), Some(TooMuch(Code::TOO_BUSY)), "four units are left, and five needed");
    }

    #[test]
    fn a_body_without_a_length_is_cut_at_the_limit() {
        let (sender, frames) = mpsc::channel(8);
        for _ in 0..2 {
            sender.try_send(Piece::Data(vec![b'a'; 60].into())).unwrap();
        }
        let bodies = Bodies::new(100, 100, Duration::from_secs(1));
        let read = block(bodies.read(&HeaderMap::new(), chunked(frames)));
        assert_eq!(read.err(), Some(TooMuch(Code::BODY_TOO_LARGE)));
    }

    #[test]
    fn only_an_answer_that_came_to_its_end_is_whole() {
        let collected = |ends: bool| {
            let (sender, receiver) = mpsc::channel(2);
            sender.try_send(Piece::Data(Bytes::from_static(b"a"))).unwrap();
            if ends {
                sender.try_send(Piece::End).unwrap();
            }
            drop(sender);
            block(Outgoing::Pieces(receiver).collect()).map(http_body_util::Collected::to_bytes).ok()
        };
        assert_eq!(collected(true), Some(Bytes::from_static(b"a")));
        assert_eq!(collected(false), None);
    }

    #[test]
    fn two_encodings_and_two_lengths_are_refused() {
        let code = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, http::HeaderValue::from_static(value));
            }
            is_gzip(&headers).map_err(|refused| refused.0)
        };
        assert_eq!(code(&[("content-encoding", "gzip"), ("content-length", "2")]), Ok(true));
        assert_eq!(code(&[("content-encoding", "gzip, gzip")]), Err(Code::ENCODING_UNSUPPORTED));
        for twice in [
            [("content-encoding", "identity"), ("content-encoding", "gzip")],
            [("content-length", "2"), ("transfer-encoding", "chunked")],
            [("content-length", "2"), ("content-length", "2")],
        ] {
            assert_eq!(code(&twice), Err(Code::HEADER_INVALID), "{twice:?}");
        }
    }
}
