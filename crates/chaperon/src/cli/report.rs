//! report

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use terms::UtcMillis;

use super::common::date;
use super::week::Week;

/// Write the weekly report for the compliance officer
///
/// What needs a person's action comes first; then exchanges, refusals and why, findings by class, masked answers,
/// agreements that end, changes of the registers, the state of the record, and what it can't show. Counts, names of
/// the registers and times only: nothing of any request. Without a period it is about the last week that is over,
/// from Monday, in UTC. Services are not connected to.
///
/// Ends with 4 when the record was tampered with, and says so at the top of the report.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon report
  chaperon report --week 2026-W47 --format html --out report-2026-W47.html
  chaperon report --engagement mercy --from 2026-11-01 --to 2026-11-30
  chaperon report --json")]
pub(crate) struct Report {
    /// Only this engagement [default: all]
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(crate) engagement: Option<terms::EngagementId>,
    /// A week, from Monday [default: the last that is over]
    #[arg(long, value_name = "YYYY-Www", conflicts_with_all = ["from", "to"])]
    pub(crate) week: Option<Week>,
    /// First day, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date, requires = "to")]
    pub(crate) from: Option<UtcMillis>,
    /// Last day, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date, requires = "from")]
    pub(crate) to: Option<UtcMillis>,
    /// How to write it [default: html for a file named so, text otherwise]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<ReportFormat>,
    /// File to write, mode 0600, replaced whole [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Plain text
    Text,
    /// One page of HTML that needs nothing else, to be read or printed
    Html,
}
