//! Where surrogates come from: the transformation asks, a session answers.

use crate::IdentifierClass;

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

/// Issues surrogates: the same one for the same class and original, for as long as its session lives.
///
/// A surrogate is `LABEL-XXXXXX`: the class's label with `_` written as `-`, a hyphen, and six characters of
/// `0123456789ABCDEFGHJKMNPQRSTVWXYZ` (Crockford's alphabet) with at least two digits and two letters, drawn at
/// random. It therefore fits wherever a protocol allows names of `[A-Za-z0-9_-]`, says nothing of the
/// original's length, case or content (45 CFR 164.514(c)), and can't be translated outside this house.
pub trait SurrogateSource {
    /// The surrogate of `original`. A fresh one is drawn until `taken` says that it is not in the request.
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError>;
}
