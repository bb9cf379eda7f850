//! Circuit breakers: a service that fails again and again is left alone for a while, then tried with one request.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use terms::{EngagementId, ServiceId};

/// Whose breaker: no engagement suffers for what another sends.
type Place = (EngagementId, ServiceId);

/// How one service has done of late.
struct Trouble {
    /// Failures since the last success.
    failures: u32,
    /// Until when it is left alone; `None` while it is still trusted.
    until: Option<Instant>,
}

/// The breakers of all services. A service in no trouble takes no lock and no memory.
pub(crate) struct Breakers {
    /// So many failures in a row open a breaker; 0: none ever opens.
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
    pub(crate) fn allows(&self, engagement: &EngagementId, service: &ServiceId, now: Instant) -> bool {
        if self.threshold == 0 || self.troubled.load(Ordering::Relaxed) == 0 {
            return true;
        }
        let mut places = self.places.lock();
        let place = (engagement.clone(), service.clone());
        let Some(trouble) = places.get_mut(&place) else { return true };
        match trouble.until {
            Some(until) if now < until => false,
            Some(_) => {
                trouble.until = Some(now + self.rest);
                true
            }
            None => true,
        }
    }

    /// Whether a service is left alone now; asking takes nobody's turn to probe it.
    pub(crate) fn rests(&self, engagement: &EngagementId, service: &ServiceId, now: Instant) -> bool {
        let places = self.places.lock();
        let trouble = places.get(&(engagement.clone(), service.clone()));
        trouble.and_then(|trouble| trouble.until).is_some_and(|until| now < until)
    }

    /// How many services are left alone now.
    pub(crate) fn open(&self, now: Instant) -> usize {
        self.places.lock().values().filter(|trouble| trouble.until.is_some_and(|until| now < until)).count()
    }

    /// A service answered.
    pub(crate) fn succeeded(&self, engagement: &EngagementId, service: &ServiceId) {
        if self.troubled.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut places = self.places.lock();
        places.remove(&(engagement.clone(), service.clone()));
        self.troubled.store(places.len(), Ordering::Relaxed);
    }

    /// A service could not be reached, or said that it is broken; whether that opened its breaker.
    pub(crate) fn failed(&self, engagement: &EngagementId, service: &ServiceId, now: Instant) -> bool {
        if self.threshold == 0 {
            return false;
        }
        let mut places = self.places.lock();
        let place = (engagement.clone(), service.clone());
        let trouble = places.entry(place).or_insert(Trouble { failures: 0, until: None });
        trouble.failures = trouble.failures.saturating_add(1);
        let opens = trouble.failures >= self.threshold;
        if opens {
            trouble.until = Some(now + self.rest);
        }
        self.troubled.store(places.len(), Ordering::Relaxed);
        opens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(30);

    fn place() -> Place {
        ("mercy".parse().unwrap(), "acme-api".parse().unwrap())
    }

    #[test]
    fn a_breaker_opens_rests_and_lets_one_request_try() {
        let (breakers, (mercy, acme), start) = (Breakers::new(3, REST), place(), Instant::now());
        for _ in 0..2 {
            assert!(!breakers.failed(&mercy, &acme, start) && breakers.allows(&mercy, &acme, start));
        }
        assert!(breakers.failed(&mercy, &acme, start));
        assert!(!breakers.allows(&mercy, &acme, start));
        assert!(breakers.allows(&"other".parse().unwrap(), &acme, start), "another engagement's is closed");
        let later = start + REST;
        assert!(breakers.allows(&mercy, &acme, later), "one request tries");
        assert!(!breakers.allows(&mercy, &acme, later), "others wait for it");
        assert!(breakers.failed(&mercy, &acme, later), "it failed: the rest begins again");
        assert!(!breakers.allows(&mercy, &acme, later + REST / 2));
        assert!(breakers.allows(&mercy, &acme, later + REST));
        breakers.succeeded(&mercy, &acme);
        assert!(breakers.allows(&mercy, &acme, later + REST) && breakers.allows(&mercy, &acme, later + REST));
    }

    #[test]
    fn a_probe_of_which_nothing_is_heard_holds_others_up_for_one_rest() {
        let (breakers, (mercy, acme), start) = (Breakers::new(1, REST), place(), Instant::now());
        breakers.failed(&mercy, &acme, start);
        assert!(
            breakers.allows(&mercy, &acme, start + REST) && !breakers.allows(&mercy, &acme, start + REST)
        );
        assert!(breakers.allows(&mercy, &acme, start + REST * 2));
    }

    #[test]
    fn a_success_between_failures_closes_and_zero_never_opens() {
        let (breakers, (mercy, acme), start) = (Breakers::new(2, REST), place(), Instant::now());
        breakers.failed(&mercy, &acme, start);
        breakers.succeeded(&mercy, &acme);
        assert!(!breakers.failed(&mercy, &acme, start));
        let never = Breakers::new(0, REST);
        assert!(!(0..100).any(|_| never.failed(&mercy, &acme, start)) && never.allows(&mercy, &acme, start));
    }
}
