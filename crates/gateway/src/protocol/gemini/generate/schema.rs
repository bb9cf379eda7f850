//! What of Google's own form of a schema is structure.
//!
//! Source: Google's reference of the Gemini API and of Vertex AI, `Schema`: a subset of OpenAPI 3.0, with its types in
//! upper case. Its counts may be given as strings.

use crate::protocol::shape::Shape;
use Shape::{Any, As, Bound, Either, List, Map, Prose, Proto, Same, Word};

/// A schema: as [`crate::protocol::schema::SCHEMA`], in Google's words.
pub(super) static SCHEMA: Shape = Proto(
    &[
        (
            "type",
            Word(&[
                "STRING",
                "NUMBER",
                "INTEGER",
                "BOOLEAN",
                "ARRAY",
                "OBJECT",
                "NULL",
                "TYPE_UNSPECIFIED",
                "string",
                "number",
                "integer",
                "boolean",
                "array",
                "object",
                "null",
            ]),
        ),
        ("format", Word(&["float", "double", "int32", "int64", "enum", "date-time", "date", "time"])),
        ("title", Prose),
        ("description", Prose),
        ("nullable", Any),
        ("enum", Same),
        ("default", Same),
        ("example", Same),
        ("properties", Map(&SCHEMA)),
        ("propertyOrdering", Prose),
        ("required", Prose),
        ("items", As(&SCHEMA)),
        ("prefixItems", List(&SCHEMA)),
        ("anyOf", List(&SCHEMA)),
        ("additionalProperties", Either { string: &Any, list: &Any, object: &SCHEMA }),
        ("defs", Map(&SCHEMA)),
        ("ref", Prose),
        ("pattern", Prose),
        ("minimum", Bound),
        ("maximum", Bound),
        ("minLength", Bound),
        ("maxLength", Bound),
        ("minItems", Bound),
        ("maxItems", Bound),
        ("minProperties", Bound),
        ("maxProperties", Bound),
    ],
    &Any,
);
