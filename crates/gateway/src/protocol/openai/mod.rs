//! OpenAI's protocol: chat completions.

mod canonical;
mod grammar;

pub(crate) use canonical::messages;
pub(crate) use grammar::{CHAT, SCHEMA};
