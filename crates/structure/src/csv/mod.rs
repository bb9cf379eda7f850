//! Rows of cells (RFC 4180, and what is in use beside it).
//!
//! Neither `csv` nor `csv-core` says where a cell stands in the bytes or how it was quoted, so that what nobody changed
//! could not stay as it is: the scanner is ours.

mod dialect;

pub(crate) use dialect::{Cell, Dialect, Place, SAMPLE};

use std::collections::HashSet;

use crate::error::{StructureError, utf8};
use crate::field::Says;
use crate::name;
use crate::plan::Plan;
use crate::record::{Draft, Writing};
use crate::text::BOM;

/// What is known of a file's columns.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    dialect: Dialect,
    /// The bytes of the row of names; empty where there is none.
    row: Vec<u8>,
    names: Vec<String>,
}

impl Columns {
    /// Reads the first rows.
    pub(crate) fn read(head: &[u8]) -> Result<Self, StructureError> {
        let dialect = Dialect::sniffed(head);
        let text = utf8(head)?;
        let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
        let rows = dialect.rows(text, start, 8)?;
        let Some(first) = rows.first().filter(|row| is_header(text, row)) else {
            return Ok(Self { dialect, row: Vec::new(), names: Vec::new() });
        };
        let names = first.iter().map(|place| place.text(text).trim().to_owned()).collect();
        let end = first.last().map_or(start, |place| place.span.end);
        Ok(Self { dialect, row: head.get(..end).unwrap_or_default().to_vec(), names })
    }

    /// The name of a column, counted from 0.
    fn path(&self, column: usize) -> String {
        match self.names.get(column).filter(|name| name::is_shown(name)) {
            Some(name) => name.clone(),
            None => format!("column {}", column + 1),
        }
    }

    fn label(&self, column: usize) -> Says {
        let name = self.names.get(column).filter(|name| name::is_shown(name));
        name.map_or_else(Says::text, |name| Says::labelled(name))
    }
}

/// Names of columns: each looks like a name, no two are the same, and few are blank.
fn is_header(text: &str, row: &[Place]) -> bool {
    let cells: Vec<_> = row.iter().map(|place| place.text(text).trim().to_lowercase()).collect();
    let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
    let mut seen = HashSet::new();
    let distinct = cells.iter().all(|cell| cell.is_empty() || seen.insert(cell));
    let names = cells.iter().all(|cell| cell.is_empty() || name::is_shown(cell));
    filled * 2 > cells.len() && distinct && names
}

/// The fields of a block of rows.
pub(crate) fn open(record: &[u8], plan: &Plan) -> Result<Draft, StructureError> {
    let text = utf8(record)?;
    let sniffed;
    let columns = if let Some(columns) = plan.columns() {
        columns
    } else {
        sniffed = Columns::read(record)?;
        &sniffed
    };
    let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let mut names = !columns.row.is_empty() && record.starts_with(&columns.row);
    let mut draft = Draft::default();
    columns.dialect.each_row(text, start, |row| {
        for (column, place) in row.iter().enumerate() {
            let value = place.text(text);
            if value.trim().is_empty() {
                continue;
            }
            let path = columns.path(column);
            let says = if names {
                Says::text()
            } else {
                plan.says_of(&path, &value).unwrap_or_else(|| columns.label(column))
            };
            let cell = Writing::Cell(place.cell(columns.dialect));
            draft.push(path, value.into_owned(), says, place.span.clone(), cell);
        }
        names = false;
        true
    })?;
    Ok(draft)
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::Mrn;

    use super::*;
    use crate::{Format, open};

    #[test]
    fn cells_carry_the_name_of_their_column() {
        let file =
            b"\xEF\xBB\xBFPatient Name;MRN;Note\r\n\"Finchley; Harold\";48213377;ok\n;;\"a \"\"b\"\"\"\n";
        let record = open(Format::Csv, file, &Plan::default()).unwrap();
        let seen: Vec<_> = record.fields().iter().map(|f| (f.path.as_str(), f.text.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("Patient Name", "Patient Name"),
                ("MRN", "MRN"),
                ("Note", "Note"),
                ("Patient Name", "Finchley; Harold"),
                ("MRN", "48213377"),
                ("Note", "ok"),
                ("Note", "a \"b\"")
            ]
        );
        assert_eq!(record.fields()[0].says, Says::text());
        assert_eq!(record.fields()[4].says, Says::labelled("MRN"));
        assert_eq!(record.write(&[]).unwrap(), file);
        let edits = [(3, "N\"1".to_owned()), (4, "a;b".to_owned()), (6, "c".to_owned())];
        let wanted = b"\xEF\xBB\xBFPatient Name;MRN;Note\r\n\"N\"\"1\";\"a;b\";ok\n;;\"c\"\n";
        assert_eq!(record.write(&edits).unwrap(), wanted);
    }

    #[test]
    fn without_names_columns_are_counted() {
        let record = open(Format::Csv, b"48213377,Finchley\n48213378,Oduya\n", &Plan::default()).unwrap();
        let paths: Vec<_> = record.fields().iter().map(|f| f.path.as_str()).collect();
        assert_eq!(paths, ["column 1", "column 2", "column 1", "column 2"]);
    }

    #[test]
    fn a_file_of_overrides_decides() {
        let plan = Plan::parse_overrides("[columns]\npatientkey = \"mrn\"\nWard = \"plain\"\nMRN = \"text\"")
            .unwrap();
        let record = open(Format::Csv, b"PatientKey,Ward,MRN\nA1,B2,C3\n", &plan).unwrap();
        let says: Vec<_> = record.fields().iter().skip(3).map(|f| f.says.clone()).collect();
        assert_eq!(says, [Says::Is(Mrn), Says::Plain, Says::text()]);
    }
}
