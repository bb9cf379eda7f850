//! `models.generateContent`, `models.streamGenerateContent` and `models.countTokens`.

mod answer;
mod canonical;
mod grammar;
mod media;
mod schema;
mod stream;
mod tools;

pub(super) use grammar::CONTENT;

use super::{each, given, named};
use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events};
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::Shape;
use crate::protocol::{Limits, ParseError};

/// A model's answer, plain and streamed.
pub(crate) struct Generate;

impl Dialect for Generate {
    fn grammar(&self) -> &'static Shape {
        &grammar::GENERATE
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        contents(body)?;
        one_model(body)
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        canonical::messages(body)
    }

    fn named(&self, sent: &str, model: &str) -> String {
        named(sent, model)
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

    fn echoes<'d>(&self, body: View<'d>, changed: &[u32]) -> Vec<View<'d>> {
        answer::echoes(body, changed)
    }

    fn events(&self, limits: &Limits) -> Option<Box<dyn Events + Send>> {
        Some(Box::new(stream::Stream::new(limits)))
    }
}

/// How many tokens a request would take. It is sent as it would be to have it answered, surrogates and all.
pub(crate) struct Count;

impl Dialect for Count {
    fn grammar(&self) -> &'static Shape {
        &grammar::COUNT
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        match given(body, "generateContentRequest") {
            Some(inner) => {
                contents(inner)?;
                one_model(inner)
            }
            None => contents(body),
        }?;
        one_model(body)
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        canonical::messages(given(body, "generateContentRequest").unwrap_or(body))
    }

    fn named(&self, sent: &str, model: &str) -> String {
        named(sent, model)
    }

    fn is_written(&self) -> bool {
        false
    }

    fn answer(&self) -> &'static Shape {
        &answer::COUNTED
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        body.get("totalTokens").map(drop).ok_or(AnswerError::Shape)
    }

    fn facts(&self, _body: View<'_>, facts: &mut Facts) {
        // counted, not used
        (facts.input_tokens, facts.output_tokens) = (Some(0), Some(0));
    }
}

/// Refuses a body without messages.
fn contents(body: View<'_>) -> Result<(), ParseError> {
    let missing = ParseError::Field("contents");
    let list = given(body, "contents").ok_or(missing)?;
    let fits = matches!(list.kind(), Kind::Array | Kind::Object);
    if fits && list.items().all(|one| one.kind() == Kind::Object) { Ok(()) } else { Err(missing) }
}

/// Refuses a body that has the vendor choose the model.
fn one_model(body: View<'_>) -> Result<(), ParseError> {
    let config = given(body, "generationConfig");
    for field in ["routingConfig", "modelConfig", "modelSelectionConfig"] {
        if config.is_some_and(|config| given(config, field).is_some()) {
            return Err(ParseError::OtherModel(field));
        }
    }
    Ok(())
}
