//! `POST /model/{model}/count-tokens`: how long a request of another kind is. No answer goes on from it.

use super::converse::{CONVERSE, messages};
use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::Dialect;
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::Shape;
use crate::protocol::{Feature, ParseError};
use Shape::{Any, As, Blob, Free, Object};

/// What is counted is a request of `converse`, or one of `invoke` in base64, which can't be scanned.
static COUNT: Shape = Free(
    Feature::Files,
    &Object(&[(
        "input",
        Object(&[("converse", As(&CONVERSE)), ("invokeModel", Object(&[("body", Blob(Feature::Files))]))]),
    )]),
);

static COUNTED: Shape = Object(&[("inputTokens", Any)]);

/// Counts of tokens.
pub(crate) struct CountTokens;

impl Dialect for CountTokens {
    fn grammar(&self) -> &'static Shape {
        &COUNT
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        match body.get("input") {
            Some(input) if input.kind() == Kind::Object => Ok(()),
            _ => Err(ParseError::Field("input")),
        }
    }

    /// Of the conversation that is counted, so that it is counted with the surrogates that it has.
    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        body.get("input").and_then(|input| input.get("converse")).map(messages).unwrap_or_default()
    }

    fn streams(&self, _body: View<'_>) -> Result<bool, ParseError> {
        Ok(false)
    }

    fn is_written(&self) -> bool {
        false
    }

    fn answer(&self) -> &'static Shape {
        &COUNTED
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        body.get("inputTokens").and_then(View::whole).map(drop).ok_or(AnswerError::Shape)
    }

    fn facts(&self, _body: View<'_>, facts: &mut Facts) {
        // counted, not used
        (facts.input_tokens, facts.output_tokens) = (Some(0), Some(0));
    }
}
