//! What of a chat completion is structure, and what is read out of it.
//!
//! Source: OpenAI's API reference, the chat completion object and the chat completion chunk object.

use super::canonical::bytes;
use crate::protocol::Feature;
use crate::protocol::answer::{AnswerError, Facts, id_of, model_of};
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::Shape;
use Shape::{Any, As, Blob, Echo, Either, Id, Json, List, Object, Prose, Skip, Tagged};

/// A chat completion, or a chunk of one.
pub(crate) static COMPLETION: Shape = Object(&[
    ("id", Id),
    ("object", Id),
    ("created", Skip),
    ("model", Id),
    ("system_fingerprint", Id),
    ("service_tier", Id),
    ("obfuscation", Id),
    ("usage", Any),
    ("choices", List(&CHOICE)),
]);

/// The probabilities spell the text out again; they are dropped where the text is changed.
static CHOICE: Shape = Object(&[
    ("index", Skip),
    ("finish_reason", Id),
    ("logprobs", Echo),
    ("text", Prose),
    ("message", As(&MESSAGE)),
    ("delta", As(&MESSAGE)),
]);

static MESSAGE: Shape = Object(&[
    ("role", Id),
    ("content", Either { string: &Prose, list: &List(&PART), object: &Any }),
    ("refusal", Prose),
    ("reasoning_content", Prose),
    ("reasoning", Prose),
    ("annotations", Any),
    ("audio", Object(&[("id", Id), ("data", Blob(Feature::Audio)), ("transcript", Prose)])),
    ("tool_calls", List(&CALL)),
    ("function_call", As(&FUNCTION)),
]);

static PART: Shape = Tagged("type", &[(&["text"], Object(&[("text", Prose)]))], &Any);

static FUNCTION: Shape = Object(&[("name", Prose), ("arguments", Json)]);

static CALL: Shape = Object(&[
    ("index", Skip),
    ("id", Id),
    ("type", Id),
    ("function", As(&FUNCTION)),
    ("custom", Object(&[("name", Prose), ("input", Prose)])),
]);

/// Refuses what is no chat completion.
pub(crate) fn check(body: View<'_>) -> Result<(), AnswerError> {
    match body.get("choices") {
        Some(choices) if choices.kind() == Kind::Array => Ok(()),
        _ => Err(AnswerError::Shape),
    }
}

/// Reads the facts out of a completion or a chunk; what it does not tell stays as it was.
pub(crate) fn facts(body: View<'_>, facts: &mut Facts) {
    model_of(body.get("model"), &mut facts.model);
    for choice in body.get("choices").into_iter().flat_map(View::items).take(1) {
        id_of(choice.get("finish_reason"), &mut facts.finish);
    }
    usage(body, facts);
}

/// Reads what an answer used: by the names of chat completions, or by those of younger endpoints.
pub(crate) fn usage(body: View<'_>, facts: &mut Facts) {
    let Some(usage) = body.given("usage") else { return };
    let count = |one: &str, other: &str| usage.get(one).or_else(|| usage.get(other)).and_then(View::whole);
    facts.input_tokens = count("prompt_tokens", "input_tokens").or(facts.input_tokens);
    facts.output_tokens = count("completion_tokens", "output_tokens").or(facts.output_tokens);
}

/// The canonical bytes of the first choice.
pub(crate) fn canonical(body: View<'_>) -> Option<Vec<u8>> {
    let choice = body.get("choices")?.items().next()?;
    Some(bytes("assistant", choice.get("message")?))
}

/// Nodes that say again what the nodes at `changed` (ascending) say: the probabilities of their choices.
pub(crate) fn echoes<'d>(body: View<'d>, changed: &[u32]) -> Vec<View<'d>> {
    let choices = body.get("choices").into_iter().flat_map(View::items);
    let touched = |choice: &View<'_>| {
        let first = changed.partition_point(|node| *node < choice.index());
        changed.get(first).is_some_and(|node| *node < choice.node().next)
    };
    choices.filter(touched).filter_map(|choice| choice.given("logprobs")).collect()
}
