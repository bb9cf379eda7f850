//! Examining a segment and masking what was found in it.

use std::ops::Range;

use terms::IdentifierClass;

use super::words::ends_a_word;
use super::{AGAIN, AnswerGuard, CONTEXT, NAMES};
use crate::Known;
use crate::transform::redact;

/// What was found in a segment and the text before it. Places count from the start of the answer.
pub(super) struct Examined {
    /// What is masked, in order.
    masks: Vec<(Range<usize>, IdentifierClass)>,
    /// What is not cut.
    whole: Vec<Range<usize>>,
    /// Nothing could be found out about the segment.
    failed: bool,
}

impl AnswerGuard {
    /// Examines the segment, which ends at `end`, together with the text before it.
    pub(super) fn examine(&self, end: usize) -> Examined {
        let from = self.context();
        let window = self.text.slice(from, end);
        let Ok(found) = (self.detect)(window, &self.known) else {
            return Examined { masks: Vec::new(), whole: Vec::new(), failed: true };
        };
        let mut kept = self.restorer.spans(window);
        for span in &mut kept {
            *span = from + span.start..from + span.end;
        }
        let mut whole = kept.clone();
        kept.extend(self.text.quotes(from, end).map(|at| at..at + 1));
        kept.sort_by_key(|span| span.start);
        let mut masks = Vec::new();
        for finding in found {
            let span = from + finding.span.start..from + finding.span.end;
            let Some(text) = window.get(finding.span) else { continue };
            if span.end <= self.start || !finding.class.names_a_person() || (self.sent)(text) {
                continue;
            }
            whole.push(span.clone());
            let span = span.start.max(self.start)..span.end;
            masks.extend(self.without(span, &kept).map(|piece| (piece, finding.class)));
        }
        Examined { masks, whole, failed: false }
    }

    /// Where the context of the segment begins: at a word, not further back than [`CONTEXT`].
    fn context(&self) -> usize {
        let Some(mut from) = self.start.checked_sub(CONTEXT) else { return 0 };
        while !self.text.is_border(from) && from < self.start {
            from += 1;
        }
        let context = self.text.slice(from, self.start);
        context.find(ends_a_word).map_or(from, |blank| from + blank)
    }

    /// The parts of `span` that are not in `kept` and hold a letter or a digit.
    fn without<'a>(
        &'a self,
        span: Range<usize>,
        kept: &'a [Range<usize>],
    ) -> impl Iterator<Item = Range<usize>> + 'a {
        let starts = std::iter::once(span.start).chain(kept.iter().map(|kept| kept.end));
        let ends = kept.iter().map(|kept| kept.start).chain(std::iter::once(span.end));
        starts.zip(ends).filter_map(move |(start, end)| {
            let piece = start.max(span.start)..end.min(span.end);
            (piece.start < piece.end
                && self.text.slice(piece.start, piece.end).contains(char::is_alphanumeric))
            .then_some(piece)
        })
    }

    /// Where a segment that is too long is cut: at a word if there is one, and not inside of what was found.
    pub(super) fn place_to_cut(&self, examined: &Examined) -> usize {
        let latest = self.read - AGAIN;
        let mut cut = self
            .text
            .slice(self.start, self.read)
            .char_indices()
            .filter(|(_, character)| ends_a_word(*character))
            .map(|(at, character)| self.start + at + character.len_utf8())
            .take_while(|at| *at <= latest)
            .last()
            .unwrap_or(latest);
        while !self.text.is_border(cut) {
            cut += 1;
        }
        while let Some(span) = examined.whole.iter().find(|span| span.start < cut && cut < span.end) {
            cut = span.end;
        }
        cut.min(self.read)
    }

    /// Sends the segment up to `end` as it is.
    pub(super) fn send(&mut self, end: usize) {
        self.text.write(self.start, end, &mut self.outgoing);
        self.pass(end);
    }

    /// Sends the segment up to `end` with labels in place of what was found.
    pub(super) fn send_masked(&mut self, examined: &Examined, end: usize) {
        let mut at = self.start;
        if examined.failed && at < end {
            // What could not be examined does not go out.
            self.mask(IdentifierClass::OtherId, at);
            at = end;
        }
        for (span, class) in examined.masks.iter().filter(|(span, _)| span.start < end) {
            self.text.write(at, span.start, &mut self.outgoing);
            self.learn(span, *class);
            self.mask(*class, span.start);
            at = span.end.min(end);
        }
        self.text.write(at, end, &mut self.outgoing);
        self.pass(end);
    }

    /// Remembers a name, so that a part of it is found where it stands alone.
    fn learn(&mut self, span: &Range<usize>, class: IdentifierClass) {
        if class == IdentifierClass::Name && self.names.len() < NAMES {
            let name = self.text.slice(span.start, span.end);
            if !self.names.contains(name) {
                self.names.insert(name.to_owned());
                self.known = Known::new(self.names.iter().map(|name| (class, name.as_str(), "")));
            }
        }
    }

    /// Writes a label; as a JSON string where the masked text, a number, was in none.
    fn mask(&mut self, class: IdentifierClass, at: usize) {
        let quotes = self.text.quotes(self.start, at).count();
        let bare = self.in_string == (quotes % 2 == 1);
        if bare {
            self.outgoing.push('"');
        }
        redact(class, &mut self.outgoing);
        if bare {
            self.outgoing.push('"');
        }
        self.masked.add(class);
    }

    /// The segment up to `end` went out.
    fn pass(&mut self, end: usize) {
        self.in_string ^= self.text.forget_quotes(end) % 2 == 1;
        self.start = end;
    }
}
