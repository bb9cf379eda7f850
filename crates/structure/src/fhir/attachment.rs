//! Content in base64: text is examined, all else is removed as a whole.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use terms::IdentifierClass::OtherId;

use super::element::Element;
use crate::field::Says;
use crate::json::Walk;
use crate::record::Writing;

const DECODER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Media types of text beside `text/*`, or what they end with.
const TEXTS: &[&str] =
    &["application/json", "application/xml", "+json", "+xml", "application/hl7-v2", "x-ndjson"];

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
    let text =
        name.starts_with("text/") && name != "text/rtf" || TEXTS.iter().any(|text| name.ends_with(text));
    text && matches!(charset, "utf-8" | "utf8" | "us-ascii")
}

/// The text that is encoded, spaces between the characters of base64 aside.
pub(crate) fn decoded(base64: &str) -> Option<String> {
    let packed: Vec<u8> = base64.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let text = DECODER.decode(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
    (!text.contains('\0') && !text.trim().is_empty()).then_some(text)
}
