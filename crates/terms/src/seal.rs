//! What other rooms may ask of keys without ever seeing one. The crate `keys` implements these.

use std::fmt;
use std::sync::Arc;

use crate::{EngagementId, KeyId, SegmentId};

/// A 256-bit digest: SHA-256, or HMAC-SHA-256 where a key is involved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Lower-case hexadecimal, 64 characters.
    pub fn to_hex(self) -> String {
        self.to_string()
    }

    /// Reads 64 hexadecimal characters.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut digest = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(digest))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SIGNS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let sign = |nibble: u8| SIGNS.get(usize::from(nibble)).copied().unwrap_or('0');
        let mut text = String::with_capacity(64);
        text.extend(self.0.iter().flat_map(|byte| [sign(byte >> 4), sign(byte & 15)]));
        f.write_str(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why sealing or unsealing failed. Holds no key and no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key is not in the keyring: never was, or was destroyed.
    #[error("no such key in the keyring")]
    NoKey,
    /// The bytes were not sealed under this key and context, or were changed since.
    #[error("sealed bytes do not open under this key and context")]
    Forged,
    /// The keyring could not be written.
    #[error("the keyring could not be written")]
    Keyring,
}

/// One AES-256-GCM key, behind a wall.
pub trait Sealer: Send + Sync {
    /// The key's identity in the keyring.
    fn key_id(&self) -> KeyId;

    /// The epoch of the engagement key that wraps it.
    fn epoch(&self) -> u32;

    /// SHA-256 over a fixed prefix and the key: commits to the key without telling it.
    fn commitment(&self) -> Digest;

    /// Seals `content` in place and appends the 16-byte tag. A nonce must never come twice under one key.
    fn seal(&self, nonce: [u8; 12], context: &[u8], content: &mut Vec<u8>) -> Result<(), SealError>;

    /// Opens `sealed` in place and cuts the tag off.
    fn unseal(&self, nonce: [u8; 12], context: &[u8], sealed: &mut Vec<u8>) -> Result<(), SealError>;
}

/// Makes keyed digests that can be compared inside one engagement and mean nothing outside it.
pub trait Digester: Send + Sync {
    /// HMAC-SHA-256 over `domain` and `parts`, each preceded by its length as a 64-bit big-endian number.
    fn digest(&self, domain: &str, parts: &[&[u8]]) -> Digest;
}

/// What a key of an engagement may be used for; a key never serves two uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyUse {
    /// seals the keys of sessions
    Session,
    /// seals vendors' credentials
    Credential,
    /// makes the keyed digests of patient identifiers that the record refers to
    Index,
    /// makes the keyed digests by which a conversation is found again
    Conversation,
    /// makes the keyed digests by which findings are remembered, in memory only
    Findings,
    /// seals the texts of term lists
    Terms,
    /// makes the keyed pseudonyms of data sets, see [`pseudonym`](crate::pseudonym)
    Pseudonym,
}

/// Bytes sealed under an engagement's key, with the epoch of that key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedValue {
    /// The epoch of the engagement key.
    pub epoch: u32,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// The keys of engagements, behind a wall. The crate `keys` implements it.
pub trait Vault: Send + Sync {
    /// Seals `content`; `context` must be given again to open it.
    fn seal(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
        content: &[u8],
    ) -> Result<SealedValue, SealError>;

    /// Opens what [`Vault::seal`] sealed.
    fn unseal(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
        sealed: &SealedValue,
    ) -> Result<crate::Phi<Vec<u8>>, SealError>;

    /// A fresh random key, sealed under the engagement's key of this use.
    fn fresh_key(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
    ) -> Result<(SealedValue, Arc<dyn Sealer>), SealError>;

    /// Opens a key that [`Vault::fresh_key`] made.
    fn open_key(
        &self,
        engagement: &EngagementId,
        key_use: KeyUse,
        context: &[u8],
        sealed: &SealedValue,
    ) -> Result<Arc<dyn Sealer>, SealError>;

    /// Keyed digests of one use inside one engagement.
    fn digester(&self, engagement: &EngagementId, key_use: KeyUse) -> Result<Arc<dyn Digester>, SealError>;
}

/// Signs checkpoints of the journal with Ed25519.
pub trait NoteSigner: Send + Sync {
    /// The signer's name as C2SP signed-note writes it, which is also the log's origin.
    fn name(&self) -> &str;

    /// The 32 bytes of the public key.
    fn public_key(&self) -> [u8; 32];

    /// The 64 bytes of the signature.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

/// Gives the keys under which a journal segment is sealed.
pub trait SegmentKeys: Send + Sync {
    /// A fresh random key for one segment and one engagement, already durable in the keyring.
    fn create(&self, segment: SegmentId, engagement: &EngagementId) -> Result<Arc<dyn Sealer>, SealError>;

    /// An earlier segment's key.
    fn find(&self, key: KeyId) -> Result<Arc<dyn Sealer>, SealError>;
}
