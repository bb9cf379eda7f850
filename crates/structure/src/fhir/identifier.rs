//! What kind of identifier an Identifier is (R4, 2.24.0.9).

use terms::IdentifierClass::{self, Account, Device, HealthPlan, License, Mrn, OtherId, Ssn};

use crate::json::Document;

/// Codes of `type.coding`, from HL7 table 0203 (terminology.hl7.org/CodeSystem/v2-0203).
const TYPES: &[(&str, IdentifierClass)] = &[
    ("AN", Account),
    ("ANC", Account),
    ("AND", Account),
    ("ANT", Account),
    ("BA", Account),
    ("BC", Account),
    ("CC", Account),
    ("DL", License),
    ("DEA", License),
    ("DN", License),
    ("DPS", License),
    ("DR", License),
    ("EI", OtherId),
    ("GL", License),
    ("HC", HealthPlan),
    ("JHN", HealthPlan),
    ("LN", License),
    ("MA", HealthPlan),
    ("MB", HealthPlan),
    ("MC", HealthPlan),
    ("MCD", HealthPlan),
    ("MCR", HealthPlan),
    ("MD", License),
    ("MR", Mrn),
    ("MRT", Mrn),
    ("NH", HealthPlan),
    ("NP", License),
    ("NPI", License),
    ("PHC", HealthPlan),
    ("PI", Mrn),
    ("PN", HealthPlan),
    ("PPN", License),
    ("PRN", License),
    ("PT", Mrn),
    ("RN", License),
    ("SN", HealthPlan),
    ("SNO", Device),
    ("SS", Ssn),
    ("UDI", Device),
    ("WC", HealthPlan),
];

/// Beginnings of `system` (R4, 4.3.6.1 "Identifier Systems", and OIDs of the HL7 registry).
const SYSTEMS: &[(&str, IdentifierClass)] = &[
    ("http://hl7.org/fhir/sid/us-ssn", Ssn),
    ("http://hl7.org/fhir/sid/us-npi", License),
    ("http://hl7.org/fhir/sid/us-mbi", HealthPlan),
    ("http://hl7.org/fhir/sid/us-medicare", HealthPlan),
    ("http://terminology.hl7.org/NamingSystem/npi", License),
    ("http://hl7.org/fhir/NamingSystem/gs1-di", Device),
    ("urn:oid:2.16.840.1.113883.4.1", Ssn),
    ("urn:oid:2.16.840.1.113883.4.6", License),
    ("urn:oid:2.16.840.1.113883.4.572", HealthPlan),
    ("urn:oid:2.16.840.1.113883.4.927", HealthPlan),
    ("urn:oid:2.16.840.1.113883.4.814", License),
];

/// Driver's licences: one root for each state of the United States and each province of Canada below these.
const LICENCES: &[&str] = &["urn:oid:2.16.840.1.113883.4.3.", "urn:oid:2.16.840.1.113883.4.330."];

/// Codings of a type that are looked at.
const CODINGS: usize = 16;

/// The class of the identifier that `object` is.
pub(super) fn class(document: &Document<'_>, object: usize, resource: &str) -> IdentifierClass {
    by_type(document, object)
        .or_else(|| by_system(&document.string(object, "system").unwrap_or_default()))
        .unwrap_or(match resource {
            "Patient" => Mrn,
            "Coverage" => HealthPlan,
            "Device" => Device,
            "Account" | "Claim" | "ExplanationOfBenefit" | "Invoice" => Account,
            _ => OtherId,
        })
}

fn by_type(document: &Document<'_>, object: usize) -> Option<IdentifierClass> {
    let coding = document.member(object, "type").and_then(|kind| document.member(kind, "coding"))?;
    document.items(coding).take(CODINGS).find_map(|coding| {
        let code = document.string(coding, "code")?;
        of_type(&code)
    })
}

/// The class that a code of table 0203 names.
pub(crate) fn of_type(code: &str) -> Option<IdentifierClass> {
    TYPES.iter().find(|(known, _)| *known == code).map(|(_, class)| *class)
}

fn by_system(system: &str) -> Option<IdentifierClass> {
    let known = SYSTEMS.iter().find(|(known, _)| {
        // an OID is itself or what is below it, never another that begins with its digits
        system.strip_prefix(known).is_some_and(|rest| !known.starts_with("urn") || rest.is_empty())
    });
    let licence = LICENCES.iter().any(|root| system.starts_with(root));
    known.map(|(_, class)| *class).or(licence.then_some(License))
}
