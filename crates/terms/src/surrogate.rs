//! Where surrogates come from: the transformation asks, a session answers.

use crate::{Digester, IdentifierClass, Randomness};

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
    /// There is no key from which pseudonyms are made.
    #[error("there is no key for pseudonyms")]
    NoKey,
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
    /// what looks real: a name for a name, a place for a place, a number for a number
    Realistic,
    /// a part of what looks real, such as a surname: remembered so that the parts agree, nobody's finding
    Part,
    /// keyed, `LABEL-` and 16 characters, see [`pseudonym`]
    Pseudonym,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 9] = [
        Self::Label,
        Self::Number,
        Self::Date,
        Self::DateTime,
        Self::Shifted,
        Self::Alike,
        Self::Realistic,
        Self::Part,
        Self::Pseudonym,
    ];

    /// The word by which stores name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Number => "number",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Shifted => "shifted",
            Self::Alike => "alike",
            Self::Realistic => "realistic",
            Self::Part => "part",
            Self::Pseudonym => "pseudonym",
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

    /// The pseudonym of `original`, whose [`pseudonym`] is made of `folded`; the same whenever it is asked for.
    ///
    /// # Errors
    /// [`SurrogateError::NoKey`] from a source that has none: what policy wants pseudonyms for must not go out then.
    fn pseudonym(
        &mut self,
        _class: IdentifierClass,
        _original: &str,
        _folded: &str,
    ) -> Result<String, SurrogateError> {
        Err(SurrogateError::NoKey)
    }

    /// The year that it is, to tell which years reveal an age over 89; where nobody knows, no year goes out.
    fn year(&self) -> Option<u32> {
        None
    }
}

/// Crockford's alphabet.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bytes of the digest that a pseudonym tells: 80 bits, so that a million of them are all unlike.
const TOLD: usize = 10;

/// The pseudonym of an original, folded so that its spellings are one: the class's label, a hyphen, and 16 characters
/// of base32 (Crockford's alphabet) of an HMAC-SHA-256.
///
/// It is **derived** from the original, so that 45 CFR 164.514(c)(1) does not allow it as a code for re-identification,
/// and what holds it is still PHI: who has the key can try originals.
pub fn pseudonym(digester: &dyn Digester, class: IdentifierClass, folded: &str) -> String {
    let digest = digester.digest("chaperon.pseudonym.v1", &[class.label().as_bytes(), folded.as_bytes()]);
    let mut text = class.label().replace('_', "-");
    text.push('-');
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in digest.0.iter().take(TOLD) {
        (bits, held) = (bits << 8 | u32::from(*byte), held + 8);
        while held >= 5 {
            held -= 5;
            let sign = ALPHABET.get((bits >> held & 31) as usize).copied().unwrap_or(b'0');
            text.push(char::from(sign));
        }
        bits &= (1 << held) - 1;
    }
    text
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

    #[test]
    fn a_pseudonym_is_the_base32_of_its_digest() {
        struct Fixed;
        impl Digester for Fixed {
            fn digest(&self, domain: &str, parts: &[&[u8]]) -> crate::Digest {
                assert_eq!((domain, parts), ("chaperon.pseudonym.v1", &[&b"HEALTH_PLAN"[..], b"xwb8"][..]));
                let mut digest = [0xff; 32];
                digest[..5].copy_from_slice(&[0x00, 0x44, 0x32, 0x14, 0xc7]);
                crate::Digest(digest)
            }
        }
        let made = pseudonym(&Fixed, IdentifierClass::HealthPlan, "xwb8");
        assert_eq!(made, "HEALTH-PLAN-01234567ZZZZZZZZ");
    }
}
