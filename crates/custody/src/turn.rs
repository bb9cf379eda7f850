//! One request's turn in a session.

use std::sync::Arc;

use terms::{
    Digest, Digester, Form, IdentifierClass, KeyUse, SessionId, Shape, SurrogateError, SurrogateSource,
};

use crate::SessionPoint;
use crate::chain::Next;
use crate::entry::{self, Entry};
use crate::live::Live;
use crate::memory::Held;
use crate::remembered::Entries;
use crate::sessions::Inner;

/// The opaque parts of an answer: what only the service that issued them can read (signatures of thinking, redacted
/// thinking, encrypted content).
#[derive(Clone, Copy)]
pub struct Opaque<'a> {
    /// The service that answered.
    pub service: &'a str,
    /// The parts, decoded.
    pub parts: &'a [Vec<u8>],
}

/// One request's turn: what its session knows, and where its surrogates come from.
pub struct Turn {
    inner: Arc<Inner>,
    digester: Arc<dyn Digester>,
    live: Arc<Live>,
    /// What the session knew when the turn began.
    known: Entries,
    next: Next,
}

impl Turn {
    pub(crate) fn new(inner: Arc<Inner>, digester: Arc<dyn Digester>, live: Arc<Live>, next: Next) -> Self {
        let known = live.entries();
        Self { inner, digester, live, known, next }
    }

    /// Class, original and surrogate of all that the session knew when the turn began: originals to find again,
    /// surrogates to leave alone. None of it may be restored unless this turn issues it again.
    ///
    /// A surrogate that looks like a real value is given as an empty text: where it stands in a request, it is a
    /// real value, since clients send originals.
    pub fn known(&self) -> impl Iterator<Item = (IdentifierClass, &str, &str)> {
        let mappings = self.known.iter().filter_map(Entry::mapping).filter(|one| one.form != Form::Part);
        mappings.map(|mapping| {
            let surrogate = if mapping.form == Form::Label { mapping.surrogate() } else { "" };
            (mapping.class, mapping.original(), surrogate)
        })
    }

    /// All that the session issued before the turn began: class, form, original and surrogate. To restore from this is to
    /// re-identify, which takes a permit of its own (45 CFR 164.514(c)).
    pub fn issued(&self) -> impl Iterator<Item = (IdentifierClass, Form, &str, &str)> {
        let mappings = self.known.iter().filter_map(Entry::mapping);
        mappings.map(|mapping| (mapping.class, mapping.form, mapping.original(), mapping.surrogate()))
    }

    /// Whether `part` is, byte for byte, an opaque part of an answer that `service` gave in this session before the
    /// turn began. A branch has what was answered before it left.
    pub fn issued_here(&self, service: &str, part: &[u8]) -> bool {
        let mark = entry::mark(&*self.digester, service, part);
        self.live.marked(&mark, self.known.len())
    }

    /// The session.
    pub fn session(&self) -> SessionId {
        self.live.session
    }

    /// Ends the turn. `answer` is the restored answer as the client will send it back, in canonical bytes;
    /// `None` if there was none. `opaque` is what it held that only the service can read, of which keyed digests are
    /// remembered. What the session has to remember is queued; a session with neither a surrogate nor an opaque part
    /// leaves nothing behind.
    pub fn answered(self, answer: Option<&[u8]>, opaque: Opaque<'_>) {
        let (now, limits) = (self.inner.clock.now(), &self.inner.limits);
        let nothing = opaque.parts.is_empty() && self.live.entries().is_empty();
        if nothing || self.live.ended(limits, now) {
            return;
        }
        let Some(chain) = self.next.point(&*self.digester, answer) else { return };
        let issued = opaque.parts.iter().map(|part| entry::mark(&*self.digester, opaque.service, part));
        let marks = issued.chain(self.marks_of_a_twin(chain));
        let Some(entries) = self.live.end_turn(chain, now, marks, limits.marks) else { return };
        let held = Held { live: Arc::clone(&self.live), entries };
        self.inner.memory().insert(chain, held, limits.memory);
        let point = SessionPoint { chain, session: self.live.session, entries };
        self.inner.writing.queue(self.live, point);
    }
}

impl Turn {
    /// A conversation of this owner that is word for word the same and came to `chain` earlier, as two runs of one
    /// script do, will be found in this session from now on: what was issued in it was issued here.
    fn marks_of_a_twin(&self, chain: Digest) -> Vec<Digest> {
        let limits = &self.inner.limits;
        let earlier = self.inner.memory().find(&self.live.engagement, &[chain], limits.memory);
        let twin = earlier.filter(|(_, held)| held.live.session != self.live.session);
        let Some((_, held)) = twin else { return Vec::new() };
        let entries = held.live.entries();
        let marks = entries.iter().take(held.entries as usize).filter_map(Entry::mark);
        marks.copied().collect()
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

    fn shaped(
        &mut self,
        class: IdentifierClass,
        original: &str,
        form: Form,
        shape: &dyn Shape,
    ) -> Result<Option<String>, SurrogateError> {
        let (most, randomness) = (self.inner.limits.mappings, &*self.inner.randomness);
        self.live.shaped((class, original, form), shape, most, randomness)
    }

    /// Made under the engagement's key, and remembered, so that the original is found again.
    fn pseudonym(
        &mut self,
        class: IdentifierClass,
        original: &str,
        folded: &str,
    ) -> Result<String, SurrogateError> {
        let (vault, engagement) = (&self.inner.vault, &self.live.engagement);
        let digester = vault.digester(engagement, KeyUse::Pseudonym).map_err(|_| SurrogateError::NoKey)?;
        let pseudonym = terms::pseudonym(&*digester, class, folded);
        self.live.pseudonym(class, original, &pseudonym, self.inner.limits.mappings)?;
        Ok(pseudonym)
    }

    fn year(&self) -> Option<u32> {
        Some(self.inner.clock.now().year())
    }
}
