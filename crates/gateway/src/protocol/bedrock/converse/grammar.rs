//! What of a conversation's request is structure.
//!
//! Source: Amazon Bedrock's API reference, `Converse`. A block, a tool and a source are told by the one member that
//! they have; one that is not listed may be anything, so it counts as a file, or as a tool of the vendor's.

use crate::protocol::Feature;
use crate::protocol::anthropic::{ANTHROPIC_TOOL, BETAS, THINKING};
use crate::protocol::schema::SCHEMA;
use crate::protocol::shape::{Fields, Shape};
use Shape::{
    Any, As, Blob, Flag, Free, Input, Json, List, Map, Number, Object, Opaque, Prose, Signed, Union, Word,
};

/// The body of a request.
pub(crate) static CONVERSE: Shape = Free(
    Feature::Files,
    &Object(&[
        ("messages", List(&MESSAGE)),
        ("system", List(&BLOCK)),
        (
            "inferenceConfig",
            Object(&[
                ("maxTokens", Number),
                ("temperature", Number),
                ("topP", Number),
                ("stopSequences", Prose),
            ]),
        ),
        ("toolConfig", Object(&[("tools", List(&TOOL)), ("toolChoice", As(&TOOL_CHOICE))])),
        ("guardrailConfig", Flag(Feature::HostedTool, &Object(GUARDRAIL))),
        ("additionalModelRequestFields", Object(ADDITIONAL)),
        ("additionalModelResponseFieldPaths", Prose),
        ("promptVariables", Flag(Feature::VendorState, &Map(&Any))),
        ("requestMetadata", Map(&Any)),
        ("performanceConfig", Object(&[("latency", Word(&["standard", "optimized"]))])),
        ("serviceTier", Object(&[("type", Word(&["default", "flex", "priority", "reserved"]))])),
        ("outputConfig", Object(&[("textFormat", As(&TEXT_FORMAT))])),
    ]),
);

static MESSAGE: Shape =
    Object(&[("role", Word(&["user", "assistant", "system"])), ("content", List(&BLOCK))]);

/// A block of a message, a system prompt or a tool's result.
static BLOCK: Shape = Union(
    Feature::Files,
    &[
        ("text", Prose),
        ("image", Flag(Feature::Images, &Object(IMAGE))),
        ("document", Object(DOCUMENT)),
        ("video", Flag(Feature::Files, &Object(VIDEO))),
        ("audio", Flag(Feature::Audio, &Object(AUDIO))),
        ("toolUse", Object(TOOL_USE)),
        ("toolResult", Object(TOOL_RESULT)),
        ("guardContent", As(&GUARDED)),
        ("cachePoint", As(&CACHE)),
        ("reasoningContent", As(&REASONING)),
        (
            "citationsContent",
            Object(&[("content", List(&Object(&[("text", Prose)]))), ("citations", List(&CITATION))]),
        ),
        ("searchResult", Object(SEARCH_RESULT)),
    ],
);

static RESULT_BLOCK: Shape = Union(
    Feature::Files,
    &[
        ("text", Json),
        ("json", Input),
        ("image", Flag(Feature::Images, &Object(IMAGE))),
        ("document", Object(DOCUMENT)),
        ("video", Flag(Feature::Files, &Object(VIDEO))),
        ("searchResult", Object(SEARCH_RESULT)),
    ],
);

static TOOL_USE: Fields = &[
    ("toolUseId", Prose),
    ("name", Prose),
    ("input", Input),
    ("type", Flag(Feature::HostedTool, &Word(&["server_tool_use"]))),
];

static TOOL_RESULT: Fields = &[
    ("toolUseId", Prose),
    ("content", List(&RESULT_BLOCK)),
    ("status", Word(&["success", "error"])),
    ("type", Flag(Feature::HostedTool, &Prose)),
];

static PICTURES: Shape = Word(&["png", "jpeg", "gif", "webp"]);

static IMAGE: Fields = &[("format", As(&PICTURES)), ("source", As(&IMAGE_SOURCE))];

static IMAGE_SOURCE: Shape =
    Union(Feature::Images, &[("bytes", Blob(Feature::Images)), ("s3Location", As(&S3))]);

static VIDEO: Fields = &[
    ("format", Word(&["mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"])),
    ("source", As(&FILE_SOURCE)),
];

static AUDIO: Fields = &[
    (
        "format",
        Word(&[
            "mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac", "m4a", "mpeg", "mpga",
            "pcm", "webm",
        ]),
    ),
    ("source", Union(Feature::Audio, &[("bytes", Blob(Feature::Audio)), ("s3Location", As(&S3))])),
];

/// A document of text or of blocks is scanned; any other is not.
static DOCUMENT: Fields = &[
    ("format", Word(&["pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"])),
    ("name", Prose),
    ("source", As(&FILE_SOURCE)),
    ("context", Prose),
    ("citations", Object(&[("enabled", Any)])),
];

static FILE_SOURCE: Shape = Union(
    Feature::Files,
    &[
        ("bytes", Blob(Feature::Files)),
        ("s3Location", Flag(Feature::Files, &S3)),
        ("text", Prose),
        ("content", List(&Union(Feature::Files, &[("text", Prose)]))),
    ],
);

/// Where the vendor is to fetch it.
static S3: Shape = Flag(Feature::ExternalUrl, &Object(&[("uri", Prose), ("bucketOwner", Prose)]));

static GUARDED: Shape = Union(
    Feature::Files,
    &[
        (
            "text",
            Object(&[
                ("text", Prose),
                ("qualifiers", List(&Word(&["grounding_source", "query", "guard_content"]))),
            ]),
        ),
        ("image", Flag(Feature::Images, &Object(IMAGE))),
    ],
);

static CACHE: Shape = Object(&[("type", Word(&["default"])), ("ttl", Word(&["5m", "1h"]))]);

static REASONING: Shape = Union(
    Feature::Files,
    &[("reasoningText", Object(&[("text", Signed), ("signature", Opaque)])), ("redactedContent", Opaque)],
);

static CITATION: Shape = Object(&[
    ("title", Prose),
    ("source", Prose),
    ("sourceContent", List(&Object(&[("text", Prose)]))),
    ("location", Object(LOCATION)),
]);

static LOCATION: Fields = &[
    ("web", Object(&[("url", Prose), ("domain", Prose)])),
    ("documentChar", As(&RANGE)),
    ("documentPage", As(&RANGE)),
    ("documentChunk", As(&RANGE)),
    ("searchResultLocation", As(&RANGE)),
];

static RANGE: Shape =
    Object(&[("documentIndex", Number), ("searchResultIndex", Number), ("start", Number), ("end", Number)]);

static SEARCH_RESULT: Fields = &[
    ("source", Prose),
    ("title", Prose),
    ("content", List(&Object(&[("text", Prose)]))),
    ("citations", Object(&[("enabled", Any)])),
];

/// A tool of the caller's; any other runs at the vendor.
static TOOL: Shape = Union(
    Feature::HostedTool,
    &[
        (
            "toolSpec",
            Object(&[
                ("name", Prose),
                ("description", Prose),
                ("inputSchema", Object(&[("json", As(&SCHEMA))])),
                ("strict", Any),
            ]),
        ),
        ("systemTool", Flag(Feature::HostedTool, &Object(&[("name", Prose)]))),
        ("cachePoint", As(&CACHE)),
    ],
);

static TOOL_CHOICE: Shape =
    Object(&[("auto", Object(&[])), ("any", Object(&[])), ("tool", Object(&[("name", Prose)]))]);

/// A guardrail is a model of the vendor's own that looks at request and answer.
static GUARDRAIL: Fields = &[
    ("guardrailIdentifier", Prose),
    ("guardrailVersion", Prose),
    ("trace", Word(&["enabled", "disabled", "enabled_full"])),
    ("streamProcessingMode", Word(&["sync", "async"])),
];

/// What goes into the model's own request. Fields of Anthropic's models that would reach beyond it are known.
static ADDITIONAL: Fields = &[
    ("tools", List(&ANTHROPIC_TOOL)),
    ("thinking", As(&THINKING)),
    ("reasoning_config", As(&THINKING)),
    ("anthropic_beta", As(&BETAS)),
    ("top_k", Number),
    ("inferenceConfig", Object(&[("topK", Number)])),
    ("mcp_servers", Flag(Feature::HostedTool, &Any)),
    ("container", Flag(Feature::HostedTool, &Flag(Feature::VendorState, &Any))),
];

static TEXT_FORMAT: Shape = Object(&[
    ("type", Word(&["json_schema"])),
    (
        "structure",
        Object(&[("jsonSchema", Object(&[("schema", Json), ("name", Prose), ("description", Prose)]))]),
    ),
]);
