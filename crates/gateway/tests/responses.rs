//! Responses: what their items ask for, what a stream says again, and how a conversation is known again.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

#[path = "support/restoring.rs"]
mod restoring;
mod support;

use bytes::Bytes;
use gateway::protocol::{
    Answer, AnswerStream, Channel, Ending, Endpoint, Feature, Guard, Guards, Limits, Request, Store,
};
use proptest::prelude::*;
use restoring::{ORIGINAL, SURROGATE, restoring};
use serde_json::{Value, json};
use support::guards;
use terms::{Code, Form, IdentifierClass, Phi};

const ENDPOINT: Endpoint = Endpoint::Responses;

fn request(body: &Value) -> Request {
    Request::parse(ENDPOINT, Bytes::from(body.to_string()), &Limits::default()).unwrap()
}

fn plain(output: &Value, guards: &mut dyn Guards) -> Answer {
    let body = json!({ "id": "resp_1", "status": "completed", "output": output });
    Answer::guard(ENDPOINT, Bytes::from(body.to_string()), guards, &Limits::default()).unwrap()
}

/// The data of the events that a client gets.
fn streamed(
    events: impl IntoIterator<Item = Value>,
    guards: impl Guards + Send + 'static,
) -> (Vec<Value>, AnswerStream, Ending) {
    let mut stream = AnswerStream::new(ENDPOINT, Box::new(guards), Limits::default());
    let mut out = Vec::new();
    for event in events {
        let kind = event["type"].as_str().unwrap();
        stream.push(format!("event: {kind}\ndata: {event}\n\n").as_bytes(), &mut out).unwrap();
    }
    let ending = stream.finish(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let mut names = text.lines().filter_map(|line| line.strip_prefix("event: "));
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let data: Vec<Value> = data.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(data.iter().all(|event| names.next() == event["type"].as_str()), "{text}");
    (data, stream, ending)
}

/// One kind of text: its deltas, what ends it, and where it stands in an item.
struct Kind {
    events: &'static str,
    member: &'static str,
    /// the type and member of the part, where the text stands in one
    part: Option<(&'static str, &'static str)>,
    item: fn(Value) -> Value,
    place: &'static str,
}

const KINDS: [Kind; 6] = [
    Kind {
        events: "response.output_text",
        member: "text",
        part: Some(("output_text", "text")),
        item: |part| json!({ "type": "message", "role": "assistant", "id": "i", "content": [part] }),
        place: "/content/0/text",
    },
    Kind {
        events: "response.refusal",
        member: "refusal",
        part: Some(("refusal", "refusal")),
        item: |part| json!({ "type": "message", "role": "assistant", "id": "i", "content": [part] }),
        place: "/content/0/refusal",
    },
    Kind {
        events: "response.reasoning_text",
        member: "text",
        part: Some(("reasoning_text", "text")),
        item: |part| json!({ "type": "reasoning", "id": "i", "summary": [], "content": [part] }),
        place: "/content/0/text",
    },
    Kind {
        events: "response.custom_tool_call_input",
        member: "input",
        part: None,
        item: |text| json!({ "type": "custom_tool_call", "id": "i", "call_id": "c", "name": "n", "input": text }),
        place: "/input",
    },
    Kind {
        events: "response.code_interpreter_call_code",
        member: "code",
        part: None,
        item: |text| json!({ "type": "code_interpreter_call", "id": "i", "code": text }),
        place: "/code",
    },
    Kind {
        events: "response.mcp_call_arguments",
        member: "arguments",
        part: None,
        item: |text| json!({ "type": "mcp_call", "id": "i", "name": "n", "arguments": text }),
        place: "/arguments",
    },
];

/// All events of one text that comes in `pieces`.
fn told(kind: &Kind, pieces: &[String]) -> Vec<Value> {
    let text = pieces.concat();
    let at = |event: Value| {
        let mut whole = json!({ "item_id": "i", "output_index": 0 });
        if kind.part.is_some() {
            whole["content_index"] = json!(0);
        }
        whole.as_object_mut().unwrap().extend(event.as_object().unwrap().clone());
        whole
    };
    let part = |text: &str| match kind.part {
        Some((name, member)) => json!({ "type": name, member: text, "logprobs": [{ "token": text }] }),
        None => json!(text),
    };
    let item = |text: &str| (kind.item)(part(text));
    let response =
        |status: &str, output: Value| json!({ "id": "resp_1", "status": status, "output": output });
    let mut events = vec![
        json!({ "type": "response.created", "response": response("in_progress", json!([])) }),
        json!({ "type": "response.output_item.added", "output_index": 0, "item": item("") }),
    ];
    for piece in pieces {
        let delta = json!({ "type": format!("{}.delta", kind.events), "delta": piece });
        events.push(at(delta));
    }
    let mut done = json!({ "type": format!("{}.done", kind.events) });
    done[kind.member] = json!(text);
    events.push(at(done));
    if kind.part.is_some() {
        events.push(at(json!({ "type": "response.content_part.done", "part": part(&text) })));
    }
    events.push(json!({ "type": "response.output_item.done", "output_index": 0, "item": item(&text) }));
    let output = json!([item(&text)]);
    events.push(json!({ "type": "response.completed", "response": response("completed", output) }));
    for (number, event) in (0..).zip(&mut events) {
        event["sequence_number"] = json!(number + 5);
    }
    events
}

/// The text as each event tells it, the deltas joined first.
fn tellings(kind: &Kind, events: &[Value]) -> Vec<String> {
    let delta = format!("{}.delta", kind.events);
    let deltas = events.iter().filter(|event| event["type"] == delta);
    let mut all = vec![deltas.map(|event| event["delta"].as_str().unwrap()).collect::<String>()];
    let part = kind.part.map(|(_, member)| format!("/part/{member}"));
    let places = [
        Some(format!("/{}", kind.member)),
        part,
        Some(format!("/item{}", kind.place)),
        Some(format!("/response/output/0{}", kind.place)),
    ];
    for place in places.iter().flatten() {
        let found = events.iter().rev().find_map(|event| event.pointer(place)?.as_str());
        all.push(found.unwrap().to_owned());
    }
    all
}

/// A guard whose output depends on how its input was cut: what no guard should be, so that only memory makes tellings
/// the same.
#[derive(Default)]
struct Cuts(String);

impl Guard for Cuts {
    fn push(&mut self, chunk: &str) -> String {
        let before = std::mem::replace(&mut self.0, chunk.to_owned());
        if before.is_empty() { before } else { format!("<{before}>") }
    }

    fn finish(&mut self) -> String {
        format!("<{}>", std::mem::take(&mut self.0))
    }
}

fn cuts(_: Channel) -> Box<dyn Guard + Send> {
    Box::<Cuts>::default()
}

fn issued() -> deid::Issued {
    deid::Issued {
        class: IdentifierClass::Name,
        form: Form::Label,
        surrogate: SURROGATE.to_owned(),
        original: Phi::new(ORIGINAL.to_owned()),
    }
}

fn words() -> impl Strategy<Value = Vec<String>> {
    // an identifier is one only where words around it end
    let word = prop::sample::select(vec![
        "Dear ",
        " NAME-7K2M4Q, ",
        " SSN 219-09-9962. ",
        " MRN: 90417735. ",
        " is well. ",
        " NAME-7K2M ",
        " ä😀 ",
        " Mr. Harold Finchley ",
        "\n",
        " call 617-555-0192 ",
        " {\"a\": ",
        " 12} ",
        "\"",
    ]);
    let text = prop::collection::vec(word, 1..12).prop_map(|words| words.concat());
    (text, prop::collection::vec(1_usize..9, 1..8)).prop_map(|(text, sizes)| {
        let characters: Vec<char> = text.chars().collect();
        let (mut pieces, mut at) = (Vec::new(), 0);
        for size in sizes.iter().cycle() {
            if at >= characters.len() {
                break;
            }
            let end = (at + size).min(characters.len());
            pieces.push(characters[at..end].iter().collect());
            at = end;
        }
        pieces
    })
}

fn same(
    kind: &Kind,
    pieces: &[String],
    guards: impl Guards + Send + 'static,
) -> Result<String, TestCaseError> {
    let (events, _, ending) = streamed(told(kind, pieces), guards);
    prop_assert_eq!(ending, Ending::Complete);
    let tellings = tellings(kind, &events);
    prop_assert!(tellings.windows(2).all(|two| two[0] == two[1]), "{:?}", tellings);
    let numbers: Vec<_> = events.iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
    prop_assert_eq!(&numbers, &(5..5 + numbers.len() as u64).collect::<Vec<_>>());
    Ok(tellings[0].clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The deltas, what ends them, the part, the item and the response tell the same, restored and masked, however the
    /// text was cut; and that is what the plain answer tells.
    #[test]
    fn every_telling_of_a_text_is_the_same(pieces in words(), at in 0..KINDS.len()) {
        let kind = &KINDS[at];
        let told = same(kind, &pieces, guards(&[issued()]))?;
        for gone in ["219-09-9962", "90417735", "617-555-0192", SURROGATE] {
            prop_assert!(!told.contains(gone), "{}", told);
        }
        let part = kind.part.map_or_else(|| json!(pieces.concat()), |(name, member)| json!({ "type": name, member: pieces.concat() }));
        let answer = plain(&json!([(kind.item)(part)]), &mut guards(&[issued()]));
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        prop_assert_eq!(answer["output"][0].pointer(kind.place).unwrap().as_str().unwrap(), told);
    }

    #[test]
    fn what_was_given_once_is_given_again(pieces in words(), at in 0..KINDS.len()) {
        let told = same(&KINDS[at], &pieces, cuts)?;
        let by_piece = format!("<{}>", pieces.join("><"));
        prop_assert_eq!(told, by_piece);
    }
}

#[test]
fn every_cut_of_two_pieces_is_the_same() {
    let text = format!("To {SURROGATE}, SSN 219-09-9962.");
    let mut seen = Vec::new();
    for at in 0..=text.len() {
        let (one, two) = text.split_at(at);
        let pieces = [one.to_owned(), two.to_owned()];
        seen.push(same(&KINDS[0], &pieces, guards(&[issued()])).unwrap());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(seen[0].starts_with("To Jane \"JR\" Roe, SSN ") && !seen[0].contains("9962"));
}

/// A text whose deltas never came, or came otherwise than it is told, is shown to a guard of its own.
#[test]
fn a_text_without_deltas_is_guarded_too() {
    let text = format!("To {SURROGATE}");
    let (events, ..) = streamed(told(&KINDS[0], std::slice::from_ref(&text)), restoring);
    let wanted = tellings(&KINDS[0], &events)[0].clone();
    let mut quiet = told(&KINDS[0], &[text]);
    quiet.retain(|event| event["type"] != "response.output_text.delta");
    let (events, ..) = streamed(quiet, restoring);
    assert!(tellings(&KINDS[0], &events)[1..].iter().all(|telling| *telling == wanted));
}

#[test]
fn what_was_held_back_comes_before_what_ends_it() {
    let pieces = ["See NAM".to_owned()];
    let mut events = told(&KINDS[0], &pieces);
    events[2]["logprobs"] = json!([]);
    let (events, ..) = streamed(events, restoring);
    let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds[2..5],
        ["response.output_text.delta", "response.output_text.delta", "response.output_text.done"]
    );
    assert_eq!(
        events[3],
        json!({ "type": "response.output_text.delta", "sequence_number": 8, "item_id": "i", "output_index": 0,
            "content_index": 0, "delta": "NAM", "logprobs": [] })
    );
    // servers that number no events are put in none
    let mut events = told(&KINDS[0], &pieces);
    for event in &mut events {
        event.as_object_mut().unwrap().remove("sequence_number");
    }
    let (events, ..) = streamed(events, restoring);
    assert!(events.iter().all(|event| event.get("sequence_number").is_none()));
}

#[test]
fn probabilities_are_dropped_where_their_text_changed() {
    let token = json!([{ "token": "x", "logprob": -0.1 }]);
    for (text, left) in [("x", true), (SURROGATE, false)] {
        let mut events = told(&KINDS[0], &[text.to_owned()]);
        for event in &mut events[2..4] {
            event["logprobs"] = token.clone();
        }
        let (events, ..) = streamed(events, restoring);
        let places = [
            "/logprobs",
            "/part/logprobs",
            "/item/content/0/logprobs",
            "/response/output/0/content/0/logprobs",
        ];
        for (index, event) in events.iter().enumerate().skip(2) {
            for place in places {
                let Some(logprobs) = event.pointer(place).and_then(Value::as_array) else { continue };
                assert_eq!(!logprobs.is_empty(), left, "{index} {place} {text}");
            }
        }
    }
}

#[test]
fn events_that_nobody_knows_are_content() {
    let odd =
        json!({ "type": "response.x_thought.added", "sequence_number": 1, "thought": { "of": [SURROGATE] } });
    let grown = |text: &str| json!({ "type": "response.x_thought.delta", "output_index": 0, "delta": text });
    let (events, ..) = streamed([odd, grown("I am NAME-7"), grown("K2M4Q")], restoring);
    assert_eq!(events[0]["thought"]["of"][0], ORIGINAL);
    assert_eq!(
        events[1]["delta"].as_str().unwrap().to_owned() + events[2]["delta"].as_str().unwrap(),
        format!("I am {ORIGINAL}")
    );
    let shell = |out: &str| {
        json!({ "type": "response.shell_call_output_content.delta", "output_index": 0, "command_index": 0,
            "delta": { "stdout": out, "other": SURROGATE } })
    };
    let (events, ..) = streamed([shell("cat NAME-7K"), shell("2M4Q NA")], restoring);
    let stdout: String =
        events.iter().map(|event| event["delta"]["stdout"].as_str().unwrap_or_default()).collect();
    assert_eq!(stdout, format!("cat {ORIGINAL} NA"));
    assert_eq!(events[0]["delta"]["other"], ORIGINAL);
}

#[test]
fn a_response_that_failed_says_so_without_the_vendors_secrets() {
    let error = json!({ "code": "server_error", "message": format!("of {SURROGATE} sk-live1") });
    let response = json!({ "id": "r", "status": "failed", "error": error, "output": [] });
    let failed = json!({ "type": "response.failed", "sequence_number": 4, "response": response });
    let (events, stream, ending) = streamed([failed], restoring);
    assert_eq!(ending, Ending::Failed);
    assert_eq!(events[0]["response"]["error"]["message"], format!("of {ORIGINAL} [removed]"));
    assert!(stream.canonical().is_none());
    let refusal = stream.refusal(Code::UPSTREAM_REFUSED, None);
    let data: Value = serde_json::from_slice(refusal.strip_prefix(b"event: error\ndata: ").unwrap()).unwrap();
    assert_eq!(data["sequence_number"], 5);
}

#[test]
fn a_response_that_is_incomplete_is_an_answer() {
    let mut events = told(&KINDS[0], &["Dear NAM".to_owned()]);
    let mut last = events.pop().unwrap();
    events.truncate(3);
    last["type"] = json!("response.incomplete");
    last["response"]["status"] = json!("incomplete");
    last["response"]["incomplete_details"] = json!({ "reason": "max_output_tokens" });
    last["response"]["usage"] = json!({ "input_tokens": 3, "output_tokens": 2 });
    let (events, stream, ending) = streamed([events, vec![last]].concat(), restoring);
    assert_eq!(ending, Ending::Complete);
    assert_eq!(stream.facts().finish.as_deref(), Some("max_output_tokens"));
    assert_eq!((stream.facts().input_tokens, stream.facts().output_tokens), (Some(3), Some(2)));
    assert_eq!(tellings_of(&events), "Dear NAM");
    assert!(stream.canonical().is_some());
}

fn tellings_of(events: &[Value]) -> String {
    events.iter().filter_map(|event| event["delta"].as_str()).collect()
}

/// Each opaque value once, however often the events tell it; a request may hold it again.
#[test]
fn opaque_values_are_known_again() {
    let (first, last) = ("QUJD".repeat(20), "REVG".repeat(20));
    let item =
        |opaque: &str| json!({ "type": "reasoning", "id": "rs", "summary": [], "encrypted_content": opaque });
    let event = |kind: &str, opaque: &str| json!({ "type": kind, "output_index": 0, "item": item(opaque) });
    let response = json!({ "id": "r", "status": "completed", "output": [item(&last)] });
    let (_, stream, _) = streamed(
        [
            event("response.output_item.added", &first),
            event("response.output_item.done", &last),
            json!({ "type": "response.completed", "response": response }),
        ],
        restoring,
    );
    assert_eq!(stream.opaque(), [first.clone().into_bytes(), last.clone().into_bytes()]);
    let compacted = json!({ "type": "compaction", "id": "c", "encrypted_content": first });
    let answer = plain(&json!([item(&last), compacted]), &mut restoring);
    assert_eq!(answer.opaque, [last.clone().into_bytes(), first.clone().into_bytes()]);
    let request = request(&json!({ "model": "m", "input": [item(&last), compacted, item("Jane Roe")] }));
    assert!(request.opaque().eq([last.as_bytes(), first.as_bytes(), b"Jane Roe"]));
    assert!(request.passages().any(|passage| passage.text == "Jane Roe"));
}

fn features(rest: &Value) -> Vec<Feature> {
    let mut body = json!({ "model": "m", "input": "Hello" });
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let all = request(&body).features().clone();
    all.into_iter().filter(|feature| *feature != Feature::Inference).collect()
}

#[test]
fn features_are_what_the_body_asks_of_the_service() {
    use Feature::{Audio, ExternalUrl, Files, HostedTool, Images, VendorState};
    let tool = |tool: Value| json!({ "tools": [tool] });
    let item = |item: Value| json!({ "input": [item] });
    let part = |part: Value| json!({ "input": [{ "role": "user", "content": [part] }] });
    let picture = "data:image/png;base64,iVBORw0KGgo=";
    for (rest, wanted) in [
        (
            json!({ "store": false, "background": false, "conversation": null, "previous_response_id": null }),
            vec![],
        ),
        (json!({ "store": true }), vec![VendorState]),
        (json!({ "background": true }), vec![VendorState]),
        (json!({ "previous_response_id": "resp_1" }), vec![VendorState]),
        (json!({ "conversation": "conv_1" }), vec![VendorState]),
        (json!({ "conversation": { "id": "conv_1" } }), vec![VendorState]),
        (json!({ "prompt": { "id": "pmpt_1" } }), vec![VendorState]),
        (json!({ "prompt_cache_retention": "24h" }), vec![VendorState]),
        (json!({ "prompt_cache_options": { "ttl": "12h" } }), vec![VendorState]),
        (item(json!({ "type": "item_reference", "id": "msg_1" })), vec![VendorState]),
        (item(json!({ "id": "msg_1" })), vec![VendorState]),
        (item(json!({ "type": null, "id": "msg_1" })), vec![VendorState]),
        (item(json!({ "role": "user", "content": "Hello" })), vec![]),
        (item(json!({ "type": "reasoning", "id": "rs_1", "summary": [] })), vec![]),
        (item(json!({ "type": "web_search_call", "id": "ws_1" })), vec![HostedTool]),
        (item(json!({ "type": "mystery" })), vec![HostedTool]),
        (
            item(
                json!({ "type": "shell_call", "action": {}, "environment": { "type": "container_reference" } }),
            ),
            vec![HostedTool],
        ),
        (item(json!({ "type": "tool_search_output", "tools": [] })), vec![HostedTool]),
        (
            item(
                json!({ "type": "tool_search_output", "execution": "client", "tools": [{ "type": "mcp" }] }),
            ),
            vec![ExternalUrl, HostedTool],
        ),
        (item(json!({ "type": "additional_tools", "tools": [{ "type": "web_search" }] })), vec![HostedTool]),
        (tool(json!({ "type": "function", "name": "f", "parameters": {} })), vec![]),
        (tool(json!({ "type": "custom", "name": "f" })), vec![]),
        (tool(json!({ "type": "namespace", "tools": [{ "type": "function", "name": "f" }] })), vec![]),
        (tool(json!({ "type": "namespace", "tools": [{ "type": "web_search" }] })), vec![HostedTool]),
        (tool(json!({ "type": "local_shell" })), vec![]),
        (tool(json!({ "type": "apply_patch" })), vec![]),
        (tool(json!({ "type": "shell", "environment": { "type": "local" } })), vec![]),
        (tool(json!({ "type": "shell" })), vec![HostedTool]),
        (tool(json!({ "type": "shell", "environment": null })), vec![HostedTool]),
        (tool(json!({ "type": "shell", "environment": "container" })), vec![HostedTool]),
        (tool(json!({ "type": "shell", "environment": { "type": "container_auto" } })), vec![HostedTool]),
        (tool(json!({ "type": "tool_search" })), vec![HostedTool]),
        (tool(json!({ "type": "tool_search", "execution": "client" })), vec![]),
        (tool(json!({ "type": "web_search" })), vec![HostedTool]),
        (tool(json!({ "type": "computer_use_preview" })), vec![HostedTool]),
        (tool(json!({ "type": "image_generation" })), vec![HostedTool]),
        (tool(json!({ "type": "programmatic_tool_calling" })), vec![HostedTool]),
        (tool(json!({ "type": "file_search", "vector_store_ids": ["vs_1"] })), vec![VendorState, HostedTool]),
        (
            tool(json!({ "type": "code_interpreter", "container": { "type": "auto" } })),
            vec![VendorState, HostedTool],
        ),
        (
            tool(json!({ "type": "mcp", "server_url": "https://mcp.example.org" })),
            vec![ExternalUrl, HostedTool],
        ),
        (tool(json!({ "type": "mcp", "connector_id": "connector_dropbox" })), vec![ExternalUrl, HostedTool]),
        (tool(json!({})), vec![HostedTool]),
        (part(json!({ "type": "input_text", "text": "Hello" })), vec![]),
        (part(json!({ "type": "input_image", "image_url": picture })), vec![Images]),
        (part(json!({ "type": "input_image", "image_url": "https://a.example" })), vec![Images, ExternalUrl]),
        (part(json!({ "type": "input_image", "file_id": "file-1" })), vec![Images, VendorState]),
        (part(json!({ "type": "input_file", "file_data": "AAAA" })), vec![Files]),
        (part(json!({ "type": "input_file", "file_id": "file-1" })), vec![Files, VendorState]),
        (part(json!({ "type": "input_file", "file_url": "https://a.example" })), vec![Files, ExternalUrl]),
        (part(json!({ "type": "input_audio", "input_audio": { "data": "AAAA" } })), vec![Audio]),
        (part(json!({ "type": "input_hologram" })), vec![Files]),
    ] {
        assert_eq!(features(&rest), wanted, "{rest}");
    }
}

#[test]
fn bodies_that_are_no_request_are_refused() {
    for (body, fine) in [
        (json!({ "model": "m", "input": "Hello" }), true),
        (json!({ "model": "m", "input": [] }), true),
        (json!({ "model": "m", "prompt": { "id": "p" } }), true),
        (json!({ "model": "m", "previous_response_id": "r" }), true),
        (json!({ "model": "m" }), false),
        (json!({ "model": "m", "input": null }), false),
        (json!({ "model": "m", "input": 7 }), false),
        (json!({ "model": "m", "input": { "role": "user" } }), false),
        (json!({ "model": "m", "input": ["Hello"] }), false),
        (json!({ "input": "Hello" }), false),
        (json!({ "model": "m", "input": "Hello", "stream": "yes" }), false),
    ] {
        let parsed = Request::parse(ENDPOINT, Bytes::from(body.to_string()), &Limits::default());
        assert_eq!(parsed.is_ok(), fine, "{body}");
    }
}

#[test]
fn the_vendor_is_told_to_keep_nothing() {
    let sent = |body: &Value| {
        let out = request(body).rewrite(&[], "m", Store::False).unwrap();
        serde_json::from_slice::<Value>(&out).unwrap()["store"].clone()
    };
    for body in [json!({ "model": "m", "input": "" }), json!({ "model": "m", "input": "", "store": true })] {
        assert_eq!(sent(&body), false);
    }
    assert!(ENDPOINT.keeps_unasked() && !Endpoint::ChatCompletions.keeps_unasked());
}

fn canonical(body: &Value) -> Vec<(Vec<u8>, bool)> {
    request(body).messages().iter().map(|message| (message.bytes.clone(), message.answer)).collect()
}

fn input(items: &Value) -> Vec<(Vec<u8>, bool)> {
    canonical(&json!({ "model": "m", "input": items }))
}

#[test]
fn input_is_the_same_in_every_form_that_clients_send() {
    let plain = input(&json!("hi"));
    for same in [
        json!([{ "role": "user", "content": "hi" }]),
        json!([{ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "hi" }] }]),
        json!([{ "content": [{ "type": "input_text", "text": "h" }, { "type": "input_text", "text": "i" }], "role": "user", "status": "completed", "id": "msg_1" }]),
    ] {
        assert_eq!(input(&same), plain);
    }
    for other in [
        json!([{ "role": "developer", "content": "hi" }]),
        json!([{ "role": "assistant", "content": "hi" }]),
        json!("hi "),
        json!([{ "role": "user", "content": "hi" }, { "role": "user", "content": "hi" }]),
    ] {
        assert_ne!(input(&other), plain);
    }
    let one = r#"{"model":"m","instructions":"Be kind.","input":"hi"}"#;
    let two = r#"{"input":[{"role":"user","content":"hi"}],"instructions":"Be kind.","model":"m"}"#;
    let [one, two] = [one, two].map(|body| canonical(&serde_json::from_str(body).unwrap()));
    assert_eq!(one, two);
    assert_eq!((one.len(), &one[1]), (2, &plain[0]));
}

/// What was answered is known again, however the client sends its items.
#[test]
fn the_answer_is_known_again_when_the_client_sends_it() {
    let output = json!([
        { "type": "reasoning", "id": "rs_1", "summary": [{ "type": "summary_text", "text": "of NAME-7K2M4Q" }], "encrypted_content": "QUJD".repeat(20) },
        { "type": "web_search_call", "id": "ws_1", "status": "completed", "action": { "type": "search", "query": "x" } },
        { "type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "phase": "commentary",
          "content": [{ "type": "output_text", "text": "To NAME-7K2M4Q", "annotations": [], "logprobs": [] }, { "type": "output_text", "text": ".", "annotations": [] }] },
        { "type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "book", "status": "completed", "arguments": "{\"who\": \"NAME-7K2M4Q\", \"n\": 1}" },
        { "type": "custom_tool_call", "id": "ct_1", "call_id": "call_2", "name": "sh", "status": "completed", "input": "ls" },
        { "type": "local_shell_call", "id": "ls_1", "call_id": "call_3", "status": "completed", "action": { "type": "exec", "command": ["ls"], "env": {}, "user": null } },
    ]);
    let answer = plain(&output, &mut restoring);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let given = body["output"].as_array().unwrap().clone();
    let known = answer.canonical.unwrap();
    let again = |items: Vec<Value>| {
        let mut all = vec![json!({ "role": "user", "content": "hi" })];
        all.extend(items);
        all.push(json!({ "type": "function_call_output", "call_id": "call_1", "output": "{\"ok\":true}" }));
        let messages = input(&Value::Array(all));
        assert_eq!(messages.iter().map(|(_, answer)| *answer).collect::<Vec<_>>(), [false, true, false]);
        messages[1].0.clone()
    };
    assert_eq!(again(given.clone()), known, "as it came");
    let stripped = given
        .iter()
        .filter(|item| item["type"] != "reasoning" && item["type"] != "web_search_call")
        .map(|item| {
            let mut item = item.clone();
            for field in ["id", "status", "phase"] {
                item.as_object_mut().unwrap().remove(field);
            }
            item
        });
    assert_eq!(
        again(stripped.collect()),
        known,
        "without identifiers, reasoning and what the vendor's tools did"
    );
    let mut other = given.clone();
    let short = json!([{ "role": "assistant", "content": format!("To {ORIGINAL}") }, { "role": "assistant", "content": [{ "type": "output_text", "text": "." }] }]);
    other.splice(2..3, short.as_array().unwrap().clone());
    other[4]["arguments"] = json!("{\"n\":1,\"who\":\"Jane \\\"JR\\\" Roe\"}");
    other[6]["action"] = json!({ "type": "exec", "command": ["ls"], "env": {} });
    assert_eq!(again(other), known, "a message for each part, arguments written anew, nulls left out");
    let mut edited = given;
    edited[2]["content"][0]["text"] = json!("To somebody else");
    assert_ne!(again(edited), known);

    // a stream that lists no output at its end is known by the items that were done
    for listed in [output.clone(), json!([]), Value::Null] {
        let done = output.as_array().unwrap().iter().enumerate().rev().map(|(index, item)| {
            json!({ "type": "response.output_item.done", "output_index": index, "item": item })
        });
        let response = json!({ "id": "r", "status": "completed", "output": listed });
        let last = json!({ "type": "response.completed", "response": response });
        let (_, stream, _) = streamed(done.chain([last]), restoring);
        assert_eq!(stream.canonical().as_ref(), Some(&known));
    }
}

#[test]
fn turns_of_tools_are_turns() {
    let call = |id: &str| json!({ "type": "function_call", "call_id": id, "name": "f", "arguments": "{}" });
    let output = |id: &str| json!({ "type": "function_call_output", "call_id": id, "output": "1" });
    let kinds = |items: Value| input(&items).iter().map(|(_, answer)| *answer).collect::<Vec<_>>();
    assert_eq!(kinds(json!(["a", "b"].map(call))), [true]);
    assert_eq!(kinds(json!([call("a"), output("a"), call("b"), output("b")])), [true, false, true, false]);
    assert_ne!(input(&json!([output("a")])), input(&json!([output("b")])));
    assert_ne!(input(&json!([call("a")])), input(&json!([call("b")])));
    assert!(
        plain(&json!([call("a"), { "type": "shell_call_output", "call_id": "a" }]), &mut restoring)
            .canonical
            .is_none()
    );
}
