//! `POST /v1/embeddings`: texts in, vectors out.
//!
//! A vector brings no surrogate back, so that policy has the class written where an identifier stood. Arrays of token
//! numbers are texts that only a tokenizer can read, and are refused.
//!
//! Source: OpenAI's API reference, create embeddings.

use super::chat::usage;
use crate::protocol::answer::{AnswerError, Facts, model_of};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, text_or_texts};
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::Shape;
use crate::protocol::{Feature, ParseError};
use Shape::{Any, Blob, Bound, Either, Flag, Id, List, Model, Number, Object, Prose, Skip, Word};

/// Embeddings.
pub(crate) struct Embeddings;

static REQUEST: Shape = Flag(
    Feature::Embeddings,
    &Object(&[
        ("model", Model),
        ("input", Prose),
        ("encoding_format", Word(&["float", "base64"])),
        ("dimensions", Number),
        ("user", Any),
    ]),
);

static ANSWER: Shape = Object(&[("object", Id), ("model", Id), ("data", List(&ITEM)), ("usage", Any)]);

static ITEM: Shape = Object(&[
    ("object", Id),
    ("index", Skip),
    ("embedding", Either { string: &Blob(Feature::Embeddings), list: &List(&Bound), object: &Any }),
]);

impl Dialect for Embeddings {
    fn grammar(&self) -> &'static Shape {
        &REQUEST
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        text_or_texts(body, "input")
    }

    fn messages(&self, _body: View<'_>) -> Vec<CanonicalMessage> {
        Vec::new()
    }

    fn streams(&self, _body: View<'_>) -> Result<bool, ParseError> {
        Ok(false)
    }

    fn answers_in_text(&self) -> bool {
        false
    }

    fn answer(&self) -> &'static Shape {
        &ANSWER
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        let data = body.get("data").filter(|data| data.kind() == Kind::Array);
        data.map(drop).ok_or(AnswerError::Shape)
    }

    fn facts(&self, body: View<'_>, facts: &mut Facts) {
        model_of(body.get("model"), &mut facts.model);
        usage(body, facts);
    }
}
