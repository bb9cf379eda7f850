//! Examining a segment and masking what was found in it.
//!
//! A segment in which nothing but this request's surrogates is not calm needs no detector: what is left of it
//! without them would pass as it is.

use std::ops::Range;

use terms::IdentifierClass;

use super::words::ends_a_word;
use super::{AGAIN, AnswerGuard, CONTEXT, NAMES, NEAR};
use crate::Known;
use crate::transform::redact;

/// What was found in a segment and the text before it. Places count from the start of the answer.
pub(super) struct Examined {
    /// What is masked, in order.
    masks: Vec<Mask>,
    /// What is not cut.
    whole: Vec<Range<usize>>,
    /// Nothing could be found out about the segment.
    failed: bool,
}

/// A stretch that a label takes the place of.
struct Mask {
    span: Range<usize>,
    class: IdentifierClass,
    /// Whether it stands outside of a JSON string, and is all of a number there.
    bare: bool,
}

/// A number outside of JSON strings that a segment which had to be cut ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// Its beginning went out as it is.
    Sent,
    /// A label went out for it.
    Masked,
}

impl AnswerGuard {
    /// Examines the segment, which ends at `end`, together with the text before it.
    pub(super) fn examine(&mut self, end: usize) -> Examined {
        let from = self.context();
        let window = self.text.slice(from, end);
        let own = self.restorer.spans(window).into_iter().map(|span| from + span.start..from + span.end);
        let own: Vec<Range<usize>> = own.collect();
        if own.last().is_some_and(|last| last.end > self.start) && self.is_calm_without(&own, end) {
            return Examined { masks: Vec::new(), whole: own, failed: false };
        }
        if std::mem::take(&mut self.learned) {
            let names = self.names.iter().map(|name| (IdentifierClass::Name, name.as_str(), ""));
            self.known = Known::new(names);
        }
        let Ok(found) = (self.detect)(window, &self.known) else {
            return Examined { masks: Vec::new(), whole: Vec::new(), failed: true };
        };
        let (mut masks, mut whole, mut kept) = (Vec::new(), own.clone(), own);
        kept.extend(self.text.quotes(from, end).map(|at| at..at + 1));
        kept.sort_by_key(|span| span.start);
        for finding in found {
            let span = from + finding.span.start..from + finding.span.end;
            let Some(text) = window.get(finding.span) else { continue };
            if span.end <= self.start || !finding.class.names_a_person() || (self.sent)(text) {
                continue;
            }
            whole.push(span.clone());
            let span = span.start.max(self.start)..span.end;
            for piece in self.without(span, &kept) {
                self.add_masks(piece, finding.class, end, &mut masks);
            }
        }
        whole.extend(masks.iter().filter(|mask| mask.bare).map(|mask| mask.span.clone()));
        Examined { masks, whole, failed: false }
    }

    /// Whether what is left of the segment without the surrogates of this request is calm.
    fn is_calm_without(&self, own: &[Range<usize>], end: usize) -> bool {
        let mut words = self.words.again();
        let mut at = self.start;
        for span in own.iter().chain(std::iter::once(&(end..end))) {
            let before = self.text.slice(at, span.start.max(at));
            if span.end > self.start && span.start < end && !self.stands_alone(span, end) {
                return false;
            }
            if before.chars().chain(std::iter::once('-')).any(|character| words.step(character).live) {
                return false;
            }
            at = span.end.max(at);
        }
        !words.pending()
    }

    /// Whether nothing but marks touches a surrogate, up to blanks, the quotes of its JSON string or the end.
    fn stands_alone(&self, span: &Range<usize>, end: usize) -> bool {
        let opens = |c: &char| matches!(c, '(' | '[' | '{' | '"' | '\'' | '*' | '_' | '`');
        let closes = |c: &char| opens(c) || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '}');
        let free = |next: Option<char>| next.is_none_or(char::is_whitespace);
        let first = self.text.quotes(self.start, span.start).last().map_or(self.start, |quote| quote + 1);
        let last = self.text.quotes(span.end, end).next().unwrap_or(end);
        let mut before = self.text.slice(first, span.start).chars().rev().skip_while(opens);
        let mut after = self.text.slice(span.end, last).chars().skip_while(closes);
        free(before.next()) && free(after.next())
    }

    /// Adds what takes the place of `piece`; outside of JSON strings the numbers that it is of, with sign and
    /// fraction, since a part of a number and a label are no JSON.
    fn add_masks(&self, piece: Range<usize>, class: IdentifierClass, end: usize, masks: &mut Vec<Mask>) {
        if self.in_string_at(piece.start) {
            masks.push(Mask { span: piece, class, bare: false });
            return;
        }
        let before = self.text.slice(self.start, piece.start);
        let mut at = before.rfind(ends_a_number).map_or(self.start, |mark| self.start + mark + 1);
        let after = self.text.slice(piece.end, end);
        let last = after.find(ends_a_number).map_or(end, |mark| piece.end + mark);
        for token in self.text.slice(at, last).split_inclusive(ends_a_number) {
            let bare = token.trim_end_matches(ends_a_number);
            let span = at..at + bare.len();
            at += token.len();
            let new = masks.last().is_none_or(|mask| mask.span.end <= span.start);
            if new && bare.contains(char::is_alphanumeric) {
                masks.push(Mask { span, class, bare: true });
            }
        }
    }

    /// Whether `at`, in the segment, stands in a JSON string; in text, everything does.
    fn in_string_at(&self, at: usize) -> bool {
        self.in_string != (self.text.quotes(self.start, at).count() % 2 == 1)
    }

    /// Where the context of the segment begins: at a word, not further back than [`CONTEXT`] bytes and not
    /// much further than [`NEAR`] words and marks.
    fn context(&self) -> usize {
        let mut from = self.start.saturating_sub(CONTEXT);
        while !self.text.is_border(from) && from < self.start {
            from += 1;
        }
        let context = self.text.slice(from, self.start);
        let (mut words, mut letter) = (0, false);
        for (at, character) in context.char_indices().rev() {
            let inside = std::mem::replace(&mut letter, character.is_alphanumeric());
            words += usize::from(if letter { !inside } else { !character.is_whitespace() });
            if words > NEAR && ends_a_word(character) {
                return from + at;
            }
        }
        if from == 0 { 0 } else { context.find(ends_a_word).map_or(from, |blank| from + blank) }
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
        if !self.in_string_at(cut) {
            // not in a number either, unless it is all there is
            let number = self.text.slice(self.start, cut).rfind(ends_a_number).map(|at| self.start + at + 1);
            cut = number.unwrap_or(cut);
        }
        while let Some(span) = examined.whole.iter().find(|span| span.start < cut && cut < span.end) {
            cut = span.end;
        }
        cut.min(self.read)
    }

    /// Sends the segment up to `end` as it is.
    pub(super) fn send(&mut self, end: usize) {
        self.text.write(self.start, end, &mut self.outgoing);
        self.number = None;
        self.pass(end);
    }

    /// Sends the segment up to `end` with labels in place of what was found.
    pub(super) fn send_masked(&mut self, examined: &Examined, end: usize) {
        let (mut at, number) = (self.start, self.number_until(end));
        if examined.failed && at < end {
            // What could not be examined does not go out.
            self.label(IdentifierClass::OtherId, !self.in_string_at(at));
            at = end;
        }
        if self.number == Some(Number::Masked) {
            at = number;
        }
        for mask in &examined.masks {
            if !(at..end).contains(&mask.span.start) {
                continue;
            }
            self.text.write(at, mask.span.start, &mut self.outgoing);
            #[cfg(feature = "training")]
            self.spans.push(mask.span.clone());
            if self.number == Some(Number::Sent) && mask.span.start < number {
                self.outgoing.push('0');
                self.masked.add(mask.class);
            } else {
                self.learn(&mask.span, mask.class);
                self.label(mask.class, mask.bare);
            }
            at = mask.span.end.min(end);
        }
        self.text.write(at, end, &mut self.outgoing);
        let masked = examined.masks.iter().any(|mask| mask.bare && mask.span.end == end);
        self.number = self.number_at(end, number, masked);
        self.pass(end);
    }

    /// Where the number ends that the segment before was cut in.
    fn number_until(&self, end: usize) -> usize {
        let goes_on =
            || self.text.slice(self.start, end).find(ends_a_number).map_or(end, |at| self.start + at);
        if self.number.is_some() { goes_on() } else { self.start }
    }

    /// The number that the segment ends in, where the one before went on until `until`.
    fn number_at(&self, end: usize, until: usize, masked: bool) -> Option<Number> {
        if self.start == end {
            return self.number;
        }
        if self.in_string_at(end) || self.text.slice(self.start, end).ends_with(ends_a_number) {
            return None;
        }
        let began = if masked { Number::Masked } else { Number::Sent };
        if until == end { self.number.or(Some(began)) } else { Some(began) }
    }

    /// Remembers a name, so that a part of it is found where it stands alone.
    fn learn(&mut self, span: &Range<usize>, class: IdentifierClass) {
        if class == IdentifierClass::Name && self.names.len() < NAMES {
            let name = self.text.slice(span.start, span.end);
            if !self.names.contains(name) {
                self.names.insert(name.to_owned());
                self.learned = true;
            }
        }
    }

    /// Writes a label; as a JSON string where what was masked, a number, was in none.
    fn label(&mut self, class: IdentifierClass, bare: bool) {
        let quote = if bare { "\"" } else { "" };
        self.outgoing.push_str(quote);
        redact(class, &mut self.outgoing);
        self.outgoing.push_str(quote);
        self.masked.add(class);
    }

    /// The segment up to `end` went out.
    fn pass(&mut self, end: usize) {
        self.in_string ^= self.text.forget_quotes(end) % 2 == 1;
        self.start = end;
    }
}

/// What JSON has around a number outside of strings; anything else there is taken for a part of it. All are ASCII.
fn ends_a_number(character: char) -> bool {
    matches!(character, '{' | '}' | '[' | ']' | ':' | ',' | '"' | ' ' | '\n' | '\r' | '\t')
}
