//! OpenAI's protocol, and Azure's form of its paths.

mod chat;
mod completions;
mod embeddings;
mod path;
mod responses;
mod transcriptions;

pub(crate) use chat::Chat;
pub(crate) use completions::Completions;
pub(crate) use embeddings::Embeddings;
pub(crate) use path::{address, compacts, target};
pub(crate) use responses::Responses;
pub(crate) use transcriptions::Transcriptions;
