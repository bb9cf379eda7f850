//! One file or stream, record by record: read, examined, transformed, written. Memory is that of a record.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::ops::Range;

use deid::{Constraints, Detector, Passage, transform};
use sha2::{Digest as _, Sha256};
use structure::{Cut, Cutter, Field, Format, Plan, Says, StructureError, open};
use terms::{FindingCounts, IdentifierClass, Obligations, Treatment};

use super::review::{Page, Sides};
use super::surrogates::Surrogates;
use crate::failure::why;

/// How much is read at once.
const PIECE: usize = 256 << 10;
/// How much of a file tells what its columns and paths hold.
/// More than one record of rows, so that it holds whole ones.
const SAMPLE: usize = 768 << 10;

/// What is done to every record.
pub(super) struct Engine {
    pub(super) detector: Detector,
    pub(super) obligations: Obligations,
    /// The format of everything, where it is not told by name and first bytes.
    pub(super) format: Option<Format>,
    /// What the caller says of columns and paths.
    pub(super) plan: Plan,
}

impl Engine {
    fn format(&self, name: Option<&str>, head: &[u8]) -> Format {
        self.format.unwrap_or_else(|| Format::told_by(name, head))
    }
}

/// What became of a file.
#[derive(Default)]
pub(super) struct Passed {
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    pub(super) digest_in: String,
    pub(super) digest_out: String,
    pub(super) counts: FindingCounts,
    /// What whoever uses it must know.
    pub(super) warnings: BTreeSet<&'static str>,
    /// Overrides that it has nothing for.
    pub(super) unmatched: Vec<String>,
}

/// Why a file could not be done. Never its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Lower case, no full stop.
    pub(super) what: String,
    /// At which byte of the file, where that is known.
    pub(super) offset: Option<u64>,
    /// Whether whoever was to read what is written went away.
    pub(super) left: bool,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>, offset: Option<u64>) -> Self {
        Self { what: what.into(), offset, left: false }
    }

    /// It can't be read.
    pub(super) fn unreadable(error: &io::Error) -> Self {
        Self::new(format!("can't be read: {}", why(error)), None)
    }

    /// What becomes of it can't be written.
    pub(super) fn unwritable(error: &io::Error) -> Self {
        let left = error.kind() == io::ErrorKind::BrokenPipe;
        Self { left, ..Self::new(format!("can't be written: {}", why(error)), None) }
    }

    fn of(error: &StructureError, begins: u64) -> Self {
        Self::new(error.problem, Some(begins + error.offset as u64))
    }
}

/// Where a file comes from and goes to.
pub(super) struct Way<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) input: &'a mut dyn Read,
    pub(super) output: &'a mut dyn Write,
    /// Shows it to people.
    pub(super) page: Option<&'a mut Page>,
    /// Is told how many bytes are done.
    pub(super) seen: &'a dyn Fn(u64),
}

/// Passes `input` to `output`; the format that it turned out to have.
pub(super) fn pass(
    engine: &Engine,
    way: Way<'_>,
    surrogates: &Surrogates,
) -> Result<(Passed, Format), Problem> {
    let Way { name, input, output, page, seen } = way;
    let mut reader = Reader { input, buffer: Vec::new(), done: 0, last: false, digest: Sha256::new(), at: 0 };
    reader.more()?;
    let format = engine.format(name, &reader.buffer);
    let plan = learned(engine, format, &mut reader)?;
    let mut cutter = Cutter::new(format);
    let (mut passed, mut digest) = (Passed::default(), Sha256::new());
    let mut work = Work { engine, format, plan: &plan, surrogates, page };
    while let Some((record, begins)) = reader.record(&mut cutter)? {
        let written = work.rewritten(record, begins, &mut passed)?;
        let written = written.as_deref().unwrap_or(record);
        output.write_all(written).map_err(|error| Problem::unwritable(&error))?;
        digest.update(written);
        passed.bytes_out += written.len() as u64;
        seen(record.len() as u64);
    }
    passed.unmatched = plan.unmatched().into_iter().map(str::to_owned).collect();
    passed.bytes_in = reader.at;
    passed.digest_in = hex(reader.digest);
    passed.digest_out = hex(digest);
    Ok((passed, format))
}

/// What the caller says of columns and paths, and what the first records tell.
fn learned(engine: &Engine, format: Format, reader: &mut Reader<'_>) -> Result<Plan, Problem> {
    let mut plan = engine.plan.anew();
    if !matches!(format, Format::Csv | Format::Json | Format::JsonLines) {
        return Ok(plan);
    }
    // what is longer than the sample is read until its first record ends
    let mut first = Cutter::new(format);
    while !reader.last
        && (reader.buffer.len() < SAMPLE || matches!(first.cut(&reader.buffer, false), Ok(Cut::More)))
    {
        reader.more()?;
    }
    let (mut cutter, mut rest, mut sample) = (Cutter::new(format), reader.buffer.as_slice(), Vec::new());
    // what can't be cut is named when it is that record's turn
    while let Ok(Cut::Record(length)) = cutter.cut(rest, reader.last) {
        let Some((record, behind)) = rest.split_at_checked(length) else { break };
        sample.push(record);
        rest = behind;
    }
    let learned = plan.learn(format, &sample, &engine.detector);
    learned.map_err(|error| Problem::new(error.to_string(), Some(0)))?;
    Ok(plan)
}

/// A digest in hexadecimal.
pub(super) fn hex(digest: Sha256) -> String {
    terms::Digest(digest.finalize().into()).to_hex()
}

struct Reader<'a> {
    input: &'a mut dyn Read,
    buffer: Vec<u8>,
    /// So much of the buffer is done.
    done: usize,
    /// Whether nothing more comes.
    last: bool,
    digest: Sha256,
    /// How many bytes are done in all.
    at: u64,
}

impl Reader<'_> {
    fn more(&mut self) -> Result<(), Problem> {
        self.buffer.drain(..self.done);
        self.done = 0;
        let had = self.buffer.len();
        let read = (&mut *self.input).take(PIECE as u64).read_to_end(&mut self.buffer);
        let read = read.map_err(|error| Problem::unreadable(&error))?;
        self.digest.update(self.buffer.get(had..).unwrap_or_default());
        self.last = read < PIECE;
        Ok(())
    }

    /// The next record, and at which byte it begins; `None` at the end.
    fn record(&mut self, cutter: &mut Cutter) -> Result<Option<(&[u8], u64)>, Problem> {
        loop {
            let rest = self.buffer.get(self.done..).unwrap_or_default();
            if rest.is_empty() && self.last {
                return Ok(None);
            }
            let begins = self.at;
            match cutter.cut(rest, self.last).map_err(|error| Problem::of(&error, begins))? {
                Cut::Record(length) if (1..=rest.len()).contains(&length) => {
                    let from = self.done;
                    self.done += length;
                    self.at += length as u64;
                    return Ok(self.buffer.get(from..self.done).map(|record| (record, begins)));
                }
                Cut::More if !self.last => self.more()?,
                _ => return Err(Problem::new("ends in the middle of a record", Some(begins))),
            }
        }
    }
}

/// What is done to the records of one file.
struct Work<'a> {
    engine: &'a Engine,
    format: Format,
    plan: &'a Plan,
    surrogates: &'a Surrogates,
    page: Option<&'a mut Page>,
}

impl Work<'_> {
    /// A record with what is due done to it; `None` where it stays as it is.
    fn rewritten(
        &mut self,
        record: &[u8],
        begins: u64,
        passed: &mut Passed,
    ) -> Result<Option<Vec<u8>>, Problem> {
        let wrong = |error: StructureError| Problem::of(&error, begins);
        // text in UTF-16 may pass for UTF-8, and nothing would be found in it
        if let Some(at) = record.iter().position(|byte| *byte == 0).filter(|_| self.format != Format::Dicom) {
            return Err(Problem::new("is not text: there is a zero byte in it", Some(begins + at as u64)));
        }
        if self.format == Format::Csv && begins > 0 && !self.plan.knows_columns() {
            return Err(Problem::new("its first rows do not tell what its columns are", Some(begins)));
        }
        let opened = open(self.format, record, self.plan).map_err(wrong)?;
        passed.warnings.extend(opened.warnings());
        let fields = opened.fields();
        let failed = |what: String| Problem::new(what, Some(begins));
        let found = structure::detect(&self.engine.detector, self.format, fields);
        let mut findings = found.map_err(|error| failed(error.to_string()))?;
        // an element without a value holds no identifier, whatever it is for
        for found in &mut findings {
            found.retain(|finding| !finding.span.is_empty());
        }
        if findings.iter().all(Vec::is_empty) {
            self.show(&Sides { begins, fields, findings: &findings, edits: &[], places: &[] })?;
            let profiled = self.format == Format::Dicom && self.treats();
            return profiled.then(|| opened.release(&[]).map_err(wrong)).transpose();
        }
        let passages: Vec<_> = fields.iter().map(passage).collect();
        let mut source = &self.surrogates.texts;
        let obligations = &self.engine.obligations;
        let done = transform(&passages, &findings, &Constraints::default(), obligations, &mut source);
        let done = done.map_err(|error| failed(error.to_string()))?;
        let mut places = done.places().to_vec();
        let (mut edits, _, counts) = done.into_parts();
        passed.counts.merge(&counts);
        self.unique(fields, &mut edits, &mut places);
        self.show(&Sides { begins, fields, findings: &findings, edits: &edits, places: &places })?;
        let written = if self.treats() { opened.release(&edits) } else { opened.write(&edits) };
        Ok(Some(written.map_err(wrong)?))
    }

    /// Whether anything is to be changed at all.
    fn treats(&self) -> bool {
        let passes = |class| self.engine.obligations.treatment(class) == Treatment::Pass;
        !IdentifierClass::ALL.into_iter().all(passes)
    }

    /// What takes the place of a unique identifier is one too.
    fn unique(&self, fields: &[Field], edits: &mut [(usize, String)], places: &mut [Vec<Range<usize>>]) {
        for ((index, text), places) in edits.iter_mut().zip(places) {
            if let Some(field) = fields.get(*index).filter(|field| field.says == Says::Uid) {
                *text = self.surrogates.uid(&field.text);
                for place in places {
                    *place = 0..text.len();
                }
            }
        }
    }

    fn show(&mut self, sides: &Sides<'_>) -> Result<(), Problem> {
        let shown = self.page.as_mut().map_or(Ok(()), |page| page.record(sides));
        shown.map_err(|error| Problem::unwritable(&error))
    }
}

/// What the last part of a path that is a name says.
fn named(path: &str) -> &str {
    match path {
        // date of birth: of a patient, next of kin, guarantor, insured
        "PID-7" | "NK1-16" | "GT1-8" | "IN1-18" | "PID-7.1" | "NK1-16.1" | "GT1-8.1" | "IN1-18.1" => {
            "birthDate"
        }
        _ => {
            let path = path.strip_suffix("/@value").unwrap_or(path);
            path.rsplit(['.', '/']).next().unwrap_or(path)
        }
    }
}

fn passage(field: &Field) -> Passage<'_> {
    let label = match &field.says {
        Says::Text { label } => label.as_deref(),
        // the name of the element, by which a date is known to be of a birth
        Says::Is(_) | Says::Like(_) => Some(named(&field.path)),
        _ => None,
    };
    Passage { text: &field.text, label }
}
