//! Exit codes, which scripts hold on to: they never change their meaning.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or the answer is yes.
    Ok = 0,
    /// Refused, or the answer is no.
    Refused = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The journal's tail is not proven by a checkpoint yet.
    Unproven = 3,
    /// The journal was tampered with.
    Tampered = 4,
    /// A server can't be reached, or another process holds the data directory.
    Unreachable = 5,
    /// The configuration is wrong.
    Config = 6,
    /// Files, keys or the database can't be read or written.
    Failed = 7,
    /// Some of what was asked for is done, and some could not be.
    Partly = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What `--help` says of exit codes.
pub(crate) const TABLE: &str = "\
Exit codes:
  0  done, or the answer is yes
  1  refused, or the answer is no
  2  the command line is wrong
  3  the journal's tail is not proven by a checkpoint yet
  4  the journal was tampered with
  5  a server can't be reached, or another process holds the data directory
  6  the configuration is wrong
  7  files, keys or the database can't be read or written
  8  some of it is done and some could not be";
