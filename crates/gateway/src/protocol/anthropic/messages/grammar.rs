//! What of a messages request is structure.
//!
//! Source: Anthropic's API reference, `POST /v1/messages`.

use crate::protocol::Feature;
use crate::protocol::anthropic::is_beta;
use crate::protocol::schema::SCHEMA;
use crate::protocol::shape::{Fields, Shape};
use Shape::{
    Any, As, Blob, Either, Flag, Form, Input, Json, List, Model, Number, Object, Opaque, Prose, Signed,
    Tagged, Url, Word,
};

/// The body of a request.
pub(crate) static MESSAGES: Shape = Object(&[
    ("model", Model),
    ("max_tokens", Number),
    ("messages", List(&MESSAGE)),
    ("system", As(&CONTENT)),
    ("stop_sequences", Prose),
    ("stream", Any),
    ("temperature", Number),
    ("top_p", Number),
    ("top_k", Number),
    ("metadata", Object(&[("user_id", Any)])),
    ("tools", List(&TOOL)),
    ("tool_choice", As(&TOOL_CHOICE)),
    ("thinking", As(&THINKING)),
    ("service_tier", Word(&["auto", "standard_only"])),
    ("speed", Word(&["standard", "fast"])),
    ("inference_geo", Word(&["us", "global"])),
    ("container", Flag(Feature::HostedTool, &Flag(Feature::VendorState, &Any))),
    ("mcp_servers", Flag(Feature::HostedTool, &List(&MCP_SERVER))),
    ("context_management", Object(&[("edits", List(&CONTEXT_EDIT))])),
    ("output_config", Object(&[("effort", Word(EFFORT)), ("format", As(&OUTPUT_FORMAT))])),
    ("output_format", As(&OUTPUT_FORMAT)),
    ("cache_control", As(&CACHE)),
    // what the clouds that serve these models want in the body
    ("anthropic_version", Word(&["bedrock-2023-05-31", "vertex-2023-10-16"])),
    ("anthropic_beta", As(&BETAS)),
]);

/// Features that are not released yet.
pub(crate) static BETAS: Shape = List(&Form(is_beta));

/// How far the model thinks.
pub(crate) static THINKING: Shape = Object(&[
    ("type", Word(&["enabled", "disabled", "adaptive"])),
    ("budget_tokens", Number),
    ("display", Word(&["summarized", "omitted"])),
]);

static EFFORT: &[&str] = &["low", "medium", "high", "xhigh", "max"];

static MESSAGE: Shape =
    Object(&[("role", Word(&["user", "assistant", "system"])), ("content", As(&CONTENT))]);

static CONTENT: Shape = Either { string: &Prose, list: &List(&BLOCK), object: &Any };

static CACHE: Shape =
    Object(&[("type", Word(&["ephemeral"])), ("ttl", Word(&["5m", "1h"])), ("scope", Word(&["global"]))]);

/// An edit of the context. What it may be is the vendor's to say; its measures are structure.
static CONTEXT_EDIT: Shape =
    Object(&[("trigger", As(&MEASURE)), ("keep", As(&MEASURE)), ("clear_at_least", As(&MEASURE))]);

static MEASURE: Shape = Either {
    string: &Any,
    list: &Any,
    object: &Object(&[("type", Word(&["input_tokens", "tool_uses", "thinking_turns"])), ("value", Number)]),
};

static OUTPUT_FORMAT: Shape = Object(&[("type", Word(&["json_schema"])), ("schema", As(&SCHEMA))]);

static TOOL_CHOICE: Shape = Object(&[
    ("type", Word(&["auto", "any", "tool", "none"])),
    ("name", Prose),
    ("disable_parallel_tool_use", Any),
]);

static MCP_SERVER: Shape = Object(&[
    ("type", Word(&["url"])),
    ("url", Flag(Feature::ExternalUrl, &Prose)),
    ("name", Prose),
    ("authorization_token", Any),
    ("tool_configuration", Object(&[("enabled", Any), ("allowed_tools", Prose)])),
]);

/// A block of content. What the protocol does not define may be anything, so it counts as a file; what only
/// the vendor's own tools make counts as their use.
static BLOCK: Shape = Tagged(
    "type",
    &[
        (&["text"], Object(&[("text", Prose), ("citations", As(&CITATIONS)), ("cache_control", As(&CACHE))])),
        (
            &["image"],
            Flag(Feature::Images, &Object(&[("source", As(&IMAGE)), ("cache_control", As(&CACHE))])),
        ),
        (&["document"], Object(DOCUMENT)),
        (&["tool_use"], Object(TOOL_USE)),
        (&["tool_result"], Object(TOOL_RESULT)),
        (&["thinking"], Object(&[("thinking", Signed), ("signature", Opaque)])),
        (&["redacted_thinking"], Object(&[("data", Opaque)])),
        (&["search_result"], Object(SEARCH_RESULT)),
        (&["server_tool_use", "mcp_tool_use"], Flag(Feature::HostedTool, &Object(TOOL_USE))),
        (
            &[
                "mcp_tool_result",
                "web_search_tool_result",
                "web_fetch_tool_result",
                "code_execution_tool_result",
                "bash_code_execution_tool_result",
                "text_editor_code_execution_tool_result",
                "tool_search_tool_result",
            ],
            Flag(Feature::HostedTool, &Object(TOOL_RESULT)),
        ),
        (&["web_search_result"], Object(WEB_RESULT)),
        (
            &["container_upload"],
            Flag(Feature::Files, &Flag(Feature::VendorState, &Flag(Feature::HostedTool, &Any))),
        ),
    ],
    &Flag(Feature::Files, &Any),
);

static CITATIONS: Shape =
    Either { string: &Any, list: &List(&CITATION), object: &Object(&[("enabled", Any)]) };

/// Where a citation points to is structure; what it says is content.
static CITATION: Shape = Object(&[
    ("document_index", Number),
    ("start_char_index", Number),
    ("end_char_index", Number),
    ("start_page_number", Number),
    ("end_page_number", Number),
    ("start_block_index", Number),
    ("end_block_index", Number),
    ("search_result_index", Number),
]);

static TOOL_USE: Fields = &[
    ("id", Prose),
    ("name", Prose),
    ("server_name", Prose),
    ("input", Input),
    ("caller", Object(&[("type", Word(&["direct"])), ("tool_id", Prose)])),
    ("cache_control", As(&CACHE)),
];

static TOOL_RESULT: Fields = &[
    ("tool_use_id", Prose),
    ("content", Either { string: &Json, list: &List(&RESULT_BLOCK), object: &Any }),
    ("is_error", Any),
    ("cache_control", As(&CACHE)),
];

static RESULT_BLOCK: Shape =
    Tagged("type", &[(&["text"], Object(&[("text", Json), ("cache_control", As(&CACHE))]))], &BLOCK);

static SEARCH_RESULT: Fields = &[
    ("source", Prose),
    ("title", Prose),
    ("content", As(&CONTENT)),
    ("citations", As(&CITATIONS)),
    ("cache_control", As(&CACHE)),
];

static WEB_RESULT: Fields =
    &[("url", Prose), ("title", Prose), ("encrypted_content", Opaque), ("page_age", Prose)];

static IMAGE: Shape = Tagged(
    "type",
    &[
        (&["base64"], Object(&[("media_type", Word(PICTURES)), ("data", Blob(Feature::Images))])),
        (&["url"], Object(&[("url", Url(Feature::Images))])),
        (&["file"], Flag(Feature::VendorState, &Object(&[("file_id", Prose)]))),
    ],
    &Any,
);

static PICTURES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];

static DOCUMENT: Fields = &[
    ("source", As(&DOCUMENT_SOURCE)),
    ("title", Prose),
    ("context", Prose),
    ("citations", As(&CITATIONS)),
    ("cache_control", As(&CACHE)),
];

/// A document of text or of blocks is scanned; any other is not.
static DOCUMENT_SOURCE: Shape = Tagged(
    "type",
    &[
        (&["text"], Object(&[("media_type", Word(&["text/plain"])), ("data", Prose)])),
        (&["content"], Object(&[("content", As(&CONTENT))])),
        (&["base64"], Object(&[("media_type", Word(&["application/pdf"])), ("data", Blob(Feature::Files))])),
        (&["url"], Object(&[("url", Url(Feature::Files))])),
        (&["file"], Flag(Feature::Files, &Flag(Feature::VendorState, &Object(&[("file_id", Prose)])))),
    ],
    &Flag(Feature::Files, &Any),
);

/// A tool of the caller's; types with a date that run at the caller are listed, any other runs at the vendor.
pub(crate) static TOOL: Shape = Tagged(
    "type",
    &[
        (&["", "custom"], Object(CLIENT_TOOL)),
        (
            &[
                "bash_20241022",
                "bash_20250124",
                "text_editor_20241022",
                "text_editor_20250124",
                "text_editor_20250429",
                "text_editor_20250728",
                "computer_20241022",
                "computer_20250124",
                "computer_20251124",
                "memory_20250818",
            ],
            Object(CLIENT_TOOL),
        ),
    ],
    &Flag(Feature::HostedTool, &Object(&[("max_uses", Number), ("max_content_tokens", Number)])),
);

static CLIENT_TOOL: Fields = &[
    ("name", Prose),
    ("description", Prose),
    ("input_schema", As(&SCHEMA)),
    ("input_examples", Any),
    ("cache_control", As(&CACHE)),
    ("strict", Any),
    ("defer_loading", Any),
    ("eager_input_streaming", Any),
    ("allowed_callers", List(&Word(&["direct"]))),
    ("max_characters", Number),
    ("display_width_px", Number),
    ("display_height_px", Number),
    ("display_number", Number),
];
