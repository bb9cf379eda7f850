//! Errors and lists in the shapes that the vendors' clients read.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use gateway::protocol::error::{refusal, refusal_event, upstream};
use gateway::protocol::{Channel, Endpoint, Guard, Listing, Protocol};
use serde_json::{Value, json};
use terms::{CATALOGUE, Code, ExchangeId};

const PROTOCOLS: [Protocol; 3] = [Protocol::OpenAi, Protocol::Anthropic, Protocol::Gemini];

struct Upper;

impl Guard for Upper {
    fn push(&mut self, chunk: &str) -> String {
        chunk.to_uppercase()
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}

fn upper(_: Channel) -> Box<dyn Guard + Send> {
    Box::new(Upper)
}

fn value(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[test]
fn every_refusal_has_the_shape_of_its_protocol() {
    let exchange = ExchangeId::from_bytes([7; 16]);
    for protocol in PROTOCOLS {
        for entry in CATALOGUE.iter().filter(|entry| entry.status >= 400) {
            let error = refusal(protocol, entry.code, Some(exchange), Some("vendor `acme-llm`"));
            let body = value(&error.body);
            assert_eq!(error.status, entry.status);
            assert_eq!(body["error"]["chaperon"]["code"], entry.code.as_str());
            assert_eq!(body["error"]["chaperon"]["exchange"], exchange.to_string());
            assert!(body["error"]["type"].is_string() || protocol == Protocol::Gemini);
            let message = body["error"]["message"].as_str().unwrap();
            for part in
                [entry.title, entry.rule, entry.help, "acme-llm", entry.code.as_str(), &exchange.to_string()]
            {
                assert!(message.contains(part), "{message}");
            }
            match protocol {
                Protocol::OpenAi => assert_eq!(body["error"]["code"], entry.code.as_str()),
                Protocol::Anthropic => assert_eq!(body["type"], "error"),
                Protocol::Gemini => {
                    assert_eq!(body["error"]["code"], entry.status);
                    assert!(body["error"]["status"].is_string());
                }
                Protocol::Bedrock => unreachable!("tested apart: its errors have another shape"),
            }
        }
    }
}

#[test]
fn the_error_of_an_agreement_that_is_missing_is_the_golden_one() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/errors");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for protocol in PROTOCOLS {
            let detail = Some("vendor `acme-llm`");
            let error =
                refusal(protocol, Code::AGREEMENT_MISSING, Some(ExchangeId::from_bytes([7; 16])), detail);
            insta::assert_json_snapshot!(format!("{}.refusal", protocol.as_str()), value(&error.body));
        }
    });
}

#[test]
fn errors_in_a_stream_are_events() {
    let code = Code::UPSTREAM_MALFORMED;
    let event = refusal_event(Endpoint::ChatCompletions, 0, code, None, None);
    let data = event.strip_prefix(b"data: ").unwrap().strip_suffix(b"\n\n").unwrap();
    assert_eq!(value(data)["error"]["code"], code.as_str());
    let event = refusal_event(Endpoint::Messages, 0, code, None, None);
    let data = event.strip_prefix(b"event: error\ndata: ").unwrap().strip_suffix(b"\n\n").unwrap();
    assert_eq!(value(data)["error"]["type"], "api_error");
    let event = refusal_event(Endpoint::Responses, 7, code, None, None);
    let data = event.strip_prefix(b"event: error\ndata: ").unwrap().strip_suffix(b"\n\n").unwrap();
    let data = value(data);
    assert_eq!((&data["type"], &data["sequence_number"]), (&json!("error"), &json!(7)));
    for error in [&data, &data["error"]] {
        assert_eq!(error["code"], code.as_str());
        assert!(error["message"].is_string() && error["param"].is_null());
    }
    let event = refusal_event(Endpoint::GenerateContent, 0, code, None, None);
    // clients look for just these bytes
    let data = event.strip_prefix(b"data: ").unwrap().strip_suffix(b"\n\n").unwrap();
    assert!(data.starts_with(b"{\"error\":"));
    assert_eq!(
        (&value(data)["error"]["code"], &value(data)["error"]["status"]),
        (&json!(502), &json!("UNAVAILABLE"))
    );
}

#[test]
fn a_vendors_error_keeps_its_status_and_known_words_and_loses_the_rest() {
    let said = json!({"error": {"message": "Jane's prompt org-AbCdEf1234567890zzz9 is too long\n\u{1b}[2J", "type": "invalid_request_error",
        "param": "messages[0].Jane", "code": "context_length_exceeded", "account": "acct-1"}});
    for protocol in PROTOCOLS {
        let error = upstream(protocol, 400, said.to_string().as_bytes(), None, None);
        let text = String::from_utf8(error.body.to_vec()).unwrap();
        assert_eq!(error.status, 400);
        assert!(!text.contains("Jane") && !text.contains("acct-1") && !text.contains("org-"));
        let body = value(&error.body);
        if protocol == Protocol::Gemini {
            assert_eq!(
                (&body["error"]["status"], &body["error"]["code"]),
                (&json!("INVALID_ARGUMENT"), &json!(400))
            );
        } else {
            assert_eq!(body["error"]["type"], "invalid_request_error");
            assert_eq!(body["error"]["code"], "context_length_exceeded");
        }
        assert_eq!(body["error"]["chaperon"]["code"], "upstream-refused");

        let error = upstream(protocol, 400, said.to_string().as_bytes(), Some(&mut upper), None);
        let body = value(&error.body);
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains("JANE'S PROMPT [removed] IS TOO LONG [2J"), "{message}");

        // about the credential of this house, whatever it says
        for status in [401, 403] {
            let error = upstream(protocol, status, said.to_string().as_bytes(), Some(&mut upper), None);
            assert!(!String::from_utf8(error.body.to_vec()).unwrap().contains("JANE"));
        }
        assert_eq!(upstream(protocol, 302, b"<html>", Some(&mut upper), None).status, 502);
        let odd = upstream(protocol, 529, b"{\"error\":\"Jane\",\"type\":\"Jane\"}", None, None);
        assert!(!String::from_utf8(odd.body.to_vec()).unwrap().contains("Jane"));
    }
}

#[test]
fn googles_words_for_errors_are_kept() {
    let said = json!({"error": {"code": 400, "status": "FAILED_PRECONDITION", "message": "no"}}).to_string();
    let body = value(&upstream(Protocol::Gemini, 400, said.as_bytes(), None, None).body);
    assert_eq!(
        (&body["error"]["status"], &body["error"]["code"]),
        (&json!("FAILED_PRECONDITION"), &json!(400))
    );
    let body = value(&upstream(Protocol::Gemini, 429, b"<html>", None, None).body);
    assert_eq!(
        (&body["error"]["status"], &body["error"]["code"]),
        (&json!("RESOURCE_EXHAUSTED"), &json!(429))
    );
}

#[test]
fn models_are_listed_in_every_shape() {
    let name = |path: &str| Listing::at(path).map(|listing| listing.name);
    assert_eq!(name("/v1/models"), Some(None));
    assert_eq!(name("/v1beta/models/a%20b"), Some(Some("a b".to_owned())));
    assert_eq!(name("/v1beta1/publishers/google/models/a"), Some(Some("a".to_owned())));
    for none in [
        "/v1/modelsx",
        "/models",
        "/v1/models/%zz",
        "/v1beta/tunedModels",
        "/v1/publishers/other/models",
        "/v1/projects/p/locations/l/models",
    ] {
        assert_eq!(name(none), None, "{none}");
    }

    let plain = Listing::at("/v1/models").unwrap();
    let list = value(&plain.all(Protocol::Gemini, ["a", "b"]));
    assert_eq!(list["models"][1]["name"], "models/b");
    assert_eq!(value(&plain.one(Protocol::Gemini, "a")), list["models"][0]);
    let list = value(&plain.all(Protocol::OpenAi, ["a", "b"]));
    assert_eq!((&list["object"], &list["data"][1]["id"]), (&json!("list"), &json!("b")));
    assert_eq!(value(&plain.one(Protocol::OpenAi, "a")), list["data"][0]);
    let list = value(&plain.all(Protocol::Anthropic, ["a", "b"]));
    assert_eq!(
        (&list["first_id"], &list["last_id"], &list["has_more"]),
        (&json!("a"), &json!("b"), &json!(false))
    );
    assert_eq!(list["data"][0]["type"], "model");
    assert_eq!(value(&plain.all(Protocol::Anthropic, []))["first_id"], Value::Null);

    for path in ["/v1beta1/publishers/google/models", "/v1/projects/p/locations/l/publishers/google/models"] {
        let vertex = Listing::at(path).unwrap();
        let list = value(&vertex.all(Protocol::Gemini, ["a", "b"]));
        assert_eq!(list["publisherModels"][1]["name"], "publishers/google/models/b");
        assert_eq!(value(&vertex.one(Protocol::Gemini, "b")), list["publisherModels"][1]);
    }
}
