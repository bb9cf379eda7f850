//! The data plane, wired from an open house.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use custody::{SessionLimits, Sessions};
use egress::{Egress, EgressConfig};
use gateway::server::{CertificateFiles, ListenError, Listener, ListenerConfig, TlsError, Validity};
use gateway::{Gateway, KeyReader, Limits, Parts};
use governance::BudgetUses as _;
use terms::Digest;

use crate::config::Config;
use crate::failure::{Failure, why};
use crate::house::{House, register_failure};
use crate::telemetry::{Delivery, Telemetry};

/// How often sessions that ended are forgotten.
const HOUR: Duration = Duration::from_hours(1);

/// A gateway that is bound to its address.
pub(crate) struct Plane {
    gateway: Arc<Gateway>,
    sessions: Arc<Sessions>,
    listener: Listener,
    delivery: Option<Delivery>,
    grace: Duration,
}

impl Plane {
    /// Binds the address, and wires the gateway.
    pub(crate) async fn bind(house: &House) -> Result<Self, Failure> {
        let config = &house.config;
        authorities(config)?;
        certificate(config).transpose()?;
        let listener = Listener::bind(listener(config)).await.map_err(|error| not_listening(&error))?;
        let (telemetry, delivery) = Telemetry::start(config)?.unzip();
        let vault = house.keyring.vault();
        let sessions = Arc::new(Sessions::new(
            house.store.clone(),
            Arc::clone(&vault),
            Arc::clone(&house.clock),
            Arc::clone(&house.randomness),
            session_limits(config),
        ));
        let gateway = Gateway::new(Parts {
            snapshot: Arc::clone(&house.snapshot),
            detector: config.detection.operating_point.detector(),
            journal: house.journal().await?.clone(),
            sessions: Arc::clone(&sessions),
            egress: Egress::new(egress(config), Arc::clone(&vault), Arc::clone(&house.clock)),
            vault,
            clock: Arc::clone(&house.clock),
            randomness: Arc::clone(&house.randomness),
            budgets: house.store.clone(),
            used: house.store.load_uses().await.map_err(|error| register_failure(&error))?,
            keys: Arc::new(AgentKeys),
            observations: Arc::clone(&house.observations),
            spans: telemetry.map(|telemetry| telemetry as Arc<dyn gateway::Spans>),
            limits: limits(config),
        });
        let _once = house.plane.set(Arc::clone(&gateway));
        let grace = Duration::from_secs(config.limits.shutdown_seconds);
        Ok(Self { gateway, sessions, listener, delivery, grace })
    }

    /// The address that was bound.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Serves until `stop` ends, then lets exchanges end.
    pub(crate) async fn serve(self, stop: impl Future<Output = ()>) {
        let sessions = self.sessions;
        let forgetting = tokio::spawn(async move {
            loop {
                tokio::time::sleep(HOUR).await;
                if let Err(error) = sessions.expire().await {
                    tracing::error!(%error, "sessions that ended could not be deleted");
                }
            }
        });
        self.gateway.serve(self.listener, stop, self.grace).await;
        forgetting.abort();
        if let Some(delivery) = self.delivery {
            delivery.end().await;
        }
    }
}

/// How many authorities the configuration adds to the system's.
pub(crate) fn authorities(config: &Config) -> Result<usize, Failure> {
    let Some(file) = &config.upstream.trust else { return Ok(0) };
    there("upstream.trust", file)?;
    egress::trusted(file).map_err(|_unusable| unfit("upstream.trust", file, "certificate", "CERTIFICATE"))
}

/// Whether a file is there that a key of the configuration names.
fn there(key: &str, file: &Path) -> Result<(), Failure> {
    std::fs::read(file).map(drop).map_err(|error| {
        let message = format!("`{key}` names `{}`, which can't be read: {}", file.display(), why(&error));
        Failure::config(message).help("put the file there, or name another in the configuration")
    })
}

/// A file that is there and holds something else than it should.
fn unfit(key: &str, file: &Path, what: &str, label: &str) -> Failure {
    Failure::config(format!("`{key}` names `{}`, which holds no {what} that can be read", file.display()))
        .help(format!("it is to be in PEM, which begins `-----BEGIN {label}-----`, without a passphrase"))
}

/// How long the listener's certificate holds, where there is one.
pub(crate) fn certificate(config: &Config) -> Option<Result<Validity, Failure>> {
    let files = listener(config).certificate?;
    let read = there("tls.certificate", &files.certificate).and_then(|()| there("tls.key", &files.key));
    Some(read.and_then(|()| files.validity().map_err(|error| unpaired(&files, &error))))
}

fn unpaired(files: &CertificateFiles, error: &TlsError) -> Failure {
    match error {
        TlsError::Unreadable(file) if *file == files.key => {
            unfit("tls.key", file, "private key", "PRIVATE KEY")
        }
        TlsError::Unreadable(file) => unfit("tls.certificate", file, "certificate", "CERTIFICATE"),
        _ => Failure::config(format!("`tls.certificate`, `tls.key`: {error}"))
            .help("name the two files that were issued together"),
    }
}

fn not_listening(error: &ListenError) -> Failure {
    match error {
        ListenError::Address(..) => Failure::unreachable(error.to_string()),
        _ => Failure::config(error.to_string()),
    }
}

fn listener(config: &Config) -> ListenerConfig {
    let certificate = config
        .tls
        .as_ref()
        .map(|tls| CertificateFiles { certificate: tls.certificate.clone(), key: tls.key.clone() });
    ListenerConfig {
        address: config.listen,
        certificate,
        connections: usize::try_from(config.limits.exchanges).unwrap_or(usize::MAX).saturating_mul(4),
        patience: Duration::from_secs(config.limits.request_seconds),
        idle: Duration::from_secs(config.limits.idle_seconds),
    }
}

fn session_limits(config: &Config) -> SessionLimits {
    let hours = |hours: u64| Duration::from_secs(hours.saturating_mul(3600));
    SessionLimits {
        idle: hours(config.limits.session_idle_hours),
        max_life: hours(config.limits.session_hours),
        mappings: usize::try_from(config.limits.session_surrogates).unwrap_or(usize::MAX),
        ..SessionLimits::default()
    }
}

/// How vendors are reached.
pub(crate) fn egress(config: &Config) -> EgressConfig {
    EgressConfig {
        trust: config.upstream.trust.clone(),
        answer: Duration::from_secs(config.limits.upstream_seconds),
        idle: Duration::from_secs(config.limits.idle_seconds),
        container: crate::config::container(),
        ..EgressConfig::default()
    }
}

fn limits(config: &Config) -> Limits {
    let count = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
    let mut limits = Limits {
        body_bytes: count(config.limits.body_bytes),
        answer_bytes: count(config.limits.answer_bytes),
        held_bytes: count(config.limits.held_bytes),
        answer: Duration::from_secs(config.limits.answer_seconds),
        exchanges: count(config.limits.exchanges),
        breaker_failures: u32::try_from(config.limits.breaker_failures).unwrap_or(u32::MAX),
        breaker_rest: Duration::from_secs(config.limits.breaker_seconds),
        request: Duration::from_secs(config.limits.request_seconds),
        idle: Duration::from_secs(config.limits.idle_seconds),
        ..Limits::default()
    };
    limits.protocol.depth = count(config.limits.depth);
    limits
}

/// Agent keys, as the crate `keys` makes them.
struct AgentKeys;

impl KeyReader for AgentKeys {
    fn id(&self, presented: &str) -> Option<String> {
        keys::AgentKey::parse(presented).ok().map(|key| key.id().to_owned())
    }

    fn matches(&self, presented: &str, kept: &Digest) -> bool {
        keys::AgentKey::parse(presented).is_ok_and(|key| key.matches(kept))
    }
}
