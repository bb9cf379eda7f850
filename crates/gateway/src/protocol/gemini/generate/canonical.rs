//! The canonical form of contents.
//!
//! A streamed answer comes back as one content for each of its chunks, so that contents of the model that follow each
//! other are one message. Thoughts and signatures are left out, and so are the identifiers of calls: not every client
//! sends them again.

use std::borrow::Cow;

use super::super::{each, given};
use crate::protocol::canonical::{Canonical, CanonicalMessage};
use crate::protocol::json::{Kind, View};
use crate::protocol::shape::plain_base64;

/// The system instruction and all messages of a request, in order.
pub(super) fn messages(body: View<'_>) -> Vec<CanonicalMessage> {
    let system = given(body, "systemInstruction").map(|system| {
        let mut canonical = Canonical::new("system");
        content(&mut canonical, system);
        CanonicalMessage { bytes: canonical.finish(), answer: false }
    });
    let mut messages: Vec<_> = system.into_iter().collect();
    let mut model: Option<Canonical> = None;
    let end = |canonical: Canonical| CanonicalMessage { bytes: canonical.finish(), answer: true };
    for one in each(body, "contents") {
        let role = given(one, "role").and_then(View::string).unwrap_or_default();
        if role == "model" {
            content(model.get_or_insert_with(|| Canonical::new("model")), one);
            continue;
        }
        messages.extend(model.take().map(end));
        let mut canonical = Canonical::new(&role);
        content(&mut canonical, one);
        messages.push(CanonicalMessage { bytes: canonical.finish(), answer: false });
    }
    messages.extend(model.take().map(end));
    messages
}

/// The parts of one content.
pub(super) fn content(canonical: &mut Canonical, content: View<'_>) {
    each(content, "parts").for_each(|one| part(canonical, one));
}

fn string<'d>(value: View<'d>, field: &str) -> Cow<'d, str> {
    given(value, field).and_then(View::string).unwrap_or_default()
}

fn part(canonical: &mut Canonical, part: View<'_>) {
    if is_thought(part) {
        return;
    }
    if let Some(text) = given(part, "text").and_then(View::string) {
        return canonical.text(&text);
    }
    if let Some(call) = given(part, "functionCall") {
        let args = given(call, "args").map_or("", View::raw);
        return canonical.call("", &string(call, "name"), args);
    }
    if let Some(response) = given(part, "functionResponse") {
        canonical.word(b'N', &string(response, "name"));
        if let Some(value) = given(response, "response") {
            canonical.part(value);
        }
        each(response, "parts").for_each(|one| self::part(canonical, one));
        return canonical.mark(b'.');
    }
    match words(part) {
        Some(words) => words.iter().for_each(|(tag, text)| canonical.word(*tag, text)),
        // a signature alone says nothing
        None if part.members().all(|(key, _)| key.is("thoughtSignature") || key.is("thought_signature")) => {}
        None => canonical.part(part),
    }
}

/// A part of the model's reasoning.
pub(super) fn is_thought(part: View<'_>) -> bool {
    given(part, "thought").and_then(View::boolean) == Some(true)
}

/// A part that is known by a few of its texts: media (in any spelling of base64), code and what it printed.
pub(super) fn words(part: View<'_>) -> Option<Vec<(u8, String)>> {
    let kinds: [(&str, [(u8, &str); 2]); 4] = [
        ("inlineData", [(b'M', "mimeType"), (b'D', "data")]),
        ("fileData", [(b'M', "mimeType"), (b'U', "fileUri")]),
        ("executableCode", [(b'L', "language"), (b'C', "code")]),
        ("codeExecutionResult", [(b'O', "outcome"), (b'P', "output")]),
    ];
    kinds.into_iter().find_map(|(kind, fields)| {
        let value = given(part, kind).filter(|value| value.kind() == Kind::Object)?;
        let word = |(tag, field)| {
            let text = string(value, field);
            (tag, if tag == b'D' { plain_base64(&text) } else { text.into_owned() })
        };
        Some(fields.map(word).to_vec())
    })
}
