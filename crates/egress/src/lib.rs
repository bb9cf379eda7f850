//! The only way out of the house.
//!
//! The payload door, [`Egress::send`], takes nothing but [`permit::Cleared`]. It follows no redirects, adds the
//! service's credential itself, lets host names resolve only to addresses that the service declares, and speaks
//! TLS 1.2 or newer to everything that is not on loopback (45 CFR 164.312(e)(1)).
//!
//! The other door, [`Probe::knock`], connects by the same rules and sends nothing: it takes a service's row, and tells
//! whether the service can be reached.

mod address;
mod connect;
mod error;
mod knock;
mod reply;
mod trust;

pub use error::EgressError;
pub use knock::{Contact, Knock, Probe};
pub use reply::{Reply, ReplyBody};
pub use trust::trusted;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect::Doors;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body_util::Full;
use permit::{Cleared, Credential, Destination, Permit};
use terms::{KeyUse, Vault};

/// How egress behaves.
#[derive(Clone, Debug)]
pub struct EgressConfig {
    /// How long a connection may take to be made.
    pub connect: Duration,
    /// How long an answer's head may take after the request was sent.
    pub answer: Duration,
    /// How long each further piece of an answer's body may take.
    pub idle: Duration,
    /// A file of PEM certificates to trust beside the system's.
    pub trust: Option<std::path::PathBuf>,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_mins(5),
            idle: Duration::from_mins(2),
            trust: None,
        }
    }
}

/// The payload door.
pub struct Egress {
    doors: Doors,
    vault: Arc<dyn Vault>,
    answer: Duration,
    idle: Duration,
}

impl Egress {
    /// Opens the door. Certificates are read when the first TLS connection is made.
    pub fn new(config: EgressConfig, vault: Arc<dyn Vault>) -> Self {
        let EgressConfig { connect, answer, idle, trust } = config;
        Self { doors: Doors::new(connect, trust), vault, answer, idle }
    }

    /// Sends cleared content under its permit, and answers as soon as the vendor's head is there.
    pub async fn send(&self, cleared: Cleared, permit: &Permit) -> Result<Reply, EgressError> {
        if cleared.exchange() != permit.exchange() {
            return Err(EgressError::OtherExchange);
        }
        let (destination, headers, body) = cleared.into_parts();
        address::check(&destination.uri, &destination.may_connect)?;
        let request = self.request(&destination, headers, body)?;
        let client = self.doors.client(&destination)?;
        let response = tokio::time::timeout(self.answer, client.request(request))
            .await
            .map_err(|_elapsed| EgressError::Timeout)?
            .map_err(|error| EgressError::of(&error))?;
        Ok(Reply::new(response, self.idle))
    }

    fn request(
        &self,
        destination: &Destination,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, EgressError> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(destination.uri.clone())
            .body(Full::new(body))
            .map_err(|_invalid| EgressError::Address)?;
        *request.headers_mut() = headers;
        request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some(credential) = &destination.credential {
            let value = self.credential(destination, credential)?;
            request.headers_mut().insert(credential.header.name(), value);
        }
        Ok(request)
    }

    fn credential(
        &self,
        destination: &Destination,
        credential: &Credential,
    ) -> Result<HeaderValue, EgressError> {
        let context = destination.service.as_str().as_bytes();
        let secret = self
            .vault
            .unseal(&destination.engagement, KeyUse::Credential, context, &credential.sealed)
            .map_err(|_sealed| EgressError::Credential)?;
        let mut text = match credential.header {
            permit::CredentialHeader::Bearer => b"Bearer ".to_vec(),
            _ => Vec::new(),
        };
        text.extend_from_slice(secret.expose());
        let mut value =
            HeaderValue::from_maybe_shared(Bytes::from(text)).map_err(|_bad| EgressError::Credential)?;
        value.set_sensitive(true);
        Ok(value)
    }
}
