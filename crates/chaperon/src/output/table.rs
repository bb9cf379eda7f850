//! Tables for people.

use comfy_table::{ContentArrangement, Table as Grid, presets};

use super::{Output, safe};
use crate::failure::Failure;

/// Rows under headings; every cell is made harmless when it is added.
pub(crate) struct Table {
    grid: Grid,
    rows: usize,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new<'a>(headings: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = Self::facts();
        table.grid.set_header(headings.into_iter().map(str::to_uppercase));
        table
    }

    /// A list of facts: names on the left, values on the right, no headings.
    pub(crate) fn facts() -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        Self { grid, rows: 0 }
    }

    /// Adds a row.
    pub(crate) fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.grid.add_row(cells.into_iter().map(|cell| safe(cell.as_ref()).into_owned()));
        self.rows += 1;
    }

    /// Adds a fact, unless its value is empty.
    pub(crate) fn fact(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.row([name, value]);
        }
    }

    /// Writes the table, or `nothing` when it has no rows.
    pub(crate) fn write(&self, out: &mut Output, nothing: &str) -> Result<(), Failure> {
        if self.rows == 0 {
            return out.line(nothing);
        }
        for line in self.grid.to_string().lines() {
            let line = line.trim_end();
            out.line(line.strip_prefix(' ').unwrap_or(line))?;
        }
        Ok(())
    }
}
