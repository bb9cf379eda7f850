//! engagement

use clap::{Args, Subcommand};
use governance::{Party, Text};
use terms::EngagementId;

use super::{Replacing, Signed};

/// Engagements: one covered entity's project each, with its own keys, agents and policy
#[derive(Debug, Subcommand)]
pub(crate) enum EngagementCommand {
    Add(EngagementAdd),
    /// List engagements
    #[command(after_help = "Examples:\n  chaperon engagement list\n  chaperon engagement list --json")]
    List {
        /// Ended ones too
        #[arg(long)]
        all: bool,
    },
    /// Show one engagement
    #[command(after_help = "Examples:\n  chaperon engagement show mercy --history")]
    Show {
        /// Its name
        name: EngagementId,
        /// Every version
        #[arg(long)]
        history: bool,
    },
    /// Let it carry PHI, once its agreements are recorded
    #[command(after_help = "Examples:\n  chaperon engagement activate mercy --reason 'BAA signed by both'")]
    Activate(EngagementChange),
    /// Stop it for now: every request is refused
    #[command(after_help = "Examples:\n  chaperon engagement suspend mercy --reason 'incident 12'")]
    Suspend(EngagementChange),
    /// End it for good
    #[command(after_help = "Examples:\n  chaperon engagement end mercy --reason 'project closed'")]
    End(EngagementChange),
}

/// Begin an engagement, as a draft; with `--replace` its state stays
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon engagement add mercy --title 'Discharge letters' --covered-entity mercy-hospital
  chaperon engagement add mercy --title 'Discharge letters' --covered-entity mercy-hospital \\
      --operator acme-agency --activate")]
pub(crate) struct EngagementAdd {
    /// Its name: a-z, 0-9, `-`, `_`, `.`
    pub(crate) name: EngagementId,
    /// What it is, in a few words
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Text,
    /// The covered entity whose patients it is about, by a short name
    #[arg(long, value_name = "PARTY")]
    pub(crate) covered_entity: Party,
    /// Who runs this gateway: the covered entity [default] or its business associate
    #[arg(long, value_name = "PARTY")]
    pub(crate) operator: Option<Party>,
    /// Activate it at once
    #[arg(long)]
    pub(crate) activate: bool,
    #[command(flatten)]
    pub(crate) replacing: Replacing,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

/// A change of one engagement.
#[derive(Debug, Args)]
pub(crate) struct EngagementChange {
    /// Its name
    pub(crate) name: EngagementId,
    #[command(flatten)]
    pub(crate) signed: Signed,
}
