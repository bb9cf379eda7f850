//! The points that this process remembers, bounded for each engagement on its own.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use terms::{Digest, EngagementId, SessionId, UtcMillis};

use crate::SessionLimits;
use crate::live::Live;

/// A point of a conversation, in memory.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) live: Arc<Live>,
    pub(crate) entries: u32,
}

/// The engagement leads: one can neither read nor crowd out another's points.
#[derive(Default)]
pub(crate) struct Memory {
    wings: HashMap<EngagementId, Wing>,
    /// What was last used before the one or created before the other was deleted from the store, or is about to be.
    expired: Option<(UtcMillis, UtcMillis)>,
}

/// Two generations of points: when the young one weighs half of what may be held, it becomes the old one and the
/// old one is forgotten. A point that is used moves to the young one.
#[derive(Default)]
struct Wing {
    young: HashMap<Digest, Held>,
    old: HashMap<Digest, Held>,
    /// Every session with a point that is alive anywhere, so that none comes to life twice.
    alive: HashMap<SessionId, Alive>,
    /// About how many bytes the young points and their sessions take.
    weight: usize,
    /// How many have been young before.
    generation: u32,
}

struct Alive {
    live: Weak<Live>,
    /// The generation that it was last weighed for, and its weight then: it counts once however many points it has.
    weighed: (u32, usize),
}

/// What a point takes beside its session.
const POINT: usize = 96;

impl Memory {
    /// The first of `chains` that is remembered, with its index.
    pub(crate) fn find(
        &mut self,
        engagement: &EngagementId,
        chains: &[Digest],
        most: usize,
    ) -> Option<(usize, Held)> {
        let wing = self.wings.get_mut(engagement)?;
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
        self.wings.get(engagement)?.alive.get(&session)?.live.upgrade()
    }

    /// Brings a session that was just read to life, unless it is alive: then that one goes on. `None` if the store
    /// has deleted it since it was read.
    pub(crate) fn enliven(&mut self, live: Live) -> Option<Arc<Live>> {
        if self.expired.is_some_and(|(idle, born)| live.deleted_by(idle, born)) {
            return None;
        }
        let wing = self.wing(&live.engagement);
        if let Some(alive) = wing.alive.get(&live.session).and_then(|alive| alive.live.upgrade()) {
            return Some(alive);
        }
        let live = Arc::new(live);
        wing.alive.insert(live.session, Alive::new(&live));
        Some(live)
    }

    /// Ends the sessions whose time is over at `now`, and those that the store will delete when it is asked to
    /// delete what was last used before `idle` or created before `born`.
    pub(crate) fn expire(&mut self, limits: &SessionLimits, now: UtcMillis) -> (UtcMillis, UtcMillis) {
        let (idle, born) = (now.minus(limits.idle), now.minus(limits.max_life));
        self.expired = Some((idle, born));
        for wing in self.wings.values_mut() {
            for live in wing.alive.values().filter_map(|alive| alive.live.upgrade()) {
                if live.deleted_by(idle, born) || live.ended(limits, now) {
                    live.end();
                }
            }
            wing.young.retain(|_, held| !held.live.over());
            wing.old.retain(|_, held| !held.live.over());
            wing.forget();
        }
        self.wings.retain(|_, wing| !wing.alive.is_empty());
        (idle, born)
    }

    fn wing(&mut self, engagement: &EngagementId) -> &mut Wing {
        self.wings.entry(engagement.clone()).or_default()
    }
}

impl Wing {
    fn insert(&mut self, chain: Digest, held: Held, most: usize) {
        if self.weight >= most / 2 {
            self.old = std::mem::take(&mut self.young);
            (self.weight, self.generation) = (0, self.generation.wrapping_add(1));
            self.forget();
        }
        let (generation, weight) = (self.generation, held.live.weight());
        let alive = self.alive.entry(held.live.session).or_insert_with(|| Alive::new(&held.live));
        let before = if alive.weighed.0 == generation { alive.weighed.1 } else { 0 };
        alive.weighed = (generation, weight);
        self.weight = (self.weight + weight).saturating_sub(before);
        if self.young.insert(chain, held).is_none() {
            self.weight += POINT;
        }
    }

    /// Forgets the sessions that are gone.
    fn forget(&mut self) {
        self.alive.retain(|_, alive| alive.live.strong_count() > 0);
    }
}

impl Alive {
    fn new(live: &Arc<Live>) -> Self {
        Self { live: Arc::downgrade(live), weighed: (0, 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;

    fn held(engagement: &str, session: u8) -> Held {
        let (now, session) = (UtcMillis(0), SessionId::from_bytes([session; 16]));
        let live = Live::new(engagement.parse().unwrap(), session, Digest([0; 32]), now, now, []);
        Held { live: Arc::new(live), entries: 0 }
    }

    #[test]
    fn each_engagement_is_bounded_on_its_own_and_keeps_what_it_uses() {
        let most = 8 * (held("busy", 0).live.weight() + POINT);
        let mut memory = Memory::default();
        memory.insert(Digest([0; 32]), held("quiet", 0), most);
        let busy: EngagementId = "busy".parse().unwrap();
        for n in 1..100 {
            memory.insert(Digest([n; 32]), held("busy", n), most);
            assert!(memory.find(&busy, &[Digest([1; 32])], most).is_some());
        }
        let known = |memory: &Memory| {
            let wing = &memory.wings[&busy];
            (1..100)
                .filter(|n| {
                    [&wing.young, &wing.old].iter().any(|points| points.contains_key(&Digest([*n; 32])))
                })
                .count()
        };
        assert!((2..=8).contains(&known(&memory)), "{}", known(&memory));
        let alive = memory.wings.values().map(|wing| wing.alive.len()).sum::<usize>();
        assert!(alive <= 16, "sessions that are gone are forgotten");
        let quiet = "quiet".parse().unwrap();
        assert!(memory.find(&quiet, &[Digest([0; 32])], most).is_some());
        assert!(memory.find(&quiet, &[Digest([99; 32])], most).is_none());
        // One session that remembers much counts as much as many that remember little.
        let heavy = Live::new(
            busy.clone(),
            SessionId::from_bytes([200; 16]),
            Digest([0; 32]),
            UtcMillis(0),
            UtcMillis(0),
            (0..200).map(|n| Entry::Mark(Arc::new(Digest([n; 32])))),
        );
        memory.insert(Digest([200; 32]), Held { live: Arc::new(heavy), entries: 200 }, most);
        for n in 0..2 {
            memory.insert(Digest([201 + n; 32]), held("busy", 201 + n), most);
        }
        assert!(known(&memory) <= 3, "{}", known(&memory));
    }

    #[test]
    fn a_growing_conversation_counts_once() {
        let one = held("busy", 1);
        let most = 2 * (one.live.weight() + 50 * POINT);
        let mut memory = Memory::default();
        for n in 0..50 {
            memory.insert(Digest([n; 32]), one.clone(), most);
        }
        assert_eq!(memory.wings[&one.live.engagement].young.len(), 50);
    }
}
