//! Anthropic's protocol.

mod beta;
mod messages;

pub(crate) use beta::{is_beta, is_date};
pub(crate) use messages::{ANTHROPIC_TOOL, BETAS, MESSAGES, Messages, THINKING, events};

use super::{Endpoint, Protocol, Target};

/// What a path asks for.
pub(crate) fn target(path: &str) -> Option<Target> {
    let (endpoint, _) = Endpoint::ending(Protocol::Anthropic, path.strip_prefix("/v1/")?)?;
    Some(Target::of(endpoint))
}
