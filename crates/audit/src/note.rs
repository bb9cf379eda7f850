//! Signed checkpoints: C2SP tlog-checkpoint inside C2SP signed-note, signed with Ed25519.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use terms::{Digest, NoteSigner};

/// The algorithm byte of Ed25519 in signed-note.
const ED25519: u8 = 1;

/// A signed size and root of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Leaves in the tree.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The signed note, from the origin line to the newline after the signature.
    pub(crate) fn sign(&self, signer: &dyn NoteSigner) -> String {
        let name = signer.name();
        let text = format!("{name}\n{}\n{}\n", self.size, STANDARD.encode(self.root.0));
        let mut signature = key_hash(name, &signer.public_key()).to_vec();
        signature.extend_from_slice(&signer.sign(text.as_bytes()));
        format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(signature))
    }

    /// Reads a note that this very signer wrote. Ed25519 is deterministic (RFC 8032, 5.1.6), so signing again
    /// and comparing is verification, without another implementation of it in this room.
    pub(crate) fn read(note: &str, signer: &dyn NoteSigner) -> Option<Self> {
        let mut lines = note.split('\n');
        let (_origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = STANDARD.decode(root).ok()?.try_into().ok()?;
        let checkpoint = Self { size: size.parse().ok()?, root: Digest(root) };
        (checkpoint.sign(signer) == note).then_some(checkpoint)
    }
}

/// The signer's verifier key as signed-note writes it: `name+hash+base64`, without a newline.
pub fn verifier_key(signer: &dyn NoteSigner) -> String {
    let (name, key) = (signer.name(), signer.public_key());
    let hash = u32::from_be_bytes(key_hash(name, &key));
    let mut typed = vec![ED25519];
    typed.extend_from_slice(&key);
    format!("{name}+{hash:08x}+{}", STANDARD.encode(typed))
}

/// Whether signed-note allows the name: not empty, no spaces, no `+`; and one line of text.
pub(crate) fn valid_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// The first four bytes of SHA-256 over name, newline, algorithm and key.
fn key_hash(name: &str, key: &[u8; 32]) -> [u8; 4] {
    let hash: [u8; 32] =
        Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key).finalize().into();
    let [a, b, c, d, ..] = hash;
    [a, b, c, d]
}
