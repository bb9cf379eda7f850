//! What of a response is structure, and what is read out of it.
//!
//! Source: OpenAI's API reference, the response object and the events of a stream of one.

use crate::protocol::Feature;
use crate::protocol::answer::{AnswerError, Facts, id_of, model_of};
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::{Fields, Shape};
use Shape::{Any, As, Blob, Echo, Either, Id, Json, List, Object, Opaque, Prose, Skip, Tagged};

/// A response. What it repeats of the request is content as it was there.
pub(crate) static RESPONSE: Shape = Object(&[
    ("id", Id),
    ("object", Id),
    ("created_at", Skip),
    ("completed_at", Skip),
    ("status", Id),
    ("model", Id),
    ("service_tier", Id),
    ("truncation", Id),
    ("previous_response_id", Id),
    ("instructions", Either { string: &Prose, list: &List(&ITEM), object: &Any }),
    ("output", List(&ITEM)),
    ("output_text", Prose),
    ("usage", Any),
]);

/// An event of a stream.
pub(crate) static EVENT: Shape =
    Tagged("type", &[(&["response.audio.delta"], Object(AUDIO))], &Object(EVENT_FIELDS));

static AUDIO: Fields =
    &[("sequence_number", Skip), ("response_id", Id), ("delta", Blob(Feature::Audio)), ("obfuscation", Id)];

static EVENT_FIELDS: Fields = &[
    ("type", Id),
    ("sequence_number", Skip),
    ("output_index", Skip),
    ("content_index", Skip),
    ("summary_index", Skip),
    ("annotation_index", Skip),
    ("command_index", Skip),
    ("partial_image_index", Skip),
    ("item_id", Id),
    ("obfuscation", Id),
    ("delta", Either { string: &Prose, list: &Any, object: &Any }),
    ("text", Prose),
    ("refusal", Prose),
    ("arguments", Json),
    ("input", Prose),
    ("code", Prose),
    ("command", Prose),
    ("logprobs", Echo),
    ("annotation", As(&ANNOTATION)),
    ("part", As(&PART)),
    ("item", As(&ITEM)),
    ("response", As(&RESPONSE)),
    ("partial_image_b64", Blob(Feature::Images)),
];

static ITEM: Shape = Tagged(
    "type",
    &[
        (&["message"], Object(MESSAGE)),
        (&["function_call", "mcp_call", "mcp_approval_request"], Object(CALL)),
        (&["custom_tool_call"], Object(CALL)),
        (&["reasoning"], Object(REASONING)),
        (&["compaction"], Object(&[("id", Id), ("encrypted_content", Opaque)])),
        (
            &["image_generation_call"],
            Object(&[
                ("id", Id),
                ("status", Id),
                ("result", Blob(Feature::Images)),
                ("revised_prompt", Prose),
            ]),
        ),
        (
            &["code_interpreter_call"],
            Object(&[("id", Id), ("status", Id), ("container_id", Id), ("code", Prose)]),
        ),
        (&["program"], Object(&[("id", Id), ("call_id", Id), ("code", Prose), ("fingerprint", Opaque)])),
    ],
    &OTHER_ITEM,
);

/// Any other item is content, but for what names it.
static OTHER_ITEM: Shape = Object(&[("type", Id), ("id", Id), ("call_id", Id), ("status", Id)]);

static MESSAGE: Fields = &[
    ("id", Id),
    ("role", Id),
    ("status", Id),
    ("phase", Id),
    ("content", Either { string: &Prose, list: &List(&PART), object: &Any }),
];

static CALL: Fields = &[
    ("id", Id),
    ("call_id", Id),
    ("status", Id),
    ("name", Prose),
    ("namespace", Prose),
    ("server_label", Prose),
    ("arguments", Json),
    ("input", Prose),
    ("output", Prose),
];

static REASONING: Fields = &[
    ("id", Id),
    ("status", Id),
    ("summary", List(&PART)),
    ("content", List(&PART)),
    ("encrypted_content", Opaque),
];

/// The probabilities spell the text out again; they are dropped where the text is changed.
static PART: Shape = Tagged(
    "type",
    &[
        (
            &["output_text", "input_text", "text", "summary_text", "reasoning_text"],
            Object(&[("text", Prose), ("annotations", List(&ANNOTATION)), ("logprobs", Echo)]),
        ),
        (&["refusal"], Object(&[("refusal", Prose)])),
    ],
    &Any,
);

static ANNOTATION: Shape = Object(&[
    ("type", Id),
    ("index", Skip),
    ("start_index", Skip),
    ("end_index", Skip),
    ("url", Prose),
    ("title", Prose),
    ("filename", Prose),
    ("file_id", Id),
    ("container_id", Id),
]);

/// Refuses what is no response.
pub(crate) fn check(body: View<'_>) -> Result<(), AnswerError> {
    match body.get("output") {
        Some(output) if output.kind() == Kind::Array => Ok(()),
        _ => Err(AnswerError::Shape),
    }
}

/// Reads the facts out of a response, or as much of it as there is; what it does not tell stays as it was.
pub(crate) fn facts(body: View<'_>, facts: &mut Facts) {
    model_of(body.get("model"), &mut facts.model);
    let ended = body.get("status").filter(|status| !status.is("in_progress") && !status.is("queued"));
    id_of(ended, &mut facts.finish);
    id_of(body.given("incomplete_details").and_then(|why| why.get("reason")), &mut facts.finish);
    if let Some(usage) = body.given("usage") {
        facts.input_tokens = usage.get("input_tokens").and_then(View::whole).or(facts.input_tokens);
        facts.output_tokens = usage.get("output_tokens").and_then(View::whole).or(facts.output_tokens);
    }
}

/// Nodes that say again what the nodes at `changed` (ascending) say: the probabilities beside a text.
pub(crate) fn echoes<'d>(body: View<'d>, changed: &[u32]) -> Vec<View<'d>> {
    let response = body.get("response").unwrap_or(body);
    let items = response.get("output").into_iter().flat_map(View::items).chain(body.get("item"));
    let parts = items.filter_map(|item| item.get("content")).flat_map(View::items).chain(body.get("part"));
    let touched = |holder: &View<'_>| {
        let texts = ["text", "delta"].into_iter().filter_map(|name| holder.get(name));
        texts.into_iter().any(|text| changed.binary_search(&text.index()).is_ok())
    };
    let holders = parts.chain([body]).filter(touched);
    holders.filter_map(|holder| holder.given("logprobs")).collect()
}
