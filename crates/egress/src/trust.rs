//! Whom TLS connections trust: the system's certificates and, where configured, a file beside them.

use std::path::Path;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::EgressError;

/// TLS 1.2 or 1.3 with the system's certificates. None at all is an error, not an empty trust.
pub(crate) fn config(extra: Option<&Path>) -> Result<Arc<ClientConfig>, EgressError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = extra {
        for certificate in CertificateDer::pem_file_iter(path).map_err(|_unreadable| EgressError::Trust)? {
            let certificate = certificate.map_err(|_malformed| EgressError::Trust)?;
            roots.add(certificate).map_err(|_unusable| EgressError::Trust)?;
        }
    }
    if roots.is_empty() { Err(EgressError::Trust) } else { client(roots) }
}

/// For plain connections on loopback: trusts nobody.
pub(crate) fn nothing() -> Result<Arc<ClientConfig>, EgressError> {
    client(RootCertStore::empty())
}

fn client(roots: RootCertStore) -> Result<Arc<ClientConfig>, EgressError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|_inconsistent| EgressError::Trust)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
