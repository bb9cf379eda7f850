//! Text cut into words, numbers and marks, each with what the lexicon says of it. Built once, read by every
//! recogniser, so that ordinary prose costs one pass.

use std::ops::Range;

use crate::lexicon::{Flags, lexicon};
use crate::wordset::{self, WordSet};

/// Longer than what any pattern that is tried at a fixed place matches, in bytes.
const AHEAD: usize = 320;

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// letters, all small
    Lower,
    /// letters, the first of them capital
    Capital,
    /// letters, all capital (one letter alone is this, too)
    Upper,
    /// letters, capitals inside
    Mixed,
    /// digits
    Number,
    /// letters and digits
    Code,
    /// one mark
    Mark,
}

/// What stands before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gap {
    None,
    Space,
    Line,
}

/// One word, number or mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) flags: Flags,
    pub(crate) kind: Kind,
    pub(crate) gap: Gap,
    /// By which most sets of words are seen not to hold it.
    pub(crate) sign: u8,
}

impl Word {
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether the lexicon gives any of `flags`.
    pub(crate) fn has(&self, flags: Flags) -> bool {
        self.flags.any(flags)
    }

    /// Whether it is letters that start with a capital.
    pub(crate) fn is_capital(&self) -> bool {
        matches!(self.kind, Kind::Capital | Kind::Upper | Kind::Mixed)
    }
}

/// A stretch of numbers with the marks and single spaces between them, such as a date or a telephone number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cluster {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Its first word.
    pub(crate) first: usize,
    pub(crate) digits: usize,
}

/// The runs of digits in a text.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shape {
    pub(crate) runs: usize,
    /// Whether one of them begins with a nought.
    pub(crate) zero: bool,
    /// Bit by length; those of 31 digits and more have the last.
    lengths: u32,
}

impl Shape {
    pub(crate) fn of(text: &str) -> Self {
        let mut shape = Self::default();
        for run in text.as_bytes().split(|byte| !byte.is_ascii_digit()) {
            if let Some(first) = run.first() {
                shape.runs += 1;
                shape.zero |= *first == b'0';
                shape.lengths |= 1 << run.len().min(31);
            }
        }
        shape
    }

    /// Whether one has `length` digits, at most 30.
    pub(crate) fn has(self, length: u32) -> bool {
        self.lengths >> length & 1 == 1
    }
}

/// The text with its words.
pub(crate) struct View<'a> {
    pub(crate) text: &'a str,
    pub(crate) words: Vec<Word>,
    pub(crate) clusters: Vec<Cluster>,
    /// Which words are numbers, which letters and digits, and which letters that start with a capital.
    pub(crate) numbers: Vec<usize>,
    pub(crate) codes: Vec<usize>,
    pub(crate) capitals: Vec<usize>,
    /// All flags of all words together: what can't be in the text needs no search.
    pub(crate) flags: Flags,
    /// How often a word was looked at.
    #[cfg(test)]
    pub(crate) steps: std::cell::Cell<usize>,
}

impl<'a> View<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let words = cut(text);
        let clusters = clusters(text, &words);
        let mut view = Self {
            text,
            words,
            clusters,
            numbers: Vec::new(),
            codes: Vec::new(),
            capitals: Vec::new(),
            flags: Flags::NONE,
            #[cfg(test)]
            steps: std::cell::Cell::default(),
        };
        for (at, word) in view.words.iter().enumerate() {
            view.flags = view.flags.with(word.flags);
            match word.kind {
                Kind::Number => view.numbers.push(at),
                Kind::Code => view.codes.push(at),
                Kind::Capital | Kind::Upper | Kind::Mixed => view.capitals.push(at),
                Kind::Lower | Kind::Mark => {}
            }
        }
        view
    }

    /// The words with these places, with them.
    pub(crate) fn at<'v>(&'v self, places: &'v [usize]) -> impl Iterator<Item = (usize, &'v Word)> + 'v {
        places.iter().filter_map(|at| self.words.get(*at).map(|word| (*at, word)))
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Word> {
        #[cfg(test)]
        self.steps.set(self.steps.get() + 1);
        self.words.get(at)
    }

    /// The text of word `at`, empty beyond the end.
    pub(crate) fn str(&self, at: usize) -> &'a str {
        self.get(at).and_then(|word| self.text.get(word.start..word.end)).unwrap_or_default()
    }

    /// The text of a span.
    pub(crate) fn slice(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    /// Whether word `at` is `text` in any letter case.
    pub(crate) fn is(&self, at: usize, text: &str) -> bool {
        self.get(at).is_some_and(|word| {
            word.len() == text.len() && self.bytes(word).eq_ignore_ascii_case(text.as_bytes())
        })
    }

    /// Whether word `at` is one of `words`, in any letter case.
    #[inline]
    pub(crate) fn is_any(&self, at: usize, words: &WordSet) -> bool {
        self.get(at).is_some_and(|word| words.holds(self.bytes(word), word.sign))
    }

    /// The bytes of a word.
    fn bytes(&self, word: &Word) -> &'a [u8] {
        self.text.as_bytes().get(word.start..word.end).unwrap_or_default()
    }

    /// Whether word `at` has any of `flags`.
    pub(crate) fn has(&self, at: usize, flags: Flags) -> bool {
        self.get(at).is_some_and(|word| word.has(flags))
    }

    /// Whether word `at` is the mark `mark`.
    pub(crate) fn mark(&self, at: usize, mark: u8) -> bool {
        self.get(at).is_some_and(|word| word.kind == Kind::Mark && self.byte(word.start) == Some(mark))
    }

    /// The byte at `at`.
    pub(crate) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The text from byte `at` on, as far as a pattern that is tried at many places may look.
    pub(crate) fn ahead(&self, at: usize) -> &'a str {
        let rest = self.text.get(at..).unwrap_or_default();
        let mut end = rest.len().min(AHEAD);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        rest.get(..end).unwrap_or_default()
    }

    /// Whether a letter or digit touches `span` from outside.
    pub(crate) fn is_cut(&self, span: &Range<usize>) -> bool {
        let before = self.text.get(..span.start).and_then(|text| text.chars().next_back());
        let after = self.text.get(span.end..).and_then(|text| text.chars().next());
        before.is_some_and(char::is_alphanumeric) || after.is_some_and(char::is_alphanumeric)
    }

    /// The span from the start of word `first` to the end of word `last`.
    pub(crate) fn span(&self, first: usize, last: usize) -> Range<usize> {
        let start = self.get(first).map_or(0, |word| word.start);
        start..self.get(last).map_or(start, |word| word.end)
    }

    /// The first word that starts at or after byte `at`.
    pub(crate) fn word_at(&self, at: usize) -> usize {
        self.words.partition_point(|word| word.start < at)
    }

    /// Whether any of the `reach` words before `at`, back to the line's start, is one of `words`.
    pub(crate) fn before(&self, at: usize, reach: usize, words: &WordSet) -> bool {
        (at.saturating_sub(reach)..at).rev().any(|before| self.is_any(before, words))
    }
}

fn cut(text: &str) -> Vec<Word> {
    let bytes = text.as_bytes();
    let mut words = Vec::with_capacity(bytes.len() / 5 + 4);
    let lexicon = lexicon();
    let (mut at, mut gap) = (0, Gap::Line);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => (gap, at) = (Gap::Line, at + 1),
            b' ' | b'\t' | 0x0b | 0x0c => (gap, at) = (gap.max(Gap::Space), at + 1),
            _ => {
                let (end, kind) = word(text, at);
                let flags = match kind {
                    Kind::Number | Kind::Mark | Kind::Code => Flags::NONE,
                    _ => lexicon.look_up(text.get(at..end).unwrap_or_default(), kind == Kind::Lower),
                };
                let sign = wordset::sign(byte, bytes.get(end - 1).copied().unwrap_or(byte), end - at);
                words.push(Word { start: at, end, flags, kind, gap, sign });
                (gap, at) = (Gap::None, end);
            }
        }
    }
    words
}

/// The end and kind of the word that starts at `start`.
fn word(text: &str, start: usize) -> (usize, Kind) {
    plain_word(text.as_bytes(), start).unwrap_or_else(|| any_word(text, start))
}

/// The same for a word of ASCII letters in small or with one capital before them, or of digits.
#[inline]
fn plain_word(bytes: &[u8], start: usize) -> Option<(usize, Kind)> {
    let rest = bytes.get(start..)?;
    let (first, rest) = rest.split_first()?;
    let (len, kind) = match first {
        b'a'..=b'z' => (run_of(rest, u8::is_ascii_lowercase), Kind::Lower),
        b'A'..=b'Z' => (run_of(rest, u8::is_ascii_lowercase), Kind::Capital),
        b'0'..=b'9' => (run_of(rest, u8::is_ascii_digit), Kind::Number),
        b' '..=b'~' => return Some((start + 1, Kind::Mark)),
        _ => return None,
    };
    let ends = rest.get(len).is_none_or(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric());
    // one capital alone is all capital, and may be the O of O'Brien
    (ends && (len > 0 || kind != Kind::Capital)).then_some((start + 1 + len, kind))
}

/// How many bytes at the start are of a kind.
#[inline]
fn run_of(bytes: &[u8], kind: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().position(|byte| !kind(byte)).unwrap_or(bytes.len())
}

fn any_word(text: &str, start: usize) -> (usize, Kind) {
    let (mut lower, mut upper, mut digits, mut first_upper) = (0_usize, 0_usize, 0_usize, false);
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'a'..=b'z' => lower += 1,
            b'A'..=b'Z' => {
                upper += 1;
                first_upper |= at == start;
            }
            b'0'..=b'9' => digits += 1,
            // O'Brien, D'Angelo: one word; Smith's: two
            b'\''
                if at == start + 1 && upper == 1 && bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase) => {
            }
            0x80.. => {
                let Some(char) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                if !char.is_alphanumeric() {
                    if at == start {
                        return (start + char.len_utf8(), Kind::Mark);
                    }
                    break;
                }
                if char.is_uppercase() {
                    upper += 1;
                    first_upper |= at == start;
                } else {
                    lower += 1;
                }
                at += char.len_utf8();
                continue;
            }
            _ => break,
        }
        at += 1;
    }
    let kind = match (lower, upper, digits) {
        (0, 0, 0) => return (start + 1, Kind::Mark),
        (0, 0, _) => Kind::Number,
        (_, _, 1..) => Kind::Code,
        (_, 0, _) => Kind::Lower,
        (0, _, _) => Kind::Upper,
        (_, 1, _) if first_upper => Kind::Capital,
        _ => Kind::Mixed,
    };
    (at, kind)
}

fn clusters(text: &str, words: &[Word]) -> Vec<Cluster> {
    let mut found: Vec<Cluster> = Vec::new();
    let mut open: Option<Cluster> = None;
    for (at, word) in words.iter().enumerate() {
        let mark = word.kind == Kind::Mark;
        let joins = word.kind == Kind::Number
            || mark
                && matches!(
                    text.as_bytes().get(word.start),
                    Some(b'-' | b'.' | b'/' | b'(' | b')' | b'+' | b':')
                );
        let near = word.gap == Gap::None
            || word.gap == Gap::Space && open.is_some_and(|cluster| word.start - cluster.end == 1);
        if let Some(cluster) = open.as_mut().filter(|_| joins && near) {
            if word.kind == Kind::Number {
                cluster.digits += word.len();
            }
            cluster.end = word.end;
            continue;
        }
        found.extend(open.take().filter(|cluster| cluster.digits > 0));
        let starts =
            word.kind == Kind::Number || mark && matches!(text.as_bytes().get(word.start), Some(b'(' | b'+'));
        open = starts.then_some(Cluster {
            start: word.start,
            end: word.end,
            first: at,
            digits: if mark { 0 } else { word.len() },
        });
    }
    found.extend(open.filter(|cluster| cluster.digits > 0));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(&str, Kind)> {
        let view = View::of(text);
        view.words.iter().map(|word| (text.get(word.start..word.end).unwrap(), word.kind)).collect()
    }

    #[test]
    fn words_are_cut_by_kind() {
        use Kind::{Capital, Code, Lower, Mark, Mixed, Number, Upper};
        assert_eq!(
            kinds("O'Brien's MRN A12, pt McKay 7"),
            [
                ("O'Brien", Mixed),
                ("'", Mark),
                ("s", Lower),
                ("MRN", Upper),
                ("A12", Code),
                (",", Mark),
                ("pt", Lower),
                ("McKay", Mixed),
                ("7", Number)
            ]
        );
        assert_eq!(kinds("Élan €"), [("Élan", Capital), ("€", Mark)]);
    }

    #[test]
    fn clusters_span_numbers_and_their_marks() {
        let view = View::of("call +1 (617) 555-0100, BP 120/80 today");
        let texts: Vec<_> = view.clusters.iter().map(|c| view.slice(c.start..c.end)).collect();
        assert_eq!(texts, ["+1 (617) 555-0100", "120/80"]);
        assert_eq!(view.clusters[0].digits, 11);
    }
}
