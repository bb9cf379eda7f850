//! Whose session it is, what it is found by, and how long it lives.

use std::time::Duration;

use terms::{AgentId, EngagementId, Purpose, WorkforceId};

/// To whom a session belongs: nobody else finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionOwner {
    /// The wall that the session is inside of.
    pub engagement: EngagementId,
    /// The agent that speaks.
    pub agent: AgentId,
    /// The workforce member for whom it speaks.
    pub on_behalf_of: Option<WorkforceId>,
    /// What for.
    pub purpose: Purpose,
}

/// One message of the conversation as the client sent it, before any transformation.
#[derive(Clone, Copy)]
pub struct CanonicalMessage<'a> {
    /// The message in a form that does not depend on how it was written down.
    pub bytes: &'a [u8],
    /// Whether it is an answer of the assistant.
    pub answer: bool,
}

/// The bounds of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// A session ends so long after its last turn.
    pub idle: Duration,
    /// A session and its branches end so long after its first turn.
    pub max_life: Duration,
    /// How many surrogates a session may hold.
    pub mappings: usize,
    /// How many opaque parts a session may remember: what comes beyond can't be sent back.
    pub marks: usize,
    /// About how many bytes of memory the conversations of one engagement may take. What is forgotten is read from
    /// the store when it comes back.
    pub memory: usize,
}

impl Default for SessionLimits {
    /// Eight hours idle, seven days of life, 4,096 surrogates, 8,192 opaque parts, 4 MiB of memory.
    fn default() -> Self {
        let hour = Duration::from_hours(1);
        Self { idle: hour * 8, max_life: hour * 24 * 7, mappings: 4096, marks: 8192, memory: 4 << 20 }
    }
}
