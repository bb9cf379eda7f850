//! Errors in the protocol's own shape, so that the vendors' own clients raise their proper exceptions.

mod vendor;

pub use vendor::upstream;
pub(crate) use vendor::{printable, vendor_error};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use terms::{Code, ExchangeId};

use super::{Endpoint, Protocol};

/// An error as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireError {
    /// The HTTP status.
    pub status: u16,
    /// The body, `application/json`.
    pub body: Bytes,
    /// Headers by which the protocol's clients tell errors apart.
    pub headers: Vec<(&'static str, String)>,
}

/// A refusal or failure of this house.
///
/// `detail` tells what it is about in words that hold no content: a field's name, a vendor's, a byte offset.
pub fn refusal(
    protocol: Protocol,
    code: Code,
    exchange: Option<ExchangeId>,
    detail: Option<&str>,
) -> WireError {
    let body = refusal_value(protocol, code, exchange, detail).to_string();
    WireError { status: code.explanation().status, body: Bytes::from(body), headers: Vec::new() }
}

/// The same as an event of a stream that has begun, for which there is no status any more; `number` is the event's,
/// where the endpoint numbers them.
pub fn refusal_event(
    endpoint: Endpoint,
    number: u64,
    code: Code,
    exchange: Option<ExchangeId>,
    detail: Option<&str>,
) -> Bytes {
    event(endpoint, number, &refusal_value(endpoint.protocol(), code, exchange, detail))
}

/// An error as an event of a stream.
pub(crate) fn event(endpoint: Endpoint, number: u64, body: &Value) -> Bytes {
    Bytes::from(match (endpoint, endpoint.protocol()) {
        (Endpoint::Responses, _) => format!("event: error\ndata: {}\n\n", numbered(number, body)),
        (_, Protocol::OpenAi | Protocol::Gemini) => format!("data: {body}\n\n"),
        (_, Protocol::Anthropic) => format!("event: error\ndata: {body}\n\n"),
    })
}

/// The event of a response's stream. Some clients read the error from the event itself, as the reference has it, some
/// from its member `error`, as it came over the wire before; clients raise for the latter.
fn numbered(number: u64, body: &Value) -> Value {
    let error = body.get("error").unwrap_or(&Value::Null);
    let member = |name: &str| error.get(name).cloned().unwrap_or_default();
    json!({
        "type": "error", "sequence_number": number, "code": member("code"), "message": member("message"),
        "param": member("param"), "error": error,
    })
}

fn refusal_value(
    protocol: Protocol,
    code: Code,
    exchange: Option<ExchangeId>,
    detail: Option<&str>,
) -> Value {
    let about = code.explanation();
    let mut message = about.title.to_owned();
    if let Some(detail) = detail {
        message = format!("{message}: {detail}");
    }
    message = format!("{message} (code {code}");
    if !about.rule.is_empty() {
        message = format!("{message}; rule {}", about.rule);
    }
    message.push(')');
    if !about.help.is_empty() {
        message = format!("{message}. Help: {}", about.help);
    }
    if let Some(exchange) = exchange {
        message = format!("{message}. Exchange {exchange}");
    }
    let said = Said {
        status: about.status,
        kind: type_of(protocol, about.status),
        code: code.as_str(),
        message: &message,
    };
    shape(protocol, &said, &house(code, exchange), exchange)
}

/// What this house adds to an error of any protocol.
fn house(code: Code, exchange: Option<ExchangeId>) -> Value {
    let about = code.explanation();
    let mut house = Map::new();
    house.insert("code".into(), code.as_str().into());
    for (key, text) in [("rule", about.rule), ("help", about.help)] {
        if !text.is_empty() {
            house.insert(key.into(), text.into());
        }
    }
    if let Some(exchange) = exchange {
        house.insert("exchange".into(), exchange.to_string().into());
    }
    Value::Object(house)
}

/// What an error says, in the protocol's words.
struct Said<'a> {
    status: u16,
    kind: &'a str,
    code: &'a str,
    message: &'a str,
}

fn shape(protocol: Protocol, said: &Said<'_>, house: &Value, exchange: Option<ExchangeId>) -> Value {
    let Said { status, kind, code, message } = *said;
    match protocol {
        Protocol::OpenAi => json!({
            "error": { "message": message, "type": kind, "param": null, "code": code, "chaperon": house }
        }),
        Protocol::Anthropic => json!({
            "type": "error",
            "error": { "type": kind, "message": message, "code": code, "chaperon": house },
            "request_id": exchange.map(|exchange| exchange.to_string()),
        }),
        // google.rpc.Status, its details of google.rpc.ErrorInfo
        Protocol::Gemini => json!({
            "error": {
                "code": status, "message": message, "status": kind, "chaperon": house,
                "details": [{
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": code.to_uppercase().replace('-', "_"), "domain": "chaperon", "metadata": house,
                }],
            }
        }),
    }
}

/// The protocol's word for an error of a status.
fn type_of(protocol: Protocol, status: u16) -> &'static str {
    match (status, protocol) {
        (_, Protocol::Gemini) => google(status),
        (401, _) => "authentication_error",
        (402, Protocol::Anthropic) => "billing_error",
        (403, _) => "permission_error",
        (404, _) => "not_found_error",
        (413, Protocol::Anthropic) => "request_too_large",
        (429, _) => "rate_limit_error",
        (504, Protocol::Anthropic) => "timeout_error",
        (503 | 529, Protocol::Anthropic) => "overloaded_error",
        (400..500, _) => "invalid_request_error",
        (_, Protocol::OpenAi) => "server_error",
        (_, Protocol::Anthropic) => "api_error",
    }
}

/// Google's word for an error of a status (google.rpc.Code).
fn google(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        408 | 504 => "DEADLINE_EXCEEDED",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        400..=499 => "INVALID_ARGUMENT",
        501 => "UNIMPLEMENTED",
        502 | 503 | 529 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}
