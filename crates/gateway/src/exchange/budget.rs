//! What a request takes of budgets, and what it used.

use std::sync::Arc;

use governance::Price;
use terms::Code;

use super::Refused;
use super::arrival::{Arrival, Choice};
use crate::gateway::Gateway;
use crate::ledger::{Ended, about};
use crate::protocol::Facts;

impl Gateway {
    /// Takes what a request will likely use; a budget with nothing left is a refusal.
    pub(super) fn take(&self, arrival: &mut Arrival) -> Result<(), Refused> {
        let caller = &arrival.caller;
        let tokens = about(arrival.request.body().len());
        let price = dearest(&arrival.choices);
        let taken = self.ledger.take(
            &arrival.snapshot.registers,
            (&caller.engagement, &caller.agent),
            (tokens, price.as_ref()),
            self.parts.clock.now(),
        );
        arrival.taken = taken.map_err(refused)?;
        Ok(())
    }

    /// Whether the budgets would let a request through; takes nothing of them.
    pub(super) fn look(&self, arrival: &Arrival) -> Result<(), Refused> {
        let (caller, price) = (&arrival.caller, dearest(&arrival.choices));
        let registers = &arrival.snapshot.registers;
        let whose = (&caller.engagement, &caller.agent);
        self.ledger.look(registers, whose, price.as_ref(), self.parts.clock.now()).map_err(refused)
    }

    /// Counts what an answer used: as the vendor says, or by its length where it says nothing. Of an answer that did not
    /// come `whole` the vendor has not said all yet: what came counts, where it is more.
    pub(super) fn used(&self, arrival: &Arrival, facts: &Facts, bytes_out: usize, whole: bool) {
        let Some(taken) = &arrival.taken else { return };
        let input = facts.input_tokens.unwrap_or_else(|| about(arrival.request.body().len()));
        let output = match facts.output_tokens {
            Some(told) if whole => told,
            told => told.unwrap_or(0).max(about(bytes_out)),
        };
        taken.used((input, output), price(&arrival.choice).as_ref(), self.parts.clock.now());
    }
}

fn refused(ended: Ended) -> Refused {
    match ended {
        Ended::Used { budget, again } => Refused {
            detail: Some(format!("budget `{budget}`")),
            again: Some(again),
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

/// The highest price of those who may be asked; `None` where one of them has none, as what it is asked could not be
/// counted.
fn dearest(choices: &[Arc<Choice>]) -> Option<Price> {
    let prices: Option<Vec<Price>> = choices.iter().map(|choice| price(choice)).collect();
    prices?.into_iter().max_by_key(|price| price.input)
}
