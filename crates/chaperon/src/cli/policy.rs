//! policy

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Signed, Within};

/// The policy of an engagement, in Cedar: it can narrow what the house permits, never widen it
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    Set(PolicySet),
    /// Show the policy in force
    #[command(after_help = "Examples:\n  chaperon policy show\n  chaperon policy show --history")]
    Show {
        #[command(flatten)]
        within: Within,
        /// Every version
        #[arg(long)]
        history: bool,
    },
}

/// Set the policy from a file, once it is valid
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon policy set mercy.cedar --reason 'letters need the patient name'
  chaperon policy set - < mercy.cedar")]
pub(crate) struct PolicySet {
    /// The file, or `-` for standard input
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) within: Within,
    #[command(flatten)]
    pub(crate) signed: Signed,
}
