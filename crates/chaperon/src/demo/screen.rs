//! What the demo shows: columns side by side, wrapped to the width of a page.

use std::fmt::Write as _;

/// Characters of a line.
const WIDTH: usize = 108;

/// A title over a rule.
pub(super) fn title(text: &str) -> String {
    let rule = "─".repeat(WIDTH.saturating_sub(text.chars().count() + 4));
    format!("\n── {text} {rule}")
}

/// Columns side by side, each under its heading.
pub(super) fn columns(columns: &[(&str, String)]) -> String {
    let count = columns.len().max(1);
    let width = (WIDTH - 3 * (count - 1)) / count;
    let cells: Vec<Vec<String>> = columns
        .iter()
        .map(|(heading, text)| {
            let mut lines = vec![(*heading).to_owned(), "╌".repeat(width)];
            lines.extend(wrap(text, width));
            lines
        })
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let mut out = String::new();
    for row in 0..height {
        let line: Vec<String> = cells
            .iter()
            .map(|cell| {
                let text = cell.get(row).map_or("", String::as_str);
                format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
            })
            .collect();
        let _written = writeln!(out, "{}", line.join(" │ ").trim_end());
    }
    out
}

/// Breaks text at spaces; a word longer than a line is broken where it must be.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let mut word: Vec<char> = word.chars().collect();
            let room = width.saturating_sub(line.chars().count());
            if !line.is_empty() && word.len() + 1 > room {
                lines.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(' ');
            }
            while word.len() > width {
                lines.push(word.drain(..width).collect());
            }
            line.extend(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_never_wider_than_the_column() {
        let lines = wrap("Jane Alvarez was seen on 03/14/2026\nverylongwordthatdoesnotfit", 10);
        assert!(lines.iter().all(|line| line.chars().count() <= 10), "{lines:?}");
        assert_eq!(
            lines.concat().replace(' ', ""),
            "JaneAlvarezwasseenon03/14/2026verylongwordthatdoesnotfit"
        );
    }

    #[test]
    fn columns_stand_side_by_side() {
        let shown = columns(&[("sent", "a b".to_owned()), ("received", "c".to_owned())]);
        let third = shown.lines().nth(2).unwrap();
        assert!(third.starts_with("a b") && third.ends_with("│ c"), "{third}");
    }
}
