//! Which service is asked first, which next, and when no more.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use governance::{Member, Pool, Row, Spread};
use terms::SessionId;

use super::arrival::Choice;

/// The services that may be asked for one request, in order.
pub(super) struct Plan {
    choices: Vec<Arc<Choice>>,
    /// How many were taken, counting each round.
    taken: usize,
    /// How many may be.
    most: usize,
}

impl Plan {
    /// The order that a pool's row asks for; a conversation's own where it is balanced.
    pub(super) fn new(choices: &[Arc<Choice>], pool: Option<&Row<Pool>>, session: SessionId) -> Self {
        let mut choices = choices.to_vec();
        let (mut most, mut balanced) = (1, None);
        if let Some(pool) = pool {
            most = pool.body.tries();
            balanced = (pool.body.spread == Spread::Balanced).then_some(&pool.body.members);
        }
        if let Some(members) = balanced {
            choices.sort_by(|a, b| score(members, b, session).total_cmp(&score(members, a, session)));
        }
        Self { choices, taken: 0, most }
    }

    /// The next service to consider, and whether all were considered before it.
    pub(super) fn next(&mut self) -> Option<(Arc<Choice>, bool)> {
        let at = self.taken.checked_rem(self.choices.len())?;
        let again = self.taken >= self.choices.len();
        self.taken += 1;
        self.choices.get(at).map(|choice| (Arc::clone(choice), again))
    }

    /// Counts a try; whether another may follow.
    pub(super) const fn tried(&mut self) -> bool {
        self.most = self.most.saturating_sub(1);
        self.most > 0
    }
}

/// How long to wait before a service is asked again: what it asks for, else longer each time; five seconds at most.
pub(super) fn pause(asked: Option<Duration>, round: u32, chance: u8) -> Duration {
    let usual = Duration::from_millis(200).saturating_mul(1 << round.min(5));
    let spread = usual / 2 + usual / 2 * u32::from(chance) / 255;
    asked.unwrap_or(spread).min(Duration::from_secs(5))
}

/// Weighted rendezvous hashing: each service has its share of all conversations, and one that leaves the pool moves
/// only its own.
fn score(members: &[Member], choice: &Choice, session: SessionId) -> f64 {
    let member = members.iter().find(|member| {
        member.service == choice.route.service && choice.route.row.body.model(member.model.as_str()).is_some()
    });
    let mut hasher = DefaultHasher::new();
    (session.to_string(), choice.route.service.as_str(), choice.route.upstream.as_str()).hash(&mut hasher);
    // 53 bits fill a float's fraction
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    let unit = ((hasher.finish() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    f64::from(member.map_or(1, |member| member.weight)) / -unit.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        assert!(pause(None, 0, 0) < pause(None, 0, 255) && pause(None, 0, 255) < pause(None, 3, 255));
        assert_eq!(pause(None, 60, 255), Duration::from_secs(5));
        assert_eq!(pause(Some(Duration::from_secs(1)), 4, 0), Duration::from_secs(1));
        assert_eq!(pause(Some(Duration::from_hours(1)), 0, 0), Duration::from_secs(5));
    }
}
