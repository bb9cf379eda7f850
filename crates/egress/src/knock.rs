//! The second door: can a service be reached? Nothing that anybody wrote goes through it.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governance::{Row, Service};
use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use permit::MayConnect;
use rustls::ProtocolVersion;
use tower_service::Service as _;

use crate::connect::connector;
use crate::trust::Trust;
use crate::{EgressConfig, EgressError, address};

/// Knocks at services: makes the connection that the payload door would make, under the same rules, and hangs up.
///
/// It takes a row of the registers and nothing else. A row has no public constructor, the probe holds no vault and so
/// no credential, and not a byte follows the handshake; what comes back is a verdict, not what the other side said.
///
/// ```
/// async fn knock(probe: egress::Probe, service: &governance::Row<governance::Service>) {
///     probe.knock(service).await;
/// }
/// ```
///
/// Content is no row:
///
/// ```compile_fail
/// async fn knock(probe: egress::Probe, service: permit::Cleared) {
///     probe.knock(service).await;
/// }
/// ```
///
/// and a row can't be made up:
///
/// ```compile_fail
/// async fn knock(probe: egress::Probe, service: &governance::Row<governance::Service>, body: governance::Service) {
///     probe.knock(&governance::Row { body, ..service.clone() }).await;
/// }
/// ```
pub struct Probe {
    patience: Duration,
    trust: Trust,
}

/// What came of a knock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knock {
    /// The addresses that the host stands for, up to the first that is refused.
    pub addresses: Vec<IpAddr>,
    /// A contact, or why there is none.
    pub outcome: Result<Contact, EgressError>,
}

/// How a service was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contact {
    /// A connection on loopback, without TLS.
    Plain,
    /// TLS 1.2, with a certificate that is trusted.
    Tls12,
    /// TLS 1.3, with a certificate that is trusted.
    Tls13,
}

impl Probe {
    /// A probe that connects as an [`Egress`](crate::Egress) of this configuration would.
    pub fn new(config: &EgressConfig) -> Self {
        Self { patience: config.connect, trust: Trust::new(config.trust.clone()) }
    }

    /// Connects to a service's endpoint, shakes hands where TLS is due, and hangs up: all within the time that a
    /// connection may take.
    pub async fn knock(&self, service: &Row<Service>) -> Knock {
        let met: Arc<Mutex<Vec<IpAddr>>> = Arc::default();
        let outcome = tokio::time::timeout(self.patience, self.reach(&service.body, &met))
            .await
            .unwrap_or(Err(EgressError::Timeout));
        let addresses = met.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Knock { addresses, outcome }
    }

    async fn reach(&self, service: &Service, met: &Arc<Mutex<Vec<IpAddr>>>) -> Result<Contact, EgressError> {
        let uri: Uri = service.endpoint.to_string().parse().map_err(|_invalid| EgressError::Address)?;
        let may_connect = noting(service, met);
        address::check(&uri, &may_connect)?;
        let tls = self.trust.of(&uri)?;
        let stream = connector(None, &may_connect, &tls)
            .call(uri)
            .await
            .map_err(|error| EgressError::of_connection(error.as_ref()))?;
        match stream {
            MaybeHttpsStream::Http(_) => Ok(Contact::Plain),
            MaybeHttpsStream::Https(stream) => match stream.inner().get_ref().1.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => Ok(Contact::Tls13),
                Some(ProtocolVersion::TLSv1_2) => Ok(Contact::Tls12),
                _ => Err(EgressError::Handshake),
            },
        }
    }
}

/// The row's own rule, which notes what it is asked about.
fn noting(service: &Service, met: &Arc<Mutex<Vec<IpAddr>>>) -> MayConnect {
    let (service, met) = (service.clone(), Arc::clone(met));
    Arc::new(move |address| {
        met.lock().unwrap_or_else(PoisonError::into_inner).push(address);
        service.may_connect(address)
    })
}
