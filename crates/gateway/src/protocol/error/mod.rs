//! Errors in the protocol's own shape, so that the vendors' own clients raise their proper exceptions.

mod aws;
mod vendor;

pub(crate) use aws::fault_status;
pub use vendor::upstream;
pub(crate) use vendor::{printable, vendor_error};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use terms::{Code, ExchangeId};

use super::{Endpoint, Protocol, eventstream};

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

/// An error in the shape of a protocol, before it is known how it goes out.
pub(crate) struct Told {
    protocol: Protocol,
    /// The protocol's word for it.
    kind: &'static str,
    value: Value,
}

impl Told {
    /// As the answer to a request.
    fn wire(self, status: u16) -> WireError {
        let headers = match self.protocol {
            Protocol::Bedrock => vec![(aws::KIND, self.kind.to_owned())],
            Protocol::OpenAi | Protocol::Anthropic | Protocol::Gemini => Vec::new(),
        };
        WireError { status, body: Bytes::from(self.value.to_string()), headers }
    }

    /// As an event of a stream of the endpoint, of this number where it numbers them.
    pub(crate) fn event(&self, endpoint: Endpoint, number: u64) -> Bytes {
        let body = &self.value;
        match self.protocol {
            Protocol::OpenAi if endpoint == Endpoint::Responses => {
                Bytes::from(format!("event: error\ndata: {}\n\n", numbered(number, body)))
            }
            Protocol::OpenAi | Protocol::Gemini => Bytes::from(format!("data: {body}\n\n")),
            Protocol::Anthropic => Bytes::from(format!("event: error\ndata: {body}\n\n")),
            Protocol::Bedrock => {
                let mut out = Vec::new();
                let name = aws::exception(self.kind);
                eventstream::write_exception(name, body.to_string().as_bytes(), &mut out);
                Bytes::from(out)
            }
        }
    }
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
    tell(protocol, code, exchange, detail).wire(code.explanation().status)
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
    tell(endpoint.protocol(), code, exchange, detail).event(endpoint, number)
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

fn tell(protocol: Protocol, code: Code, exchange: Option<ExchangeId>, detail: Option<&str>) -> Told {
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
    kind: &'static str,
    code: &'a str,
    message: &'a str,
}

fn shape(protocol: Protocol, said: &Said<'_>, house: &Value, exchange: Option<ExchangeId>) -> Told {
    let Said { status, kind, code, message } = *said;
    let value = match protocol {
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
        Protocol::Bedrock => json!({ "message": message, "chaperon": house }),
    };
    Told { protocol, kind, value }
}

/// The protocol's word for an error of a status.
fn type_of(protocol: Protocol, status: u16) -> &'static str {
    match (status, protocol) {
        (_, Protocol::Gemini) => google(status),
        (_, Protocol::Bedrock) => aws::kind(status),
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
