//! One element of a record, and what its format says of it.

use std::fmt;

use terms::IdentifierClass;

/// What the format or the name of an element says of its value. `Debug` does not show a label, which may be a question of a
/// form.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Says {
    /// text, which a detector examines; `label` is the name of the field where it may tell the class
    Text {
        /// The name of the field, for [`deid::Passage::label`].
        label: Option<String>,
    },
    /// the name of a member that may itself hold an identifier: for a detector without the tagger
    Key,
    /// the whole value is one identifier
    Is(IdentifierClass),
    /// the value stands where values of this class do, as a sample or its owner says, and is not of their form: a detector
    /// examines it, and what it does not find is of the class
    Like(IdentifierClass),
    /// the whole value is a unique identifier of DICOM (PS3.5, 9): what replaces it is one too ([`crate::uid`]); from any
    /// other text one is made, the same from the same text
    Uid,
    /// no identifier by specification: codes of code systems, units, flags
    Plain,
}

impl fmt::Debug for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { label } => {
                f.debug_struct("Text").field("labelled", &label.is_some()).finish_non_exhaustive()
            }
            Self::Key => f.write_str("Key"),
            Self::Is(class) => f.debug_tuple("Is").field(class).finish(),
            Self::Like(class) => f.debug_tuple("Like").field(class).finish(),
            Self::Uid => f.write_str("Uid"),
            Self::Plain => f.write_str("Plain"),
        }
    }
}

impl Says {
    /// Text without the name of a field.
    pub(crate) const fn text() -> Self {
        Self::Text { label: None }
    }

    /// Text under the name of a field.
    pub(crate) fn labelled(label: &str) -> Self {
        Self::Text { label: Some(label.to_owned()) }
    }
}

/// One element of a record. `Debug` does not show its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// Names of elements or of a column, for instance `Patient.name.family` or `PID-5.1`: never a value. A member whose
    /// name does not look like one is `*`.
    pub path: String,
    /// The value, without the escapes of the format.
    pub text: String,
    /// What is known of it.
    pub says: Says,
    /// Where the text goes on from that of the field before, as in a note on several lines or between tags: what stands
    /// between the two. [`crate::examine`] examines such fields as one text.
    pub follows: Option<&'static str>,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("path", &self.path).field("says", &self.says).finish_non_exhaustive()
    }
}
