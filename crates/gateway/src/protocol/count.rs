//! Counting of tokens: a whole request of another endpoint in, its length out.
//!
//! Source: Anthropic's API reference, count tokens in a message; OpenAI's, get input token counts.

use super::ParseError;
use super::answer::{AnswerError, Facts};
use super::canonical::CanonicalMessage;
use super::dialect::Dialect;
use super::json::View;
use super::shape::Shape;

/// Counting of the tokens of another endpoint's requests. It sees what a request for an answer would: the same surrogates
/// of the same conversation.
pub(crate) struct Count(pub(crate) &'static dyn Dialect);

static ANSWER: Shape = Shape::Object(&[("object", Shape::Id), ("input_tokens", Shape::Skip)]);

impl Dialect for Count {
    fn grammar(&self) -> &'static Shape {
        self.0.grammar()
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        self.0.check(body)
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        self.0.messages(body)
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
}
