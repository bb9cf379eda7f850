//! vendor

use std::path::PathBuf;

use clap::{Args, Subcommand};
use governance::{Party, Text};
use terms::Name;

use super::Entry;
use super::rows::{Noun, RowCommand};

/// Vendors: companies that offer AI services
#[derive(Debug, Subcommand)]
pub(crate) enum VendorCommand {
    Add(VendorAdd),
    Facts(VendorFacts),
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
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  chaperon vendor add acme-llm --legal-name 'Acme LLM, Inc.'
  chaperon vendor add openai --from openai-api")]
pub(crate) struct VendorAdd {
    /// Its name: a-z, 0-9, `-`, `_`, `.`
    pub(crate) name: Name,
    /// The company's name as agreements have it
    #[arg(long, value_name = "TEXT", required_unless_present = "from")]
    pub(crate) legal_name: Option<Text>,
    /// Fill what is not given from facts: an offering of `chaperon vendor facts`
    #[arg(long, value_name = "OFFERING")]
    pub(crate) from: Option<Name>,
    /// Its short name in the chain of agreements [default: its name]
    #[arg(long, value_name = "PARTY")]
    pub(crate) party: Option<Party>,
    #[command(flatten)]
    pub(crate) entry: Entry,
}

/// What vendors say of agreements, endpoints and retention: dated, with sources
///
/// They fill rows (`--from`) and are compared with rows (`chaperon check`). They never cover anything: that takes the
/// agreement that was signed, recorded with `chaperon agreement add`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon vendor facts
  chaperon vendor facts openai-api
  chaperon vendor facts --file vendors.json --json")]
pub(crate) struct VendorFacts {
    /// One offering, with all that is said of it
    pub(crate) name: Option<Name>,
    /// A newer file, its signature beside it as FILE.sig [default: `[facts] file` of the configuration, or what is
    /// built in]
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}
