//! Bodies: read whole within a cap, written whole or piece by piece.

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use terms::Code;
use tokio::sync::mpsc;

/// A body that can't be taken; carries the code of the refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch(pub Code);

/// Reads a request's body: at most `limit` bytes, before and after decompression.
pub async fn read(headers: &HeaderMap, body: Incoming, limit: usize) -> Result<Bytes, TooMuch> {
    let gzip = match headers.get(header::CONTENT_ENCODING).map(http::HeaderValue::as_bytes) {
        None | Some(b"identity") => false,
        Some(b"gzip") => true,
        Some(_other) => return Err(TooMuch(Code::ENCODING_UNSUPPORTED)),
    };
    let collected = Limited::new(body, limit).collect().await.map_err(|error| {
        let large = error.downcast_ref::<http_body_util::LengthLimitError>().is_some();
        TooMuch(if large { Code::BODY_TOO_LARGE } else { Code::REQUEST_MALFORMED })
    })?;
    if gzip { inflate(&collected.to_bytes(), limit) } else { Ok(collected.to_bytes()) }
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

/// One piece of a streamed answer; `Broken` cuts the connection, so that no caller takes a part for the whole.
#[derive(Debug)]
pub enum Piece {
    /// Bytes of the answer.
    Data(Bytes),
    /// The answer ends here without being whole.
    Broken,
}

/// What is sent to a caller: a whole body, or pieces as they come. The channel's bound is the back-pressure.
pub enum Outgoing {
    /// The whole body, taken once.
    Whole(Option<Bytes>),
    /// Pieces, until the sender is dropped.
    Pieces(mpsc::Receiver<Piece>),
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
        match self.get_mut() {
            Self::Whole(body) => {
                Poll::Ready(body.take().filter(|b| !b.is_empty()).map(|b| Ok(Frame::data(b))))
            }
            Self::Pieces(pieces) => pieces.poll_recv(cx).map(|piece| match piece? {
                Piece::Data(data) => Some(Ok(Frame::data(data))),
                Piece::Broken => Some(Err(BrokeOff)),
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, |b| b.len() as u64)),
            Self::Pieces(_) => SizeHint::default(),
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
}
