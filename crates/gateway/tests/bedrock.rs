//! Bedrock: frames, answers and streams through guards that restore one surrogate, features, families of `invoke`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests may panic")]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/passing.rs"]
mod passing;
#[path = "support/restoring.rs"]
mod restoring;
#[path = "support/streamed.rs"]
mod streamed;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gateway::protocol::error::{refusal, refusal_event, upstream};
use gateway::protocol::eventstream::{FrameError, Message, Parser, write_event, write_exception};
use gateway::protocol::{
    Answer, AnswerError, Ending, Endpoint, Feature, Limits, ParseError, Protocol, Request, Target,
};
use golden::golden;
use passing::passing;
use proptest::prelude::*;
use restoring::{ORIGINAL, SURROGATE, restoring};
use serde_json::{Value, json};
use streamed::stream;
use terms::Code;

const ANSWERS: [(Endpoint, &str, &str); 3] = [
    (Endpoint::Converse, "converse", include_str!("golden/answers/converse.json")),
    (Endpoint::Invoke, "invoke", include_str!("golden/answers/invoke.json")),
    (Endpoint::InvokeMessages, "invoke-messages", include_str!("golden/answers/messages.json")),
];

/// One event of a stream; an event of a model's own is packed.
fn frame(name: &str, data: &str) -> Vec<u8> {
    let mut out = Vec::new();
    if name == "chunk" {
        let payload = format!("{{\"bytes\":\"{}\",\"p\":\"abcdef\"}}", STANDARD.encode(data));
        write_event(name, payload.as_bytes(), &mut out);
    } else {
        write_event(name, data.as_bytes(), &mut out);
    }
    out
}

/// `NAME DATA`, a line an event.
fn frames(lines: &str) -> Vec<u8> {
    lines
        .lines()
        .flat_map(|line| line.split_once(' ').map(|(name, data)| frame(name, data)).unwrap())
        .collect()
}

/// The streams, whole.
fn streams() -> [(Endpoint, &'static str, Vec<u8>); 3] {
    let messages = include_str!("golden/streams/messages.sse");
    let messages = messages.lines().filter_map(|line| line.strip_prefix("data: "));
    [
        (Endpoint::Converse, "converse", frames(include_str!("golden/streams/converse.events"))),
        (Endpoint::Invoke, "invoke", frames(include_str!("golden/streams/invoke.events"))),
        (
            Endpoint::InvokeMessages,
            "invoke-messages",
            messages.flat_map(|data| frame("chunk", data)).collect(),
        ),
    ]
}

/// Frames as lines again.
fn lines(bytes: &[u8]) -> String {
    let mut parser = Parser::new(usize::MAX);
    parser.feed(bytes);
    let mut lines = String::new();
    while let Some(frame) = parser.next_frame().unwrap() {
        let mut payload = String::from_utf8(frame.payload().to_vec()).unwrap();
        if frame.name() == b"chunk" {
            let outer: Value = serde_json::from_str(&payload).unwrap();
            payload = String::from_utf8(STANDARD.decode(outer["bytes"].as_str().unwrap()).unwrap()).unwrap();
        }
        let mark = if frame.message() == Message::Event { "" } else { "!" };
        writeln!(lines, "{mark}{} {payload}", std::str::from_utf8(frame.name()).unwrap()).unwrap();
    }
    assert!(parser.is_empty());
    lines
}

#[test]
fn answers_and_streams_are_the_golden_ones() {
    for (endpoint, name, body) in ANSWERS {
        let answer = Answer::guard(endpoint, Bytes::from(body), &mut restoring, &Limits::default()).unwrap();
        golden("answers", &format!("{name}.client"), std::str::from_utf8(&answer.body).unwrap());
    }
    for (endpoint, name, bytes) in streams() {
        let streamed = stream(endpoint, [bytes.as_slice()], restoring).unwrap();
        assert_eq!(streamed.ending, Ending::Complete);
        golden("streams", &format!("{name}.client"), &lines(&streamed.out));
    }
}

#[test]
fn what_no_guard_changes_goes_on_byte_for_byte() {
    for (endpoint, name, bytes) in streams() {
        for size in [1, 7, bytes.len()] {
            let streamed = stream(endpoint, bytes.chunks(size), passing).unwrap();
            assert!(streamed.out == bytes, "{name}, {size} bytes a chunk");
            assert_eq!(streamed.ending, Ending::Complete);
        }
    }
    for (endpoint, _, body) in ANSWERS {
        let answer = Answer::guard(endpoint, Bytes::from(body), &mut passing, &Limits::default()).unwrap();
        assert_eq!(answer.body, body);
    }
}

#[test]
fn one_byte_at_a_time_and_two_chunks_cut_anywhere_are_the_same_as_whole() {
    for (endpoint, name, bytes) in streams() {
        let whole = stream(endpoint, [bytes.as_slice()], restoring).unwrap();
        let cut = stream(endpoint, bytes.chunks(1), restoring).unwrap();
        assert!(
            cut.out == whole.out && cut.canonical == whole.canonical && cut.facts == whole.facts,
            "{name}"
        );
        for at in 0..bytes.len() {
            let (one, two) = bytes.split_at(at);
            assert!(stream(endpoint, [one, two], restoring).unwrap().out == whole.out, "{name} at {at}");
        }
    }
}

#[test]
fn a_damaged_byte_is_refused_wherever_it_is() {
    for (endpoint, name, bytes) in streams() {
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            match stream(endpoint, [damaged.as_slice()], passing) {
                // a length that says more than comes
                Ok(streamed) => assert_eq!(streamed.ending, Ending::CutOff, "{name} at {at}"),
                Err((error, out)) => {
                    assert_eq!(error.code(), Code::UPSTREAM_MALFORMED);
                    assert!(bytes.starts_with(&out), "{name} at {at}: what went on is what came before");
                }
            }
        }
    }
}

#[test]
fn a_stream_that_is_cut_gives_back_what_was_held_and_is_not_complete() {
    for (endpoint, name, bytes) in streams() {
        for at in 0..bytes.len() {
            let streamed = stream(endpoint, [&bytes[..at]], restoring).unwrap();
            if streamed.ending == Ending::CutOff {
                assert!(!lines(&streamed.out).contains("NAME-7K2M4Q\"}"), "{name}");
            } else {
                // after the event that ends a message only figures come
                assert!(
                    endpoint == Endpoint::Converse && lines(&bytes[..at]).contains("messageStop"),
                    "{name} at {at}"
                );
            }
        }
    }
    let text = frames("contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"text\":\"I am NAME-7\"}}");
    let streamed = stream(Endpoint::Converse, [text.as_slice()], restoring).unwrap();
    let said: Vec<Value> = lines(&streamed.out)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line.split_once(' ').unwrap().1).unwrap())
        .collect();
    assert_eq!(
        (said[0]["delta"]["text"].as_str(), said[1]["delta"]["text"].as_str()),
        (Some("I am "), Some("NAME-7"))
    );
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..6000) {
        for (endpoint, _, mut stream_bytes) in streams() {
            let place = at.min(stream_bytes.len());
            stream_bytes.splice(place..place, bytes.iter().copied());
            drop(stream(endpoint, [stream_bytes.as_slice()], restoring));
        }
        // what passes the checksums, and is anything
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for name in ["chunk", "contentBlockDelta", "messageStop", "x"] {
            for endpoint in [Endpoint::Converse, Endpoint::Invoke, Endpoint::InvokeMessages] {
                drop(stream(endpoint, [frame(name, &text).as_slice()], restoring));
            }
        }
    }
}

/// The text that a client puts together from a stream of conversation.
#[test]
fn a_stream_says_what_the_plain_answer_says() {
    for ((endpoint, name, bytes), (_, _, body)) in streams().into_iter().zip(ANSWERS) {
        let streamed = stream(endpoint, [bytes.as_slice()], restoring).unwrap();
        let text = lines(&streamed.out);
        assert!(!text.contains("JR\\\" Roe\\\" \\\"JR"));
        if endpoint == Endpoint::Invoke {
            let said: String = text
                .lines()
                .map(|line| serde_json::from_str::<Value>(&line["chunk ".len()..]).unwrap())
                .map(|event| event["generation"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(said, format!("Dear {ORIGINAL}, 7a NAME"));
            assert_eq!((streamed.facts.input_tokens, streamed.facts.output_tokens), (Some(11), Some(7)));
            continue;
        }
        let answer = Answer::guard(endpoint, Bytes::from(body), &mut restoring, &Limits::default()).unwrap();
        assert_eq!(streamed.canonical, answer.canonical, "{name}");
        assert_eq!(streamed.facts, answer.facts, "{name}");
        assert_eq!(streamed.opaque, answer.opaque, "{name}");
    }
}

fn at(path: &str, body: &Value) -> Result<Request, ParseError> {
    Request::parse(Target::at(path).unwrap(), Bytes::from(body.to_string()), &Limits::default())
}

#[test]
fn the_answer_is_known_again_when_the_client_sends_it() {
    let limits = Limits::default();
    let (endpoint, _, body) = ANSWERS[0];
    let answer = Answer::guard(endpoint, Bytes::from(body), &mut restoring, &limits).unwrap();
    let value: Value = serde_json::from_slice(&answer.body).unwrap();
    let hello = json!({ "role": "user", "content": [{ "text": "hi" }] });
    let again = json!({ "messages": [hello, value["output"]["message"]] });
    let request = at("/model/m/converse", &again).unwrap();
    assert!(request.messages()[1].answer && !request.messages()[0].answer);
    assert_eq!(Some(&request.messages()[1].bytes), answer.canonical.as_ref());

    let nova = json!({ "schemaVersion": "messages-v1", "messages": again["messages"] });
    let request = at("/model/m/invoke", &nova).unwrap();
    assert_eq!(Some(&request.messages()[1].bytes), answer.canonical.as_ref());
    let answer = Answer::guard(Endpoint::Invoke, Bytes::from(body), &mut restoring, &limits).unwrap();
    assert_eq!(Some(&request.messages()[1].bytes), answer.canonical.as_ref());

    let (endpoint, _, body) = ANSWERS[2];
    let answer = Answer::guard(endpoint, Bytes::from(body), &mut restoring, &limits).unwrap();
    let value: Value = serde_json::from_slice(&answer.body).unwrap();
    let again = json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": 9,
        "messages": [{ "role": "user", "content": "hi" }, { "role": "assistant", "content": value["content"] }] });
    let request = at("/model/m/invoke", &again).unwrap();
    assert_eq!(request.endpoint(), Endpoint::InvokeMessages);
    assert_eq!(Some(&request.messages()[1].bytes), answer.canonical.as_ref());
}

#[test]
fn messages_are_the_same_wherever_the_cache_is_marked() {
    let canonical = |content: Value| {
        let body = json!({ "messages": [{ "role": "user", "content": content }] });
        at("/model/m/converse", &body).unwrap().messages()[0].bytes.clone()
    };
    let plain = canonical(json!([{ "text": "hi" }]));
    assert_eq!(canonical(json!([{ "text": "h" }, { "text": "i" }])), plain);
    assert_eq!(canonical(json!([{ "text": "hi" }, { "cachePoint": { "type": "default" } }])), plain);
    assert_ne!(canonical(json!([{ "text": "hi " }])), plain);
    assert_ne!(canonical(json!([{ "text": "hi" }, { "image": {} }])), plain);
    assert_ne!(canonical(json!([{ "text": "hi", "x": 1 }])), plain);
}

#[test]
fn features_are_what_the_body_asks_of_the_service() {
    use Feature::{Audio, Embeddings, ExternalUrl, Files, HostedTool, Images, VendorState};
    let features = |path: &str, body: Value| -> Vec<Feature> {
        let request = at(path, &body).unwrap();
        request.features().iter().copied().filter(|feature| *feature != Feature::Inference).collect()
    };
    let block = |block: Value| {
        features("/model/m/converse", json!({ "messages": [{ "role": "user", "content": [block] }] }))
    };
    let s3 = json!({ "s3Location": { "uri": "s3://b/k" } });
    let blob = "A".repeat(64);
    assert_eq!(block(json!({ "text": "hi" })), []);
    assert_eq!(block(json!({ "toolUse": { "toolUseId": "t", "name": "n", "input": { "sha": blob } } })), []);
    assert_eq!(block(json!({ "image": { "format": "png", "source": { "bytes": "AAAA" } } })), [Images]);
    assert_eq!(block(json!({ "image": { "format": "png", "source": s3 } })), [Images, ExternalUrl]);
    assert_eq!(block(json!({ "audio": { "source": { "bytes": "AAAA" } } })), [Audio]);
    assert_eq!(block(json!({ "video": { "source": { "bytes": "AAAA" } } })), [Files]);
    assert_eq!(block(json!({ "document": { "source": { "text": "t" } } })), []);
    assert_eq!(block(json!({ "document": { "source": { "bytes": "AAAA" } } })), [Files]);
    assert_eq!(block(json!({ "document": { "source": s3 } })), [Files, ExternalUrl]);
    assert_eq!(block(json!({ "document": { "source": { "hologram": 1 } } })), [Files]);
    assert_eq!(block(json!({ "hologram": {} })), [Files]);
    assert_eq!(block(json!({ "toolResult": { "content": [{ "image": {} }] } })), [Images]);
    assert_eq!(block(json!({ "toolUse": { "type": "server_tool_use" } })), [HostedTool]);
    let field = |field: Value| {
        let mut body = json!({ "messages": [] });
        body.as_object_mut().unwrap().extend(field.as_object().unwrap().clone());
        features("/model/m/converse", body)
    };
    assert_eq!(field(json!({ "toolConfig": { "tools": [{ "toolSpec": {} }] } })), []);
    assert_eq!(field(json!({ "toolConfig": { "tools": [{ "systemTool": {} }] } })), [HostedTool]);
    assert_eq!(field(json!({ "toolConfig": { "tools": [{ "newTool": {} }] } })), [HostedTool]);
    assert_eq!(field(json!({ "guardrailConfig": {} })), [HostedTool]);
    assert_eq!(field(json!({ "promptVariables": { "a": { "text": "b" } } })), [VendorState]);
    assert_eq!(
        field(json!({ "additionalModelRequestFields": { "tools": [{ "type": "bash_20250124" }] } })),
        []
    );
    assert_eq!(
        field(json!({ "additionalModelRequestFields": { "tools": [{ "type": "web_search_20250305" }] } })),
        [HostedTool]
    );
    assert_eq!(field(json!({ "additionalModelRequestFields": { "picture": blob } })), [Files]);
    let invoke = |body: Value| features("/model/m/invoke", body);
    assert_eq!(invoke(json!({ "prompt": "hi" })), []);
    assert_eq!(invoke(json!({ "images": [blob] })), [Files]);
    assert_eq!(invoke(json!({ "messages": [{ "content": [{ "s3": "s3://b/k" }] }] })), [Files]);
    assert_eq!(invoke(json!({ "u": "data:image/png;base64,AAAA" })), [Files]);
    assert_eq!(invoke(json!({ "inputText": "hi", "dimensions": 256 })), [Embeddings]);
    assert_eq!(invoke(json!({ "texts": ["hi"], "input_type": "search_document" })), [Embeddings]);
    assert_eq!(
        invoke(json!({ "anthropic_version": "bedrock-2023-05-31", "messages": [], "images": [blob] })),
        [Files]
    );
    let count = |body: Value| features("/model/m/count-tokens", json!({ "input": body }));
    assert_eq!(
        count(json!({ "converse": { "messages": [{ "role": "user", "content": [{ "text": "x" }] }] } })),
        []
    );
    assert_eq!(count(json!({ "invokeModel": { "body": "e30=" } })), [Files]);
}

#[test]
fn bodies_that_are_no_request_are_refused() {
    for (path, body, code) in [
        ("/model/m/converse", json!({}), "request-malformed"),
        ("/model/m/converse", json!({ "messages": ["x"] }), "request-malformed"),
        ("/model/m/invoke", json!([1]), "request-malformed"),
        ("/model/m/invoke", json!({ "anthropic_version": "x" }), "request-malformed"),
        ("/model/m/count-tokens", json!({}), "request-malformed"),
        ("/model/m/invoke-with-response-stream", json!({ "messages": [] }), "stream-unsupported"),
        ("/model/m/invoke-with-response-stream", json!({ "taskType": "x" }), "stream-unsupported"),
    ] {
        assert_eq!(at(path, &body).err().unwrap().code().as_str(), code, "{path} {body}");
    }
    let bytes = Bytes::from_static(b"\x89PNG");
    let picture = Request::parse(Target::at("/model/m/invoke").unwrap(), bytes, &Limits::default());
    assert_eq!(picture.err(), Some(ParseError::NotUtf8));
    for (path, streams) in [("/model/m/converse", false), ("/model/m/converse-stream", true)] {
        let request = at(path, &json!({ "messages": [], "stream": !streams })).unwrap();
        assert_eq!((request.stream(), request.model()), (streams, "m"), "the path says it");
    }
}

#[test]
fn frames_are_those_of_the_published_format() {
    // a vector of AWS's own tests: one header that is a string, and a payload
    let header = "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e";
    let hex = format!("{header}7b27666f6f273a27626172277d8d9c08b1");
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let read = |bytes: &[u8], limit| {
        let mut parser = Parser::new(limit);
        parser.feed(bytes);
        parser.next_frame().map(|frame| frame.is_some())
    };
    assert_eq!(read(&bytes, 100), Err(FrameError::Headers), "its checksums agree; it says not what it is");
    assert_eq!(read(&bytes, 60), Err(FrameError::TooLong));
    assert_eq!(read(&bytes[..60], 100), Ok(false));
    for at in 12..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x40;
        assert_eq!(read(&damaged, 100), Err(FrameError::Damaged), "{at}");
    }
}

/// A frame with these headers, each a string.
fn with_headers(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(u8::try_from(name.len()).unwrap());
        block.extend_from_slice(name.as_bytes());
        block.push(7);
        block.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        block.extend_from_slice(value.as_bytes());
    }
    let mut out = Vec::new();
    let length = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
    out.extend_from_slice(&length(16 + block.len() + payload.len()));
    out.extend_from_slice(&length(block.len()));
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(&block);
    out.extend_from_slice(payload.as_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}

#[test]
fn headers_that_two_readers_could_read_differently_are_refused() {
    let event = (":message-type", "event");
    for bad in [
        vec![event],
        vec![(":event-type", "metadata")],
        vec![event, (":event-type", "metadata"), (":event-type", "messageStop")],
        vec![event, event, (":event-type", "metadata")],
        vec![event, (":event-type", "of Jane Roe")],
        vec![(":message-type", "other"), (":event-type", "metadata")],
        vec![(":message-type", "exception"), (":event-type", "metadata")],
    ] {
        let bytes = with_headers(&bad, "{}");
        let (error, out) = stream(Endpoint::Converse, [bytes.as_slice()], passing).unwrap_err();
        assert_eq!((error, out.len()), (AnswerError::Frame(FrameError::Headers), 0), "{bad:?}");
    }
    // what stands beside goes on where a guard leaves it
    let known = [event, (":event-type", "metadata")];
    for (beside, goes) in
        [(("x-note", "fine"), true), (("x-note", SURROGATE), false), ((SURROGATE, "x"), false)]
    {
        let bytes = with_headers(&[known[0], known[1], beside], "{}");
        let streamed = stream(Endpoint::Converse, [bytes.as_slice()], restoring).unwrap();
        assert_eq!(streamed.out == bytes, goes, "{beside:?}");
        assert_eq!(lines(&streamed.out), "metadata {}\n");
    }
}

#[test]
fn what_is_no_stream_of_the_endpoint_is_an_error_and_passes_nothing_on() {
    let two = "contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"text\":\"a\",\"toolUse\":{\"input\":\"b\"}}}";
    for (endpoint, text) in [
        (Endpoint::Converse, "contentBlockDelta {\"delta\":{\"text\":\"x\"}}"),
        (Endpoint::Converse, "contentBlockDelta {\"contentBlockIndex\":0}"),
        (Endpoint::Converse, "contentBlockDelta hello"),
        (Endpoint::Converse, "messageStart []"),
        (Endpoint::Converse, two),
        (Endpoint::Invoke, "chunk {\"contentBlockDelta\":{\"delta\":{\"text\":\"x\"}}}"),
        (Endpoint::Invoke, "chunk []"),
        (Endpoint::Invoke, "messageStart {}"),
        (Endpoint::InvokeMessages, "chunk {\"text\":\"x\"}"),
        (Endpoint::InvokeMessages, "chunk {\"type\":\"content_block_delta\",\"delta\":{}}"),
    ] {
        let (error, out) = stream(endpoint, [frames(text).as_slice()], passing).unwrap_err();
        assert_eq!((error.code(), out.len()), (Code::UPSTREAM_MALFORMED, 0), "{text}");
    }
    for payload in
        ["{}", "{\"bytes\":\"!\"}", "{\"bytes\":7}", "{\"bytes\":\"e30=\",\"bytes\":\"e30=\"}", "x"]
    {
        let mut bytes = Vec::new();
        write_event("chunk", payload.as_bytes(), &mut bytes);
        assert!(stream(Endpoint::Invoke, [bytes.as_slice()], passing).is_err(), "{payload}");
    }
    let mut beside = Vec::new();
    let text = STANDARD.encode("{\"outputText\":\"a\",\"completionReason\":\"FINISH\"}");
    write_event(
        "chunk",
        format!("{{\"bytes\":\"{text}\",\"more\":\"{SURROGATE}\"}}").as_bytes(),
        &mut beside,
    );
    let streamed = stream(Endpoint::Invoke, [beside.as_slice()], passing).unwrap();
    assert!(
        !String::from_utf8_lossy(&streamed.out).contains(SURROGATE) && streamed.ending == Ending::Complete
    );
}

#[test]
fn the_families_whose_streams_are_text_are_guarded_across_events() {
    let says = |member: &str, last: &str| {
        let part = |text: &str| member.replace("TEXT", text);
        format!(
            "chunk {{{}}}\nchunk {{{}}}\nchunk {{{},{last}}}",
            part("Dear NAME-7"),
            part("K2M4Q, NAME"),
            part("")
        )
    };
    for (text, place) in [
        (says("\"outputText\":\"TEXT\"", "\"completionReason\":\"FINISH\""), "/outputText"),
        (says("\"generation\":\"TEXT\"", "\"stop_reason\":\"stop\""), "/generation"),
        (says("\"text\":\"TEXT\"", "\"is_finished\":true"), "/text"),
        (
            says("\"outputs\":[{\"text\":\"TEXT\",\"stop_reason\":null}]", "\"stop_reason\":\"stop\""),
            "/outputs/0/text",
        ),
    ] {
        let streamed = stream(Endpoint::Invoke, [frames(&text).as_slice()], restoring).unwrap();
        assert_eq!(streamed.ending, Ending::Complete, "{text}");
        let said: String = lines(&streamed.out)
            .lines()
            .map(|line| serde_json::from_str::<Value>(&line["chunk ".len()..]).unwrap())
            .map(|event| event.pointer(place).unwrap().as_str().unwrap().to_owned())
            .collect();
        assert_eq!(said, format!("Dear {ORIGINAL}, NAME"), "{text}");
    }
}

#[test]
fn a_vendors_exception_keeps_its_type_and_loses_its_words_but_those_a_guard_passed() {
    let words = format!("{{\"message\":\"about {SURROGATE} sk-live1\",\"x\":\"leak\"}}");
    let mut exception =
        frames("contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"text\":\"I am NAME-7\"}}");
    write_exception("throttlingException", words.as_bytes(), &mut exception);
    let error = with_headers(
        &[
            (":message-type", "error"),
            (":error-code", "Odd"),
            (":error-message", &format!("about {SURROGATE}")),
        ],
        "leak",
    );
    for (endpoint, bytes, name) in [
        (Endpoint::Converse, exception, "!throttlingException"),
        (Endpoint::Converse, error.clone(), "!internalServerException"),
        (Endpoint::Invoke, error, "!internalServerException"),
        (
            Endpoint::InvokeMessages,
            frames(&format!(
                "chunk {{\"type\":\"error\",\"error\":{{\"type\":\"overloaded_error\",\"message\":\"about {SURROGATE}\",\"x\":\"leak\"}}}}"
            )),
            "!internalServerException",
        ),
    ] {
        let streamed = stream(endpoint, [bytes.as_slice()], restoring).unwrap();
        assert_eq!(streamed.ending, Ending::Failed);
        let text = lines(&streamed.out);
        assert!(text.lines().last().unwrap().starts_with(name), "{text}");
        assert!(text.contains("Roe") && streamed.canonical.is_none(), "{text}");
        for gone in ["leak", "sk-live1", SURROGATE] {
            assert!(!text.contains(gone), "{gone}");
        }
    }
}

#[test]
fn refusals_are_errors_that_clients_of_aws_raise() {
    for (code, kind) in [
        (Code::KEY_UNKNOWN, "AccessDeniedException"),
        (Code::AGREEMENT_MISSING, "AccessDeniedException"),
        (Code::REQUEST_MALFORMED, "ValidationException"),
        (Code::BODY_TOO_LARGE, "ValidationException"),
        (Code::MODEL_UNKNOWN, "ResourceNotFoundException"),
        (Code::TOO_BUSY, "ServiceUnavailableException"),
        (Code::UPSTREAM_UNREACHABLE, "ModelErrorException"),
        (Code::UPSTREAM_TIMEOUT, "ModelTimeoutException"),
        (Code::TRANSFORM_FAILED, "InternalServerException"),
    ] {
        let error = refusal(Protocol::Bedrock, code, None, None);
        assert_eq!(error.headers, [("x-amzn-errortype", kind.to_owned())]);
        let body: Value = serde_json::from_slice(&error.body).unwrap();
        assert_eq!(body["chaperon"]["code"], code.as_str());
        assert!(body["message"].as_str().unwrap().contains(code.as_str()));
    }
    let said = json!({ "message": "Jane is too long", "error": null });
    let error = upstream(Protocol::Bedrock, 429, said.to_string().as_bytes(), Some(&mut passing), None);
    assert_eq!((error.status, error.headers[0].1.as_str()), (429, "ThrottlingException"));
    assert!(String::from_utf8(error.body.to_vec()).unwrap().contains("Jane is too long"));
    let event = refusal_event(Endpoint::Converse, 0, Code::UPSTREAM_TIMEOUT, None, None);
    assert!(lines(&event).starts_with("!modelStreamErrorException {"));
}
