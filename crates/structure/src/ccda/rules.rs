//! What an element or attribute holds (C-CDA R2.1, 1.1 US Realm Header; data types of HL7 v3, R1).

use terms::IdentifierClass::{
    self, Date, Email, Fax, HealthPlan, License, Location, Mrn, Name, OtherId, Phone, Ssn, Url,
};

use crate::field::Says;
use crate::{fhir, name};

/// An element that is open.
pub(super) struct Element<'t> {
    pub(super) name: &'t str,
    /// Attributes, as they are written.
    pub(super) values: Vec<(&'t str, &'t str)>,
    /// How long the path around it is.
    pub(super) outside: usize,
}

impl<'t> Element<'t> {
    /// The value of an attribute, as it is written.
    pub(super) fn value(&self, name: &str) -> Option<&'t str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

/// Elements around a name that is a person's.
const PERSONS: &[&str] = &[
    "patient",
    "assignedPerson",
    "guardianPerson",
    "relatedPerson",
    "informationRecipient",
    "associatedPerson",
    "maintainingPerson",
    "subject",
    "relatedSubject",
    "playingPerson",
];
/// Elements around a name that is an organisation's or place's.
const PLACES: &[&str] = &[
    "providerOrganization",
    "representedOrganization",
    "representedCustodianOrganization",
    "receivedOrganization",
    "serviceProviderOrganization",
    "scopingOrganization",
    "wholeOrganization",
    "manufacturerOrganization",
    "guardianOrganization",
    "asOrganizationPartOf",
    "location",
    "place",
    "healthCareFacility",
    "birthplace",
];
/// Elements whose value is a time (TS, and what holds one).
const TIMES: &[&str] = &[
    "effectiveTime",
    "time",
    "birthTime",
    "deceasedTime",
    "low",
    "high",
    "center",
    "signatureTime",
    "validTime",
    "existenceTime",
    "expirationTime",
    "phase",
];
/// Attributes that hold words of the standard or of code systems.
const CODES: &[&str] = &[
    "code",
    "codeSystem",
    "codeSystemName",
    "codeSystemVersion",
    "valueSet",
    "valueSetVersion",
    "classCode",
    "moodCode",
    "typeCode",
    "determinerCode",
    "use",
    "nullFlavor",
    "unit",
    "type",
    "qualifier",
    "inversionInd",
    "negationInd",
    "operator",
    "institutionSpecified",
    "contextControlCode",
    "contextConductionInd",
    "partType",
    "mediaType",
    "representation",
    "independentInd",
    "inclusive",
    "styleCode",
    "language",
    "xmlns",
    "integrityCheck",
];
/// Roots of identifiers (OIDs of the HL7 registry).
const ROOTS: &[(&str, IdentifierClass)] = &[
    ("2.16.840.1.113883.4.1", Ssn),
    ("2.16.840.1.113883.4.6", License),
    ("2.16.840.1.113883.4.572", HealthPlan),
    ("2.16.840.1.113883.4.927", HealthPlan),
    ("2.16.840.1.113883.4.814", License),
];
/// Driver's licences: one root for each state below this.
const LICENCES: &str = "2.16.840.1.113883.4.3.";

/// Whether the innermost element is the narrative block of a section.
pub(super) fn is_narrative(stack: &[Element<'_>]) -> bool {
    let mut names = stack.iter().rev().map(|element| element.name);
    names.next() == Some("text") && names.next() == Some("section")
}

/// Whether the innermost element holds base64 (ED).
pub(super) fn is_base64(stack: &[Element<'_>]) -> bool {
    stack.last().is_some_and(|element| element.value("representation") == Some("B64"))
}

/// What an attribute of the innermost element is: a scheme that stays, and what the rest says.
pub(super) fn attribute(stack: &[Element<'_>], attribute: &str, value: &str) -> (&'static str, Says) {
    let element = stack.last();
    let of = element.map_or("", |element| element.name);
    let says = match (of, attribute) {
        // the extension is the date of a template's version
        ("templateId" | "typeId", "extension") if crate::fhir::is_date(value) => Says::Plain,
        ("templateId" | "typeId", "root" | "extension") => code(value),
        (_, "extension") => Says::Is(class(stack)),
        // with no extension the root is the identifier itself
        (_, "root") if element.is_some_and(|element| element.value("extension").is_some()) => oid(value),
        (_, "root") => Says::Is(OtherId),
        ("telecom", "value") => return telecom(value),
        (_, "xmlns") => namespace(value),
        // a limit of a quantity
        ("low" | "high" | "center", "value") if unit(element).is_some() => number(stack, value),
        (_, "value") if TIMES.contains(&of) => time(of, value),
        (_, "value") => primitive(stack, value).unwrap_or_else(|| number(stack, value)),
        // the name of a field in XML that is no C-CDA
        (_, "name" | "key") if element.is_some_and(|element| element.value("value").is_some()) => code(value),
        (_, known) if CODES.contains(&known) => code(value),
        (_, "displayName" | "ID" | "href") => Says::text(),
        _ => labelled(attribute),
    };
    ("", says)
}

/// What the text of the innermost element is.
pub(super) fn text(stack: &[Element<'_>], value: &str) -> Says {
    let mut around = stack.iter().rev().map(|element| element.name);
    let of = around.next().unwrap_or_default();
    let outer = around.next().unwrap_or_default();
    match of {
        // also in XML that is no C-CDA
        "given" | "family" => Says::Is(Name),
        "prefix" | "suffix" | "delimiter" if outer == "name" => Says::text(),
        "name" => match stack.iter().rev().skip(1).find_map(|element| named(element.name)) {
            Some(class) => Says::Is(class),
            None => Says::text(),
        },
        "state" if outer == "addr" => {
            if fhir::is_state(value) {
                Says::Plain
            } else {
                Says::labelled(of)
            }
        }
        "country" if outer == "addr" && value.len() <= 3 => code(value),
        _ if of == "addr" || outer == "addr" => Says::Is(Location),
        _ => of_element(stack),
    }
}

/// Whose name one is, by an element around it; `None` where that one does not tell.
fn named(around: &str) -> Option<IdentifierClass> {
    if PERSONS.contains(&around) { Some(Name) } else { PLACES.contains(&around).then_some(Location) }
}

/// The class of an identifier, by its root and whose it is.
fn class(stack: &[Element<'_>]) -> IdentifierClass {
    let root = stack.last().and_then(|element| element.value("root")).unwrap_or_default();
    let known = ROOTS.iter().find(|(known, _)| *known == root).map(|(_, class)| *class);
    let licence = root.starts_with(LICENCES).then_some(License);
    let whose = stack.iter().rev().nth(1).map_or("", |element| element.name);
    known.or(licence).unwrap_or(if whose == "patientRole" { Mrn } else { OtherId })
}

fn telecom(value: &str) -> (&'static str, Says) {
    for (scheme, class) in [("tel:", Phone), ("fax:", Fax), ("mailto:", Email), ("sip:", OtherId)] {
        if value.starts_with(scheme) {
            return (scheme, Says::Is(class));
        }
    }
    let class = if value.contains("://") {
        Url
    } else if value.contains('@') {
        Email
    } else {
        Phone
    };
    ("", Says::Is(class))
}

/// A time: a year alone is none that identifies (45 CFR 164.514(b)(2)(i)(C)), but for that of a birth, which tells an age.
fn time(of: &str, value: &str) -> Says {
    let year = value.len() <= 4 && value.bytes().all(|byte| byte.is_ascii_digit());
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if year && of != "birthTime" {
        Says::Plain
    } else if digits >= 6 || year {
        Says::Is(Date)
    } else {
        labelled(of)
    }
}

fn unit<'t>(element: Option<&Element<'t>>) -> Option<&'t str> {
    element.and_then(|element| element.value("unit"))
}

/// What FHIR in XML (R4, 2.6.1) holds: its primitive values are attributes, and the element tells what they are.
fn primitive(stack: &[Element<'_>], value: &str) -> Option<Says> {
    let mut around = stack.iter().rev().map(|element| element.name);
    let (of, outer) = (around.next()?, around.next().unwrap_or_default());
    let fhir = stack.first()?.value("xmlns") == Some("http://hl7.org/fhir");
    Some(match (of, outer) {
        ("given" | "family", _) => Says::Is(Name),
        ("birthDate", _) => Says::Is(Date),
        _ if !fhir => return None,
        ("text", "name") => Says::Is(Name),
        ("line" | "city" | "district" | "postalCode" | "text", "address") => Says::Is(Location),
        ("value", "identifier") | ("id" | "reference" | "fullUrl", _) => Says::Is(OtherId),
        ("value", "telecom" | "contact") => telecom(value).1,
        ("code" | "system" | "status" | "use" | "gender", _) => code(value),
        _ if fhir::is_date(value) => Says::Is(Date),
        _ => return None,
    })
}

/// A quantity; one of years may be an age. What has no unit is told by its element, or by what that is called.
fn number(stack: &[Element<'_>], value: &str) -> Says {
    let element = stack.last();
    let number =
        value.len() < 8 && value.bytes().all(|byte| byte.is_ascii_digit() || b".-+eE".contains(&byte));
    match unit(element) {
        Some("a" | "year" | "years" | "yr") => Says::labelled("age"),
        Some(_) if number => Says::Plain,
        _ => of_element(stack),
    }
}

/// Text under what its element is called: by an attribute, or by its own name or, where that says nothing, the name around
/// it.
fn of_element(stack: &[Element<'_>]) -> Says {
    let own = stack.last();
    let called = ["name", "key", "label"].into_iter().find_map(|name| own.and_then(|own| name_in(own, name)));
    if let Some(name) = called {
        return labelled(name);
    }
    let mut names = stack.iter().rev().map(|element| element.name);
    names.find(|name| !matches!(*name, "value" | "item" | "entry")).map_or_else(Says::text, labelled)
}

fn name_in<'t>(element: &Element<'t>, name: &str) -> Option<&'t str> {
    element.value(name).filter(|name| crate::name::is_shown(name))
}

fn code(value: &str) -> Says {
    let form = value.len() <= 64
        && value.chars().all(|c| c.is_ascii_graphic())
        && !value.contains('@')
        && !crate::form::is_personal(value);
    if form { Says::Plain } else { Says::text() }
}

fn oid(value: &str) -> Says {
    let form = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && value.contains('.');
    if form { Says::Plain } else { Says::Is(OtherId) }
}

fn namespace(value: &str) -> Says {
    let known =
        ["urn:hl7-org:", "http://www.w3.org/", "urn:ihe:"].iter().any(|known| value.starts_with(known));
    if known { code(value) } else { Says::text() }
}

fn labelled(label: &str) -> Says {
    if name::is_shown(label) { Says::labelled(label) } else { Says::text() }
}
