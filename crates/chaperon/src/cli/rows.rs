//! What every register's noun can do with its rows: list, show, end.

use std::convert::Infallible;
use std::fmt::Debug;
use std::marker::PhantomData;

use clap::{Args, Subcommand};

use super::{Named, Signed, Within};

/// The words of one noun.
pub(crate) trait Noun: Debug {
    /// The noun, as the command line has it.
    const NOUN: &'static str;
    /// One of them: `a vendor`.
    const ONE: &'static str;
    /// The name of a row, in examples.
    const EXAMPLE: &'static str;
    /// What ending one does.
    const END: &'static str;
    /// Why one ends, in the example.
    const WHY: &'static str;
}

/// What is done with rows of the noun `N`.
#[derive(Debug, Subcommand)]
pub(crate) enum RowCommand<N: Noun> {
    #[command(about = format!("List {}s", N::NOUN), after_help = format!("Examples:\n  chaperon {} list", N::NOUN))]
    List(ListArgs),
    #[command(
        about = format!("Show {}", N::ONE),
        after_help = format!("Examples:\n  chaperon {} show {} --history", N::NOUN, N::EXAMPLE)
    )]
    Show(ShowArgs),
    #[command(
        about = N::END,
        after_help = format!("Examples:\n  chaperon {} end {} --reason '{}'", N::NOUN, N::EXAMPLE, N::WHY)
    )]
    End(EndArgs),
    #[command(skip)]
    #[expect(dead_code, reason = "never made: it binds the words to the type")]
    Words(Infallible, PhantomData<N>),
}

/// Which rows to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) within: Within,
    /// Ended ones too
    #[arg(long)]
    pub(crate) all: bool,
}

/// Which row to show.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) named: Named,
    /// Every version
    #[arg(long)]
    pub(crate) history: bool,
}

/// Which row to end.
#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    #[command(flatten)]
    pub(crate) named: Named,
    #[command(flatten)]
    pub(crate) signed: Signed,
}
