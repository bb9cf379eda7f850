//! Requests with strict schemas on the wire: what the vendor is sent, and what the application gets back.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

#[path = "support/golden.rs"]
mod golden;
mod support;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use deid::{Detector, Issued, Known, Passage, transform};
use gateway::protocol::{Answer, AnswerStream, Endpoint, Limits, Request, Store};
use golden::golden;
use serde_json::{Value, json};
use support::guards;
use terms::{Form, IdentifierClass, Obligations, Randomness, Shape, SurrogateError, SurrogateSource};

const CHAT: &str = include_str!("golden/strict/chat.json");
const RESPONSES: &str = include_str!("golden/strict/responses.json");
const MESSAGES: &str = include_str!("golden/strict/messages.json");

/// Surrogates that are the same at each run.
#[derive(Default)]
struct Source(BTreeMap<(String, Form), String>, Bits);

#[derive(Default)]
struct Bits(AtomicU64);

impl Randomness for Bits {
    fn fill(&self, bytes: &mut [u8]) {
        let next = |state: u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99));
        for byte in bytes {
            *byte = self.0.fetch_update(Relaxed, Relaxed, next).unwrap().to_be_bytes()[1];
        }
    }
}

impl SurrogateSource for Source {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        _: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        let (count, key) = (self.0.len(), (original.to_owned(), Form::Label));
        Ok(self.0.entry(key).or_insert_with(|| format!("{}-4K2M{count:02}", class.label())).clone())
    }

    fn shaped(
        &mut self,
        _: IdentifierClass,
        original: &str,
        form: Form,
        shape: &dyn Shape,
    ) -> Result<Option<String>, SurrogateError> {
        let drawn = shape.draw(&self.1).unwrap();
        Ok(Some(self.0.entry((original.to_owned(), form)).or_insert(drawn).clone()))
    }
}

/// The body that is sent, and the surrogates in it.
fn sent(endpoint: Endpoint, body: &str) -> (String, Vec<Issued>) {
    let request =
        Request::parse(endpoint, Bytes::copy_from_slice(body.as_bytes()), &Limits::default()).unwrap();
    let passages: Vec<Passage<'_>> =
        request.passages().map(|one| Passage { text: one.text, label: one.label }).collect();
    let detector = Detector::rules();
    let found: Vec<_> =
        passages.iter().map(|passage| detector.detect(*passage, &Known::none()).unwrap()).collect();
    let (obligations, constraints) = (Obligations::default(), request.constraints());
    let mut source = Source::default();
    let done = transform(&passages, &found, &constraints, &obligations, &mut source).unwrap();
    let out = request.rewrite(done.edits(), "m", Store::AsSent).unwrap();
    (String::from_utf8(out.to_vec()).unwrap(), done.issued().to_vec())
}

/// What the model read for `original`.
fn read<'i>(issued: &'i [Issued], original: &str) -> &'i str {
    let own = |one: &&Issued| one.form != Form::Label && one.original.expose() == original;
    issued.iter().find(own).map(|one| one.surrogate.as_str()).unwrap()
}

/// What a model writes that copies into a strict schema, and what the application must get.
fn arguments(issued: &[Issued]) -> (String, Value) {
    let (mrn, dob, plan) =
        (read(issued, "48213377"), read(issued, "1957-03-14"), read(issued, "XWB88231907"));
    let written = format!(r#"{{"mrn": {mrn}, "dob": "{dob}", "plan": "{plan}", "other": [{mrn}, 12]}}"#);
    let wanted =
        json!({ "mrn": 48_213_377, "dob": "1957-03-14", "plan": "XWB88231907", "other": [48_213_377, 12] });
    (written, wanted)
}

#[test]
fn what_a_vendor_is_sent_conforms() {
    for (endpoint, name, body) in [
        (Endpoint::ChatCompletions, "chat", CHAT),
        (Endpoint::Responses, "responses", RESPONSES),
        (Endpoint::Messages, "messages", MESSAGES),
    ] {
        let (out, issued) = sent(endpoint, body);
        golden("strict", &format!("{name}.sent"), &out);
        for value in ["48213377", "77120934", "03/14/1957", "1957-03-14", "XWB88231907", "219-09-9998"] {
            assert!(!out.contains(value), "{name} {value}");
        }
        let forms: Vec<_> = issued.iter().map(|one| one.form).collect();
        assert!(forms.contains(&Form::Date) && forms.contains(&Form::Number) && forms.contains(&Form::Alike));
    }
}

#[test]
fn openai_arguments_come_back_in_the_types_of_the_schema() {
    let (_, issued) = sent(Endpoint::ChatCompletions, CHAT);
    let (written, wanted) = arguments(&issued);
    let call = |arguments: &str| json!([{ "index": 0, "id": "c", "type": "function", "function": { "name": "book", "arguments": arguments } }]);
    let body = json!({ "choices": [{ "index": 0, "message": { "role": "assistant", "tool_calls": call(&written) } }] });
    let body = Bytes::from(body.to_string());
    let answer =
        Answer::guard(Endpoint::ChatCompletions, body, &mut guards(&issued), &Limits::default()).unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let text = answer.pointer("/choices/0/message/tool_calls/0/function/arguments").unwrap();
    assert_eq!(serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap(), wanted);

    for size in 1..9 {
        let events = written.as_bytes().chunks(size).map(|piece| {
            let piece = call(std::str::from_utf8(piece).unwrap());
            json!({ "choices": [{ "index": 0, "delta": { "tool_calls": piece } }] })
        });
        let out = streamed(Endpoint::ChatCompletions, &issued, events);
        let pieces = out
            .iter()
            .filter_map(|event| event.pointer("/choices/0/delta/tool_calls/0/function/arguments")?.as_str());
        assert_eq!(serde_json::from_str::<Value>(&pieces.collect::<String>()).unwrap(), wanted, "{size}");
    }
}

#[test]
fn arguments_of_a_response_come_back_in_the_types_of_the_schema() {
    let (_, issued) = sent(Endpoint::Responses, RESPONSES);
    let (written, wanted) = arguments(&issued);
    let call = |arguments: &str| json!({ "type": "function_call", "id": "fc", "call_id": "c", "name": "book", "arguments": arguments });
    let body = Bytes::from(json!({ "status": "completed", "output": [call(&written)] }).to_string());
    let answer = Answer::guard(Endpoint::Responses, body, &mut guards(&issued), &Limits::default()).unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let text = answer.pointer("/output/0/arguments").unwrap();
    assert_eq!(serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap(), wanted);

    for size in 1..9 {
        let kind = "response.function_call_arguments";
        let events = written.as_bytes().chunks(size).map(|piece| {
            let piece = std::str::from_utf8(piece).unwrap();
            json!({ "type": format!("{kind}.delta"), "item_id": "fc", "output_index": 0, "delta": piece })
        });
        let done = json!({ "type": format!("{kind}.done"), "output_index": 0, "arguments": written });
        let item = json!({ "type": "response.output_item.done", "output_index": 0, "item": call(&written) });
        let out = streamed(Endpoint::Responses, &issued, events.chain([done, item]));
        let pieces = out.iter().filter_map(|event| event["delta"].as_str()).collect::<String>();
        let places = ["/arguments", "/item/arguments"];
        let whole = places.map(|at| out.iter().find_map(|event| event.pointer(at)?.as_str()).unwrap());
        for text in whole.into_iter().chain([pieces.as_str()]) {
            assert_eq!(serde_json::from_str::<Value>(text).unwrap(), wanted, "{size}");
        }
    }
}

#[test]
fn anthropic_input_comes_back_in_the_types_of_the_schema() {
    let (_, issued) = sent(Endpoint::Messages, MESSAGES);
    let (written, wanted) = arguments(&issued);
    let input: Value = serde_json::from_str(&written).unwrap();
    let block = |input: Value| json!({ "type": "tool_use", "id": "t", "name": "book", "input": input });
    let body = json!({ "type": "message", "role": "assistant", "content": [block(input)] });
    let body = Bytes::from(body.to_string());
    let answer = Answer::guard(Endpoint::Messages, body, &mut guards(&issued), &Limits::default()).unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.pointer("/content/0/input"), Some(&wanted));

    for size in 1..9 {
        let start = json!({ "type": "content_block_start", "index": 0, "content_block": block(json!({})) });
        let events = written.as_bytes().chunks(size).map(|piece| {
            let piece = std::str::from_utf8(piece).unwrap();
            let delta = json!({ "type": "input_json_delta", "partial_json": piece });
            json!({ "type": "content_block_delta", "index": 0, "delta": delta })
        });
        let end = json!({ "type": "content_block_stop", "index": 0 });
        let out = streamed(Endpoint::Messages, &issued, [start].into_iter().chain(events).chain([end]));
        let pieces = out.iter().filter_map(|event| event.pointer("/delta/partial_json")?.as_str());
        assert_eq!(serde_json::from_str::<Value>(&pieces.collect::<String>()).unwrap(), wanted, "{size}");
    }
}

fn streamed(endpoint: Endpoint, issued: &[Issued], events: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut stream = AnswerStream::new(endpoint, Box::new(guards(issued)), Limits::default());
    let mut out = Vec::new();
    for event in events {
        stream.push(format!("data: {event}\n\n").as_bytes(), &mut out).unwrap();
    }
    stream.finish(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|line| serde_json::from_str(line).unwrap()).collect()
}
