//! One request's turn in a session.

use std::sync::Arc;

use terms::{Digester, IdentifierClass, SessionId, SurrogateError, SurrogateSource};

use crate::SessionPoint;
use crate::chain::Next;
use crate::live::{Live, Mappings};
use crate::memory::Held;
use crate::sessions::Inner;

/// One request's turn: what its session knows, and where its surrogates come from.
pub struct Turn {
    inner: Arc<Inner>,
    digester: Arc<dyn Digester>,
    live: Arc<Live>,
    /// What the session knew when the turn began.
    known: Mappings,
    next: Next,
}

impl Turn {
    pub(crate) fn new(inner: Arc<Inner>, digester: Arc<dyn Digester>, live: Arc<Live>, next: Next) -> Self {
        let known = live.mappings();
        Self { inner, digester, live, known, next }
    }

    /// Class, original and surrogate of all that the session knew when the turn began: originals to find again,
    /// surrogates to leave alone. None of it may be restored unless this turn issues it again.
    pub fn known(&self) -> impl Iterator<Item = (IdentifierClass, &str, &str)> {
        self.known
            .iter()
            .map(|mapping| (mapping.class, mapping.original.expose().as_str(), mapping.surrogate.as_str()))
    }

    /// The session.
    pub fn session(&self) -> SessionId {
        self.live.session
    }

    /// Ends the turn. `answer` is the restored answer as the client will send it back, in canonical bytes;
    /// `None` if there was none. What the session has to remember is queued; a session without a surrogate
    /// leaves nothing behind.
    pub fn answered(self, answer: Option<&[u8]>) {
        let now = self.inner.clock.now();
        if self.live.mappings().is_empty() || self.live.ended(&self.inner.limits, now) {
            return;
        }
        let Some(chain) = self.next.point(&*self.digester, answer) else { return };
        let mappings = self.live.end_turn(chain, now);
        let held = Held { live: Arc::clone(&self.live), mappings };
        self.inner.memory().insert(chain, held, self.inner.limits.points);
        let point = SessionPoint { chain, session: self.live.session, mappings };
        self.inner.writing.queue(self.live, point);
    }
}

impl SurrogateSource for Turn {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        let (most, randomness) = (self.inner.limits.mappings, &*self.inner.randomness);
        self.live.surrogate(class, original, taken, most, randomness)
    }
}
