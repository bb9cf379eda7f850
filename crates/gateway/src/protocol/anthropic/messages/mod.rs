//! `POST /v1/messages`

mod answer;
mod canonical;
mod grammar;
mod stream;

use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events, objects};
use crate::protocol::json::View;
use crate::protocol::shape::Shape;
use crate::protocol::{Limits, ParseError};

/// Messages.
pub(crate) struct Messages;

impl Dialect for Messages {
    fn grammar(&self) -> &'static Shape {
        &grammar::MESSAGES
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        objects(body, "messages")
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        canonical::messages(body)
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
        Some(answer::canonical(body))
    }

    fn events(&self, limits: &Limits) -> Option<Box<dyn Events + Send>> {
        Some(Box::new(stream::Stream::new(limits)))
    }
}
