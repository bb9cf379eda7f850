//! A running house, and a conversation with it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use custody::{CanonicalMessage, Opaque, SessionLimits, SessionOwner, Sessions, Turn};
use terms::{IdentifierClass, Purpose, SurrogateSource, UtcMillis};

use crate::fakes::{Dice, FakeVault, Hand, MemoryStore};

/// One house: a store, a clock, and the sessions of the running process.
pub(crate) struct House {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) vault: Arc<FakeVault>,
    pub(crate) clock: Arc<Hand>,
    pub(crate) dice: Arc<Dice>,
    pub(crate) limits: SessionLimits,
    pub(crate) sessions: Sessions,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(SessionLimits::default())
    }

    pub(crate) fn with(limits: SessionLimits) -> Self {
        let (store, vault) = (Arc::new(MemoryStore::default()), Arc::new(FakeVault::default()));
        let clock = Arc::new(Hand(Mutex::new(UtcMillis(1_800_000_000_000))));
        let dice = Arc::new(Dice::default());
        let sessions = Sessions::new(store.clone(), vault.clone(), clock.clone(), dice.clone(), limits);
        Self { store, vault, clock, dice, limits, sessions }
    }

    /// Writes what is queued and starts the process again.
    pub(crate) async fn restart(&mut self) {
        self.sessions.flush().await.unwrap();
        self.crash();
    }

    /// Starts the process again without writing what is queued.
    pub(crate) fn crash(&mut self) {
        let (store, vault) = (self.store.clone(), self.vault.clone());
        self.sessions = Sessions::new(store, vault, self.clock.clone(), self.dice.clone(), self.limits);
    }

    pub(crate) fn wait(&self, duration: Duration) {
        let mut now = self.clock.0.lock().unwrap();
        *now = now.plus(duration);
    }

    pub(crate) fn finds(&self) -> usize {
        self.store.finds.load(Ordering::SeqCst)
    }

    pub(crate) async fn resume(&self, owner: &SessionOwner, talk: &Talk) -> Turn {
        self.sessions.resume(owner, None, &talk.messages()).await.unwrap()
    }

    pub(crate) async fn resume_header(&self, owner: &SessionOwner, header: &str, talk: &Talk) -> Turn {
        self.sessions.resume(owner, Some(header), &talk.messages()).await.unwrap()
    }

    /// One whole turn that names `names`; the surrogates that they got.
    pub(crate) async fn turn(
        &self,
        owner: &SessionOwner,
        talk: &mut Talk,
        said: &str,
        names: &[&str],
    ) -> Vec<String> {
        talk.say(said);
        let mut turn = self.resume(owner, talk).await;
        let issued = names.iter().map(|name| issue(&mut turn, name)).collect();
        let answer = format!("answer to {said}");
        turn.answered(Some(answer.as_bytes()), SILENT);
        talk.hear(&answer);
        issued
    }
}

/// No opaque part.
pub(crate) const SILENT: Opaque<'static> = Opaque { service: "none", parts: &[] };

/// A conversation as the client keeps it.
#[derive(Clone, Default)]
pub(crate) struct Talk(pub(crate) Vec<(String, bool)>);

impl Talk {
    pub(crate) fn say(&mut self, text: &str) {
        self.0.push((text.to_owned(), false));
    }

    pub(crate) fn hear(&mut self, text: &str) {
        self.0.push((text.to_owned(), true));
    }

    pub(crate) fn messages(&self) -> Vec<CanonicalMessage<'_>> {
        self.0
            .iter()
            .map(|(text, answer)| CanonicalMessage { bytes: text.as_bytes(), answer: *answer })
            .collect()
    }
}

pub(crate) fn owner(engagement: &str, agent: &str) -> SessionOwner {
    SessionOwner {
        engagement: engagement.parse().unwrap(),
        agent: agent.parse().unwrap(),
        on_behalf_of: None,
        purpose: Purpose::Treatment,
    }
}

pub(crate) fn issue(turn: &mut Turn, original: &str) -> String {
    turn.surrogate(IdentifierClass::Name, original, &|_| false).unwrap()
}

pub(crate) fn originals(turn: &Turn) -> Vec<String> {
    turn.known().map(|(_, original, _)| original.to_owned()).collect()
}
