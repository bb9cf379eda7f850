//! `POST /v1/responses`

mod answer;
mod canonical;
mod grammar;
mod items;
mod stream;
mod tools;

use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events, objects};
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::Shape;
use crate::protocol::{Limits, ParseError};

/// Responses.
pub(crate) struct Responses;

impl Dialect for Responses {
    fn grammar(&self) -> &'static Shape {
        &grammar::RESPONSES
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        match body.given("input") {
            // what the vendor keeps may be the whole of it
            None if KEPT.iter().any(|kept| body.given(kept).is_some()) => Ok(()),
            Some(text) if text.kind() == Kind::String => Ok(()),
            _ => objects(body, "input"),
        }
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        canonical::messages(body)
    }

    fn has_store(&self) -> bool {
        true
    }

    fn answer(&self) -> &'static Shape {
        &answer::RESPONSE
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        answer::check(body)
    }

    fn facts(&self, body: View<'_>, facts: &mut Facts) {
        answer::facts(body, facts);
    }

    fn canonical(&self, body: View<'_>) -> Option<Vec<u8>> {
        canonical::answer(body.get("output").into_iter().flat_map(View::items))
    }

    fn echoes<'d>(&self, body: View<'d>, changed: &[u32]) -> Vec<View<'d>> {
        answer::echoes(body, changed)
    }

    fn repeats(&self) -> bool {
        true
    }

    fn events(&self, limits: &Limits) -> Option<Box<dyn Events + Send>> {
        Some(Box::new(stream::Stream::new(limits)))
    }
}

/// Members by which a request goes on with what the vendor keeps.
const KEPT: [&str; 3] = ["prompt", "previous_response_id", "conversation"];
