//! Connections: resolved by our own rule, pooled, with TLS where it is due.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use permit::{Destination, MayConnect};
use terms::{EngagementId, RowVersion, ServiceId};

use crate::trust::Trust;
use crate::{EgressError, address};

pub(crate) type Connector = HttpsConnector<HttpConnector<DeclaredAddresses>>;
pub(crate) type HttpClient = Client<Connector, Full<Bytes>>;

/// A vendor limits the streams of one HTTP/2 connection, and a pool keeps one connection a host: so several pools.
const POOLS: usize = 4;

/// Connections are pooled for one version of one service's row, so that no connection outlives the declaration of
/// its address, and none is shared between engagements.
type Place = (EngagementId, ServiceId, RowVersion);

type Pools = Arc<Vec<HttpClient>>;

pub(crate) struct Doors {
    connect: Duration,
    trust: Trust,
    clients: Mutex<HashMap<Place, Pools>>,
    turn: AtomicUsize,
}

impl Doors {
    pub(crate) fn new(connect: Duration, trust: Option<PathBuf>) -> Self {
        let trust = Trust::new(trust);
        Self { connect, trust, clients: Mutex::default(), turn: AtomicUsize::new(0) }
    }

    /// The client for a destination: plain ones share one pool, TLS ones take turns among several.
    pub(crate) fn client(&self, destination: &Destination) -> Result<HttpClient, EgressError> {
        let pools = self.pools(destination)?;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % pools.len().max(1);
        pools.get(turn).cloned().ok_or(EgressError::Trust)
    }

    fn pools(&self, destination: &Destination) -> Result<Pools, EgressError> {
        let place = (destination.engagement.clone(), destination.service.clone(), destination.version);
        let mut clients = self.clients.lock().map_err(|_poisoned| EgressError::Trust)?;
        if let Some(pools) = clients.get(&place) {
            return Ok(Arc::clone(pools));
        }
        let tls = self.trust.of(&destination.uri)?;
        let count = if destination.uri.scheme_str() == Some("https") { POOLS } else { 1 };
        clients.retain(|(engagement, service, _), _| (engagement, service) != (&place.0, &place.1));
        let pools =
            Arc::new((0..count).map(|_| self.build(&destination.may_connect, &tls)).collect::<Vec<_>>());
        clients.insert(place, Arc::clone(&pools));
        Ok(pools)
    }

    fn build(&self, may_connect: &MayConnect, tls: &Arc<rustls::ClientConfig>) -> HttpClient {
        let connector = connector(Some(self.connect), may_connect, tls);
        Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_mins(1))
            .pool_max_idle_per_host(1024)
            .build(connector)
    }
}

/// What makes connections, for whichever door; `connect` is how long one may take.
pub(crate) fn connector(
    connect: Option<Duration>,
    may_connect: &MayConnect,
    tls: &Arc<rustls::ClientConfig>,
) -> Connector {
    let mut http =
        HttpConnector::new_with_resolver(DeclaredAddresses { may_connect: Arc::clone(may_connect) });
    http.set_nodelay(true);
    http.enforce_http(false);
    http.set_connect_timeout(connect);
    HttpsConnectorBuilder::new()
        .with_tls_config(tls.as_ref().clone())
        .https_or_http()
        .enable_all_versions()
        .wrap_connector(http)
}

/// Resolves names with the system's resolver and refuses addresses that the service does not declare.
#[derive(Clone)]
pub(crate) struct DeclaredAddresses {
    may_connect: MayConnect,
}

impl tower_service::Service<Name> for DeclaredAddresses {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let may_connect = Arc::clone(&self.may_connect);
        Box::pin(async move {
            let resolved: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_unknown| std::io::Error::other(EgressError::Unresolved))?
                .collect();
            for found in &resolved {
                address::allowed(found.ip(), &may_connect).map_err(std::io::Error::other)?;
            }
            Ok(resolved.into_iter())
        })
    }
}
