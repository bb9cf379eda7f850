//! OpenAI's protocol, and Azure's form of its paths.

mod chat;
mod path;
mod responses;

pub(crate) use chat::Chat;
pub(crate) use path::{address, target};
pub(crate) use responses::Responses;
