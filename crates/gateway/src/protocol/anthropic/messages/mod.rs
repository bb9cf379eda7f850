//! `POST /v1/messages`

mod answer;
mod canonical;
mod grammar;
mod stream;

use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events, objects};
use crate::protocol::framing::Framing;
use crate::protocol::json::View;
use crate::protocol::shape::Shape;
use crate::protocol::{Limits, ParseError};

pub(crate) use grammar::{BETAS, MESSAGES, THINKING, TOOL as ANTHROPIC_TOOL};

/// Messages.
pub(crate) struct Messages;

impl Dialect for Messages {
    fn grammar(&self) -> &'static Shape {
        &MESSAGES
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
        Some(events(limits, Framing::Sse))
    }
}

/// The state of a streamed message, however it is framed.
pub(crate) fn events(limits: &Limits, framing: Framing) -> Box<dyn Events + Send> {
    Box::new(stream::Stream::new(limits, framing))
}
