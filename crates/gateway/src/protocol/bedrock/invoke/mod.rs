//! `POST /model/{model}/invoke` and `/invoke-with-response-stream`
//!
//! The body is the model's own. Anthropic's says `anthropic_version`, and is a messages request; of any other family
//! every string is content, and what looks like encoded bytes counts as a file.

mod other;
mod stream;

pub(crate) use other::Invoke;

use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::anthropic::{MESSAGES, Messages, events};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events};
use crate::protocol::framing::Framing;
use crate::protocol::json::View;
use crate::protocol::shape::Shape;
use crate::protocol::{Feature, Limits, ParseError};

/// Invocations of Anthropic's models.
pub(crate) struct InvokeMessages;

static BODY: Shape = Shape::Free(Feature::Files, &Shape::As(&MESSAGES));

impl Dialect for InvokeMessages {
    fn grammar(&self) -> &'static Shape {
        &BODY
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        Messages.check(body)
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        Messages.messages(body)
    }

    fn streams(&self, _body: View<'_>) -> Result<bool, ParseError> {
        Ok(false)
    }

    fn answer(&self) -> &'static Shape {
        Messages.answer()
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        Messages.check_answer(body)
    }

    fn facts(&self, body: View<'_>, facts: &mut Facts) {
        Messages.facts(body, facts);
    }

    fn canonical(&self, body: View<'_>) -> Option<Vec<u8>> {
        Messages.canonical(body)
    }

    fn framing(&self) -> Framing {
        Framing::Chunks
    }

    fn events(&self, limits: &Limits) -> Option<Box<dyn Events + Send>> {
        Some(events(limits, Framing::Chunks))
    }
}
