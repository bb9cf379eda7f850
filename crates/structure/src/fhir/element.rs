//! What one element says, by the type around it.

use terms::IdentifierClass::{Date, Device, Email, Fax, HealthPlan, Location, Name, OtherId, Phone, Url};

use super::types::Type;
use super::{identifier, labelled, reference, system};
use crate::field::Says;
use crate::json::{Document, Kind};

/// A string or number, and where it stands.
pub(super) struct Element<'e, 't> {
    pub(super) document: &'e Document<'t>,
    /// The type of the resource.
    pub(super) resource: &'e str,
    /// What the object around it is.
    pub(super) kind: Type,
    pub(super) name: &'e str,
    /// The object around it, and the one around that.
    pub(super) object: usize,
    pub(super) parent: usize,
    pub(super) text: &'e str,
    pub(super) number: bool,
}

/// How a value becomes fields.
pub(super) enum Form {
    /// all of it is one
    Whole,
    /// the identifier at its end is one, and a server before it
    Reference,
    /// each text of XHTML is one
    Narrative,
    /// what is encoded is one
    Base64,
}

/// Which form a value has.
pub(super) fn form(element: &Element<'_, '_>) -> Form {
    match (element.kind, element.name) {
        _ if element.number => Form::Whole,
        (Type::Narrative, "div") => Form::Narrative,
        (Type::Reference, "reference") | (_, "fullUrl" | "valueReference" | "location") => Form::Reference,
        (Type::Attachment, "url") if element.text.contains('/') => Form::Reference,
        (Type::Other, "url") if matches!(element.resource, "Bundle") => Form::Reference,
        (Type::Attachment | Type::Signature, "data") | (_, "valueBase64Binary" | "carrierAIDC") => {
            Form::Base64
        }
        // AuditEvent.entity.query, and the content of a Binary
        (_, "query") if element.resource == "AuditEvent" => Form::Base64,
        (Type::Resource, "data") => Form::Base64,
        // of what is no attachment by its name; samples of a device are numbers between spaces
        (Type::Other, "data") if !element.text.contains(' ') => Form::Base64,
        _ => Form::Whole,
    }
}

/// What a whole value is.
pub(super) fn says(element: &Element<'_, '_>) -> Says {
    // what is told by its type is so as a number too
    let typed = matches!(
        (element.kind, element.name),
        (Type::HumanName | Type::Address, _) | (Type::ContactPoint | Type::Identifier, "value")
    );
    if element.number && !typed {
        let of_resource = || of_resource(element).filter(|_| matches!(element.kind, Type::Resource));
        return of_resource().unwrap_or_else(|| number(element));
    }
    if is_date(element.text) {
        return Says::Is(Date);
    }
    match element.kind {
        Type::HumanName => human_name(element),
        Type::Address => address(element),
        Type::ContactPoint => contact_point(element),
        Type::Identifier => identifier(element),
        Type::Extension => extension(element),
        Type::Reference => reference::says(element),
        Type::Coding => coding(element),
        Type::Resource => of_resource(element).unwrap_or_else(|| common(element)),
        _ => common(element),
    }
}

/// Numbers are measures and counts but for places on earth, ages, and what is as long as an identifier.
fn number(element: &Element<'_, '_>) -> Says {
    match (element.kind, element.name) {
        (_, "latitude" | "longitude") => Says::Is(Location),
        (Type::Extension, _) if ["latitude", "longitude"].contains(&last(&url(element))) => {
            Says::Is(Location)
        }
        (Type::Age, "value") => Says::labelled("age"),
        (Type::Extension, _) => {
            let url = url(element);
            let part = last(&url);
            labelled(part.rsplit('-').next().unwrap_or(part))
        }
        (Type::Quantity, "value") | (_, "valueInteger" | "valueDecimal") if question(element).is_some() => {
            question(element).map_or_else(Says::text, |question| Says::labelled(&question))
        }
        (Type::Quantity, "value") | (Type::Attachment, "size") if element.text.len() < 7 => Says::Plain,
        _ => labelled(element.name),
    }
}

/// What was asked or observed, in words.
fn question(element: &Element<'_, '_>) -> Option<String> {
    let document = element.document;
    if element.resource == "QuestionnaireResponse" {
        return document.string(element.parent, "text").map(std::borrow::Cow::into_owned);
    }
    let code = [element.object, element.parent].into_iter().find_map(|object| {
        document
            .member(object, "code")
            .filter(|code| document.node(*code).is_some_and(|node| node.kind == Kind::Object))
    })?;
    let display = || {
        let coding = document.items(document.member(code, "coding")?).next()?;
        document.string(coding, "display")
    };
    document.string(code, "text").or_else(display).map(std::borrow::Cow::into_owned)
}

fn human_name(element: &Element<'_, '_>) -> Says {
    match element.name {
        "family" | "given" | "text" => Says::Is(Name),
        "use" => code(element),
        _ => Says::text(),
    }
}

fn address(element: &Element<'_, '_>) -> Says {
    match element.name {
        "text" | "line" | "city" | "district" | "postalCode" => Says::Is(Location),
        "state" if system::is_state(element.text) => Says::Plain,
        "country" if element.text.len() <= 3 => code(element),
        "use" | "type" => code(element),
        _ => labelled(element.name),
    }
}

fn contact_point(element: &Element<'_, '_>) -> Says {
    let by_value = || if element.text.contains('@') { Email } else { Phone };
    match element.name {
        "value" => match element.document.string(element.object, "system").as_deref() {
            Some("fax") => Says::Is(Fax),
            Some("email") => Says::Is(Email),
            Some("url") => Says::Is(Url),
            Some("phone" | "pager" | "sms") => Says::Is(Phone),
            _ if element.text.contains("://") => Says::Is(Url),
            _ => Says::Is(by_value()),
        },
        "system" | "use" => code(element),
        _ => Says::text(),
    }
}

fn identifier(element: &Element<'_, '_>) -> Says {
    match element.name {
        "value" => Says::Is(identifier::class(element.document, element.object, &whose(element))),
        "system" => system::says(element.text),
        "use" => code(element),
        // the type in words, and what an extension says of it
        _ => labelled(element.name),
    }
}

/// The type of the resource that an identifier is of: of a reference, the one that it names (R4, 2.3.0).
fn whose<'e>(element: &Element<'e, '_>) -> std::borrow::Cow<'e, str> {
    let document = element.document;
    let named =
        document.string(element.parent, "type").or_else(|| document.string(element.parent, "reference"));
    let known = named.filter(|_| document.member(element.parent, "resourceType").is_none());
    let known = known.map(|named| named.split('/').next().unwrap_or_default().to_owned());
    known
        .filter(|named| named.starts_with(|c: char| c.is_ascii_uppercase()))
        .map_or(element.resource.into(), Into::into)
}

fn coding(element: &Element<'_, '_>) -> Says {
    match element.name {
        "code" | "version" => code(element),
        "system" => system::says(element.text),
        _ => Says::text(),
    }
}

fn url<'t>(element: &Element<'_, 't>) -> std::borrow::Cow<'t, str> {
    element.document.string(element.object, "url").unwrap_or_default()
}

fn last(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// An extension's value, by the definition that its address names (R4, 2.5.1.1, and the registry of extensions).
fn extension(element: &Element<'_, '_>) -> Says {
    if element.name == "url" {
        return system::says(element.text);
    }
    let url = url(element);
    match last(&url) {
        "patient-mothersMaidenName"
        | "humanname-own-name"
        | "humanname-partner-name"
        | "humanname-own-prefix"
        | "humanname-partner-prefix"
        | "humanname-mothers-family"
        | "humanname-fathers-family" => Says::Is(Name),
        "patient-congregation" => Says::Is(Location),
        // parts of an address line
        part if part.starts_with("iso21090-ADXP-") || part == "geolocation" => Says::Is(Location),
        "patient-birthTime" => Says::Is(Date),
        _ if matches!(element.name, "valueCode") => code(element),
        _ if matches!(element.name, "valueUri" | "valueCanonical" | "valueUrl") => system::says(element.text),
        _ if matches!(element.name, "valueId" | "valueUuid" | "valueOid") => Says::Is(OtherId),
        // the name of the definition tells more than `valueString`
        part => labelled(part.rsplit('-').next().unwrap_or(part)),
    }
}

/// Elements that a resource defines, by their resource.
fn of_resource(element: &Element<'_, '_>) -> Option<Says> {
    Some(match (element.resource, element.name) {
        (_, "resourceType") => code(element),
        (_, "id") => Says::Is(OtherId),
        (_, "implicitRules" | "url") => system::says(element.text),
        ("Organization" | "Location" | "HealthcareService" | "Endpoint", "name" | "alias") => {
            Says::Is(Location)
        }
        ("Patient" | "Practitioner" | "Person" | "RelatedPerson", "birthDate") => Says::Is(Date),
        ("Coverage", "subscriberId") => Says::Is(HealthPlan),
        ("Device", "serialNumber" | "distinctIdentifier" | "lotNumber") => Says::Is(Device),
        ("Patient" | "Practitioner" | "Person" | "RelatedPerson", "name") => Says::Is(Name),
        _ => return None,
    })
}

/// Elements of the same meaning wherever they stand.
fn common(element: &Element<'_, '_>) -> Says {
    let answered = element.resource == "QuestionnaireResponse" && element.name == "valueString";
    match (element.kind, element.name) {
        (
            _,
            "status" | "gender" | "use" | "intent" | "priority" | "mode" | "docStatus" | "language"
            | "contentType" | "comparator" | "linkId" | "kind" | "method",
        )
        | (Type::Quantity | Type::Age, "code") => code(element),
        (Type::Meta, "profile" | "source") | (_, "system" | "instantiatesCanonical" | "questionnaire") => {
            system::says(element.text)
        }
        (Type::Annotation, "authorString") => Says::Is(Name),
        (_, "carrierHRF" | "deviceIdentifier" | "serialNumber") => Says::Is(Device),
        (_, "subscriberId") => Says::Is(HealthPlan),
        // `uid`: ImagingStudy and what refers to it
        (Type::Attachment, "hash") | (_, "uid") => Says::Is(OtherId),
        (Type::Other, "name") if element.resource == "AuditEvent" => Says::Is(Name),
        // the question says what the answer is
        _ if answered => match element.document.string(element.parent, "text") {
            Some(question) => Says::labelled(&question),
            None => Says::text(),
        },
        _ => labelled(element.name),
    }
}

/// A code: no identifier, if it has the form of one (R4, 2.24.0.1) and is no longer than codes are.
pub(super) fn code(element: &Element<'_, '_>) -> Says {
    let text = element.text;
    let form = text.len() <= 64
        && text.chars().all(|c| c.is_ascii_graphic())
        && !text.contains('@')
        && !crate::form::is_personal(text);
    if form { Says::Plain } else { Says::text() }
}

/// Whether a text is a date, an instant or a part of one finer than a year (R4, 2.24.0.1: date, dateTime, instant).
pub(crate) fn is_date(text: &str) -> bool {
    let form = b"0000-00-00T";
    let bytes = text.as_bytes();
    let alike = |length: usize| {
        bytes.iter().zip(form).take(length).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            mark => byte == mark,
        })
    };
    match bytes.len() {
        7 | 10 => alike(bytes.len()),
        11.. => {
            alike(11)
                && bytes.len() <= 40
                && bytes.iter().skip(11).all(|byte| byte.is_ascii_digit() || b":.+-Z".contains(byte))
        }
        _ => false,
    }
}
