//! What of a request is structure.
//!
//! Source: Google's reference of the Gemini API, `models.generateContent` and `models.countTokens`, and of Vertex AI,
//! the same methods of `projects.locations.publishers.models`.

use super::media::{BLOB, FILE_DATA, MEDIA_RESOLUTION, VIDEO};
use super::schema::SCHEMA;
use super::tools::{TOOL_CONFIG, TOOLS};
use crate::protocol::Feature;
use crate::protocol::schema::SCHEMA as JSON_SCHEMA;
use crate::protocol::shape::{Fields, Shape};
use Shape::{
    Any, As, Either, Flag, Input, Integer, List, Mark, Model, Number, Opaque, Or, Prose, Proto, Word,
};

/// The body of a request.
pub(super) static GENERATE: Shape = Proto(REQUEST, &Any);

static REQUEST: Fields = &[
    ("model", Model),
    ("contents", As(&CONTENTS)),
    ("systemInstruction", As(&CONTENT)),
    ("tools", As(&TOOLS)),
    ("toolConfig", As(&TOOL_CONFIG)),
    ("safetySettings", Either { string: &Any, list: &List(&SAFETY), object: &SAFETY }),
    ("generationConfig", As(&CONFIG)),
    ("cachedContent", Flag(Feature::VendorState, &Prose)),
    ("continuationToken", Opaque),
    ("store", Flag(Feature::VendorState, &Any)),
    ("serviceTier", Word(&["unspecified", "standard", "flex", "priority", "STANDARD", "FLEX", "PRIORITY"])),
    ("labels", Any),
];

/// The body of a request to count: the Gemini API's form, which may hold a whole request, and Vertex AI's.
pub(super) static COUNT: Shape = Proto(
    &[
        ("model", Model),
        ("contents", As(&CONTENTS)),
        ("systemInstruction", As(&CONTENT)),
        ("tools", As(&TOOLS)),
        ("generationConfig", As(&CONFIG)),
        ("generateContentRequest", As(&GENERATE)),
    ],
    &Any,
);

static CONTENTS: Shape = Either { string: &Any, list: &List(&CONTENT), object: &CONTENT };

/// A message.
pub(crate) static CONTENT: Shape = Proto(
    &[
        ("role", Word(&["user", "model", "system", "function", "tool"])),
        ("parts", Either { string: &Prose, list: &List(&PART), object: &PART }),
    ],
    &Any,
);

/// What Google has clients write where they have no signature.
static NO_SIGNATURE: &[&str] = &[
    "skip_thought_signature_validator",
    "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
    "context_engineering_is_the_way_to_go",
    "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
];

/// A part of a message. What the protocol does not define may be anything, so it counts as a file; what only the
/// vendor's own tools make counts as their use.
static PART: Shape = Either {
    string: &Prose,
    list: &Any,
    object: &Proto(
        &[
            ("text", Prose),
            ("thought", Any),
            ("thoughtSignature", Or(NO_SIGNATURE, &Opaque)),
            ("inlineData", As(&BLOB)),
            ("fileData", As(&FILE_DATA)),
            ("functionCall", As(&CALL)),
            ("functionResponse", As(&RESPONSE)),
            ("executableCode", Flag(Feature::HostedTool, &CODE)),
            ("codeExecutionResult", Flag(Feature::HostedTool, &RESULT)),
            ("toolCall", Flag(Feature::HostedTool, &HOSTED)),
            ("toolResponse", Flag(Feature::HostedTool, &HOSTED)),
            ("partMetadata", Input),
            ("videoMetadata", As(&VIDEO)),
            ("mediaResolution", As(&MEDIA_RESOLUTION)),
        ],
        &Flag(Feature::Files, &Any),
    ),
};

static CALL: Shape = Proto(
    &[
        ("id", Prose),
        ("name", Prose),
        ("args", Input),
        ("willContinue", Any),
        (
            "partialArgs",
            List(&Proto(&[("jsonPath", Prose), ("stringValue", Prose), ("willContinue", Any)], &Any)),
        ),
    ],
    &Any,
);

static RESPONSE: Shape = Proto(
    &[
        ("id", Prose),
        ("name", Prose),
        ("response", Input),
        ("willContinue", Any),
        ("scheduling", Word(&["SILENT", "WHEN_IDLE", "INTERRUPT"])),
        ("parts", Either { string: &Any, list: &List(&RESPONSE_PART), object: &RESPONSE_PART }),
    ],
    &Any,
);

static RESPONSE_PART: Shape = Proto(
    &[("inlineData", As(&BLOB)), ("fileData", As(&FILE_DATA)), ("mediaResolution", As(&MEDIA_RESOLUTION))],
    &Flag(Feature::Files, &Any),
);

static CODE: Shape =
    Proto(&[("id", Prose), ("language", Word(&["PYTHON", "LANGUAGE_UNSPECIFIED"])), ("code", Prose)], &Any);

static RESULT: Shape = Proto(
    &[
        ("id", Prose),
        (
            "outcome",
            Word(&["OUTCOME_OK", "OUTCOME_FAILED", "OUTCOME_DEADLINE_EXCEEDED", "OUTCOME_UNSPECIFIED"]),
        ),
        ("output", Prose),
    ],
    &Any,
);

static HOSTED: Shape =
    Proto(&[("id", Prose), ("toolType", Prose), ("args", Input), ("response", Input)], &Any);

static SAFETY: Shape = Proto(
    &[
        (
            "category",
            Word(&[
                "HARM_CATEGORY_HARASSMENT",
                "HARM_CATEGORY_HATE_SPEECH",
                "HARM_CATEGORY_SEXUALLY_EXPLICIT",
                "HARM_CATEGORY_DANGEROUS_CONTENT",
                "HARM_CATEGORY_CIVIC_INTEGRITY",
                "HARM_CATEGORY_JAILBREAK",
            ]),
        ),
        (
            "threshold",
            Word(&["BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE", "OFF"]),
        ),
        ("method", Word(&["SEVERITY", "PROBABILITY"])),
    ],
    &Any,
);

static CONFIG: Shape = Proto(
    &[
        ("candidateCount", Number),
        ("maxOutputTokens", Number),
        ("temperature", Number),
        ("topP", Number),
        ("topK", Number),
        ("seed", Integer),
        ("presencePenalty", Number),
        ("frequencyPenalty", Number),
        ("responseLogprobs", Any),
        ("logprobs", Number),
        ("stopSequences", Prose),
        ("responseMimeType", Word(&["text/plain", "application/json", "text/x.enum"])),
        ("responseSchema", As(&SCHEMA)),
        ("responseJsonSchema", As(&JSON_SCHEMA)),
        ("_responseJsonSchema", As(&JSON_SCHEMA)),
        ("responseModalities", Either { string: &MODALITY, list: &List(&MODALITY), object: &Any }),
        ("responseFormat", Any),
        ("speechConfig", Flag(Feature::Audio, &Any)),
        ("audioTimestamp", Any),
        ("audioTranscriptionConfig", Flag(Feature::Audio, &Any)),
        ("enableAffectiveDialog", Any),
        ("enableEnhancedCivicAnswers", Any),
        ("imageConfig", Flag(Feature::Images, &Any)),
        (
            "mediaResolution",
            Word(&["MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM", "MEDIA_RESOLUTION_HIGH"]),
        ),
        ("thinkingConfig", As(&THINKING)),
    ],
    &Any,
);

static THINKING: Shape = Proto(
    &[
        ("includeThoughts", Any),
        ("thinkingBudget", Number),
        ("thinkingLevel", Word(&["MINIMAL", "LOW", "MEDIUM", "HIGH", "minimal", "low", "medium", "high"])),
    ],
    &Any,
);

/// What the answer may be. A word or number that is not known may be any.
static MODALITY: Shape = Mark(
    "IMAGE",
    Feature::Images,
    &Mark(
        "AUDIO",
        Feature::Audio,
        &Or(&["TEXT", "IMAGE", "AUDIO"], &Flag(Feature::Images, &Flag(Feature::Audio, &Any))),
    ),
);
