//! Anthropic's protocol.

mod beta;
mod count_tokens;
mod messages;

pub(crate) use beta::{is_beta, is_date};
pub(crate) use count_tokens::CountTokens;
pub(crate) use messages::{ANTHROPIC_TOOL, BETAS, MESSAGES, Messages, THINKING, events};

use super::{Endpoint, Target};

/// What a path asks for.
pub(crate) fn target(path: &str) -> Option<Target> {
    match path {
        "/v1/messages" => Some(Target::of(Endpoint::Messages)),
        "/v1/messages/count_tokens" => Some(Target::of(Endpoint::CountTokens)),
        _ => None,
    }
}
