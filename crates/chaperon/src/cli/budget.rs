//! budget

use clap::{Args, Subcommand};
use governance::{Amount, Window};
use terms::{AgentId, Name};

use super::rows::{Noun, RowCommand};
use super::{Entry, Within};

/// Budgets: how much agents may ask for in a time
#[derive(Debug, Subcommand)]
pub(crate) enum BudgetCommand {
    Add(BudgetAdd),
    #[command(flatten)]
    Rows(RowCommand<Budgets>),
    Use(BudgetUse),
}

/// The words of this noun.
#[derive(Debug)]
pub(crate) struct Budgets;

impl Noun for Budgets {
    const NOUN: &'static str = "budget";
    const ONE: &'static str = "one budget";
    const EXAMPLE: &'static str = "scribe-day";
    const END: &'static str = "End it: it limits nothing any more";
    const WHY: &'static str = "pilot is over";
}

/// Record a budget
///
/// A request that finds nothing left of one is refused with 429 `budget-ended` and the time until the next window,
/// before anything of it is examined. Windows begin at the full minute, hour, day, Monday or first of the month, in
/// UTC. Tokens are counted as vendors tell them, or by length where they do not.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon budget add scribe-day --agent scribe --window day --requests 5000 --tokens 20000000
  chaperon budget add all-month --window month --cost 2500")]
pub(crate) struct BudgetAdd {
    /// Its name: a-z, 0-9, `-`, `_`, `.`
    pub(crate) name: Name,
    /// The agent [default: all of the engagement together]
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: Option<AgentId>,
    /// The time for which it is: minute, hour, day, week or month
    #[arg(long, value_name = "WINDOW")]
    pub(crate) window: Window,
    /// So many requests
    #[arg(long, value_name = "COUNT")]
    pub(crate) requests: Option<u64>,
    /// So many tokens, of requests and answers together
    #[arg(long, value_name = "COUNT")]
    pub(crate) tokens: Option<u64>,
    /// So much money, by the prices of models (`service add --price`), in the currency that these are in
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) cost: Option<Amount>,
    #[command(flatten)]
    pub(crate) entry: Entry,
}

/// Show what was used of each in its running window, about a second ago
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon budget use")]
pub(crate) struct BudgetUse {
    #[command(flatten)]
    pub(crate) within: Within,
}
