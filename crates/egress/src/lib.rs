//! The only way out of the house.
//!
//! The payload door, [`Egress::send`], takes nothing but [`permit::Cleared`]. It follows no redirects, adds the
//! service's credential itself, lets host names resolve only to addresses that the service declares, and speaks
//! TLS 1.2 or newer to everything that is not on loopback (45 CFR 164.312(e)(1)).
//!
//! The second door, [`Probe::knock`], connects by the same rules and sends nothing: it takes a service's row, and tells
//! whether the service can be reached.
//!
//! The third door, behind [`TokenDesk`], leads to whoever issues the tokens and keys that some services take. It takes
//! a credential and no content; where it leads is said by the form of the credential, or by its row.
//!
//! The fourth door, [`Collector::bring`], leads to the collector of traces that the configuration names, where it names
//! one. It takes spans, and no part of a span can be text of a request or an answer.

mod address;
mod connect;
mod credential;
mod error;
mod knock;
mod reply;
mod telemetry;
mod trust;

pub use credential::{Container, ContainerToken, Shown, TokenDesk, Unreadable, credential, readable};
pub use error::{EgressError, TokenError};
pub use knock::{Contact, Knock, Probe};
pub use reply::{Reply, ReplyBody};
pub use telemetry::{
    Attribute, Collector, CollectorAddress, Span, SpanId, SpanKind, TraceId, Undelivered, Value,
};
pub use trust::trusted;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connect::Doors;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::Full;
use permit::{Cleared, Destination, Permit};
use terms::{Clock, Vault};

/// How egress behaves.
#[derive(Clone, Debug)]
pub struct EgressConfig {
    /// How long a connection may take to be made.
    pub connect: Duration,
    /// How long an answer's head may take after the request was sent.
    pub answer: Duration,
    /// How long each further piece of an answer's body may take.
    pub idle: Duration,
    /// How long whoever issues tokens may take for one.
    pub token: Duration,
    /// The credentials endpoint of the container that the house runs in.
    pub container: Option<Container>,
    /// A file of PEM certificates to trust beside the system's.
    pub trust: Option<std::path::PathBuf>,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_mins(5),
            idle: Duration::from_mins(2),
            token: Duration::from_secs(10),
            container: None,
            trust: None,
        }
    }
}

/// The payload door.
pub struct Egress {
    doors: Doors,
    desk: TokenDesk,
    answer: Duration,
    idle: Duration,
}

impl Egress {
    /// Opens the door. Certificates are read when the first TLS connection is made.
    pub fn new(config: EgressConfig, vault: Arc<dyn Vault>, clock: Arc<dyn Clock>) -> Self {
        let desk = TokenDesk::new(&config, vault, clock);
        let EgressConfig { connect, answer, idle, trust, .. } = config;
        Self { doors: Doors::new(connect, trust), desk, answer, idle }
    }

    /// Sends cleared content under its permit, and answers as soon as the vendor's head is there.
    pub async fn send(&self, cleared: Cleared, permit: &Permit) -> Result<Reply, EgressError> {
        if cleared.exchange() != permit.exchange() {
            return Err(EgressError::OtherExchange);
        }
        let (destination, headers, body) = cleared.into_parts();
        address::check(&destination.uri, &destination.may_connect)?;
        let mut request = request(&destination, headers, body)?;
        // last, since it may sign all the rest
        self.desk.authorize(&destination, &mut request).await?;
        let client = self.doors.client(&destination)?;
        let response = tokio::time::timeout(self.answer, client.request(request.map(Full::new)))
            .await
            .map_err(|_elapsed| EgressError::Timeout)?
            .map_err(|error| EgressError::of(&error))?;
        if matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            self.desk.forget(&(destination.engagement, destination.service));
        }
        Ok(Reply::new(response, self.idle))
    }
}

fn request(
    destination: &Destination,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Request<Bytes>, EgressError> {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(destination.uri.clone())
        .body(body)
        .map_err(|_invalid| EgressError::Address)?;
    *request.headers_mut() = headers;
    request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(request)
}
