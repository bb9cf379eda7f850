//! Requests of every endpoint: what counts as content, and what a rewrite leaves alone.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

#[path = "support/golden.rs"]
mod golden;

use std::fmt::Write as _;

use bytes::Bytes;
use gateway::protocol::{
    Endpoint, Feature, Limits, ParseError, Protocol, Request, RewriteError, Role, Store, Target,
};
use golden::golden;
use proptest::prelude::*;
use serde_json::{Value, json};
use terms::Code;

const CHAT: &str = include_str!("golden/requests/chat.json");
const MESSAGES: &str = include_str!("golden/requests/messages.json");
const GEMINI: &str = include_str!("golden/requests/gemini.json");
const GEMINI_SNAKE: &str = include_str!("golden/requests/gemini_snake.json");
const RESPONSES: &str = include_str!("golden/requests/responses.json");
const CONVERSE: &str = include_str!("golden/requests/converse.json");
const INVOKE: &str = include_str!("golden/requests/invoke.json");
const INVOKE_MESSAGES: &str = include_str!("golden/requests/invoke-messages.json");
const BODIES: [(Endpoint, &str, &str); 17] = [
    (Endpoint::ChatCompletions, "chat", CHAT),
    (Endpoint::Responses, "responses", RESPONSES),
    (Endpoint::InputTokens, "input_tokens", RESPONSES),
    (Endpoint::Completions, "completions", include_str!("golden/requests/completions.json")),
    (Endpoint::Embeddings, "embeddings", include_str!("golden/requests/embeddings.json")),
    (Endpoint::Transcriptions, "transcriptions", include_str!("golden/requests/transcriptions.json")),
    (Endpoint::Messages, "messages", MESSAGES),
    (Endpoint::CountTokens, "count_tokens", MESSAGES),
    (Endpoint::GenerateContent, "gemini", GEMINI),
    (Endpoint::GenerateContent, "gemini_snake", GEMINI_SNAKE),
    (Endpoint::GeminiCountTokens, "gemini_count", include_str!("golden/requests/gemini_count.json")),
    (Endpoint::EmbedContent, "gemini_embed", include_str!("golden/requests/gemini_embed.json")),
    (Endpoint::BatchEmbedContents, "gemini_batch", include_str!("golden/requests/gemini_batch.json")),
    (Endpoint::EmbedPredict, "gemini_predict", include_str!("golden/requests/gemini_predict.json")),
    (Endpoint::Converse, "converse", CONVERSE),
    (Endpoint::Invoke, "invoke", INVOKE),
    (Endpoint::InvokeMessages, "invoke-messages", INVOKE_MESSAGES),
];

/// A target of an endpoint; the model stands in the path where the protocol has it there.
fn target(endpoint: Endpoint) -> Target {
    let in_path = matches!(endpoint.protocol(), Protocol::Gemini | Protocol::Bedrock);
    let model = in_path.then(|| "m".to_owned());
    Target { model, ..endpoint.into() }
}

/// Fields without which a body is no request, or that must be of one type.
const REQUIRED: [&str; 11] = [
    "/model",
    "/stream",
    "/messages",
    "/input",
    "/contents",
    "/content",
    "/requests",
    "/instances",
    "/prompt",
    "/file",
    "/response_format",
];

fn is_required(path: &str) -> bool {
    REQUIRED.iter().any(|field| path.starts_with(field)) || path.starts_with("/generateContentRequest")
}

fn parse(endpoint: Endpoint, body: &str) -> Result<Request, ParseError> {
    Request::parse(target(endpoint), Bytes::copy_from_slice(body.as_bytes()), &Limits::default())
}

fn chat(rest: &str) -> Request {
    let body = format!("{{\"model\":\"m\",\"messages\":[],{rest}}}");
    parse(Endpoint::ChatCompletions, &body).unwrap()
}

#[test]
fn passages_and_rewrites_are_the_golden_ones() {
    for (endpoint, name, body) in BODIES {
        let request = parse(endpoint, body).unwrap();
        let mut listing = String::new();
        for passage in request.passages() {
            let pointer = request.pointer(passage.index).unwrap();
            let label = passage.label.unwrap_or("-");
            writeln!(listing, "{pointer}  {:?}  {label}  {:?}", passage.role, passage.text).unwrap();
        }
        let features: Vec<_> = request.features().iter().map(|feature| feature.as_str()).collect();
        writeln!(listing, "features {}", features.join(" ")).unwrap();
        golden("requests", &format!("{name}.passages"), &listing);

        let edits: Vec<_> = request
            .passages()
            .filter(|passage| passage.role != Role::Signed)
            .map(|passage| (passage.index, format!("\"{}\"", passage.index)))
            .collect();
        let rewritten = request.rewrite(&edits, "routed", Store::False).unwrap();
        golden("requests", &format!("{name}.rewritten"), std::str::from_utf8(&rewritten).unwrap());
    }
}

#[test]
fn no_edit_changes_no_byte() {
    for (endpoint, _, body) in BODIES {
        let request = parse(endpoint, body).unwrap();
        let out = request.rewrite(&[], request.model(), Store::AsSent).unwrap();
        assert_eq!(out, body.as_bytes());
    }
}

/// An edit with a position's own text changes nothing that a reader of JSON sees.
#[test]
fn an_edit_with_the_same_text_changes_no_value() {
    for (endpoint, _, body) in BODIES {
        let request = parse(endpoint, body).unwrap();
        for passage in request.passages().filter(|one| matches!(one.role, Role::Text | Role::Key)) {
            let edit = (passage.index, passage.text.to_owned());
            let out = request.rewrite(&[edit], request.model(), Store::AsSent).unwrap();
            let back = parse(endpoint, std::str::from_utf8(&out).unwrap()).unwrap();
            assert!(back.passages().map(|one| one.text).eq(request.passages().map(|one| one.text)));
        }
    }
}

#[test]
fn store_is_forced_to_false_as_told() {
    let rewrite = |rest: &str, store| {
        let out = chat(rest).rewrite(&[], "m", store).unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    };
    let sent = "{\"model\":\"m\",\"messages\":[],\"store\": true}";
    let absent = "{\"model\":\"m\",\"messages\":[],\"n\":1}";
    assert_eq!(rewrite("\"store\": true", Store::AsSent), sent);
    assert_eq!(rewrite("\"store\": true", Store::FalseWhereSent), sent.replace("true", "false"));
    assert_eq!(rewrite("\"store\": null", Store::False), sent.replace("true", "false"));
    assert_eq!(rewrite("\"n\":1", Store::FalseWhereSent), absent);
    assert_eq!(rewrite("\"n\":1", Store::False), absent.replacen('{', "{\"store\":false,", 1));
    let body = "{\"model\":\"m\",\"messages\":[]}";
    let messages = parse(Endpoint::Messages, body).unwrap();
    assert_eq!(messages.rewrite(&[], "m", Store::False).unwrap(), body.as_bytes());
}

#[test]
fn what_can_not_be_rewritten_is_refused() {
    let request = parse(Endpoint::Messages, MESSAGES).unwrap();
    let signed = request.passages().find(|passage| passage.role == Role::Signed).unwrap();
    assert_eq!(signed.text, "She is Jane Roe.");
    let edit = [(signed.index, String::new())];
    assert_eq!(request.rewrite(&edit, "m", Store::AsSent), Err(RewriteError::Signed));
    assert_eq!(request.rewrite(&[(9999, String::new())], "m", Store::AsSent), Err(RewriteError::NoPosition));
    let request = chat("\"metadata\":{\"John\":1,\"john\":2}");
    let edits: Vec<_> = request.passages().map(|key| (key.index, "NAME-7K2M4Q".to_owned())).collect();
    assert_eq!(request.rewrite(&edits, "m", Store::AsSent), Err(RewriteError::KeysCollide));
}

#[test]
fn bodies_that_are_no_request_are_refused() {
    for (body, code) in [
        ("{\"model\":\"m\"}", "request-malformed"),
        ("{\"messages\":[]}", "request-malformed"),
        ("{\"model\":7,\"messages\":[]}", "request-malformed"),
        ("{\"model\":\"m\",\"messages\":[\"hi\"]}", "request-malformed"),
        ("{\"model\":\"m\",\"messages\":[],\"stream\":\"yes\"}", "request-malformed"),
        ("[]", "request-malformed"),
        ("", "request-malformed"),
        ("{\"model\":\"m\",\"messages\":[],\"a\":1,\"\\u0061\":2}", "json-duplicate-key"),
        (&format!("{{\"x\":{}", "[".repeat(65)), "body-too-deep"),
    ] {
        assert_eq!(parse(Endpoint::ChatCompletions, body).err().unwrap().code().as_str(), code, "{body}");
    }
    let latin = Request::parse(Endpoint::Messages, Bytes::from_static(b"\"\xe9\""), &Limits::default());
    assert_eq!(latin.err(), Some(ParseError::NotUtf8));
}

#[test]
fn features_are_what_the_body_asks_of_the_service() {
    use Feature::{Audio, ExternalUrl, Files, HostedTool, Images, VendorState};
    let part = |part: &str| format!("\"messages\":[{{\"role\":\"user\",\"content\":[{part}]}}]");
    let data = "data:image/png;base64,iVBORw0KGgo=";
    for (rest, wanted) in [
        ("\"n\":1".to_owned(), vec![]),
        ("\"store\":false,\"tools\":[],\"web_search_options\":null".to_owned(), vec![]),
        ("\"store\":true".to_owned(), vec![VendorState]),
        ("\"previous_response_id\":\"r\"".to_owned(), vec![VendorState]),
        ("\"web_search_options\":{\"search_context_size\":\"low\"}".to_owned(), vec![HostedTool]),
        ("\"tools\":[{\"type\":\"function\",\"function\":{}}]".to_owned(), vec![]),
        ("\"tools\":[{\"type\":\"mcp\"}]".to_owned(), vec![HostedTool]),
        ("\"tools\":[{}]".to_owned(), vec![HostedTool]),
        ("\"modalities\":[\"text\"]".to_owned(), vec![]),
        ("\"modalities\":[\"text\",\"audio\"]".to_owned(), vec![Audio]),
        (part(&format!("{{\"type\":\"image_url\",\"image_url\":{{\"url\":\"{data}\"}}}}")), vec![Images]),
        (
            part("{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://a.example\"}}"),
            vec![Images, ExternalUrl],
        ),
        (part("{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\"}}"), vec![Audio]),
        (part("{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}"), vec![Files, VendorState]),
        (part("{\"type\":\"mystery\"}"), vec![Files]),
    ] {
        let rest = rest
            .strip_prefix("\"messages\"")
            .map_or_else(|| format!("\"messages\":[],{rest}"), |list| format!("\"messages\"{list}"));
        let request = parse(Endpoint::ChatCompletions, &format!("{{\"model\":\"m\",{rest}}}")).unwrap();
        let others: Vec<_> =
            request.features().iter().copied().filter(|feature| *feature != Feature::Inference).collect();
        assert_eq!(others, wanted, "{rest}");
    }
}

proptest! {
    /// Whatever is edited to whatever: the result is a request again, and what was not edited is what it was. (Keys
    /// that say of what type an unknown item is are left: without one it would be of the type that needs none.)
    #[test]
    fn edits_give_a_request_again(picks in prop::collection::vec((any::<prop::sample::Index>(), any::<String>()), 0..20)) {
        for (endpoint, _, body) in BODIES {
            let request = parse(endpoint, body).unwrap();
            let passages: Vec<_> = request.passages().collect();
            let mut edits: Vec<(usize, String)> =
                picks.iter().map(|(at, text)| (at.index(passages.len()), text.clone())).collect();
            edits.sort();
            edits.dedup_by_key(|(index, _)| *index);
            edits.retain(|(index, _)| {
                let one = &passages[*index];
                one.role != Role::Signed && (one.role != Role::Key || one.text != "type")
            });
            match request.rewrite(&edits, "routed", Store::False) {
                Ok(out) => {
                    let again = Request::parse(target(endpoint), out.clone(), &Limits::default()).unwrap();
                    let in_path = matches!(endpoint.protocol(), Protocol::Gemini | Protocol::Bedrock);
                    prop_assert_eq!(again.model(), if in_path { "m" } else { "routed" });
                    for passage in passages.iter().filter(|one| !edits.iter().any(|(index, _)| *index == one.index)) {
                        prop_assert!(again.passages().any(|one| one.text == passage.text), "{endpoint:?}: {}", passage.text);
                    }
                    prop_assert!(serde_json::from_slice::<Value>(&out).is_ok());
                }
                Err(error) => prop_assert_eq!(error, RewriteError::KeysCollide),
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60), at in 0_usize..9000, cut in 0_usize..60) {
        for (endpoint, _, body) in BODIES {
            let mut body = body.as_bytes().to_vec();
            let place = at.min(body.len());
            let end = (place + cut).min(body.len());
            body.splice(place..end, bytes.iter().copied());
            if let Ok(request) = Request::parse(target(endpoint), Bytes::from(body), &Limits::default()) {
                prop_assert!(request.passages().all(|passage| request.pointer(passage.index).is_some()));
            }
        }
    }
}

#[test]
fn a_document_in_a_string_is_read_though_it_holds_a_key_twice() {
    let message = r#"{"role":"tool","tool_call_id":"c","content":"{\"a\":\"J\\u0061ne\",\"a\":\"Roe\"}"}"#;
    let request =
        parse(Endpoint::ChatCompletions, &format!("{{\"model\":\"m\",\"messages\":[{message}]}}")).unwrap();
    let texts: Vec<_> = request.passages().map(|passage| passage.text).collect();
    assert_eq!(texts, ["c", "a", "Jane", "a", "Roe"]);
}

const MARKER: &str = "PLANTED 7Q2X marker";

/// A number that is short, and so known only by its label.
const SHORT: u32 = 48213;

/// Every way to plant the marker in one place of `value`: as a string or number, as a key, inside a document in
/// a string.
fn plant(value: &Value, path: &str, marker: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::String(text) => {
            out.push((path.to_owned(), marker.clone()));
            let nested = path.ends_with("/arguments") || text.starts_with(['{', '[']);
            if let (true, Ok(inner @ (Value::Object(_) | Value::Array(_)))) =
                (nested, serde_json::from_str(text))
            {
                let mut inside = Vec::new();
                plant(&inner, &format!("{path}#"), marker, &mut inside);
                // escaped, so that only a walk inside sees the marker
                let hide = |planted: &Value| planted.to_string().replace("PLANTED", "\\u0050LANTED");
                out.extend(inside.into_iter().map(|(path, planted)| (path, Value::from(hide(&planted)))));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let mut inside = Vec::new();
                plant(item, &format!("{path}/{index}"), marker, &mut inside);
                for (path, planted) in inside {
                    let mut items = items.clone();
                    items[index] = planted;
                    out.push((path, Value::Array(items)));
                }
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let renamed = members.iter().map(|(own, value)| {
                    (if own == key { MARKER.to_owned() } else { own.clone() }, value.clone())
                });
                out.push((format!("{path}/{key}#key"), Value::Object(renamed.collect())));
                let mut inside = Vec::new();
                plant(member, &format!("{path}/{key}"), marker, &mut inside);
                for (path, planted) in inside {
                    let mut members = members.clone();
                    members.insert(key.clone(), planted);
                    out.push((path, Value::Object(members)));
                }
            }
        }
        Value::Number(_) => out.push((path.to_owned(), marker.clone())),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A short number is content wherever a client puts it, but for the settings and the bounds of schemas, and
/// for documents that are lists without a name; where it is content, its label comes with it.
#[test]
fn a_short_number_planted_anywhere_is_seen_or_is_a_setting() {
    for (endpoint, name, body) in BODIES {
        let mut planted = Vec::new();
        plant(&serde_json::from_str(body).unwrap(), "", &Value::from(SHORT), &mut planted);
        planted.retain(|(path, _)| !path.ends_with("#key"));
        let mut settings = String::new();
        for (path, body) in planted {
            let body = body.to_string();
            let Ok(request) = parse(endpoint, &body) else {
                assert!(is_required(&path), "{path} is refused");
                continue;
            };
            match request.passages().find(|passage| passage.text == "48213") {
                Some(passage) => {
                    assert_eq!(passage.role, Role::Number, "{path}");
                    assert!(passage.label.is_some_and(|label| path.contains(label)), "{path}");
                    let edits = [(passage.index, "ID-7K2M4Q".to_owned())];
                    let out = request.rewrite(&edits, request.model(), Store::AsSent).unwrap();
                    let out: Value = serde_json::from_slice(&out).unwrap();
                    assert!(!out.to_string().contains("48213"), "{path}");
                }
                None => writeln!(settings, "{path}").unwrap(),
            }
        }
        golden("requests", &format!("{name}.settings"), &settings);
    }
}

#[test]
fn short_numbers_of_free_json_are_content() {
    let free =
        r#"{"zip":90210,"age":97,"mrn":48213,"ssn_last4":4821,"all":[1,[2]],"in":"[3]","a\u0062":[5,6]}"#;
    let text = Value::from(free).to_string();
    let wanted = [
        ("zip", "90210"),
        ("age", "97"),
        ("mrn", "48213"),
        ("ssn_last4", "4821"),
        ("all", "1"),
        ("all", "2"),
        ("in", "3"),
        ("ab", "5"),
        ("ab", "6"),
    ];
    let call = |arguments: &str| {
        format!(
            r#"{{"role":"assistant","tool_calls":[{{"id":"c","type":"function","function":{{"name":"f","arguments":{arguments}}}}}]}}"#
        )
    };
    let block = |block: &str| format!(r#"{{"role":"user","content":[{block}]}}"#);
    let input = format!(r#"{{"type":"tool_use","id":"t","name":"f","input":{free}}}"#);
    let result = format!(r#"{{"type":"tool_result","tool_use_id":"t","content":{text}}}"#);
    for (endpoint, message, rest) in [
        (Endpoint::ChatCompletions, call(&text), String::new()),
        (Endpoint::ChatCompletions, call(free), String::new()),
        (
            Endpoint::ChatCompletions,
            format!(r#"{{"role":"tool","tool_call_id":"t","content":{text}}}"#),
            String::new(),
        ),
        (Endpoint::ChatCompletions, "{}".to_owned(), format!(r#","metadata":{free}"#)),
        (Endpoint::Messages, block(&input), String::new()),
        (Endpoint::Messages, block(&result), String::new()),
        (Endpoint::Messages, "{}".to_owned(), format!(r#","metadata":{free}"#)),
    ] {
        let body = format!(r#"{{"model":"m","messages":[{message}]{rest}}}"#);
        let request = parse(endpoint, &body).unwrap();
        let numbers = request.passages().filter(|passage| passage.role == Role::Number);
        let mut found: Vec<_> = numbers.map(|one| (one.label.unwrap(), one.text)).collect();
        if rest.is_empty() {
            assert_eq!(found, wanted, "{body}");
        } else {
            // a string of metadata is text, not a document
            found.insert(6, ("in", "3"));
            assert_eq!(found, wanted, "{body}");
        }
    }
}

/// Some readers take a key in another case for the member, and others for nothing: a setting could hide behind it.
#[test]
fn a_member_in_another_case_is_refused() {
    for rest in [
        r#""Store":true"#,
        r#""\u017ftore":true"#,
        r#""MODEL":"other""#,
        r#""tools":[{"type":"function","Type":"web_search"}]"#,
        r#""response_format":{"type":"json_schema","json_schema":{"name":"a","Schema":{}}}"#,
    ] {
        let body = format!(r#"{{"model":"m","messages":[],{rest}}}"#);
        assert_eq!(parse(Endpoint::ChatCompletions, &body).err(), Some(ParseError::Twice), "{rest}");
    }
    let converse = r#"{"messages":[{"role":"user","content":[{"text":"a"}]}],"PromptVariables":{}}"#;
    assert_eq!(parse(Endpoint::Converse, converse).err(), Some(ParseError::Twice));
    // the application's own keys are its own
    chat(r#""metadata":{"Id":"a","id":"b","Store":"c"}"#);
    chat(
        r#""tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"Type":{},"type":{}}}}}]"#,
    );
    let said = r#"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"t","content":[{"json":{"Text":1,"text":2}}]}}]}]}"#;
    assert!(parse(Endpoint::Converse, said).is_ok());
}

/// What a request may not leave to the vendor to choose, and what two readers would read differently.
#[test]
fn a_request_of_googles_says_one_thing_only() {
    let content = r#""contents":[{"parts":[{"text":"hi"}]}]"#;
    for (rest, code) in [
        (r#""generationConfig":{"routingConfig":{"manualMode":{"modelName":"x"}}}"#, "model-foreign"),
        (
            r#""generation_config":{"model_config":{"featureSelectionPreference":"BALANCED"}}"#,
            "model-foreign",
        ),
        (r#""systemInstruction":{"parts":[]},"system_instruction":{"parts":[]}"#, "json-duplicate-key"),
        (r#""tools":[{"functionDeclarations":[],"function_declarations":[]}]"#, "json-duplicate-key"),
    ] {
        let body = format!("{{{content},{rest}}}");
        assert_eq!(parse(Endpoint::GenerateContent, &body).err().unwrap().code().as_str(), code, "{rest}");
    }
    let blob = r#"{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","mime_type":"application/pdf","data":"AAAA"}}]}]}"#;
    assert_eq!(parse(Endpoint::GenerateContent, blob).err(), Some(ParseError::Twice));
    // the application's own keys are its own
    let call = r#"{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"userId":1,"user_id":2}}}]}]}"#;
    assert!(parse(Endpoint::GenerateContent, call).is_ok());
    for bad in ["{}", r#"{"contents":"hi"}"#, r#"{"contents":["hi"]}"#, r#"{"contents":null}"#] {
        assert!(parse(Endpoint::GenerateContent, bad).is_err(), "{bad}");
    }
    assert!(parse(Endpoint::GenerateContent, r#"{"contents":{"parts":{"text":"hi"}}}"#).is_ok());
    for (endpoint, bad) in [
        (Endpoint::EmbedContent, r#"{"content":"hi"}"#),
        (Endpoint::BatchEmbedContents, r#"{"requests":[{}]}"#),
        (Endpoint::EmbedPredict, r#"{"instances":[{"prompt":"a cat"}]}"#),
        (Endpoint::GeminiCountTokens, r#"{"generateContentRequest":{}}"#),
    ] {
        assert!(parse(endpoint, bad).is_err(), "{bad}");
    }
    assert!(
        Request::parse(Endpoint::GenerateContent, Bytes::from(r#"{"contents":[]}"#), &Limits::default())
            .is_err()
    );
}

#[test]
fn the_model_in_a_body_of_googles_is_the_routed_one() {
    let sent = |endpoint, body| {
        let out = parse(endpoint, body).unwrap().rewrite(&[], "routed", Store::False).unwrap();
        String::from_utf8(out.to_vec()).unwrap()
    };
    let requests =
        r#"{"requests":[{"model":"models/a","content":{}},{"model":"projects/p/x","content":{}}]}"#;
    let wanted =
        r#"{"requests":[{"model":"models/routed","content":{}},{"model":"models/routed","content":{}}]}"#;
    assert_eq!(sent(Endpoint::BatchEmbedContents, requests), wanted);
    let vertex = r#"{"model":"publishers/google/models/a","content":{}}"#;
    assert_eq!(
        sent(Endpoint::EmbedContent, vertex),
        r#"{"model":"publishers/google/models/routed","content":{}}"#
    );
}

#[test]
fn features_are_what_a_body_of_googles_asks_of_the_service() {
    use Feature::{Audio, Embeddings, ExternalUrl, Files, HostedTool, Images, VendorState};
    let part = |part: &str| format!(r#""contents":[{{"parts":[{part}]}}]"#);
    let with = |rest: &str| format!(r#""contents":[],{rest}"#);
    for (body, wanted) in [
        (with(r#""tools":[{"functionDeclarations":[{"name":"f"}]}],"store":false"#), vec![]),
        (with(r#""tools":{"google_search":{}}"#), vec![HostedTool]),
        (with(r#""tools":[{"codeExecution":{}}]"#), vec![HostedTool]),
        (with(r#""tools":[{"urlContext":{}}]"#), vec![ExternalUrl, HostedTool]),
        (with(r#""tools":[{"fileSearch":{"fileSearchStoreNames":["s"]}}]"#), vec![VendorState, HostedTool]),
        (with(r#""tools":[{"futureTool":{}}]"#), vec![HostedTool]),
        (with(r#""cached_content":"cachedContents/a""#), vec![VendorState]),
        (with(r#""store":true"#), vec![VendorState]),
        (with(r#""generationConfig":{"responseModalities":["TEXT"]}"#), vec![]),
        (with(r#""generationConfig":{"responseModalities":["TEXT","IMAGE"]}"#), vec![Images]),
        (with(r#""generationConfig":{"response_modalities":"AUDIO"}"#), vec![Audio]),
        (with(r#""generationConfig":{"responseModalities":[2]}"#), vec![Images, Audio]),
        (with(r#""generationConfig":{"responseModalities":["audio"]}"#), vec![Images, Audio]),
        (with(r#""generationConfig":{"speechConfig":{}}"#), vec![Audio]),
        (part(r#"{"inlineData":{"mimeType":"image/png","data":"AAAA"}}"#), vec![Images]),
        (part(r#"{"inline_data":{"mime_type":"image/png","data":"AAAA"}}"#), vec![Images]),
        (part(r#"{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}}"#), vec![Audio]),
        (part(r#"{"inlineData":{"mimeType":"video/mp4","data":"AAAA"}}"#), vec![Files]),
        (part(r#"{"inlineData":{"data":"AAAA"}}"#), vec![Files]),
        (part(r#"{"fileData":{"fileUri":"gs://b/o"}}"#), vec![Files, ExternalUrl, VendorState]),
        (part(r#"{"executableCode":{"code":"1"}}"#), vec![HostedTool]),
        (part(r#"{"mystery":{"data":"AAAA"}}"#), vec![Files]),
        (
            part(
                r#"{"functionResponse":{"name":"f","parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}}"#,
            ),
            vec![Images],
        ),
    ] {
        let request = parse(Endpoint::GenerateContent, &format!("{{{body}}}")).unwrap();
        let others: Vec<_> =
            request.features().iter().copied().filter(|one| *one != Feature::Inference).collect();
        assert_eq!(others, wanted, "{body}");
    }
    let request = parse(Endpoint::EmbedContent, r#"{"content":{"parts":[{"text":"hi"}]}}"#).unwrap();
    assert!(request.features().contains(&Embeddings) && !Endpoint::EmbedContent.answers_in_text());
}

/// One spelling of base64, whichever the client's library writes.
#[test]
fn a_signature_is_known_in_any_spelling_of_base64() {
    let opaque = |signature: &str| {
        let part = format!(r#"{{"text":"x","thoughtSignature":"{signature}"}}"#);
        let body = format!(r#"{{"contents":[{{"role":"model","parts":[{part}]}}]}}"#);
        let request = parse(Endpoint::GenerateContent, &body).unwrap();
        request.opaque().map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let wanted = [b"ab+/cQ".to_vec()];
    for spelling in ["ab+/cQ==", "ab-_cQ==", "ab-_cQ", "ab+/cQ"] {
        assert_eq!(opaque(spelling), wanted);
    }
    assert!(opaque("skip_thought_signature_validator").is_empty());
}

#[test]
fn opaque_values_are_listed_decoded() {
    let request = parse(Endpoint::Messages, MESSAGES).unwrap();
    let opaque: Vec<_> = request.opaque().map(|value| value.get(..4).unwrap()).collect();
    assert_eq!(opaque, [b"EqQB", b"EmwK", b"EmwK"]);
    let block =
        r#"{"type":"thinking","thinking":"x","signature":"a\/b"},{"type":"redacted_thinking","data":""}"#;
    let body = format!(r#"{{"model":"m","messages":[{{"role":"assistant","content":[{block}]}}]}}"#);
    let request = parse(Endpoint::Messages, &body).unwrap();
    assert_eq!(request.opaque().collect::<Vec<_>>(), [b"a/b"]);
    assert!(request.passages().any(|passage| passage.text == "a/b" && passage.role == Role::Signed));
    assert_eq!(parse(Endpoint::ChatCompletions, CHAT).unwrap().opaque().len(), 0);
}

/// A typed vendor takes these for numbers only.
#[test]
fn settings_and_bounds_are_never_rewritten() {
    let schema = r#"{"minimum":48213,"maximum":4821377700,"exclusiveMinimum":-9007199254740991,
        "exclusiveMaximum":1.5e300,"multipleOf":0.000001,"minLength":123456789,"maxLength":123456789,
        "minItems":123456789,"maxItems":123456789,"minProperties":123456789,"maxProperties":123456789}"#;
    for rest in [
        r#""seed":48213377"#.to_owned(),
        r#""seed":9223372036854775807"#.to_owned(),
        r#""seed":-9223372036854775808"#.to_owned(),
        format!(r#""functions":[{{"parameters":{schema}}}]"#),
        r#""temperature":0.7000000001,"n":2,"top_k":40,"min_p":0.05,"max_tokens":128000"#.to_owned(),
    ] {
        assert_eq!(chat(&rest).passages().len(), 0, "{rest}");
    }
    for content in [r#""seed":"48213377""#, r#""seed":92233720368547758070"#, r#""seed":4839201.5"#] {
        assert_eq!(chat(content).passages().len(), 1, "{content}");
    }
}

#[test]
fn a_tag_that_is_no_string_is_content() {
    let body = r#"{"model":"m","messages":[],"tools":[{"type":{"name":"Jane Roe"},"name":"x"}]}"#;
    let request = parse(Endpoint::Messages, body).unwrap();
    assert!(request.passages().any(|passage| passage.text == "Jane Roe"));
}

/// Wherever a client puts a value, it is content, or the request is refused: nothing slips by.
#[test]
fn a_value_planted_anywhere_is_seen() {
    for (endpoint, _, body) in BODIES {
        let mut planted = Vec::new();
        plant(&serde_json::from_str(body).unwrap(), "", &Value::from(MARKER), &mut planted);
        assert!(planted.len() > if body.len() > 2000 { 200 } else { 10 });
        for (path, body) in planted {
            let body = body.to_string();
            let Ok(request) = parse(endpoint, &body) else {
                assert!(is_required(&path), "{path} is refused");
                continue;
            };
            if path.ends_with("/model") && endpoint.protocol() == Protocol::Gemini {
                // the path says which, and the body is made to say the same
                let out = request.rewrite(&[], "routed", Store::AsSent).unwrap();
                assert!(!std::str::from_utf8(&out).unwrap().contains(MARKER), "{path}");
                continue;
            }
            if path == "/model" {
                // routed by name and replaced by the service's own
                assert_eq!(request.model(), MARKER);
                continue;
            }
            assert!(request.passages().any(|passage| passage.text == MARKER), "{path} is not seen");
            let pointers: Vec<_> = request.passages().filter_map(|one| request.pointer(one.index)).collect();
            assert!(!pointers.iter().any(|pointer| pointer.contains("7Q2X")), "{path} is in a pointer");
        }
    }
}

const STRICT: &str = r#""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","$defs":
    {"born":{"type":"string","format":"date"}},"properties":{"a":{"anyOf":[{"type":"null"},{"pattern":"^[0-9]{8}$"}]},
    "mrn":{"type":"array","items":{"type":["integer","null"]}},"pattern":{"type":"string","enum":["^[0-9]{7}$"]}}}}}],
    "metadata":{"mrn":48213377,"pattern":"^[0-9]{6}$"}"#;

/// What the constraints of a body make of one identifier in it, which stands in a passage `like` this text.
fn fitted(request: &Request, like: &str, class: terms::IdentifierClass) -> Option<terms::Form> {
    struct Form(Option<terms::Form>);
    impl terms::SurrogateSource for Form {
        fn surrogate(
            &mut self,
            _: terms::IdentifierClass,
            _: &str,
            _: &dyn Fn(&str) -> bool,
        ) -> Result<String, terms::SurrogateError> {
            Ok("MRN-4K2M9Q".to_owned())
        }

        fn shaped(
            &mut self,
            _: terms::IdentifierClass,
            _: &str,
            form: terms::Form,
            _: &dyn terms::Shape,
        ) -> Result<Option<String>, terms::SurrogateError> {
            self.0 = Some(form);
            Ok(None)
        }
    }
    let passages: Vec<_> =
        request.passages().map(|one| deid::Passage { text: one.text, label: one.label }).collect();
    let found: Vec<Vec<deid::Finding>> = passages
        .iter()
        .map(|one| {
            let finding =
                |span| deid::Finding { span, class, confidence: deid::Confidence(90), recognizer: "test" };
            if one.text == like { vec![finding(0..like.len())] } else { Vec::new() }
        })
        .collect();
    assert!(found.iter().any(|found| !found.is_empty()), "{like}");
    let mut source = Form(None);
    deid::transform(&passages, &found, &request.constraints(), &terms::Obligations::default(), &mut source)
        .unwrap();
    source.0
}

#[test]
fn schemas_at_any_depth_are_read_and_numbers_stay_numbers() {
    use terms::IdentifierClass::{Date, Mrn};
    let said = |said: &str| {
        let body = format!(
            "{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\",\"content\":\"{said}\"}}],{STRICT}}}"
        );
        parse(Endpoint::ChatCompletions, &body).unwrap()
    };
    let request = said("1980-03-02");
    assert_eq!(fitted(&request, "1980-03-02", Date), Some(terms::Form::Date));
    assert_eq!(fitted(&request, "48213377", Mrn), Some(terms::Form::Number), "a number of JSON");
    assert_eq!(fitted(&said("04821337"), "04821337", Mrn), Some(terms::Form::Alike));
    assert_eq!(
        fitted(&said("4821337"), "4821337", Mrn),
        Some(terms::Form::Number),
        "the property's name tells"
    );
    assert_eq!(fitted(&said("482133A"), "482133A", Mrn), None);
    assert_eq!(fitted(&said("0482133"), "0482133", Mrn), None, "a member that is called pattern is none");
    assert_eq!(fitted(&said("048213"), "048213", Mrn), None, "nor is one outside of a schema");
    assert!(!request.asks_for_json());

    let number = request.passages().find(|one| one.text == "48213377").unwrap();
    assert_eq!(number.role, Role::Number);
    for (new, written) in
        [("73920184", "73920184"), ("MRN-4K2M9Q", "\"MRN-4K2M9Q\""), ("1 ", "\"1 \""), ("007", "\"007\"")]
    {
        let out = request.rewrite(&[(number.index, new.to_owned())], "m", Store::AsSent).unwrap();
        assert_eq!(out, request.body().replace("48213377", written).as_bytes());
    }
}

#[test]
fn both_protocols_say_which_form_the_answer_has() {
    use terms::IdentifierClass::Date;
    let schema = r#"{"type":"json_schema","schema":{"properties":{"dob":{"format":"date"}}}}"#;
    let nested =
        r#"{"type":"json_schema","json_schema":{"schema":{"properties":{"dob":{"format":"date"}}}}}"#;
    let message = r#""model":"m","messages":[{"role":"user","content":"1980-03-02"}]"#;
    for (endpoint, rest) in [
        (Endpoint::ChatCompletions, format!("\"response_format\":{nested}")),
        (Endpoint::Responses, format!("\"input\":[],\"text\":{{\"format\":{schema}}}")),
        (Endpoint::Messages, format!("\"output_format\":{schema}")),
        (Endpoint::Messages, format!("\"output_config\":{{\"format\":{schema}}}")),
    ] {
        let request = parse(endpoint, &format!("{{{message},{rest}}}")).unwrap();
        assert!(request.asks_for_json(), "{rest}");
        assert_eq!(fitted(&request, "1980-03-02", Date), Some(terms::Form::Date), "{rest}");
    }
    let input = r#""tools":[{"name":"f","input_schema":{"properties":{"dob":{"format":"date"}}}}]"#;
    let request = parse(Endpoint::Messages, &format!("{{{message},{input}}}")).unwrap();
    assert!(!request.asks_for_json());
    assert_eq!(fitted(&request, "1980-03-02", Date), Some(terms::Form::Date));
    let said = r#""messages":[{"role":"user","content":[{"text":"1980-03-02"}]}]"#;
    let spec = r#""toolConfig":{"tools":[{"toolSpec":{"inputSchema":{"json":{"properties":{"dob":{"format":"date"}}}}}}]}"#;
    let written = r#""{\"properties\":{\"dob\":{\"format\":\"date\"}}}""#;
    let form = format!(
        r#""outputConfig":{{"textFormat":{{"type":"json_schema","structure":{{"jsonSchema":{{"schema":{written}}}}}}}}}"#
    );
    for (rest, json) in [(spec, false), (form.as_str(), true)] {
        let request = parse(Endpoint::Converse, &format!("{{{said},{rest}}}")).unwrap();
        assert_eq!(request.asks_for_json(), json, "{rest}");
        assert_eq!(fitted(&request, "1980-03-02", Date), Some(terms::Form::Date), "{rest}");
    }
    assert!(chat("\"response_format\":{\"type\":\"json_object\"}").asks_for_json());
    assert!(!chat("\"response_format\":{\"type\":\"text\"}").asks_for_json());
}

#[test]
fn documents_in_strings_count_as_the_body_does() {
    let limits = Limits { nodes: 100, ..Limits::default() };
    let parse = |documents: usize| {
        let outputs: Vec<_> = (0..documents)
            .map(|_| json!({ "type": "function_call_output", "call_id": "c", "output": "[1,1,1,1,1,1,1,1,1]" }))
            .collect();
        let body = json!({ "model": "m", "input": outputs }).to_string();
        Request::parse(Endpoint::Responses, Bytes::from(body), &limits).err().map(|error| error.code())
    };
    assert_eq!(parse(5), None);
    assert_eq!(parse(6), Some(Code::BODY_TOO_LARGE));
}

#[test]
fn a_form_is_as_long_as_it_came() {
    let part =
        |head: &str, text: &str| format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n");
    let sound = "s".repeat(5000);
    let parts = [part("name=\"model\"", "m"), part("name=\"file\"; filename=\"a.wav\"", &sound)];
    let body = parts.concat() + "--X--\r\n";
    let length = body.len();
    let target = Target { endpoint: Endpoint::Transcriptions, model: None, stream: None };
    let kind = Some("multipart/form-data; boundary=X");
    let form = Request::parse_as(target, kind, Bytes::from(body), &Limits::default()).unwrap();
    assert_eq!((form.size(), form.file_bytes()), (length, 5000));
    assert!(form.body().len() < 100);
    let body = r#"{"model":"m","messages":[]}"#;
    let chat = parse(Endpoint::ChatCompletions, body).unwrap();
    assert_eq!((chat.size(), chat.file_bytes(), chat.output_tokens()), (body.len(), 0, 4096));
    let vectors = parse(Endpoint::Embeddings, r#"{"model":"m","input":"x"}"#).unwrap();
    assert_eq!(vectors.output_tokens(), 0);
}
