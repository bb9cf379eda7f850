//! How far a term reaches: the dose behind a drug, the value behind a name, the adjectives around a disease.

use std::ops::Range;

use super::table::{Kinds, table};
use super::tokens::{Break, Tokens};
use crate::lexicon::Flags;
use crate::view::{Gap, Kind};
use crate::wordset::words;

/// Most words before a disease or procedure that belong to it.
const BEFORE: usize = 5;
/// Most words behind a term that belong to it.
const BEHIND: usize = 8;

impl Tokens<'_, '_> {
    /// The first token of a term with the adjectives before it.
    pub(super) fn with_adjectives(&self, first: usize) -> usize {
        let mut from = first;
        for _ in 0..BEFORE {
            let Some(before) = self.tight_before(from) else { break };
            let kind = matches!(before.kind, Kind::Number | Kind::Code);
            let told = before.is(Kinds::MOD.with(Kinds::GLUE)) || before.flags.any(Flags::MEDICAL);
            if !(told || kind && self.tight_before(from - 1).is_some_and(|word| word.is(Kinds::GLUE))) {
                break;
            }
            from -= 1;
        }
        let loose =
            words!("the a of with without post panel dose contrast status onset and i class open high low");
        while from < first && loose.has(self.text(from)) {
            from += 1;
        }
        from
    }

    /// The last token of a disease or procedure with what follows: `mellitus type 2`, `of the left femur`.
    pub(super) fn with_complement(&self, last: usize) -> usize {
        let mut end = last;
        for at in last + 1..=last + BEHIND {
            let Some(token) = self.get(at).filter(|token| token.before == Break::Tight) else { break };
            let grade = words!("mellitus ii iii iv exacerbation flare disease disorder syndrome status");
            let graded = words!("type stage grade class degree");
            if token.is(Kinds::MOD) || grade.has(self.text(at)) {
                end = at;
            } else if matches!(token.kind, Kind::Number | Kind::Code) {
                if !graded.has(self.text(at - 1)) {
                    break;
                }
                end = at;
            } else if !(token.is(Kinds::GLUE) || words!("in to and").has(self.text(at))) {
                break;
            }
        }
        end
    }

    /// The last token of a drug with its dose, form and times.
    pub(super) fn with_dose(&self, last: usize) -> usize {
        let mut end = last;
        for at in last + 1..=last + BEHIND + 2 {
            let Some(token) = self.get(at).filter(|token| token.before != Break::Hard) else { break };
            if token.is(Kinds::FREQ.with(Kinds::UNIT)) {
                end = at;
            } else if !(token.is(Kinds::GLUE) || token.kind == Kind::Number || is_dose(self.text(at))) {
                break;
            } else if is_dose(self.text(at)) {
                end = at;
            }
        }
        end
    }

    /// Whether a frequency or a form stands soon behind the unit at `at`.
    pub(super) fn is_taken(&self, at: usize) -> bool {
        (at + 1..at + 5)
            .map_while(|next| self.get(next).filter(|token| token.before != Break::Hard))
            .any(|token| token.is(Kinds::FREQ))
    }

    /// Where a value behind token `last` ends, in bytes: a number, or a word for one.
    pub(super) fn value(&self, last: usize, numbers: bool) -> Option<usize> {
        let view = self.view;
        let from = self.get(last)?.word + 1;
        for at in from..from + BEHIND {
            let word = view.words.get(at).filter(|word| word.gap != Gap::Line)?;
            match word.kind {
                Kind::Mark => match view.byte(word.start)? {
                    b':' | b'=' | b'<' | b'>' | b'(' | b'~' | b'-' | b'*' | b'"' | b'\'' => {}
                    // a table by columns
                    b',' if view.words.get(at + 1).is_some_and(|next| next.gap == Gap::None) => {}
                    _ => return None,
                },
                Kind::Number if numbers => return Some(self.number(at)),
                _ => {
                    let entry = table().word(view.str(at));
                    if entry.is(Kinds::QUAL) {
                        return Some(word.end);
                    }
                    let filler = words!(
                        "is was of at to now level levels came back remains remained result results resulted \
                         around about are were has been today his her and count value total approximately that \
                         reading readings still only currently has returned"
                    );
                    if !filler.has(view.str(at)) {
                        return None;
                    }
                }
            }
        }
        None
    }

    /// The end of the number at `at` with what belongs to it: `7.2 %`, `120/80 mmHg`, `3.5-5.0 mg/dL`.
    fn number(&self, at: usize) -> usize {
        let view = self.view;
        let mut end = view.words.get(at).map_or(0, |word| word.end);
        for at in at + 1..at + 10 {
            let Some(word) = view.words.get(at).filter(|word| word.gap != Gap::Line) else { break };
            let near = word.gap == Gap::None;
            match word.kind {
                Kind::Mark => match view.byte(word.start) {
                    Some(b'%') => end = word.end,
                    Some(b'.' | b'/' | b'-' | b'^') if near => {}
                    _ => break,
                },
                Kind::Number if near => end = word.end,
                _ if table().word(view.str(at)).is(Kinds::UNIT) || near => end = word.end,
                _ => break,
            }
        }
        end
    }

    /// Where the code behind a word such as `CPT` ends, in bytes.
    pub(super) fn code(&self, last: usize) -> Option<usize> {
        let view = self.view;
        let from = self.get(last)?.word + 1;
        for at in from..from + BEHIND {
            let word = view.words.get(at).filter(|word| word.gap != Gap::Line)?;
            let long = word.len() >= 3 || view.words.get(at + 1).is_some_and(|next| next.gap == Gap::None);
            match word.kind {
                Kind::Number | Kind::Code if long => return Some(self.number(at)),
                Kind::Number | Kind::Code | Kind::Mark => {}
                _ if words!("code codes cm ct id number is was no dx for").has(view.str(at)) => {}
                _ => return None,
            }
        }
        None
    }

    /// The last token of an appointment with its time: `in two weeks`, `on Tuesday at 3`.
    pub(super) fn with_time(&self, last: usize) -> usize {
        let mut end = last;
        for at in last + 1..=last + BEHIND {
            let Some(token) = self.get(at).filter(|token| token.before == Break::Tight) else { break };
            let span =
                words!("day days week weeks month months year years hour hours visit visits slot slots");
            let glue = words!(
                "in on at for the next this a an of to by from until or and every one two three four five six eight \
                 ten twelve few couple early late"
            );
            if token.is(Kinds::TIME) || token.kind == Kind::Number || span.has(self.text(at)) {
                end = at;
            } else if !glue.has(self.text(at)) {
                break;
            }
        }
        end
    }

    /// The bytes of an age around `old` or the like: the number before, the sex behind.
    pub(super) fn age(&self, first: usize, last: usize) -> Range<usize> {
        let from = match self.tight_before(first) {
            Some(before) if before.kind == Kind::Number => first - 1,
            _ => first,
        };
        let mut to = last;
        let sexes = words!("male female man woman boy girl gentleman lady m f patient");
        for at in last + 1..last + 4 {
            let Some(token) = self.get(at).filter(|token| token.before == Break::Tight) else { break };
            if sexes.has(self.text(at)) {
                to = at;
            } else if !token.is(Kinds::WEAK.with(Kinds::STRONG)) {
                break;
            }
        }
        self.span(from, to)
    }
}

/// `500mg`, `2x`, `q8h`, `q12hrs`.
fn is_dose(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let rest: Vec<u8> =
        bytes.iter().filter(|byte| !byte.is_ascii_digit()).map(u8::to_ascii_lowercase).collect();
    digits > 0
        && matches!(
            &*rest,
            b"mg" | b"mcg" | b"ml" | b"x" | b"qh" | b"qhrs" | b"g" | b"units" | b"iu" | b"meq" | b"u"
        )
}
