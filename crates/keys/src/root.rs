//! The root key: under it the keys of engagements and of the log are wrapped, and nothing else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use terms::{Randomness, SealError};
use zeroize::Zeroizing;

use crate::format::RootKind;
use crate::secret::{Cipher, Secret};
use crate::{KeyError, file, passphrase};

/// Where the root key comes from.
#[non_exhaustive]
pub enum RootSource {
    /// A file with 32 bytes in base64, mode 0600; made when a keyring is created and the file is not there.
    File(PathBuf),
    /// A passphrase, stretched by Argon2id.
    Passphrase {
        /// The file of the parameters and the salt; made when a keyring is created and the file is not there.
        params: PathBuf,
        /// The passphrase.
        passphrase: Zeroizing<String>,
    },
}

/// What the root wraps. Each has a key of its own.
#[derive(Clone, Copy)]
pub(crate) enum RootUse {
    /// 32 random bytes by which a wrong root is told from a damaged file
    Check,
    /// the seed of the log's signing key
    Signer,
    /// the key of one epoch of one engagement
    Engagement,
}

/// Wraps 32-byte keys. What `wrap` returns is opaque to the keyring, so that a key store elsewhere can stand here.
pub(crate) trait Root: Send + Sync {
    /// What it is, for people.
    fn kind(&self) -> RootKind;

    /// Wraps `key`; `context` must be given again to unwrap it.
    fn wrap(&self, root_use: RootUse, context: &[u8], key: &Secret) -> Result<Vec<u8>, SealError>;

    /// Unwraps what [`Root::wrap`] wrapped.
    fn unwrap(&self, root_use: RootUse, context: &[u8], wrapped: &[u8]) -> Result<Secret, SealError>;
}

impl RootSource {
    /// The root for a new keyring: its file is made where it is not.
    pub(crate) fn create(self, randomness: Arc<dyn Randomness>) -> Result<LocalRoot, KeyError> {
        match &self {
            Self::File(path) => {
                if file::read(path)?.is_none() {
                    let mut line = Zeroizing::new(STANDARD.encode(Secret::fresh(&*randomness).expose()));
                    line.push('\n');
                    file::create(path, line.as_bytes())?;
                }
            }
            Self::Passphrase { params, passphrase } => {
                passphrase::check_length(passphrase)?;
                if file::read(params)?.is_none() {
                    file::create(params, &passphrase::fresh(&*randomness))?;
                }
            }
        }
        self.open(randomness)
    }

    /// The root of a keyring that is there.
    pub(crate) fn open(self, randomness: Arc<dyn Randomness>) -> Result<LocalRoot, KeyError> {
        let (kind, key) = match self {
            Self::File(path) => (RootKind::File, read_key(&path)?),
            Self::Passphrase { params, passphrase } => {
                let text = file::read(&params)?.ok_or_else(|| KeyError::Missing(params.clone()))?;
                (RootKind::Passphrase, passphrase::stretch(&params, &text, &passphrase)?)
            }
        };
        Ok(LocalRoot::new(kind, &key, randomness)?)
    }
}

fn read_key(path: &Path) -> Result<Secret, KeyError> {
    let text = file::read(path)?.ok_or_else(|| KeyError::Missing(path.to_owned()))?;
    let bytes = STANDARD.decode(text.trim_ascii()).map(Zeroizing::new);
    bytes
        .ok()
        .and_then(|bytes| Secret::from_slice(&bytes))
        .ok_or_else(|| KeyError::damaged(path, "it is not 32 bytes in base64"))
}

/// A root key in this process's memory; only what is derived from it is kept.
pub(crate) struct LocalRoot {
    kind: RootKind,
    check: Cipher,
    signer: Cipher,
    engagement: Cipher,
    randomness: Arc<dyn Randomness>,
}

impl LocalRoot {
    fn new(kind: RootKind, key: &Secret, randomness: Arc<dyn Randomness>) -> Result<Self, SealError> {
        Ok(Self {
            kind,
            check: Cipher::derived(key, "root/check")?,
            signer: Cipher::derived(key, "root/signer")?,
            engagement: Cipher::derived(key, "root/engagement")?,
            randomness,
        })
    }

    const fn cipher(&self, root_use: RootUse) -> &Cipher {
        match root_use {
            RootUse::Check => &self.check,
            RootUse::Signer => &self.signer,
            RootUse::Engagement => &self.engagement,
        }
    }
}

impl Root for LocalRoot {
    fn kind(&self) -> RootKind {
        self.kind
    }

    fn wrap(&self, root_use: RootUse, context: &[u8], key: &Secret) -> Result<Vec<u8>, SealError> {
        self.cipher(root_use).wrap(&*self.randomness, context, key.expose())
    }

    fn unwrap(&self, root_use: RootUse, context: &[u8], wrapped: &[u8]) -> Result<Secret, SealError> {
        self.cipher(root_use).unwrap_key(context, wrapped)
    }
}
