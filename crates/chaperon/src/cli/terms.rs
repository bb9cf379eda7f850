//! terms

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use terms::{IdentifierClass, Name, RowVersion};

use super::rows::{EndArgs, ListArgs};
use super::{Signed, Within};

/// Term lists: texts that are no identifiers, and texts that must be found
///
/// An engagement has two: `allow` and `must-find`. What is added is a draft without effect until a second person has
/// reviewed it; what was reviewed before stays in force meanwhile. Texts are sealed, since they may be PHI.
#[derive(Debug, Subcommand)]
pub(crate) enum TermsCommand {
    Add(TermsAdd),
    /// List term lists: kind, state and how many texts, never the texts
    #[command(after_help = "Examples:\n  chaperon terms list")]
    List(ListArgs),
    Show(TermsShow),
    Review(TermsReview),
    /// End a list: nothing of it holds any more
    #[command(after_help = "Examples:\n  chaperon terms end allow --reason 'no longer needed'")]
    End(EndArgs),
}

/// Draft: add texts to a list
///
/// One text a line, from a file or standard input, never an argument. Texts are literal: letter case and the width of
/// blanks do not matter, everything else does.
///
/// An allowed text takes away findings of names and places (with `--class`, of that class; a DATE without digits) that
/// are exactly it, unless a label, a field's name or the conversation says what they are. Numbers and addresses can't
/// be allowed. A text that must be found is found between borders of words, in requests and answers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon terms add --kind allow --from-file scores.txt --reason 'scores named after people'
  chaperon terms add --kind must-find --class OTHER_ID --from-file code-names.txt --workflow trials
  chaperon terms add --kind must-find --class NAME --replace < vips.txt")]
pub(crate) struct TermsAdd {
    /// Which list
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: KindOfList,
    /// File with one text a line [default: standard input]
    #[arg(long, value_name = "FILE")]
    pub(crate) from_file: Option<PathBuf>,
    /// The class of identifier: required for what must be found
    #[arg(long, value_name = "CLASS")]
    pub(crate) class: Option<IdentifierClass>,
    /// The only workflow for which they hold [default: all]
    #[arg(long, value_name = "NAME")]
    pub(crate) workflow: Option<Name>,
    /// The list shall hold these texts and no others
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) within: Within,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

/// Show a list: without `--reveal` never its texts
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon terms show allow --history
  chaperon terms show must-find --reveal --version 3")]
pub(crate) struct TermsShow {
    /// Which list
    #[arg(value_name = "KIND")]
    pub(crate) kind: KindOfList,
    /// Every version
    #[arg(long, conflicts_with = "reveal")]
    pub(crate) history: bool,
    /// Show the texts: they may be PHI
    #[arg(long)]
    pub(crate) reveal: bool,
    /// The version whose texts to show [default: the newest]
    #[arg(long, value_name = "NUMBER", requires = "reveal", value_parser = version)]
    pub(crate) version: Option<RowVersion>,
    #[command(flatten)]
    pub(crate) within: Within,
}

/// Put a draft in force, as another person than its author
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  chaperon terms show allow --reveal
  chaperon terms review allow --version 3 --author 'M. Okafor' --reason 'checked against the formulary'")]
pub(crate) struct TermsReview {
    /// Which list
    #[arg(value_name = "KIND")]
    pub(crate) kind: KindOfList,
    /// The version that was read: it must still be the newest
    #[arg(long, value_name = "NUMBER", value_parser = version)]
    pub(crate) version: RowVersion,
    #[command(flatten)]
    pub(crate) within: Within,
    #[command(flatten)]
    pub(crate) signed: Signed,
}

/// A list of an engagement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindOfList {
    /// texts that are no identifiers
    Allow,
    /// texts that must be found
    MustFind,
}

fn version(text: &str) -> Result<RowVersion, &'static str> {
    text.parse().map(RowVersion).map_err(|_| "write the number of a version")
}
