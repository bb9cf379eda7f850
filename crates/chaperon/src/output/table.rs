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
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        grid.set_header(headings.map(str::to_uppercase));
        Self { grid, rows: 0 }
    }

    /// A list of facts: names on the left, values on the right, no headings.
    pub(crate) fn facts() -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        Self { grid, rows: 0 }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.grid.add_row(cells.map(|cell| safe(cell).into_owned()));
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
            out.line(line.trim_end().strip_prefix(' ').unwrap_or(line.trim_end()))?;
        }
        Ok(())
    }
}
