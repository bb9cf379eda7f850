//! Tables for people.

use anstyle::Style;
use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, presets};

use super::{Output, safe};
use crate::failure::Failure;

/// Rows under headings; every cell is made harmless when it is added.
pub(crate) struct Table {
    grid: Grid,
    headings: usize,
    rows: usize,
    painted: Vec<Painted>,
}

/// A cell with a colour.
struct Painted {
    /// Its row, counted from 0.
    row: usize,
    /// What stands before it in its row.
    before: Vec<String>,
    cell: String,
    style: Style,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new<'a>(headings: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = Self::facts();
        table.headings = 1;
        table.grid.set_header(headings.into_iter().map(str::to_uppercase));
        table
    }

    /// A list of facts: names on the left, values on the right, no headings.
    pub(crate) fn facts() -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        Self { grid, headings: 0, rows: 0, painted: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.grid.add_row(cells.into_iter().map(|cell| safe(cell.as_ref()).into_owned()));
        self.rows += 1;
    }

    /// Adds a row whose cell in `column` has a colour, where what is written is coloured.
    pub(crate) fn painted(&mut self, cells: &[&str], column: usize, style: Style) {
        if let Some(cell) = cells.get(column) {
            let before = cells.iter().take(column).map(|cell| safe(cell).into_owned()).collect();
            let cell = safe(cell).into_owned();
            self.painted.push(Painted { row: self.rows, before, cell, style });
        }
        self.row(cells);
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
        let mut lines = self.lines();
        if out.is_coloured() {
            for painted in &self.painted {
                if let Some(line) = lines.get_mut(self.headings + painted.row) {
                    *line = painted.on(line);
                }
            }
        }
        lines.iter().try_for_each(|line| out.line(line))
    }

    /// Puts the numbers of a column under one another.
    pub(crate) fn numbers(&mut self, column: usize) {
        if let Some(column) = self.grid.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }

    /// The lines of the table, headings first.
    pub(crate) fn lines(&self) -> Vec<String> {
        let text = self.grid.to_string();
        let lines = text.lines().map(str::trim_end);
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned()).collect()
    }
}

impl Painted {
    /// The line with its cell coloured; every cell is one line, in order, with blanks between.
    fn on(&self, line: &str) -> String {
        self.place(line).map_or_else(
            || line.to_owned(),
            |(before, after)| {
                let Self { cell, style, .. } = self;
                format!("{before}{style}{cell}{style:#}{after}")
            },
        )
    }

    fn place<'a>(&self, line: &'a str) -> Option<(&'a str, &'a str)> {
        let mut rest = line;
        for cell in &self.before {
            rest = rest.trim_start_matches(' ').strip_prefix(cell.trim_start_matches(' '))?;
        }
        let after = rest.trim_start_matches(' ').strip_prefix(self.cell.as_str())?;
        let before = line.get(..line.len() - after.len() - self.cell.len())?;
        Some((before, after))
    }
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;

    use super::*;

    #[test]
    fn colours_change_nothing_but_colour() {
        let mut table = Table::new(["where", "class"]);
        let style = AnsiColor::Red.on_default();
        table.painted(&[" MRN \u{6f22}:1", "MRN", "MRN"], 1, style);
        table.painted(&["b:1", "DATE", ""], 1, style);
        let lines = table.lines();
        let coloured: Vec<_> =
            table.painted.iter().map(|painted| painted.on(&lines[1 + painted.row])).collect();
        assert_eq!(lines[1].matches("MRN").count(), 3);
        assert!(coloured[0].contains("\u{6f22}:1  \u{1b}[31mMRN\u{1b}[0m  "), "{coloured:?}");
        for (plain, coloured) in lines.iter().skip(1).zip(&coloured) {
            assert_eq!(&coloured.replace("\u{1b}[31m", "").replace("\u{1b}[0m", ""), plain);
            assert_eq!(coloured.matches('\u{1b}').count(), 2, "{coloured}");
        }
    }
}
