//! Content in base64: text is examined, all else is removed as a whole.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use terms::IdentifierClass::OtherId;

use super::element::Element;
use crate::field::Says;
use crate::format::Format;
use crate::json::Walk;
use crate::record::Writing;

/// What is shorter may be a code.
const LONG: usize = 128;

const DECODER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Media types that begin with `text/` and are no running text: what is in them is told by elements that are not opened.
const ELEMENTS: &[&str] = &[
    "rtf",
    "xml",
    "json",
    "csv",
    "tab-separated-values",
    "hl7v2",
    "hl7",
    "x-hl7-ft",
    "calendar",
    "vcard",
    "x-vcard",
];

/// Adds the field of a value in base64.
pub(super) fn field(walk: &mut Walk<'_, '_>, index: usize, element: &Element<'_, '_>) {
    let Some(inside) = walk.inside(index) else { return };
    if inside.text.trim().is_empty() {
        return;
    }
    let kind = element.document.string(element.object, "contentType").unwrap_or_default();
    let all = 0..inside.text.len();
    let text = if is_text(&kind) { decoded(&inside.text) } else { None };
    match text {
        Some(text) => walk.part(&inside, all, text, Says::text(), Writing::Base64),
        None => walk.part(&inside, all, inside.text.clone(), Says::Is(OtherId), Writing::Base64),
    }
}

/// Whether a media type is text in UTF-8 that a detector can read.
pub(crate) fn is_text(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let (name, parameters) = kind.split_once(';').unwrap_or((&kind, ""));
    let name = name.trim();
    let charset =
        parameters.split_once("charset=").map_or("utf-8", |(_, charset)| charset.trim_matches([' ', '"']));
    let text = name
        .strip_prefix("text/")
        .is_some_and(|text| !ELEMENTS.contains(&text) && !text.ends_with("+xml") && !text.ends_with("+json"));
    text && matches!(charset, "utf-8" | "utf8" | "us-ascii")
}

/// The running text that is encoded, spaces between the characters of base64 aside; `None` of anything with elements.
pub(crate) fn decoded(base64: &str) -> Option<String> {
    let packed: Vec<u8> = base64.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let text = DECODER.decode(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
    let start = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    let running = Format::told_by(None, text.as_bytes()) == Format::Text && !begins_elements(start);
    (running && !text.contains('\0') && !text.trim().is_empty()).then_some(text)
}

/// Whether JSON begins, or XML that is no HTML.
fn begins_elements(text: &str) -> bool {
    let mut behind = text.chars().skip(1).skip_while(char::is_ascii_whitespace);
    let next = behind.next().unwrap_or_default();
    match text.chars().next() {
        Some('{') => matches!(next, '"' | '}'),
        Some('[') => matches!(next, '{' | '[' | '"'),
        Some('<') => (next.is_alphabetic() || matches!(next, '?' | '!')) && !is_html(text),
        _ => false,
    }
}

fn is_html(text: &str) -> bool {
    let head: String = text.chars().take(40).collect::<String>().to_ascii_lowercase();
    ["<!doctype html", "<html", "<div", "<p>", "<body"].iter().any(|start| head.starts_with(start))
}

/// Whether a text is a whole of base64, or an address `data:` that holds one, of what is no running text.
pub(crate) fn is_packed(text: &str) -> bool {
    let text = text.trim();
    let address = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    let packed = match text.split_once(',').filter(|_| address) {
        Some((head, packed)) if head.ends_with(";base64") => packed,
        _ => text,
    };
    let of = |test: fn(&u8) -> bool| packed.as_bytes().iter().any(test);
    let mixed = of(u8::is_ascii_uppercase) && of(u8::is_ascii_lowercase) && of(u8::is_ascii_digit);
    let form = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(&byte);
    let long = packed.len() >= LONG || packed.len() < text.len();
    long && (mixed || packed.len() < text.len()) && packed.bytes().all(form) && decoded(packed).is_none()
}
