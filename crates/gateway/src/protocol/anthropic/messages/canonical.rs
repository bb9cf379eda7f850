//! The canonical form of messages.

use crate::protocol::canonical::{Canonical, CanonicalMessage};
use crate::protocol::json::{Kind, View};

/// The system prompt and all messages of a request, in order.
pub(crate) fn messages(body: View<'_>) -> Vec<CanonicalMessage> {
    let system = body.given("system").map(|system| {
        let mut canonical = Canonical::new("system");
        content(&mut canonical, system);
        CanonicalMessage { bytes: canonical.finish(), answer: false }
    });
    let messages = body.get("messages").into_iter().flat_map(View::items).map(|message| {
        let role = message.get("role").and_then(View::string).unwrap_or_default();
        CanonicalMessage { bytes: bytes(&role, message), answer: role == "assistant" }
    });
    system.into_iter().chain(messages).collect()
}

/// One message.
pub(crate) fn bytes(role: &str, message: View<'_>) -> Vec<u8> {
    let mut canonical = Canonical::new(role);
    if let Some(value) = message.given("content") {
        content(&mut canonical, value);
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
        block(canonical, part);
    }
}

/// One block. Thinking is left out: clients need not send it again.
fn block(canonical: &mut Canonical, part: View<'_>) {
    let string = |key| part.get(key).and_then(View::string).unwrap_or_default();
    match string("type").as_ref() {
        "text" => canonical.text(&string("text")),
        "thinking" | "redacted_thinking" => {}
        "tool_use" => {
            canonical.call(&string("id"), &string("name"), part.get("input").map_or("", View::raw));
        }
        "tool_result" => {
            canonical.field(b'I', part.get("tool_use_id"));
            if part.get("is_error").and_then(View::boolean) == Some(true) {
                canonical.mark(b'E');
            }
            if let Some(value) = part.given("content") {
                content(canonical, value);
            }
            canonical.mark(b'.');
        }
        _ => canonical.part(part),
    }
}
