use terms::IdentifierClass::{Location, Mrn};

use super::*;
use crate::{Format, Record};

/// An element as it is written, explicit or not.
fn element(tag: u32, vr: [u8; 2], value: &[u8], explicit: bool) -> Vec<u8> {
    let [a, b, c, d] = tag.to_be_bytes();
    let mut out = vec![b, a, d, c];
    let padded =
        [value, if value.len() % 2 == 1 { if vr == *b"UI" { b"\0" } else { b" " } } else { b"" }].concat();
    let length = u32::try_from(padded.len()).unwrap();
    if !explicit {
        out.extend(length.to_le_bytes());
    } else if read::is_long(vr) {
        out.extend([vr[0], vr[1], 0, 0]);
        out.extend(length.to_le_bytes());
    } else {
        out.extend(vr);
        out.extend(u16::try_from(length).unwrap().to_le_bytes());
    }
    [out, padded].concat()
}

/// A sequence with one item, of defined or undefined lengths.
fn sequence(tag: u32, item: &[u8], marked: bool, explicit: bool) -> Vec<u8> {
    let [a, b, c, d] = tag.to_be_bytes();
    let mut out = vec![b, a, d, c];
    if explicit {
        out.extend(b"SQ\0\0");
    }
    let length = |length: usize| if marked { u32::MAX } else { u32::try_from(length).unwrap() }.to_le_bytes();
    out.extend(length(item.len() + 8));
    out.extend([0xFE, 0xFF, 0x00, 0xE0]);
    out.extend(length(item.len()));
    out.extend(item);
    if marked {
        out.extend([0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    }
    out
}

fn file(syntax: &str, object: &[Vec<u8>]) -> Vec<u8> {
    let meta = [
        element(0x0002_0002, *b"UI", b"1.2.840.10008.5.1.4.1.1.6.1", true),
        element(0x0002_0003, *b"UI", b"1.2.3.4", true),
        element(0x0002_0010, *b"UI", syntax.as_bytes(), true),
    ]
    .concat();
    let length = element(0x0002_0000, *b"UL", &u32::try_from(meta.len()).unwrap().to_le_bytes(), true);
    [vec![b'P'; 128], b"DICM".to_vec(), length, meta, object.concat()].concat()
}

fn object(explicit: bool, marked: bool) -> Vec<Vec<u8>> {
    let e = |tag, vr: &[u8; 2], value: &[u8]| element(tag, *vr, value, explicit);
    vec![
        e(0x0008_0005, b"CS", b"ISO_IR 192"),
        e(0x0008_0018, b"UI", b"1.2.3.4"),
        e(0x0008_0020, b"DA", b"20240203"),
        e(0x0008_0030, b"TM", b"040506"),
        e(0x0008_0060, b"CS", b"US"),
        e(0x0008_0080, b"LO", b"Lakewood Clinic"),
        e(0x0008_1030, b"LO", b"Finchley, chest"),
        sequence(
            0x0008_1140,
            &[e(0x0008_1155, b"UI", b"1.2.3.9"), e(0x0008_1150, b"UI", b"1.2.840.10008.5.1.4.1.1.2")]
                .concat(),
            marked,
            explicit,
        ),
        e(0x0009_0010, b"LO", b"ACME 1.0"),
        e(0x0009_1001, b"LO", b"Harold Finchley"),
        e(0x0010_0010, b"PN", "Finchley^Renée".as_bytes()),
        e(0x0010_0020, b"LO", b"48213377"),
        e(0x0010_0040, b"CS", b"M"),
        e(0x0010_1000, b"LO", b"A17\\B18"),
        sequence(
            0x0040_0275,
            &[e(0x0040_0007, b"LO", b"step of Harold"), e(0x0040_A160, b"UT", b"kept, unknown")].concat(),
            marked,
            explicit,
        ),
        e(0x7FE0_0010, b"OW", b"\x01\x02\x03\x04"),
    ]
}

fn opened(bytes: &[u8]) -> Record<'_> {
    crate::open(Format::Dicom, bytes, &Plan::default()).unwrap()
}

fn value<'r>(record: &'r Record<'_>, path: &str) -> Option<&'r str> {
    record.fields().iter().find(|field| field.path == path).map(|field| field.text.as_str())
}

const SYNTAXES: [(&str, bool); 2] = [("1.2.840.10008.1.2", false), ("1.2.840.10008.1.2.1", true)];

#[test]
fn elements_are_fields_by_the_table() {
    for (syntax, explicit) in SYNTAXES {
        let bytes = file(syntax, &object(explicit, true));
        let record = opened(&bytes);
        let seen: Vec<_> =
            record.fields().iter().map(|f| (f.path.as_str(), f.text.as_str(), f.says.clone())).collect();
        for field in [
            ("MediaStorageSOPInstanceUID", "1.2.3.4", Says::Uid),
            ("SOPInstanceUID", "1.2.3.4", Says::Uid),
            ("StudyDate", "20240203", Says::Is(Date)),
            ("InstitutionName", "Lakewood Clinic", Says::Is(Location)),
            ("StudyDescription", "Finchley, chest", Says::labelled("StudyDescription")),
            ("ReferencedImageSequence.ReferencedSOPInstanceUID", "1.2.3.9", Says::Uid),
            ("ReferencedImageSequence.ReferencedSOPClassUID", "1.2.840.10008.5.1.4.1.1.2", Says::Plain),
            ("PatientName", "Finchley", Says::Is(Name)),
            ("PatientName", "Renée", Says::Is(Name)),
            ("PatientID", "48213377", Says::Is(Mrn)),
            ("OtherPatientIDs", "A17", Says::Is(Mrn)),
            ("OtherPatientIDs", "B18", Says::Is(Mrn)),
        ] {
            assert!(seen.contains(&field), "{field:?} {explicit}");
        }
        assert_eq!(record.warnings().len(), 2, "a picture of ultrasound, and private elements");
        assert_eq!(record.write(&[]).unwrap(), bytes);
    }
}

#[test]
fn what_is_written_is_by_the_profile() {
    for (syntax, explicit) in SYNTAXES {
        for marked in [false, true] {
            let bytes = file(syntax, &object(explicit, marked));
            let record = opened(&bytes);
            let edits: Vec<_> = record
                .fields()
                .iter()
                .enumerate()
                .filter_map(|(at, field)| match field.says {
                    Says::Uid => Some((at, uid(u128::from(field.text.as_bytes()[6])))),
                    Says::Is(Date) => Some((at, "1653-04-12".to_owned())),
                    Says::Is(_) => Some((at, "X1".to_owned())),
                    _ => None,
                })
                .collect();
            let out = record.write(&edits).unwrap();
            let again = opened(&out);
            let text = |path: &str| value(&again, path);
            assert_eq!(text("SOPInstanceUID"), Some("2.25.52"));
            assert_eq!(text("SOPInstanceUID"), text("MediaStorageSOPInstanceUID"));
            assert_eq!(text("ReferencedImageSequence.ReferencedSOPInstanceUID"), Some("2.25.57"));
            assert_eq!(text("StudyDate"), Some("16530412"));
            assert_eq!(text("PatientName"), Some("X1"));
            assert_eq!(text("PatientSex"), None, "emptied");
            assert_eq!(text("RequestAttributesSequence.(0040,A160)"), None, "its sequence is removed");
            assert_eq!(text("PatientIdentityRemoved"), Some("YES"));
            assert!(
                text("DeidentificationMethod").is_some_and(|method| method.starts_with("Basic Application"))
            );
            for gone in ["StudyDescription", "OtherPatientIDs", "(0009,1001)"] {
                assert_eq!(text(gone), None, "{gone}");
            }
            let bytes = String::from_utf8_lossy(&out);
            for gone in ["Harold", "Finchley", "48213377", "ACME", "040506", "PPPP"] {
                assert!(!bytes.contains(gone), "{gone}");
            }
            assert!(out.ends_with(&element(0x7FE0_0010, *b"OW", b"\x01\x02\x03\x04", explicit)));
            let own: Vec<_> = again.fields().iter().map(|field| field.text.clone()).enumerate().collect();
            assert_eq!(again.write(&own).unwrap(), out, "what is by the profile stays");
        }
    }
}

#[test]
fn fragments_of_a_picture_stay() {
    let mut picture = vec![0xE0, 0x7F, 0x10, 0x00, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    picture.extend([0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0]);
    picture.extend([0xFE, 0xFF, 0x00, 0xE0, 2, 0, 0, 0, 7, 7, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    let bytes = file("1.2.840.10008.1.2.4.50", std::slice::from_ref(&picture));
    let out = opened(&bytes).write(&[(1, uid(1))]).unwrap();
    assert!(out.ends_with(&picture));
}

#[test]
fn what_is_not_read_is_refused() {
    let error = |bytes: &[u8]| crate::open(Format::Dicom, bytes, &Plan::default()).map(drop).unwrap_err();
    assert_eq!(error(b"DICM").problem, "no file of DICOM: `DICM` is missing");
    assert_eq!(error(&file("1.2.840.10008.1.2.2", &[])).problem, "big endian objects are not read");
    assert_eq!(error(&file("1.2.840.10008.1.2.1.99", &[])).problem, "deflated objects are not read");
    let whole = file("1.2.840.10008.1.2.1", &object(true, true));
    for cut in [134, 150, 300, whole.len() - 1] {
        assert!(crate::open(Format::Dicom, &whole[..cut], &Plan::default()).is_err(), "{cut}");
    }
}

#[test]
fn what_nobody_edits_is_written_by_the_profile_too() {
    let bytes = file("1.2.840.10008.1.2.1", &object(true, false));
    let record = opened(&bytes);
    assert_eq!(record.write(&[]).unwrap(), bytes);
    let out = record.release(&[]).unwrap();
    let text = String::from_utf8_lossy(&out);
    assert!(!text.contains("ACME") && !text.contains("Harold Finchley") && text.contains("Confidentiality"));
    // one part of a name edited: the others do not stay
    let at = record.fields().iter().position(|field| field.text == "Finchley").unwrap();
    let out = record.write(&[(at, "X".to_owned())]).unwrap();
    let again = opened(&out);
    assert!(again.fields().iter().all(|field| field.text != "Renée"), "{:?}", again.fields());
}

#[test]
fn how_a_file_is_read_stays_and_its_header_tells_no_more() {
    let overrides = "[paths]\nTransferSyntaxUID = \"OTHER_ID\"\nSOPClassUID = \"OTHER_ID\"";
    let plan = Plan::parse_overrides(overrides).unwrap();
    let mut bytes = file("1.2.840.10008.1.2.1", &object(true, false));
    let private = element(0x0002_0102, *b"OB", b"Harold F", true);
    let length = u32::from_le_bytes(bytes[140..144].try_into().unwrap());
    let end = 144 + usize::try_from(length).unwrap();
    bytes.splice(end..end, private.iter().copied());
    bytes[140..144].copy_from_slice(&(length + u32::try_from(private.len()).unwrap()).to_le_bytes());
    let record = crate::open(Format::Dicom, &bytes, &plan).unwrap();
    let syntax = record.fields().iter().find(|field| field.path == "TransferSyntaxUID");
    assert!(syntax.is_none_or(|field| field.says == Says::Plain));
    let out = record.release(&[]).unwrap();
    assert!(!String::from_utf8_lossy(&out).contains("Harold F"));
    opened(&out);
}

#[test]
fn codes_of_staff_and_institutions_go() {
    for tag in [0x0008_0082, 0x0040_1101, 0x0040_A088] {
        let codes =
            [element(0x0008_0100, *b"SH", b"STAFF77", true), element(0x0008_0104, *b"LO", b"x", true)];
        let bytes = file("1.2.840.10008.1.2.1", &[sequence(tag, &codes.concat(), false, true)]);
        let out = opened(&bytes).release(&[]).unwrap();
        assert!(!String::from_utf8_lossy(&out).contains("STAFF77"), "{tag:x}");
        opened(&out);
    }
}
