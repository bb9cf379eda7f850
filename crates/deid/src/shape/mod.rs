//! Surrogates that conform to a schema, where the label form does not.

mod calendar;
mod constraint;
mod dice;
mod draw;
mod shift;

pub(crate) use calendar::{Date, Day};
pub(crate) use constraint::Plan;
pub use constraint::{Constraints, Rule};
pub(crate) use dice::below;
pub(crate) use shift::{Shift, USUAL, dated, reckoned};

/// Fewest values that a shaped surrogate is drawn from: as many as numbers of six digits.
const ROOM: u64 = 900_000;

/// Longest original that gets a shaped surrogate, in bytes.
const LONGEST: usize = 64;

/// Whether `text` is a whole number of a length that a shaped surrogate may have; JSON numbers of more digits than
/// 18 are not the same to every reader.
pub(crate) fn is_number(text: &str) -> bool {
    (6..=18).contains(&text.len()) && is_whole(text)
}

/// Whether `text` is a whole number as JSON writes one, without a sign.
pub(crate) fn is_whole(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

#[cfg(test)]
pub(crate) use dice::tests;
