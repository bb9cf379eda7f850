//! Invocations of models whose bodies nobody here has a grammar of.
//!
//! Source: Amazon Bedrock's user guide, inference request parameters and response fields of foundation models.

use super::stream::Stream;
use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::bedrock::converse;
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events};
use crate::protocol::framing::Framing;
use crate::protocol::json::{Kind, View};
use crate::protocol::openai::Chat;
use crate::protocol::shape::Shape;
use crate::protocol::{Feature, Limits, ParseError};
use Shape::{Any, Flag, Free, Object};

/// Bodies that ask for vectors are told by what only they have; all else is content.
static BODY: Shape = Free(
    Feature::Files,
    &Object(&[
        ("texts", Flag(Feature::Embeddings, &Any)),
        ("input_type", Flag(Feature::Embeddings, &Any)),
        ("embedding_types", Flag(Feature::Embeddings, &Any)),
        ("embeddingTypes", Flag(Feature::Embeddings, &Any)),
        ("embeddingConfig", Flag(Feature::Embeddings, &Any)),
        ("dimensions", Flag(Feature::Embeddings, &Any)),
        ("normalize", Flag(Feature::Embeddings, &Any)),
    ]),
);

/// Invocations of any other model.
pub(crate) struct Invoke;

/// Whether the body is in the form of `converse`, as that of Amazon's Nova is.
fn converses(body: View<'_>) -> bool {
    body.get("schemaVersion").is_some() || body.get("inferenceConfig").is_some()
}

impl Dialect for Invoke {
    fn grammar(&self) -> &'static Shape {
        &BODY
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        if body.kind() == Kind::Object { Ok(()) } else { Err(ParseError::Field("body")) }
    }

    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage> {
        match body.get("messages") {
            Some(_) if converses(body) => converse::messages(body),
            Some(_) => Chat.messages(body),
            None => Vec::new(),
        }
    }

    fn streams(&self, _body: View<'_>) -> Result<bool, ParseError> {
        Ok(false)
    }

    /// Those families whose streams are text that goes on from event to event.
    fn can_stream(&self, body: View<'_>) -> bool {
        body.get("messages").is_none() && (body.get("prompt").is_some() || body.get("inputText").is_some())
    }

    /// The form of chat completions, where an answer has it.
    fn answer(&self) -> &'static Shape {
        Chat.answer()
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        if body.kind() == Kind::Object { Ok(()) } else { Err(AnswerError::Shape) }
    }

    fn facts(&self, body: View<'_>, facts: &mut Facts) {
        read(body, facts);
    }

    fn canonical(&self, body: View<'_>) -> Option<Vec<u8>> {
        if body.get("output").is_some() { converse::answered(body) } else { Chat.canonical(body) }
    }

    fn echoes<'d>(&self, body: View<'d>, changed: &[u32]) -> Vec<View<'d>> {
        Chat.echoes(body, changed)
    }

    fn framing(&self) -> Framing {
        Framing::Chunks
    }

    fn events(&self, limits: &Limits) -> Option<Box<dyn Events + Send>> {
        Some(Box::new(Stream::new(limits)))
    }
}

/// Reads what the families tell of lengths.
pub(super) fn read(body: View<'_>, facts: &mut Facts) {
    converse::facts(body, facts);
    if body.get("choices").is_some() {
        Chat.facts(body, facts);
    }
    let count = |key: &str| body.get(key).and_then(View::whole);
    let metrics = body.get("amazon-bedrock-invocationMetrics");
    let metric = |key: &str| metrics.and_then(|metrics| metrics.get(key)).and_then(View::whole);
    let input = metric("inputTokenCount").or(count("inputTextTokenCount")).or(count("prompt_token_count"));
    let output = metric("outputTokenCount").or(count("generation_token_count"));
    facts.input_tokens = input.or(facts.input_tokens);
    facts.output_tokens = output.or(facts.output_tokens);
}
