//! Files that are read by element: findings with the path of their element.

use deid::{Detector, Finding};
use structure::{Cut, Cutter, Format, Plan, Record, StructureError, open};

use super::super::progress::Progress;
use super::report::Seen;

/// How much of a file tells what its columns and paths hold.
const SAMPLE: usize = 256 << 10;

/// What was found in a file, in the order of the file, and what whoever uses it must know.
#[derive(Default)]
pub(super) struct Read {
    pub(super) seen: Vec<Seen>,
    pub(super) warnings: Vec<&'static str>,
}

/// Why a file could not be read so.
pub(super) enum Failed {
    /// It is not of its format.
    Structure(StructureError),
    /// The detector did not do its work.
    Detector(deid::DetectError),
}

impl From<StructureError> for Failed {
    fn from(error: StructureError) -> Self {
        Self::Structure(error)
    }
}

impl From<deid::DetectError> for Failed {
    fn from(error: deid::DetectError) -> Self {
        Self::Detector(error)
    }
}

/// Reads a whole file.
pub(super) fn read(
    format: Format,
    bytes: &[u8],
    detector: &Detector,
    progress: &Progress,
) -> Result<Read, Failed> {
    let mut plan = Plan::default();
    let sample = records(format, bytes, true).map_while(Result::ok);
    let sample: Vec<_> =
        sample.take_while(|(begins, _)| *begins < SAMPLE).map(|(_, record)| record).collect();
    plan.learn(format, &sample, detector)?;
    let mut read = Read::default();
    for record in records(format, bytes, true) {
        let (begins, record) = record?;
        let moved = |error: StructureError| StructureError { offset: begins + error.offset, ..error };
        let opened = open(format, record, &plan).map_err(moved)?;
        let findings = structure::detect(detector, format, opened.fields())?;
        for (index, findings) in findings.iter().enumerate() {
            read.seen
                .extend(findings.iter().filter_map(|finding| seen(&opened, record, begins, index, finding)));
        }
        for warning in opened.warnings() {
            if !read.warnings.contains(warning) {
                read.warnings.push(warning);
            }
        }
        progress.passed(record.len() as u64);
    }
    read.seen.sort_by_key(|seen| seen.start);
    Ok(read)
}

/// A finding at its place: exact where a value is written as it is, else that of the value.
fn seen(opened: &Record<'_>, record: &[u8], begins: usize, index: usize, finding: &Finding) -> Option<Seen> {
    let (field, place) = (opened.fields().get(index)?, opened.place(index)?);
    let raw = record.get(place.clone()).and_then(|raw| std::str::from_utf8(raw).ok());
    // behind a quote, perhaps
    let plain = raw.and_then(|raw| raw.find(&field.text)).map_or(0, |at| at + finding.span.start);
    Some(Seen {
        start: begins + place.start + plain,
        path: Some(field.path.clone()),
        class: finding.class,
        confidence: finding.confidence,
        recognizer: finding.recognizer,
        value: field.text.get(finding.span.clone()).unwrap_or_default().to_owned(),
    })
}

/// The records of some bytes, with where each begins; up to an error, or to the last that is whole.
fn records(
    format: Format,
    bytes: &[u8],
    last: bool,
) -> impl Iterator<Item = Result<(usize, &[u8]), StructureError>> {
    let mut cutter = Cutter::new(format);
    let mut begins = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(begins..).filter(|rest| !rest.is_empty())?;
        match cutter.cut(rest, last) {
            Ok(Cut::Record(length)) => {
                let record = rest.get(..length)?;
                begins += length.max(1);
                Some(Ok((begins - length.max(1), record)))
            }
            Ok(Cut::More) => None,
            Err(error) => {
                let offset = begins + error.offset;
                begins = bytes.len();
                Some(Err(StructureError { offset, ..error }))
            }
        }
    })
}
