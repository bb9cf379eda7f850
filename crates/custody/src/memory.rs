//! The points that this process remembers, bounded for each engagement on its own.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use terms::{Digest, EngagementId, SessionId};

use crate::live::Live;

/// A point of a conversation, in memory.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) live: Arc<Live>,
    pub(crate) entries: u32,
}

/// The engagement leads: one can neither read nor crowd out another's points.
#[derive(Default)]
pub(crate) struct Memory(HashMap<EngagementId, Wing>);

/// Two generations of points: when the young one is half of what may be held, it becomes the old one and the
/// old one is forgotten. A point that is used moves to the young one.
#[derive(Default)]
struct Wing {
    young: HashMap<Digest, Held>,
    old: HashMap<Digest, Held>,
    /// Every session with a point that is alive anywhere, so that none comes to life twice.
    alive: HashMap<SessionId, Weak<Live>>,
}

impl Memory {
    /// The first of `chains` that is remembered, with its index.
    pub(crate) fn find(
        &mut self,
        engagement: &EngagementId,
        chains: &[Digest],
        most: usize,
    ) -> Option<(usize, Held)> {
        let wing = self.0.get_mut(engagement)?;
        chains.iter().enumerate().find_map(|(index, chain)| {
            if let Some(held) = wing.young.get(chain) {
                return Some((index, held.clone()));
            }
            let held = wing.old.remove(chain)?;
            wing.insert(*chain, held.clone(), most);
            Some((index, held))
        })
    }

    /// Remembers a point.
    pub(crate) fn insert(&mut self, chain: Digest, held: Held, most: usize) {
        self.wing(&held.live.engagement).insert(chain, held, most);
    }

    /// Remembers a point unless it is remembered already, with a session that is `wanted`; what is remembered.
    pub(crate) fn claim(
        &mut self,
        chain: Digest,
        held: Held,
        most: usize,
        wanted: impl Fn(&Live) -> bool,
    ) -> Held {
        if let Some((_, earlier)) = self.find(&held.live.engagement, &[chain], most)
            && wanted(&earlier.live)
        {
            return earlier;
        }
        self.insert(chain, held.clone(), most);
        held
    }

    /// The session, if it is alive.
    pub(crate) fn alive(&self, engagement: &EngagementId, session: SessionId) -> Option<Arc<Live>> {
        self.0.get(engagement)?.alive.get(&session)?.upgrade()
    }

    /// Brings a session to life, unless it is alive: then that one goes on.
    pub(crate) fn enliven(&mut self, live: Live) -> Arc<Live> {
        let wing = self.wing(&live.engagement);
        if let Some(alive) = wing.alive.get(&live.session).and_then(Weak::upgrade) {
            return alive;
        }
        let live = Arc::new(live);
        wing.alive.insert(live.session, Arc::downgrade(&live));
        live
    }

    /// Forgets the points whose session is no longer wanted.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&Live) -> bool) {
        for wing in self.0.values_mut() {
            wing.young.retain(|_, held| wanted(&held.live));
            wing.old.retain(|_, held| wanted(&held.live));
            wing.alive.retain(|_, live| live.strong_count() > 0);
        }
        self.0.retain(|_, wing| !(wing.young.is_empty() && wing.old.is_empty() && wing.alive.is_empty()));
    }

    fn wing(&mut self, engagement: &EngagementId) -> &mut Wing {
        self.0.entry(engagement.clone()).or_default()
    }
}

impl Wing {
    fn insert(&mut self, chain: Digest, held: Held, most: usize) {
        if self.young.len() >= most.div_ceil(2) {
            self.old = std::mem::take(&mut self.young);
            self.alive.retain(|_, live| live.strong_count() > 0);
        }
        self.alive.entry(held.live.session).or_insert_with(|| Arc::downgrade(&held.live));
        self.young.insert(chain, held);
    }
}

#[cfg(test)]
mod tests {
    use terms::UtcMillis;

    use super::*;

    fn held(engagement: &str, session: u8) -> Held {
        let (now, session) = (UtcMillis(0), SessionId::from_bytes([session; 16]));
        let live = Live::new(engagement.parse().unwrap(), session, Digest([0; 32]), now, now, []);
        Held { live: Arc::new(live), entries: 0 }
    }

    #[test]
    fn each_engagement_is_bounded_on_its_own_and_keeps_what_it_uses() {
        let mut memory = Memory::default();
        memory.insert(Digest([0; 32]), held("quiet", 0), 8);
        let busy: EngagementId = "busy".parse().unwrap();
        for n in 1..100 {
            memory.insert(Digest([n; 32]), held("busy", n), 8);
            assert!(memory.find(&busy, &[Digest([1; 32])], 8).is_some());
        }
        let remembered = (1..100).filter(|n| memory.find(&busy, &[Digest([*n; 32])], 1000).is_some()).count();
        assert!((2..=8).contains(&remembered));
        let alive = memory.0.values().map(|wing| wing.alive.len()).sum::<usize>();
        assert!(alive <= 16, "sessions that are gone are forgotten");
        let quiet = "quiet".parse().unwrap();
        assert!(memory.find(&quiet, &[Digest([0; 32])], 8).is_some());
        assert!(memory.find(&quiet, &[Digest([99; 32])], 8).is_none());
        memory.retain(|live| live.engagement == busy);
        assert!(memory.find(&quiet, &[Digest([0; 32])], 8).is_none());
    }
}
