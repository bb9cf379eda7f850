//! Answers through the guards that the gateway uses: what is masked in JSON leaves JSON.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod support;

use bytes::Bytes;
use gateway::protocol::{Answer, AnswerStream, Endpoint, Limits};
use serde_json::{Value, json};
use support::guards;

/// Arguments with an identifier as a bare number, in a string, and in a list.
const ARGUMENTS: &str = r#"{"mrn": 4839201, "note": "MRN 4839202", "list": [{"mrn":4839203}], "count": 3}"#;

fn masked(arguments: &Value) {
    let text = arguments.to_string();
    for number in ["4839201", "4839202", "4839203"] {
        assert!(!text.contains(number), "{text}");
    }
    assert!(arguments["mrn"].is_string(), "{text}");
    assert_eq!(arguments["count"], 3);
}

fn plain(endpoint: Endpoint, body: &Value) -> Value {
    let body = Bytes::from(body.to_string());
    let answer = Answer::guard(endpoint, body, &mut guards(&[]), &Limits::default()).unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

fn streamed(endpoint: Endpoint, events: &[Value]) -> Vec<Value> {
    let mut stream = AnswerStream::new(endpoint, Box::new(guards(&[])), Limits::default());
    let mut out = Vec::new();
    for event in events {
        stream.push(format!("data: {event}\n\n").as_bytes(), &mut out).unwrap();
    }
    stream.finish(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn pieces(size: usize) -> impl Iterator<Item = &'static str> {
    ARGUMENTS.as_bytes().chunks(size).map(|piece| std::str::from_utf8(piece).unwrap())
}

#[test]
fn a_bare_number_that_is_masked_leaves_json_in_plain_answers() {
    let call = |function: Value| {
        json!({ "choices": [{ "index": 0, "message": { "role": "assistant",
        "tool_calls": [{ "id": "c", "type": "function", "function": function }] } }] })
    };
    let path = "/choices/0/message/tool_calls/0/function/arguments";
    let out = plain(Endpoint::ChatCompletions, &call(json!({ "name": "f", "arguments": ARGUMENTS })));
    masked(&serde_json::from_str(out.pointer(path).unwrap().as_str().unwrap()).unwrap());

    // some servers send the arguments as JSON, not as a string of it
    let input: Value = serde_json::from_str(ARGUMENTS).unwrap();
    let out = plain(Endpoint::ChatCompletions, &call(json!({ "name": "f", "arguments": input })));
    masked(out.pointer(path).unwrap());

    let call = |arguments: Value| json!({ "output": [{ "type": "function_call", "arguments": arguments }] });
    let out = plain(Endpoint::Responses, &call(json!(ARGUMENTS)));
    masked(&serde_json::from_str(out["output"][0]["arguments"].as_str().unwrap()).unwrap());
    masked(&plain(Endpoint::Responses, &call(input.clone()))["output"][0]["arguments"]);

    let block = json!({ "type": "tool_use", "id": "t", "name": "f", "input": input });
    let out = plain(Endpoint::Messages, &json!({ "type": "message", "content": [block] }));
    masked(&out["content"][0]["input"]);
}

#[test]
fn a_bare_number_that_is_masked_leaves_json_in_streams() {
    for size in [1, 5, ARGUMENTS.len()] {
        let mut events = Vec::new();
        for piece in pieces(size) {
            let call = json!({ "index": 0, "function": { "arguments": piece } });
            events.push(json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [call] } }] }));
        }
        let mut joined = String::new();
        for event in streamed(Endpoint::ChatCompletions, &events) {
            let piece = event.pointer("/choices/0/delta/tool_calls/0/function/arguments");
            joined.push_str(piece.unwrap().as_str().unwrap());
        }
        masked(&serde_json::from_str(&joined).unwrap());

        let kind = "response.function_call_arguments";
        let delta = |piece| json!({ "type": format!("{kind}.delta"), "output_index": 0, "delta": piece });
        let mut events: Vec<_> = pieces(size).map(delta).collect();
        events.push(json!({ "type": format!("{kind}.done"), "output_index": 0, "arguments": ARGUMENTS }));
        let out = streamed(Endpoint::Responses, &events);
        let joined: String = out.iter().filter_map(|event| event["delta"].as_str()).collect();
        assert_eq!(out.last().unwrap()["arguments"], joined);
        masked(&serde_json::from_str(&joined).unwrap());

        let block = json!({ "type": "tool_use", "id": "t", "name": "f", "input": {} });
        let mut events = vec![json!({ "type": "content_block_start", "index": 0, "content_block": block })];
        for piece in pieces(size) {
            let delta = json!({ "type": "input_json_delta", "partial_json": piece });
            events.push(json!({ "type": "content_block_delta", "index": 0, "delta": delta }));
        }
        events.push(json!({ "type": "content_block_stop", "index": 0 }));
        let mut joined = String::new();
        for event in streamed(Endpoint::Messages, &events) {
            joined.push_str(event["delta"]["partial_json"].as_str().unwrap_or_default());
        }
        masked(&serde_json::from_str(&joined).unwrap());
    }
}

#[test]
fn a_text_that_stands_where_a_number_belongs_is_a_text() {
    let said = "MRN 4839202";
    let choice = json!({ "index": said, "message": { "role": "assistant", "content": "Noted." } });
    let out = plain(Endpoint::ChatCompletions, &json!({ "created": said, "choices": [choice] }));
    assert!(!out.to_string().contains("4839202"), "{out}");
    let out = plain(Endpoint::CountTokens, &json!({ "input_tokens": 7, "x": 1 }));
    assert_eq!(out["input_tokens"], 7);
    let candidate = json!({ "content": { "parts": [{ "text": "Noted." }] }, "tokenCount": said, "index": 0 });
    let usage = json!({ "totalTokenCount": "42", "promptTokenCount": said });
    let out = plain(Endpoint::GenerateContent, &json!({ "candidates": [candidate], "usageMetadata": usage }));
    assert!(!out.to_string().contains("4839202"), "{out}");
    assert_eq!(out.pointer("/usageMetadata/totalTokenCount").unwrap(), "42");
    let part = json!({ "thoughtSignature": said, "thought": said });
    let out =
        plain(Endpoint::GenerateContent, &json!({ "candidates": [{ "content": { "parts": [part] } }] }));
    assert!(!out.to_string().contains("4839202"), "{out}");
    let added = json!({ "type": "response.output_text.delta", "output_index": said, "delta": "Noted." });
    let out = streamed(Endpoint::Responses, &[added]);
    assert!(!out[0].to_string().contains("4839202"), "{out:?}");
}
