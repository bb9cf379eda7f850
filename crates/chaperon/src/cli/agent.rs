//! agent

use std::collections::BTreeSet;
use std::str::FromStr;

use clap::{ArgAction, Args, Subcommand};
use governance::Text;
use terms::{AgentVersion, HealthClass, Name, Purpose, UnknownHealthClass, UtcMillis};

use super::common::date;
use super::rows::{Noun, RowCommand};
use super::{Named, Replacing, Signed, Within};

/// Agents: applications that call the gateway, each with keys of its own
#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    Add(AgentAdd),
    #[command(flatten)]
    Rows(RowCommand<Agents>),
    /// Make a new key, show it once, and end the ones before
    #[command(after_help = "Examples:\n  chaperon agent rotate letters --reason 'yearly'\n  \
        chaperon agent rotate letters --keep     the keys before stay until they are revoked")]
    Rotate {
        #[command(flatten)]
        named: Named,
        /// Leave the keys before as they are
        #[arg(long)]
        keep: bool,
        #[command(flatten)]
        signed: Signed,
    },
    /// End keys: requests that carry them are refused from now on
    #[command(after_help = "Examples:\n  chaperon agent revoke letters --reason 'leaked'\n  \
        chaperon agent revoke letters --key chp_7m3k9q2w8r4t")]
    Revoke {
        #[command(flatten)]
        named: Named,
        /// This key only, by its id: `chp_` and the twelve characters after it
        #[arg(long, value_name = "KEY-ID")]
        key: Option<Name>,
        #[command(flatten)]
        signed: Signed,
    },
}

/// The words of this noun.
#[derive(Debug)]
pub(crate) struct Agents;

impl Noun for Agents {
    const NOUN: &'static str = "agent";
    const ONE: &'static str = "one agent and its keys' ids";
    const EXAMPLE: &'static str = "letters";
    const END: &'static str = "End the agent and all its keys";
    const WHY: &'static str = "replaced";
}

/// Record an agent, make its key and show it once; with `--replace` its keys stay
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon agent add letters --title 'Discharge letters' --workflow discharge-letter --purpose treatment
  chaperon agent add faq --title 'Opening hours' --workflow faq --purpose operations --carries-phi false
  chaperon agent add triage --title Triage --workflow triage --purpose operations --carries-phi false \
      --observe-until 2026-03-01
  chaperon agent add booking --title Booking --workflow booking --purpose operations \
      --may-tell scheduling,demographics
  KEY=$(chaperon agent add letters --title Letters --workflow letters --purpose treatment --json | jq -r .key)")]
pub(crate) struct AgentAdd {
    /// Its name: a-z, 0-9, `-`, `_`, `.`
    pub(crate) name: Name,
    /// What it is, in a few words
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Text,
    /// Its version
    #[arg(long, value_name = "VERSION")]
    pub(crate) agent_version: Option<AgentVersion>,
    /// The workflow that it acts for
    #[arg(long, value_name = "NAME")]
    pub(crate) workflow: Name,
    /// Why it uses or discloses PHI: treatment, payment, operations or research
    #[arg(long, value_name = "PURPOSE")]
    pub(crate) purpose: Purpose,
    /// Whether the workflow is declared to carry PHI: then it never reaches an uncovered service
    #[arg(long, value_name = "BOOL", default_value_t = true, action = ArgAction::Set)]
    pub(crate) carries_phi: bool,
    /// Only observe it until this day, 90 days ahead at most: what is found is recorded, and changes and refuses nothing.
    /// Only with `--carries-phi false`
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) observe_until: Option<UtcMillis>,
    /// What its requests may tell of health, all else is refused or stripped: diagnosis, medication, procedure, result,
    /// behavioural, substance-use, payment, scheduling, demographics; or nothing. Without this anything
    #[arg(long, value_name = "CLASSES")]
    pub(crate) may_tell: Option<MayTell>,
    #[command(flatten)]
    pub(crate) replacing: Replacing,
    #[command(flatten)]
    pub(crate) within: Within,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

/// Health classes with commas between, or `nothing`.
#[derive(Clone, Debug)]
pub(crate) struct MayTell(pub(crate) BTreeSet<HealthClass>);

impl FromStr for MayTell {
    type Err = UnknownHealthClass;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim() == "nothing" {
            return Ok(Self(BTreeSet::new()));
        }
        text.split(',').map(|class| class.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}
