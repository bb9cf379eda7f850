//! Term lists that people keep: what is no identifier though it looks like one, and what is one though no rule can
//! know it.
//!
//! Texts are literal. They are compared without regard to letter case, to how blanks are written, and to the spellings
//! that examining folds away anyway. An allowed text takes away a finding that is exactly it, if that was made by
//! shape, lexicon or cue; never one under a label or a field's name that says what it is, never one that the
//! conversation knows, and never a longer one. It takes away the names and places that the tagger finds within it,
//! too. A text that must be found is found between borders of words.

mod wanted;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use terms::IdentifierClass;

use crate::normalize::Normal;
use crate::recognize::{Candidate, Rank};
use crate::{Detector, Known, Passage, tagger};
pub(crate) use wanted::Lively;
use wanted::Wanted;

/// Longest text of a list, folded, in bytes: an answer that is cut where it must be holds back more than that.
const LONGEST: usize = 64;
/// Most texts of one list.
const MOST: usize = 1000;
/// Shortest text, in letters and digits; of a name that must be found, and of letters in one that is allowed.
const SHORTEST: usize = 2;
const SHORTEST_NAME: usize = 3;
/// Words to either side of what the tagger found that an allowed text may have more.
const BESIDE: usize = 3;
/// Most digits in a row in an allowed text: a number of four may be part of an address, a year, or somebody's.
const DIGITS: usize = 3;

/// Why a text can't stand on a list. Holds no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// It is too long.
    #[error("a text is at most 64 bytes long, accents and blanks folded")]
    TooLong,
    /// It is too short.
    #[error(
        "a text has at least two letters or digits, a name that must be found three, an allowed one two letters"
    )]
    TooShort,
    /// It holds too many marks in a row.
    #[error("a text holds no more than two marks or small words in a row")]
    Marks,
    /// An allowed text would hide an identifier of this class.
    #[error("an allowed text can't hide {0}: only NAME and LOCATION, and DATE where it holds no digit")]
    Class(IdentifierClass),
    /// An allowed text holds a number.
    #[error("an allowed text holds at most three digits in a row, and as a DATE none")]
    Number,
    /// There are too many.
    #[error("a list holds at most 1000 texts")]
    TooMany,
    /// The texts can't be searched for.
    #[error("the list can't be searched for")]
    Unusable,
}

/// The lists that hold for a piece of work, ready to be applied.
pub struct Lists {
    /// Texts that are no identifiers, by class.
    allowed: HashMap<IdentifierClass, HashSet<Box<str>>>,
    wanted: Option<Wanted>,
    version: Box<str>,
}

impl Lists {
    /// From allowed texts, each for one class or, without one, for names and places, and texts that must be found.
    /// `version` must be another whenever the texts are.
    ///
    /// # Errors
    /// Any [`ListError`]: no list is used in part.
    pub fn new<'a>(
        allowed: impl IntoIterator<Item = (Option<IdentifierClass>, &'a str)>,
        wanted: impl IntoIterator<Item = (IdentifierClass, &'a str)>,
        version: &str,
    ) -> Result<Arc<Self>, ListError> {
        let mut by_class: HashMap<IdentifierClass, HashSet<Box<str>>> = HashMap::new();
        for (at, (class, text)) in allowed.into_iter().enumerate() {
            if at >= MOST {
                return Err(ListError::TooMany);
            }
            let text = allowable(class, text)?;
            for class in hidden(class) {
                by_class.entry(*class).or_default().insert(text.as_str().into());
            }
        }
        let wanted = Wanted::new(wanted)?;
        Ok(Arc::new(Self { allowed: by_class, wanted, version: version.into() }))
    }

    /// Whether `text` may stand on a list of allowed texts.
    ///
    /// # Errors
    /// Why not; for instance because it holds what looks like an identifier that a list must never hide.
    pub fn check_allowed(class: Option<IdentifierClass>, text: &str) -> Result<(), ListError> {
        allowable(class, text)?;
        let found = Detector::rules().detect(Passage::prose(text), &Known::none());
        let found = found.map_err(|_failed| ListError::Unusable)?;
        let hides = hidden(class);
        let other = found.iter().map(|finding| finding.class).find(|found| {
            // March is a date, whatever it is meant to be
            !hides.contains(found) && *found != IdentifierClass::Date
        });
        other.map_or(Ok(()), |class| Err(ListError::Class(class)))
    }

    /// Whether `text` may stand on a list of texts that must be found.
    ///
    /// # Errors
    /// Why not.
    pub fn check_wanted(class: IdentifierClass, text: &str) -> Result<(), ListError> {
        wanted::searchable(class, text).map(drop)
    }

    /// What tells these lists from others.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Takes candidates away whose text is allowed, and adds what must be found.
    pub(crate) fn apply(&self, text: &str, found: &mut Vec<Candidate>) {
        found.retain(|candidate| candidate.rank > Rank::Cue || !self.takes_away(text, candidate));
        if let Some(wanted) = &self.wanted {
            wanted.find(text, found);
        }
    }

    /// Whether a candidate is an allowed text, or what the tagger sees within one.
    fn takes_away(&self, text: &str, candidate: &Candidate) -> bool {
        let said = text.get(candidate.span.clone()).unwrap_or_default();
        self.allows(candidate.class, said)
            || candidate.recognizer == tagger::RECOGNIZER
                && hidden(None).contains(&candidate.class)
                && !self.allowed.is_empty()
                && self.allows_around(text, &candidate.span)
    }

    /// Whether `text` is an allowed one of `class`.
    pub(crate) fn allows(&self, class: IdentifierClass, text: &str) -> bool {
        // what is folded is shorter by a few bytes a character at most
        let Some(allowed) = self.allowed.get(&class).filter(|_| text.len() <= LONGEST * 4) else {
            return false;
        };
        allowed.contains(plain(text).as_str())
    }

    /// Whether `span` is part of an allowed text: the tagger may see a name in one word of it, and of another class.
    fn allows_around(&self, text: &str, span: &Range<usize>) -> bool {
        let mut from = span.start.saturating_sub(LONGEST * 4);
        let mut to = text.len().min(span.end.saturating_add(LONGEST * 4));
        while !text.is_char_boundary(from) {
            from += 1;
        }
        while !text.is_char_boundary(to) {
            to -= 1;
        }
        let Some((before, after)) = text.get(from..span.start).zip(text.get(span.end..to)) else {
            return false;
        };
        let blanks = before.rmatch_indices(char::is_whitespace).map(|(at, blank)| from + at + blank.len());
        let starts = std::iter::once(span.start).chain(blanks).chain([from]);
        starts.take(1 + BESIDE).any(|start| {
            let ends = after.match_indices(char::is_whitespace).map(|(at, _)| span.end + at).chain([to]);
            std::iter::once(span.end).chain(ends).take(2 + BESIDE).any(|end| {
                let whole = text.get(start..end).unwrap_or_default();
                let whole = whole.trim_matches(|char: char| !char.is_alphanumeric());
                hidden(None).iter().any(|class| self.allows(*class, whole))
            })
        })
    }

    /// The words in which a text that must be found may begin, end, or go on.
    pub(crate) fn lively(&self) -> Option<&Lively> {
        self.wanted.as_ref().map(Wanted::lively)
    }
}

/// The classes whose findings an allowed text takes away.
const fn hidden(class: Option<IdentifierClass>) -> &'static [IdentifierClass] {
    match class {
        None => &[IdentifierClass::Name, IdentifierClass::Location],
        Some(IdentifierClass::Name) => &[IdentifierClass::Name],
        Some(IdentifierClass::Location) => &[IdentifierClass::Location],
        Some(IdentifierClass::Date) => &[IdentifierClass::Date],
        Some(_) => &[],
    }
}

/// The form in which an allowed text is compared, if it may be one.
fn allowable(class: Option<IdentifierClass>, text: &str) -> Result<String, ListError> {
    if let Some(class) = class.filter(|class| hidden(Some(*class)).is_empty()) {
        return Err(ListError::Class(class));
    }
    let text = plain(text);
    if text.len() > LONGEST {
        return Err(ListError::TooLong);
    }
    if text.chars().filter(|c| c.is_alphabetic()).count() < SHORTEST {
        return Err(ListError::TooShort);
    }
    let most = if class == Some(IdentifierClass::Date) { 0 } else { DIGITS };
    let mut rows = text.split(|c: char| !c.is_numeric());
    if rows.any(|row| row.chars().count() > most) {
        return Err(ListError::Number);
    }
    Ok(text)
}

/// Folded, in small letters, one blank between words, without separators at the edges.
fn plain(text: &str) -> String {
    let folded = Normal::of(text);
    let edge = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':');
    let mut plain = String::with_capacity(text.len());
    for word in folded.text().trim_matches(edge).split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().flat_map(char::to_lowercase));
    }
    plain
}

#[cfg(test)]
mod tests;
