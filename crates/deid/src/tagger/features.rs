//! What the model sees of a word: rows of one table of embeddings, by spelling, shape, lexicon and neighbourhood,
//! and what the rules say of it.
//!
//! Nothing here looks farther than [`AROUND`] words to either side, so that a stream needs no more of its text.

use std::ops::Range;

use terms::IdentifierClass;

use crate::lexicon::Flags;
use crate::recognize::{Candidate, Rank, is_eponym};
use crate::view::{Gap, Kind, View, Word};
use crate::wordset::{WordSet, words};

/// Words to either side whose letter case says how the text is written here.
const AROUND: usize = 14;

/// A range of rows of the table of embeddings.
#[derive(Clone, Copy)]
struct Rows {
    first: u32,
    count: u32,
}

impl Rows {
    const fn after(before: Self, count: u32) -> Self {
        Self { first: before.first + before.count, count }
    }

    const fn row(self, at: u32) -> u32 {
        self.first + at % self.count
    }
}

/// The last three letters of a word.
const SUFFIX: Rows = Rows { first: 0, count: 4096 };
/// The first three letters of a word.
const PREFIX: Rows = Rows::after(SUFFIX, 2048);
/// How it is written, how long, and what stands before it.
const SHAPE: Rows = Rows::after(PREFIX, 7 * 9 * 3);
/// What the lexicon says, a row each.
const FLAGS: Rows = Rows::after(SHAPE, 32);
/// How the text around is written, the word that the sentence begins with, and the word.
const CASE: Rows = Rows::after(FLAGS, 3 * 4 * 7);
/// What the rules say: class and rank.
const RULE: Rows = Rows::after(CASE, 20 * 4);
/// Digits and letters of a number or code.
const PATTERN: Rows = Rows::after(RULE, 1024);
/// The value of a short number: day, month, year, age.
const VALUE: Rows = Rows::after(PATTERN, 64);
/// A mark.
const MARK: Rows = Rows::after(VALUE, 128);
/// A capital word that a disease, sign or device follows, as in `Smith's fracture`.
const EPONYM: Rows = Rows::after(MARK, 1);
/// The row of a word outside the vocabulary.
pub(crate) const UNKNOWN: usize = (EPONYM.first + EPONYM.count) as usize;
/// Rows before those of the vocabulary.
pub(crate) const FIXED: usize = UNKNOWN + 1;

/// Whether a row says that a word is in a list.
#[cfg(feature = "training")]
pub(crate) const fn is_lexicon(row: u32) -> bool {
    row >= FLAGS.first && row < FLAGS.first + FLAGS.count
}

/// Whether a row says what the rules found.
#[cfg(feature = "training")]
pub(crate) const fn is_rule(row: u32) -> bool {
    row >= RULE.first && row < RULE.first + RULE.count
}

/// How the words around are written.
#[derive(Clone, Copy)]
enum Case {
    Usual,
    Capitals,
    Small,
    NoLetters,
}

/// Everything about a text that does not depend on the weights.
pub(crate) struct Features<'v> {
    view: &'v View<'v>,
    /// For each word what the rules say of it, 0 for nothing.
    rules: Vec<u8>,
    /// Small and capital words before each word, and one more.
    cases: Vec<(u32, u32)>,
    /// For each word how the first word of its sentence is written: 0 for far or no word, 1 capital, 2 small.
    openings: Vec<u8>,
}

impl<'v> Features<'v> {
    pub(crate) fn of(view: &'v View<'v>, rules: &[Candidate]) -> Self {
        let mut cases = Vec::with_capacity(view.words.len() + 1);
        let (mut small, mut capital) = (0, 0);
        cases.push((0, 0));
        for word in &view.words {
            match word.kind {
                Kind::Lower => small += 1,
                Kind::Upper | Kind::Capital | Kind::Mixed if word.len() > 1 => {
                    capital += 1;
                }
                _ => {}
            }
            cases.push((small, capital));
        }
        Self { view, rules: said(view, rules), cases, openings: openings(view) }
    }

    /// Whether a label beside a word says what it is, which nothing the model says would change.
    pub(crate) fn is_decided(&self, at: usize) -> bool {
        self.rules.get(at).is_some_and(|said| *said > 0 && (said - 1) % 4 >= Rank::Label as u8 - 1)
    }

    /// The text.
    pub(crate) const fn view(&self) -> &'v View<'v> {
        self.view
    }

    /// Calls `take` with each row of word `at` but that of its spelling.
    pub(crate) fn rows(&self, at: usize, word: &Word, mut take: impl FnMut(u32)) {
        let bytes = self.view.text.as_bytes().get(word.start..word.end).unwrap_or_default();
        let kind = word.kind as u32;
        match word.kind {
            Kind::Mark => take(MARK.row(u32::from(bytes.first().copied().unwrap_or(0)))),
            Kind::Number => {
                take(PATTERN.row(pattern(bytes)));
                take(VALUE.row(value(bytes)));
            }
            Kind::Code => take(PATTERN.row(pattern(bytes))),
            _ => {
                take(SUFFIX.row(ends(bytes.iter().rev())));
                take(PREFIX.row(ends(bytes.iter())));
                take(CASE.row((self.case(at) as u32 * 3 + self.opening(at)) * 7 + kind));
                if word.is_capital() && is_eponym(self.view, at) {
                    take(EPONYM.row(0));
                }
                let mut flags = word.flags.bits();
                while flags != 0 {
                    take(FLAGS.row(flags.trailing_zeros()));
                    flags &= flags - 1;
                }
            }
        }
        let length = u32::try_from(word.len()).unwrap_or(u32::MAX);
        let length = if length < 8 { length } else { 8 };
        take(SHAPE.row((kind * 9 + length) * 3 + gap(word.gap)));
        if let Some(said) = self.rules.get(at).copied().filter(|said| *said > 0) {
            take(RULE.row(u32::from(said) - 1));
        }
    }

    fn opening(&self, at: usize) -> u32 {
        self.openings.get(at).copied().map_or(0, u32::from)
    }

    fn case(&self, at: usize) -> Case {
        let from = self.cases.get(at.saturating_sub(AROUND)).copied().unwrap_or_default();
        let to = (at + AROUND + 1).min(self.cases.len() - 1);
        let to = self.cases.get(to).copied().unwrap_or_default();
        match (to.0 - from.0, to.1 - from.1) {
            (0, 0) => Case::NoLetters,
            (0, _) => Case::Capitals,
            (_, 0) => Case::Small,
            _ => Case::Usual,
        }
    }
}

/// How the first word of each word's sentence is written, if it is near.
fn openings(view: &View<'_>) -> Vec<u8> {
    let (mut head, mut how, mut ended) = (0, 0, true);
    let words = view.words.iter().enumerate().map(|(at, word)| {
        if word.kind == Kind::Mark {
            ended |= matches!(view.byte(word.start), Some(b'.' | b'!' | b'?'));
        } else if ended || word.gap == Gap::Line {
            head = at;
            how = match word.kind {
                Kind::Lower => 2,
                Kind::Number | Kind::Code => 0,
                _ => 1,
            };
            ended = false;
        }
        if at - head <= AROUND { how } else { 0 }
    });
    words.collect()
}

const fn gap(gap: Gap) -> u32 {
    match gap {
        Gap::None => 0,
        Gap::Space => 1,
        Gap::Line => 2,
    }
}

/// For each word four times the class of the best candidate over it, and its rank; 0 for none.
pub(crate) fn said(view: &View<'_>, rules: &[Candidate]) -> Vec<u8> {
    let mut said = vec![0; view.words.len()];
    let mut best = vec![(0, 0); if rules.is_empty() { 0 } else { view.words.len() }];
    for rule in rules {
        let class = IdentifierClass::ALL.iter().position(|class| *class == rule.class).unwrap_or(0);
        let code = u8::try_from(class * 4 + rule.rank as usize).unwrap_or(0);
        let mut at = view.word_at(rule.span.start);
        while let Some(word) = view.words.get(at).filter(|word| word.start < rule.span.end) {
            debug_assert!(word.end > rule.span.start);
            let weight = (rule.rank as u8, rule.confidence.0);
            if let (Some(best), Some(said)) = (best.get_mut(at), said.get_mut(at))
                && (*said == 0 || weight > *best)
            {
                (*best, *said) = (weight, code);
            }
            at += 1;
        }
    }
    said
}

/// Whether the model is asked about a word: not about marks, words of other scripts or of source code, numbers with a unit, and small words that are ordinary, or that the model
/// knows as words, and that are nothing else besides.
pub(crate) fn is_asked(view: &View<'_>, at: usize, word: &Word, known: bool) -> bool {
    const NEVER: &WordSet = words!("he she it they we his her the was is and or of with for");
    const UNITS: &WordSet = words!(
        "mg mcg ug g kg lb lbs ml cc cl dl l mm cm mmhg bpm meq mmol umol iu u units unit tab tabs tablet tablets \
         capsule capsules puff puffs drop drops percent mg/dl"
    );
    const TELLING: Flags = Flags::FIRST
        .with(Flags::SURNAME)
        .with(Flags::CITY)
        .with(Flags::MONTH)
        .with(Flags::SEASON)
        .with(Flags::STREET)
        .with(Flags::FACILITY)
        .with(Flags::STATE)
        .with(Flags::PARTICLE);
    match word.kind {
        Kind::Mark => false,
        // nothing was learned of other scripts than Latin
        _ if view.byte(word.start).is_none_or(|first| !first.is_ascii()) => false,
        Kind::Number => !(view.mark(at + 1, b'%') || view.is_any(at + 1, UNITS)),
        _ if view.is_any(at, NEVER) || is_technical(view, at, word) => false,
        Kind::Lower => {
            word.len() > 2
                && (word.has(TELLING)
                    || !known && !word.has(Flags::WORD.with(Flags::ORDINARY).with(Flags::MEDICAL)))
        }
        _ => true,
    }
}

/// Whether a word that no list has as a name is a part of source code: `self.items`, `len(items)`, `std::io`, `is_open`,
/// `ValueTerminal`.
fn is_technical(view: &View<'_>, at: usize, word: &Word) -> bool {
    const LATE: usize = 4;
    if matches!(word.kind, Kind::Code) || word.has(Flags::FIRST.with(Flags::SURNAME).with(Flags::CITY)) {
        return false;
    }
    let touches = |at: usize| view.get(at).is_some_and(|word| word.gap == Gap::None);
    let letters =
        |at: usize| view.get(at).is_some_and(|word| !matches!(word.kind, Kind::Mark | Kind::Number));
    let before = |mark: u8| at > 0 && word.gap == Gap::None && view.mark(at - 1, mark);
    let after = |mark: u8| touches(at + 1) && view.mark(at + 1, mark);
    let title = || view.has(at - 2, Flags::TITLE);
    let member = |mark: u8| at > 1 && before(mark) && touches(at - 1) && letters(at - 2) && !title();
    let small = word.kind == Kind::Lower;
    let late = || view.slice(span(word)).bytes().skip(LATE).any(|byte| byte.is_ascii_uppercase());
    before(b'_')
        || after(b'_')
        || small && (member(b'.') && !view.mark(at + 1, b'@') || after(b'('))
        || before(b':') && view.mark(at.wrapping_sub(2), b':')
        || after(b':') && touches(at + 2) && view.mark(at + 2, b':')
        || word.kind == Kind::Mixed && late()
}

/// Three letters as a number, small.
fn ends<'b>(bytes: impl Iterator<Item = &'b u8>) -> u32 {
    let three = bytes.take(3).fold(1_u32, |sum, byte| sum << 8 | u32::from(byte.to_ascii_lowercase()));
    three.wrapping_mul(0x9e37_79b1) >> 12
}

/// The runs of letters and digits of a number or code, by length.
fn pattern(bytes: &[u8]) -> u32 {
    let mut sum = 7_u32;
    for run in bytes.chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()) {
        let digits = u32::from(run.first().is_some_and(u8::is_ascii_digit));
        let length = u32::try_from(run.len().min(15)).unwrap_or(15);
        sum = sum.wrapping_mul(0x85eb_ca6b) ^ (length << 1 | digits);
    }
    sum.wrapping_mul(0x9e37_79b1) >> 12
}

/// What a short number could be: 0 for a long one.
fn value(bytes: &[u8]) -> u32 {
    let number = std::str::from_utf8(bytes).ok().and_then(|text| text.parse::<u32>().ok());
    let zero = u32::from(bytes.first() == Some(&b'0'));
    match (bytes.len(), number) {
        (1..=2, Some(number)) => {
            let size = match number {
                0 => 0,
                1..=12 => 1,
                13..=24 => 2,
                25..=31 => 3,
                32..=59 => 4,
                60..=89 => 5,
                _ => 6,
            };
            1 + size * 2 + zero
        }
        (3, Some(number)) => 16 + u32::from(number > 89 && number < 116) + zero * 2,
        (4, Some(number)) => match number {
            1900..=1929 => 20,
            1930..=1999 => 21,
            2000..=2035 => 22,
            _ => 23 + zero,
        },
        _ => 0,
    }
}

/// How many words from the head of its line a word may stand to see it.
pub(crate) const HEAD: usize = 12;

/// Where the line begins on which a word stands, if near: the word that names the field.
pub(crate) fn heads(view: &View<'_>) -> Vec<u32> {
    let mut head = 0;
    let words = view.words.iter().enumerate();
    words
        .map(|(at, word)| {
            if word.gap == Gap::Line {
                head = at;
            }
            u32::try_from(if at - head <= HEAD { head } else { at }).unwrap_or(0)
        })
        .collect()
}

/// Whether what stands between two words of one identifier may be part of it: marks, blanks, and one small word
/// at most, as in `St. Luke's of Utica` and `the 4th of July`.
pub(crate) fn joins(between: &str) -> bool {
    const SMALL: &WordSet = words!("of the and at de la del for on in y e");
    let mark = |char: char| " -./',():#+&_\n\r\t".contains(char);
    let rest = between.trim_matches(mark);
    between.len() <= 8 && (rest.is_empty() || SMALL.has(rest))
}

/// The bytes of a word.
pub(crate) fn span(word: &Word) -> Range<usize> {
    word.start..word.end
}
