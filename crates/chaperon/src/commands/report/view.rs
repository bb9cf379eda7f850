//! What both formats write: words and tables, every part of them harmless for a terminal. The page escapes for HTML
//! beside.

use std::collections::BTreeSet;

use super::{Facts, sections, summary, unproven};
use crate::output::{change, safe, thousands};

/// Longer than what names and times of the house are.
const LONG: usize = 48;

/// A report, ready to be written.
pub(super) struct View {
    pub(super) title: String,
    /// What it is about, one name and value each.
    pub(super) about: Vec<(&'static str, String)>,
    /// What a person should know, what needs action first.
    pub(super) points: Vec<Point>,
    pub(super) sections: Vec<Section>,
}

/// One sentence of the summary.
pub(super) struct Point {
    /// Whether a person has to do something.
    pub(super) act: bool,
    pub(super) text: String,
    /// The section that tells more.
    pub(super) section: &'static str,
}

/// A part of the report.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) heading: &'static str,
    pub(super) blocks: Vec<Block>,
    /// What codes mean.
    pub(super) codes: Vec<Meaning>,
}

/// What stands in a section, in order.
pub(super) enum Block {
    Words(String),
    Grid(Grid),
}

/// What a code means.
pub(super) struct Meaning {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) rule: String,
    pub(super) help: String,
}

/// A table.
pub(super) struct Grid {
    pub(super) caption: &'static str,
    pub(super) headings: Vec<Heading>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// What is said below it; empty where nothing is.
    pub(super) below: String,
}

/// A column's heading.
pub(super) struct Heading {
    pub(super) text: &'static str,
    pub(super) number: bool,
}

/// What stands in a table.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) number: bool,
    /// Its share of the largest of its column, in percent.
    pub(super) bar: Option<u64>,
}

impl Cell {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self { text: safe(text.as_ref()).into_owned(), number: false, bar: None }
    }

    /// Whether it may have to be broken within a word to fit.
    pub(super) fn is_long(&self) -> bool {
        self.text.chars().count() > LONG
    }

    pub(super) fn number(number: u64) -> Self {
        Self { text: thousands(number), number: true, bar: None }
    }

    /// A number with a bar: its share of `largest`.
    pub(super) fn bar(number: u64, largest: u64) -> Self {
        let share = number.saturating_mul(100).checked_div(largest).unwrap_or(0);
        // what is there is seen
        Self { bar: Some(if number > 0 { share.max(1) } else { 0 }), ..Self::number(number) }
    }

    /// How much more than before.
    pub(super) fn change(now: u64, before: u64) -> Self {
        Self { text: change(now, before), number: true, bar: None }
    }
}

impl Grid {
    /// A table; headings that begin with `#` are of numbers.
    pub(super) fn new(caption: &'static str, headings: &[&'static str]) -> Self {
        let headings = headings.iter().map(|text| match text.strip_prefix('#') {
            Some(text) => Heading { text, number: true },
            None => Heading { text, number: false },
        });
        Self { caption, headings: headings.collect(), rows: Vec::new(), below: String::new() }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Says how many there are beyond those that are listed.
    pub(super) fn left_out(&mut self, count: u64) {
        if count > 0 {
            self.below = format!("{} more are counted and not listed.", thousands(count));
        }
    }
}

impl Section {
    pub(super) const fn new(id: &'static str, heading: &'static str) -> Self {
        Self { id, heading, blocks: Vec::new(), codes: Vec::new() }
    }

    pub(super) fn say(&mut self, words: impl AsRef<str>) {
        self.blocks.push(Block::Words(safe(words.as_ref()).into_owned()));
    }

    /// Adds a table, or says `nothing` where it has no rows.
    pub(super) fn add(&mut self, grid: Grid, nothing: &str) {
        if grid.rows.is_empty() {
            self.say(nothing);
        } else {
            self.blocks.push(Block::Grid(grid));
        }
    }

    /// Explains a code once.
    pub(super) fn explain(&mut self, code: &str) {
        if let Some(found) =
            terms::explain(code).filter(|_| !self.codes.iter().any(|known| known.code == code))
        {
            self.codes.push(Meaning {
                code: found.code.to_string(),
                title: found.title.to_owned(),
                rule: found.rule.to_owned(),
                help: found.help.to_owned(),
            });
        }
    }
}

impl View {
    /// The heading of the section that a point refers to.
    pub(super) fn heading(&self, id: &str) -> &'static str {
        self.sections.iter().find(|section| section.id == id).map_or("", |section| section.heading)
    }

    pub(super) fn of(facts: &Facts) -> Self {
        let figures = &facts.figures;
        let engagements: Vec<String> = figures
            .engagements
            .iter()
            .map(|one| format!("{} ({}, {})", one.title, one.id, one.state))
            .collect();
        let days = format!("{} to {}, whole days in UTC", facts.period.from, facts.period.to);
        let record = facts.record.verdict.to_owned();
        let about = [
            ("Period", days),
            ("Made", figures.made.clone()),
            ("Engagements", if engagements.is_empty() { "none".to_owned() } else { engagements.join("; ") }),
            ("Record", record),
        ];
        let mut sections = sections::all(facts);
        sections.push(unproven::section(facts));
        let mut explained = BTreeSet::new();
        for section in &mut sections {
            section.codes.retain(|meaning| explained.insert(meaning.code.clone()));
        }
        Self {
            title: format!("Chaperon report {}", facts.period.name),
            about: about.map(|(name, value)| (name, safe(&value).into_owned())).into(),
            points: summary::points(facts),
            sections,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_harmless_before_either_format_sees_it() {
        assert_eq!(Cell::text("a\u{1b}[31mb\u{202e}").text, "a\\u{1b}[31mb\\u{202e}");
        let mut section = Section::new("x", "X");
        section.say("a\u{9b}2J");
        assert!(matches!(section.blocks.as_slice(), [Block::Words(words)] if words == "a\\u{9b}2J"));
    }

    #[test]
    fn a_bar_shows_what_is_there_and_nothing_that_is_not() {
        assert_eq!(
            [Cell::bar(0, 0).bar, Cell::bar(1, 1000).bar, Cell::bar(5, 10).bar],
            [Some(0), Some(1), Some(50)]
        );
    }
}
