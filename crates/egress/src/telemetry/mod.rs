//! The fourth door: to the collector that the operator names. Content has no way to it.
//!
//! Over TLS, plain only on loopback; no redirect is followed, no more than a little of an answer is read, and nothing
//! is waited for long. The house decides nothing by what a collector says.

mod otlp;
mod span;

pub use span::{Attribute, Span, SpanId, SpanKind, TraceId, Value};

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use permit::MayConnect;
use zeroize::Zeroizing;

use crate::connect::{HttpClient, connector};
use crate::trust::Trust;
use crate::{EgressConfig, EgressError, address};

/// How long one delivery may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// More of an answer is not read: nothing in it is needed.
const LONGEST: usize = 64 << 10;

/// Where spans are brought: an address of the configuration, to which `/v1/traces` is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectorAddress(Uri);

impl CollectorAddress {
    /// Reads an address: `https://HOST[:PORT][/PATH]`; `http` on loopback only. No user, no query.
    pub fn read(text: &str) -> Result<Self, EgressError> {
        let base = text.strip_suffix('/').unwrap_or(text);
        let uri: Uri = format!("{base}/v1/traces").parse().map_err(|_invalid| EgressError::Address)?;
        let plain = |authority: &http::uri::Authority| !authority.as_str().contains('@');
        let whole = uri.authority().is_some_and(plain) && uri.query().is_none() && !text.contains('#');
        address::check(&uri, &reach(&uri))?;
        if whole { Ok(Self(uri)) } else { Err(EgressError::Address) }
    }
}

/// Whereto the name of a collector may lead: from loopback nowhere else, and from elsewhere not to loopback.
fn reach(uri: &Uri) -> MayConnect {
    let host = uri.host().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
    let loopback = literal.map_or(host == "localhost", |address| address.is_loopback());
    Arc::new(move |address| address.is_loopback() == loopback)
}

/// Why spans were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undelivered {
    /// The collector can't be reached.
    #[error("the collector can't be reached: {0}")]
    Unreached(EgressError),
    /// It asks to come again (OTLP specification, OTLP/HTTP: 429, 502, 503, 504).
    #[error("the collector is busy: status {0}")]
    Busy(u16),
    /// It does not take them.
    #[error("the collector refused: status {0}")]
    Refused(u16),
}

impl Undelivered {
    /// Whether the same spans may be taken later.
    pub const fn passes(self) -> bool {
        matches!(self, Self::Unreached(_) | Self::Busy(_))
    }
}

/// Brings spans to a collector.
///
/// It takes spans and nothing else, and nothing in a span is text of a request or an answer ([`Value`]):
///
/// ```
/// async fn tell(collector: egress::Collector, spans: Vec<egress::Span>) {
///     let _ = collector.bring(&spans).await;
/// }
/// ```
///
/// Content is no span:
///
/// ```compile_fail
/// async fn tell(collector: egress::Collector, spans: Vec<permit::Cleared>) {
///     let _ = collector.bring(&spans).await;
/// }
/// ```
///
/// and text is no value:
///
/// ```compile_fail
/// fn value(text: String) -> egress::Value {
///     egress::Value::Word(&text)
/// }
/// ```
pub struct Collector {
    client: HttpClient,
    uri: Uri,
    authorization: Option<HeaderValue>,
}

impl Collector {
    /// A door to a collector, which connects as an [`Egress`](crate::Egress) of this configuration would.
    /// `authorization` is sent as the header of that name.
    pub fn new(
        config: &EgressConfig,
        address: &CollectorAddress,
        authorization: Option<&Zeroizing<String>>,
    ) -> Result<Self, EgressError> {
        let CollectorAddress(uri) = address.clone();
        let tls = Trust::new(config.trust.clone()).of(&uri)?;
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_mins(1))
            .build(connector(Some(config.connect), &reach(&uri), &tls));
        let authorization = authorization
            .map(|secret| HeaderValue::from_str(secret).map_err(|_bad| EgressError::Credential))
            .transpose()?
            .map(|mut value| {
                value.set_sensitive(true);
                value
            });
        Ok(Self { client, uri, authorization })
    }

    /// Brings spans, all in one request; `Ok` once the collector has taken them.
    pub async fn bring(&self, spans: &[Span]) -> Result<(), Undelivered> {
        let body = otlp::request(spans.iter());
        let delivery = tokio::time::timeout(PATIENCE, self.deliver(body)).await;
        delivery.unwrap_or(Err(Undelivered::Unreached(EgressError::Timeout)))
    }

    async fn deliver(&self, body: Bytes) -> Result<(), Undelivered> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        headers.insert(
            header::USER_AGENT,
            HeaderValue::from_static(concat!("chaperon/", env!("CARGO_PKG_VERSION"))),
        );
        if let Some(value) = &self.authorization {
            headers.insert(header::AUTHORIZATION, value.clone());
        }
        let response = self.client.request(request).await;
        let response = response.map_err(|error| Undelivered::Unreached(EgressError::of(&error)))?;
        match response.status().as_u16() {
            200..=299 => {
                drain(response.into_body()).await;
                Ok(())
            }
            status @ (429 | 502 | 503 | 504) => Err(Undelivered::Busy(status)),
            status => Err(Undelivered::Refused(status)),
        }
    }
}

/// Reads a small answer to its end, so that its connection can be used again; a long one is left, and the connection
/// with it.
async fn drain(mut body: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > LONGEST {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_reached_over_tls_or_on_loopback() {
        for good in [
            "https://collector.example",
            "https://collector.example:4318/",
            "https://10.1.2.3:4318",
            "https://api.example/otlp",
            "http://127.0.0.1:4318",
            "http://localhost:4318",
            "http://[::1]:4318",
        ] {
            assert!(CollectorAddress::read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "collector.example:4318",
            "http://collector.example:4318",
            "http://10.1.2.3:4318",
            "https://169.254.169.254",
            "https://user:secret@collector.example",
            "https://collector.example?key=1",
            "https://collector.example#a",
            "grpc://collector.example:4317",
        ] {
            assert!(CollectorAddress::read(bad).is_err(), "{bad}");
        }
        let CollectorAddress(uri) = CollectorAddress::read("https://a.example:4318/base/").unwrap();
        assert_eq!(uri.to_string(), "https://a.example:4318/base/v1/traces");
    }

    #[test]
    fn a_name_leads_to_no_other_side() {
        let may = |uri: &str, address: &str| reach(&uri.parse().unwrap())(address.parse().unwrap());
        assert!(
            may("https://collector.example", "10.1.2.3") && !may("https://collector.example", "127.0.0.1")
        );
        assert!(may("http://localhost", "127.0.0.1") && !may("http://localhost", "10.1.2.3"));
    }
}
