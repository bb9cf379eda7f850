//! Text under construction, with the labels of its stretches.

use super::{Label, Span};

/// A text and its labelled stretches, in order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) spans: Vec<Span>,
}

impl Draft {
    /// Adds text that is no identifier.
    pub(super) fn plain(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a labelled stretch; without a label, or empty, it is plain text.
    pub(super) fn mark(&mut self, text: &str, label: impl Into<Option<Label>>) {
        let start = self.text.len();
        self.text.push_str(text);
        if let Some(label) = label.into().filter(|_| !text.is_empty()) {
            self.spans.push(Span { start, end: self.text.len(), label });
        }
    }

    /// What stands since the last stretch, where that has this label.
    pub(super) fn after(&self, label: Label) -> Option<&str> {
        let last = self.spans.last().filter(|span| span.label == label)?;
        self.text.get(last.end..)
    }

    /// Adds text to the last stretch, with what stands since.
    pub(super) fn extend(&mut self, text: &str) {
        self.text.push_str(text);
        if let Some(span) = self.spans.last_mut() {
            span.end = self.text.len();
        }
    }
}

/// Where a character stands.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) offset: usize,
    pub(super) this: char,
    pub(super) before: Option<char>,
    pub(super) next: Option<char>,
    /// Of the stretch in which it stands.
    pub(super) label: Option<Label>,
    /// Right before or after a labelled stretch.
    pub(super) touches: bool,
}
