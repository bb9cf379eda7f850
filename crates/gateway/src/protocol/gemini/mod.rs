//! Google's protocol: the Gemini API's form and Vertex AI's.
//!
//! Both are JSON of protocol buffers: a member may be spelt `systemInstruction` or `system_instruction`, a repeated
//! field may be given as one object, and an enumeration as a word.

mod embed;
mod generate;
mod path;

pub(crate) use embed::{Embed, Predict};
pub(crate) use generate::{Count, Generate};
pub(crate) use path::{address, collection, foreign, is_google, query, target};

use super::json::{Kind, View};
use super::shape::is_named;

/// The value of a member in whichever spelling; `None` where it is absent or `null`.
fn given<'d>(object: View<'d>, field: &str) -> Option<View<'d>> {
    let named = |(key, _): &(View<'d>, View<'d>)| key.string().is_some_and(|name| is_named(field, &name));
    object.members().find(named).map(|(_, value)| value).filter(|value| value.kind() != Kind::Null)
}

/// The values of a repeated field, which may be given as one object.
fn each<'d>(object: View<'d>, field: &str) -> impl Iterator<Item = View<'d>> {
    let value = given(object, field);
    let one = value.filter(|value| value.kind() == Kind::Object);
    value.into_iter().flat_map(View::items).chain(one)
}

/// The model's name in a body: with the collection in front of it that the client wrote.
fn named(sent: &str, model: &str) -> String {
    let collection = if sent.starts_with(PUBLISHED) { PUBLISHED } else { "models/" };
    format!("{collection}{model}")
}

const PUBLISHED: &str = "publishers/google/models/";
