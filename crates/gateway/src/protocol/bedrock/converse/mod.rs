//! `POST /model/{model}/converse` and `/converse-stream`

mod answer;
mod canonical;
mod grammar;
mod stream;

pub(super) use answer::{canonical as answered, facts};
pub(super) use canonical::messages;
pub(super) use grammar::CONVERSE;

use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events, objects};
use crate::protocol::framing::Framing;
use crate::protocol::json::View;
use crate::protocol::shape::Shape;
use crate::protocol::{Limits, ParseError};

/// Conversations.
pub(crate) struct Converse;

impl Dialect for Converse {
    fn grammar(&self) -> &'static Shape {
        &CONVERSE
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        // a stored prompt has the messages
        if body.get("messages").is_none() && body.get("promptVariables").is_some() {
            return Ok(());
        }
        objects(body, "messages")
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        messages(body)
    }

    fn streams(&self, _body: View<'_>) -> Result<bool, ParseError> {
        Ok(false)
    }

    fn answer(&self) -> &'static Shape {
        &answer::ANSWER
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        answer::check(body)
    }

    fn facts(&self, body: View<'_>, facts: &mut Facts) {
        answer::facts(body, facts);
    }

    fn canonical(&self, body: View<'_>) -> Option<Vec<u8>> {
        answer::canonical(body)
    }

    fn framing(&self) -> Framing {
        Framing::Frames
    }

    fn events(&self, limits: &Limits) -> Option<Box<dyn Events + Send>> {
        Some(Box::new(stream::Stream::new(limits)))
    }
}
