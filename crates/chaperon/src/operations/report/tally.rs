//! One pass over the record, from the newest entry back. Holds counts, lists with an end, and the closings whose
//! openings are still to come: as many as exchanges were under way at one time.

mod observed;

use std::collections::HashMap;
use std::time::Duration;

use audit::{Body, Closing, Control, Opening, Outcome, Record};
use terms::{
    AgentId, Code, EngagementId, ExchangeId, FindingCounts, ServiceId, UtcMillis, VendorId, Verdict,
};

use self::observed::Observed;
use super::figures::{
    ChangeLine, Counts, ExchangeLine, Figures, HouseLine, Listed, Masked, Tallies, Unfinished, Use, Uses,
};

/// Most exchanges and changes that are listed; more are counted.
const LISTED: usize = 200;
/// Most lines of who used what. Registers bound them: this is for a register that grew beyond reading.
const USES: usize = 2000;
/// How much earlier than an entry before it an opening may be: more than the gateway's tolerance for clocks.
const SLACK: Duration = Duration::from_hours(1);

/// A period: from, and up to but not with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Period {
    pub(super) from: UtcMillis,
    pub(super) to: UtcMillis,
}

impl Period {
    fn before(self) -> Self {
        Self { from: UtcMillis(self.from.0.saturating_sub(self.to.0 - self.from.0)), to: self.from }
    }

    fn holds(self, time: UtcMillis) -> bool {
        self.from <= time && time < self.to
    }
}

type Key = (EngagementId, AgentId, String, VendorId, ServiceId, String);

pub(super) struct Tally {
    wanted: Option<EngagementId>,
    now: Period,
    before: Period,
    closings: HashMap<ExchangeId, Closing>,
    uses: HashMap<Key, Uses>,
    uses_left_out: u64,
    observed: Observed,
    figures: Figures,
}

impl Tally {
    /// Of one engagement, or of all. `period.from` is not after `period.to`.
    pub(super) fn new(wanted: Option<EngagementId>, period: Period) -> Self {
        let to = period.to.max(period.from);
        let now = Period { to, ..period };
        Self {
            wanted,
            now,
            before: now.before(),
            closings: HashMap::new(),
            uses: HashMap::new(),
            uses_left_out: 0,
            observed: Observed::default(),
            figures: Figures::default(),
        }
    }

    /// Counts a record; `false` when nothing before it can belong here.
    ///
    /// Control entries tell nothing of what is before them: a run whose clock was turned back writes them too.
    /// No exchange is permitted by such a clock, so that all before a permitted opening is at least about as old.
    pub(super) fn take(&mut self, record: Record) -> bool {
        let Record { time, position, body, .. } = record;
        if self.now.holds(time) {
            self.figures.house.entries += 1;
        }
        match body {
            Body::Closing(exchange, closing) => {
                self.closings.insert(exchange, *closing);
            }
            Body::Opening(opening) => {
                let closing = self.closings.remove(&opening.exchange);
                self.exchange(time, &opening, closing.as_ref());
                let early = time.plus(SLACK) < self.before.from;
                return !(early && opening.decision.verdict == Verdict::Permit);
            }
            Body::Control(control) => self.control(time, position, control),
            Body::Shredded if self.now.holds(time) => self.figures.house.shredded += 1,
            Body::Unreadable if self.now.holds(time) => self.figures.house.unreadable += 1,
            _ => {}
        }
        true
    }

    /// The figures: everything but what the registers say.
    pub(super) fn figures(self) -> Figures {
        let Self { uses, uses_left_out, observed, mut figures, .. } = self;
        figures.observed = observed.lines();
        let total = uses.len() as u64 + uses_left_out;
        let mut items: Vec<Use> = uses.into_iter().map(line).collect();
        items.sort_by(|one, other| order(one).cmp(&order(other)));
        figures.uses = Listed { items, total };
        figures
    }

    fn is_wanted(&self, engagement: &EngagementId) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted == engagement)
    }

    fn exchange(&mut self, time: UtcMillis, opening: &Opening, closing: Option<&Closing>) {
        if !self.is_wanted(&opening.engagement) {
            return;
        }
        let uses = judged(opening, closing);
        if self.now.holds(time) {
            count(&mut self.figures.counts, uses, opening, closing);
            self.list(time, opening, closing);
            self.observed.take(opening, closing);
            self.used(opening, uses);
        } else if self.before.holds(time) {
            count(&mut self.figures.before, uses, opening, closing);
        }
    }

    fn used(&mut self, opening: &Opening, uses: Uses) {
        let key = (
            opening.engagement.clone(),
            opening.agent.clone(),
            opening.workflow.clone(),
            opening.destination.vendor.clone(),
            opening.destination.service.clone(),
            opening.model.resolved.clone(),
        );
        if let Some(known) = self.uses.get_mut(&key) {
            known.add(uses);
        } else if self.uses.len() < USES {
            self.uses.insert(key, uses);
        } else {
            self.uses_left_out += 1;
        }
    }

    fn list(&mut self, time: UtcMillis, opening: &Opening, closing: Option<&Closing>) {
        let interrupted = closing.is_some_and(|closing| closing.outcome == Outcome::Interrupted);
        if interrupted || closing.is_none() {
            let line = || Unfinished { of: self::exchange(time, opening), interrupted };
            self.figures.unfinished.push(line, LISTED);
        }
        if let Some(closing) = closing.filter(|closing| !closing.masked.is_empty()) {
            let mut classes = Tallies::new();
            merge(&mut classes, &closing.masked);
            self.figures.masked.push(|| Masked { of: self::exchange(time, opening), classes }, LISTED);
        }
    }

    fn control(&mut self, time: UtcMillis, position: u64, control: Control) {
        let counts = if self.now.holds(time) {
            &mut self.figures.counts
        } else if self.before.holds(time) {
            &mut self.figures.before
        } else {
            return;
        };
        match &control {
            Control::RefusedArrivals { code, count, .. } => {
                return more(&mut counts.arrivals, known(code), *count);
            }
            Control::Preview { engagement, .. } => {
                counts.previews += u64::from(self.wanted.as_ref().is_none_or(|wanted| wanted == engagement));
                return;
            }
            _ => {}
        }
        if !self.now.holds(time) {
            return;
        }
        match control {
            Control::RegisterChange { engagement, register, id, version, author, reason } => {
                if engagement.as_ref().is_some_and(|of| !self.is_wanted(of)) {
                    return;
                }
                let engagement = engagement.map(|of| of.to_string()).unwrap_or_default();
                let (time, version) = (time.to_string(), u64::from(version.0));
                let line =
                    || ChangeLine { time, position, engagement, register, id, version, author, reason };
                self.figures.changes.push(line, LISTED);
            }
            other => happened(&mut self.figures.house, &other),
        }
    }
}

fn happened(house: &mut HouseLine, control: &Control) {
    match control {
        Control::Start { torn_bytes, .. } => {
            house.starts += 1;
            house.torn_bytes += torn_bytes;
        }
        Control::ConfigChange { .. } => house.configurations += 1,
        _ => {}
    }
}

/// One exchange, counted.
fn judged(opening: &Opening, closing: Option<&Closing>) -> Uses {
    let mut uses = Uses { exchanges: 1, ..Uses::default() };
    match closing.map(|closing| closing.outcome) {
        None => uses.open = 1,
        Some(Outcome::Success) => uses.delivered = 1,
        Some(Outcome::Refused) => uses.refused = 1,
        Some(Outcome::Interrupted) => uses.interrupted = 1,
        Some(_) => uses.failed = 1,
    }
    uses.further_tries = u64::from(is_further_try(opening));
    let because = |code: Code| opening.decision.reasons.iter().any(|reason| reason.code == code.as_str());
    match opening.decision.verdict {
        Verdict::Permit if opening.agreement.is_some() => uses.under_agreement = 1,
        Verdict::Permit if because(Code::ON_PREMISES) => uses.on_premises = 1,
        Verdict::Permit => uses.without_agreement = 1,
        Verdict::Deny if UNCOVERED.iter().any(|code| because(*code)) => uses.not_covered = 1,
        Verdict::Deny => {}
    }
    uses
}

/// Whether the request was tried before, with another service of its pool.
const fn is_further_try(opening: &Opening) -> bool {
    opening.parent.is_some() && opening.pool.is_some()
}

/// Reasons that say that no agreement covers a use.
const UNCOVERED: [Code; 10] = [
    Code::AGREEMENT_MISSING,
    Code::AGREEMENT_LAPSED,
    Code::AGREEMENT_NOT_YET,
    Code::SCOPE_MISSING,
    Code::ENDPOINT_MOVED,
    Code::TRAINING_NOT_EXCLUDED,
    Code::SUBPROCESSOR_UNCOVERED,
    Code::CHAIN_BROKEN,
    Code::PHI_UNCOVERED,
    Code::WORKFLOW_UNCOVERED,
];

fn count(counts: &mut Counts, uses: Uses, opening: &Opening, closing: Option<&Closing>) {
    counts.uses.add(uses);
    // a request that was tried again holds what it held
    if !is_further_try(opening) {
        merge(&mut counts.findings, &opening.findings);
    }
    let Some(closing) = closing else { return };
    let code = closing.code.as_deref().or_else(|| {
        let first = opening.decision.reasons.first();
        first.map(|reason| reason.code.as_str())
    });
    match closing.outcome {
        Outcome::Refused => more(&mut counts.refusals, known(code.unwrap_or_default()), 1),
        Outcome::Failure => more(&mut counts.failures, known(closing.code.as_deref().unwrap_or_default()), 1),
        _ => {}
    }
    if !closing.masked.is_empty() {
        counts.masked += 1;
        merge(&mut counts.masked_classes, &closing.masked);
    }
}

/// A code of the catalogue: an entry of another version of the house may hold others, and tables must have an end.
fn known(code: &str) -> &'static str {
    terms::explain(code).map_or("(not of this version)", |explained| explained.code.as_str())
}

fn more(tallies: &mut Tallies, key: &str, count: u64) {
    match tallies.get_mut(key) {
        Some(known) => *known = known.saturating_add(count),
        None => {
            tallies.insert(key.to_owned(), count);
        }
    }
}

fn merge(tallies: &mut Tallies, counts: &FindingCounts) {
    for (class, count) in counts.iter() {
        more(tallies, class.label(), u64::from(count));
    }
}

fn line((key, uses): (Key, Uses)) -> Use {
    let (engagement, agent, workflow, vendor, service, model) = key;
    Use {
        engagement: engagement.to_string(),
        agent: agent.to_string(),
        workflow,
        vendor: vendor.to_string(),
        service: service.to_string(),
        model,
        uses,
    }
}

/// By engagement, the most used first.
fn order(line: &Use) -> (&str, std::cmp::Reverse<u64>, [&str; 4]) {
    let rest = [line.agent.as_str(), &line.workflow, &line.service, &line.model];
    (&line.engagement, std::cmp::Reverse(line.uses.exchanges), rest)
}

fn exchange(time: UtcMillis, opening: &Opening) -> ExchangeLine {
    ExchangeLine {
        exchange: opening.exchange.to_string(),
        opened: time.to_string(),
        engagement: opening.engagement.to_string(),
        agent: opening.agent.to_string(),
        vendor: opening.destination.vendor.to_string(),
        service: opening.destination.service.to_string(),
    }
}

#[cfg(test)]
mod tests;
