//! Data types (R4, 2.24), told by the name of an element or by what is in it.

use crate::json::{Document, Kind};

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Resource,
    /// 2.24.0.11
    HumanName,
    /// 2.24.0.12
    Address,
    /// 2.24.0.13
    ContactPoint,
    /// 2.24.0.9
    Identifier,
    /// 2.24.0.4
    Attachment,
    /// 2.24.0.5
    Coding,
    /// 2.24.0.7, and what specialises it but Age
    Quantity,
    /// 2.24.0.7.1, and a quantity of years
    Age,
    /// 2.3.0
    Reference,
    /// 2.4.0
    Narrative,
    /// 2.11
    Meta,
    /// 2.5.1
    Extension,
    /// 2.24.0.15
    Annotation,
    /// 2.24.0.16
    Signature,
    /// what a resource defines itself
    Other,
}

impl Type {
    /// The type of the object under this name.
    pub(super) fn of(document: &Document<'_>, name: &str, object: usize) -> Self {
        Self::of_name(document, name, object).unwrap_or_else(|| Self::of_shape(document, object))
    }

    fn of_name(document: &Document<'_>, name: &str, object: usize) -> Option<Self> {
        Some(match name {
            "extension" | "modifierExtension" => Self::Extension,
            "meta" => Self::Meta,
            "text" if document.member(object, "div").is_some() => Self::Narrative,
            "name" | "valueHumanName" => Self::HumanName,
            "address" | "valueAddress" => Self::Address,
            "telecom" | "valueContactPoint" => Self::ContactPoint,
            "photo" | "presentedForm" => Self::Attachment,
            "note" | "valueAnnotation" => Self::Annotation,
            "signature" | "valueSignature" => Self::Signature,
            _ if name.ends_with("dentifier") || name == "requisition" => Self::Identifier,
            _ if name.ends_with("ttachment") => Self::Attachment,
            _ if name.ends_with("Age") => Self::Age,
            _ => return None,
        })
    }

    fn of_shape(document: &Document<'_>, object: usize) -> Self {
        let has = |names: &[&str]| names.iter().any(|name| document.member(object, name).is_some());
        if has(&["reference"]) {
            Self::Reference
        } else if has(&["family", "given"]) {
            Self::HumanName
        } else if has(&["postalCode", "district"]) || has(&["line"]) && has(&["city"]) {
            Self::Address
        } else if has(&["contentType"]) && has(&["data", "url", "title", "hash", "size"]) {
            Self::Attachment
        } else if has(&["sigFormat"]) {
            Self::Signature
        } else if has(&["value"]) && has(&["unit", "code", "comparator"]) {
            if years(document, object) { Self::Age } else { Self::Quantity }
        } else if has(&["coding"]) {
            Self::Other
        } else if has(&["code"]) && has(&["system", "display"]) {
            Self::Coding
        } else if has(&["value"]) && has(&["system"]) {
            Self::contact_or_identifier(document, object)
        } else if has(&["display"]) && document.members(object).count() <= 4 && !has(&["value", "code"]) {
            Self::Reference
        } else {
            Self::Other
        }
    }

    fn contact_or_identifier(document: &Document<'_>, object: usize) -> Self {
        let system = document.string(object, "system").unwrap_or_default();
        let contact = ["phone", "fax", "email", "pager", "url", "sms", "other"].contains(&system.as_ref());
        if contact { Self::ContactPoint } else { Self::Identifier }
    }
}

/// Whether a quantity is one of years, so that it may be an age.
fn years(document: &Document<'_>, object: usize) -> bool {
    let number = document.member(object, "value").and_then(|value| document.node(value));
    number.is_some_and(|node| node.kind == Kind::Number)
        && ["unit", "code"].iter().filter_map(|name| document.string(object, name)).any(|unit| {
            ["a", "yr", "yrs", "year", "years", "a_j", "a_g", "yo"]
                .iter()
                .any(|years| unit.eq_ignore_ascii_case(years))
        })
}
