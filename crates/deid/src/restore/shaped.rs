//! Surrogates that look like real values: numbers, dates, what a pattern demands.

use terms::{Form, IdentifierClass, Phi};

use super::sign::{Unit, escape, unit};
use super::{Encoding, Look, Original};
use crate::Issued;
use crate::shape::{is_whole, reckoned};
use crate::transform::redact;

/// Longest number of JSON that is looked at as a whole, in bytes.
const NUMBER: usize = 64;

/// One such surrogate.
pub(crate) struct Shaped {
    written: Box<str>,
    form: Form,
    class: IdentifierClass,
    original: Phi<String>,
    escaped: Phi<String>,
    /// Where it is not restored it stays: it was not issued, but reckoned from what was, or looks like a word, which may
    /// be in another.
    reckoned: bool,
}

/// Where a surrogate stands.
#[derive(Default)]
pub(crate) struct Place {
    /// The last character before it that is no white space.
    pub(super) mark: u8,
    /// Whether it is in a JSON string.
    pub(super) in_string: bool,
}

impl Place {
    /// Whether a number of JSON may begin here.
    pub(super) fn takes_a_number(&self, encoding: Encoding) -> bool {
        encoding == Encoding::Json && !self.in_string && matches!(self.mark, b':' | b',' | b'[')
    }

    /// Writes the label of `class` in brackets; as a string of JSON in place of a number.
    pub(super) fn redact(&self, class: IdentifierClass, encoding: Encoding, out: &mut String) {
        let quote = if self.takes_a_number(encoding) { "\"" } else { "" };
        out.push_str(quote);
        redact(class, out);
        out.push_str(quote);
    }
}

/// What a surrogate stands behind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// What belongs to no word.
    Free,
    /// A letter or digit.
    Touched,
    /// The beginning of an address.
    Address,
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

/// Those of `issued`, each once, in the order of how they are written, and the days around those that were moved.
pub(super) fn sorted(issued: &[&Issued]) -> Vec<Shaped> {
    let mut shaped: Vec<Shaped> = issued.iter().map(|one| Shaped::new(one)).collect();
    let moved = issued.iter().filter(|one| one.form == Form::Shifted);
    let moved = moved.map(|one| (one.surrogate.as_str(), one.original.expose().as_str()));
    shaped
        .extend(reckoned(moved).into_iter().map(|(written, original)| Shaped::reckoned(&written, original)));
    shaped.retain(|one| !one.written.is_empty());
    // what was issued comes before what is written alike and only reckoned, and that is dropped
    shaped.sort_by(|a, b| (&a.written, a.reckoned).cmp(&(&b.written, b.reckoned)));
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
            class: issued.class,
            original: issued.original.clone(),
            escaped: Phi::new(escaped),
            reckoned: issued.form == Form::Part
                || issued.form == Form::Realistic
                    && matches!(issued.class, IdentifierClass::Name | IdentifierClass::Location),
        }
    }

    /// A date, which holds nothing to escape.
    fn reckoned(written: &str, original: String) -> Self {
        Self {
            written: written.into(),
            form: Form::Shifted,
            class: IdentifierClass::Date,
            escaped: Phi::new(original.clone()),
            original: Phi::new(original),
            reckoned: true,
        }
    }

    /// Whether what it stands for is an address that software may fetch.
    pub(super) fn is_address(&self) -> bool {
        self.class == IdentifierClass::Url
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
        let quote =
            if place.takes_a_number(encoding) && !is_whole(self.original.expose()) { "\"" } else { "" };
        out.extend([quote, self.escaped.expose(), quote]);
    }
}

/// What stands at the start of `text`: the longest that stands freely, else the longest that does not.
pub(super) fn look<'a>(
    mut candidates: &'a [Shaped],
    text: &str,
    before: Before,
    encoding: Encoding,
    last: bool,
) -> Look<'a> {
    let (mut rest, mut free, mut misplaced) = (text, Look::Nothing, Look::Nothing);
    for depth in 0.. {
        if let Some((whole, longer)) =
            candidates.split_first().filter(|(first, _)| first.written.len() == depth)
        {
            let length = text.len() - rest.len();
            match behind(rest, whole.form, encoding, last) {
                Behind::Free if before == Before::Free => free = Look::Found(length, Original::Shaped(whole)),
                Behind::Unknown if before == Before::Free => return Look::Partial,
                _ if whole.reckoned => {}
                _ => misplaced = Look::Misplaced(length, whole.class),
            }
            candidates = longer;
        }
        if candidates.is_empty() {
            break;
        }
        let unit =
            if before == Before::Address { address_unit(rest, encoding) } else { unit(rest, encoding) };
        let Some(unit) = unit else {
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
    if matches!(free, Look::Nothing) { misplaced } else { free }
}

/// What stands in the number of JSON at the start of `text`, if something in it is misplaced: all of the number is,
/// then, since a part of a number and a label are no JSON.
pub(super) fn look_at_number<'a>(shaped: &'a [Shaped], text: &str, last: bool) -> Look<'a> {
    let of_number = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let length = text.bytes().take(NUMBER).take_while(of_number).count();
    if length == text.len() && length < NUMBER && !last {
        return Look::Partial;
    }
    let number = text.get(..length).unwrap_or_default();
    let (mut at, mut before) = (0, Before::Free);
    while let Some(byte) = number.as_bytes().get(at) {
        let rest = number.get(at..).unwrap_or_default();
        at += match look(shaped, rest, before, Encoding::Text, true) {
            Look::Misplaced(_, class) => return Look::Misplaced(length, class),
            Look::Found(length, _) => length,
            Look::Nothing | Look::Partial => 1,
        };
        before = if byte.is_ascii_alphanumeric() { Before::Touched } else { Before::Free };
    }
    Look::Nothing
}

/// The first character of `text`, of an address: `%2F` is a slash (RFC 3986, 2.1).
fn address_unit(text: &str, encoding: Encoding) -> Option<Unit> {
    let first = unit(text, encoding)?;
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if first.character != '%' {
        return Some(first);
    }
    let mut digits = text.bytes().skip(first.length);
    let Some(high) = hex(digits.next()?) else { return Some(first) };
    let Some(low) = hex(digits.next()?) else { return Some(first) };
    Some(Unit { character: char::from(high << 4 | low), length: first.length + 2 })
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
    if !matches!(form, Form::Date | Form::Shifted | Form::Realistic | Form::Part) || first.character != 'T' {
        return Behind::Touched;
    }
    match rest.get(first.length..).and_then(|rest| unit(rest, encoding)) {
        Some(second) if second.character.is_ascii_digit() => Behind::Free,
        None if !last => Behind::Unknown,
        _ => Behind::Touched,
    }
}
