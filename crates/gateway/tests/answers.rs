//! Answers, plain and streamed, through guards that restore one surrogate.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests may panic")]

#[path = "support/golden.rs"]
mod golden;
#[path = "support/passing.rs"]
mod passing;
#[path = "support/restoring.rs"]
mod restoring;
#[path = "support/streamed.rs"]
mod streamed;

use bytes::Bytes;
use gateway::protocol::{
    Answer, AnswerError, AnswerStream, Channel, Ending, Endpoint, Guard, Guards, Limits, Request, Target,
};
use golden::golden;
use passing::passing;
use proptest::prelude::*;
use restoring::{ORIGINAL, SURROGATE, restoring};
use serde_json::Value;
use streamed::stream;

const STREAMS: [(Endpoint, &str, &str, &str); 4] = [
    (
        Endpoint::ChatCompletions,
        "chat",
        include_str!("golden/streams/chat.sse"),
        include_str!("golden/answers/chat.json"),
    ),
    (
        Endpoint::Responses,
        "responses",
        include_str!("golden/streams/responses.sse"),
        include_str!("golden/answers/responses.json"),
    ),
    (
        Endpoint::Messages,
        "messages",
        include_str!("golden/streams/messages.sse"),
        include_str!("golden/answers/messages.json"),
    ),
    (
        Endpoint::GenerateContent,
        "gemini",
        include_str!("golden/streams/gemini.sse"),
        include_str!("golden/answers/gemini.json"),
    ),
];

/// A target of an endpoint whose requests name the model in the path.
fn at(endpoint: Endpoint) -> Target {
    Target { model: Some("m".to_owned()), ..endpoint.into() }
}

#[test]
fn streams_are_the_golden_ones() {
    for (endpoint, name, text, _) in STREAMS {
        let streamed = stream(endpoint, [text.as_bytes()], restoring).ok().unwrap();
        assert_eq!(streamed.ending, Ending::Complete);
        golden("streams", &format!("{name}.client"), streamed.text());
    }
}

#[test]
fn answers_are_the_golden_ones() {
    for (endpoint, name, _, body) in STREAMS {
        let answer = Answer::guard(endpoint, Bytes::from(body), &mut restoring, &Limits::default()).unwrap();
        golden("answers", &format!("{name}.client"), std::str::from_utf8(&answer.body).unwrap());
    }
}

#[test]
fn what_no_guard_changes_goes_on_byte_for_byte() {
    for (endpoint, _, text, body) in STREAMS {
        for text in
            [text.to_owned(), text.replace('\n', "\r\n"), text.replace('\n', "\r"), format!("\u{feff}{text}")]
        {
            for size in [1, 7, text.len()] {
                let streamed = stream(endpoint, text.as_bytes().chunks(size), passing).ok().unwrap();
                assert_eq!(streamed.text(), text);
                assert_eq!(streamed.ending, Ending::Complete);
            }
        }
        let answer = Answer::guard(endpoint, Bytes::from(body), &mut passing, &Limits::default()).unwrap();
        assert_eq!(answer.body, body);
    }
}

proptest! {
    #[test]
    fn chunks_cut_anywhere_give_the_same_bytes(cuts in prop::collection::vec(1_usize..900, 1..40)) {
        for (endpoint, _, text, _) in STREAMS {
            let whole = stream(endpoint, [text.as_bytes()], restoring).ok().unwrap();
            let mut chunks = Vec::new();
            let mut rest = text.as_bytes();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() { break; }
                let (chunk, tail) = rest.split_at(rest.len().min(*cut));
                chunks.push(chunk);
                rest = tail;
            }
            let cut = stream(endpoint, chunks, restoring).ok().unwrap();
            prop_assert_eq!(cut.text(), whole.text());
            prop_assert_eq!(cut.canonical, whole.canonical);
            prop_assert_eq!(cut.facts, whole.facts);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..4000) {
        for (endpoint, _, text, body) in STREAMS {
            let mut text = text.as_bytes().to_vec();
            let place = at.min(text.len());
            text.splice(place..place, bytes.iter().copied());
            drop(stream(endpoint, [text.as_slice()], restoring));
            let mut body = body.as_bytes().to_vec();
            let place = at.min(body.len());
            body.splice(place..place, bytes.iter().copied());
            drop(Answer::guard(endpoint, Bytes::from(body), &mut restoring, &Limits::default()));
        }
    }
}

#[test]
fn one_byte_at_a_time_is_the_same_as_whole() {
    for (endpoint, _, text, _) in STREAMS {
        let whole = stream(endpoint, [text.as_bytes()], restoring).ok().unwrap();
        let bytes = stream(endpoint, text.as_bytes().chunks(1), restoring).ok().unwrap();
        assert_eq!(bytes.text(), whole.text());
    }
}

/// The texts that a client puts together from a stream, by channel.
fn assembled(text: &str) -> Vec<(String, String)> {
    let mut channels: Vec<(String, String)> = Vec::new();
    let mut add = |name: String, text: &Value| {
        let text = text.as_str().unwrap();
        match channels.iter_mut().find(|(own, _)| *own == name) {
            Some((_, joined)) => joined.push_str(text),
            None => channels.push((name, text.to_owned())),
        }
    };
    for line in text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|line| *line != "[DONE]") {
        let event: Value = serde_json::from_str(line).unwrap();
        for part in
            event.pointer("/candidates/0/content/parts").and_then(Value::as_array).into_iter().flatten()
        {
            if part["text"].is_string() {
                add(if part["thought"] == true { "thought" } else { "said" }.into(), &part["text"]);
            }
        }
        let delta = &event["choices"][0]["delta"];
        for name in ["content", "reasoning_content"] {
            if delta[name].is_string() {
                add(name.into(), &delta[name]);
            }
        }
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            for path in ["/function/name", "/function/arguments", "/custom/input"] {
                if let Some(text) = call.pointer(path) {
                    add(format!("{}{path}", call["index"]), text);
                }
            }
        }
        for name in ["text", "partial_json", "thinking"] {
            if event["delta"][name].is_string() {
                add(format!("{}/{name}", event["index"]), &event["delta"][name]);
            }
        }
    }
    channels
}

#[test]
fn a_stream_says_what_the_plain_answer_says() {
    let plain = |endpoint, body: &'static str| {
        let answer = Answer::guard(endpoint, Bytes::from(body), &mut restoring, &Limits::default()).unwrap();
        (serde_json::from_slice::<Value>(&answer.body).unwrap(), answer)
    };
    for (endpoint, _, text, body) in STREAMS {
        let streamed = stream(endpoint, [text.as_bytes()], restoring).ok().unwrap();
        let (value, answer) = plain(endpoint, body);
        assert_eq!(streamed.canonical, answer.canonical);
        assert_eq!(streamed.facts, answer.facts);
        if endpoint == Endpoint::Responses {
            // the last event holds the whole of it
            let last = streamed.text().lines().rfind(|line| line.starts_with("data: ")).unwrap();
            let last: Value = serde_json::from_str(&last[6..]).unwrap();
            assert_eq!(last["response"], value);
            continue;
        }
        for (name, text) in assembled(streamed.text()) {
            let message = &value["choices"][0]["message"];
            let wanted = match name.as_str() {
                "content" | "reasoning_content" => message[name.as_str()].clone(),
                "said" | "thought" => {
                    let parts = value.pointer("/candidates/0/content/parts").unwrap().as_array().unwrap();
                    let of_kind = |part: &&Value| (part["thought"] == true) == (name == "thought");
                    parts
                        .iter()
                        .filter(of_kind)
                        .filter_map(|part| part["text"].as_str())
                        .collect::<String>()
                        .into()
                }
                _ if endpoint == Endpoint::ChatCompletions => {
                    message["tool_calls"].pointer(&format!("/{name}")).unwrap().clone()
                }
                "2/partial_json" => {
                    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value["content"][2]["input"]);
                    continue;
                }
                _ => value["content"].pointer(&format!("/{name}")).unwrap().clone(),
            };
            assert_eq!(text, wanted.as_str().unwrap(), "{name}");
        }
    }
}

/// What an answer holds that only the vendor can read is what the next request holds.
#[test]
fn opaque_values_are_known_again() {
    let blocks = r#"{"type":"thinking","thinking":"x","signature":"c2ln"},{"type":"redacted_thinking","data":"ZGF0\/"},
        {"type":"web_search_tool_result","content":[{"type":"web_search_result","encrypted_content":"ZW5j"}]}"#;
    let wanted = ["c2ln", "ZGF0/", "ZW5j"].map(|value| value.as_bytes().to_vec());
    let body = format!("{{\"content\":[{blocks}]}}");
    let answer =
        Answer::guard(Endpoint::Messages, Bytes::from(body), &mut passing, &Limits::default()).unwrap();
    assert_eq!(answer.opaque, wanted);
    let body = format!(r#"{{"model":"m","messages":[{{"role":"assistant","content":[{blocks}]}}]}}"#);
    let request = Request::parse(Endpoint::Messages, Bytes::from(body), &Limits::default()).unwrap();
    assert!(request.opaque().eq(wanted.iter().map(Vec::as_slice)));

    let block = |block: &str| {
        format!("data: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{block}}}\n\n")
    };
    let delta = r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#;
    let text = [
        block(r#"{"type":"thinking","thinking":"","signature":""}"#),
        format!("{delta}\n\n"),
        block(r#"{"type":"redacted_thinking","data":"ZGF0\/"}"#),
    ]
    .concat();
    let run = |limits| {
        let mut stream = AnswerStream::new(Endpoint::Messages, Box::new(passing), limits);
        stream.push(text.as_bytes(), &mut Vec::new()).unwrap();
        stream.opaque().to_vec()
    };
    assert_eq!(run(Limits::default()), wanted[..2]);
    assert!(run(Limits { answer_bytes: 10, ..Limits::default() }).is_empty());
}

#[test]
fn the_answer_is_known_again_when_the_client_sends_it() {
    for (endpoint, _, _, body) in STREAMS {
        let answer = Answer::guard(endpoint, Bytes::from(body), &mut restoring, &Limits::default()).unwrap();
        let value: Value = serde_json::from_slice(&answer.body).unwrap();
        if endpoint == Endpoint::GenerateContent {
            // one content, or one for each part, as clients of a stream send them
            let content = value["candidates"][0]["content"].clone();
            let parts = content["parts"].as_array().unwrap().iter();
            let each: Vec<_> =
                parts.map(|part| serde_json::json!({ "role": "model", "parts": [part] })).collect();
            for contents in [vec![content.clone()], each] {
                let said = serde_json::json!({ "role": "user", "parts": [{ "text": "hi" }] });
                let contents: Vec<_> = std::iter::once(said).chain(contents).collect();
                let body = serde_json::json!({ "contents": contents }).to_string();
                let request = Request::parse(at(endpoint), Bytes::from(body), &Limits::default()).unwrap();
                assert_eq!(request.messages().len(), 2);
                let known = &request.messages()[1];
                assert!(known.answer && !request.messages()[0].answer);
                assert_eq!(Some(&known.bytes), answer.canonical.as_ref());
            }
            continue;
        }
        let mut message = match endpoint {
            Endpoint::ChatCompletions => value["choices"][0]["message"].clone(),
            Endpoint::Messages => serde_json::json!({ "role": "assistant", "content": value["content"] }),
            _ => continue,
        };
        for field in ["refusal", "annotations", "reasoning_content"] {
            message.as_object_mut().unwrap().remove(field);
        }
        let body =
            serde_json::json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }, message] });
        let request = Request::parse(endpoint, Bytes::from(body.to_string()), &Limits::default()).unwrap();
        let known = &request.messages()[1];
        assert!(known.answer && !request.messages()[0].answer);
        assert_eq!(Some(&known.bytes), answer.canonical.as_ref());
    }
}

#[test]
fn messages_are_the_same_in_every_form_that_clients_send() {
    let canonical = |messages: &str| {
        let body = format!("{{\"model\":\"m\",\"messages\":[{messages}]}}");
        let request = Request::parse(Endpoint::Messages, Bytes::from(body), &Limits::default()).unwrap();
        request.messages().iter().map(|message| message.bytes.clone()).collect::<Vec<_>>()
    };
    let plain = canonical(r#"{"role":"user","content":"hi"}"#);
    for same in [
        r#"{"content":[{"type":"text","text":"hi"}],"role":"user"}"#,
        r#"{"role":"user","content":[{"type":"text","text":"\u0068i","cache_control":{"type":"ephemeral"}}]}"#,
        r#"{"role":"user","content":[{"type":"text","text":"h"},{"type":"text","text":"i","citations":null}]}"#,
    ] {
        assert_eq!(canonical(same), plain);
    }
    for other in [
        r#"{"role":"assistant","content":"hi"}"#,
        r#"{"role":"user","content":"hi "}"#,
        r#"{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image","source":{"type":"base64","data":"AA"}}]}"#,
    ] {
        assert_ne!(canonical(other), plain);
    }
    let call = |input: &str| {
        canonical(&format!(
            "{{\"role\":\"assistant\",\"content\":[{{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{input}}}]}}"
        ))
    };
    assert_eq!(call(r#"{"a": 1, "b": ["x"]}"#), call(r#"{"b":["x"],"a":1}"#));
    assert_ne!(call(r#"{"a":["b","c"]}"#), call(r#"{"a":["b,c"]}"#));
}

/// What the channels of a stream of Google's hold back goes out with their last text, or before what ends them.
#[test]
fn what_is_held_back_goes_before_what_ends_it() {
    let event =
        |candidates: &str| format!("data: {{\"candidates\":[{candidates}],\"responseId\":\"r\"}}\n\n");
    let part = |part: &str| event(&format!("{{\"content\":{{\"parts\":[{part}]}}}}"));
    let run = |events: &[String]| {
        let text = events.concat();
        let streamed = stream(Endpoint::GenerateContent, [text.as_bytes()], restoring).ok().unwrap();
        let bytes = stream(Endpoint::GenerateContent, text.as_bytes().chunks(1), restoring).ok().unwrap();
        assert_eq!(streamed.text(), bytes.text());
        streamed
    };
    let held = part(r#"{"text":"so NAM"}"#);
    let call = part(r#"{"functionCall":{"name":"f","args":{}}}"#);
    let rest = r#"data: {"candidates":[{"content":{"parts":[{"text":"NAM"}],"role":"model"},"index":0}],"responseId":"r"}"#;
    let out = run(&[held.clone(), call.clone()]);
    assert_eq!(out.text(), format!("{}{rest}\n\n{call}", part(r#"{"text":"so "}"#)));
    assert_eq!(out.ending, Ending::CutOff);
    // a candidate that ends
    let end = event(r#"{"finishReason":"STOP"}"#);
    let out = run(&[held.clone(), end.clone()]);
    assert_eq!(out.text(), format!("{}{rest}\n\n{end}", part(r#"{"text":"so "}"#)));
    assert_eq!(out.ending, Ending::Complete);
    // in the same event
    let last = r#"{"content":{"parts":[{"text":"so NAM"}]},"finishReason":"STOP"}"#;
    assert_eq!(run(&[event(last)]).text(), event(last));
    // two candidates: the stream ends when both have
    let both =
        r#"{"content":{"parts":[{"text":"a NAM"}]}},{"content":{"parts":[{"text":"b NAM"}]},"index":1}"#;
    let one = event(r#"{"finishReason":"STOP"}"#);
    assert_eq!(run(&[event(both), one.clone()]).ending, Ending::CutOff);
    let other = event(r#"{"finishReason":"STOP","index":1}"#);
    let out = run(&[event(both), one, other]);
    assert_eq!(out.ending, Ending::Complete);
    assert!(out.canonical.is_some());
    assert_eq!(assembled(out.text()).len(), 1);
    // a request that was blocked has no candidates
    let blocked = "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\n\n".to_owned();
    assert_eq!(run(&[blocked]).ending, Ending::Complete);
}

/// Arguments that come in pieces are one channel each.
#[test]
fn arguments_in_pieces_are_restored() {
    let piece = |args: &str| {
        let call = format!(r#"{{"functionCall":{{"partialArgs":[{args}],"willContinue":true}}}}"#);
        format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{call}]}}}}]}}\n\n")
    };
    let text = [
        piece(r#"{"jsonPath":"$.who","stringValue":"Mrs. NAME-7K","willContinue":true}"#),
        piece(r#"{"jsonPath":"$.who","stringValue":"2M4Q, NAM","willContinue":false}"#),
        piece(r#"{"jsonPath":"$.where","stringValue":"NAM","willContinue":true}"#),
        "data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n".to_owned(),
    ]
    .concat();
    let streamed = stream(Endpoint::GenerateContent, [text.as_bytes()], restoring).ok().unwrap();
    assert_eq!(streamed.ending, Ending::Complete);
    assert!(streamed.canonical.is_none());
    let (mut who, mut place) = (String::new(), String::new());
    for line in streamed.text().lines().filter_map(|line| line.strip_prefix("data: ")) {
        let event: Value = serde_json::from_str(line).unwrap();
        let args = event.pointer("/candidates/0/content/parts/0/functionCall/partialArgs/0");
        let Some(args) = args else { continue };
        let text = args["stringValue"].as_str().unwrap();
        if args["jsonPath"] == "$.who" { who.push_str(text) } else { place.push_str(text) }
    }
    assert_eq!((who.as_str(), place.as_str()), (format!("Mrs. {ORIGINAL}, NAM").as_str(), "NAM"));
}

#[test]
fn vectors_pass_and_texts_among_them_do_not() {
    let guard = |endpoint, body: &str| {
        Answer::guard(endpoint, Bytes::copy_from_slice(body.as_bytes()), &mut restoring, &Limits::default())
    };
    for (endpoint, body) in [
        (Endpoint::EmbedContent, r#"{"embedding":{"values":[0.1,-2e-3,48213377]}}"#),
        (Endpoint::BatchEmbedContents, r#"{"embeddings":[{"values":[0.1]},{"values":[0.2]}]}"#),
        (
            Endpoint::EmbedPredict,
            r#"{"predictions":[{"embeddings":{"values":[0.1],"statistics":{"token_count":4,"truncated":false}}}]}"#,
        ),
        (
            Endpoint::GeminiCountTokens,
            r#"{"totalTokens":31,"promptTokensDetails":[{"modality":"TEXT","tokenCount":31}]}"#,
        ),
    ] {
        let answer = guard(endpoint, body).unwrap();
        assert_eq!(answer.body, body);
        let used = match endpoint {
            Endpoint::EmbedPredict => Some(4),
            Endpoint::GeminiCountTokens => Some(0),
            _ => None,
        };
        assert_eq!(answer.facts.input_tokens, used);
        assert!(guard(endpoint, "{}").is_err() && guard(endpoint, "[]").is_err());
    }
    let odd = guard(Endpoint::EmbedContent, r#"{"embedding":{"values":["NAME-7K2M4Q"]}}"#).unwrap();
    assert!(!odd.body.windows(SURROGATE.len()).any(|bytes| bytes == SURROGATE.as_bytes()));
}

/// Guards that pass everything, of a request with surrogates.
struct Surrogates;

impl Guards for Surrogates {
    fn open(&mut self, channel: Channel) -> Box<dyn Guard + Send> {
        passing(channel)
    }

    fn has_surrogates(&self) -> bool {
        true
    }
}

#[test]
fn probabilities_are_dropped_beside_a_text_that_did_not_change_where_the_request_holds_surrogates() {
    let list =
        r#"{"content":[{"token":"Hi","logprob":-0.1,"bytes":[72,105],"top_logprobs":[{"token":"7K2M"}]}]}"#;
    let plain = |choice: &str| format!(r#"{{"choices":[{{"index":0,{choice},"logprobs":{list}}}]}}"#);
    let gemini = r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP","logprobsResult":{"topCandidates":[{"candidates":[{"token":"7K2M"}]}]}}]}"#;
    let sound = r#"{"text":"Hi","logprobs":[{"token":"7K2M"}],"segments":[{"text":"Hi","tokens":[50364]}]}"#;
    for (endpoint, body) in [
        (Endpoint::ChatCompletions, plain(r#""message":{"content":"Hi"}"#)),
        (Endpoint::Completions, plain(r#""text":"Hi""#)),
        (Endpoint::GenerateContent, gemini.to_owned()),
        (Endpoint::Transcriptions, sound.to_owned()),
    ] {
        let guard = |guards: &mut dyn Guards| {
            let answer = Answer::guard(endpoint, Bytes::from(body.clone()), guards, &Limits::default());
            String::from_utf8(answer.unwrap().body.to_vec()).unwrap()
        };
        assert_eq!(guard(&mut passing), body);
        let dropped = guard(&mut Surrogates);
        assert!(!dropped.contains("token\"") && !dropped.contains("50364"), "{dropped}");
        assert!(dropped.contains("\"Hi\""), "{dropped}");
    }
    let chunk = plain(r#""delta":{"content":"Hi"}"#);
    let text = format!("data: {chunk}\n\ndata: [DONE]\n\n");
    let streamed = |guards: Box<dyn Guards + Send>| {
        let mut stream = AnswerStream::new(Endpoint::ChatCompletions, guards, Limits::default());
        let mut out = Vec::new();
        stream.push(text.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(streamed(Box::new(passing)), text);
    let dropped = streamed(Box::new(Surrogates));
    assert!(dropped.contains("\"logprobs\":null") && dropped.contains("\"Hi\""), "{dropped}");
}

/// As many vectors as OpenAI gives at once, of a usual length, are three million numbers.
#[test]
fn numbers_of_vectors_are_bounded_by_bytes_and_not_counted() {
    let vector = format!("[{}]", vec!["-0.0069"; 1536].join(", "));
    let bodies = [
        (Endpoint::Embeddings, r#"{"object":"list","data":["#, r#"{"index":0,"embedding":"#, "}]}"),
        (Endpoint::BatchEmbedContents, r#"{"embeddings":["#, r#"{"values":"#, "}]}"),
    ];
    let limits = Limits { nodes: 20_000, ..Limits::default() };
    for (endpoint, begin, item, end) in bodies {
        let items = vec![format!("{item}{vector}"); 2048].join("},");
        let body = [begin, items.as_str(), end].concat();
        let answer = Answer::guard(endpoint, Bytes::from(body.clone()), &mut passing, &limits).unwrap();
        assert!(answer.body == body, "{endpoint:?}");
        let texts = body.replacen("-0.0069]", "-0.0069,\"NAME-7K2M4Q\"]", 1);
        let answer = Answer::guard(endpoint, Bytes::from(texts), &mut restoring, &limits).unwrap();
        assert!(answer.body.windows(8).all(|bytes| bytes != &SURROGATE.as_bytes()[..8]), "{endpoint:?}");
    }
    let chat = format!(r#"{{"choices":[],"x":[{}]}}"#, vec![vector; 20].join(","));
    let chat = Answer::guard(Endpoint::ChatCompletions, Bytes::from(chat), &mut passing, &limits);
    assert!(chat.is_err(), "where numbers are looked at they count");
}

#[test]
fn malformed_streams_are_errors_and_pass_nothing_on() {
    for (endpoint, text) in [
        (Endpoint::ChatCompletions, "data: {\"choices\":[{\"delta\":{\"content\":\"x\n\n"),
        (Endpoint::ChatCompletions, "data: hello\n\n"),
        (Endpoint::ChatCompletions, "data: {\"object\":\"other\"}\n\n"),
        (Endpoint::ChatCompletions, "data: {\"choices\":[],\"choices\":[]}\n\n"),
        (Endpoint::ChatCompletions, "data: {\"choices\":[],\"x\":\"\\ud800\"}\n\n"),
        (Endpoint::Messages, "event: content_block_delta\ndata: {\"type\":\"message_stop\"}\n\n"),
        (Endpoint::Messages, "data: {\"type\":\"content_block_delta\",\"delta\":{}}\n\n"),
        (Endpoint::Messages, "data: [DONE]\n\n"),
        (Endpoint::Responses, "data: {\"delta\":\"x\"}\n\n"),
        (Endpoint::Responses, "data: {\"type\":7,\"delta\":\"x\"}\n\n"),
        (
            Endpoint::Responses,
            "event: a\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n",
        ),
        (Endpoint::GenerateContent, "data: [DONE]\n\n"),
        (Endpoint::GenerateContent, "data: {\"choices\":[]}\n\n"),
        (Endpoint::EmbedContent, "data: {\"candidates\":[]}\n\n"),
    ] {
        let (error, out) = stream(endpoint, [text.as_bytes()], passing).err().unwrap();
        assert_eq!(error.code().as_str(), "upstream-malformed");
        assert!(out.is_empty());
    }
    let latin: &[u8] = b"data: {\"choices\":[],\"x\":\"\xe9\"}\n\n";
    assert_eq!(stream(Endpoint::ChatCompletions, [latin], passing).err().unwrap().0, AnswerError::NotUtf8);
    let limits = Limits { event_bytes: 100, ..Limits::default() };
    let mut long = AnswerStream::new(Endpoint::Messages, Box::new(passing), limits);
    assert!(matches!(long.push(&[b'x'; 101], &mut Vec::new()), Err(AnswerError::EventTooLong(_))));
    for body in ["", "{}", "{\"error\":{}}", "{\"output\":\"x\"}", "<html>"] {
        // an answer of `invoke` may have any form that its model gives it
        for endpoint in Endpoint::ALL.into_iter().filter(|one| *one != Endpoint::Invoke) {
            let answer = Answer::guard(endpoint, Bytes::from(body), &mut passing, &Limits::default());
            // in a form that only the model knows, any object may be one
            assert!(answer.is_err() || (endpoint == Endpoint::Invoke && body.starts_with('{')));
        }
    }
}

#[test]
fn a_stream_that_is_cut_off_gives_back_what_was_held() {
    for (endpoint, _, text, _) in STREAMS {
        let end = text.rfind("NAM").unwrap() + 3;
        for cut in [&text[..end], "", "data: "] {
            let streamed = stream(endpoint, [cut.as_bytes()], restoring);
            assert!(streamed.is_err() || streamed.ok().unwrap().ending == Ending::CutOff);
        }
    }
    let cut = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"I am NAME-7\"}}]}\n\n";
    let streamed = stream(Endpoint::ChatCompletions, [cut.as_bytes()], restoring).ok().unwrap();
    assert_eq!(assembled(streamed.text()), [("content".to_owned(), "I am NAME-7".to_owned())]);
}

#[test]
fn a_vendor_error_in_a_stream_loses_its_words_but_those_a_guard_passed() {
    for (endpoint, text) in [
        (
            Endpoint::ChatCompletions,
            "data: {\"error\":{\"message\":\"about NAME-7K2M4Q sk-live1\",\"type\":\"made up\",\"code\":\"content_filter\",\"x\":\"leak\"}}\n\n",
        ),
        (
            Endpoint::Messages,
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"about NAME-7K2M4Q sk-live1\",\"x\":\"leak\"}}\n\n",
        ),
        (
            Endpoint::Responses,
            "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"about NAME-7K2M4Q sk-live1\",\"param\":\"leak\",\"sequence_number\":3}\n\n",
        ),
        (
            Endpoint::Responses,
            "data: {\"error\":{\"message\":\"about NAME-7K2M4Q sk-live1\",\"type\":\"made up\",\"x\":\"leak\"}}\n\n",
        ),
        (
            Endpoint::GenerateContent,
            "data: {\"error\":{\"code\":503,\"status\":\"made up\",\"message\":\"about NAME-7K2M4Q sk-live1\",\"details\":[\"leak\"]}}\n\n",
        ),
    ] {
        let streamed = stream(endpoint, [text.as_bytes()], restoring).ok().unwrap();
        assert_eq!(streamed.ending, Ending::Failed);
        for gone in ["leak", "sk-live1", "made up", SURROGATE] {
            assert!(!streamed.text().contains(gone), "{gone}");
        }
        assert!(streamed.text().contains("Roe") && streamed.canonical.is_none());
    }
}

#[test]
fn comments_and_other_side_lines_are_guarded_too() {
    let text = ": NAME-7K2M4Q\n\nevent: of NAME-7K2M4Q\n\nevent: NAME-7K2M4Q\n\nretry: 48213377\nevent: NAME-7K2M4Q\n\n: fine\nid: 7\ndata: {\"choices\":[]}\n\nid: NAME-7K2M4Q\ndata: {\"choices\":[]}\n\n";
    let streamed = stream(Endpoint::ChatCompletions, [text.as_bytes()], restoring).ok().unwrap();
    assert_eq!(
        streamed.text(),
        ":\n\n:\n\n:\n\n:\n\n: fine\nid: 7\ndata: {\"choices\":[]}\n\ndata: {\"choices\":[]}\n\n"
    );
}

/// Masks all that it is shown.
struct Mask;

impl Guard for Mask {
    fn push(&mut self, _: &str) -> String {
        "[MASKED]".to_owned()
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}

#[test]
fn what_a_vendor_puts_where_identifiers_stand_is_text_where_it_could_be_a_persons() {
    let answer = |id: &str, model: &str| {
        let body = format!(
            r#"{{"id":"{id}","model":"{model}","choices":[{{"index":0,"message":{{"content":"Hi"}},"finish_reason":"stop"}}]}}"#
        );
        let mut guards = |_: Channel| -> Box<dyn Guard + Send> { Box::new(Mask) };
        let limits = Limits::default();
        let answer =
            Answer::guard(Endpoint::ChatCompletions, Bytes::from(body), &mut guards, &limits).unwrap();
        (String::from_utf8(answer.body.to_vec()).unwrap(), answer.facts.model)
    };
    let (body, told) = answer("chatcmpl-1", "gpt-5-2025-08-07");
    assert!(body.starts_with(r#"{"id":"chatcmpl-1","model":"gpt-5-2025-08-07","#), "{body}");
    assert_eq!(told.as_deref(), Some("gpt-5-2025-08-07"));
    for odd in ["MRN-48213377", "219-09-9962", "48213377", "jane@example.org", "Jane Roe"] {
        let (body, told) = answer(odd, odd);
        assert!(body.starts_with(r#"{"id":"[MASKED]","model":"[MASKED]","#), "{body}");
        assert_eq!(told, None, "{odd}");
    }
    assert_eq!(answer("a", &"m".repeat(64)).1.map(|told| told.len()), Some(64));
    assert_eq!(answer("a", &"m".repeat(65)).1, None, "what is kept of it is short");
    let chunk = r#"{"id":"NAME-7K2M4Q@a.org","choices":[{"index":0,"delta":{"content":"See NAM"}}]}"#;
    let text = format!("data: {chunk}\n\ndata: [DONE]\n\n");
    let streamed = stream(Endpoint::ChatCompletions, [text.as_bytes()], restoring).ok().unwrap();
    let held = streamed.text().split("\n\n").nth(1).unwrap();
    assert!(held.contains("\"NAM\"") && held.contains("Roe@a.org"), "{held}");
}
