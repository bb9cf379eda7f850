//! What holds for every format, over examples that are cut, flipped and doubled.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

use proptest::prelude::*;
use structure::{Format, Plan, Says, open, uid};

const TEXT: &str = "\u{FEFF}Harold was here.\n\nLater, é.";
const JSON: &str = r#"{"a": ["x\u0041\n\ud83d\ude00", 48213377, {"Harold F": -1.5e3}], "b": null, "a": " "}"#;
const LINE: &str = "{\"mrn\": 1, \"payload\": \"{\\\"x\\\":1}\"}\n";
const FHIR: &str = r##"{"resourceType":"Bundle","entry":[{"fullUrl":"https://a.example/r4/Patient/p1","resource":{"resourceType":
"Patient","id":"p1","text":{"div":"<div title=\"a\">Seen: <b>Har<\/b>old &amp; <!-- c --><a href=\"#p1\">x<\/a><\/div>"},
"identifier":[{"system":"urn:oid:1.2","value":"48213377"}],"name":[{"family":"Finchley"}],"photo":[{"contentType":"text/plain",
"data":"SGFyb2xk"}],"managingOrganization":{"reference":"Organization/o1/_history/2","display":"L"}}}]}"##;
const OBSERVATION: &str = r#"{"resourceType":"Observation","subject":{"reference":"Patient?x=1"},"valueQuantity":{"value":9.5,"unit":"a"}}"#;
const CSV: &str = "id,\"na\"\"me\",note\r\n1,\"Finchley,\nHarold\",x\r\n2;3,,\"y\"\n";
const HL7: &str = "\u{B}MSH|^~\\&|A\rPID|1||48213377^^^A^MR~2||F&v^H||19500314\r\nOBX|1|TX|1^N||Harold \\.br\\was~\\X41\\\rNTE|1||x\r\u{1C}\r";
const CCDA: &str = "<?xml version='1.0'?><ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1.2' extension='D1'/>\
    <telecom value='tel:1'/><section><text>Seen <b>Har</b>old &amp;<![CDATA[ x]]><!-- c --></text></section>\
    <a mediaType='text/plain' representation='B64'>SGFy</a></ClinicalDocument>";

/// A DICOM file with explicit representations: a name, a sequence and a picture.
fn dicom() -> Vec<u8> {
    let element = |tag: [u8; 4], vr: &str, value: &[u8]| {
        let length = u16::try_from(value.len()).unwrap().to_le_bytes();
        [&tag[..], vr.as_bytes(), &length, value].concat()
    };
    let inside = element([8, 0, 0x55, 0x11], "UI", b"1.2.3.9\0");
    let length = u32::try_from(inside.len()).unwrap().to_le_bytes();
    let item = [&[0xFE, 0xFF, 0x00, 0xE0][..], &length, &inside].concat();
    [
        vec![0; 128],
        b"DICM".to_vec(),
        element([2, 0, 3, 0], "UI", b"1.2.3.4\0"),
        element([2, 0, 0x10, 0], "UI", b"1.2.840.10008.1.2.1\0"),
        element([8, 0, 0x20, 0], "DA", b"20240203"),
        [&[8, 0, 0x40, 0x11][..], b"SQ\0\0\xff\xff\xff\xff", &item, &[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]]
            .concat(),
        element([9, 0, 1, 0x10], "LO", b"private "),
        element([0x10, 0, 0x10, 0], "PN", b"Finchley^Harold "),
        element([0x10, 0, 0x20, 0], "LO", b"A17\\48213377"),
        [&[0xE0, 0x7F, 0x10, 0][..], b"OW\0\0\x02\0\0\0ab"].concat(),
    ]
    .concat()
}

fn example(format: Format) -> Vec<u8> {
    match format {
        Format::Text => TEXT.as_bytes(),
        Format::Json => JSON.as_bytes(),
        Format::JsonLines => LINE.as_bytes(),
        Format::Fhir => FHIR.as_bytes(),
        Format::FhirLines => OBSERVATION.as_bytes(),
        Format::Csv => CSV.as_bytes(),
        Format::Hl7v2 => HL7.as_bytes(),
        Format::Ccda => CCDA.as_bytes(),
        _ => return dicom(),
    }
    .to_vec()
}

/// What takes the place of every value: unique identifiers are such.
fn edits(record: &structure::Record<'_>, new: &str) -> Vec<(usize, String)> {
    let edit = |(at, field): (usize, &structure::Field)| match field.says {
        Says::Plain | Says::Key => None,
        Says::Uid => Some((at, uid(at as u128))),
        _ => Some((at, new.to_owned())),
    };
    record.fields().iter().enumerate().filter_map(edit).collect()
}

fn holds(format: Format, bytes: &[u8], new: &str) -> Result<(), TestCaseError> {
    let mut plan = Plan::default();
    if format == Format::Csv {
        // what is in a cell must not change which mark is between cells
        plan.learn(format, &[bytes], &deid::Detector::rules()).unwrap();
    }
    let Ok(record) = open(format, bytes, &plan) else { return Ok(()) };
    prop_assert_eq!(record.write(&[]).unwrap(), bytes);
    let edits = edits(&record, new);
    if edits.is_empty() {
        return Ok(());
    }
    let out = record.write(&edits).unwrap();
    let again =
        open(format, &out, &plan).map_err(|error| TestCaseError::fail(format!("{format}: {error}")))?;
    if format == Format::Dicom {
        return Ok(());
    }
    prop_assert_eq!(again.fields().len(), record.fields().len());
    for (at, text) in &edits {
        let (before, after) = (&record.fields()[*at], &again.fields()[*at]);
        prop_assert!(before.path == after.path || before.path.starts_with('*'));
        // what is encoded, and not read, is read again as it is encoded; what is no link, with its mark
        prop_assert!(
            after.text.ends_with(text) || after.text == "WA==" && text == "X",
            "{} {}",
            after.path,
            after.text
        );
    }
    Ok(())
}

#[test]
fn every_example_is_read_and_keeps_every_edit() {
    for format in Format::ALL {
        let bytes = example(format);
        let record = open(format, &bytes, &Plan::default()).unwrap();
        assert!(!record.fields().is_empty(), "{format}");
        assert_eq!(record.write(&[]).unwrap(), bytes, "{format}");
        if format != Format::Dicom {
            let edits = edits(&record, "X");
            let out = record.write(&edits).unwrap();
            let again = open(format, &out, &Plan::default()).unwrap();
            assert!(edits.iter().all(|(at, _)| again.fields()[*at].text == "X"), "{format}");
        }
        assert!(record.write(&[(record.fields().len(), String::new())]).is_err(), "{format}");
        let twice = record.write(&[(0, uid(1)), (0, uid(2))]);
        assert!(twice.is_err() || format == Format::Dicom, "{format}");
        // neither the debug form of a record nor an error holds content
        assert!(!format!("{record:?}").contains("48213377") && !format!("{record:?}").contains("Harold was"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn unedited_is_what_came_and_edits_land_where_they_belong(
        format in 0_usize..9,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 0..4),
        new in prop::sample::select(vec!["X", "a \"b\\", "<&'>", "é,;|^"]),
    ) {
        let format = Format::ALL[format];
        let mut bytes = example(format);
        for (at, byte, how) in &changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = *byte,
                1 => { bytes.remove(at); }
                2 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, bytes[at]),
            }
            if bytes.is_empty() {
                bytes.push(*byte);
            }
        }
        let new = if changes.is_empty() { new } else { "X" };
        holds(format, &bytes, new)?;
    }
}
