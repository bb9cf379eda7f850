//! The report as plain text, in lines that a terminal or a mail holds.

use std::fmt::Write as _;

use super::view::{Block, Grid, Meaning, Section, View};
use crate::output::Table;

/// Columns of running text.
const WIDTH: usize = 96;

/// The whole report, a newline at its end.
pub(super) fn write(view: &View) -> String {
    let mut text = String::new();
    heading(&mut text, &view.title, '=');
    let mut about = Table::facts();
    for (name, value) in &view.about {
        about.fact(name, value);
    }
    about.lines().iter().for_each(|line| push(&mut text, line));
    heading(&mut text, "Summary", '-');
    if !view.points.iter().any(|point| point.act) {
        push(&mut text, "Nothing in this period needs a person's action.");
    }
    for point in &view.points {
        wrapped(&mut text, if point.act { "ACT   " } else { "know  " }, &point.text);
    }
    view.sections.iter().for_each(|part| section(&mut text, part));
    text
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn heading(text: &mut String, words: &str, underline: char) {
    if !text.is_empty() {
        text.push('\n');
    }
    push(text, words);
    text.extend(std::iter::repeat_n(underline, words.chars().count()));
    text.push('\n');
}

fn section(text: &mut String, section: &Section) {
    heading(text, section.heading, '-');
    for (index, block) in section.blocks.iter().enumerate() {
        match block {
            Block::Words(words) => {
                if index > 0 {
                    text.push('\n');
                }
                wrapped(text, "", words);
            }
            Block::Grid(one) => grid(text, one),
        }
    }
    for code in &section.codes {
        meaning(text, code);
    }
}

fn grid(text: &mut String, grid: &Grid) {
    let _ = writeln!(text, "\n{}:", grid.caption);
    let mut table = Table::new(grid.headings.iter().map(|heading| heading.text));
    for (column, _) in grid.headings.iter().enumerate().filter(|(_, heading)| heading.number) {
        table.numbers(column);
    }
    for row in &grid.rows {
        table.row(row.iter().map(|cell| cell.text.as_str()));
    }
    table.lines().iter().for_each(|line| push(text, line));
    if !grid.below.is_empty() {
        push(text, &grid.below);
    }
}

fn meaning(text: &mut String, meaning: &Meaning) {
    let _ = writeln!(text, "\n{}: {}", meaning.code, meaning.title);
    for (name, value) in [("  rule  ", &meaning.rule), ("  help  ", &meaning.help)] {
        if !value.is_empty() {
            wrapped(text, name, value);
        }
    }
}

/// Words in lines, the first after `lead`, the others indented as far.
fn wrapped(text: &mut String, lead: &str, words: &str) {
    text.push_str(lead);
    let indent = lead.chars().count();
    let mut column = indent;
    for word in words.split(' ') {
        let width = word.chars().count();
        if column > indent && column + 1 + width > WIDTH {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if column > indent {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_under_their_lead() {
        let mut text = String::new();
        wrapped(&mut text, "ACT   ", &"seven77 ".repeat(14));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(lines[0].starts_with("ACT   seven77 ") && lines[1].starts_with("      seven77"), "{text}");
    }
}
