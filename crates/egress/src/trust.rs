//! Whom TLS connections trust: the system's certificates and, where configured, a file beside them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use http::Uri;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::EgressError;

/// Whom to trust; read when the first TLS connection is made.
pub(crate) struct Trust {
    extra: Option<PathBuf>,
    read: OnceLock<Result<Arc<ClientConfig>, EgressError>>,
}

impl Trust {
    pub(crate) const fn new(extra: Option<PathBuf>) -> Self {
        Self { extra, read: OnceLock::new() }
    }

    /// The trust for an address. A plain one, on loopback, trusts nobody.
    pub(crate) fn of(&self, uri: &Uri) -> Result<Arc<ClientConfig>, EgressError> {
        if uri.scheme_str() == Some("https") {
            self.read.get_or_init(|| config(self.extra.as_deref())).clone()
        } else {
            client(RootCertStore::empty())
        }
    }
}

/// How many certificates a file holds that can be trusted. A file with none, or with one that can't be used, is an
/// error: [`EgressError::Trust`].
pub fn trusted(file: &Path) -> Result<usize, EgressError> {
    let mut roots = RootCertStore::empty();
    add(&mut roots, file)?;
    Ok(roots.len())
}

/// TLS 1.2 or 1.3 with the system's certificates. None at all is an error, not an empty trust.
fn config(extra: Option<&Path>) -> Result<Arc<ClientConfig>, EgressError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = extra {
        add(&mut roots, file)?;
    }
    if roots.is_empty() { Err(EgressError::Trust) } else { client(roots) }
}

fn add(roots: &mut RootCertStore, file: &Path) -> Result<(), EgressError> {
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|_unreadable| EgressError::Trust)? {
        let certificate = certificate.map_err(|_malformed| EgressError::Trust)?;
        roots.add(certificate).map_err(|_unusable| EgressError::Trust)?;
    }
    if roots.len() == before { Err(EgressError::Trust) } else { Ok(()) }
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
