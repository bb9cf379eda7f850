//! One file per family of identifiers. Each reads the same [`View`] and adds candidates.

mod account;
mod age;
mod code;
mod date;
mod date_words;
mod device;
mod facility;
mod geography;
mod label;
mod label_phrases;
mod name;
mod name_context;
mod name_lexicon;
mod name_part;
mod network;
mod phone;
mod ssn;
mod street;
mod vehicle;
#[cfg(test)]
mod work;

pub(crate) use name::{NameParts, again, parts};
pub(crate) use name_part::is_eponym;

use std::ops::Range;

use terms::IdentifierClass;

use crate::Confidence;
use crate::REACH;
use crate::view::View;

/// How a candidate fares against another that overlaps it; the higher wins, before length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// by the tagger, where a rule says another class of the same place
    Tagger,
    /// by shape or lexicon alone
    Shape,
    /// by a cue or check digit
    Cue,
    /// by a label before it
    Label,
    /// known to the conversation
    Known,
}

/// A possible finding; the span is bytes of the view's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) span: Range<usize>,
    pub(crate) class: IdentifierClass,
    pub(crate) confidence: Confidence,
    pub(crate) recognizer: &'static str,
    pub(crate) rank: Rank,
}

impl Candidate {
    pub(crate) const fn new(
        span: Range<usize>,
        class: IdentifierClass,
        rank: Rank,
        percent: u8,
        recognizer: &'static str,
    ) -> Self {
        Self { span, class, confidence: Confidence(percent), recognizer, rank }
    }
}

/// Runs every recogniser.
pub(crate) fn all(view: &View<'_>, found: &mut Vec<Candidate>) {
    network::recognize(view, found);
    label::recognize(view, found);
    date::recognize(view, found);
    date_words::recognize(view, found);
    age::recognize(view, found);
    ssn::recognize(view, found);
    phone::recognize(view, found);
    account::recognize(view, found);
    device::recognize(view, found);
    vehicle::recognize(view, found);
    code::recognize(view, found);
    street::recognize(view, found);
    geography::recognize(view, found);
    facility::recognize(view, found);
    name::recognize(view, found);
    bound_all(view.text, found);
}

/// Cuts what is longer than any identifier of a person.
pub(crate) fn bound_all(text: &str, found: &mut [Candidate]) {
    for candidate in found.iter_mut().filter(|candidate| candidate.class.names_a_person()) {
        bound(text, &mut candidate.span);
    }
}

/// Cuts a span that is longer than any identifier, so that a stream need not be held back without end.
fn bound(text: &str, span: &mut Range<usize>) {
    if span.len() > REACH {
        span.end = span.start + REACH;
        while !text.is_char_boundary(span.end) {
            span.end -= 1;
        }
    }
}

/// Candidates in `text`, for the tests of one recogniser.
#[cfg(test)]
pub(crate) fn texts(text: &str, run: fn(&View<'_>, &mut Vec<Candidate>)) -> Vec<(&str, &'static str)> {
    let view = View::of(text);
    let mut found = Vec::new();
    run(&view, &mut found);
    found.sort_by_key(|candidate| candidate.span.start);
    found
        .iter()
        .map(|candidate| (text.get(candidate.span.clone()).unwrap(), candidate.class.label()))
        .collect()
}
