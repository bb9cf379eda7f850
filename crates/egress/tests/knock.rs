//! Knocking at services on loopback: what is told, and that nothing is said.
#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egress::{Contact, EgressConfig, EgressError, Knock, Probe, trusted};
use governance::{RegisterKind, Registers, Service, StoredRow};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use terms::{RowVersion, UtcMillis};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name)
}

fn probe(trust: Option<&str>) -> Probe {
    let trust = trust.map(file);
    Probe::new(&EgressConfig { trust, connect: Duration::from_secs(20), ..EgressConfig::default() })
}

async fn knock(probe: &Probe, endpoint: &str) -> Knock {
    let registers = registers(endpoint);
    let engagement = "mercy".parse().unwrap();
    let service = registers.current::<Service>(&engagement, "api").unwrap();
    probe.knock(service).await
}

fn registers(endpoint: &str) -> Registers {
    let body = format!(
        r#"{{"vendor":"acme","product":"API","protocols":["openai"],"endpoint":"{endpoint}",
            "models":[{{"name":"large"}}]}}"#
    );
    let row = StoredRow {
        engagement: "mercy".parse().unwrap(),
        kind: RegisterKind::Service,
        id: "api".parse().unwrap(),
        version: RowVersion(1),
        valid_from: UtcMillis(1),
        valid_to: None,
        author: String::new(),
        reason: String::new(),
        ended: false,
        body,
    };
    Registers::from_rows(vec![row]).unwrap()
}

/// A vendor that answers nothing and tells how many bytes it was sent before the caller hung up.
async fn plain() -> (u16, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap()
    });
    (port, heard)
}

/// The same behind TLS; what is counted comes after the handshake.
async fn tls(name: &str, versions: &[&'static rustls::SupportedProtocolVersion]) -> (u16, JoinHandle<usize>) {
    let chain = vec![CertificateDer::from_pem_file(file(&format!("{name}.pem"))).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file(&format!("{name}.key"))).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = acceptor.accept(stream).await else { return 0 };
        let mut sent = Vec::new();
        let _hung_up = stream.read_to_end(&mut sent).await;
        sent.len()
    });
    (port, heard)
}

const BOTH: [&rustls::SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

#[tokio::test]
async fn a_plain_service_on_loopback_hears_nothing() {
    let (port, heard) = plain().await;
    let found = knock(&probe(None), &format!("http://127.0.0.1:{port}/v1")).await;
    let here = vec![IpAddr::from([127, 0, 0, 1])];
    assert_eq!(found, Knock { addresses: here, outcome: Ok(Contact::Plain) });
    assert_eq!(heard.await.unwrap(), 0);
}

#[tokio::test]
async fn a_private_authority_is_trusted_where_its_file_is_named_and_nothing_follows_the_handshake() {
    for (versions, contact) in [(&BOTH[..], Contact::Tls13), (&BOTH[1..], Contact::Tls12)] {
        let (port, heard) = tls("vendor", versions).await;
        let found = knock(&probe(Some("ca.pem")), &format!("https://localhost:{port}/v1")).await;
        assert_eq!(found.outcome, Ok(contact));
        assert!(found.addresses.iter().all(IpAddr::is_loopback) && !found.addresses.is_empty());
        assert_eq!(heard.await.unwrap(), 0);
    }
    let (port, _) = tls("vendor", &BOTH).await;
    let found = knock(&probe(None), &format!("https://127.0.0.1:{port}")).await;
    // a machine without any authority trusts nobody either
    assert!(matches!(found.outcome, Err(EgressError::Untrusted | EgressError::Trust)), "{found:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told() {
    for (name, expected) in [("elsewhere", EgressError::OtherName), ("expired", EgressError::Expired)] {
        let (port, _) = tls(name, &BOTH).await;
        let found = knock(&probe(Some("ca.pem")), &format!("https://127.0.0.1:{port}")).await;
        assert_eq!(found.outcome, Err(expected), "{name}");
    }
    let (port, _) = tls("vendor", &BOTH).await;
    let found = knock(&probe(Some("elsewhere.pem")), &format!("https://127.0.0.1:{port}")).await;
    assert!(found.outcome.is_err(), "one certificate of an authority does not vouch for another");
}

#[tokio::test]
async fn a_service_that_is_no_tls_server_agrees_on_none() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    });
    let found = knock(&probe(Some("ca.pem")), &format!("https://127.0.0.1:{port}")).await;
    assert_eq!(found.outcome, Err(EgressError::Handshake));
}

#[tokio::test]
async fn a_closed_port_and_a_silent_one_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = listener.local_addr().unwrap().port();
    let short = Probe::new(&EgressConfig {
        connect: Duration::from_millis(100),
        trust: Some(file("ca.pem")),
        ..EgressConfig::default()
    });
    let found = knock(&short, &format!("https://127.0.0.1:{silent}")).await;
    assert_eq!(found.outcome, Err(EgressError::Timeout));
    drop(listener);
    let found = knock(&probe(None), &format!("http://127.0.0.1:{silent}")).await;
    assert_eq!(found.outcome, Err(EgressError::Refused));
}

/// The host is a name to us and an address to the resolver: no connection is tried.
#[tokio::test]
async fn an_address_that_the_row_does_not_declare_is_not_called() {
    for (host, address, expected) in [
        ("0x0a090807", [10, 9, 8, 7], EgressError::Undeclared),
        ("0x7f000001", [127, 0, 0, 1], EgressError::Undeclared),
        ("0xa9fea9fe", [169, 254, 169, 254], EgressError::Address),
    ] {
        let found = knock(&probe(Some("ca.pem")), &format!("https://{host}")).await;
        assert_eq!(found, Knock { addresses: vec![IpAddr::from(address)], outcome: Err(expected) });
    }
    let found = knock(&probe(Some("ca.pem")), "https://no-such-host.invalid").await;
    assert_eq!(found, Knock { addresses: Vec::new(), outcome: Err(EgressError::Unresolved) });
}

#[tokio::test]
async fn a_file_of_authorities_must_hold_some() {
    assert_eq!(trusted(&file("ca.pem")), Ok(1));
    for name in ["vendor.key", "README.md", "absent.pem"] {
        assert_eq!(trusted(&file(name)), Err(EgressError::Trust), "{name}");
        let found = knock(&probe(Some(name)), "https://127.0.0.1:9").await;
        assert_eq!(found.outcome, Err(EgressError::Trust), "{name}");
    }
}
