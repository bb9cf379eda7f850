//! What of the items of an input is structure.
//!
//! Source: OpenAI's API reference, `POST /v1/responses`, input items: what an application says, and what it sends again
//! of earlier answers.

use super::grammar::{CACHE, FORMAT, REASONING};
use super::tools::{ENVIRONMENT, TOOL};
use crate::protocol::Feature;
use crate::protocol::shape::{Fields, Shape};
use Shape::{Any, As, Blob, Either, Flag, Json, List, Number, Object, Opaque, Prose, Tagged, Url, Word};

/// A text, or a list of items.
pub(super) static INPUT: Shape = Either { string: &Prose, list: &List(&ITEM), object: &Any };

/// An item, told apart by its type, which messages and references may leave out. What is not listed here is of the
/// vendor's own tools.
static ITEM: Shape = Tagged(
    "type",
    &[
        (&["", "message"], As(&MESSAGE)),
        (&["function_call"], Object(FUNCTION_CALL)),
        (&["custom_tool_call"], Object(CUSTOM_CALL)),
        (&["function_call_output", "custom_tool_call_output"], Object(OUTPUT)),
        (&["reasoning"], Object(REASONED)),
        (
            &["compaction", "compaction_summary", "context_compaction"],
            Object(&[("id", Prose), ("encrypted_content", Opaque)]),
        ),
        (&["compaction_trigger"], Object(&[("id", Prose)])),
        (&["item_reference"], As(&REFERENCE)),
        (&["local_shell_call"], Object(LOCAL_SHELL_CALL)),
        (&["shell_call"], Object(SHELL_CALL)),
        (&["shell_call_output"], Object(SHELL_OUTPUT)),
        (&["local_shell_call_output", "apply_patch_call_output"], Object(OUTPUT)),
        (&["apply_patch_call"], Object(PATCH_CALL)),
        (&["tool_search_call", "tool_search_output"], As(&TOOL_SEARCH)),
        (
            &["additional_tools"],
            Object(&[("id", Prose), ("role", Word(&["developer"])), ("tools", List(&TOOL))]),
        ),
        (
            &["configuration_update"],
            Object(&[
                ("id", Prose),
                ("reasoning", As(&REASONING)),
                ("text", Object(&[("format", As(&FORMAT))])),
            ]),
        ),
        (&["computer_call_output"], Flag(Feature::HostedTool, &Object(COMPUTER_OUTPUT))),
        (&["image_generation_call"], Flag(Feature::HostedTool, &Object(IMAGE_CALL))),
        (&["code_interpreter_call"], Flag(Feature::HostedTool, &Object(CODE_CALL))),
        (&["mcp_call", "mcp_approval_request"], Flag(Feature::HostedTool, &Object(MCP_CALL))),
        (&["program"], Flag(Feature::HostedTool, &Object(PROGRAM))),
    ],
    &Flag(Feature::HostedTool, &Any),
);

/// Without a role it is no message: a reference may leave its type out.
static MESSAGE: Shape = Tagged(
    "role",
    &[(
        &["user", "assistant", "system", "developer", "tool"],
        Object(&[
            ("type", Word(&["message"])),
            ("content", As(&CONTENT)),
            ("id", Prose),
            ("status", As(&STATUS)),
            ("phase", Word(&["commentary", "final_answer"])),
            ("name", Any),
        ]),
    )],
    &REFERENCE,
);

/// An item that the vendor keeps.
static REFERENCE: Shape = Flag(Feature::VendorState, &Object(&[("type", Word(&["message"])), ("id", Prose)]));

static STATUS: Shape = Word(&[
    "in_progress",
    "completed",
    "incomplete",
    "failed",
    "searching",
    "generating",
    "calling",
    "queued",
]);

pub(super) static CONTENT: Shape = Either { string: &Prose, list: &List(&PART), object: &Any };

/// A part of content. What the protocol does not define may be anything, so it counts as a file.
pub(super) static PART: Shape = Tagged(
    "type",
    &[
        (
            &["input_text", "output_text", "text"],
            Object(&[
                ("text", Prose),
                ("annotations", List(&ANNOTATION)),
                ("prompt_cache_breakpoint", As(&CACHE)),
            ]),
        ),
        (&["summary_text", "reasoning_text"], Object(&[("text", Prose)])),
        (&["refusal"], Object(&[("refusal", Prose)])),
        (&["input_image", "computer_screenshot"], Flag(Feature::Images, &Object(IMAGE))),
        (&["input_file"], Flag(Feature::Files, &Object(FILE))),
        (&["input_audio"], Flag(Feature::Audio, &Object(&[("input_audio", As(&AUDIO))]))),
    ],
    &Flag(Feature::Files, &Any),
);

static IMAGE: Fields = &[
    ("image_url", Url(Feature::Images)),
    ("file_id", Flag(Feature::VendorState, &Prose)),
    ("detail", As(&DETAIL)),
    ("prompt_cache_breakpoint", As(&CACHE)),
];

static DETAIL: Shape = Word(&["low", "high", "auto", "original"]);

static FILE: Fields = &[
    ("file_data", Blob(Feature::Files)),
    ("file_url", Url(Feature::Files)),
    ("file_id", Flag(Feature::VendorState, &Prose)),
    ("filename", Prose),
    ("detail", As(&DETAIL)),
    ("prompt_cache_breakpoint", As(&CACHE)),
];

static AUDIO: Shape = Object(&[("data", Blob(Feature::Audio)), ("format", Word(&["mp3", "wav"]))]);

/// Where a citation points to is structure; what it says is content.
static ANNOTATION: Shape = Object(&[
    ("type", Word(&["file_citation", "url_citation", "container_file_citation", "file_path"])),
    ("index", Number),
    ("start_index", Number),
    ("end_index", Number),
    ("url", Prose),
    ("title", Prose),
    ("filename", Prose),
    ("file_id", Prose),
    ("container_id", Prose),
]);

/// Who called: the model, or a program that the vendor runs.
static CALLER: Shape =
    Tagged("type", &[(&["direct"], Object(&[("caller_id", Prose)]))], &Flag(Feature::HostedTool, &Any));

static FUNCTION_CALL: Fields = &[
    ("id", Prose),
    ("call_id", Prose),
    ("name", Prose),
    ("namespace", Prose),
    ("arguments", Json),
    ("status", As(&STATUS)),
    ("caller", As(&CALLER)),
    ("async", Any),
];

static CUSTOM_CALL: Fields = &[
    ("id", Prose),
    ("call_id", Prose),
    ("name", Prose),
    ("namespace", Prose),
    ("input", Prose),
    ("status", As(&STATUS)),
    ("caller", As(&CALLER)),
    ("async", Any),
];

/// What the application's tools answer is JSON by habit.
static OUTPUT: Fields = &[
    ("id", Prose),
    ("call_id", Prose),
    ("name", Prose),
    ("namespace", Prose),
    ("output", Either { string: &Json, list: &List(&RESULT), object: &Any }),
    ("status", As(&STATUS)),
    ("caller", As(&CALLER)),
];

static RESULT: Shape = Tagged(
    "type",
    &[(
        &["input_text", "output_text", "text"],
        Object(&[("text", Json), ("prompt_cache_breakpoint", As(&CACHE))]),
    )],
    &PART,
);

static REASONED: Fields = &[
    ("id", Prose),
    ("summary", List(&PART)),
    ("content", List(&PART)),
    ("encrypted_content", Opaque),
    ("status", As(&STATUS)),
];

static LOCAL_SHELL_CALL: Fields = &[
    ("id", Prose),
    ("call_id", Prose),
    ("status", As(&STATUS)),
    (
        "action",
        Object(&[
            ("type", Word(&["exec"])),
            ("command", Prose),
            ("env", Any),
            ("timeout_ms", Number),
            ("user", Any),
            ("working_directory", Prose),
        ]),
    ),
];

static SHELL_CALL: Fields = &[
    ("id", Prose),
    ("call_id", Prose),
    ("status", As(&STATUS)),
    ("action", Object(&[("commands", Prose), ("timeout_ms", Number), ("max_output_length", Number)])),
    ("environment", As(&ENVIRONMENT)),
    ("caller", As(&CALLER)),
];

static SHELL_OUTPUT: Fields = &[
    ("id", Prose),
    ("call_id", Prose),
    ("status", As(&STATUS)),
    ("max_output_length", Number),
    (
        "output",
        List(&Object(&[
            ("stdout", Json),
            ("stderr", Json),
            ("outcome", Object(&[("type", Word(&["exit", "timeout"])), ("exit_code", Number)])),
        ])),
    ),
    ("caller", As(&CALLER)),
];

static PATCH_CALL: Fields = &[
    ("id", Prose),
    ("call_id", Prose),
    ("status", As(&STATUS)),
    (
        "operation",
        Object(&[
            ("type", Word(&["create_file", "update_file", "delete_file"])),
            ("path", Prose),
            ("diff", Prose),
        ]),
    ),
    ("caller", As(&CALLER)),
];

/// A search among tools is the vendor's unless it says that the client executes it.
static TOOL_SEARCH: Shape = Tagged(
    "execution",
    &[(
        &["client"],
        Object(&[
            ("type", Word(&["tool_search_call", "tool_search_output"])),
            ("id", Prose),
            ("call_id", Prose),
            ("arguments", Json),
            ("tools", List(&TOOL)),
            ("status", As(&STATUS)),
        ]),
    )],
    &Flag(Feature::HostedTool, &Any),
);

static COMPUTER_OUTPUT: Fields = &[
    ("id", Prose),
    ("call_id", Prose),
    ("status", As(&STATUS)),
    ("output", As(&PART)),
    ("acknowledged_safety_checks", Any),
];

static IMAGE_CALL: Fields =
    &[("id", Prose), ("status", As(&STATUS)), ("result", Blob(Feature::Images)), ("revised_prompt", Prose)];

static CODE_CALL: Fields = &[
    ("id", Prose),
    ("container_id", Flag(Feature::VendorState, &Prose)),
    ("code", Prose),
    ("status", As(&STATUS)),
];

static MCP_CALL: Fields = &[
    ("id", Prose),
    ("name", Prose),
    ("server_label", Prose),
    ("arguments", Json),
    ("output", Json),
    ("status", As(&STATUS)),
];

static PROGRAM: Fields = &[("id", Prose), ("call_id", Prose), ("code", Prose), ("fingerprint", Opaque)];
