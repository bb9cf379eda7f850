//! What of a JSON Schema is structure.
//!
//! Source: JSON Schema 2020-12, Core and Validation.

use crate::protocol::shape::Shape;
use Shape::{Any, As, Bound, Either, List, Map, Object, Prose, Same, Word};

static TYPES: Shape = Word(&["object", "string", "number", "integer", "boolean", "array", "null"]);

/// A JSON Schema: its keywords and bounds are structure, the names of properties and all values are content. Values that
/// a property may have are labelled as the property.
pub(crate) static SCHEMA: Shape = Object(&[
    (
        "$schema",
        Word(&["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"]),
    ),
    ("type", Either { string: &TYPES, list: &List(&TYPES), object: &Any }),
    ("title", Prose),
    ("description", Prose),
    ("properties", Map(&SCHEMA)),
    ("patternProperties", Map(&SCHEMA)),
    ("$defs", Map(&SCHEMA)),
    ("definitions", Map(&SCHEMA)),
    ("required", Prose),
    ("enum", Same),
    ("const", Same),
    ("default", Same),
    ("examples", Same),
    ("items", Either { string: &Any, list: &List(&SCHEMA), object: &SCHEMA }),
    ("additionalProperties", As(&SCHEMA)),
    ("anyOf", List(&SCHEMA)),
    ("oneOf", List(&SCHEMA)),
    ("allOf", List(&SCHEMA)),
    ("not", As(&SCHEMA)),
    ("pattern", Prose),
    (
        "format",
        Word(&["date-time", "date", "time", "email", "uri", "uuid", "ipv4", "ipv6", "hostname", "duration"]),
    ),
    ("minimum", Bound),
    ("maximum", Bound),
    ("exclusiveMinimum", Bound),
    ("exclusiveMaximum", Bound),
    ("multipleOf", Bound),
    ("minLength", Bound),
    ("maxLength", Bound),
    ("minItems", Bound),
    ("maxItems", Bound),
    ("minContains", Bound),
    ("maxContains", Bound),
    ("minProperties", Bound),
    ("maxProperties", Bound),
    ("$ref", Prose),
]);
