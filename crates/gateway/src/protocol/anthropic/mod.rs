//! Anthropic's protocol: messages.

mod canonical;
mod grammar;

pub(crate) use canonical::messages;
pub(crate) use grammar::MESSAGES;
