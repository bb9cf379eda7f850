//! scan

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use terms::{EngagementId, Name};

use crate::config::Sureness;

/// Find identifiers in a file, a folder or standard input
///
/// Shows where and which, never the value unless asked. FHIR, HL7 v2, C-CDA, CSV, JSON and headers of DICOM are read by
/// element, and findings say which. Folders are read without following links; files that are not text are named and left
/// out.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon scan letter.txt
  chaperon scan notes/ --fail-on-findings
  pbpaste | chaperon scan
  chaperon scan letter.txt --engagement mercy --workflow letters
  chaperon scan letter.txt --tells
  chaperon scan corpus.jsonl --format spans > predictions.jsonl
      For each line with `id` and `text`: {\"id\",\"spans\":[{\"start\",\"end\",\"label\"}]}, in code points
  chaperon scan corpora/ --format spans --out predictions/
      A file for each `*.jsonl` of the folder, and beside it how long it took")]
pub(crate) struct Scan {
    /// Files or folders; `-` or none is standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// How to write what was found
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ScanFormat,
    /// Write the labelled spans of each file to a file of its name in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Show what the text tells of health instead: diagnoses, drugs, results, insurance, appointments
    #[arg(long, conflicts_with_all = ["format", "engagement", "operating_point"])]
    pub(crate) tells: bool,
    /// Show the values too: they are PHI
    #[arg(long)]
    pub(crate) show_values: bool,
    /// Leave out findings of less confidence, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) at_least: u8,
    /// How sure the trained tagger must be
    #[arg(long, value_name = "POINT", default_value = "balanced")]
    pub(crate) operating_point: Sureness,
    /// Apply the term lists that are in force in this engagement
    #[arg(long, short = 'e', value_name = "NAME")]
    pub(crate) engagement: Option<EngagementId>,
    /// With the texts of this workflow among them
    #[arg(long, value_name = "NAME", requires = "engagement")]
    pub(crate) workflow: Option<Name>,
    /// End with 1 when anything was found, with 8 when nothing was but something was left out
    #[arg(long)]
    pub(crate) fail_on_findings: bool,
    /// Whether to colour the table; `auto` asks the terminal, `NO_COLOR` and `CLICOLOR_FORCE`
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorArg,
    /// Show no progress; it is shown on a terminal only, on standard error
    #[arg(long, short = 'q')]
    pub(crate) quiet: bool,
}

impl ValueEnum for Sureness {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Recall, Self::Balanced, Self::Precision, Self::Rules]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Recall => ("recall", "rather one finding too many"),
            Self::Balanced => ("balanced", "as sure as not"),
            Self::Precision => ("precision", "rather one too few"),
            Self::Rules => ("rules", "the rules alone"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal that shows colours
    Auto,
    /// Whatever standard output is
    Always,
    /// Not at all
    Never,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For people; with `--json`, one object a finding
    Table,
    /// Labelled spans for each line of a `*.jsonl` file, to be measured
    Spans,
}
