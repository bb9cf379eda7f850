//! JSON Schemas in requests: which of a schema is structure, and what it demands of the values that a model writes.

mod grammar;

pub(super) use grammar::SCHEMA;

use deid::{Constraints, Rule};

use super::json::{Bounds, Document, Kind, View};

/// The members of a body in which schemas stand: tools with their parameters, and the form of the answer.
const PLACES: [&str; 10] = [
    "tools",
    "functions",
    "response_format",
    "text",
    "output_format",
    "output_config",
    "generationConfig",
    "generation_config",
    "toolConfig",
    "outputConfig",
];

/// Keywords whose members are named by the application, each with a schema.
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];

/// Keywords that hold values or words, not schemas.
const VALUES: [&str; 9] = [
    "enum",
    "const",
    "default",
    "example",
    "examples",
    "required",
    "propertyOrdering",
    "property_ordering",
    "description",
];

/// Adds what all schemas of a body demand, at any depth.
pub(super) fn read(body: View<'_>, constraints: &mut Constraints) {
    for (key, place) in body.members() {
        if PLACES.iter().any(|name| key.is(name)) {
            any(place, None, constraints);
        }
    }
}

/// Whether a body asks for an answer that is a JSON document.
pub(super) fn asks_for_json(body: View<'_>) -> bool {
    let typed = |format: View<'_>| {
        format.get("type").is_some_and(|kind| kind.is("json_schema") || kind.is("json_object"))
    };
    let inner = |outer, inner| body.get(outer).and_then(|config: View<'_>| config.get(inner));
    let nested =
        [inner("text", "format"), inner("output_config", "format"), inner("outputConfig", "textFormat")];
    let plain = ["response_format", "output_format"].map(|place| body.get(place));
    let google =
        ["generationConfig", "generation_config"].iter().filter_map(|name| body.get(name)).any(|config| {
            let kinds = ["responseMimeType", "response_mime_type"].iter().filter_map(|name| config.get(name));
            kinds.into_iter().any(|kind| kind.is("application/json"))
        });
    google || nested.into_iter().chain(plain).flatten().any(typed)
}

/// A schema, or what may hold schemas; `property` is what the application calls the value.
fn any(view: View<'_>, property: Option<&str>, constraints: &mut Constraints) {
    view.items().for_each(|item| any(item, property, constraints));
    for (key, value) in view.members() {
        let key = key.string().unwrap_or_default();
        match (key.as_ref(), value.kind()) {
            ("format", Kind::String) => {
                constraints.require(property, Rule::Format(&value.string().unwrap_or_default()));
            }
            ("pattern", Kind::String) => {
                constraints.require(property, Rule::Pattern(&value.string().unwrap_or_default()));
            }
            ("type", Kind::String | Kind::Array) if is_number(value) => {
                constraints.require(property, Rule::Number);
            }
            ("schema", Kind::String) => written(&value.string().unwrap_or_default(), constraints),
            (named, Kind::Object) if NAMED.contains(&named) => {
                for (name, schema) in value.members() {
                    any(schema, name.string().as_deref(), constraints);
                }
            }
            (values, _) if VALUES.contains(&values) => {}
            (_, Kind::Object | Kind::Array) => any(value, property, constraints),
            _ => {}
        }
    }
}

/// A schema that is the text of a string.
fn written(schema: &str, constraints: &mut Constraints) {
    let bounds = Bounds { depth: 64, nodes: 1 << 16, unique_keys: false };
    if let Ok(schema) = Document::parse(schema.to_owned(), bounds) {
        any(schema.root(), None, constraints);
    }
}

fn is_number(kind: View<'_>) -> bool {
    // Google writes them in upper case
    let number = |kind: View<'_>| ["integer", "number", "INTEGER", "NUMBER"].iter().any(|name| kind.is(name));
    number(kind) || kind.items().any(number)
}
