//! What a vendor answered: its head, and its body piece by piece, each within a time.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::EgressError;

/// A vendor's answer.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers, none of which go to the caller unless the gateway's allow-list names them.
    pub headers: HeaderMap,
    /// The body.
    pub body: ReplyBody,
}

/// The body of an answer. Dropping it closes the exchange with the vendor.
pub struct ReplyBody {
    incoming: Incoming,
    patience: Duration,
}

impl Reply {
    pub(crate) fn new(response: Response<Incoming>, patience: Duration) -> Self {
        let (head, incoming) = response.into_parts();
        Self { status: head.status, headers: head.headers, body: ReplyBody { incoming, patience } }
    }
}

impl ReplyBody {
    /// The next piece; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, EgressError> {
        loop {
            let frame = tokio::time::timeout(self.patience, self.incoming.frame())
                .await
                .map_err(|_elapsed| EgressError::Timeout)?;
            match frame {
                None => return Ok(None),
                Some(Err(_broken)) => return Err(EgressError::Broken),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
            }
        }
    }

    /// The whole body; more than `limit` bytes are an error.
    pub async fn whole(self, limit: usize) -> Result<Bytes, EgressError> {
        let mut all = Vec::new();
        self.collect(limit, &mut all, |_more| Ok::<_, EgressError>(())).await?;
        Ok(Bytes::from(all))
    }

    /// Appends the whole body to `all`, as far as it comes; `room` is asked for each piece before it is kept.
    ///
    /// # Errors
    /// What keeps it from coming, more than `limit` bytes among that, and what `room` says.
    pub async fn collect<E: From<EgressError>>(
        mut self,
        limit: usize,
        all: &mut Vec<u8>,
        mut room: impl FnMut(usize) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(piece) = self.next().await? {
            if all.len() + piece.len() > limit {
                return Err(EgressError::Broken.into());
            }
            room(piece.len())?;
            all.extend_from_slice(&piece);
        }
        Ok(())
    }
}
