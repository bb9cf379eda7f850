//! Formats, and how one is told from a name and the first bytes.

use std::fmt;
use std::str::FromStr;

/// How bytes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// plain text in UTF-8
    Text,
    /// one JSON document (RFC 8259)
    Json,
    /// a JSON document on each line
    JsonLines,
    /// one FHIR R4 resource or Bundle in JSON
    Fhir,
    /// a FHIR R4 resource on each line, as bulk export writes them
    FhirLines,
    /// rows of cells between commas, semicolons, tabs or bars (RFC 4180)
    Csv,
    /// HL7 version 2 messages
    Hl7v2,
    /// C-CDA, or any other XML
    Ccda,
    /// a DICOM file (PS3.10)
    Dicom,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Json,
        Self::JsonLines,
        Self::Fhir,
        Self::FhirLines,
        Self::Csv,
        Self::Hl7v2,
        Self::Ccda,
        Self::Dicom,
    ];

    /// The name on the command line, for instance `fhir-lines`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::JsonLines => "json-lines",
            Self::Fhir => "fhir",
            Self::FhirLines => "fhir-lines",
            Self::Csv => "csv",
            Self::Hl7v2 => "hl7v2",
            Self::Ccda => "ccda",
            Self::Dicom => "dicom",
        }
    }

    /// The format of what is called `name` and begins with `head`; what neither tells is text.
    ///
    /// The bytes tell more than the name: a name decides only where bytes of several formats look alike.
    pub fn told_by(name: Option<&str>, head: &[u8]) -> Self {
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        let start = head.trim_ascii_start();
        let name = name.map(str::to_ascii_lowercase).unwrap_or_default();
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        if head.get(128..132) == Some(b"DICM") || matches!(ending, "dcm" | "dicom") {
            return Self::Dicom;
        }
        let unframed = start.strip_prefix(b"\x0B").unwrap_or(start);
        // four marks at least follow: text may speak of the gene MSH-2
        let marks = unframed.get(3..7).is_some_and(|marks| marks.iter().all(u8::is_ascii_punctuation));
        if marks && [b"MSH", b"FHS", b"BHS"].iter().any(|header| unframed.starts_with(*header)) {
            return Self::Hl7v2;
        }
        match ending {
            "json" | "jsonl" | "ndjson" => json(ending, start),
            "csv" | "tsv" | "psv" => Self::Csv,
            "hl7" | "hl7v2" => Self::Hl7v2,
            "xml" | "cda" | "ccda" | "ccd" => Self::Ccda,
            // a document that says so, whatever its name; text that only begins with a bracket stays text
            _ if start.starts_with(b"<?xml") || start.starts_with(b"<ClinicalDocument") => Self::Ccda,
            "" | "log" if start.starts_with(b"{\"") => json(ending, start),
            _ => Self::Text,
        }
    }
}

/// One document or one on each line, of FHIR or not.
fn json(ending: &str, start: &[u8]) -> Format {
    let first = memchr::memchr(b'\n', start).and_then(|end| start.split_at_checked(end));
    let lines = match ending {
        "json" | "" | "log" => first.is_some_and(|(line, rest)| {
            line.trim_ascii_end().ends_with(b"}")
                && line.starts_with(b"{")
                && rest.trim_ascii_start().starts_with(b"{")
        }),
        _ => true,
    };
    let sample = start.get(..start.len().min(64 << 10)).unwrap_or(start);
    let fhir = memchr::memmem::find(sample, b"\"resourceType\"").is_some();
    match (fhir, lines) {
        (false, false) => Format::Json,
        (false, true) => Format::JsonLines,
        (true, false) => Format::Fhir,
        (true, true) => Format::FhirLines,
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format")]
pub struct UnknownFormat;

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        assert_eq!("word".parse::<Format>(), Err(UnknownFormat));
    }

    #[test]
    fn name_and_first_bytes_tell() {
        let dicom = [vec![0; 128], b"DICM".to_vec()].concat();
        for (name, head, format) in [
            (Some("a.txt"), &b"Patient seen"[..], Format::Text),
            (None, b"", Format::Text),
            (Some("a.json"), b"{\"a\": 1}", Format::Json),
            (Some("a.json"), b"{\"a\": 1}\n{\"a\": 2}\n", Format::JsonLines),
            (Some("a.json"), b"{\n \"resourceType\": \"Patient\"}", Format::Fhir),
            (Some("a.ndjson"), b"{\"resourceType\":\"Patient\"}\n", Format::FhirLines),
            (None, b"{\"a\": 1}\n", Format::Json),
            (None, b"{name} was seen", Format::Text),
            (Some("A.CSV"), b"a,b\n", Format::Csv),
            (None, b"a,b\n", Format::Text),
            (Some("in"), b"\x0BMSH|^~\\&|A", Format::Hl7v2),
            (Some("a.txt"), b"MSH|^~\\&|A", Format::Hl7v2),
            (Some("a.txt"), b"MSH-2 was seen", Format::Text),
            (None, b"\xEF\xBB\xBF<?xml version=\"1.0\"?>", Format::Ccda),
            (Some("a.xml"), b"<ClinicalDocument>", Format::Ccda),
            (None, &dicom, Format::Dicom),
        ] {
            assert_eq!(Format::told_by(name, head), format, "{name:?} {head:?}");
        }
    }
}
