//! OpenAI's protocol: chat completions.

mod answer;
mod canonical;
mod grammar;
mod stream;

pub(crate) use answer::{COMPLETION, canonical, check, echoes, facts};
pub(crate) use canonical::messages;
pub(crate) use grammar::{CHAT, SCHEMA};
pub(crate) use stream::Stream;
