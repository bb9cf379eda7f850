//! journal

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The record of every exchange and every change
#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    Tail(Tail),
    /// Show one entry by its position, or all entries of an exchange by its id
    #[command(after_help = "Examples:\n  chaperon journal show 1042\n  \
        chaperon journal show 0197f5a8-8c1e-7d3a-b0c4-5a1e9f2d7c60 --json")]
    Show {
        /// A position, or an exchange id
        #[arg(value_name = "POSITION|EXCHANGE-ID")]
        subject: String,
    },
    Verify(Verify),
}

/// Show the newest entries
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon journal tail
  chaperon journal tail -n 100 --json
  chaperon journal tail --follow")]
pub(crate) struct Tail {
    /// How many
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 20)]
    pub(crate) count: u32,
    /// Go on showing entries as they come
    #[arg(long, short = 'f')]
    pub(crate) follow: bool,
}

/// Verify the record, as `chaperon-verify` does
///
/// Ends with 0 only on an intact journal, with 3 when its tail is not proven by a checkpoint yet, with 4 when it
/// was tampered with.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon journal verify
  chaperon journal verify --checkpoint witnessed.txt --key log.vkey")]
pub(crate) struct Verify {
    /// A checkpoint kept elsewhere, which the journal must extend
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// The log's public key, kept elsewhere
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}
