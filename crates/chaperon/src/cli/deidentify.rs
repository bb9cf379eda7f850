//! deidentify

use std::num::NonZero;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use policy::Treatments;
use structure::Format;
use terms::{EngagementId, Name};

use crate::config::Sureness;

/// Write files, folders or standard input again without the identifiers in them
///
/// Folders are read without following links and written under the same names; nothing is changed in place. A file
/// that can't be done is named, and the others go on. What was interrupted goes on where it was, when it is asked for
/// again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon deidentify notes/ --out clean/
  pbpaste | chaperon deidentify
  chaperon deidentify notes/ --out clean/ --treat 'DATE=shift,NAME=surrogate,*=redact'
  chaperon deidentify notes/ --out clean/ --review review/
  chaperon deidentify notes/ --out clean/ --engagement mercy --operating-point recall

Exit codes: 0 all is done; 8 some files could not be done or were left out, the others are done; otherwise as everywhere")]
pub(crate) struct Deidentify {
    /// Files or folders; `-` or none is standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Where to write; may be left out for standard input or a single file, which goes to standard output
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// What is done to findings, by class: a list such as `NAME=redact,DATE=shift,*=redact`
    #[arg(long, value_name = "LIST", default_value = "*=redact", value_parser = Treatments::parse)]
    pub(crate) treat: Treatments,
    /// The format of everything that is read [default: told by names and first bytes]
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub(crate) format: Option<Format>,
    /// What columns and paths hold: a file with `[columns]` and `[paths]`, each name a class, `text` or `plain`
    #[arg(long, value_name = "FILE")]
    pub(crate) columns: Option<PathBuf>,
    /// How sure the trained tagger must be
    #[arg(long, value_name = "POINT", default_value = "balanced")]
    pub(crate) operating_point: Sureness,
    /// Apply the term lists in force in this engagement, and put the run on its record
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(crate) engagement: Option<EngagementId>,
    /// With the texts of this workflow among them
    #[arg(long, value_name = "NAME", requires = "engagement")]
    pub(crate) workflow: Option<Name>,
    /// Surrogates and shifts of dates that are the same within a file only: each file is a person of its own
    #[arg(long)]
    pub(crate) per_file: bool,
    /// Write a page for each file there, before and after side by side, with what was found: pages hold PHI
    #[arg(long, value_name = "DIR", requires = "out")]
    pub(crate) review: Option<PathBuf>,
    /// How many files are worked on side by side [default: one for each core]
    #[arg(long, short = 'j', value_name = "NUMBER")]
    pub(crate) jobs: Option<NonZero<usize>>,
    /// Show no progress; it is shown on a terminal only, on standard error
    #[arg(long, short = 'q')]
    pub(crate) quiet: bool,
}

fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str)).try_map(|name| name.parse())
}
