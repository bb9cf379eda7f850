//! What a detector is given and what it answers.

use std::ops::Range;

use terms::IdentifierClass;

/// A piece of text to examine, with the key that names it where it has one.
#[derive(Clone, Copy)]
pub struct Passage<'a> {
    /// The text.
    pub text: &'a str,
    /// The name of the field that holds the text, for instance `date_of_birth`; `None` for prose.
    pub label: Option<&'a str>,
}

impl<'a> Passage<'a> {
    /// Prose, without a field's name.
    pub const fn prose(text: &'a str) -> Self {
        Self { text, label: None }
    }
}

/// How sure a recogniser is, in percent, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(pub u8);

/// One identifier that was found. Holds no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: bytes of the examined text as it was given, on character boundaries.
    pub span: Range<usize>,
    /// Which class of identifier.
    pub class: IdentifierClass,
    /// How sure the recogniser is.
    pub confidence: Confidence,
    /// Which recogniser found it, for instance `mrn.labelled`.
    pub recognizer: &'static str,
}
