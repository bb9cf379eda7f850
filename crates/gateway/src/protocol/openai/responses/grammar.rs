//! What of a request for a response is structure.
//!
//! Source: OpenAI's API reference, `POST /v1/responses`.

use super::items::{CONTENT, INPUT, PART};
use super::tools::{CHOICE, TOOL};
use crate::protocol::Feature;
use crate::protocol::schema::SCHEMA;
use crate::protocol::shape::Shape;
use Shape::{Any, As, Either, Flag, Integer, List, Map, Mark, Model, Number, Object, Prose, Word};

/// The body of a request.
pub(crate) static RESPONSES: Shape = Object(&[
    ("model", Model),
    ("input", As(&INPUT)),
    ("instructions", Either { string: &Prose, list: &INPUT, object: &Any }),
    ("tools", List(&TOOL)),
    ("tool_choice", As(&CHOICE)),
    ("parallel_tool_calls", Any),
    ("max_output_tokens", Number),
    ("max_tool_calls", Number),
    ("temperature", Number),
    ("top_p", Number),
    ("top_logprobs", Number),
    ("truncation", Word(&["auto", "disabled"])),
    ("text", Object(&[("format", As(&FORMAT)), ("verbosity", Word(&["low", "medium", "high"]))])),
    ("reasoning", As(&REASONING)),
    ("include", List(&Word(INCLUDABLE))),
    ("stream", Any),
    ("stream_options", Object(&[("include_usage", Any), ("include_obfuscation", Any)])),
    ("store", Flag(Feature::VendorState, &Any)),
    ("previous_response_id", Flag(Feature::VendorState, &Any)),
    ("conversation", Flag(Feature::VendorState, &Any)),
    ("background", Flag(Feature::VendorState, &Any)),
    ("background_options", Object(&[("completion_window", Word(&["soonest", "2h", "8h"]))])),
    ("prompt", Flag(Feature::VendorState, &PROMPT)),
    ("metadata", Any),
    ("user", Any),
    ("safety_identifier", Any),
    ("prompt_cache_key", Any),
    ("prompt_cache_retention", Mark("24h", Feature::VendorState, &Word(&["in_memory", "in-memory", "24h"]))),
    ("prompt_cache_options", As(&CACHE)),
    ("service_tier", Word(&["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"])),
    ("context_management", List(&Object(&[("type", Word(&["compaction"])), ("compact_threshold", Number)]))),
    // not of this endpoint, but settings of many servers that speak the protocol
    ("seed", Integer),
    ("top_k", Number),
    ("min_p", Number),
    ("frequency_penalty", Number),
    ("presence_penalty", Number),
    ("repetition_penalty", Number),
]);

static INCLUDABLE: &[&str] = &[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
];

/// The form of the answer's text.
pub(super) static FORMAT: Shape = Object(&[
    ("type", Word(&["text", "json_object", "json_schema"])),
    ("name", Prose),
    ("description", Prose),
    ("strict", Any),
    ("schema", As(&SCHEMA)),
]);

pub(super) static REASONING: Shape = Object(&[
    ("effort", Word(&["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
    ("summary", Word(SUMMARIES)),
    ("generate_summary", Word(SUMMARIES)),
    ("context", Word(&["auto", "current_turn", "all_turns"])),
    ("mode", Word(&["standard", "pro"])),
]);

static SUMMARIES: &[&str] = &["auto", "concise", "detailed"];

/// A stored prompt; what is put in for its variables is content.
static PROMPT: Shape = Object(&[
    ("id", Prose),
    ("version", Any),
    ("variables", Map(&Either { string: &Prose, list: &CONTENT, object: &PART })),
]);

/// A cache that outlives the day of a prompt is state that the vendor keeps.
pub(super) static CACHE: Shape = Object(&[
    ("mode", Word(&["implicit", "explicit"])),
    ("ttl", Mark("12h", Feature::VendorState, &Word(&["30m", "12h"]))),
]);
