//! The canonical form of items: what a model made in one turn is one message, as its answer was.

use crate::protocol::canonical::{Canonical, CanonicalMessage};
use crate::protocol::json::{Kind, View};

/// The instructions and all of the input, in order.
pub(crate) fn messages(body: View<'_>) -> Vec<CanonicalMessage> {
    let instructions = body.given("instructions").map(|instructions| {
        let mut canonical = Canonical::new("system");
        content(&mut canonical, instructions);
        said(canonical)
    });
    let mut messages: Vec<_> = instructions.into_iter().collect();
    match body.given("input") {
        Some(text) if text.kind() == Kind::String => {
            let mut canonical = Canonical::new("user");
            content(&mut canonical, text);
            messages.push(said(canonical));
        }
        Some(list) => turns(list.items(), &mut messages),
        None => {}
    }
    messages
}

/// The items of an answer. `None` where the vendor answered itself in between, so that nobody can tell later where the
/// answer ended.
pub(crate) fn answer<'d>(items: impl Iterator<Item = View<'d>>) -> Option<Vec<u8>> {
    let mut messages = Vec::new();
    turns(items, &mut messages);
    let one = messages.pop().filter(|message| message.answer && messages.is_empty())?;
    Some(one.bytes)
}

fn said(canonical: Canonical) -> CanonicalMessage {
    CanonicalMessage { bytes: canonical.finish(), answer: false }
}

fn turns<'d>(items: impl Iterator<Item = View<'d>>, messages: &mut Vec<CanonicalMessage>) {
    let close = |turn: Option<Canonical>| {
        turn.map(|canonical| CanonicalMessage { bytes: canonical.finish(), answer: true })
    };
    let mut turn = None;
    for item in items {
        let kind = string(item, "type");
        if is_made(item, &kind) {
            made(turn.get_or_insert_with(|| Canonical::new("assistant")), item, &kind);
        } else {
            messages.extend(close(turn.take()));
            messages.push(given(item, &kind));
        }
    }
    messages.extend(close(turn));
}

fn string(item: View<'_>, key: &str) -> String {
    item.get(key).and_then(View::string).unwrap_or_default().into_owned()
}

/// Whether a model made the item, or a tool of the vendor's in its turn.
fn is_made(item: View<'_>, kind: &str) -> bool {
    match kind {
        "" | "message" => item.get("role").is_some_and(|role| role.is("assistant")),
        "tool_search_output" | "program_output" => true,
        "item_reference"
        | "additional_tools"
        | "configuration_update"
        | "compaction_trigger"
        | "mcp_approval_response" => false,
        _ => !kind.ends_with("_output"),
    }
}

/// An item of a model's turn. Clients need not send again what has neither a text nor a call to answer: reasoning,
/// what the vendor's own tools did. Identifiers of items, their status and phase are dropped.
fn made(canonical: &mut Canonical, item: View<'_>, kind: &str) {
    if matches!(kind, "" | "message") {
        return item.given("content").into_iter().for_each(|value| content(canonical, value));
    }
    let call = string(item, "call_id");
    match kind {
        "function_call" => canonical.call(&call, &string(item, "name"), &string(item, "arguments")),
        "custom_tool_call" => canonical.call(&call, &string(item, "name"), &string(item, "input")),
        _ if !call.is_empty() => canonical.call(&call, kind, ""),
        _ => {}
    }
}

/// An item that the application adds.
fn given(item: View<'_>, kind: &str) -> CanonicalMessage {
    if matches!(kind, "" | "message") && item.given("role").is_some() {
        let mut canonical = Canonical::new(&string(item, "role"));
        item.given("content").into_iter().for_each(|value| content(&mut canonical, value));
        return said(canonical);
    }
    if !kind.ends_with("_output") {
        let mut canonical = Canonical::new("item");
        canonical.part(item);
        return said(canonical);
    }
    let mut canonical = Canonical::new("tool");
    canonical.field(b'I', item.given("call_id"));
    item.given("output").into_iter().for_each(|value| content(&mut canonical, value));
    said(canonical)
}

fn content(canonical: &mut Canonical, value: View<'_>) {
    if let Some(text) = value.string() {
        return canonical.text(&text);
    }
    if value.kind() != Kind::Array {
        return canonical.part(value);
    }
    for part in value.items() {
        match string(part, "type").as_str() {
            "input_text" | "output_text" | "text" => canonical.text(&string(part, "text")),
            "refusal" => canonical.field(b'R', part.get("refusal")),
            _ => canonical.part(part),
        }
    }
}
