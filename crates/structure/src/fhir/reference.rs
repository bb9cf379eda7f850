//! References (R4, 2.3.0): the identifier of a resource has the same text in `id` and wherever it is referred to.

use std::ops::Range;

use terms::IdentifierClass::{Location, Name, OtherId, Url};

use super::element::{Element, code};
use super::labelled;
use crate::field::Says;
use crate::json::Walk;
use crate::record::Writing;

/// Elements that name a person where no reference says what they name.
const PERSONS: &[&str] = &[
    "subject",
    "patient",
    "performer",
    "author",
    "practitioner",
    "requester",
    "individual",
    "actor",
    "recorder",
    "asserter",
    "generalPractitioner",
    "beneficiary",
    "subscriber",
    "provider",
    "who",
    "onBehalfOf",
    "attester",
    "interpreter",
    "enterer",
    "informationSource",
    "participant",
    "member",
    "attestor",
    "policyHolder",
];
/// Those that name an organisation or place.
const PLACES: &[&str] = &[
    "organization",
    "managingOrganization",
    "location",
    "serviceProvider",
    "insurer",
    "payor",
    "custodian",
    "assigner",
    "facility",
    "origin",
    "destination",
    "partOf",
    "healthcareService",
    "manufacturer",
];

/// What a value in or beside a reference is.
pub(super) fn says(element: &Element<'_, '_>) -> Says {
    match element.name {
        "type" => code(element),
        "display" => display(element),
        _ => labelled(element.name),
    }
}

fn display(element: &Element<'_, '_>) -> Says {
    let document = element.document;
    let told = document.string(element.object, "type");
    let reference = document.string(element.object, "reference").unwrap_or_default();
    let target = told.as_deref().or_else(|| {
        let mut parts = reference.rsplit('/');
        parts.next();
        parts.next()
    });
    // the name of the element that refers, which is that of the object's own key
    let around = document.key_of(element.parent, element.object).unwrap_or_default();
    match target.unwrap_or_default() {
        "Patient" | "Practitioner" | "PractitionerRole" | "RelatedPerson" | "Person" => Says::Is(Name),
        "Organization" | "Location" | "HealthcareService" => Says::Is(Location),
        "" if PERSONS.contains(&around.as_ref()) => Says::Is(Name),
        "" if PLACES.contains(&around.as_ref()) => Says::Is(Location),
        _ => Says::text(),
    }
}

/// Adds the identifying parts of the reference with this index.
pub(super) fn fields(walk: &mut Walk<'_, '_>, index: usize) {
    let Some(inside) = walk.inside(index) else { return };
    for (part, says) in parts(&inside.text) {
        let text = inside.text.get(part.clone()).unwrap_or_default().to_owned();
        walk.part(&inside, part, text, says, Writing::JsonString);
    }
}

/// The parts of a reference: the server, and the bare identifier. What has no such parts is one identifier.
pub(super) fn parts(text: &str) -> Vec<(Range<usize>, Says)> {
    let whole =
        |from: usize, says| if text.len() > from { vec![(from..text.len(), says)] } else { Vec::new() };
    if text.trim().is_empty() {
        return Vec::new();
    }
    if let Some(scheme) = ["#", "urn:uuid:", "urn:oid:"].iter().find(|scheme| text.starts_with(**scheme)) {
        return whole(scheme.len(), Says::Is(OtherId));
    }
    let class = if text.contains("://") { Url } else { OtherId };
    let Some((server, id)) = typed(text) else { return whole(0, Says::Is(class)) };
    let mut parts = Vec::new();
    if server > 0 {
        parts.push((0..server, Says::Is(Url)));
    }
    parts.push((id, Says::Is(OtherId)));
    parts
}

/// Where the server's address ends and where the identifier is, in `server/Type/id/_history/version`.
fn typed(text: &str) -> Option<(usize, Range<usize>)> {
    let end = text.rfind("/_history/").unwrap_or(text.len());
    let path = text.get(..end).filter(|path| !path.contains(['?', '#']))?;
    let (before, id) = path.rsplit_once('/')?;
    let (server, kind) = before.rsplit_once('/').map_or((0, before), |(server, kind)| (server.len(), kind));
    let is_type =
        kind.starts_with(|c: char| c.is_ascii_uppercase()) && kind.chars().all(|c| c.is_ascii_alphabetic());
    (is_type && !id.trim().is_empty()).then_some((server, before.len() + 1..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(&str, Says)> {
        parts(text).into_iter().map(|(part, says)| (text.get(part).unwrap(), says)).collect()
    }

    #[test]
    fn the_bare_identifier_is_the_field() {
        let id = || Says::Is(OtherId);
        assert_eq!(texts("Patient/p1"), [("p1", id())]);
        assert_eq!(texts("Patient/p1/_history/2"), [("p1", id())]);
        assert_eq!(texts("#p1"), [("p1", id())]);
        assert_eq!(texts("urn:uuid:0a1b"), [("0a1b", id())]);
        let absolute = texts("https://fhir.example/r4/Patient/p1");
        assert_eq!(absolute, [("https://fhir.example/r4", Says::Is(Url)), ("p1", id())]);
        assert_eq!(texts("Patient?identifier=urn|48213377"), [("Patient?identifier=urn|48213377", id())]);
        assert_eq!(texts("https://a.example/x"), [("https://a.example/x", Says::Is(Url))]);
        assert_eq!(texts("Patient/"), [("Patient/", id())]);
        assert_eq!(texts(" "), []);
    }
}
