//! Anthropic's protocol.

mod messages;

pub(crate) use messages::Messages;

use super::{Endpoint, Target};

/// What a path asks for.
pub(crate) fn target(path: &str) -> Option<Target> {
    match path {
        "/v1/messages" => Some(Target::of(Endpoint::Messages)),
        _ => None,
    }
}
