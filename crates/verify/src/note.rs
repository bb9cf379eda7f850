//! "Checkpoints and the key": C2SP signed-note and tlog-checkpoint with Ed25519.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::tree::Hash;

/// A log's public key and its name, which is the log's origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name.
    pub name: String,
    hash: [u8; 4],
    verifying: VerifyingKey,
}

impl Key {
    /// Reads `name+hash+base64` and one newline, and nothing that is not exactly that.
    pub fn read(line: &str) -> Option<Self> {
        let mut parts = line.strip_suffix('\n')?.splitn(3, '+');
        let (name, hash, typed) = (parts.next()?, parts.next()?, parts.next()?);
        let (algorithm, key) = base64(typed)?.split_first_chunk::<1>().map(|(a, b)| (*a, b.to_vec()))?;
        let key = VerifyingKey::from_bytes(&key.try_into().ok()?).ok()?;
        let whole =
            Sha256::new().chain_update(name).chain_update([b'\n', 1]).chain_update(key.as_bytes()).finalize();
        let expected = *whole.first_chunk()?;
        let written = format!("{:08x}", u32::from_be_bytes(expected));
        let plain = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control());
        (algorithm == [1] && hash == written && plain).then(|| Self {
            name: name.to_owned(),
            hash: expected,
            verifying: key,
        })
    }
}

impl Key {
    /// Whether one of the signature lines is this key's, over this very text; lines of others are skipped.
    pub fn signed(&self, text: &str, signatures: &str) -> Result<(), NoteError> {
        let mut ours = None;
        for line in signatures.lines() {
            let (name, bytes) = signature(line).ok_or(NoteError::Malformed)?;
            let (hash, bytes) = bytes.split_first_chunk().ok_or(NoteError::Malformed)?;
            if name == self.name && *hash == self.hash {
                ours = Some(bytes.to_vec());
            }
        }
        let signature = Signature::from_slice(&ours.ok_or(NoteError::AnotherKey)?);
        let signature = signature.map_err(|_| NoteError::Malformed)?;
        self.verifying.verify_strict(text.as_bytes(), &signature).map_err(|_| NoteError::Forged)
    }
}

/// A signed size and root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// leaves
    pub size: u64,
    /// the root over them
    pub root: Hash,
}

/// Why a text is no checkpoint of this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// it is not formed like one
    Malformed,
    /// it names another log, or no signature is by this log's key
    AnotherKey,
    /// the signature does not fit the text
    Forged,
}

impl Checkpoint {
    /// Reads a checkpoint with one signature line, as the journal's own files hold it.
    pub fn read(note: &str, key: &Key) -> Result<Self, NoteError> {
        let (_, signatures) = split(note).ok_or(NoteError::Malformed)?;
        if signatures.matches('\n').count() != 1 {
            return Err(NoteError::Malformed);
        }
        Self::read_cosigned(note, key)
    }

    /// Reads a checkpoint that others may have signed too; theirs are skipped.
    pub fn read_cosigned(note: &str, key: &Key) -> Result<Self, NoteError> {
        let (text, signatures) = split(note).ok_or(NoteError::Malformed)?;
        let (origin, checkpoint) = body(text).ok_or(NoteError::Malformed)?;
        if origin != key.name {
            return Err(NoteError::AnotherKey);
        }
        key.signed(text, signatures).map(|()| checkpoint)
    }
}

/// The signed text with its last newline, and the signature lines, each with its newline.
fn split(note: &str) -> Option<(&str, &str)> {
    let (text, signatures) = note.split_at_checked(note.rfind("\n\n")? + 1)?;
    let signatures = signatures.strip_prefix('\n')?;
    signatures.ends_with('\n').then_some((text, signatures))
}

/// The three lines of the text.
fn body(text: &str) -> Option<(&str, Checkpoint)> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    let (origin, decimal, root) = (lines.next()?, lines.next()?, lines.next()?);
    let size: u64 = decimal.parse().ok()?;
    let root = base64(root)?.try_into().ok()?;
    (lines.next().is_none() && size.to_string() == decimal).then_some((origin, Checkpoint { size, root }))
}

fn signature(line: &str) -> Option<(&str, Vec<u8>)> {
    let (name, bytes) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    Some((name, base64(bytes)?))
}

/// Decodes canonical base64.
fn base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().filter(|bytes| STANDARD.encode(bytes) == text)
}
