//! FHIR R4 resources in JSON (hl7.org/fhir/R4, 2.6.2): what an element holds is told by its data type (2.24) and its
//! place in the resource. What neither tells is text.

mod attachment;
mod element;
mod identifier;
mod narrative;
mod reference;
mod system;
mod types;

pub(crate) use attachment::{decoded, is_packed, is_text};
pub(crate) use element::is_date;
pub(crate) use identifier::of_type;
pub(crate) use system::is_state;

use crate::field::Says;
use crate::json::{Document, Kind, Walk};
use element::{Element, says};
use types::Type;

/// Whether an object is a resource.
pub(crate) fn is_resource(document: &Document<'_>, object: usize) -> bool {
    document
        .member(object, "resourceType")
        .is_some_and(|value| document.node(value).is_some_and(|node| node.kind == Kind::String))
}

/// Adds the fields of a resource and of those inside it. Its path begins with its type, wherever it stands.
pub(crate) fn resource(walk: &mut Walk<'_, '_>, object: usize) {
    let document = walk.document;
    let kind =
        document.member(object, "resourceType").map(|value| document.text_of(value)).unwrap_or_default();
    let is_name = kind.len() <= 64 && kind.chars().all(|c| c.is_ascii_alphabetic());
    let kind = if is_name { kind.as_ref() } else { "*" };
    walk.at(kind, |walk| Reader { resource: kind }.members(walk, object, Type::Resource, object));
}

/// Reads the elements of one resource.
#[derive(Clone, Copy)]
struct Reader<'k> {
    resource: &'k str,
}

impl Reader<'_> {
    /// `parent` is the object around `object`, which tells what some of its members are.
    fn members(self, walk: &mut Walk<'_, '_>, object: usize, kind: Type, parent: usize) {
        for (key, value) in walk.document.members(object) {
            let name = walk.key(key);
            // the extensions of a primitive element stand beside it (2.6.2.3)
            let name = name.strip_prefix('_').unwrap_or(&name);
            walk.under(name, |walk| self.value(walk, Member { name, value, object, kind, parent }));
        }
    }

    fn value(self, walk: &mut Walk<'_, '_>, member: Member<'_>) {
        let document = walk.document;
        match document.node(member.value).map(|node| node.kind) {
            Some(Kind::Array) => {
                for value in document.items(member.value) {
                    self.value(walk, Member { value, ..member });
                }
            }
            Some(Kind::Object) if is_resource(document, member.value) => resource(walk, member.value),
            Some(Kind::Object) => {
                let kind = Type::of(document, member.name, member.value);
                self.members(walk, member.value, kind, member.object);
            }
            Some(Kind::String | Kind::Number) => self.leaf(walk, member),
            Some(Kind::Word | Kind::Key) | None => {}
        }
    }

    fn leaf(self, walk: &mut Walk<'_, '_>, member: Member<'_>) {
        let document = walk.document;
        let text = document.text_of(member.value);
        let number = document.node(member.value).is_some_and(|node| node.kind == Kind::Number);
        let element = Element {
            document,
            resource: self.resource,
            kind: member.kind,
            name: member.name,
            object: member.object,
            parent: member.parent,
            text: &text,
            number,
        };
        match element::form(&element) {
            element::Form::Whole => walk.token(member.value, says(&element)),
            element::Form::Reference => reference::fields(walk, member.value),
            element::Form::Narrative => narrative::fields(walk, member.value),
            element::Form::Base64 => attachment::field(walk, member.value, &element),
        }
    }
}

/// A member of an object.
#[derive(Clone, Copy)]
struct Member<'n> {
    name: &'n str,
    value: usize,
    object: usize,
    kind: Type,
    parent: usize,
}

/// Text under the name of its element.
fn labelled(name: &str) -> Says {
    if crate::name::is_shown(name) { Says::labelled(name) } else { Says::text() }
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{
        Date, Device, Email, Fax, HealthPlan, License, Location, Mrn, Name, OtherId, Phone, Ssn,
    };

    use crate::{Format, Plan, Record, Says, open};

    fn seen<'r>(record: &'r Record<'_>) -> Vec<(&'r str, &'r str, Says)> {
        record.fields().iter().map(|f| (f.path.as_str(), f.text.as_str(), f.says.clone())).collect()
    }

    fn says(json: &str, path: &str) -> Vec<Says> {
        let record = open(Format::Fhir, json.as_bytes(), &Plan::default()).unwrap();
        assert_eq!(record.write(&[]).unwrap(), json.as_bytes());
        record.fields().iter().filter(|field| field.path == path).map(|field| field.says.clone()).collect()
    }

    #[test]
    fn a_patient_is_read_by_the_types_of_its_elements() {
        let patient = r#"{
            "resourceType": "Patient", "id": "p1", "meta": {"versionId": "1", "lastUpdated": "2024-02-03T04:05:06Z"},
            "identifier": [
                {"system": "urn:oid:2.16.840.1.113883.4.1", "value": "900-12-3456"},
                {"type": {"coding": [{"code": "DL"}]}, "system": "http://x.example", "value": "D1"},
                {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"},
                {"value": "48213377"}],
            "name": [{"use": "official", "family": "Finchley", "given": ["Harold", "J"], "suffix": ["Jr"]}],
            "telecom": [{"system": "phone", "value": "555-0100"}, {"system": "fax", "value": "555-0101"},
                {"system": "email", "value": "h@f.example"}, {"value": "555-0102"}],
            "gender": "male", "birthDate": "1950-03-14", "_birthDate": {"extension": [
                {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueDateTime": "1950-03-14T01:02:03Z"}]},
            "deceasedDateTime": "2020-01",
            "address": [{"line": ["1 Elm"], "city": "Lakewood", "state": "OH", "postalCode": "44107", "country": "US",
                "period": {"start": "2019-01-01"}}],
            "contact": [{"name": {"text": "Ann Finchley"}, "telecom": [{"value": "a@f.example"}]}],
            "extension": [
                {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": "Oduya"},
                {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"city": "Kent"}},
                {"url": "http://hospital.example/note", "valueString": "seen"}],
            "managingOrganization": {"reference": "Organization/o1", "display": "Lakewood Clinic"},
            "generalPractitioner": [{"display": "Dr Oduya"}],
            "unheardOf": {"deep": ["thing"]}}"#;
        let class = |path| says(patient, path);
        assert_eq!(class("Patient.id"), [Says::Is(OtherId)]);
        assert_eq!(
            class("Patient.identifier.value"),
            [Says::Is(Ssn), Says::Is(License), Says::Is(License), Says::Is(Mrn)]
        );
        assert_eq!(class("Patient.identifier.system")[1..2], [Says::text()]);
        assert_eq!(class("Patient.name.given"), [Says::Is(Name), Says::Is(Name)]);
        assert_eq!(class("Patient.name.use"), [Says::Plain]);
        assert_eq!(
            class("Patient.telecom.value"),
            [Says::Is(Phone), Says::Is(Fax), Says::Is(Email), Says::Is(Phone)]
        );
        for path in [
            "Patient.birthDate",
            "Patient.birthDate.extension.valueDateTime",
            "Patient.deceasedDateTime",
            "Patient.address.period.start",
            "Patient.meta.lastUpdated",
        ] {
            assert_eq!(class(path), [Says::Is(Date)], "{path}");
        }
        for part in ["line", "city", "postalCode"] {
            let path = format!("Patient.address.{part}");
            assert_eq!(says(patient, &path), [Says::Is(Location)], "{part}");
        }
        assert_eq!(class("Patient.address.state"), [Says::Plain]);
        assert_eq!(class("Patient.contact.name.text"), [Says::Is(Name)]);
        assert_eq!(class("Patient.contact.telecom.value"), [Says::Is(Email)]);
        assert_eq!(class("Patient.extension.valueString"), [Says::Is(Name), Says::labelled("note")]);
        assert_eq!(class("Patient.extension.valueAddress.city"), [Says::Is(Location)]);
        assert_eq!(class("Patient.managingOrganization.display"), [Says::Is(Location)]);
        assert_eq!(class("Patient.generalPractitioner.display"), [Says::Is(Name)]);
        assert_eq!(class("Patient.unheardOf.deep"), [Says::labelled("deep")]);
    }

    #[test]
    fn a_bundle_keeps_its_references_together() {
        let bundle = r##"{"resourceType":"Bundle","type":"searchset","entry":[
            {"fullUrl":"https://fhir.example/r4/Patient/p1","resource":{"resourceType":"Patient","id":"p1"}},
            {"fullUrl":"urn:uuid:77aa","resource":{"resourceType":"Observation","id":"77aa",
             "contained":[{"resourceType":"Practitioner","id":"c1","name":[{"family":"Oduya"}]}],
             "subject":{"reference":"Patient/p1","display":"Harold Finchley"},
             "performer":[{"reference":"#c1","display":"Dr Oduya"}],
             "code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}],"text":"weight"},
             "effectiveDateTime":"2024-02-03","valueQuantity":{"value":97.5,"unit":"kg","code":"kg"},
             "note":[{"authorString":"Ann Oduya","text":"Harold was here"}]}}]}"##;
        let record = open(Format::Fhir, bundle.as_bytes(), &Plan::default()).unwrap();
        let seen = seen(&record);
        let ids: Vec<_> =
            seen.iter().filter(|(_, _, says)| *says == Says::Is(OtherId)).map(|f| f.1).collect();
        assert_eq!(ids, ["p1", "p1", "77aa", "77aa", "c1", "p1", "c1"]);
        for field in [
            ("Observation.subject.display", "Harold Finchley", Says::Is(Name)),
            ("Observation.performer.display", "Dr Oduya", Says::Is(Name)),
            ("Practitioner.name.family", "Oduya", Says::Is(Name)),
            ("Observation.code.coding.code", "29463-7", Says::Plain),
            ("Observation.code.coding.system", "http://loinc.org", Says::Plain),
            ("Observation.code.coding.display", "Body weight", Says::text()),
            ("Observation.effectiveDateTime", "2024-02-03", Says::Is(Date)),
            ("Observation.valueQuantity.value", "97.5", Says::labelled("weight")),
            ("Observation.note.authorString", "Ann Oduya", Says::Is(Name)),
            ("Observation.note.text", "Harold was here", Says::labelled("text")),
        ] {
            assert!(seen.contains(&field), "{field:?}");
        }
    }

    #[test]
    fn content_in_base64_is_text_or_goes_whole() {
        // "Harold was here"
        let packed = "SGFyb2xkIHdhcyBoZXJl";
        let resource = format!(
            r#"{{"resourceType":"DocumentReference","content":[
            {{"attachment":{{"contentType":"text/plain","data":"{packed}"}}}},
            {{"attachment":{{"contentType":"application/pdf","data":"{packed}","title":"t"}}}},
            {{"attachment":{{"data":"{packed}","url":"Binary/b1"}}}}]}}"#
        );
        let record = open(Format::Fhir, resource.as_bytes(), &Plan::default()).unwrap();
        let data: Vec<_> = record
            .fields()
            .iter()
            .filter(|field| field.path == "DocumentReference.content.attachment.data")
            .map(|field| (field.text.as_str(), field.says.clone()))
            .collect();
        assert_eq!(
            data,
            [("Harold was here", Says::text()), (packed, Says::Is(OtherId)), (packed, Says::Is(OtherId))]
        );
        let at = record.fields().iter().position(|field| field.text == "Harold was here").unwrap();
        let out = record.write(&[(at, "NAME-1 was here".to_owned())]).unwrap();
        assert!(String::from_utf8(out).unwrap().contains(r#""data":"TkFNRS0xIHdhcyBoZXJl""#));
    }

    #[test]
    fn content_with_elements_goes_whole() {
        // `<Patient><name/></Patient>`, `{"mrn":"48213377"}` and `MSH|^~\&|A`
        for (kind, packed) in [
            ("application/xml", "PFBhdGllbnQ+PG5hbWUvPjwvUGF0aWVudD4="),
            ("text/plain", "PFBhdGllbnQ+PG5hbWUvPjwvUGF0aWVudD4="),
            ("application/fhir+json", "eyJtcm4iOiI0ODIxMzM3NyJ9"),
            ("text/plain", "eyJtcm4iOiI0ODIxMzM3NyJ9"),
            ("x-application/hl7-v2+er7", "TVNIfF5+XCZ8QQ=="),
            ("text/plain", "TVNIfF5+XCZ8QQ=="),
        ] {
            let binary = format!(r#"{{"resourceType":"Binary","contentType":"{kind}","data":"{packed}"}}"#);
            assert_eq!(says(&binary, "Binary.data"), [Says::Is(OtherId)], "{kind} {packed}");
        }
    }

    #[test]
    fn numbers_are_told_by_their_type_and_question() {
        let patient = r#"{"resourceType":"Patient","id":7,"identifier":[{"system":"urn:x","value":48213377}],
            "address":[{"postalCode":44107,"city":"Kent"}]}"#;
        assert_eq!(says(patient, "Patient.id"), [Says::Is(OtherId)]);
        assert_eq!(says(patient, "Patient.identifier.value"), [Says::Is(Mrn)]);
        assert_eq!(says(patient, "Patient.address.postalCode"), [Says::Is(Location)]);
        let subject = r#"{"resourceType":"Observation","subject":{"type":"Patient","identifier":{"system":"urn:x","value":"7"}}}"#;
        assert_eq!(says(subject, "Observation.subject.identifier.value"), [Says::Is(Mrn)]);
        let other = r#"{"resourceType":"Patient","managingOrganization":{"type":"Organization","identifier":{"system":"urn:x","value":"7"}}}"#;
        assert_eq!(says(other, "Patient.managingOrganization.identifier.value"), [Says::Is(OtherId)]);
        let age = r#"{"resourceType":"Observation","code":{"coding":[{"display":"Age"}]},"valueInteger":93}"#;
        assert_eq!(says(age, "Observation.valueInteger"), [Says::labelled("Age")]);
        let mrn = r#"{"resourceType":"Observation","code":{"text":"MRN"},"valueQuantity":{"value":482,"unit":"1"}}"#;
        assert_eq!(says(mrn, "Observation.valueQuantity.value"), [Says::labelled("MRN")]);
        let answer = r#"{"resourceType":"QuestionnaireResponse","item":[{"text":"Patient age","answer":[{"valueInteger":93}]}]}"#;
        assert_eq!(
            says(answer, "QuestionnaireResponse.item.answer.valueInteger"),
            [Says::labelled("Patient age")]
        );
    }

    #[test]
    fn what_a_resource_defines_itself() {
        let device = r#"{"resourceType":"Device","udiCarrier":[{"carrierHRF":"(01)1"}],"serialNumber":"S1"}"#;
        assert_eq!(says(device, "Device.udiCarrier.carrierHRF"), [Says::Is(Device)]);
        assert_eq!(says(device, "Device.serialNumber"), [Says::Is(Device)]);
        let coverage = r#"{"resourceType":"Coverage","subscriberId":"M1"}"#;
        assert_eq!(says(coverage, "Coverage.subscriberId"), [Says::Is(HealthPlan)]);
        let answers = r#"{"resourceType":"QuestionnaireResponse","item":[{"linkId":"1","text":"Date of birth",
            "answer":[{"valueString":"3/14/50"}]}]}"#;
        assert_eq!(
            says(answers, "QuestionnaireResponse.item.answer.valueString"),
            [Says::labelled("Date of birth")]
        );
        let age = r#"{"resourceType":"Condition","onsetAge":{"value":93,"unit":"years"}}"#;
        assert_eq!(says(age, "Condition.onsetAge.value"), [Says::labelled("age")]);
        let place = r#"{"resourceType":"Location","name":"North Ward","position":{"latitude":41.4,"longitude":-81.7}}"#;
        assert_eq!(says(place, "Location.position.latitude"), [Says::Is(Location)]);
        assert_eq!(says(place, "Location.name"), [Says::Is(Location)]);
        let odd = r#"{"resourceType":"Patient","gender":"Harold Finchley","maritalStatus":{"coding":[{"system":"s","code":"900123456"}]}}"#;
        assert_eq!(says(odd, "Patient.gender"), [Says::text()]);
        assert_eq!(says(odd, "Patient.maritalStatus.coding.code"), [Says::text()]);
    }
}
