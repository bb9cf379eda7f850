//! Anthropic's protocol: messages.

mod answer;
mod canonical;
mod grammar;
mod stream;

pub(crate) use answer::{ANSWER, canonical, check, facts};
pub(crate) use canonical::messages;
pub(crate) use grammar::MESSAGES;
pub(crate) use stream::Stream;
