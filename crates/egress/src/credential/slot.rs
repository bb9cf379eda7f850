//! One credential's token in memory: renewed in time, by one request at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use terms::{Clock, UtcMillis};
use zeroize::Zeroizing;

use super::material::AwsKeys;
use crate::TokenError;

/// What is left of a token's time when it is renewed; Google's metadata service hands out tokens that have five
/// minutes left.
const MARGIN: Duration = Duration::from_secs(225);

/// How long an issuer is left alone after it was asked.
const PAUSE: Duration = Duration::from_secs(5);

/// No token is used for longer, whatever its issuer says.
const LONGEST: Duration = Duration::from_hours(24);

/// What an issuer gave.
pub(super) enum Grant {
    Token(Zeroizing<String>),
    Keys(AwsKeys),
}

/// A grant with its time.
pub(super) struct Issued {
    pub(super) grant: Grant,
    since: UtcMillis,
    pub(super) until: UtcMillis,
}

impl Issued {
    /// A grant that ends at a point of time: none that ended already.
    pub(super) fn new(grant: Grant, since: UtcMillis, until: UtcMillis) -> Result<Self, TokenError> {
        if until <= since {
            return Err(TokenError::Malformed);
        }
        Ok(Self { grant, since, until: until.min(since.plus(LONGEST)) })
    }

    fn is_valid(&self, now: UtcMillis) -> bool {
        now < self.until
    }

    /// Whether it is not yet time to renew: a quarter of its life is left, or the margin.
    fn is_fresh(&self, now: UtcMillis) -> bool {
        let life = Duration::from_millis(self.until.0.saturating_sub(self.since.0));
        now < self.until.minus(MARGIN.min(life / 4))
    }
}

#[derive(Default)]
struct State {
    held: Option<Arc<Issued>>,
    asked: Option<UtcMillis>,
    failed: Option<TokenError>,
}

/// Holds one credential's grant.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    turn: tokio::sync::Mutex<()>,
}

impl Slot {
    /// What is held, or what `ask` gets. Whoever comes while another asks takes what is still valid, or waits for
    /// the other's result, a failure included.
    pub(super) async fn take(
        &self,
        clock: &dyn Clock,
        ask: impl Future<Output = Result<Issued, TokenError>>,
    ) -> Result<Arc<Issued>, TokenError> {
        let held = self.held();
        if let Some(held) = held.as_ref().filter(|held| held.is_fresh(clock.now())) {
            return Ok(Arc::clone(held));
        }
        let _turn = match (self.turn.try_lock(), held) {
            (Ok(turn), _) => turn,
            (Err(_), Some(held)) if held.is_valid(clock.now()) => return Ok(held),
            (Err(_), _) => self.turn.lock().await,
        };
        if let Some(known) = self.known(clock.now()) {
            return known;
        }
        let result = ask.await.map(Arc::new);
        self.keep(result, clock.now())
    }

    /// Forgets a grant that a service did not take, unless it is so new that another would be no better.
    pub(super) fn forget(&self, now: UtcMillis) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.held.as_ref().is_some_and(|held| held.since.plus(Duration::from_mins(1)) < now) {
            *state = State::default();
        }
    }

    fn held(&self) -> Option<Arc<Issued>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).held.clone()
    }

    /// What the issuer said a moment ago, so that it is not asked again.
    fn known(&self, now: UtcMillis) -> Option<Result<Arc<Issued>, TokenError>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // a clock that was turned back does not make the pause longer
        let just_asked = state.asked.is_some_and(|asked| asked <= now && now < asked.plus(PAUSE));
        match &state.held {
            Some(held) if held.is_fresh(now) || (just_asked && held.is_valid(now)) => {
                Some(Ok(Arc::clone(held)))
            }
            _ => state.failed.filter(|_| just_asked).map(Err),
        }
    }

    fn keep(
        &self,
        result: Result<Arc<Issued>, TokenError>,
        now: UtcMillis,
    ) -> Result<Arc<Issued>, TokenError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked = Some(now);
        state.failed = result.as_ref().err().copied();
        match result {
            Ok(issued) => {
                state.held = Some(Arc::clone(&issued));
                Ok(issued)
            }
            Err(error) => state.held.clone().filter(|held| held.is_valid(now)).ok_or(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct At(AtomicU64);

    impl Clock for At {
        fn now(&self) -> UtcMillis {
            UtcMillis(self.0.load(Ordering::SeqCst))
        }
    }

    /// A slot and how often it asked; a token lasts an hour, and the first asking fails where `flaky`.
    struct Bench {
        slot: Slot,
        at: At,
        asked: AtomicU64,
        flaky: bool,
    }

    impl Bench {
        fn new(flaky: bool) -> Self {
            Self {
                slot: Slot::default(),
                at: At(AtomicU64::new(10_000_000)),
                asked: AtomicU64::new(0),
                flaky,
            }
        }

        async fn take(&self) -> Result<Arc<Issued>, TokenError> {
            let ask = async {
                let count = self.asked.fetch_add(1, Ordering::SeqCst);
                if self.flaky && count == 0 {
                    return Err(TokenError::Failed);
                }
                let now = self.at.now();
                Issued::new(
                    Grant::Token(Zeroizing::new("t".to_owned())),
                    now,
                    now.plus(Duration::from_hours(1)),
                )
            };
            self.slot.take(&self.at, ask).await
        }

        fn set(&self, seconds: u64) {
            self.at.0.store(10_000_000 + seconds * 1000, Ordering::SeqCst);
        }

        fn asked(&self) -> u64 {
            self.asked.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn what_a_service_refused_is_forgotten_once_it_is_a_minute_old() {
        let bench = Bench::new(false);
        bench.take().await.unwrap();
        bench.set(60);
        bench.slot.forget(bench.at.now());
        bench.take().await.unwrap();
        assert_eq!(bench.asked(), 1);
        bench.set(61);
        bench.slot.forget(bench.at.now());
        bench.take().await.unwrap();
        assert_eq!(bench.asked(), 2);
    }

    #[tokio::test]
    async fn a_clock_that_was_turned_back_makes_no_pause_longer() {
        let bench = Bench::new(true);
        bench.set(3600);
        assert_eq!(bench.take().await.err(), Some(TokenError::Failed));
        assert_eq!(bench.take().await.err(), Some(TokenError::Failed));
        assert_eq!(bench.asked(), 1);
        bench.set(0);
        bench.take().await.unwrap();
        assert_eq!(bench.asked(), 2);
    }

    #[test]
    fn nothing_is_held_for_longer_than_a_day_or_after_its_end() {
        let token = || Grant::Token(Zeroizing::new(String::new()));
        let (now, long) = (UtcMillis(1000), UtcMillis(u64::MAX));
        assert_eq!(Issued::new(token(), now, long).unwrap().until, now.plus(LONGEST));
        assert_eq!(Issued::new(token(), now, now).err(), Some(TokenError::Malformed));
    }
}
