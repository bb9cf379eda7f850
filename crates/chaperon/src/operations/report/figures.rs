//! The figures of a report, as they travel and as `report --json` writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How many by code, or by class.
pub(crate) type Tallies = BTreeMap<String, u64>;

/// Everything that the record and the registers say of a period.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// When the registers were looked at.
    pub(crate) made: String,
    /// The engagements that it is about.
    pub(crate) engagements: Vec<EngagementLine>,
    /// The period.
    pub(crate) counts: Counts,
    /// The period of the same length before it.
    pub(crate) before: Counts,
    /// Exchanges by who used what.
    pub(crate) uses: Listed<Use>,
    /// Exchanges whose answers were masked, newest first.
    pub(crate) masked: Listed<Masked>,
    /// Exchanges that were cut off or not closed yet, newest first.
    pub(crate) unfinished: Listed<Unfinished>,
    /// Workflows that were only observed.
    #[serde(default)]
    pub(crate) observed: Vec<ObservedLine>,
    /// Changes of the registers, newest first.
    pub(crate) changes: Listed<ChangeLine>,
    /// What happened to the house as a whole.
    pub(crate) house: HouseLine,
    /// Agreements that have lapsed or end within 90 days, the first to end first.
    pub(crate) agreements: Vec<AgreementLine>,
    /// Agreements in force whose end is further off, or that have none.
    pub(crate) agreements_beyond: u64,
    /// Uses of the period that no agreement covers now, or did not cover then.
    pub(crate) uncovered: Vec<Uncovered>,
    /// Services without a credential.
    pub(crate) without_credential: Vec<ServiceLine>,
}

/// Items up to a limit, and how many there were.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    pub(crate) total: u64,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), total: 0 }
    }
}

impl<T> Listed<T> {
    /// Adds one, kept only while there are fewer than `most`.
    pub(super) fn push(&mut self, item: impl FnOnce() -> T, most: usize) {
        self.total += 1;
        if self.items.len() < most {
            self.items.push(item());
        }
    }

    /// How many there were beyond those that are kept.
    pub(crate) fn left_out(&self) -> u64 {
        self.total.saturating_sub(self.items.len() as u64)
    }
}

/// An engagement that the report is about.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EngagementLine {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) state: String,
}

/// What an observed workflow did, and what would have become of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct ObservedLine {
    pub(crate) engagement: String,
    pub(crate) agent: String,
    pub(crate) workflow: String,
    /// Exchanges that went as they were.
    pub(crate) exchanges: u64,
    /// What was found in them, by class.
    pub(crate) findings: Tallies,
    /// Those that would have been refused, by code.
    pub(crate) would_refuse: Tallies,
    /// What would have been masked in answers, by class.
    pub(crate) unmasked: Tallies,
}

/// Counts of one period. An exchange belongs to the period in which it was opened.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) uses: Uses,
    /// Answers in which something was masked.
    pub(crate) masked: u64,
    /// What was masked in them, by class.
    pub(crate) masked_classes: Tallies,
    /// What was found in requests, by class.
    pub(crate) findings: Tallies,
    /// Exchanges that were refused, by code.
    pub(crate) refusals: Tallies,
    /// Exchanges that failed on the way, by code.
    pub(crate) failures: Tallies,
    /// Arrivals that were refused before a decision, by code; of all engagements.
    pub(crate) arrivals: Tallies,
    /// Requests that were shown what would become of them; none of them left, and none is an exchange.
    #[serde(default)]
    pub(crate) previews: u64,
}

/// How exchanges ended, and under what they were permitted.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Uses {
    pub(crate) exchanges: u64,
    pub(crate) delivered: u64,
    pub(crate) refused: u64,
    pub(crate) failed: u64,
    /// Cut off: how far they went is not known.
    pub(crate) interrupted: u64,
    /// Not closed: under way, or cut off with the record itself.
    pub(crate) open: u64,
    /// Permitted under an agreement.
    pub(crate) under_agreement: u64,
    /// Permitted without one, since the model runs inside the wall.
    pub(crate) on_premises: u64,
    /// Permitted without one, since no identifier of a person was found.
    pub(crate) without_agreement: u64,
    /// Refused because no agreement covers the use.
    pub(crate) not_covered: u64,
    /// Further tries of requests to pools, each an exchange of its own.
    pub(crate) further_tries: u64,
}

impl Uses {
    /// Adds what another counted.
    pub(super) fn add(&mut self, more: Self) {
        self.exchanges += more.exchanges;
        self.delivered += more.delivered;
        self.refused += more.refused;
        self.failed += more.failed;
        self.interrupted += more.interrupted;
        self.open += more.open;
        self.under_agreement += more.under_agreement;
        self.on_premises += more.on_premises;
        self.without_agreement += more.without_agreement;
        self.not_covered += more.not_covered;
        self.further_tries += more.further_tries;
    }
}

/// Who used what, and how often.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Use {
    pub(crate) engagement: String,
    pub(crate) agent: String,
    pub(crate) workflow: String,
    pub(crate) vendor: String,
    pub(crate) service: String,
    pub(crate) model: String,
    pub(crate) uses: Uses,
}

/// Which exchange.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ExchangeLine {
    pub(crate) exchange: String,
    pub(crate) opened: String,
    pub(crate) engagement: String,
    pub(crate) agent: String,
    pub(crate) vendor: String,
    pub(crate) service: String,
}

/// A candidate for an incident.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Masked {
    #[serde(flatten)]
    pub(crate) of: ExchangeLine,
    pub(crate) classes: Tallies,
}

/// An exchange without an ending that is known.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Unfinished {
    #[serde(flatten)]
    pub(crate) of: ExchangeLine,
    /// Whether it was closed as interrupted; not closed at all otherwise.
    pub(crate) interrupted: bool,
}

/// A change of a register.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ChangeLine {
    pub(crate) time: String,
    pub(crate) position: u64,
    pub(crate) engagement: String,
    pub(crate) register: String,
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) author: String,
    pub(crate) reason: String,
}

/// What happened to the house as a whole, whichever engagement is asked for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct HouseLine {
    /// Entries of the period.
    pub(crate) entries: u64,
    pub(crate) starts: u64,
    /// Bytes of torn writes that were cut off at starts.
    pub(crate) torn_bytes: u64,
    /// Loads of another configuration.
    pub(crate) configurations: u64,
    /// Entries whose keys are gone.
    pub(crate) shredded: u64,
    /// Entries that do not open, or of a version that is not known.
    pub(crate) unreadable: u64,
}

/// How near an agreement's end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Term {
    Lapsed,
    Within30Days,
    Within60Days,
    Within90Days,
}

/// An agreement that has lapsed or ends soon.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AgreementLine {
    pub(crate) engagement: String,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) ends: String,
    /// Whole days until then; since then, where it has lapsed.
    pub(crate) days: u64,
    pub(crate) term: Term,
}

/// A model of a service that was used or asked for, and is not or was not covered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Uncovered {
    pub(crate) engagement: String,
    pub(crate) vendor: String,
    pub(crate) service: String,
    pub(crate) model: String,
    pub(crate) uses: Uses,
    pub(crate) covered_now: bool,
    /// Why it is not covered now, or under what it is.
    pub(crate) reasons: Vec<String>,
}

/// A service of an engagement.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ServiceLine {
    pub(crate) engagement: String,
    pub(crate) service: String,
    pub(crate) vendor: String,
}
