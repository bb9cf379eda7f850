//! The keyed digest chain by which a conversation is found again.
//!
//! `d0 = H(owner)`, `d(i) = H(d(i-1), message(i), whether it is an answer)` under the engagement's conversation
//! key. A point is the link behind an answer, so that a match always reaches through one.

use terms::{Digest, Digester};

use crate::{CanonicalMessage, SessionOwner};

/// No store is asked about more links than this, the newest first.
const ASKED: usize = 256;

/// What one request is found by.
pub(crate) struct Trace {
    /// Keyed digest of the owner.
    pub(crate) owner: Digest,
    /// The links at which a point may be, the longest conversation first.
    pub(crate) candidates: Vec<Digest>,
    /// Where the next point will be.
    pub(crate) next: Next,
}

/// Where a turn's point is put.
#[derive(Clone, Copy)]
pub(crate) enum Next {
    /// At the digest of the session header.
    Header(Digest),
    /// One link behind the request's last message.
    Answer(Digest),
}

impl Trace {
    pub(crate) fn new(
        digester: &dyn Digester,
        owner: &SessionOwner,
        header: Option<&str>,
        messages: &[CanonicalMessage<'_>],
    ) -> Self {
        let owner = owner_digest(digester, owner);
        if let Some(header) = header {
            let link = digester.digest("chaperon.session.header.v1", &[&owner.0, header.as_bytes()]);
            return Self { owner, candidates: vec![link], next: Next::Header(link) };
        }
        let mut last = owner;
        let mut candidates = Vec::new();
        for message in messages {
            last = link(digester, last, *message);
            if message.answer {
                candidates.push(last);
            }
        }
        candidates.reverse();
        candidates.truncate(ASKED);
        Self { owner, candidates, next: Next::Answer(last) }
    }
}

impl Next {
    /// The place of the point behind `answer`; `None` if there is no answer to find it by.
    pub(crate) fn point(self, digester: &dyn Digester, answer: Option<&[u8]>) -> Option<Digest> {
        match self {
            Self::Header(link) => Some(link),
            Self::Answer(last) => {
                answer.map(|bytes| link(digester, last, CanonicalMessage { bytes, answer: true }))
            }
        }
    }
}

fn link(digester: &dyn Digester, last: Digest, message: CanonicalMessage<'_>) -> Digest {
    let kind: &[u8] = if message.answer { b"answer" } else { b"said" };
    digester.digest("chaperon.session.chain.v1", &[&last.0, kind, message.bytes])
}

fn owner_digest(digester: &dyn Digester, owner: &SessionOwner) -> Digest {
    let (kind, member): (&[u8], _) = match &owner.on_behalf_of {
        Some(member) => (b"member", member.as_str()),
        None => (b"nobody", ""),
    };
    let parts = [
        owner.engagement.as_str().as_bytes(),
        owner.agent.as_str().as_bytes(),
        kind,
        member.as_bytes(),
        owner.purpose.as_str().as_bytes(),
    ];
    digester.digest("chaperon.session.owner.v1", &parts)
}
