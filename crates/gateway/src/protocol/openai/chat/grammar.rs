//! What of a chat completion request is structure.
//!
//! Source: OpenAI's API reference, `POST /v1/chat/completions`.

use crate::protocol::Feature;
use crate::protocol::schema::SCHEMA;
use crate::protocol::shape::Shape;
use Shape::{
    Any, As, Blob, Either, Flag, Integer, Json, List, Mark, Model, Number, Object, Prose, Tagged, TokenMap,
    Url, Word,
};

/// The body of a request.
pub(crate) static CHAT: Shape = Object(&[
    ("model", Model),
    ("messages", List(&MESSAGE)),
    ("frequency_penalty", Number),
    ("presence_penalty", Number),
    ("temperature", Number),
    ("top_p", Number),
    ("n", Number),
    ("max_tokens", Number),
    ("max_completion_tokens", Number),
    ("top_logprobs", Number),
    ("logprobs", Number),
    ("parallel_tool_calls", Any),
    ("stream", Any),
    ("stream_options", Object(&[("include_usage", Any), ("include_obfuscation", Any)])),
    ("seed", Integer),
    ("stop", Prose),
    ("store", Flag(Feature::VendorState, &Any)),
    ("user", Any),
    ("safety_identifier", Any),
    ("prompt_cache_key", Any),
    ("prompt_cache_retention", Mark("24h", Feature::VendorState, &Word(&["in_memory", "in-memory", "24h"]))),
    ("metadata", Any),
    ("logit_bias", TokenMap),
    ("response_format", As(&RESPONSE_FORMAT)),
    ("tools", List(&TOOL)),
    ("tool_choice", As(&TOOL_CHOICE)),
    ("functions", List(&FUNCTION)),
    ("function_call", Either { string: &Word(&["none", "auto"]), list: &Any, object: &NAMED }),
    ("modalities", List(&Mark("audio", Feature::Audio, &Word(&["text", "audio"])))),
    ("audio", Flag(Feature::Audio, &AUDIO_OUT)),
    ("prediction", Tagged("type", &[(&["content"], Object(&[("content", As(&CONTENT))]))], &Any)),
    ("reasoning_effort", Word(&["none", "minimal", "low", "medium", "high", "xhigh"])),
    ("verbosity", Word(&["low", "medium", "high"])),
    ("service_tier", Word(&["auto", "default", "flex", "priority", "scale"])),
    ("web_search_options", Flag(Feature::HostedTool, &WEB_SEARCH)),
    // not of this endpoint, but settings of many servers that speak the protocol
    ("top_k", Number),
    ("min_p", Number),
    ("min_tokens", Number),
    ("best_of", Number),
    ("repetition_penalty", Number),
    ("length_penalty", Number),
    // not of this endpoint, but understood by servers that speak both
    ("previous_response_id", Flag(Feature::VendorState, &Any)),
    ("conversation", Flag(Feature::VendorState, &Any)),
    ("background", Flag(Feature::VendorState, &Any)),
]);

static NAMED: Shape = Object(&[("name", Prose)]);

/// A message, told apart by its role: what tools answer is JSON by habit.
static MESSAGE: Shape = Tagged(
    "role",
    &[
        (&["system", "developer", "user"], Object(&[("content", As(&CONTENT)), ("name", Any)])),
        (&["assistant"], Object(ASSISTANT)),
        (
            &["tool", "function"],
            Object(&[("content", As(&TOOL_CONTENT)), ("tool_call_id", Prose), ("name", Prose)]),
        ),
    ],
    &Any,
);

static ASSISTANT: &[(&str, Shape)] = &[
    ("content", As(&CONTENT)),
    ("name", Any),
    ("refusal", Prose),
    ("reasoning_content", Prose),
    ("reasoning", Prose),
    ("annotations", List(&ANNOTATION)),
    ("audio", Flag(Feature::Audio, &Flag(Feature::VendorState, &Object(&[("id", Prose)])))),
    ("tool_calls", List(&TOOL_CALL)),
    ("function_call", As(&CALL)),
];

static ANNOTATION: Shape = Object(&[
    ("type", Word(&["url_citation"])),
    (
        "url_citation",
        Object(&[("start_index", Number), ("end_index", Number), ("url", Prose), ("title", Prose)]),
    ),
]);

static CALL: Shape = Object(&[("name", Prose), ("arguments", Json)]);

static TOOL_CALL: Shape = Object(&[
    ("id", Prose),
    ("index", Number),
    ("type", Word(&["function", "custom"])),
    ("function", As(&CALL)),
    ("custom", Object(&[("name", Prose), ("input", Json)])),
]);

static CONTENT: Shape = Either { string: &Prose, list: &List(&PART), object: &Any };
static TOOL_CONTENT: Shape = Either { string: &Json, list: &List(&TOOL_PART), object: &Any };

static CACHE: Shape =
    Object(&[("type", Word(&["ephemeral"])), ("ttl", Word(&["5m", "1h"])), ("scope", Word(&["global"]))]);

static TOOL_PART: Shape =
    Tagged("type", &[(&["text"], Object(&[("text", Json), ("cache_control", As(&CACHE))]))], &PART);

/// A part of a message's content. What the protocol does not define may be anything, so it counts as a file.
static PART: Shape = Tagged(
    "type",
    &[
        (&["text"], Object(&[("text", Prose), ("cache_control", As(&CACHE))])),
        (&["refusal"], Object(&[("refusal", Prose)])),
        (
            &["image_url"],
            Flag(Feature::Images, &Object(&[("image_url", As(&IMAGE)), ("cache_control", As(&CACHE))])),
        ),
        (&["input_audio"], Flag(Feature::Audio, &Object(&[("input_audio", As(&AUDIO_IN))]))),
        (&["file"], Flag(Feature::Files, &Object(&[("file", As(&FILE)), ("cache_control", As(&CACHE))]))),
    ],
    &Flag(Feature::Files, &Any),
);

static IMAGE: Shape = Either {
    string: &Url(Feature::Images),
    list: &Any,
    object: &Object(&[("url", Url(Feature::Images)), ("detail", Word(&["auto", "low", "high", "original"]))]),
};

static AUDIO_IN: Shape = Object(&[("data", Blob(Feature::Audio)), ("format", Word(&["wav", "mp3"]))]);

static FILE: Shape = Object(&[
    ("file_data", Blob(Feature::Files)),
    ("file_id", Flag(Feature::VendorState, &Prose)),
    ("file_url", Url(Feature::Files)),
    ("filename", Prose),
]);

static AUDIO_OUT: Shape = Object(&[
    (
        "voice",
        Word(&[
            "alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse",
            "marin", "cedar",
        ]),
    ),
    ("format", Word(&["wav", "mp3", "flac", "opus", "pcm16", "aac"])),
]);

static RESPONSE_FORMAT: Shape = Object(&[
    ("type", Word(&["text", "json_object", "json_schema"])),
    (
        "json_schema",
        Object(&[("name", Prose), ("description", Prose), ("strict", Any), ("schema", As(&SCHEMA))]),
    ),
]);

static FUNCTION: Shape =
    Object(&[("name", Prose), ("description", Prose), ("strict", Any), ("parameters", As(&SCHEMA))]);

/// A tool; any other type than these two is run by the vendor.
static TOOL: Shape = Tagged(
    "type",
    &[
        (&["function"], Object(&[("function", As(&FUNCTION)), ("cache_control", As(&CACHE))])),
        (&["custom"], Object(&[("custom", As(&CUSTOM))])),
    ],
    &Flag(Feature::HostedTool, &Any),
);

static CUSTOM: Shape = Object(&[
    ("name", Prose),
    ("description", Prose),
    (
        "format",
        Object(&[
            ("type", Word(&["text", "grammar"])),
            ("grammar", Object(&[("definition", Prose), ("syntax", Word(&["lark", "regex"]))])),
        ]),
    ),
]);

static TOOL_CHOICE: Shape = Either {
    string: &Word(&["none", "auto", "required"]),
    list: &Any,
    object: &Object(&[
        ("type", Word(&["function", "custom", "allowed_tools"])),
        ("function", As(&NAMED)),
        ("custom", As(&NAMED)),
        (
            "allowed_tools",
            Object(&[
                ("mode", Word(&["auto", "required"])),
                (
                    "tools",
                    List(&Object(&[("type", Word(&["function", "custom"])), ("function", As(&NAMED))])),
                ),
            ]),
        ),
    ]),
};

static WEB_SEARCH: Shape = Object(&[
    ("search_context_size", Word(&["low", "medium", "high"])),
    (
        "user_location",
        Object(&[
            ("type", Word(&["approximate"])),
            ("approximate", Object(&[("city", Any), ("country", Any), ("region", Any), ("timezone", Any)])),
        ]),
    ),
]);
