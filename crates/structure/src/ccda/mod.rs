//! C-CDA documents (HL7 CDA R2 with the US Realm Header, C-CDA R2.1, 1.1), and any other XML: what an element holds is
//! told by its name and those around it. What neither tells is text.

mod rules;

use std::ops::Range;

use crate::error::{StructureError, utf8};
use crate::fhir;
use crate::field::Says;
use crate::name;
use crate::plan::Plan;
use crate::record::{Draft, Writing};
use crate::xml::{self, Attribute, Flow, Place, Token};
use rules::Element;

/// The fields of one document.
pub(crate) fn open(record: &[u8], plan: &Plan) -> Result<Draft, StructureError> {
    let text = utf8(record)?;
    let mut draft = Draft::default();
    if text.trim_start_matches(crate::text::BOM).trim().is_empty() {
        return Ok(draft);
    }
    let mut reader =
        Reader { text, plan, draft: &mut draft, stack: Vec::new(), path: String::new(), narrative: None };
    xml::read(text, |token| reader.token(token))?;
    Ok(draft)
}

struct Reader<'a, 't> {
    text: &'t str,
    plan: &'a Plan,
    draft: &'a mut Draft,
    stack: Vec<Element<'t>>,
    path: String,
    narrative: Option<Narrative>,
}

/// The narrative block of a section, whose texts are added at its end, so that they stand together.
struct Narrative {
    depth: usize,
    flow: Flow,
    texts: Vec<Text>,
}

struct Text {
    path: String,
    part: Range<usize>,
    place: Place,
    gap: Option<&'static str>,
}

impl<'t> Reader<'_, 't> {
    fn token(&mut self, token: Token<'t>) {
        match token {
            Token::Open { name, attributes } => self.enter(name, &attributes),
            Token::Close { name } => self.leave(name),
            Token::Text { span, place } if place.is_text() => self.text(span, place),
            Token::Text { span, place } => self.under("comment()", |reader| {
                reader.push(span, place, |_| Says::text());
            }),
        }
    }

    fn raw(&self, span: &Range<usize>) -> &'t str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    fn enter(&mut self, name: &'t str, attributes: &[Attribute<'t>]) {
        let outside = self.path.len();
        name::push(&mut self.path, '/', name::shown(name));
        let values = attributes.iter().map(|attribute| (attribute.name, self.raw(&attribute.span))).collect();
        self.stack.push(Element { name, values, outside });
        if let Some(narrative) = &mut self.narrative {
            narrative.flow.element(name);
        } else if rules::is_narrative(&self.stack) {
            let depth = self.stack.len();
            self.narrative = Some(Narrative { depth, flow: Flow::default(), texts: Vec::new() });
        }
        for attribute in attributes {
            self.attribute(attribute);
        }
    }

    fn leave(&mut self, name: &str) {
        if let Some(element) = self.stack.pop() {
            self.path.truncate(element.outside);
        }
        let Some(mut narrative) = self.narrative.take() else { return };
        if self.stack.len() >= narrative.depth {
            narrative.flow.element(name);
            self.narrative = Some(narrative);
            return;
        }
        for text in narrative.texts {
            let outside = std::mem::replace(&mut self.path, text.path);
            self.push(text.part, text.place, |_| Says::text());
            self.path = outside;
            if let Some(gap) = text.gap {
                self.draft.follow(gap);
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute<'t>) {
        let raw = self.raw(&attribute.span);
        let value = attribute.place.read(raw);
        let (scheme, says) = rules::attribute(&self.stack, attribute.name, &value);
        // the scheme stays where it is written plainly
        let from = if raw.starts_with(scheme) { scheme.len() } else { 0 };
        let span = attribute.span.start + from..attribute.span.end;
        let name = ["@", name::shown(attribute.name)].concat();
        self.under(&name, |reader| reader.push(span, attribute.place, |_| says));
    }

    fn text(&mut self, span: Range<usize>, place: Place) {
        let raw = self.raw(&span);
        let base64 = rules::is_base64(&self.stack);
        if let Some(narrative) = self.narrative.as_mut().filter(|_| !base64) {
            if let Some((part, gap)) = narrative.flow.text(raw, span.start) {
                narrative.texts.push(Text { path: self.path.clone(), part, place, gap });
            }
            return;
        }
        let from = span.start + (raw.len() - raw.trim_start().len());
        let part = from..from + raw.trim().len();
        if base64 {
            self.encoded(part);
            return;
        }
        let says = rules::text(&self.stack, &place.read(raw.trim()));
        self.push(part, place, |_| says);
    }

    /// Content in base64: text is examined, all else goes as a whole.
    fn encoded(&mut self, part: Range<usize>) {
        let raw = self.raw(&part);
        let kind = self.stack.last().and_then(|element| element.value("mediaType")).unwrap_or_default();
        let text = if fhir::is_text(kind) { fhir::decoded(raw) } else { None };
        let class = Says::Is(terms::IdentifierClass::OtherId);
        let (text, says) = text.map_or_else(|| (raw.to_owned(), class), |text| (text, Says::text()));
        if !raw.is_empty() {
            let says = self.plan.says(&self.path, &text).unwrap_or(says);
            self.draft.push(self.path.clone(), text, says, part, Writing::Base64);
        }
    }

    fn push(&mut self, span: Range<usize>, place: Place, says: impl FnOnce(&str) -> Says) {
        let text = place.read(self.raw(&span));
        if text.trim().is_empty() {
            return;
        }
        let says = self.plan.says(&self.path, &text).unwrap_or_else(|| says(&text));
        self.draft.push(self.path.clone(), text.into_owned(), says, span, Writing::Xml(place));
    }

    fn under(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let outside = self.path.len();
        name::push(&mut self.path, '/', name);
        inside(self);
        self.path.truncate(outside);
    }
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{Date, Email, License, Location, Mrn, Name, OtherId, Phone, Ssn};

    use super::*;
    use crate::{Format, open};

    const DOCUMENT: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc">
 <templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>
 <id root="2.16.840.1.113883.19.5" extension="D17"/><id root="0a1b2c3d-0000-4000-8000-00805f9b34fb"/>
 <code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="Summary"/>
 <title>Summary of Harold</title><effectiveTime value="20240203040506-0500"/>
 <recordTarget><patientRole>
  <id extension="48213377" root="2.16.840.1.113883.19.5"/><id root="2.16.840.1.113883.4.1" extension="900-12-3456"/>
  <addr use="HP"><streetAddressLine>1 Elm &amp; Oak</streetAddressLine><city>Lakewood</city><state>OH</state>
   <postalCode>44107</postalCode><country>US</country></addr>
  <telecom value="tel:+1-555-555-0100" use="HP"/><telecom value="mailto:h@f.example"/>
  <patient><name use="L"><given>Harold</given><family>Finchley</family><suffix>Jr</suffix></name>
   <administrativeGenderCode code="M" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19500314"/>
   <birthplace><place><addr><city>Kent</city></addr></place></birthplace>
   <guardian><guardianPerson><name>Ann Oduya</name></guardianPerson></guardian></patient>
  <providerOrganization><name>Lakewood Clinic</name></providerOrganization>
 </patientRole></recordTarget>
 <author><time value="2024"/><assignedAuthor><id extension="1234567893" root="2.16.840.1.113883.4.6"/></assignedAuthor></author>
 <component><structuredBody><component><section><title>Notes</title>
  <text>Seen <content ID="n1" styleCode="Bold">Har</content>old.<br/>Left
   <table><tbody><tr><td>A</td><td>B</td></tr></tbody></table><!-- by Oduya --></text>
  <entry><observation><value xsi:type="PQ" value="97" unit="kg"/><value xsi:type="PQ" value="97" unit="a"/>
   <text><reference value="#n1"/></text></observation></entry>
 </section></component></structuredBody></component>
 <unheard of="x">thing</unheard>
</ClinicalDocument>"##;

    #[test]
    fn a_document_is_read_by_its_elements() {
        let record = open(Format::Ccda, DOCUMENT.as_bytes(), &Plan::default()).unwrap();
        let role = "ClinicalDocument/recordTarget/patientRole";
        let seen: Vec<_> = record
            .fields()
            .iter()
            .map(|f| (f.path.replace(role, "ROLE"), f.text.as_str(), f.says.clone()))
            .collect();
        for (path, text, says) in [
            ("ClinicalDocument/@xmlns", "urn:hl7-org:v3", Says::Plain),
            ("ClinicalDocument/templateId/@extension", "2015-08-01", Says::Plain),
            ("ClinicalDocument/id/@extension", "D17", Says::Is(OtherId)),
            ("ClinicalDocument/id/@root", "0a1b2c3d-0000-4000-8000-00805f9b34fb", Says::Is(OtherId)),
            ("ClinicalDocument/id/@root", "2.16.840.1.113883.19.5", Says::Plain),
            ("ClinicalDocument/code/@code", "34133-9", Says::Plain),
            ("ClinicalDocument/code/@displayName", "Summary", Says::text()),
            ("ClinicalDocument/title", "Summary of Harold", Says::labelled("title")),
            ("ClinicalDocument/effectiveTime/@value", "20240203040506-0500", Says::Is(Date)),
            ("ROLE/id/@extension", "48213377", Says::Is(Mrn)),
            ("ROLE/id/@extension", "900-12-3456", Says::Is(Ssn)),
            ("ROLE/addr/streetAddressLine", "1 Elm & Oak", Says::Is(Location)),
            ("ROLE/addr/state", "OH", Says::Plain),
            ("ROLE/addr/postalCode", "44107", Says::Is(Location)),
            ("ROLE/telecom/@value", "+1-555-555-0100", Says::Is(Phone)),
            ("ROLE/telecom/@value", "h@f.example", Says::Is(Email)),
            ("ROLE/patient/name/given", "Harold", Says::Is(Name)),
            ("ROLE/patient/name/suffix", "Jr", Says::text()),
            ("ROLE/patient/birthTime/@value", "19500314", Says::Is(Date)),
            ("ROLE/patient/birthplace/place/addr/city", "Kent", Says::Is(Location)),
            ("ROLE/patient/guardian/guardianPerson/name", "Ann Oduya", Says::Is(Name)),
            ("ROLE/providerOrganization/name", "Lakewood Clinic", Says::Is(Location)),
            ("ClinicalDocument/author/time/@value", "2024", Says::Plain),
            ("ClinicalDocument/author/assignedAuthor/id/@extension", "1234567893", Says::Is(License)),
            ("ClinicalDocument/unheard/@of", "x", Says::labelled("of")),
            ("ClinicalDocument/unheard", "thing", Says::labelled("unheard")),
        ] {
            assert!(seen.contains(&(path.to_owned(), text, says)), "{path} {text}");
        }
        let values: Vec<_> = seen.iter().filter(|f| f.1 == "97").map(|f| f.2.clone()).collect();
        assert_eq!(values, [Says::Plain, Says::labelled("age")]);
    }

    #[test]
    fn fhir_in_xml_is_told_by_its_elements() {
        let text = br#"<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><identifier><value value="48213377"/></identifier>
            <name><family value="Finchley"/><given value="Harold"/></name><telecom><value value="5558675309"/></telecom>
            <birthDate value="1950-03-14"/><address><line value="1 Elm"/><postalCode value="44107"/></address>
            <maritalStatus><text value="x"/></maritalStatus></Patient>"#;
        let record = open(Format::Ccda, text, &Plan::default()).unwrap();
        let says: Vec<_> = record.fields().iter().skip(1).map(|field| field.says.clone()).collect();
        let is = [OtherId, OtherId, Name, Name, Phone, Date, Location, Location].map(Says::Is);
        assert_eq!(says[..8], is);
        assert_eq!(says[8], Says::labelled("text"));
    }

    #[test]
    fn what_looks_plain_may_not_be() {
        let text = br#"<ClinicalDocument><birthTime value="1930"/><effectiveTime><low value="202402" unit="mg"/></effectiveTime>
            <value code="478-23-1905"/></ClinicalDocument>"#;
        let record = open(Format::Ccda, text, &Plan::default()).unwrap();
        let says: Vec<_> = record.fields().iter().map(|field| field.says.clone()).collect();
        assert_eq!(says, [Says::Is(Date), Says::Plain, Says::Plain, Says::text()]);
    }

    #[test]
    fn what_is_packed_is_unpacked_or_goes_whole() {
        let text =
            b"<a><section><text mediaType='text/plain' representation='B64'>SGFyb2xk</text></section></a>";
        let record = open(Format::Ccda, text, &Plan::default()).unwrap();
        assert_eq!(record.fields().last().map(|field| field.text.as_str()), Some("Harold"));
        let pdf = "JVBERi0xLjQKJeLjz9MK".repeat(10);
        let json =
            format!(r#"{{"scan":"{pdf}","photo":"data:image/png;base64,iVBORw0KGgo=","hash":"0a1b"}}"#);
        let record = open(Format::Json, json.as_bytes(), &Plan::default()).unwrap();
        let says: Vec<_> = record.fields().iter().map(|field| field.says.clone()).collect();
        assert_eq!(says, [Says::Is(OtherId), Says::Is(OtherId), Says::labelled("hash")]);
        let xml = format!("<a><scan>{pdf}</scan></a>");
        let record = open(Format::Ccda, xml.as_bytes(), &Plan::default()).unwrap();
        assert_eq!(record.fields().last().map(|field| field.says.clone()), Some(Says::Is(OtherId)));
    }

    #[test]
    fn narrative_goes_on_through_its_markup() {
        let record = open(Format::Ccda, DOCUMENT.as_bytes(), &Plan::default()).unwrap();
        let at = record.fields().iter().position(|field| field.text == "Seen").unwrap();
        let texts: Vec<_> =
            record.fields().iter().skip(at).take(6).map(|f| (f.text.as_str(), f.follows)).collect();
        assert_eq!(
            texts,
            [
                ("Seen", None),
                ("Har", Some(" ")),
                ("old.", Some("")),
                ("Left", Some("\n")),
                ("A", Some("\n")),
                ("B", Some("  "))
            ]
        );
        assert!(
            record
                .fields()
                .iter()
                .any(|field| field.text == " by Oduya " && field.path.ends_with("/comment()"))
        );
    }

    #[test]
    fn edits_stay_within_their_place() {
        let record = open(Format::Ccda, DOCUMENT.as_bytes(), &Plan::default()).unwrap();
        assert_eq!(record.write(&[]).unwrap(), DOCUMENT.as_bytes());
        let edits: Vec<_> = (0..record.fields().len()).map(|at| (at, format!("<\"'&{at}-->"))).collect();
        let out = record.write(&edits).unwrap();
        let again = open(Format::Ccda, &out, &Plan::default()).unwrap();
        assert_eq!(again.fields().len(), record.fields().len());
        assert!(String::from_utf8(out).unwrap().contains("value=\"tel:&lt;&quot;'&amp;"));
    }

    #[test]
    fn other_xml_is_labelled_by_its_elements() {
        let text = b"<patients><patient mrn='48213377'><firstName>Harold</firstName></patient></patients>";
        let record = open(Format::Ccda, text, &Plan::default()).unwrap();
        let says: Vec<_> = record.fields().iter().map(|field| field.says.clone()).collect();
        assert_eq!(says, [Says::labelled("mrn"), Says::labelled("firstName")]);
        let text =
            b"<r><mrn value='48213377'/><field name='ssn' value='7'/><field name='dob'>3/4/50</field></r>";
        let record = open(Format::Ccda, text, &Plan::default()).unwrap();
        let says: Vec<_> = record.fields().iter().map(|field| field.says.clone()).collect();
        let code = Says::Plain;
        assert_eq!(says[..3], [Says::labelled("mrn"), code, Says::labelled("ssn")]);
        assert_eq!(says[4], Says::labelled("dob"));
        let packed = b"<a><text mediaType=\"text/plain\" representation=\"B64\"> SGFyb2xk </text></a>";
        let record = open(Format::Ccda, packed, &Plan::default()).unwrap();
        assert_eq!(record.fields().last().unwrap().text, "Harold");
        let out = record.write(&[(record.fields().len() - 1, "X".to_owned())]).unwrap();
        assert!(out.ends_with(b"> WA== </text></a>"));
    }
}
