//! `POST /v1/completions`: a text in, its continuation out. The answer is a chat completion whose choices hold texts.
//!
//! Source: OpenAI's API reference, create completion (legacy).

use super::chat::{COMPLETION, Stream, check, echoes, facts};
use crate::protocol::answer::{AnswerError, Facts};
use crate::protocol::canonical::CanonicalMessage;
use crate::protocol::dialect::{Dialect, Events, text_or_texts};
use crate::protocol::json::View;
use crate::protocol::shape::Shape;
use crate::protocol::{Limits, ParseError};
use Shape::{Any, Integer, Model, Number, Object, Prose, TokenMap};

/// Completions.
pub(crate) struct Completions;

static REQUEST: Shape = Object(&[
    ("model", Model),
    ("prompt", Prose),
    ("suffix", Prose),
    ("best_of", Number),
    ("echo", Any),
    ("frequency_penalty", Number),
    ("logit_bias", TokenMap),
    ("logprobs", Number),
    ("max_tokens", Number),
    ("n", Number),
    ("presence_penalty", Number),
    ("seed", Integer),
    ("stop", Prose),
    ("stream", Any),
    ("stream_options", Object(&[("include_usage", Any), ("include_obfuscation", Any)])),
    ("temperature", Number),
    ("top_p", Number),
    ("user", Any),
    // not of this endpoint, but settings of many servers that speak the protocol
    ("top_k", Number),
    ("min_p", Number),
    ("min_tokens", Number),
    ("repetition_penalty", Number),
    ("length_penalty", Number),
]);

impl Dialect for Completions {
    fn grammar(&self) -> &'static Shape {
        &REQUEST
    }

    fn check(&self, body: View<'_>) -> Result<(), ParseError> {
        text_or_texts(body, "prompt")
    }

    fn messages(&self, _body: View<'_>) -> Vec<CanonicalMessage> {
        Vec::new()
    }

    fn answer(&self) -> &'static Shape {
        &COMPLETION
    }

    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError> {
        check(body)
    }

    fn facts(&self, body: View<'_>, into: &mut Facts) {
        facts(body, into);
    }

    fn echoes<'d>(&self, body: View<'d>, changed: &[u32]) -> Vec<View<'d>> {
        echoes(body, changed)
    }

    fn events(&self, limits: &Limits) -> Option<Box<dyn Events + Send>> {
        Some(Box::new(Stream::of_texts(limits)))
    }
}
