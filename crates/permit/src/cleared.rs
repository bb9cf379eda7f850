//! Content that was transformed under a permit: the only thing that the payload door takes.

use bytes::Bytes;
use deid::Transformed;
use http::HeaderMap;
use terms::ExchangeId;

use crate::{Destination, Permit};

/// Content that may leave, to one destination, within one exchange.
pub struct Cleared {
    exchange: ExchangeId,
    destination: Destination,
    headers: HeaderMap,
    body: Bytes,
}

/// Why content was not cleared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCleared {
    /// The content was transformed under other obligations than the permit's.
    #[error("the content was not transformed under the obligations of this permit")]
    OtherObligations,
    /// The destination is not the one that the opening entry names.
    #[error("the destination is not the one on record")]
    OtherDestination,
    /// The transformed passages could not be put back into the request.
    #[error("the request could not be put together again: {0}")]
    Assembly(String),
}

impl Permit {
    /// Clears a body. `assemble` puts the transformed passages back into the request's own bytes; `headers` is the
    /// allow-list of what goes along, without the credential, which only egress adds.
    pub fn clear<E: std::fmt::Display>(
        &self,
        transformed: &Transformed,
        assemble: impl FnOnce(&[(usize, String)]) -> Result<Bytes, E>,
        destination: Destination,
        headers: HeaderMap,
    ) -> Result<Cleared, NotCleared> {
        if transformed.obligations() != self.obligations() {
            return Err(NotCleared::OtherObligations);
        }
        let on_record = self.opened().destination();
        if destination.service != on_record.service || destination.host() != Some(on_record.host.as_str()) {
            return Err(NotCleared::OtherDestination);
        }
        let body = assemble(transformed.edits()).map_err(|error| NotCleared::Assembly(error.to_string()))?;
        Ok(Cleared { exchange: self.exchange(), destination, headers, body })
    }
}

impl Cleared {
    /// The exchange that the content was cleared for.
    pub const fn exchange(&self) -> ExchangeId {
        self.exchange
    }

    /// Where it may go.
    pub const fn destination(&self) -> &Destination {
        &self.destination
    }

    /// What is sent.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Gives destination, headers and body up to be sent.
    pub fn into_parts(self) -> (Destination, HeaderMap, Bytes) {
        (self.destination, self.headers, self.body)
    }
}
