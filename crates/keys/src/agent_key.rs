//! The keys by which agents authenticate.

use aws_lc_rs::{constant_time, digest};
use terms::{Digest, Randomness};
use zeroize::Zeroizing;

use crate::secret::to_digest;

const START: &[u8; 4] = b"chp_";
/// Characters that name the key: 60 bits.
const ID: usize = 12;
/// Characters that are secret: 200 bits.
const SECRET: usize = 40;
const LENGTH: usize = START.len() + ID + SECRET;
/// Crockford's base 32, in lower case: no `i`, `l`, `o`, `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Text that is no agent key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an agent key is `chp_` and 52 of 0-9 and a-z without i, l, o, u")]
pub struct NotAnAgentKey;

/// An agent's key: `chp_`, 12 characters that name it, 40 that are secret (200 bits).
///
/// What is kept is its [`AgentKey::id`], to look it up, and its [`AgentKey::digest`]. A plain SHA-256 suffices: the
/// secret is random and long, so there is nothing to guess from the digest.
pub struct AgentKey(Zeroizing<[u8; LENGTH]>);

impl AgentKey {
    /// A fresh random key.
    pub fn fresh(randomness: &dyn Randomness) -> Self {
        let mut text = Zeroizing::new([0; LENGTH]);
        randomness.fill(text.as_mut_slice());
        for (at, byte) in text.iter_mut().enumerate() {
            *byte = match START.get(at) {
                Some(fixed) => *fixed,
                None => ALPHABET.get(usize::from(*byte) % ALPHABET.len()).copied().unwrap_or(b'0'),
            };
        }
        Self(text)
    }

    /// Reads a key as an application sent it. No allocation, no look-up.
    pub fn parse(text: &str) -> Result<Self, NotAnAgentKey> {
        let bytes: &[u8; LENGTH] = text.as_bytes().try_into().map_err(|_| NotAnAgentKey)?;
        let rest = bytes.strip_prefix(START).ok_or(NotAnAgentKey)?;
        if !rest.iter().all(|byte| ALPHABET.contains(byte)) {
            return Err(NotAnAgentKey);
        }
        Ok(Self(Zeroizing::new(*bytes)))
    }

    /// `chp_` and the 12 characters that name the key; not secret.
    pub fn id(&self) -> &str {
        self.text().split_at_checked(START.len() + ID).map_or("", |(id, _)| id)
    }

    /// The whole key. Shown once, to who will use it; never stored or logged.
    pub fn expose(&self) -> &str {
        self.text()
    }

    /// SHA-256 of the whole key: what a register keeps.
    pub fn digest(&self) -> Digest {
        to_digest(digest::digest(&digest::SHA256, self.0.as_slice()).as_ref())
    }

    /// Whether this is the key whose digest was kept, in constant time.
    pub fn matches(&self, kept: &Digest) -> bool {
        constant_time::verify_slices_are_equal(&self.digest().0, &kept.0).is_ok()
    }

    fn text(&self) -> &str {
        std::str::from_utf8(self.0.as_slice()).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OsRandom;

    #[test]
    fn a_fresh_key_is_read_back_and_matches_only_itself() {
        let key = AgentKey::fresh(&OsRandom);
        let read = AgentKey::parse(key.expose()).unwrap();
        assert_eq!(key.expose().len(), 56);
        assert_eq!(read.id(), key.id());
        assert_eq!(key.id().len(), 16);
        assert!(read.matches(&key.digest()));
        assert!(!AgentKey::fresh(&OsRandom).matches(&key.digest()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let key = AgentKey::fresh(&OsRandom);
        let text = key.expose();
        let (short, shorter) = (text.get(..55).unwrap(), text.get(..54).unwrap());
        for bad in [
            "",
            "chp_",
            short,
            &format!("{text}0"),
            &text.to_uppercase(),
            &text.replacen("chp_", "sk-_", 1),
            &format!("{short}i"),
            &format!("{shorter}é"),
        ] {
            assert!(AgentKey::parse(bad).is_err());
        }
    }

    #[test]
    fn the_digest_is_plain_sha_256() {
        let key = AgentKey::parse(&format!("chp_{}", "0".repeat(52))).unwrap();
        let expected = digest::digest(&digest::SHA256, key.expose().as_bytes());
        assert_eq!(key.digest().0, expected.as_ref());
    }
}
