//! Where surrogates come from: the transformation asks, a session answers.

use crate::{IdentifierClass, Randomness};

/// Why no surrogate could be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SurrogateError {
    /// Every candidate drawn was already part of the request's text.
    #[error("no surrogate could be drawn that is not already in the request")]
    Exhausted,
    /// The session holds as many mappings as it may.
    #[error("the session holds as many surrogates as it may")]
    Full,
}

/// How a surrogate is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// `LABEL-XXXXXX`, see [`SurrogateSource`]
    Label,
    /// a whole number of as many digits, without a zero at its start
    Number,
    /// a date, `YYYY-MM-DD` (RFC 3339, full-date)
    Date,
    /// a date with its time (RFC 3339, date-time)
    DateTime,
    /// a date moved by as many days as every other of its conversation, in the original's notation
    Shifted,
    /// like the original: a digit for a digit, a letter for a letter of its case, all else kept
    Alike,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 6] =
        [Self::Label, Self::Number, Self::Date, Self::DateTime, Self::Shifted, Self::Alike];

    /// The word by which stores name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Number => "number",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Shifted => "shifted",
            Self::Alike => "alike",
        }
    }

    /// The form of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.as_str() == word)
    }
}

/// How surrogates of another form than the label's are made for one original in one request.
pub trait Shape {
    /// Whether `candidate` conforms to what the request demands, and is in no text of the request.
    fn fits(&self, candidate: &str) -> bool;

    /// A candidate; `None` if there is none to be found. It may not fit: then another is drawn.
    fn draw(&self, randomness: &dyn Randomness) -> Option<String>;
}

/// Issues surrogates: the same one for the same class and original, for as long as its session lives.
///
/// A surrogate is `LABEL-XXXXXX`: the class's label with `_` written as `-`, a hyphen, and six characters of
/// `0123456789ABCDEFGHJKMNPQRSTVWXYZ` (Crockford's alphabet) with at least two digits and two letters, drawn at
/// random. It therefore fits wherever a protocol allows names of `[A-Za-z0-9_-]`, says nothing of the
/// original's length, case or content (45 CFR 164.514(c)), and can't be translated outside this house.
///
/// Where a schema would refuse that, a surrogate has another [`Form`]. Such a one can't be told from a real value, so
/// it never is text of the request, and is nobody's business but of the request that it was issued for.
pub trait SurrogateSource {
    /// The surrogate of `original`. A fresh one is drawn until `taken` says that it is not in the request.
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError>;

    /// The surrogate of `original` in `form`: the one it has, as long as that fits `shape`, else a fresh one.
    /// `None` where none is to be had: the label form serves then, as it does with a source that has no other.
    fn shaped(
        &mut self,
        _class: IdentifierClass,
        _original: &str,
        _form: Form,
        _shape: &dyn Shape,
    ) -> Result<Option<String>, SurrogateError> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_known_by_their_words() {
        for form in Form::ALL {
            assert_eq!(Form::named(form.as_str()), Some(form));
        }
        assert_eq!(Form::named("Label"), None);
    }
}
