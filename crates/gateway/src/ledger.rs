//! What was used of budgets: counted in memory, kept behind the exchanges.
//!
//! A request takes what it will likely use before anything is done for it, and gives back what it did not use, so
//! that many requests at once do not pass a budget that one would end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use governance::{Amount, Budget, BudgetUse, Price, Registers, Row, Window};
use parking_lot::Mutex;
use terms::{AgentId, EngagementId, Name, UtcMillis};

type Key = (EngagementId, Name);

/// Counts what budgets have left.
pub(crate) struct Ledger(Mutex<Books>);

#[derive(Default)]
struct Books {
    uses: HashMap<Key, Used>,
}

struct Used {
    start: UtcMillis,
    sum: Sum,
    /// Whether it changed since it was kept.
    dirty: bool,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    requests: u64,
    tokens: u64,
    cost: u64,
}

/// A budget that has nothing left, or that can't be counted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Nothing is left until its next window, so far away.
    Used { budget: Name, again: Duration },
    /// It is in money, and the model has no price.
    Unpriced { budget: Name },
}

/// What one exchange took of its budgets. What it took for tokens goes back when this is dropped, but for what it said
/// that it used.
pub(crate) struct Taken {
    ledger: Arc<Ledger>,
    places: Vec<Place>,
    tokens: u64,
    cost: u64,
    used: Mutex<Spent>,
}

/// Where something was taken: a budget, and the window in which.
struct Place {
    key: Key,
    window: Window,
    start: UtcMillis,
}

/// What was used, and when that was said.
#[derive(Default)]
struct Spent {
    tokens: u64,
    cost: u64,
    at: Option<UtcMillis>,
}

impl Ledger {
    /// Goes on from what was kept.
    pub(crate) fn new(kept: Vec<BudgetUse>) -> Arc<Self> {
        let uses = kept.into_iter().map(|kept| {
            let sum = Sum { requests: kept.requests, tokens: kept.tokens, cost: kept.cost };
            ((kept.engagement, kept.budget), Used { start: kept.window_start, sum, dirty: false })
        });
        Arc::new(Self(Mutex::new(Books { uses: uses.collect() })))
    }

    /// Takes one request of about so many `tokens` out of every budget that it falls under, or out of none.
    pub(crate) fn take(
        self: &Arc<Self>,
        registers: &Registers,
        (engagement, agent): (&EngagementId, &AgentId),
        (tokens, price): (u64, Option<&Price>),
        now: UtcMillis,
    ) -> Result<Option<Taken>, Ended> {
        let budgets = budgets(registers, engagement, agent);
        if budgets.is_empty() {
            return Ok(None);
        }
        let cost = price.map_or(0, |price| price.input.of(tokens));
        let mut books = self.0.lock();
        books.check_all(engagement, &budgets, price, now)?;
        let add = Sum { requests: 1, tokens, cost };
        let places = budgets.iter().map(|row| books.add(engagement, row, now, add)).collect();
        Ok(Some(Taken { ledger: Arc::clone(self), places, tokens, cost, used: Mutex::default() }))
    }

    /// Whether every budget that a request falls under has something left; takes nothing.
    pub(crate) fn look(
        &self,
        registers: &Registers,
        (engagement, agent): (&EngagementId, &AgentId),
        price: Option<&Price>,
        now: UtcMillis,
    ) -> Result<(), Ended> {
        self.0.lock().check_all(engagement, &budgets(registers, engagement, agent), price, now)
    }

    /// What changed since the last time, to be kept.
    pub(crate) fn changed(&self) -> Vec<BudgetUse> {
        let mut books = self.0.lock();
        let uses = books.uses.iter_mut().filter_map(|((engagement, budget), used)| {
            let Sum { requests, tokens, cost } = used.sum;
            std::mem::take(&mut used.dirty).then(|| BudgetUse {
                engagement: engagement.clone(),
                budget: budget.clone(),
                window_start: used.start,
                requests,
                tokens,
                cost,
            })
        });
        uses.collect()
    }

    /// What could not be kept changed still.
    pub(crate) fn unkept(&self, uses: Vec<BudgetUse>) {
        let mut books = self.0.lock();
        for one in uses {
            if let Some(used) = books.uses.get_mut(&(one.engagement, one.budget)) {
                used.dirty = true;
            }
        }
    }
}

/// The budgets that a request of an agent falls under.
fn budgets<'a>(
    registers: &'a Registers,
    engagement: &EngagementId,
    agent: &AgentId,
) -> Vec<&'a Arc<Row<Budget>>> {
    registers.list::<Budget>(engagement).filter(|row| row.body.is_for(agent)).collect()
}

impl Books {
    fn check_all(
        &self,
        engagement: &EngagementId,
        budgets: &[&Arc<Row<Budget>>],
        price: Option<&Price>,
        now: UtcMillis,
    ) -> Result<(), Ended> {
        for row in budgets {
            if row.body.cost.is_some() && price.is_none() {
                return Err(Ended::Unpriced { budget: row.id.clone() });
            }
            self.check(engagement, row, now)?;
        }
        Ok(())
    }

    fn check(&self, engagement: &EngagementId, row: &Row<Budget>, now: UtcMillis) -> Result<(), Ended> {
        let (start, end) = row.body.window.around(now);
        let used = self.uses.get(&(engagement.clone(), row.id.clone()));
        // a clock that was turned back begins no new window
        let sum = used.filter(|used| used.start >= start).map(|used| used.sum).unwrap_or_default();
        let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used >= limit);
        let budget = &row.body;
        if over(budget.requests, sum.requests)
            || over(budget.tokens, sum.tokens)
            || over(budget.cost.map(|cost| cost.0), sum.cost)
        {
            let again = Duration::from_millis(end.0.saturating_sub(now.0));
            return Err(Ended::Used { budget: row.id.clone(), again });
        }
        Ok(())
    }

    fn add(&mut self, engagement: &EngagementId, row: &Row<Budget>, now: UtcMillis, add: Sum) -> Place {
        let key = (engagement.clone(), row.id.clone());
        let window = row.body.window;
        let used = self.uses.entry(key.clone()).or_insert_with(|| Used::since(window.around(now).0));
        used.turn(window, now);
        used.add(add);
        Place { key, window, start: used.start }
    }
}

impl Used {
    fn since(start: UtcMillis) -> Self {
        Self { start, sum: Sum::default(), dirty: true }
    }

    /// Begins anew where another window has begun.
    fn turn(&mut self, window: Window, now: UtcMillis) {
        let (start, _) = window.around(now);
        if self.start < start {
            *self = Self::since(start);
        }
    }

    fn add(&mut self, add: Sum) {
        self.sum.requests = self.sum.requests.saturating_add(add.requests);
        self.sum.tokens = self.sum.tokens.saturating_add(add.tokens);
        self.sum.cost = self.sum.cost.saturating_add(add.cost);
        self.dirty = true;
    }
}

impl Taken {
    /// Adds what a try used, as it is said `now`: `input` and `output` tokens at a price.
    pub(crate) fn used(&self, (input, output): (u64, u64), price: Option<&Price>, now: UtcMillis) {
        let cost = price.map_or(0, |price| price.input.of(input).saturating_add(price.output.of(output)));
        let mut used = self.used.lock();
        used.tokens = used.tokens.saturating_add(input).saturating_add(output);
        used.cost = used.cost.saturating_add(cost);
        used.at = Some(now);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let spent = self.used.lock();
        let mut books = self.ledger.0.lock();
        for place in &self.places {
            let Some(used) = books.uses.get_mut(&place.key) else { continue };
            used.turn(place.window, spent.at.unwrap_or(place.start));
            if used.start == place.start {
                used.sum.tokens = used.sum.tokens.saturating_sub(self.tokens);
                used.sum.cost = used.sum.cost.saturating_sub(self.cost);
                used.add(Sum { requests: 0, tokens: spent.tokens, cost: spent.cost });
            } else {
                // what was taken counts in the window that it began in, and the rest in the one that it ended in
                let tokens = spent.tokens.saturating_sub(self.tokens);
                used.add(Sum { requests: 0, tokens, cost: spent.cost.saturating_sub(self.cost) });
            }
        }
    }
}

/// About how many tokens a text of so many bytes has, where nobody says.
pub(crate) const fn about(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(4)
}

/// What a million tokens cost, of so many.
trait Of {
    fn of(&self, tokens: u64) -> u64;
}

impl Of for Amount {
    fn of(&self, tokens: u64) -> u64 {
        let cost = u128::from(self.0) * u128::from(tokens) / 1_000_000;
        u64::try_from(cost).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use governance::StoredRow;
    use terms::RowVersion;

    use super::*;

    fn registers(budget: &str) -> Registers {
        let row = |kind: &str, id: &str, body: &str| StoredRow {
            engagement: "mercy".parse().unwrap(),
            kind: kind.parse().unwrap(),
            id: id.parse().unwrap(),
            version: RowVersion(1),
            valid_from: UtcMillis(0),
            valid_to: None,
            author: "tests".to_owned(),
            reason: String::new(),
            ended: false,
            body: body.to_owned(),
        };
        Registers::from_rows(vec![row("budget", "b", budget)]).unwrap()
    }

    fn who() -> (EngagementId, AgentId) {
        ("mercy".parse().unwrap(), "scribe".parse().unwrap())
    }

    #[test]
    fn what_is_under_way_counts_until_it_says_what_it_used() {
        let (registers, ledger, (mercy, scribe)) =
            (registers(r#"{"window":"hour","tokens":1000}"#), Ledger::new(Vec::new()), who());
        let take = |now| ledger.take(&registers, (&mercy, &scribe), (600, None), UtcMillis(now));
        let first = take(0).unwrap().unwrap();
        let second = take(1).unwrap().unwrap();
        let again = Duration::from_millis(3_600_000 - 2);
        assert_eq!(take(2).err(), Some(Ended::Used { budget: "b".parse().unwrap(), again }));
        second.used((10, 20), None, UtcMillis(2));
        drop(second);
        assert!(take(3).is_ok(), "a request that used 30 gave back 570, and one that is dropped all");
        first.used((400, 600), None, UtcMillis(3));
        drop(first);
        assert!(take(4).is_err());
        assert!(take(3_600_000).is_ok(), "the next hour begins anew");
    }

    #[test]
    fn what_ends_in_another_window_counts_there_but_for_what_it_took() {
        let (registers, ledger, (mercy, scribe)) =
            (registers(r#"{"window":"minute","tokens":1000}"#), Ledger::new(Vec::new()), who());
        let take = |now| ledger.take(&registers, (&mercy, &scribe), (10, None), UtcMillis(now));
        let minute = 60_000;
        take(0).unwrap().unwrap().used((10, 5000), None, UtcMillis(minute));
        assert!(take(minute).is_err(), "nobody else had begun the window");
        let (long, other) = (take(2 * minute).unwrap().unwrap(), take(2 * minute).unwrap().unwrap());
        assert!(take(3 * minute).is_ok());
        long.used((10, 900), None, UtcMillis(3 * minute));
        drop((long, other));
        let kept = ledger.changed();
        assert_eq!((kept[0].window_start, kept[0].requests, kept[0].tokens), (UtcMillis(3 * minute), 1, 900));
    }

    #[test]
    fn what_was_kept_goes_on_and_a_clock_turned_back_begins_nothing_anew() {
        let (registers, (mercy, scribe)) = (registers(r#"{"window":"hour","requests":2}"#), who());
        let ledger = Ledger::new(Vec::new());
        let take = |ledger: &Arc<Ledger>, now| {
            ledger.take(&registers, (&mercy, &scribe), (0, None), UtcMillis(now)).map(drop)
        };
        let hour = 3_600_000;
        assert!(take(&ledger, hour).is_ok());
        let kept = ledger.changed();
        assert_eq!((kept.len(), kept[0].requests, kept[0].window_start), (1, 1, UtcMillis(hour)));
        assert!(ledger.changed().is_empty());
        ledger.unkept(kept.clone());
        assert_eq!(ledger.changed(), kept, "what could not be kept is tried again");
        let ledger = Ledger::new(kept);
        assert!(take(&ledger, 0).is_ok());
        assert!(take(&ledger, 0).is_err() && take(&ledger, hour).is_err());
    }

    #[test]
    fn money_is_counted_by_price_and_without_one_refused() {
        let (registers, ledger, (mercy, scribe)) =
            (registers(r#"{"window":"day","cost":"0.01"}"#), Ledger::new(Vec::new()), who());
        let price = Price { input: "2.50".parse().unwrap(), output: "10".parse().unwrap() };
        let take = |price| ledger.take(&registers, (&mercy, &scribe), (100, price), UtcMillis(0));
        assert_eq!(take(None).err(), Some(Ended::Unpriced { budget: "b".parse().unwrap() }));
        take(Some(&price)).unwrap().unwrap().used((1000, 500), Some(&price), UtcMillis(0));
        assert_eq!(ledger.changed()[0].cost, 7_500);
        take(Some(&price)).unwrap().unwrap().used((1000, 500), Some(&price), UtcMillis(0));
        assert!(take(Some(&price)).is_err());
    }
}
