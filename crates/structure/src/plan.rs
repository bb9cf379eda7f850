//! What is known of columns and paths before a record is opened: from a file of its owner, and from a sample.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deid::{DetectError, Detector, Known, Passage};
use serde::Deserialize;
use terms::IdentifierClass;

use crate::csv::{Column, Columns};
use crate::field::{Field, Says};
use crate::form;
use crate::format::Format;
use crate::record::open;

/// Values of one path that are examined.
const VALUES: u32 = 200;
/// Fewer values than this tell nothing.
const FEWEST: u32 = 4;
/// How many of them, in per cent, must be of one class.
const MOST: u32 = 60;
/// Longer values are prose.
const LONGEST: usize = 120;

/// What is known of columns and paths. The default knows nothing.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// In small letters, and whether something was met that it is about: shared by clones.
    overrides: Arc<BTreeMap<String, (Told, AtomicBool)>>,
    header: Option<bool>,
    learned: HashMap<String, IdentifierClass>,
    columns: Option<Columns>,
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Text,
    Plain,
    Class(IdentifierClass),
}

impl Told {
    /// What it says of a value. What is not of the form of its class may hold something else beside it.
    fn says(self, value: &str) -> Says {
        match self {
            Self::Text => Says::text(),
            Self::Plain => Says::Plain,
            Self::Class(class) if form::fits(class, value) => Says::Is(class),
            Self::Class(class) => Says::Like(class),
        }
    }
}

/// Why a file of overrides cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Not TOML, or not of this form.
    #[error("{0}")]
    Toml(String),
    /// Two names that differ in capitals or spaces alone, or a name under both headings.
    #[error("`{column}` stands there twice")]
    Twice {
        /// Which.
        column: String,
    },
    /// A column is told to be what no class is.
    #[error("`{word}` of `{column}` is no class of identifiers, nor `text` or `plain`")]
    Class {
        /// Whose it is.
        column: String,
        /// What stands there.
        word: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    header: Option<bool>,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    paths: BTreeMap<String, String>,
}

impl Plan {
    /// Reads a file of overrides: under `[columns]` names of columns, under `[paths]` paths of elements, each with
    /// `"text"` (a detector examines it, whatever its name), `"plain"` (no identifier) or a class (`"MRN"`). `header` says
    /// whether the first row of CSV holds names.
    ///
    /// # Errors
    /// What is no TOML of this form, a word that is no class, and a name that stands there twice.
    pub fn parse_overrides(toml: &str) -> Result<Self, PlanError> {
        let file: File = toml::from_str(toml).map_err(|error| PlanError::Toml(error.message().to_owned()))?;
        let mut overrides = BTreeMap::new();
        for (column, word) in file.columns.into_iter().chain(file.paths) {
            let told = match word.to_ascii_lowercase().as_str() {
                "text" => Told::Text,
                "plain" => Told::Plain,
                _ => match word.to_ascii_uppercase().parse() {
                    Ok(class) => Told::Class(class),
                    Err(_) => return Err(PlanError::Class { column, word }),
                },
            };
            if overrides.insert(column.trim().to_lowercase(), (told, AtomicBool::new(false))).is_some() {
                return Err(PlanError::Twice { column });
            }
        }
        Ok(Self { overrides: Arc::new(overrides), header: file.header, ..Self::default() })
    }

    /// Learns from the first records, which begin with the first of the file: names of columns, and which columns or
    /// paths hold one class of identifiers. The class of most of a column's values is that of all of them, also of those
    /// that the detector would miss. Records that cannot be read teach nothing.
    ///
    /// # Errors
    /// The detector's.
    pub fn learn(
        &mut self,
        format: Format,
        sample_records: &[&[u8]],
        detector: &Detector,
    ) -> Result<(), DetectError> {
        if format == Format::Csv
            && let Some(first) = sample_records.first()
        {
            self.columns = self.columns_of(first, detector)?;
        }
        if !matches!(format, Format::Csv | Format::JsonLines | Format::Json) {
            return Ok(());
        }
        let mut tallies: HashMap<String, Tally> = HashMap::new();
        for record in sample_records {
            let Ok(record) = open(format, record, self) else { continue };
            for field in record.fields() {
                if !matches!(field.says, Says::Text { .. }) {
                    continue;
                }
                let tally = match tallies.get_mut(&field.path) {
                    Some(tally) => tally,
                    None => tallies.entry(field.path.clone()).or_default(),
                };
                tally.add(field, detector)?;
            }
        }
        let classes = tallies.into_iter().filter_map(|(path, tally)| Some((path, tally.class()?)));
        self.learned.extend(classes);
        Ok(())
    }

    fn columns_of(&self, first: &[u8], detector: &Detector) -> Result<Option<Columns>, DetectError> {
        let mut failed = None;
        let columns = Columns::read(first, self, &mut |cell| {
            let found = detector.detect(Passage::prose(cell), &Known::none());
            let found = found.map_err(|error| failed = Some(error)).unwrap_or_default();
            found.first().map(|found| (found.class, found.span == (0..cell.len())))
        });
        failed.map_or(Ok(columns.ok()), Err)
    }

    /// Whether the columns of a CSV file are known: without them, none of its rows after the first block can be read.
    pub const fn knows_columns(&self) -> bool {
        self.columns.is_some()
    }

    /// The same overrides, of which none was met yet, and nothing learned.
    #[must_use]
    pub fn anew(&self) -> Self {
        let unmet = |(name, (told, _)): (&String, &(Told, AtomicBool))| {
            (name.clone(), (*told, AtomicBool::new(false)))
        };
        let overrides = Arc::new(self.overrides.iter().map(unmet).collect());
        Self { overrides, header: self.header, ..Self::default() }
    }

    /// Names of the file of overrides, in small letters, that nothing was met for by this plan or a clone of it.
    pub fn unmatched(&self) -> Vec<&str> {
        let unmet = self.overrides.iter().filter(|(_, (_, met))| !met.load(Ordering::Relaxed));
        unmet.map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) const fn header(&self) -> Option<bool> {
        self.header
    }

    /// Whether there is an override of this name, in small letters.
    pub(crate) fn overrides(&self, name: &str) -> bool {
        self.overrides.contains_key(name)
    }

    fn told(&self, name: &str) -> Option<Told> {
        let (told, met) = self.overrides.get(name)?;
        met.store(true, Ordering::Relaxed);
        Some(*told)
    }

    /// What is known of a value at a path. A field of HL7 v2 that is named covers its components.
    pub(crate) fn says(&self, path: &str, value: &str) -> Option<Says> {
        if !self.overrides.is_empty() {
            let path = path.to_lowercase();
            let hl7 = path.get(3..4) == Some("-")
                && path.get(4..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            let mut name = path.as_str();
            loop {
                if let Some(told) = self.told(name) {
                    return Some(told.says(value));
                }
                match name.rsplit_once('.').filter(|_| hl7) {
                    Some((outer, _)) => name = outer,
                    None => break,
                }
            }
        }
        self.learned.get(path).map(|class| Told::Class(*class).says(value))
    }

    /// What is known of a cell: one that says that there is nothing is no identifier.
    pub(crate) fn says_of_cell(&self, column: &Column, value: &str) -> Option<Says> {
        let none = ["-", "n/a", "null", "unknown"].iter().any(|none| value.trim().eq_ignore_ascii_case(none));
        let told = || column.keys.iter().rev().find_map(|key| self.told(key)).map(|told| told.says(value));
        let told = if self.overrides.is_empty() { None } else { told() };
        let learned = || self.learned.get(&column.path).map(|class| Told::Class(*class).says(value));
        told.or_else(learned).map(|says| if none { Says::text() } else { says })
    }

    pub(crate) const fn columns(&self) -> Option<&Columns> {
        self.columns.as_ref()
    }
}

/// What a detector said of the values at one path.
#[derive(Default)]
struct Tally {
    values: u32,
    classes: BTreeMap<IdentifierClass, u32>,
}

impl Tally {
    fn add(&mut self, field: &Field, detector: &Detector) -> Result<(), DetectError> {
        if self.values >= VALUES {
            return Ok(());
        }
        self.values += 1;
        let text = field.text.trim();
        if text.len() > LONGEST {
            return Ok(());
        }
        let Says::Text { label } = &field.says else { return Ok(()) };
        let passage = Passage { text, label: label.as_deref() };
        let whole =
            detector.detect(passage, &Known::none())?.into_iter().find(|found| found.span == (0..text.len()));
        if let Some(found) = whole {
            *self.classes.entry(found.class).or_default() += 1;
        }
        Ok(())
    }

    /// The class of most values. An age is not one over 89 because most of its column are.
    fn class(&self) -> Option<IdentifierClass> {
        let (class, count) = self.classes.iter().max_by_key(|(_, count)| **count)?;
        let most = self.values >= FEWEST && count * 100 >= self.values * MOST;
        (most && *class != IdentifierClass::AgeOver89).then_some(*class)
    }
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{Mrn, Ssn};

    use super::*;

    #[test]
    fn the_class_of_most_values_is_that_of_all() {
        let file = b"Key,Code,Note\n478-23-1905,a1,x\n478-23-1906,b2,y\n478-23-1907,c3,z\n478-23-1908,d4,w\n4782,e5,v\n";
        let mut plan = Plan::default();
        plan.learn(Format::Csv, &[file], &Detector::rules()).unwrap();
        let record = open(Format::Csv, b"4782,e5,v\n-,f,g\n", &plan).unwrap();
        let seen: Vec<_> = record.fields().iter().map(|f| (f.path.as_str(), f.says.clone())).collect();
        assert_eq!(seen[0], ("Key", Says::Is(Ssn)));
        let record = open(Format::Csv, b"\"4782 was Harold\",e5,v\n", &plan).unwrap();
        assert_eq!(record.fields()[0].says, Says::Like(Ssn));
        assert_eq!(seen[1], ("Code", Says::labelled("Code")));
        assert_eq!(seen[3], ("Key", Says::text()));
        let lines: Vec<_> = (5..9).map(|n| format!(r#"{{"who": {{"key": "478-23-190{n}"}}}}"#)).collect();
        let lines: Vec<_> = lines.iter().map(String::as_bytes).collect();
        let mut plan = Plan::default();
        plan.learn(Format::JsonLines, &lines, &Detector::rules()).unwrap();
        let record = open(Format::JsonLines, br#"{"who": {"key": "4782"}}"#, &plan).unwrap();
        assert_eq!(record.fields()[0].says, Says::Is(Ssn));
    }

    #[test]
    fn overrides_are_read_and_judged() {
        let plan = Plan::parse_overrides("[paths]\n\"a.b\" = \"mrn\"").unwrap();
        assert_eq!(plan.says("A.b", "7"), Some(Says::Is(Mrn)));
        let plan = Plan::parse_overrides("[paths]\n\"ZPI-2\" = \"plain\"\nabsent = \"plain\"").unwrap();
        assert_eq!(plan.clone().says("ZPI-2.1.3", "x"), Some(Says::Plain));
        assert_eq!(plan.unmatched(), ["absent"]);
        let twice = Plan::parse_overrides("[columns]\na = \"mrn\"\n\" A\" = \"plain\"");
        assert!(matches!(twice, Err(PlanError::Twice { .. })));
        assert!(matches!(Plan::parse_overrides("[columns]\na = \"name of\""), Err(PlanError::Class { .. })));
        assert!(matches!(Plan::parse_overrides("[rows]\na = 1"), Err(PlanError::Toml(_))));
    }
}
