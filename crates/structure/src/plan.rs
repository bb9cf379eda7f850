//! What is known of columns and paths before a record is opened: from a file of its owner, and from a sample.

use std::collections::{BTreeMap, HashMap};

use deid::{DetectError, Detector, Known, Passage};
use serde::Deserialize;
use terms::IdentifierClass;

use crate::csv::Columns;
use crate::field::{Field, Says};
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
    /// In small letters.
    overrides: HashMap<String, Told>,
    learned: HashMap<String, IdentifierClass>,
    columns: Option<Columns>,
}

#[derive(Clone, Copy, Debug)]
enum Told {
    Text,
    Plain,
    Class(IdentifierClass),
}

/// Why a file of overrides cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Not TOML, or not of this form.
    #[error("{0}")]
    Toml(String),
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
    columns: BTreeMap<String, String>,
    #[serde(default)]
    paths: BTreeMap<String, String>,
}

impl Plan {
    /// Reads a file of overrides: under `[columns]` names of columns, under `[paths]` paths of elements, each with
    /// `"text"` (a detector examines it, whatever its name), `"plain"` (no identifier) or a class (`"MRN"`).
    ///
    /// # Errors
    /// What is no TOML of this form, and a word that is no class.
    pub fn parse_overrides(toml: &str) -> Result<Self, PlanError> {
        let file: File = toml::from_str(toml).map_err(|error| PlanError::Toml(error.message().to_owned()))?;
        let mut plan = Self::default();
        for (column, word) in file.columns.into_iter().chain(file.paths) {
            let told = match word.to_ascii_lowercase().as_str() {
                "text" => Told::Text,
                "plain" => Told::Plain,
                _ => match word.to_ascii_uppercase().parse() {
                    Ok(class) => Told::Class(class),
                    Err(_) => return Err(PlanError::Class { column, word }),
                },
            };
            plan.overrides.insert(column.trim().to_lowercase(), told);
        }
        Ok(plan)
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
            && let Some(columns) = sample_records.first().and_then(|first| Columns::read(first).ok())
        {
            self.columns = Some(columns);
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

    /// What is known of the values at a path.
    pub(crate) fn says(&self, path: &str) -> Option<Says> {
        if !self.overrides.is_empty()
            && let Some(told) = self.overrides.get(&path.to_lowercase())
        {
            return Some(match told {
                Told::Text => Says::text(),
                Told::Plain => Says::Plain,
                Told::Class(class) => Says::Is(*class),
            });
        }
        self.learned.get(path).map(|class| Says::Is(*class))
    }

    /// What is known of a value at a path: one that says that there is none is no identifier.
    pub(crate) fn says_of(&self, path: &str, value: &str) -> Option<Says> {
        let none = ["-", "n/a", "null", "unknown"].iter().any(|none| value.trim().eq_ignore_ascii_case(none));
        self.says(path).map(|says| if none { Says::text() } else { says })
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
        assert_eq!(plan.says("A.b"), Some(Says::Is(Mrn)));
        assert!(matches!(Plan::parse_overrides("[columns]\na = \"name of\""), Err(PlanError::Class { .. })));
        assert!(matches!(Plan::parse_overrides("[rows]\na = 1"), Err(PlanError::Toml(_))));
    }
}
