//! Options that commands share.

use std::path::PathBuf;

use clap::Args;
use terms::{EngagementId, UtcMillis};

use crate::config::Overrides;

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Configuration file [default: ./chaperon.toml where it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Data directory [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Answer in JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Global {
    /// What these say of the configuration.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides { file: self.config.clone(), data_dir: self.data_dir.clone(), listen: None }
    }
}

/// A date, or a date and a time of day, in UTC.
pub(super) fn moment(text: &str) -> Result<UtcMillis, &'static str> {
    UtcMillis::parse(text).ok_or("write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ")
}

/// A date, in UTC.
pub(super) fn date(text: &str) -> Result<UtcMillis, &'static str> {
    Some(text).filter(|text| text.len() == 10).and_then(UtcMillis::parse).ok_or("write a date as YYYY-MM-DD")
}

/// Which engagement.
#[derive(Clone, Debug, Args)]
pub(crate) struct Within {
    /// The engagement; may be left out when there is one only
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(crate) engagement: Option<EngagementId>,
}

/// Who says so, and why: kept with the row and in the journal.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "For the record")]
pub(crate) struct Signed {
    /// Who makes the change [default: the user of the operating system]
    #[arg(long, value_name = "NAME")]
    pub(crate) author: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

/// Whether a row may be there already.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Replacing {
    /// Record a new version of one that is there: the whole of it, said again
    #[arg(long)]
    pub(crate) replace: bool,
    /// With `--replace`, let go of what the version before says and this command does not
    #[arg(long, requires = "replace")]
    pub(crate) drop: bool,
}

/// How a row is recorded, and for whom.
#[derive(Clone, Debug, Args)]
pub(crate) struct Entry {
    #[command(flatten)]
    pub(crate) replacing: Replacing,
    #[command(flatten)]
    pub(crate) within: Within,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

/// One row of a register inside an engagement.
#[derive(Clone, Debug, Args)]
pub(crate) struct Named {
    /// Its name
    #[arg(value_name = "NAME")]
    pub(crate) name: terms::Name,
    #[command(flatten)]
    pub(crate) within: Within,
}
