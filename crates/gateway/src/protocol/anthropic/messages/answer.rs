//! What of a message that a model wrote is structure, and what is read out of it.
//!
//! Source: Anthropic's API reference, the message object and the events of a stream of one.

use super::canonical::bytes;
use crate::protocol::answer::{AnswerError, Facts, id_of, model_of};
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::{Fields, Shape};
use Shape::{Any, As, Either, Id, Input, List, Object, Opaque, Prose, Signed, Skip, Tagged};

/// A message.
pub(crate) static ANSWER: Shape = Object(&[
    ("id", Id),
    ("type", Id),
    ("role", Id),
    ("model", Id),
    ("content", List(&BLOCK)),
    ("stop_reason", Id),
    ("stop_sequence", Prose),
    ("usage", Any),
]);

/// An event of a stream.
pub(crate) static EVENT: Shape = Object(&[
    ("type", Id),
    ("index", Skip),
    ("message", As(&ANSWER)),
    ("content_block", As(&BLOCK)),
    ("delta", As(&DELTA)),
    ("usage", Any),
]);

static DELTA: Shape = Object(&[
    ("type", Id),
    ("text", Prose),
    ("citation", As(&CITATION)),
    ("signature", Opaque),
    ("stop_reason", Id),
    ("stop_sequence", Prose),
]);

static BLOCK: Shape = Tagged(
    "type",
    &[
        (&["text"], Object(&[("text", Prose), ("citations", List(&CITATION))])),
        (&["tool_use", "server_tool_use", "mcp_tool_use"], Object(TOOL_USE)),
        (&["thinking"], Object(&[("thinking", Signed), ("signature", Opaque)])),
        (&["redacted_thinking"], Object(&[("data", Opaque)])),
        (
            &["web_search_tool_result"],
            Object(&[
                ("tool_use_id", Id),
                ("content", Either { string: &Prose, list: &List(&WEB_RESULT), object: &Any }),
            ]),
        ),
    ],
    &Any,
);

static TOOL_USE: Fields = &[("id", Id), ("name", Prose), ("server_name", Prose), ("input", Input)];

static WEB_RESULT: Shape = Object(&[
    ("type", Id),
    ("url", Prose),
    ("title", Prose),
    ("encrypted_content", Opaque),
    ("page_age", Prose),
]);

static CITATION: Shape = Object(&[
    ("type", Id),
    ("cited_text", Prose),
    ("document_title", Prose),
    ("title", Prose),
    ("url", Prose),
    ("source", Prose),
    ("file_id", Id),
    ("encrypted_index", Opaque),
]);

/// Refuses what is no message.
pub(crate) fn check(body: View<'_>) -> Result<(), AnswerError> {
    match body.get("content") {
        Some(content) if content.kind() == Kind::Array => Ok(()),
        _ => Err(AnswerError::Shape),
    }
}

/// Reads the facts out of a message, or of an event that holds a part of one; what it does not tell stays.
pub(crate) fn facts(body: View<'_>, facts: &mut Facts) {
    model_of(body.get("model"), &mut facts.model);
    id_of(body.get("stop_reason"), &mut facts.finish);
    let Some(usage) = body.given("usage") else { return };
    let count = |key| usage.get(key).and_then(View::whole);
    if let Some(fresh) = count("input_tokens") {
        let cached = ["cache_creation_input_tokens", "cache_read_input_tokens"].map(count);
        facts.input_tokens = Some(cached.into_iter().flatten().fold(fresh, u64::saturating_add));
    }
    facts.output_tokens = count("output_tokens").or(facts.output_tokens);
}

/// The canonical bytes of the message.
pub(crate) fn canonical(body: View<'_>) -> Vec<u8> {
    bytes("assistant", body)
}
