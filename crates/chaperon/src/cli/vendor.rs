//! vendor

use clap::{Args, Subcommand};
use governance::{Party, Text};
use terms::Name;

use super::{Named, Signed, Within};

/// Vendors: companies that offer AI services
#[derive(Debug, Subcommand)]
pub(crate) enum VendorCommand {
    Add(VendorAdd),
    /// List vendors
    #[command(after_help = "Examples:\n  chaperon vendor list")]
    List(ListArgs),
    /// Show one vendor
    #[command(after_help = "Examples:\n  chaperon vendor show acme-llm --history")]
    Show(ShowArgs),
    /// End it: its services can't be reached any more
    #[command(after_help = "Examples:\n  chaperon vendor end acme-llm --reason 'contract ended'")]
    End(EndArgs),
}

/// Record a vendor
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon vendor add acme-llm --legal-name 'Acme LLM, Inc.'")]
pub(crate) struct VendorAdd {
    /// Its name: a-z, 0-9, `-`, `_`, `.`
    pub(crate) name: Name,
    /// The company's name as agreements have it
    #[arg(long, value_name = "TEXT")]
    pub(crate) legal_name: Text,
    /// Its short name in the chain of agreements [default: its name]
    #[arg(long, value_name = "PARTY")]
    pub(crate) party: Option<Party>,
    /// Record a new version of one that is there
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) within: Within,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

/// Which rows to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) within: Within,
    /// Ended ones too
    #[arg(long)]
    pub(crate) all: bool,
}

/// Which row to show.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Every version
    #[arg(long)]
    pub(crate) history: bool,
}

/// Which row to end.
#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    #[command(flatten)]
    pub(crate) named: Named,
    #[command(flatten)]
    pub(crate) signed: Signed,
}
