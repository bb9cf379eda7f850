//! The command line: what may be said. One file per noun; what is done is in `commands`.

mod agent;
mod agreement;
mod budget;
mod common;
mod deidentify;
mod engagement;
mod house;
mod incident;
mod journal;
mod policy;
mod pool;
mod preview;
mod report;
mod rows;
mod scan;
mod service;
mod terms;
mod vendor;
mod week;

use clap::{Parser, Subcommand};

use crate::exit;

pub(crate) use self::terms::{KindOfList, TermsAdd, TermsCommand, TermsReview, TermsShow};
pub(crate) use agent::{AgentAdd, AgentCommand};
pub(crate) use agreement::{AgreementAdd, AgreementCommand, KindArg, ScopeArg};
pub(crate) use budget::{BudgetAdd, BudgetCommand, BudgetUse};
pub(crate) use common::{Entry, Global, Named, Replacing, Signed, Within};
pub(crate) use deidentify::Deidentify;
pub(crate) use engagement::{EngagementAdd, EngagementChange, EngagementCommand};
pub(crate) use house::{Check, Completions, Demo, Doctor, Explain, Serve};
pub(crate) use incident::{IncidentCommand, IncidentList};
pub(crate) use journal::{JournalCommand, Tail, Verify};
pub(crate) use policy::{PolicyCommand, PolicySet};
pub(crate) use pool::{PoolAdd, PoolCommand};
pub(crate) use preview::Preview;
pub(crate) use report::{Report, ReportFormat};
pub(crate) use rows::{EndArgs, ListArgs, Noun, RowCommand, ShowArgs};
pub(crate) use scan::{ColorArg, Scan, ScanFormat};
pub(crate) use service::{CredentialArgs, ServiceAdd, ServiceCommand};
pub(crate) use vendor::{VendorAdd, VendorCommand, VendorFacts};
pub(crate) use week::{DAY, Week};

/// The HIPAA gateway for AI
///
/// Chaperon stands between applications and the vendors of AI models. Protected health information reaches a
/// vendor only as an agreement in force and a policy allow, and every exchange is on a verifiable record.
#[derive(Debug, Parser)]
#[command(
    name = "chaperon",
    version,
    term_width = 100,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    after_long_help = after_help(),
    after_help = "Examples:
  chaperon demo
  chaperon serve
  chaperon explain agreement-missing

`chaperon --help` says more; `chaperon COMMAND --help` has examples of each."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

fn after_help() -> String {
    format!(
        "Examples:
  chaperon demo
      See it work: a sample engagement, real exchanges, the record and its verification
  chaperon serve
      Serve on 127.0.0.1:8787 with data in ./data
  chaperon engagement add mercy --title 'Discharge letters' --covered-entity mercy-hospital
      Begin an engagement
  chaperon agent list --json
      For programs

{}",
        exit::TABLE
    )
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(Serve),
    Demo(Demo),
    /// The demo's vendor: a small server in a process of its own
    #[command(hide = true)]
    StandIn,
    Check(Check),
    Doctor(Doctor),
    Explain(Explain),
    #[command(subcommand)]
    Engagement(EngagementCommand),
    #[command(subcommand)]
    Vendor(VendorCommand),
    #[command(subcommand)]
    Service(ServiceCommand),
    #[command(subcommand)]
    Pool(PoolCommand),
    #[command(subcommand)]
    Agreement(AgreementCommand),
    #[command(subcommand)]
    Agent(AgentCommand),
    #[command(subcommand)]
    Budget(BudgetCommand),
    #[command(subcommand)]
    Policy(PolicyCommand),
    #[command(subcommand)]
    Terms(TermsCommand),
    #[command(subcommand)]
    Journal(JournalCommand),
    #[command(subcommand)]
    Incident(IncidentCommand),
    Preview(Preview),
    Report(Report),
    Scan(Scan),
    Deidentify(Deidentify),
    Completions(Completions),
    /// Say which version this is
    Version,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
