//! What a file's columns are called, and whether its first row says so.

use std::collections::HashMap;

use terms::IdentifierClass;

use super::dialect::{Dialect, Place};
use super::names;
use crate::error::{StructureError, utf8};
use crate::field::Says;
use crate::form::longest_run;
use crate::name;
use crate::plan::Plan;
use crate::text::BOM;

/// Rows that are compared.
const ROWS: usize = 60;
/// Rows before that of names: blank ones, titles.
const BEFORE: usize = 10;
/// Longest label.
const LABEL: usize = 120;

/// What is known of a file's columns.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    pub(super) dialect: Dialect,
    /// The bytes up to the end of the row of names; empty where there is none.
    pub(super) head: Vec<u8>,
    /// Where in them that row begins.
    pub(super) names_at: usize,
    /// Whether it is sure that it is one; otherwise it is read as a row of values too.
    pub(super) sure: bool,
    /// How many cells a row has.
    pub(super) width: usize,
    called: Vec<Column>,
}

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Never a value.
    pub(crate) path: String,
    label: Option<String>,
    /// What a file of overrides may call it, in small letters.
    pub(crate) keys: Vec<String>,
}

impl Column {
    fn counted(number: usize) -> Self {
        let path = format!("column {number}");
        Self { keys: vec![path.clone()], path, label: None }
    }

    pub(super) fn says(&self) -> Says {
        self.label.as_deref().map_or_else(Says::text, Says::labelled)
    }
}

/// What is found in a cell, and whether it is all of it.
pub(crate) type Found = Option<(IdentifierClass, bool)>;

/// The first rows of a file.
struct Head {
    /// Trimmed.
    rows: Vec<Vec<String>>,
    places: Vec<Vec<Place>>,
    width: usize,
}

impl Columns {
    /// Reads the first rows. `found` tells what a detector finds in a cell alone.
    pub(crate) fn read(
        head: &[u8],
        plan: &Plan,
        found: &mut dyn FnMut(&str) -> Found,
    ) -> Result<Self, StructureError> {
        let dialect = Dialect::sniffed(head);
        let text = utf8(head)?;
        let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
        let read = Head::of(dialect.rows(text, start, ROWS)?, text);
        let mut columns = Self {
            dialect,
            head: Vec::new(),
            names_at: 0,
            sure: false,
            width: read.width,
            called: (1..=read.width).map(Column::counted).collect(),
        };
        let Some((at, sure)) = read.names(plan, found) else { return Ok(columns) };
        if let (Some(cells), Some(places)) = (read.rows.get(at), read.places.get(at)) {
            let end = places.last().map_or(0, |place| place.span.end);
            columns.head = head.get(..end).unwrap_or_default().to_vec();
            columns.names_at = places.first().map_or(0, |place| place.span.start);
            columns.sure = sure;
            columns.width = cells.len();
            columns.called = called(cells, sure, found);
        }
        Ok(columns)
    }

    /// A column, counted from 0.
    pub(super) fn column(&self, at: usize) -> Column {
        self.called.get(at).cloned().unwrap_or_else(|| Column::counted(at + 1))
    }
}

/// The columns that these names have. What may be a value is no path, nor is anything where names are not sure.
fn called(cells: &[String], sure: bool, found: &mut dyn FnMut(&str) -> Found) -> Vec<Column> {
    let mut times: HashMap<String, usize> = HashMap::new();
    let one = |(at, cell): (usize, &String)| {
        let mut column = Column::counted(at + 1);
        if cell.is_empty() {
            return column;
        }
        let lower = cell.to_lowercase();
        let nth = times.entry(lower.clone()).or_insert(0);
        *nth += 1;
        if sure && name::is_shown(cell) && (names::is_name(cell) || found(cell).is_none()) {
            column.path = if *nth > 1 { format!("{cell} ({nth})") } else { cell.clone() };
            column.keys.push(format!("{lower} ({nth})"));
        }
        column.keys.push(lower);
        column.label = Some(cell.chars().take(LABEL).collect::<String>())
            .filter(|label| label.chars().any(char::is_alphabetic));
        column
    };
    cells.iter().enumerate().map(one).collect()
}

impl Head {
    fn of(places: Vec<Vec<Place>>, text: &str) -> Self {
        let cells = |row: &Vec<Place>| row.iter().map(|place| place.text(text).trim().to_owned()).collect();
        let rows: Vec<Vec<String>> = places.iter().map(cells).collect();
        let mut widths: HashMap<usize, usize> = HashMap::new();
        for row in rows.iter().filter(|row| !is_skipped(row)) {
            *widths.entry(row.len()).or_default() += 1;
        }
        let width = widths.into_iter().max_by_key(|(width, count)| (*count, *width)).map_or(0, |most| most.0);
        Self { rows, places, width }
    }

    /// Which row holds names, and whether that is sure.
    fn names(&self, plan: &Plan, found: &mut dyn FnMut(&str) -> Found) -> Option<(usize, bool)> {
        if plan.header() == Some(false) {
            return None;
        }
        let filled = |row: &Vec<String>| row.iter().filter(|cell| !cell.is_empty()).count();
        let own = self.rows.iter().position(|row| !is_skipped(row))?;
        let full = |row: &Vec<String>| !is_skipped(row) && filled(row) * 2 > self.width;
        let at = self.rows.iter().take(BEFORE).position(full).unwrap_or(own);
        let row = self.rows.get(at)?;
        if plan.header() == Some(true) || row.iter().any(|cell| plan.overrides(&cell.to_lowercase())) {
            return Some((at, true));
        }
        let (mut named, mut against) = (0, 0);
        for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            named += usize::from(names::is_name(cell));
            against += usize::from(self.is_value(at, column, cell, found));
        }
        let lettered = row.iter().filter(|cell| cell.chars().any(char::is_alphabetic)).count();
        if named > 0 && named >= against {
            Some((at, true))
        } else {
            // names of a language that the list does not hold, or a first row of values
            (against == 0 && at == own && lettered * 2 > row.len()).then_some((at, false))
        }
    }

    /// Whether a cell of a row is like those below it.
    fn is_value(&self, row: usize, column: usize, cell: &str, found: &mut dyn FnMut(&str) -> Found) -> bool {
        let mut below = self.rows.iter().skip(row + 1).filter_map(|row| row.get(column));
        if names::is_name(cell) {
            return false;
        }
        let number = longest_run(cell) >= 5;
        if cell.contains('@')
            || below
                .clone()
                .any(|other| other.eq_ignore_ascii_case(cell) || number && longest_run(other) >= 5)
        {
            return true;
        }
        let class = found(cell).map(|(class, _)| class);
        class.is_some() && below.by_ref().take(8).any(|other| found(other).map(|(class, _)| class) == class)
    }
}

/// A blank row, and that in which a program of tables says what stands between cells.
pub(super) fn is_skipped(row: &[String]) -> bool {
    row.iter().all(String::is_empty) || super::dialect::is_separator(row.first().map_or("", String::as_str))
}
