//! Surrogates that look real: the right kind of value, drawn at random, written as the original is.
//!
//! An original is read into parts (given name, surname, town, street, digits), each of which has a surrogate that the
//! session remembers by the part's one spelling ([`Form::Part`]); so `SMITH, John A.` and `Ms. Smith` agree, and so do
//! spellings of a number. What goes out is the parts' surrogates in the original's layout and letter case. Parts that a
//! model may write alone are told beside the whole, so that they come back too.
//!
//! Nothing drawn can be somebody's: numbers come from ranges that are not issued, addresses from domains and networks that
//! are reserved, places do not exist. Nothing is derived from the original (45 CFR 164.514(c)) but its kind and layout, of
//! a date the year, of a place the State. Where that can't be done there is none, and the label serves.

mod contact;
mod date;
mod lists;
mod name;
mod number;
mod place;

use std::collections::HashMap;

use terms::{Form, IdentifierClass, Randomness, Shape, SurrogateError, SurrogateSource};

pub(crate) use name::People;

/// Longest original that has one, in bytes.
const LONGEST: usize = 200;

/// What stands for an original.
#[derive(Clone, Debug, Default)]
pub(crate) struct Real {
    /// What goes out.
    pub(crate) text: String,
    /// The parts that a model may write alone, and what they stand for: surrogate and original.
    pub(crate) parts: Vec<(String, String)>,
    /// The same in other letter cases and notations, where no part is written so.
    pub(crate) variants: Vec<(String, String)>,
    /// The same, put together from parts: none where the request's new texts hold it.
    pub(crate) phrases: Vec<(String, String)>,
}

/// The request as surrogates must not look like it.
pub(crate) trait Taken {
    /// Whether a passage holds `text` as it stands.
    fn holds(&self, text: &str) -> bool;

    /// Whether a passage holds a word, given in small letters, in any letter case.
    fn speaks(&self, word: &str) -> bool;
}

/// Draws for one request.
pub(crate) struct Drawer<'a> {
    pub(crate) source: &'a mut dyn SurrogateSource,
    pub(crate) taken: &'a dyn Taken,
    /// What was drawn for parts in this request, by kind and spelling.
    pub(crate) drawn: &'a mut HashMap<String, Option<String>>,
    pub(crate) class: IdentifierClass,
}

/// What stands for `original`; `before` stands before it in its passage. `None` where nothing is to be had.
pub(crate) fn real(
    drawer: &mut Drawer<'_>,
    people: &People,
    original: &str,
    before: &str,
) -> Result<Option<Real>, SurrogateError> {
    use IdentifierClass as C;
    if original.len() > LONGEST {
        return Ok(None);
    }
    match drawer.class {
        C::Name => name::real(drawer, people, original, before),
        C::Location => place::real(drawer, original),
        C::Date => date::real(drawer, original),
        C::Phone | C::Fax => contact::phone(drawer, original),
        C::Email => contact::email(drawer, original),
        C::Url => contact::url(drawer, original),
        C::Ip => contact::ip(drawer, original),
        C::Ssn | C::Mrn | C::HealthPlan | C::Account | C::License | C::Vehicle | C::Device | C::OtherId => {
            number::real(drawer, original)
        }
        // what these are made of, nobody can draw
        _ => Ok(None),
    }
}

/// One part's demands.
struct Part<'p> {
    /// Kind and a blank, before what is remembered.
    kind: &'p str,
    fits: &'p dyn Fn(&str) -> bool,
    draw: &'p dyn Fn(&dyn Randomness) -> Option<String>,
}

impl Shape for Part<'_> {
    fn fits(&self, candidate: &str) -> bool {
        candidate.strip_prefix(self.kind).is_some_and(|rest| (self.fits)(rest))
    }

    fn draw(&self, randomness: &dyn Randomness) -> Option<String> {
        Some(format!("{}{}", self.kind, (self.draw)(randomness)?))
    }
}

impl Drawer<'_> {
    /// The surrogate of a part of this kind, which no other part of the kind shares.
    fn part(
        &mut self,
        kind: &str,
        spelling: &str,
        fits: &dyn Fn(&str) -> bool,
        draw: &dyn Fn(&dyn Randomness) -> Option<String>,
    ) -> Result<Option<String>, SurrogateError> {
        let key = format!("{kind}{spelling}");
        if let Some(known) = self.drawn.get(&key) {
            return Ok(known.clone());
        }
        let drawn = self.source.shaped(self.class, &key, Form::Part, &Part { kind, fits, draw })?;
        let drawn = drawn.and_then(|drawn| drawn.strip_prefix(kind).map(str::to_owned));
        self.drawn.insert(key, drawn.clone());
        Ok(drawn)
    }

    /// As [`Drawer::part`], of what may be the same for two spellings, such as a letter.
    fn shared(
        &mut self,
        kind: &str,
        spelling: &str,
        draw: &dyn Fn(&dyn Randomness) -> Option<String>,
    ) -> Result<Option<String>, SurrogateError> {
        // what is remembered is told apart by the spelling
        let own = format!("{spelling}=");
        let fits = |candidate: &str| candidate.starts_with(&own);
        let drawn = self.part(kind, spelling, &fits, &|randomness| Some(own.clone() + &draw(randomness)?))?;
        Ok(drawn.and_then(|drawn| drawn.strip_prefix(&own).map(str::to_owned)))
    }
}

/// `word`, which has a capital, in the letter case of `like`.
fn cased(word: &str, like: &str) -> String {
    let mut letters = like.chars().filter(|c| c.is_alphabetic());
    if letters.clone().all(char::is_lowercase) {
        word.to_lowercase()
    } else if letters.clone().count() > 1 && letters.all(|c| !c.is_lowercase()) {
        word.to_uppercase()
    } else {
        word.to_owned()
    }
}

/// `word` with a capital first letter and small ones.
fn capital(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + &characters.as_str().to_lowercase()
}

impl Real {
    /// Tells a part that may be written alone, in the letter cases that occur: as it stands, with a capital, in
    /// capitals. In small letters it may be another word.
    fn tell(&mut self, surrogate: &str, original: &str) {
        self.parts.push((surrogate.to_owned(), original.to_owned()));
        let mixed = original.chars().any(char::is_lowercase) && original.chars().any(char::is_uppercase);
        let named = if mixed { original.to_owned() } else { capitals(original) };
        self.variants
            .extend([(capitals(surrogate), named), (surrogate.to_uppercase(), original.to_uppercase())]);
    }
}

/// Every word with a capital.
fn capitals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        out.push_str(&capital(word));
    }
    out
}
