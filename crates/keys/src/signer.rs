//! The key that signs the log.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use terms::{NoteSigner, SealError};

use crate::secret::Secret;

/// Ed25519 (RFC 8032) under one seed.
pub(crate) struct LogSigner {
    name: String,
    public: [u8; 32],
    pair: Ed25519KeyPair,
}

impl LogSigner {
    /// The signer of the log of `node`, which is named `chaperon/` and 8 hexadecimal digits of it.
    pub(crate) fn new(node: &[u8], seed: &Secret) -> Result<Self, SealError> {
        use std::fmt::Write as _;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| SealError::Keyring)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| SealError::Keyring)?;
        let mut name = "chaperon/".to_owned();
        for byte in node.iter().take(4) {
            write!(name, "{byte:02x}").map_err(|_| SealError::Keyring)?;
        }
        Ok(Self { name, public, pair })
    }
}

impl NoteSigner for LogSigner {
    fn name(&self) -> &str {
        &self.name
    }

    fn public_key(&self) -> [u8; 32] {
        self.public
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature = self.pair.sign(message);
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(signature.as_ref()) {
            *to = *from;
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, 7.1, test 2.
    #[test]
    fn signs_as_rfc_8032_does() {
        let seed = [
            0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f,
            0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
        ];
        let signer = LogSigner::new(&[0xab; 16], &Secret::from_slice(&seed).unwrap()).unwrap();
        assert_eq!(signer.name(), "chaperon/abababab");
        assert_eq!(signer.public_key()[..4], [0x3d, 0x40, 0x17, 0xc3]);
        let signature = signer.sign(&[0x72]);
        assert_eq!(signature[..4], [0x92, 0xa0, 0x09, 0xa9]);
        let key =
            aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, signer.public_key());
        assert!(key.verify(&[0x72], &signature).is_ok());
    }
}
