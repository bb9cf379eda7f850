//! What a request takes of budgets, and what it used.

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
        let price = price(&arrival.choice);
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
        let (caller, price) = (&arrival.caller, price(&arrival.choice));
        let registers = &arrival.snapshot.registers;
        let whose = (&caller.engagement, &caller.agent);
        self.ledger.look(registers, whose, price.as_ref(), self.parts.clock.now()).map_err(refused)
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

/// Counts what an answer used: as the vendor says, or by its length where it says nothing.
pub(super) fn used(arrival: &Arrival, facts: &Facts, bytes_out: usize) {
    let Some(taken) = &arrival.taken else { return };
    let input = facts.input_tokens.unwrap_or_else(|| about(arrival.request.body().len()));
    let output = facts.output_tokens.unwrap_or_else(|| about(bytes_out));
    taken.used(input, output, price(&arrival.choice).as_ref());
}

fn price(choice: &Choice) -> Option<Price> {
    choice.route.row.body.price(&choice.route.model)
}
