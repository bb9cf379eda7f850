//! `POST /v1/chat/completions`

mod answer;
mod canonical;
mod grammar;
mod stream;

pub(super) use answer::{COMPLETION, check, echoes, facts, usage};
pub(super) use stream::Stream;

use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events, objects};
use crate::protocol::json::View;
use crate::protocol::shape::Shape;
use crate::protocol::{Limits, ParseError};

/// Chat completions.
pub(crate) struct Chat;

impl Dialect for Chat {
    fn grammar(&self) -> &'static Shape {
        &grammar::CHAT
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        objects(body, "messages")
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        canonical::messages(body)
    }

    fn has_store(&self) -> bool {
        true
    }

    fn answer(&self) -> &'static Shape {
        &answer::COMPLETION
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

    fn echoes<'d>(&self, body: View<'d>, changed: &[u32]) -> Vec<View<'d>> {
        answer::echoes(body, changed)
    }

    fn events(&self, limits: &Limits) -> Option<Box<dyn Events + Send>> {
        Some(Box::new(stream::Stream::new(limits)))
    }
}
