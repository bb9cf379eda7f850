//! The admin socket: how commands reach a running server.
//!
//! A Unix socket in the data directory that only the server's own user may open. One connection carries lines of
//! JSON: a request is an [`crate::operations::Operation`], the answer to it `{"ok": …}` or `{"failed": …}`.
//! No line is longer than [`LINE`].

mod client;
mod server;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::operations::Answer;

pub(crate) use client::Client;
pub(crate) use server::{Bound, Handler};

/// The longest line that is read: a policy text with its escapes fits.
const LINE: u64 = 4 << 20;

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reply {
    Ok(Answer),
    Failed(Failure),
}

#[cfg(test)]
mod tests;
