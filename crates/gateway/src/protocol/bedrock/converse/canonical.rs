//! The canonical form of messages.

use crate::protocol::canonical::{Canonical, CanonicalMessage};
use crate::protocol::json::{Kind, View};

/// The system prompt and all messages of a request, in order.
pub(crate) fn messages(body: View<'_>) -> Vec<CanonicalMessage> {
    let system = body.given("system").filter(|system| system.items().next().is_some()).map(|system| {
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
    if value.kind() != Kind::Array {
        return canonical.part(value);
    }
    for part in value.items() {
        block(canonical, part);
    }
}

/// One block. Thinking is left out, as clients need not send it again, and so are marks of the cache, which move. Of
/// cited text the citations are left out: in a stream they come apart from it.
fn block(canonical: &mut Canonical, part: View<'_>) {
    let mut members = part.members();
    let (Some((key, value)), None) = (members.next(), members.next()) else { return canonical.part(part) };
    match (key.string().unwrap_or_default().as_ref(), value.string()) {
        ("text", Some(text)) => canonical.text(&text),
        ("cachePoint" | "reasoningContent", _) => {}
        ("toolUse", None) => {
            let string = |key| value.get(key).and_then(View::string).unwrap_or_default();
            let input = value.get("input").map_or("", View::raw);
            canonical.call(&string("toolUseId"), &string("name"), input);
        }
        ("toolResult", None) => {
            canonical.field(b'I', value.get("toolUseId"));
            if value.get("status").is_some_and(|status| status.is("error")) {
                canonical.mark(b'E');
            }
            if let Some(inner) = value.given("content") {
                content(canonical, inner);
            }
            canonical.mark(b'.');
        }
        ("citationsContent", None) => {
            let texts = value.get("content").into_iter().flat_map(View::items);
            texts.for_each(|text| block(canonical, text));
        }
        _ => canonical.part(part),
    }
}
