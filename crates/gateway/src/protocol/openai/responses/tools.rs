//! What of a tool is structure, and who runs it.
//!
//! Source: OpenAI's API reference, `POST /v1/responses`; OpenAI's guides: functions, custom tools, the local shell, a
//! shell with a local environment and patches are run by the application.

use crate::protocol::Feature;
use crate::protocol::schema::SCHEMA;
use crate::protocol::shape::{Fields, Shape};
use Shape::{Any, As, Either, Flag, List, Number, Object, Prose, Tagged, Word};

/// A tool. What the application does not run itself is the vendor's.
pub(super) static TOOL: Shape = Tagged(
    "type",
    &[
        (&["function"], Object(FUNCTION)),
        (&["custom"], Object(CUSTOM)),
        (&["namespace"], Object(&[("name", Prose), ("description", Prose), ("tools", List(&TOOL))])),
        (&["local_shell"], Object(&[])),
        (&["apply_patch"], Object(&[("allowed_callers", List(&CALLER))])),
        (&["shell"], As(&SHELL)),
        (&["tool_search"], As(&TOOL_SEARCH)),
        (&["mcp"], Flag(Feature::HostedTool, &Flag(Feature::ExternalUrl, &Object(MCP)))),
        (&["file_search"], Flag(Feature::HostedTool, &Object(FILE_SEARCH))),
        (
            &["code_interpreter"],
            Flag(Feature::HostedTool, &Object(&[("container", Flag(Feature::VendorState, &Any))])),
        ),
    ],
    &Flag(Feature::HostedTool, &Any),
);

static CALLER: Shape = Word(&["direct", "programmatic"]);

static FUNCTION: Fields = &[
    ("name", Prose),
    ("description", Prose),
    ("strict", Any),
    ("parameters", As(&SCHEMA)),
    ("output_schema", As(&SCHEMA)),
    ("defer_loading", Any),
    ("async", Any),
    ("allowed_callers", List(&CALLER)),
];

static CUSTOM: Fields = &[
    ("name", Prose),
    ("description", Prose),
    (
        "format",
        Object(&[
            ("type", Word(&["text", "grammar"])),
            ("definition", Prose),
            ("syntax", Word(&["lark", "regex"])),
        ]),
    ),
    ("defer_loading", Any),
    ("async", Any),
    ("allowed_callers", List(&CALLER)),
];

/// A shell is the vendor's unless it says that its environment is the application's.
static SHELL: Shape = Tagged(
    "environment",
    &[(&[""], Flag(Feature::HostedTool, &Object(SHELL_FIELDS)))],
    &Object(SHELL_FIELDS),
);

static SHELL_FIELDS: Fields =
    &[("type", Word(&["shell"])), ("environment", As(&ENVIRONMENT)), ("allowed_callers", List(&CALLER))];

/// Where a shell is.
pub(super) static ENVIRONMENT: Shape = Either {
    string: &HOSTED,
    list: &HOSTED,
    object: &Tagged("type", &[(&["local"], Object(&[("skills", Any)]))], &HOSTED),
};

static HOSTED: Shape = Flag(Feature::HostedTool, &Any);

/// A search among tools is the vendor's unless it says that the client executes it.
static TOOL_SEARCH: Shape = Tagged(
    "execution",
    &[(
        &["client"],
        Object(&[("type", Word(&["tool_search"])), ("description", Prose), ("parameters", As(&SCHEMA))]),
    )],
    &HOSTED,
);

/// A remote server of tools: the vendor calls it, at an address that it is given or knows.
static MCP: Fields = &[
    ("server_label", Prose),
    ("server_url", Prose),
    ("server_description", Prose),
    ("connector_id", Any),
    ("authorization", Any),
    ("headers", Any),
    ("allowed_tools", Any),
    ("require_approval", Any),
    ("defer_loading", Any),
    ("allowed_callers", List(&CALLER)),
];

static FILE_SEARCH: Fields =
    &[("vector_store_ids", Flag(Feature::VendorState, &Prose)), ("max_num_results", Number)];

static KINDS: Shape = Word(&[
    "allowed_tools",
    "function",
    "custom",
    "mcp",
    "shell",
    "apply_patch",
    "local_shell",
    "programmatic_tool_calling",
    "file_search",
    "web_search",
    "web_search_preview",
    "computer",
    "computer_use",
    "computer_use_preview",
    "code_interpreter",
    "image_generation",
]);

/// Which tool is to be used: only one of those in `tools` can be.
pub(super) static CHOICE: Shape = Either {
    string: &Word(&["none", "auto", "required"]),
    list: &Any,
    object: &Object(&[
        ("type", As(&KINDS)),
        ("mode", Word(&["auto", "required"])),
        ("name", Prose),
        ("server_label", Prose),
        ("tools", List(&Object(&[("type", As(&KINDS)), ("name", Prose), ("server_label", Prose)]))),
    ]),
};
