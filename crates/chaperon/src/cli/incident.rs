//! incident

use clap::{Args, Subcommand};
use terms::UtcMillis;

use super::Within;
use super::common::moment;

/// Incidents: what the record holds that a compliance officer should look at
///
/// An answer that held identifiers which its request did not was masked before the application got it, and is a
/// candidate: whether data of somebody else was disclosed is for a person to say. Incidents are not registered yet,
/// with states and clocks of their own: these are read from the record.
#[derive(Debug, Subcommand)]
pub(crate) enum IncidentCommand {
    List(IncidentList),
}

/// List candidates for an incident, the newest first: exchanges whose answers were masked
///
/// Shows classes and counts of what was masked, never values. `chaperon explain EXCHANGE-ID` shows one: what was
/// decided, and what was found where. There is no register of incidents in this version: a candidate can't be
/// confirmed or dismissed here.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon incident list
  chaperon incident list --since 2026-11-01
  chaperon incident list --since 2026-11-21T18:00:00Z --json")]
pub(crate) struct IncidentList {
    #[command(flatten)]
    pub(crate) within: Within,
    /// Only exchanges that were opened since then, in UTC
    #[arg(long, value_name = "DATE[THH:MM:SSZ]", value_parser = moment)]
    pub(crate) since: Option<UtcMillis>,
    /// How many at most: up to 1000
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) count: u32,
}
