//! `POST /v1/messages/count_tokens`: a whole request of messages in, its length out.
//!
//! Source: Anthropic's API reference, count tokens in a message.

use super::Messages;
use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events};
use crate::protocol::json::View;
use crate::protocol::shape::Shape;
use crate::protocol::{Limits, ParseError};

/// Counting of tokens. It sees what a request for an answer would: the same surrogates of the same conversation.
pub(crate) struct CountTokens;

static ANSWER: Shape = Shape::Object(&[("input_tokens", Shape::Skip)]);

impl Dialect for CountTokens {
    fn grammar(&self) -> &'static Shape {
        Messages.grammar()
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

    fn is_written(&self) -> bool {
        false
    }

    fn answer(&self) -> &'static Shape {
        &ANSWER
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        body.get("input_tokens").and_then(View::whole).map(drop).ok_or(AnswerError::Shape)
    }

    fn facts(&self, _body: View<'_>, facts: &mut Facts) {
        // counted, not used
        (facts.input_tokens, facts.output_tokens) = (Some(0), Some(0));
    }

    fn canonical(&self, _body: View<'_>) -> Option<Vec<u8>> {
        None
    }

    fn events(&self, _limits: &Limits) -> Option<Box<dyn Events + Send>> {
        None
    }
}
