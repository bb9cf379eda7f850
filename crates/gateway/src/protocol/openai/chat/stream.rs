//! A stream of chat completion chunks.
//!
//! Chunks have no event names; the stream ends in `[DONE]`; arguments of calls are split anywhere; the chunk
//! that tells the usage has no choices.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::answer::{COMPLETION, check, facts};
use crate::protocol::Limits;
use crate::protocol::answer::AnswerError;
use crate::protocol::canonical::Canonical;
use crate::protocol::dialect::Events;
use crate::protocol::framing::{Event, Framing};
use crate::protocol::guard::Channel;
use crate::protocol::json::{Kind, View};
use crate::protocol::lanes::Lanes;
use crate::protocol::stream::{Budget, Desk, Taken};

/// Which text of a choice.
#[derive(Clone, PartialEq, Eq)]
enum Key {
    /// a string of the delta, by its name: `content`, `refusal`, `reasoning_content`, …
    Field(String),
    /// the arguments of the call at an index
    Arguments(u64),
    /// the input of the custom tool's call at an index
    Input(u64),
    /// the arguments of the one call of the old form
    FunctionCall,
}

impl Key {
    fn channel(&self) -> Channel {
        if matches!(self, Self::Arguments(_) | Self::FunctionCall) { Channel::Json } else { Channel::Text }
    }

    /// A delta that holds just this text.
    fn delta(&self, text: &str) -> Value {
        match self {
            Self::Field(name) => json!({ name.as_str(): text }),
            Self::Arguments(index) => {
                json!({ "tool_calls": [{ "index": index, "function": { "arguments": text } }] })
            }
            Self::Input(index) => json!({ "tool_calls": [{ "index": index, "custom": { "input": text } }] }),
            Self::FunctionCall => json!({ "function_call": { "arguments": text } }),
        }
    }
}

/// What names a channel.
#[derive(Clone, PartialEq, Eq)]
struct Lane {
    choice: u64,
    key: Key,
}

/// A piece of text for a channel.
struct Piece<'d> {
    key: Key,
    view: View<'d>,
    text: Cow<'d, str>,
    /// Whether it shows that the channels before it have ended.
    starts: bool,
}

#[derive(Default)]
struct Call {
    index: u64,
    id: String,
    name: String,
    arguments: String,
}

/// The state of one stream.
pub(crate) struct Stream {
    lanes: Lanes<Lane>,
    /// The members that every chunk repeats, as JSON text.
    envelope: String,
    content: String,
    calls: Vec<Call>,
    budget: Budget,
    /// Whether the texts are the choices' own, as completions have them, and not in a delta.
    bare: bool,
}

impl Stream {
    /// Before the first event.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            lanes: Lanes::new(),
            envelope: String::new(),
            content: String::new(),
            calls: Vec::new(),
            budget: Budget::new(limits),
            bare: false,
        }
    }

    /// The same for choices that hold their texts themselves.
    pub(crate) fn of_texts(limits: &Limits) -> Self {
        Self { bare: true, ..Self::new(limits) }
    }
}

impl Events for Stream {
    fn event(
        &mut self,
        event: &Event,
        data: &str,
        desk: &mut Desk,
        out: &mut Vec<u8>,
    ) -> Result<(), AnswerError> {
        if data.trim() == "[DONE]" {
            self.flush(out);
            desk.complete = true;
            desk.forward(event, out);
            return Ok(());
        }
        let document = desk.parse(data)?;
        let root = document.root();
        if root.given("error").is_some() {
            self.flush(out);
            desk.write_error(root, out);
            return Ok(());
        }
        check(root)?;
        facts(root, &mut desk.facts);
        self.envelope = envelope(root, desk);
        let mut taken = Taken::new();
        for (ordinal, choice) in (0..).zip(root.get("choices").into_iter().flat_map(View::items)) {
            let index = choice.get("index").and_then(View::whole).unwrap_or(ordinal);
            self.choice(index, choice, desk, &mut taken, out)?;
        }
        desk.write(event, &document, &COMPLETION, taken, out);
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        self.close(|_| true, out);
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let mut canonical = Canonical::new("assistant");
        canonical.text(&self.content);
        for call in &self.calls {
            canonical.call(&call.id, &call.name, &call.arguments);
        }
        (!self.bare && !self.budget.is_over()).then(|| canonical.finish())
    }
}

impl Stream {
    fn choice(
        &mut self,
        index: u64,
        choice: View<'_>,
        desk: &mut Desk,
        taken: &mut Taken,
        out: &mut Vec<u8>,
    ) -> Result<(), AnswerError> {
        let delta = if self.bare { Some(choice) } else { choice.get("delta") };
        let pieces = delta.map(pieces).unwrap_or_default();
        if pieces.iter().any(|piece| piece.starts) {
            // clients take the start of the next text for the end of the one before
            self.close(|lane| lane.choice == index && !pieces.iter().any(|piece| piece.key == lane.key), out);
        }
        let ends = choice.given("finish_reason").is_some();
        for piece in pieces {
            let lane = Lane { choice: index, key: piece.key };
            let mut text = self.lanes.push(&lane, lane.key.channel(), &piece.text, desk)?;
            if ends && !piece.text.is_empty() {
                text.push_str(&self.lanes.end(&lane));
            }
            self.remember(index, Memory::Text(&lane.key), &text);
            taken.replace(piece.view, text);
        }
        for (at, call) in delta.into_iter().flat_map(calls) {
            self.name(index, at, call, desk, taken);
        }
        if ends {
            self.close(|lane| lane.choice == index, out);
        }
        Ok(())
    }

    /// Ends channels, and appends what they held back as chunks of their own.
    fn close(&mut self, ends: impl Fn(&Lane) -> bool, out: &mut Vec<u8>) {
        for (Lane { choice, key }, text) in self.lanes.end_all(ends) {
            let chunk = match (&key, self.bare) {
                (Key::Field(name), true) => json!({ "index": choice, name: text, "finish_reason": null }),
                _ => json!({ "index": choice, "delta": key.delta(&text), "finish_reason": null }),
            };
            let data = format!("{{{}\"choices\":[{chunk}]}}", self.envelope);
            Framing::Sse.write(None, &data, out);
            self.remember(choice, Memory::Text(&key), &text);
        }
    }

    /// The name and identifier of a call: they come whole.
    fn name(&mut self, choice: u64, index: u64, call: View<'_>, desk: &mut Desk, taken: &mut Taken) {
        let function = call.get("function").or_else(|| call.get("custom"));
        if let Some(name) = function.and_then(|function| function.get("name")) {
            let Some(text) = name.string() else { return };
            let text = desk.whole(&text);
            self.remember(choice, Memory::Name(index), &text);
            taken.replace(name, text);
        }
        if let Some(id) = call.get("id").and_then(View::string) {
            self.remember(choice, Memory::Id(index), &id);
        }
    }

    /// Keeps what the client will send again: it sends the first choice.
    fn remember(&mut self, choice: u64, memory: Memory<'_>, text: &str) {
        if choice != 0 {
            return;
        }
        let index = match memory {
            Memory::Text(Key::Field(name)) if name == "content" => {
                return self.budget.append(&mut self.content, text);
            }
            Memory::Text(Key::Field(_)) => return,
            Memory::Text(Key::FunctionCall) => u64::MAX,
            Memory::Text(Key::Arguments(index) | Key::Input(index)) => *index,
            Memory::Name(index) | Memory::Id(index) => index,
        };
        if !self.calls.iter().any(|call| call.index == index) && self.budget.charge(1024) {
            self.calls.push(Call { index, ..Call::default() });
        }
        let Some(call) = self.calls.iter_mut().find(|call| call.index == index) else { return };
        let place = match memory {
            Memory::Text(_) => &mut call.arguments,
            Memory::Name(_) => &mut call.name,
            Memory::Id(_) => &mut call.id,
        };
        self.budget.append(place, text);
    }
}

/// What of a choice is remembered.
#[derive(Clone, Copy)]
enum Memory<'k> {
    Text(&'k Key),
    Name(u64),
    Id(u64),
}

/// Strings of a delta that go on over many chunks; any other comes whole.
const TEXTS: [&str; 7] =
    ["content", "refusal", "reasoning_content", "reasoning", "reasoning_text", "thinking", "text"];

/// The calls of a delta, with their indexes.
fn calls(delta: View<'_>) -> impl Iterator<Item = (u64, View<'_>)> {
    let calls = delta.get("tool_calls").into_iter().flat_map(View::items);
    (0..).zip(calls).map(|(at, call)| (call.get("index").and_then(View::whole).unwrap_or(at), call))
}

fn pieces(delta: View<'_>) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for (key, view) in delta.members() {
        let name = key.string().unwrap_or_default();
        if let (true, Some(text)) = (TEXTS.contains(&name.as_ref()), view.string()) {
            let starts = !text.is_empty();
            pieces.push(Piece { key: Key::Field(name.into_owned()), view, text, starts });
        }
    }
    for (index, call) in calls(delta) {
        let member = |outer: &str, inner: &str| call.get(outer).and_then(|function| function.get(inner));
        let arguments = member("function", "arguments").map(|view| (Key::Arguments(index), view));
        let input = member("custom", "input").map(|view| (Key::Input(index), view));
        for (key, view) in arguments.into_iter().chain(input) {
            let Some(text) = view.string() else { continue };
            let starts = !text.is_empty() || call.get("id").is_some();
            pieces.push(Piece { key, view, text, starts });
        }
    }
    let call = delta.given("function_call").and_then(|call| call.get("arguments"));
    if let Some((view, text)) = call.and_then(|view| Some((view, view.string()?))) {
        pieces.push(Piece { key: Key::FunctionCall, view, text, starts: true });
    }
    pieces
}

/// The members that every chunk repeats.
fn envelope(root: View<'_>, desk: &mut Desk) -> String {
    let mut envelope = String::new();
    for name in ["id", "object", "created", "model", "system_fingerprint", "service_tier"] {
        if let Some(value) =
            root.given(name).filter(|value| matches!(value.kind(), Kind::Number | Kind::String))
        {
            envelope.extend(["\"", name, "\":", &desk.repeated(value), ","]);
        }
    }
    envelope
}
