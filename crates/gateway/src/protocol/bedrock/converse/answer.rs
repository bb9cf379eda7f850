//! What of a conversation's answer is structure, and what is read out of it.
//!
//! Source: Amazon Bedrock's API reference, `Converse` and `ConverseStream`.

use super::canonical::bytes;
use crate::protocol::Feature;
use crate::protocol::answer::{AnswerError, Facts, id_of};
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::{Fields, Shape};
use Shape::{Any, As, Blob, Id, Input, List, Object, Opaque, Prose, Signed, Skip};

/// An answer.
pub(crate) static ANSWER: Shape = Object(&[
    ("output", Object(&[("message", As(&MESSAGE))])),
    ("stopReason", Id),
    ("usage", Object(USAGE)),
    ("metrics", Object(METRICS)),
    ("additionalModelResponseFields", Any),
    ("trace", Object(&[("guardrail", Any), ("promptRouter", Any)])),
    ("performanceConfig", Object(&[("latency", Id)])),
    ("serviceTier", Object(&[("type", Id)])),
]);

static MESSAGE: Shape = Object(&[("role", Id), ("content", List(&BLOCK))]);

/// The payload of an event of any type; `p` is padding.
pub(crate) static EVENT: Shape = Object(&[
    ("role", Id),
    ("contentBlockIndex", Skip),
    ("start", As(&START)),
    ("delta", As(&DELTA)),
    ("stopReason", Id),
    ("additionalModelResponseFields", Any),
    ("usage", Object(USAGE)),
    ("metrics", Object(METRICS)),
    ("trace", Object(&[("guardrail", Any), ("promptRouter", Any)])),
    ("performanceConfig", Object(&[("latency", Id)])),
    ("serviceTier", Object(&[("type", Id)])),
    ("p", Id),
]);

static START: Shape = Object(&[
    ("toolUse", Object(&[("toolUseId", Id), ("name", Prose), ("type", Id)])),
    ("toolResult", Object(&[("toolUseId", Id), ("type", Id), ("status", Id)])),
    ("image", Object(&[("format", Id)])),
]);

static DELTA: Shape = Object(&[
    ("text", Prose),
    ("toolUse", Object(&[("input", Prose)])),
    ("reasoningContent", Object(REASONING_DELTA)),
    ("citation", As(&CITATION)),
    ("toolResult", List(&RESULT_BLOCK)),
    ("image", As(&IMAGE)),
]);

static REASONING_DELTA: Fields = &[("text", Signed), ("signature", Opaque), ("redactedContent", Opaque)];

static BLOCK: Shape = Object(&[
    ("text", Prose),
    ("toolUse", Object(&[("toolUseId", Id), ("name", Prose), ("type", Id), ("input", Input)])),
    (
        "toolResult",
        Object(&[("toolUseId", Id), ("type", Id), ("status", Id), ("content", List(&RESULT_BLOCK))]),
    ),
    (
        "reasoningContent",
        Object(&[
            ("reasoningText", Object(&[("text", Signed), ("signature", Opaque)])),
            ("redactedContent", Opaque),
        ]),
    ),
    (
        "citationsContent",
        Object(&[("content", List(&Object(&[("text", Prose)]))), ("citations", List(&CITATION))]),
    ),
    ("image", As(&IMAGE)),
]);

static RESULT_BLOCK: Shape = Object(&[("text", Prose), ("json", Input)]);

static IMAGE: Shape =
    Object(&[("format", Id), ("source", Object(&[("bytes", Blob(Feature::Images))])), ("error", Any)]);

static CITATION: Shape = Object(&[
    ("title", Prose),
    ("source", Prose),
    ("sourceContent", List(&Object(&[("text", Prose)]))),
    ("location", Any),
]);

static USAGE: Fields = &[
    ("inputTokens", Any),
    ("outputTokens", Any),
    ("totalTokens", Any),
    ("cacheReadInputTokens", Any),
    ("cacheWriteInputTokens", Any),
    ("serverToolUsage", Any),
    ("cacheDetails", Any),
];

static METRICS: Fields = &[("latencyMs", Any)];

/// Refuses what is no answer.
pub(crate) fn check(body: View<'_>) -> Result<(), AnswerError> {
    match message(body).and_then(|message| message.get("content")) {
        Some(content) if content.kind() == Kind::Array => Ok(()),
        _ => Err(AnswerError::Shape),
    }
}

fn message(body: View<'_>) -> Option<View<'_>> {
    body.get("output")?.get("message")
}

/// Reads the facts out of an answer, or of an event; what it does not tell stays.
pub(crate) fn facts(body: View<'_>, facts: &mut Facts) {
    id_of(body.get("stopReason"), &mut facts.finish);
    let Some(usage) = body.given("usage") else { return };
    let count = |key| usage.get(key).and_then(View::whole);
    if let Some(fresh) = count("inputTokens") {
        let cached = ["cacheReadInputTokens", "cacheWriteInputTokens"].map(count);
        facts.input_tokens = Some(cached.into_iter().flatten().fold(fresh, u64::saturating_add));
    }
    facts.output_tokens = count("outputTokens").or(facts.output_tokens);
}

/// The canonical bytes of the message.
pub(crate) fn canonical(body: View<'_>) -> Option<Vec<u8>> {
    message(body).map(|message| bytes("assistant", message))
}
