//! What of tools is structure.
//!
//! Source: Google's reference of the Gemini API and of Vertex AI, `Tool` and `ToolConfig`.

use super::schema::SCHEMA;
use crate::protocol::Feature;
use crate::protocol::schema::SCHEMA as JSON_SCHEMA;
use crate::protocol::shape::Shape;
use Shape::{Any, As, Either, Flag, List, Number, Prose, Proto, Word};

pub(super) static TOOLS: Shape = Either { string: &Any, list: &List(&TOOL), object: &TOOL };

/// A tool: functions run at the caller, any other at the vendor, and those that read addresses fetch them.
static TOOL: Shape = Proto(
    &[
        ("functionDeclarations", Either { string: &Any, list: &List(&DECLARATION), object: &DECLARATION }),
        ("googleSearch", As(&RUN)),
        ("googleMaps", As(&RUN)),
        ("codeExecution", As(&RUN)),
        ("computerUse", As(&RUN)),
        ("enterpriseWebSearch", As(&RUN)),
        ("urlContext", Flag(Feature::ExternalUrl, &RUN)),
        ("googleSearchRetrieval", Flag(Feature::HostedTool, &SEARCH_RETRIEVAL)),
        ("fileSearch", Flag(Feature::HostedTool, &Flag(Feature::VendorState, &Any))),
        ("retrieval", Flag(Feature::HostedTool, &Flag(Feature::VendorState, &Any))),
        ("mcpServers", Flag(Feature::HostedTool, &Flag(Feature::ExternalUrl, &Any))),
    ],
    &RUN,
);

static RUN: Shape = Flag(Feature::HostedTool, &Any);

static SEARCH_RETRIEVAL: Shape = Proto(
    &[(
        "dynamicRetrievalConfig",
        Proto(&[("mode", Word(&["MODE_DYNAMIC", "MODE_UNSPECIFIED"])), ("dynamicThreshold", Number)], &Any),
    )],
    &Any,
);

static DECLARATION: Shape = Proto(
    &[
        ("name", Prose),
        ("description", Prose),
        ("parameters", As(&SCHEMA)),
        ("parametersJsonSchema", As(&JSON_SCHEMA)),
        ("response", As(&SCHEMA)),
        ("responseJsonSchema", As(&JSON_SCHEMA)),
        ("behavior", Word(&["UNSPECIFIED", "BLOCKING", "NON_BLOCKING"])),
    ],
    &Any,
);

pub(super) static TOOL_CONFIG: Shape = Proto(
    &[
        (
            "functionCallingConfig",
            Proto(
                &[
                    ("mode", Word(&["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"])),
                    ("allowedFunctionNames", Prose),
                    ("streamFunctionCallArguments", Any),
                ],
                &Any,
            ),
        ),
        ("retrievalConfig", Any),
        ("includeServerSideToolInvocations", Any),
    ],
    &Any,
);
