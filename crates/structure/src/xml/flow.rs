//! Which texts of a document go on from the one before them.

use std::ops::Range;

/// Elements of XHTML and of C-CDA's narrative block that do not interrupt a text.
const INLINE: &[&str] = &[
    "a",
    "abbr",
    "b",
    "bdo",
    "big",
    "cite",
    "code",
    "content",
    "dfn",
    "em",
    "font",
    "i",
    "kbd",
    "linkHtml",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "tt",
    "u",
    "var",
    "footnoteRef",
];
/// Cells of a row.
const CELLS: &[&str] = &["td", "th"];

/// What stands between one text and the next. Spaces around a text are no part of it.
#[derive(Default)]
pub(crate) struct Flow {
    before: bool,
    breaks: Break,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Break {
    #[default]
    None,
    Space,
    Cell,
    Block,
}

impl Flow {
    /// An element begins or ends.
    pub(crate) fn element(&mut self, name: &str) {
        let breaks = if INLINE.contains(&name) {
            Break::None
        } else if CELLS.contains(&name) {
            Break::Cell
        } else {
            Break::Block
        };
        self.breaks = self.breaks.max(breaks);
    }

    /// The part of a raw text at `start` that is one, and what stands between it and the one before; `None` where it is
    /// blank.
    pub(crate) fn text(&mut self, raw: &str, start: usize) -> Option<(Range<usize>, Option<&'static str>)> {
        let inside = raw.trim();
        if inside.is_empty() {
            self.breaks = self.breaks.max(Break::Space);
            return None;
        }
        let from = start + (raw.len() - raw.trim_start().len());
        if from > start {
            self.breaks = self.breaks.max(Break::Space);
        }
        let gap = self.before.then_some(match self.breaks {
            Break::None => "",
            Break::Space => " ",
            Break::Cell => "  ",
            Break::Block => "\n",
        });
        let end = from + inside.len();
        self.before = true;
        self.breaks = if end < start + raw.len() { Break::Space } else { Break::None };
        Some((from..end, gap))
    }
}
