//! One surrogate with its original, in memory and sealed.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use terms::{IdentifierClass, Phi, Randomness, Sealer, SessionId};

use crate::{CustodyError, SealedMapping};

/// Version of the sealed form: this byte, the class's label, 0, the surrogate, 0, the original.
const VERSION: u8 = 1;

const NONCE: usize = 12;

pub(crate) struct Mapping {
    pub(crate) class: IdentifierClass,
    pub(crate) surrogate: String,
    pub(crate) original: Phi<String>,
}

/// A mapping in a set, found by its original.
pub(crate) struct ByOriginal(pub(crate) Arc<Mapping>);

impl Borrow<str> for ByOriginal {
    fn borrow(&self) -> &str {
        self.0.original.expose()
    }
}

impl Hash for ByOriginal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrow::<str>::borrow(self).hash(state);
    }
}

impl PartialEq for ByOriginal {
    fn eq(&self, other: &Self) -> bool {
        self.0.original == other.0.original
    }
}

impl Eq for ByOriginal {}

impl Mapping {
    /// A random nonce and the ciphertext, bound to session and position.
    pub(crate) fn seal(
        &self,
        key: &dyn Sealer,
        randomness: &dyn Randomness,
        session: SessionId,
        position: u32,
    ) -> Result<SealedMapping, CustodyError> {
        let mut content = vec![VERSION];
        content.extend_from_slice(self.class.label().as_bytes());
        content.push(0);
        content.extend_from_slice(self.surrogate.as_bytes());
        content.push(0);
        content.extend_from_slice(self.original.expose().as_bytes());
        let mut nonce = [0; NONCE];
        randomness.fill(&mut nonce);
        key.seal(nonce, &context(session, position), &mut content).map_err(|_| CustodyError::Sealed)?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut content);
        Ok(SealedMapping { position, sealed })
    }

    /// Opens what [`Mapping::seal`] sealed.
    pub(crate) fn open(
        sealed: &SealedMapping,
        key: &dyn Sealer,
        session: SessionId,
    ) -> Result<Self, CustodyError> {
        let (nonce, content) = sealed.sealed.split_first_chunk::<NONCE>().ok_or(CustodyError::Sealed)?;
        let mut content = content.to_vec();
        key.unseal(*nonce, &context(session, sealed.position), &mut content)
            .map_err(|_| CustodyError::Sealed)?;
        parse(&content).ok_or(CustodyError::Sealed)
    }
}

fn parse(content: &[u8]) -> Option<Mapping> {
    let text = std::str::from_utf8(content.strip_prefix(&[VERSION])?).ok()?;
    let mut parts = text.splitn(3, '\0');
    let class = parts.next()?.parse().ok()?;
    let surrogate = parts.next()?.to_owned();
    Some(Mapping { class, surrogate, original: Phi::new(parts.next()?.to_owned()) })
}

fn context(session: SessionId, position: u32) -> Vec<u8> {
    let mut context = b"chaperon.session.mapping.v1".to_vec();
    context.extend_from_slice(session.as_bytes());
    context.extend_from_slice(&position.to_be_bytes());
    context
}
