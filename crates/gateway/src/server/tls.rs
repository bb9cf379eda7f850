//! TLS for callers: TLS 1.3 preferred, 1.2 the floor, certificates from files that are read again when they change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::Validity;

/// Where certificate and key are.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// PEM chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// PEM private key.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Whether a listener could use them, and for how long.
    pub fn validity(&self) -> Result<Validity, TlsError> {
        config(self)?;
        let chain = chain(&self.certificate)?;
        Validity::of(&chain).ok_or_else(|| TlsError::Unreadable(self.certificate.clone()))
    }
}

/// Why certificate and key can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file can't be read as PEM.
    #[error("`{0}` can't be read as a PEM file of the right kind")]
    Unreadable(PathBuf),
    /// The key does not belong to the certificate, or is of a kind that TLS does not know.
    #[error("certificate and key do not belong together: {0}")]
    Unusable(rustls::Error),
}

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

pub(super) struct Certificates {
    files: CertificateFiles,
    current: ArcSwap<ServerConfig>,
}

impl Certificates {
    pub(super) fn load(files: CertificateFiles) -> Result<Arc<Self>, TlsError> {
        let current = ArcSwap::from_pointee(config(&files)?);
        Ok(Arc::new(Self { files, current }))
    }

    pub(super) fn current(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }

    /// Looks at the files for ever; a bad file keeps the old certificate and says so.
    pub(super) async fn watch(self: Arc<Self>) {
        let mut seen = self.changed();
        loop {
            tokio::time::sleep(LOOK).await;
            let now = self.changed();
            if now == seen {
                continue;
            }
            seen = now;
            match config(&self.files) {
                Ok(config) => {
                    self.current.store(Arc::new(config));
                    tracing::info!("the certificate was read again");
                }
                Err(error) => {
                    tracing::warn!(%error, "the certificate changed and can't be used; the old one stays");
                }
            }
        }
    }

    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.files.certificate, &self.files.key]
            .map(|path| path.metadata().and_then(|meta| meta.modified()).ok())
    }
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|_malformed| TlsError::Unreadable(path.to_owned()))
}

fn config(files: &CertificateFiles) -> Result<ServerConfig, TlsError> {
    let chain = chain(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|_malformed| TlsError::Unreadable(files.key.clone()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(TlsError::Unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TlsError::Unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
