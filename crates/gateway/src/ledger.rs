//! What was used of budgets: counted in memory, kept behind the exchanges.
//!
//! A request takes what it will likely use before anything is done for it, its answer included, and gives back what it
//! did not use, so that many requests at once do not pass a budget that one would end: all that are under way together
//! take no more than there is and what one of them takes.

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
    /// What is held back for answers under way, whatever window they began in. Not kept: a crash ends them all.
    reserved: Sum,
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
    /// What is left is held back for answers under way.
    Reserved { budget: Name },
    /// It is in money, and the model has no price.
    Unpriced { budget: Name },
}

/// What a request will likely use.
#[derive(Clone, Copy)]
pub(crate) struct Likely {
    /// Tokens of the request.
    pub(crate) input: u64,
    /// Tokens of its answer.
    pub(crate) output: u64,
    /// What both cost; `None` where that can't be told.
    pub(crate) cost: Option<(u64, u64)>,
}

/// What one exchange took of its budgets. What it took for tokens goes back when it is settled, at the latest when this
/// is dropped, but for what it said that it used.
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
struct Spent {
    tokens: u64,
    cost: u64,
    at: Option<UtcMillis>,
    /// What is still held back for the answer.
    reserved: Sum,
    settled: bool,
}

impl Ledger {
    /// Goes on from what was kept.
    pub(crate) fn new(kept: Vec<BudgetUse>) -> Arc<Self> {
        let uses = kept.into_iter().map(|kept| {
            let sum = Sum { requests: kept.requests, tokens: kept.tokens, cost: kept.cost };
            ((kept.engagement, kept.budget), Used { sum, dirty: false, ..Used::since(kept.window_start) })
        });
        Arc::new(Self(Mutex::new(Books { uses: uses.collect() })))
    }

    /// Takes one request, and what it will likely use, out of every budget that it falls under, or out of none.
    pub(crate) fn take(
        self: &Arc<Self>,
        registers: &Registers,
        (engagement, agent): (&EngagementId, &AgentId),
        likely: Likely,
        now: UtcMillis,
    ) -> Result<Option<Taken>, Ended> {
        let budgets = budgets(registers, engagement, agent);
        if budgets.is_empty() {
            return Ok(None);
        }
        let mut books = self.0.lock();
        books.check_all(engagement, &budgets, likely.cost.is_some(), now)?;
        let (cost, later) = likely.cost.unwrap_or_default();
        let add = Sum { requests: 1, tokens: likely.input, cost };
        let reserved = Sum { requests: 0, tokens: likely.output, cost: later };
        let places = budgets.iter().map(|row| books.add(engagement, row, now, (add, reserved))).collect();
        let used = Mutex::new(Spent { tokens: 0, cost: 0, at: None, reserved, settled: false });
        Ok(Some(Taken { ledger: Arc::clone(self), places, tokens: likely.input, cost, used }))
    }

    /// Whether every budget that a request falls under has something left; takes nothing.
    pub(crate) fn look(
        &self,
        registers: &Registers,
        (engagement, agent): (&EngagementId, &AgentId),
        priced: bool,
        now: UtcMillis,
    ) -> Result<(), Ended> {
        self.0.lock().check_all(engagement, &budgets(registers, engagement, agent), priced, now)
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
        priced: bool,
        now: UtcMillis,
    ) -> Result<(), Ended> {
        for row in budgets {
            if row.body.cost.is_some() && !priced {
                return Err(Ended::Unpriced { budget: row.id.clone() });
            }
            self.check(engagement, row, now)?;
        }
        Ok(())
    }

    fn check(&self, engagement: &EngagementId, row: &Row<Budget>, now: UtcMillis) -> Result<(), Ended> {
        let (start, end) = row.body.window.around(now);
        let key = (engagement.clone(), row.id.clone());
        let used = self.uses.get(&key);
        // a clock that was turned back begins no new window
        let sum = used.filter(|used| used.start >= start).map(|used| used.sum).unwrap_or_default();
        if sum.reaches(&row.body) {
            let again = Duration::from_millis(end.0.saturating_sub(now.0));
            return Err(Ended::Used { budget: row.id.clone(), again });
        }
        let reserved = self.uses.get(&key).map(|used| used.reserved).unwrap_or_default();
        if sum.plus(reserved).reaches(&row.body) {
            return Err(Ended::Reserved { budget: row.id.clone() });
        }
        Ok(())
    }

    fn add(
        &mut self,
        engagement: &EngagementId,
        row: &Row<Budget>,
        now: UtcMillis,
        (add, reserved): (Sum, Sum),
    ) -> Place {
        let key = (engagement.clone(), row.id.clone());
        let window = row.body.window;
        let used = self.uses.entry(key.clone()).or_insert_with(|| Used::since(window.around(now).0));
        used.turn(window, now);
        used.add(add);
        used.reserved = used.reserved.plus(reserved);
        Place { key, window, start: used.start }
    }
}

impl Sum {
    const fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            tokens: self.tokens.saturating_add(other.tokens),
            cost: self.cost.saturating_add(other.cost),
        }
    }

    const fn minus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            tokens: self.tokens.saturating_sub(other.tokens),
            cost: self.cost.saturating_sub(other.cost),
        }
    }

    /// Whether a budget has nothing left of something.
    fn reaches(&self, budget: &Budget) -> bool {
        let over = |limit: Option<u64>, used: u64| limit.is_some_and(|limit| used >= limit);
        over(budget.requests, self.requests)
            || over(budget.tokens, self.tokens)
            || over(budget.cost.map(|cost| cost.0), self.cost)
    }
}

impl Used {
    fn since(start: UtcMillis) -> Self {
        Self { start, sum: Sum::default(), reserved: Sum::default(), dirty: true }
    }

    /// Begins anew where another window has begun.
    fn turn(&mut self, window: Window, now: UtcMillis) {
        let (start, _) = window.around(now);
        if self.start < start {
            *self = Self { reserved: self.reserved, ..Self::since(start) };
        }
    }

    fn add(&mut self, add: Sum) {
        self.sum = self.sum.plus(add);
        self.dirty = true;
    }
}

impl Taken {
    /// Adds what a try used, as it is said `now`: `input` and `output` tokens at a price.
    pub(crate) fn used(&self, (input, output): (u64, u64), price: Option<&Price>, now: UtcMillis) {
        let (of_input, of_output) = price.map(|price| costs(price, input, output)).unwrap_or_default();
        let cost = of_input.saturating_add(of_output);
        let mut used = self.used.lock();
        used.tokens = used.tokens.saturating_add(input).saturating_add(output);
        used.cost = used.cost.saturating_add(cost);
        used.at = Some(now);
    }

    /// Holds back no more for an answer that is at its end, and has so many tokens.
    pub(crate) fn expect(&self, output: u64, price: Option<&Price>) {
        let mut spent = self.used.lock();
        let cost = price.map_or(0, |price| costs(price, 0, output).1);
        let rest = Sum {
            requests: 0,
            tokens: spent.reserved.tokens.min(output),
            cost: spent.reserved.cost.min(cost),
        };
        let back = spent.reserved.minus(rest);
        spent.reserved = rest;
        let mut books = self.ledger.0.lock();
        for place in &self.places {
            let Some(used) = books.uses.get_mut(&place.key) else { continue };
            used.reserved = used.reserved.minus(back);
        }
    }

    /// Gives back what was not used. What is said to be used later does not count.
    pub(crate) fn settle(&self) {
        let mut spent = self.used.lock();
        if std::mem::replace(&mut spent.settled, true) {
            return;
        }
        let mut books = self.ledger.0.lock();
        for place in &self.places {
            let Some(used) = books.uses.get_mut(&place.key) else { continue };
            used.reserved = used.reserved.minus(spent.reserved);
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

impl Drop for Taken {
    fn drop(&mut self) {
        self.settle();
    }
}

/// What so many tokens of a request and of its answer cost.
pub(crate) fn costs(price: &Price, input: u64, output: u64) -> (u64, u64) {
    (price.input.of(input), price.output.of(output))
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

    fn likely(input: u64, output: u64) -> Likely {
        Likely { input, output, cost: None }
    }

    #[test]
    fn what_is_under_way_counts_until_it_says_what_it_used() {
        let (registers, ledger, (mercy, scribe)) =
            (registers(r#"{"window":"hour","tokens":1000}"#), Ledger::new(Vec::new()), who());
        let take = |now| ledger.take(&registers, (&mercy, &scribe), likely(600, 0), UtcMillis(now));
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
        let take = |now| ledger.take(&registers, (&mercy, &scribe), likely(10, 0), UtcMillis(now));
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
            ledger.take(&registers, (&mercy, &scribe), likely(0, 0), UtcMillis(now)).map(drop)
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
        let take = |price: Option<&Price>| {
            let cost = price.map(|price| costs(price, 100, 0));
            ledger.take(&registers, (&mercy, &scribe), Likely { cost, ..likely(100, 0) }, UtcMillis(0))
        };
        assert_eq!(take(None).err(), Some(Ended::Unpriced { budget: "b".parse().unwrap() }));
        take(Some(&price)).unwrap().unwrap().used((1000, 500), Some(&price), UtcMillis(0));
        assert_eq!(ledger.changed()[0].cost, 7_500);
        take(Some(&price)).unwrap().unwrap().used((1000, 500), Some(&price), UtcMillis(0));
        assert!(take(Some(&price)).is_err());
    }

    #[test]
    fn answers_under_way_are_held_back_for_and_take_no_more_than_one_of_them_above_what_there_is() {
        let (registers, ledger, (mercy, scribe)) =
            (registers(r#"{"window":"minute","tokens":1000,"cost":"1"}"#), Ledger::new(Vec::new()), who());
        let price = Price { input: "0".parse().unwrap(), output: "1000".parse().unwrap() };
        let likely = |output| Likely { cost: Some(costs(&price, 10, output)), ..likely(10, output) };
        let take = |output, now| ledger.take(&registers, (&mercy, &scribe), likely(output), UtcMillis(now));
        let (mut all, mut now) = (Vec::new(), 0);
        let ended = loop {
            match take(400, now) {
                Ok(taken) => all.push(taken.unwrap()),
                Err(ended) => break ended,
            }
            now += 1;
        };
        assert_eq!(ended, Ended::Reserved { budget: "b".parse().unwrap() });
        assert_eq!(all.len(), 3, "two leave something of the thousand, and the third takes it");
        assert_eq!(ledger.changed()[0].tokens, 30, "a crash ends all answers: what is held back is not kept");
        assert!(take(1, 60_000).is_err(), "they will be paid in the next window");
        for one in &all {
            one.used((10, 400), Some(&price), UtcMillis(60_000));
            one.settle();
            one.settle();
        }
        assert_eq!(ledger.changed()[0].tokens, 1200);
        assert_eq!(ledger.changed(), []);
        drop(all);
        assert_eq!(ledger.changed(), [], "what is settled is settled once");
        let long = take(400, 120_000).unwrap().unwrap();
        let other = take(600, 120_000).unwrap().unwrap();
        assert!(take(1, 120_000).is_err());
        other.expect(20, Some(&price));
        assert!(take(1, 120_000).is_ok(), "an answer at its end is known");
        other.expect(900, Some(&price));
        drop((other, long));
        assert!(take(1, 120_000).is_ok());
        let reserved = ledger.0.lock().uses.values().map(|used| used.reserved.tokens).sum::<u64>();
        assert_eq!(reserved, 0);
    }
}
