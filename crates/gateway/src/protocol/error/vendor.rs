//! Errors of vendors: known words are kept, theirs are said only as far as a guard passed them.

use terms::{Code, ExchangeId};

use super::{Said, Told, WireError, house, shape, type_of};
use crate::protocol::guard::{Channel, Guards, whole};
use crate::protocol::json::{Document, View};
use crate::protocol::{Limits, Protocol};

/// An error that the vendor answered with: its status, its type where that is a word that protocols define,
/// and its message only as far as `guards` passed it.
///
/// A status that is no error is 502. Of 401 and 403 the message is left out: it is about this house's credential.
pub fn upstream(
    protocol: Protocol,
    status: u16,
    body: &[u8],
    guards: Option<&mut dyn Guards>,
    exchange: Option<ExchangeId>,
) -> WireError {
    let status = if (400..600).contains(&status) { status } else { 502 };
    let text = std::str::from_utf8(body).unwrap_or_default().to_owned();
    let document = Document::parse(text, Limits::default().bounds()).ok();
    let body = document.as_ref().map(Document::root);
    vendor_error(protocol, Some(status), body, guards, exchange).wire(status)
}

/// What of a vendor's error may be said.
#[derive(Default)]
struct Vendor {
    kind: Option<&'static str>,
    code: Option<&'static str>,
    message: Option<String>,
}

/// The error that `body` tells of, as far as it can be read, in the protocol's shape.
pub(crate) fn vendor_error(
    protocol: Protocol,
    status: Option<u16>,
    body: Option<View<'_>>,
    guards: Option<&mut dyn Guards>,
    exchange: Option<ExchangeId>,
) -> Told {
    let Some(body) = body else { return vendor_value(protocol, status, &Vendor::default(), exchange) };
    let error = body.given("error").unwrap_or(body);
    let word = |key: &str, words: &'static [&'static str]| {
        let text = error.get(key).and_then(View::string)?;
        words.iter().copied().find(|word| *word == text)
    };
    let ours = matches!(status, Some(401 | 403)) || word("type", TYPES) == Some("authentication_error");
    let said =
        error.string().or_else(|| error.get("message").or(error.get("Message")).and_then(View::string));
    let message = match (said, guards) {
        (Some(said), Some(guards)) if !ours => Some(printable(&whole(guards, Channel::Text, &said))),
        _ => None,
    };
    let (kind, status) = match protocol {
        Protocol::Gemini => (word("status", STATUSES), status.or_else(|| number(error.get("code")))),
        Protocol::Bedrock => (None, status),
        Protocol::OpenAi | Protocol::Anthropic => (word("type", TYPES), status),
    };
    let vendor = Vendor { kind, code: word("code", CODES), message };
    vendor_value(protocol, status, &vendor, exchange)
}

/// A status of HTTP that is an error.
fn number(value: Option<View<'_>>) -> Option<u16> {
    value
        .and_then(View::whole)
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| (400..600).contains(code))
}

fn vendor_value(
    protocol: Protocol,
    status: Option<u16>,
    vendor: &Vendor,
    exchange: Option<ExchangeId>,
) -> Told {
    let code = Code::UPSTREAM_REFUSED;
    let mut message = code.explanation().title.to_owned();
    if let Some(status) = status {
        message = format!("{message} with status {status}");
    }
    if let Some(said) = &vendor.message {
        message = format!("{message}: {said}");
    }
    if let Some(exchange) = exchange {
        message = format!("{message}. Exchange {exchange}");
    }
    let status = status.unwrap_or(500);
    let said = Said {
        status,
        kind: vendor.kind.unwrap_or_else(|| type_of(protocol, status)),
        code: vendor.code.unwrap_or(code.as_str()),
        message: &message,
    };
    shape(protocol, &said, &house(code, exchange), exchange)
}

/// A vendor's words for one line: cut, without control characters, and without words that could be keys.
pub(crate) fn printable(said: &str) -> String {
    let words =
        said.split(|character: char| character.is_whitespace() || character.is_control()).map(|word| {
            let letters = word.bytes().any(|byte| byte.is_ascii_alphabetic());
            let secret = word.len() >= 20 && letters && word.bytes().any(|byte| byte.is_ascii_digit());
            if secret || word.starts_with("sk-") { "[removed]" } else { word }
        });
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(500).collect()
}

/// Types of errors that the protocols define.
static TYPES: &[&str] = &[
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "conflict_error",
    "request_too_large",
    "rate_limit_error",
    "insufficient_quota",
    "tokens",
    "requests",
    "timeout_error",
    "api_error",
    "server_error",
    "overloaded_error",
    "exceed_context_size_error",
];

/// Google's words for errors (google.rpc.Code).
static STATUSES: &[&str] = &[
    "INVALID_ARGUMENT",
    "FAILED_PRECONDITION",
    "OUT_OF_RANGE",
    "UNAUTHENTICATED",
    "PERMISSION_DENIED",
    "NOT_FOUND",
    "ABORTED",
    "ALREADY_EXISTS",
    "RESOURCE_EXHAUSTED",
    "CANCELLED",
    "DATA_LOSS",
    "UNKNOWN",
    "INTERNAL",
    "UNIMPLEMENTED",
    "UNAVAILABLE",
    "DEADLINE_EXCEEDED",
];

/// Codes of errors that applications act on.
static CODES: &[&str] = &[
    "context_length_exceeded",
    "rate_limit_exceeded",
    "insufficient_quota",
    "model_not_found",
    "content_filter",
    "content_policy_violation",
    "invalid_api_key",
    "invalid_type",
    "invalid_value",
    "missing_required_parameter",
    "string_above_max_length",
    "unknown_parameter",
    "unsupported_parameter",
    "unsupported_value",
    "server_error",
];
