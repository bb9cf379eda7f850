//! Circuit breakers: a service that fails again and again is left alone for a while, then tried with one request.
//!
//! What fails may be the service, or what one agent sends it. So the failures of one agent close the service to that
//! agent alone; to all of its engagement those of several do, of which none counts for more than half.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use terms::{AgentId, EngagementId, ServiceId};

/// Whose breaker: no engagement suffers for what another sends.
type Place = (EngagementId, ServiceId);

/// How one service has done since it last answered anybody of an engagement.
#[derive(Default)]
struct Trouble {
    agents: HashMap<AgentId, Failing>,
    /// For all agents.
    rest: Resting,
}

/// How it has done for one agent.
#[derive(Default)]
struct Failing {
    failures: u32,
    rest: Resting,
}

/// Until when a service is left alone; `None` while it is still trusted.
#[derive(Default)]
struct Resting(Option<Instant>);

impl Resting {
    fn is_on(&self, now: Instant) -> bool {
        self.0.is_some_and(|until| now < until)
    }

    /// One request tries: until it is known what becomes of it, others wait.
    fn go_on(&mut self, until: Instant) {
        if self.0.is_some() {
            self.0 = Some(until);
        }
    }
}

/// Who asks which service.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) engagement: &'a EngagementId,
    pub(crate) agent: &'a AgentId,
    pub(crate) service: &'a ServiceId,
}

impl Asking<'_> {
    fn place(&self) -> Place {
        (self.engagement.clone(), self.service.clone())
    }
}

/// To whom a breaker opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// To the agent whose requests failed.
    Agent,
    /// To all of the engagement.
    All,
}

/// The breakers of all services. A service in no trouble takes no lock and no memory.
pub(crate) struct Breakers {
    /// So many failures without a success open a breaker; 0: none ever opens.
    threshold: u32,
    /// How long a service is left alone, and how long one request may probe it.
    rest: Duration,
    troubled: AtomicUsize,
    places: Mutex<HashMap<Place, Trouble>>,
}

impl Breakers {
    pub(crate) fn new(threshold: u32, rest: Duration) -> Self {
        Self { threshold, rest, troubled: AtomicUsize::new(0), places: Mutex::default() }
    }

    /// Whether a service may be asked now. Where its rest is over, one request may, and others wait for what becomes
    /// of it.
    pub(crate) fn allows(&self, asking: Asking<'_>, now: Instant) -> bool {
        if self.threshold == 0 || self.troubled.load(Ordering::Relaxed) == 0 {
            return true;
        }
        let mut places = self.places.lock();
        let Some(trouble) = places.get_mut(&asking.place()) else { return true };
        if trouble.rests(asking.agent, now) {
            return false;
        }
        trouble.rest.go_on(now + self.rest);
        if let Some(own) = trouble.agents.get_mut(asking.agent) {
            own.rest.go_on(now + self.rest);
        }
        true
    }

    /// Whether a service is left alone now; asking takes nobody's turn to probe it.
    pub(crate) fn rests(&self, asking: Asking<'_>, now: Instant) -> bool {
        self.places.lock().get(&asking.place()).is_some_and(|trouble| trouble.rests(asking.agent, now))
    }

    /// How many services are left alone now, by anybody.
    pub(crate) fn open(&self, now: Instant) -> usize {
        let rests = |trouble: &&Trouble| {
            trouble.rest.is_on(now) || trouble.agents.values().any(|own| own.rest.is_on(now))
        };
        self.places.lock().values().filter(rests).count()
    }

    /// A service answered, which closes its breaker to all.
    pub(crate) fn succeeded(&self, asking: Asking<'_>) {
        if self.troubled.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut places = self.places.lock();
        places.remove(&asking.place());
        self.troubled.store(places.len(), Ordering::Relaxed);
    }

    /// A service could not be reached, or said that it is broken; to whom that opened its breaker.
    pub(crate) fn failed(&self, asking: Asking<'_>, now: Instant) -> Option<Opened> {
        if self.threshold == 0 {
            return None;
        }
        let mut places = self.places.lock();
        let trouble = places.entry(asking.place()).or_default();
        let own = trouble.agents.entry(asking.agent.clone()).or_default();
        own.failures = own.failures.saturating_add(1);
        let mut opened = None;
        if own.failures >= self.threshold {
            own.rest = Resting(Some(now + self.rest));
            opened = Some(Opened::Agent);
        }
        if trouble.is_general(self.threshold) {
            trouble.rest = Resting(Some(now + self.rest));
            opened = Some(Opened::All);
        }
        self.troubled.store(places.len(), Ordering::Relaxed);
        opened
    }
}

impl Trouble {
    fn rests(&self, agent: &AgentId, now: Instant) -> bool {
        self.rest.is_on(now) || self.agents.get(agent).is_some_and(|own| own.rest.is_on(now))
    }

    /// Whether so many failures are not what one agent's requests bring about.
    fn is_general(&self, threshold: u32) -> bool {
        let most = threshold.div_ceil(2);
        let failures = self.agents.values().map(|own| own.failures.min(most));
        self.agents.len() > 1 && failures.fold(0_u32, u32::saturating_add) >= threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(30);

    struct Names(EngagementId, Vec<AgentId>, ServiceId);

    fn names() -> Names {
        let agents = ["scribe", "letters", "triage"].map(|agent| agent.parse().unwrap());
        Names("mercy".parse().unwrap(), agents.to_vec(), "acme-api".parse().unwrap())
    }

    impl Names {
        fn agent(&self, agent: usize) -> Asking<'_> {
            Asking { engagement: &self.0, agent: &self.1[agent], service: &self.2 }
        }
    }

    #[test]
    fn a_breaker_opens_rests_and_lets_one_request_try() {
        let (breakers, names, start) = (Breakers::new(3, REST), names(), Instant::now());
        let one = names.agent(0);
        for _ in 0..2 {
            assert!(breakers.failed(one, start).is_none() && breakers.allows(one, start));
        }
        assert_eq!(breakers.failed(one, start), Some(Opened::Agent));
        assert!(!breakers.allows(one, start) && breakers.rests(one, start) && breakers.open(start) == 1);
        let other = "other".parse().unwrap();
        let elsewhere = Asking { engagement: &other, ..one };
        assert!(breakers.allows(elsewhere, start), "another engagement's is closed");
        let later = start + REST;
        assert!(breakers.allows(one, later), "one request tries");
        assert!(!breakers.allows(one, later), "others wait for it");
        assert!(breakers.failed(one, later).is_some(), "it failed: the rest begins again");
        assert!(!breakers.allows(one, later + REST / 2));
        assert!(breakers.allows(one, later + REST));
        breakers.succeeded(one);
        assert!(breakers.allows(one, later + REST) && breakers.allows(one, later + REST));
    }

    #[test]
    fn one_agent_opens_it_to_itself_and_several_to_all() {
        let (breakers, names, now) = (Breakers::new(4, REST), names(), Instant::now());
        let [one, two, three] = [0, 1, 2].map(|agent| names.agent(agent));
        for _ in 0..100 {
            assert_ne!(breakers.failed(one, now), Some(Opened::All));
        }
        assert!(!breakers.allows(one, now) && breakers.allows(two, now) && breakers.allows(three, now));
        assert_eq!(breakers.failed(two, now), None, "of the hundred two count");
        assert!(breakers.allows(two, now) && breakers.allows(three, now));
        assert_eq!(breakers.failed(three, now), Some(Opened::All));
        assert!(!breakers.allows(two, now) && !breakers.allows(three, now) && breakers.open(now) == 1);
        assert!(breakers.allows(two, now + REST) && !breakers.allows(three, now + REST), "one of all tries");
        breakers.succeeded(two);
        assert!([one, two, three].iter().all(|agent| breakers.allows(*agent, now + REST)));
        assert_eq!(breakers.open(now), 0);
    }

    #[test]
    fn a_probe_of_which_nothing_is_heard_holds_others_up_for_one_rest() {
        let (breakers, names, start) = (Breakers::new(1, REST), names(), Instant::now());
        let one = names.agent(0);
        breakers.failed(one, start);
        assert!(breakers.allows(one, start + REST) && !breakers.allows(one, start + REST));
        assert!(breakers.allows(one, start + REST * 2));
    }

    #[test]
    fn a_success_between_failures_closes_and_zero_never_opens() {
        let (breakers, names, start) = (Breakers::new(2, REST), names(), Instant::now());
        let one = names.agent(0);
        breakers.failed(one, start);
        breakers.succeeded(names.agent(1));
        assert!(breakers.failed(one, start).is_none());
        let never = Breakers::new(0, REST);
        assert!(!(0..100).any(|_| never.failed(one, start).is_some()) && never.allows(one, start));
    }
}
