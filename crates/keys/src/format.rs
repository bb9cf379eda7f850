//! The files of the keyring, as `docs/formats/keyring.md` describes them.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use terms::{EngagementId, KeyId, SegmentId, UtcMillis};

use crate::KeyError;
use crate::secret::context;

/// The version of every file format of this crate.
pub(crate) const VERSION: u32 = 1;
pub(crate) const KEYRING: &str = "chaperon-keyring";
pub(crate) const SEGMENT_KEYS: &str = "chaperon-segment-keys";

/// Bytes, in base64 (RFC 4648, 4). Never key bytes in the clear.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Blob(pub(crate) Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(|_| D::Error::custom("not base64"))
    }
}

/// `keyring.json`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyringFile {
    pub(crate) format: String,
    pub(crate) version: u32,
    /// 16 random bytes: which keyring this is. Every wrapped key is bound to it.
    pub(crate) node: Blob,
    /// The roots under which keys are wrapped; the last one wraps new keys.
    pub(crate) roots: Vec<RootRecord>,
    pub(crate) signer: SignerRecord,
    pub(crate) engagements: BTreeMap<EngagementId, EngagementRecord>,
}

/// What a root is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RootKind {
    /// a key in a file
    File,
    /// a passphrase
    Passphrase,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RootRecord {
    pub(crate) epoch: u32,
    pub(crate) kind: RootKind,
    /// 32 random bytes, wrapped.
    pub(crate) check: Blob,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignerRecord {
    /// The epoch of the root that wraps it.
    pub(crate) root: u32,
    /// The Ed25519 public key.
    pub(crate) public: Blob,
    /// The Ed25519 seed, wrapped.
    pub(crate) key: Blob,
}

/// The keys of an engagement; after their destruction, only that they were.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EngagementRecord {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) epochs: Vec<EpochRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) digests: Option<DigestsRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) destroyed: Option<UtcMillis>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EpochRecord {
    pub(crate) epoch: u32,
    pub(crate) created: UtcMillis,
    /// The epoch of the root that wraps it.
    pub(crate) root: u32,
    pub(crate) key: Blob,
}

/// The key from which those of digests are derived. It has no epochs: digests must be found again for ever.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DigestsRecord {
    /// The epoch of the engagement key that wraps it.
    pub(crate) epoch: u32,
    pub(crate) key: Blob,
}

/// `segments/YYYY-MM-DD.json`: the segment keys made on one day.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DayFile {
    pub(crate) format: String,
    pub(crate) version: u32,
    pub(crate) keys: BTreeMap<KeyId, SegmentRecord>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentRecord {
    pub(crate) segment: SegmentId,
    pub(crate) engagement: EngagementId,
    /// The epoch of the engagement key that wraps it.
    pub(crate) epoch: u32,
    pub(crate) key: Blob,
}

/// What the check value of a root is bound to.
pub(crate) fn check_context(node: &[u8], root: u32) -> Vec<u8> {
    context("keyring/check", &[node, &root.to_be_bytes()])
}

/// What the log's signing key is bound to.
pub(crate) fn signer_context(node: &[u8]) -> Vec<u8> {
    context("keyring/signer", &[node])
}

/// What an engagement's key is bound to.
pub(crate) fn engagement_context(node: &[u8], engagement: &EngagementId, epoch: u32) -> Vec<u8> {
    context("keyring/engagement", &[node, engagement.as_str().as_bytes(), &epoch.to_be_bytes()])
}

/// What an engagement's key of digests is bound to.
pub(crate) fn digests_context(node: &[u8], engagement: &EngagementId, epoch: u32) -> Vec<u8> {
    context("keyring/digests", &[node, engagement.as_str().as_bytes(), &epoch.to_be_bytes()])
}

/// What a segment's key is bound to.
pub(crate) fn segment_context(node: &[u8], id: KeyId, record: &SegmentRecord) -> Vec<u8> {
    let engagement = record.engagement.as_str().as_bytes();
    let parts: [&[u8]; 5] =
        [node, id.as_bytes(), record.segment.as_bytes(), engagement, &record.epoch.to_be_bytes()];
    context("keyring/segment", &parts)
}

/// JSON for people too, with a line feed at its end.
pub(crate) fn pretty<T: Serialize>(content: &T) -> Vec<u8> {
    // Strings, numbers and maps with text keys: this can't fail.
    let mut text = serde_json::to_vec_pretty(content).unwrap_or_default();
    text.push(b'\n');
    text
}

/// Parses a file whose `format` and `version` are as expected; the version is looked at first.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, text: &[u8], format: &str) -> Result<T, KeyError> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
        version: u32,
    }
    let head: Head =
        serde_json::from_slice(text).map_err(|_| KeyError::damaged(path, "it states no format"))?;
    if head.format != format {
        return Err(KeyError::damaged(path, "it is of another format"));
    }
    if head.version != VERSION {
        return Err(KeyError::Version { path: path.to_owned(), version: head.version });
    }
    serde_json::from_slice(text)
        .map_err(|_| KeyError::damaged(path, "its fields are not those of its version"))
}
