//! The port through which sessions are kept. The crate `store` implements it.

use async_trait::async_trait;
use terms::{Digest, EngagementId, SessionId, UtcMillis};

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// The wall that the session is inside of.
    pub engagement: EngagementId,
    /// The session.
    pub session: SessionId,
    /// Keyed digest of its owner: agent, on-behalf-of, purpose.
    pub owner: Digest,
    /// Epoch of the engagement's session key that seals [`SessionRecord::sealed_key`].
    pub key_epoch: u32,
    /// The session's own key, sealed. Deleting it is deleting what the session remembers.
    pub sealed_key: Vec<u8>,
    /// When it began.
    pub created: UtcMillis,
    /// When it was last used.
    pub used: UtcMillis,
}

/// What one write added to a session (surrogates with their originals, marks of opaque parts), sealed under the
/// session's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEntries {
    /// Position of the first in the session. What is kept of a session begins at 0 and has no gaps.
    pub position: u32,
    /// The sealed entries; how many there are is told inside.
    pub sealed: Vec<u8>,
}

/// A point of a conversation from which a later turn may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPoint {
    /// Keyed digest of owner and conversation up to here (or of the session header).
    pub chain: Digest,
    /// The session.
    pub session: SessionId,
    /// How many entries the session had here: a branch from here knows no later one.
    pub entries: u32,
}

/// What one turn adds to a session. Applied whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUpdate {
    /// The session, inserted if it is new, with `used` set to this value if not.
    pub record: SessionRecord,
    /// Entries to append. Where some begin at the same position already, these hold the same and perhaps more, and
    /// take their place.
    pub entries: Option<SealedEntries>,
    /// Points to add; one that exists already for the engagement and chain digest is replaced.
    pub points: Vec<SessionPoint>,
}

/// Why a session could not be read or kept. Holds no content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CustodyError {
    /// The database failed.
    #[error("the session database failed: {0}")]
    Database(String),
    /// A sealed value did not open.
    #[error("a session does not open under the keys of this house")]
    Sealed,
    /// The session holds as many mappings as it may.
    #[error("the session holds as many surrogates as it may")]
    Full,
}

/// Keeps sessions.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// The longest match: the first of `chains`, in the order given, that is a point of the engagement.
    async fn find(
        &self,
        engagement: &EngagementId,
        chains: &[Digest],
    ) -> Result<Option<SessionPoint>, CustodyError>;

    /// A session and its entries in order of position.
    async fn load(
        &self,
        engagement: &EngagementId,
        session: SessionId,
    ) -> Result<Option<(SessionRecord, Vec<SealedEntries>)>, CustodyError>;

    /// Applies updates in one transaction.
    async fn apply(&self, updates: &[SessionUpdate]) -> Result<(), CustodyError>;

    /// Deletes sessions last used before `idle` or created before `born`, with all that belongs to them; how many.
    async fn expire(&self, idle: UtcMillis, born: UtcMillis) -> Result<u64, CustodyError>;
}
