//! Surrogates that look like real values: numbers, dates, what a pattern demands.

use terms::{Form, Phi};

use super::sign::{escape, unit};
use super::{Encoding, Look, Original};
use crate::Issued;
use crate::shape::is_whole;

/// One such surrogate.
pub(crate) struct Shaped {
    written: Box<str>,
    form: Form,
    original: Phi<String>,
    escaped: Phi<String>,
}

/// Where a surrogate stands.
#[derive(Default)]
pub(crate) struct Place {
    /// The last character before it that is no white space.
    pub(super) mark: u8,
    /// Whether it is in a JSON string.
    pub(super) in_string: bool,
}

/// What comes behind a surrogate.
enum Behind {
    /// What belongs to no word, or the text's end.
    Free,
    /// More of the word.
    Touched,
    /// The text ends here, so far.
    Unknown,
}

/// Those of `issued`, each once, in the order of how they are written.
pub(super) fn sorted(issued: Vec<&Issued>) -> Vec<Shaped> {
    let mut shaped: Vec<Shaped> = issued.into_iter().map(Shaped::new).collect();
    shaped.retain(|one| !one.written.is_empty());
    shaped.sort_by(|a, b| a.written.cmp(&b.written));
    shaped.dedup_by(|a, b| a.written == b.written);
    shaped
}

impl Shaped {
    fn new(issued: &Issued) -> Self {
        let original = issued.original.expose();
        let mut escaped = String::new();
        escape(original, &mut escaped);
        Self {
            written: issued.surrogate.as_str().into(),
            form: issued.form,
            original: issued.original.clone(),
            escaped: Phi::new(escaped),
        }
    }

    /// The byte that it begins with.
    pub(super) fn first(&self) -> Option<u8> {
        self.byte(0)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.written.as_bytes().get(at).copied()
    }

    /// Writes the original; where a number of JSON stands for what is none, as a string.
    pub(super) fn write(&self, encoding: Encoding, place: &Place, out: &mut String) {
        if encoding == Encoding::Text {
            return out.push_str(self.original.expose());
        }
        let number = !place.in_string && matches!(place.mark, b':' | b',' | b'[');
        let quote = if number && !is_whole(self.original.expose()) { "\"" } else { "" };
        out.extend([quote, self.escaped.expose(), quote]);
    }
}

/// What stands at the start of `text`, behind what is no letter or digit: the longest that ends freely.
pub(super) fn look<'a>(mut candidates: &'a [Shaped], text: &str, encoding: Encoding, last: bool) -> Look<'a> {
    let (mut rest, mut best) = (text, Look::Nothing);
    for depth in 0.. {
        if let Some((whole, longer)) =
            candidates.split_first().filter(|(first, _)| first.written.len() == depth)
        {
            match behind(rest, whole.form, encoding, last) {
                Behind::Free => best = Look::Found(text.len() - rest.len(), Original::Shaped(whole)),
                Behind::Touched => {}
                Behind::Unknown => return Look::Partial,
            }
            candidates = longer;
        }
        if candidates.is_empty() {
            break;
        }
        let Some(unit) = unit(rest, encoding) else {
            if last {
                break;
            }
            return Look::Partial;
        };
        let Some(byte) = u8::try_from(unit.character).ok().filter(u8::is_ascii) else { break };
        let from = candidates.partition_point(|one| one.byte(depth) < Some(byte));
        let to = candidates.partition_point(|one| one.byte(depth) <= Some(byte));
        candidates = candidates.get(from..to).unwrap_or_default();
        rest = rest.get(unit.length..).unwrap_or_default();
    }
    best
}

/// Whether a surrogate of this form is recognised between two plain texts.
pub(crate) fn stands_free(before: &str, after: &str, form: Form) -> bool {
    !before.ends_with(char::is_alphanumeric)
        && matches!(behind(after, form, Encoding::Text, true), Behind::Free)
}

/// A date may be followed by its time: `T` and a digit.
fn behind(rest: &str, form: Form, encoding: Encoding, last: bool) -> Behind {
    let Some(first) = unit(rest, encoding) else {
        return if last { Behind::Free } else { Behind::Unknown };
    };
    if !first.character.is_alphanumeric() {
        return Behind::Free;
    }
    if form != Form::Date || first.character != 'T' {
        return Behind::Touched;
    }
    match rest.get(first.length..).and_then(|rest| unit(rest, encoding)) {
        Some(second) if second.character.is_ascii_digit() => Behind::Free,
        None if !last => Behind::Unknown,
        _ => Behind::Touched,
    }
}
