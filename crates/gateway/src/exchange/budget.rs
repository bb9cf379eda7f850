//! What a request takes of budgets, and what it used.

use std::sync::Arc;
use std::time::Duration;

use governance::Price;
use http::Response;
use terms::Code;

use super::arrival::{Arrival, Choice};
use super::{Caller, Refused};
use crate::gateway::Gateway;
use crate::ledger::{Ended, Likely, Taken, about, costs};
use crate::protocol::{Facts, Request};
use crate::server::Outgoing;

impl Gateway {
    /// Takes what a request will likely use; a budget with nothing left is a refusal.
    pub(super) fn take(&self, arrival: &mut Arrival) -> Result<(), Refused> {
        let caller = &arrival.caller;
        let (input, output) = (likely_input(&arrival.request), arrival.request.output_tokens());
        let likely = Likely { input, output, cost: dearest(&arrival.choices, input, output) };
        let taken = self.ledger.take(
            &arrival.snapshot.registers,
            (&caller.engagement, &caller.agent),
            likely,
            self.parts.clock.now(),
        );
        arrival.taken = taken.map_err(refused)?;
        Ok(())
    }

    /// Whether the budgets would let a request through; takes nothing of them.
    pub(super) fn look(&self, arrival: &Arrival) -> Result<(), Refused> {
        let (caller, priced) = (&arrival.caller, dearest(&arrival.choices, 0, 0).is_some());
        let registers = &arrival.snapshot.registers;
        let whose = (&caller.engagement, &caller.agent);
        self.ledger.look(registers, whose, priced, self.parts.clock.now()).map_err(refused)
    }

    /// Counts what an answer used: as the vendor says, or by its length where it says nothing. Of an answer that did not
    /// come `whole` the vendor has not said all yet: what came counts, where it is more.
    pub(super) fn used(&self, arrival: &Arrival, facts: &Facts, bytes_out: usize, whole: bool) {
        let Some(taken) = &arrival.taken else { return };
        let input = facts.input_tokens.unwrap_or_else(|| likely_input(&arrival.request));
        let output = match facts.output_tokens {
            Some(told) if whole => told,
            told => told.unwrap_or(0).max(about(bytes_out)),
        };
        taken.used((input, output), price(&arrival.choice).as_ref(), self.parts.clock.now());
    }
}

impl Arrival {
    /// Answers. What the exchange did not use goes back first, so that a caller whose answer came finds it there.
    pub(super) fn answer(&self, caller: Caller, head: Response<Outgoing>) {
        self.settle();
        let _left = caller.send(head);
    }

    /// Gives back what was taken and not used.
    pub(super) fn settle(&self) {
        if let Some(taken) = &self.taken {
            taken.settle();
        }
    }
}

/// Holds back no more for a streamed answer that is at its end: what the vendor told of it, or by its length.
pub(super) fn ends(taken: Option<&Taken>, choice: &Choice, facts: &Facts, bytes_out: usize) {
    if let Some(taken) = taken {
        taken.expect(facts.output_tokens.unwrap_or_else(|| about(bytes_out)), price(choice).as_ref());
    }
}

fn refused(ended: Ended) -> Refused {
    match ended {
        Ended::Used { budget, again } => Refused {
            detail: Some(format!("budget `{budget}`")),
            again: Some(again),
            ..Code::BUDGET_ENDED.into()
        },
        Ended::Reserved { budget } => Refused {
            detail: Some(format!("budget `{budget}`; what is left is held back for answers under way")),
            again: Some(Duration::from_secs(1)),
            ..Code::BUDGET_ENDED.into()
        },
        Ended::Unpriced { budget } => {
            Refused { detail: Some(format!("budget `{budget}`")), ..Code::PRICE_MISSING.into() }
        }
    }
}

fn price(choice: &Choice) -> Option<Price> {
    choice.route.row.body.price(&choice.route.model)
}

/// Tokens of a request, where nobody says. A second of sound is about ten, and a kilobyte where it is packed well.
fn likely_input(request: &Request) -> u64 {
    let sound = request.file_bytes();
    about(request.size().saturating_sub(sound)).saturating_add((sound as u64).div_ceil(64))
}

/// What request and answer cost at the dearest of those who may be asked; `None` where one of them has no price, as
/// what it is asked could not be counted.
fn dearest(choices: &[Arc<Choice>], input: u64, output: u64) -> Option<(u64, u64)> {
    let all = choices.iter().map(|choice| price(choice).map(|price| costs(&price, input, output)));
    let all: Option<Vec<_>> = all.collect();
    all?.into_iter().max_by_key(|(input, output)| input.saturating_add(*output))
}
