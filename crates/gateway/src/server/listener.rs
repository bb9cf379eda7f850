//! Accepts connections and serves HTTP/1.1 and HTTP/2 on them until told to stop.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

use super::Outgoing;
use super::patient::{Patience, Patient};
use super::tls::{CertificateFiles, Certificates, TlsError};

/// Where and how to listen.
#[derive(Clone, Debug)]
pub struct ListenerConfig {
    /// The address. Beyond loopback it needs a certificate.
    pub address: SocketAddr,
    /// Certificate and key.
    pub certificate: Option<CertificateFiles>,
    /// Connections at a time; more wait.
    pub connections: usize,
    /// How long a request's head, and a TLS handshake, may take.
    pub patience: Duration,
    /// How long a caller may leave what was written to it unread.
    pub idle: Duration,
}

/// Why the gateway can't listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// PHI would cross a network in clear (45 CFR 164.312(e)(1)).
    #[error("listening on `{0}`, beyond loopback, needs a certificate: set `tls.certificate` and `tls.key`")]
    NeedsCertificate(SocketAddr),
    /// Certificate or key can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address can't be had.
    #[error("can't listen on `{0}`: {1}")]
    Address(SocketAddr, std::io::Error),
}

/// A bound listener.
pub struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
    certificates: Option<Arc<Certificates>>,
    connections: Arc<Semaphore>,
    patience: Patience,
}

impl Listener {
    /// Binds the address, after the rule about certificates was checked.
    pub async fn bind(config: ListenerConfig) -> Result<Self, ListenError> {
        if !config.address.ip().is_loopback() && config.certificate.is_none() {
            return Err(ListenError::NeedsCertificate(config.address));
        }
        let certificates = config.certificate.map(Certificates::load).transpose()?;
        let refused = |error| ListenError::Address(config.address, error);
        let tcp = TcpListener::bind(config.address).await.map_err(refused)?;
        let address = tcp.local_addr().map_err(refused)?;
        let connections = Arc::new(Semaphore::new(config.connections));
        let patience = Patience { greeting: config.patience, unread: config.idle };
        Ok(Self { tcp, address, certificates, connections, patience })
    }

    /// The address that was bound, with the port that the system chose where 0 was asked for.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` ends, then lets requests under way end within `grace`.
    pub async fn serve<H, F>(self, handle: H, stop: impl Future<Output = ()>, grace: Duration)
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<Outgoing>> + Send + 'static,
    {
        let graceful = GracefulShutdown::new();
        if let Some(certificates) = &self.certificates {
            tokio::spawn(Arc::clone(certificates).watch());
        }
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = self.accept() => accepted,
                () = &mut stop => break,
            };
            if let Some((stream, seat)) = accepted {
                self.spawn(stream, seat, handle.clone(), &graceful);
            }
        }
        drop(self.tcp);
        if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
            tracing::warn!("some connections did not end within the grace; they are cut");
        }
    }

    /// The next connection, once there is a seat for it.
    async fn accept(&self) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        let seat = Arc::clone(&self.connections).acquire_owned().await.ok()?;
        match self.tcp.accept().await {
            Ok((stream, _peer)) => {
                // an answer's small pieces must not wait for each other
                stream.set_nodelay(true).ok()?;
                Some((stream, seat))
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                None
            }
        }
    }

    fn spawn<H, F>(
        &self,
        stream: TcpStream,
        seat: OwnedSemaphorePermit,
        handle: H,
        graceful: &GracefulShutdown,
    ) where
        H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<Outgoing>> + Send + 'static,
    {
        let watcher = graceful.watcher();
        let patience = self.patience;
        let tls = self.certificates.as_ref().map(|certificates| TlsAcceptor::from(certificates.current()));
        tokio::spawn(async move {
            let _seat = seat;
            match tls {
                None => connection(stream, handle, watcher, patience).await,
                Some(acceptor) => {
                    if let Ok(Ok(stream)) =
                        tokio::time::timeout(patience.greeting, acceptor.accept(stream)).await
                    {
                        connection(stream, handle, watcher, patience).await;
                    }
                }
            }
        });
    }
}

async fn connection<S, H, F>(
    stream: S,
    handle: H,
    watcher: hyper_util::server::graceful::Watcher,
    patience: Patience,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Outgoing>> + Send + 'static,
{
    let service = service_fn(move |request| {
        let answer = handle(request);
        async move { Ok::<_, std::convert::Infallible>(answer.await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.greeting).max_headers(100);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .max_header_list_size(32 * 1024)
        .max_concurrent_streams(256);
    let stream = Patient::new(stream, patience);
    let served = watcher.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
    if let Err(error) = served.await {
        // the error's text is hyper's own: it names a phase, never a byte of the request
        tracing::debug!(%error, "a connection ended early");
    }
}
