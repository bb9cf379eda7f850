//! vendor

use clap::{Args, Subcommand};
use governance::{Party, Text};
use terms::Name;

use super::rows::{Noun, RowCommand};
use super::{Signed, Within};

/// Vendors: companies that offer AI services
#[derive(Debug, Subcommand)]
pub(crate) enum VendorCommand {
    Add(VendorAdd),
    #[command(flatten)]
    Rows(RowCommand<Vendors>),
}

/// The words of this noun.
#[derive(Debug)]
pub(crate) struct Vendors;

impl Noun for Vendors {
    const NOUN: &'static str = "vendor";
    const ONE: &'static str = "one vendor";
    const EXAMPLE: &'static str = "acme-llm";
    const END: &'static str = "End it: its services can't be reached any more";
    const WHY: &'static str = "contract ended";
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
