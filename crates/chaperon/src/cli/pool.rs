//! pool

use std::str::FromStr;

use clap::{Args, Subcommand};
use governance::{Member, ModelName, Spread};
use terms::Name;

use super::Entry;
use super::rows::{Noun, RowCommand};

/// Pools: services that may stand in for one another under one model name
#[derive(Debug, Subcommand)]
pub(crate) enum PoolCommand {
    Add(PoolAdd),
    #[command(flatten)]
    Rows(RowCommand<Pools>),
}

/// The words of this noun.
#[derive(Debug)]
pub(crate) struct Pools;

impl Noun for Pools {
    const NOUN: &'static str = "pool";
    const ONE: &'static str = "one pool";
    const EXAMPLE: &'static str = "clinical-large";
    const END: &'static str = "End it: its name leads nowhere any more";
    const WHY: &'static str = "one region is enough";
}

/// Record a pool
///
/// Being in a pool covers nothing: of its members, only those are asked that an agreement covers for the exchange.
/// Each try is on the record with a decision of its own.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon pool add clinical-large --to acme-east/acme-large --to acme-west/acme-large
  chaperon pool add clinical-large --to acme-east/acme-large=3 --to acme-west/acme-large=1 \\
      --spread balanced --alias gpt-4o --attempts 3")]
pub(crate) struct PoolAdd {
    /// Its name, which requests use as the model's: a-z, 0-9, `-`, `_`, `.`
    pub(crate) name: Name,
    /// A service and its model, the preferred first, repeated for each; its share where the pool is balanced may follow
    #[arg(long = "to", value_name = "SERVICE/MODEL[=WEIGHT]", required = true)]
    pub(crate) members: Vec<MemberArg>,
    /// A further model name that requests may use for it; may be repeated
    #[arg(long = "alias", value_name = "MODEL")]
    pub(crate) aliases: Vec<ModelName>,
    /// Which member is asked first: ordered (the first that is well) or balanced (by weight; a conversation stays
    /// where it is) [default: ordered]
    #[arg(long, value_name = "SPREAD")]
    pub(crate) spread: Option<Spread>,
    /// How often a request is tried in all, 1 to 10 [default: each member once]
    #[arg(long, value_name = "COUNT")]
    pub(crate) attempts: Option<u8>,
    #[command(flatten)]
    pub(crate) entry: Entry,
}

/// `SERVICE/MODEL[=WEIGHT]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MemberArg(pub(crate) Member);

impl FromStr for MemberArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (place, weight) = match text.rsplit_once('=') {
            Some((place, weight)) => (place, weight.parse().map_err(|_| "a weight is a number of 1 to 100")?),
            None => (text, 1),
        };
        let (service, model) = place.split_once('/').ok_or("expected SERVICE/MODEL")?;
        Ok(Self(Member {
            service: service.parse().map_err(|error| format!("service: {error}"))?,
            model: model.parse().map_err(|error| format!("model: {error}"))?,
            weight,
        }))
    }
}
