//! The canonical form of chat messages.

use crate::protocol::canonical::{Canonical, CanonicalMessage};
use crate::protocol::json::{Kind, View};

/// All messages of a request, in order.
pub(crate) fn messages(body: View<'_>) -> Vec<CanonicalMessage> {
    let messages = body.get("messages").into_iter().flat_map(View::items);
    messages
        .map(|message| {
            let role = message.get("role").and_then(View::string).unwrap_or_default();
            CanonicalMessage { bytes: bytes(&role, message), answer: role == "assistant" }
        })
        .collect()
}

/// One message. Fields that clients do not send again (refusal, annotations, audio, reasoning) are left out.
pub(crate) fn bytes(role: &str, message: View<'_>) -> Vec<u8> {
    let mut canonical = Canonical::new(role);
    if role != "assistant" {
        canonical.field(b'N', message.given("name"));
        canonical.field(b'I', message.given("tool_call_id"));
    }
    if let Some(value) = message.given("content") {
        content(&mut canonical, value);
    }
    for call in message.get("tool_calls").into_iter().flat_map(View::items) {
        let id = call.get("id").and_then(View::string).unwrap_or_default();
        let (function, arguments) = match call.get("custom") {
            Some(custom) => (custom, "input"),
            None => (call.get("function").unwrap_or(call), "arguments"),
        };
        let name = function.get("name").and_then(View::string).unwrap_or_default();
        canonical.call(&id, &name, &function.get(arguments).and_then(View::string).unwrap_or_default());
    }
    if let Some(call) = message.given("function_call") {
        let name = call.get("name").and_then(View::string).unwrap_or_default();
        canonical.call("", &name, &call.get("arguments").and_then(View::string).unwrap_or_default());
    }
    canonical.finish()
}

fn content(canonical: &mut Canonical, value: View<'_>) {
    if let Some(text) = value.string() {
        return canonical.text(&text);
    }
    if value.kind() != Kind::Array {
        return canonical.part(value);
    }
    for part in value.items() {
        match part.get("text").and_then(View::string) {
            Some(text) if part.get("type").is_some_and(|kind| kind.is("text")) => canonical.text(&text),
            _ => canonical.part(part),
        }
    }
}
