//! 256-bit keys and what is done with them.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf, hmac};
use terms::{Digest, Digester, Randomness, SealError};
use zeroize::Zeroizing;

/// Leads every label, so that no other program's use of the same key could coincide.
const HOUSE: &str = "chaperon/1/";

/// 32 secret bytes; zeroized when dropped.
pub(crate) struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// A random one.
    pub(crate) fn fresh(randomness: &dyn Randomness) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        randomness.fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// From exactly 32 bytes.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut secret = Zeroizing::new([0; 32]);
        if bytes.len() != secret.len() {
            return None;
        }
        secret.copy_from_slice(bytes);
        Some(Self(secret))
    }

    /// From bytes made elsewhere.
    pub(crate) fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes. Each call is a place that a reviewer looks at.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// HKDF-SHA-256 (RFC 5869) with an empty salt and `chaperon/1/` + `label` as info.
    pub(crate) fn derive(&self, label: &str) -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; 32]);
        let info = [HOUSE.as_bytes(), label.as_bytes()];
        hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
            .extract(self.expose())
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(bytes.as_mut_slice()))
            .map_err(|_| SealError::Keyring)?;
        Ok(Self(bytes))
    }

    /// SHA-256 over `chaperon/1/commitment`, a zero byte, and the key.
    pub(crate) fn commitment(&self) -> Digest {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(HOUSE.as_bytes());
        context.update(b"commitment\0");
        context.update(self.expose());
        to_digest(context.finish().as_ref())
    }
}

/// AES-256-GCM under one key. The library cleanses its copy of the key when dropped.
pub(crate) struct Cipher(LessSafeKey);

impl Cipher {
    pub(crate) fn new(key: &Secret) -> Result<Self, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| SealError::Keyring)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// The cipher of the key derived from `secret` by `label`.
    pub(crate) fn derived(secret: &Secret, label: &str) -> Result<Self, SealError> {
        Self::new(&secret.derive(label)?)
    }

    /// Seals in place and appends the tag.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_LEN],
        context: &[u8],
        plain: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(nonce, Aad::from(context), plain).map_err(|_| SealError::Keyring)
    }

    /// Opens in place and cuts the tag off.
    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE_LEN],
        context: &[u8],
        sealed: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length =
            self.0.open_in_place(nonce, Aad::from(context), sealed).map_err(|_| SealError::Forged)?.len();
        sealed.truncate(length);
        Ok(())
    }

    /// Seals under a random nonce: nonce, ciphertext, tag. At most 2^32 times under one key (NIST SP 800-38D, 8.3).
    pub(crate) fn wrap(
        &self,
        randomness: &dyn Randomness,
        context: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        randomness.fill(&mut nonce);
        let mut wrapped = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        wrapped.extend_from_slice(&nonce);
        wrapped.extend_from_slice(plain);
        let (_, body) = wrapped.split_at_mut(NONCE_LEN);
        let tag = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), body)
            .map_err(|_| SealError::Keyring)?;
        wrapped.extend_from_slice(tag.as_ref());
        Ok(wrapped)
    }

    /// Opens what [`Cipher::wrap`] sealed.
    pub(crate) fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, body) = wrapped.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Forged)?;
        let mut plain = Zeroizing::new(body.to_vec());
        self.open(*nonce, context, &mut plain)?;
        Ok(plain)
    }

    /// Opens a wrapped 32-byte key.
    pub(crate) fn unwrap_key(&self, context: &[u8], wrapped: &[u8]) -> Result<Secret, SealError> {
        Secret::from_slice(&self.unwrap(context, wrapped)?).ok_or(SealError::Forged)
    }
}

/// HMAC-SHA-256 under one key.
pub(crate) struct Hmac(hmac::Key);

impl Hmac {
    pub(crate) fn new(key: &Secret) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))
    }
}

impl Digester for Hmac {
    fn digest(&self, domain: &str, parts: &[&[u8]]) -> Digest {
        let mut context = hmac::Context::with_key(&self.0);
        for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
            context.update(&length(part));
            context.update(part);
        }
        to_digest(context.sign().as_ref())
    }
}

/// What a sealed value is bound to: a label and parts, each preceded by its length as a 64-bit big-endian number.
pub(crate) fn context(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let size = parts.iter().map(|part| part.len() + 8).sum::<usize>();
    let mut bytes = Vec::with_capacity(HOUSE.len() + label.len() + 8 + size);
    bytes.extend_from_slice(&((HOUSE.len() + label.len()) as u64).to_be_bytes());
    bytes.extend_from_slice(HOUSE.as_bytes());
    bytes.extend_from_slice(label.as_bytes());
    for part in parts {
        bytes.extend_from_slice(&length(part));
        bytes.extend_from_slice(part);
    }
    bytes
}

fn length(part: &[u8]) -> [u8; 8] {
    (part.len() as u64).to_be_bytes()
}

/// The digest in `bytes`, which are 32 wherever this is called.
pub(crate) fn to_digest(bytes: &[u8]) -> Digest {
    let mut digest = [0; 32];
    for (to, from) in digest.iter_mut().zip(bytes) {
        *to = *from;
    }
    Digest(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    #[test]
    fn digests_keep_parts_apart() {
        let hmac = Hmac::new(&Secret::from_slice(&[7; 32]).unwrap());
        let one = hmac.digest("d", &[b"ab", b"c"]);
        assert_eq!(one, hmac.digest("d", &[b"ab", b"c"]));
        assert_ne!(one, hmac.digest("d", &[b"a", b"bc"]));
        assert_ne!(one, hmac.digest("da", &[b"b", b"c"]));
        let framed = [&1u64.to_be_bytes()[..], b"d", &2u64.to_be_bytes(), b"ab", &1u64.to_be_bytes(), b"c"];
        let plain = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), &framed.concat());
        assert_eq!(one.0, plain.as_ref());
    }

    #[test]
    fn a_wrapped_value_opens_only_unchanged_and_in_its_context() {
        let cipher = Cipher::new(&Secret::fresh(&OsRandom)).unwrap();
        let wrapped = cipher.wrap(&OsRandom, b"here", b"content").unwrap();
        assert_eq!(*cipher.unwrap(b"here", &wrapped).unwrap(), b"content");
        assert_eq!(cipher.unwrap(b"there", &wrapped).err(), Some(SealError::Forged));
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert_eq!(cipher.unwrap(b"here", &changed).err(), Some(SealError::Forged));
            assert_eq!(cipher.unwrap(b"here", &wrapped[..at]).err(), Some(SealError::Forged));
        }
    }

    #[test]
    fn contexts_keep_parts_apart() {
        assert_ne!(context("a", &[b"b", b""]), context("a", &[b"", b"b"]));
        assert_ne!(context("ab", &[b""]), context("a", &[b"b"]));
    }
}
