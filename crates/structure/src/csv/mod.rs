//! Rows of cells (RFC 4180, and what is in use beside it).
//!
//! Neither `csv` nor `csv-core` says where a cell stands in the bytes or how it was quoted, so that what nobody changed
//! could not stay as it is: the scanner is ours.

mod columns;
mod dialect;
mod names;

pub(crate) use columns::{Column, Columns};
pub(crate) use dialect::{Cell, Dialect, Place, SAMPLE};

use crate::error::{StructureError, utf8};
use crate::field::Says;
use crate::plan::Plan;
use crate::record::{Draft, Writing};
use crate::text::BOM;

/// The fields of a block of rows.
pub(crate) fn open(record: &[u8], plan: &Plan) -> Result<Draft, StructureError> {
    let text = utf8(record)?;
    let sniffed;
    let columns = if let Some(columns) = plan.columns() {
        columns
    } else {
        sniffed = Columns::read(record, plan, &mut |_| None)?;
        &sniffed
    };
    let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let head = if record.starts_with(&columns.head) { columns.head.len() } else { 0 };
    let mut draft = Draft::default();
    columns.dialect.each_row(text, start, |row| {
        let begins = row.first().map_or(0, |place| place.span.start);
        if begins < head && row.len() <= 2 && dialect::is_separator(&place_text(row, text)) {
            return true;
        }
        let kind = if begins < head && (columns.sure || begins < columns.names_at) {
            Row::Names
        } else if row.len() == columns.width && row.iter().all(|place| place.is_whole(text)) {
            Row::Values
        } else {
            Row::Shifted
        };
        for (at, place) in row.iter().enumerate() {
            let value = place.text(text);
            if value.trim().is_empty() {
                continue;
            }
            let column = columns.column(at);
            let says = kind.says(plan, &column, &value);
            let cell = Writing::Cell(place.cell(columns.dialect));
            draft.push(column.path, value.into_owned(), says, place.span.clone(), cell);
        }
        true
    })?;
    Ok(draft)
}

fn place_text(row: &[Place], text: &str) -> String {
    row.first().map(|place| place.text(text).trim().to_owned()).unwrap_or_default()
}

/// What a row holds.
#[derive(Clone, Copy)]
enum Row {
    /// names of columns, or a title before them
    Names,
    Values,
    /// more or fewer cells than there are columns, or one that is quoted in part: none may be where it belongs
    Shifted,
}

impl Row {
    fn says(self, plan: &Plan, column: &Column, value: &str) -> Says {
        let told = plan.says_of_cell(column, value);
        match (self, told) {
            (Self::Names, _) => Says::text(),
            (Self::Values, Some(says)) => says,
            (Self::Shifted, Some(Says::Is(class) | Says::Like(class))) => Says::Like(class),
            (Self::Values | Self::Shifted, _) => column.says(),
        }
    }
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

    fn fields(file: &[u8], plan: &Plan) -> Vec<(String, String, Says)> {
        let record = open(Format::Csv, file, plan).unwrap();
        record.fields().iter().map(|f| (f.path.clone(), f.text.clone(), f.says.clone())).collect()
    }

    #[test]
    fn an_odd_name_is_one_column_s_matter() {
        let long = "x".repeat(70);
        for (head, path, label) in [
            ("MRN,City,Income 2019".to_owned(), "column 3", "Income 2019"),
            ("MRN,City,\"Last, First\"".to_owned(), "column 3", "Last, First"),
            (format!("MRN,City,{long}"), "column 3", long.as_str()),
            ("MRN,Phone,Phone".to_owned(), "Phone (2)", "Phone"),
            ("\nMRN,City,Phone".to_owned(), "Phone", "Phone"),
            (",,\nMRN,City,Phone".to_owned(), "Phone", "Phone"),
            ("Report of May,,\nMRN,City,Phone".to_owned(), "Phone", "Phone"),
            ("sep=,\nMRN,City,Phone".to_owned(), "Phone", "Phone"),
        ] {
            let file = format!("{head}\n48213377,Kent,x7\n48213378,Parma,x8\n");
            let seen = fields(file.as_bytes(), &Plan::default());
            let last = seen.last().unwrap();
            assert_eq!((last.0.as_str(), &last.2), (path, &Says::labelled(label)), "{head}");
            assert_eq!(seen[seen.len() - 3].2, Says::labelled("MRN"), "{head}");
            assert!(seen.iter().all(|field| !field.1.starts_with("sep=")));
        }
        let seen = fields(b"sep=;\nMRN;City\n1,5;Kent\n", &Plan::default());
        assert_eq!(seen.last().unwrap().2, Says::labelled("City"));
    }

    #[test]
    fn a_first_row_of_values_is_no_row_of_names() {
        let files: [&[u8]; 2] = [
            b"Harold,Finchley,Kent\nAnn,Oduya,Parma\n",
            b"Harold,Finchley,a@b.example\nAnn,Oduya,c@d.example\n",
        ];
        for file in files {
            let mut plan = Plan::default();
            plan.learn(Format::Csv, &[file], &deid::Detector::rules()).unwrap();
            let seen = fields(file, &plan);
            assert!(seen.iter().all(|field| field.0.starts_with("column ")), "{seen:?}");
        }
        let plan = Plan::parse_overrides("header = false\n[columns]\n\"column 1\" = \"NAME\"").unwrap();
        assert_eq!(fields(files[0], &plan)[0].2, Says::Is(terms::IdentifierClass::Name));
        let plan = Plan::parse_overrides("header = true").unwrap();
        assert_eq!(fields(b"Nom,Ville\nx,y\n", &plan)[2].0, "Nom");
        let plan = Plan::parse_overrides("[columns]\nville = \"plain\"").unwrap();
        assert_eq!(fields(b"Nom,Ville\nx,y\n", &plan)[3], ("Ville".into(), "y".into(), Says::Plain));
    }

    #[test]
    fn cells_of_a_row_that_is_shifted_are_all_examined() {
        let plan = Plan::parse_overrides("[columns]\nWard = \"plain\"\nmrn = \"mrn\"").unwrap();
        let seen = fields(b"MRN,Name,Ward\n7,Ann,W\n7,Finchley, Harold,W\n7,\"Ann\"x,W\n", &plan);
        assert_eq!(seen[5].2, Says::Plain);
        assert_eq!((&seen[6].2, &seen[8].2), (&Says::Like(Mrn), &Says::labelled("Ward")));
        assert_eq!(seen[12].2, Says::labelled("Ward"));
    }
}
