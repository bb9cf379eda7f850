//! Headings and names of fields, and the stretches of text that they class.

use std::ops::Range;

use terms::HealthClass;

use super::table::{Entry, Kinds, join, table};
use super::tokens::Tokens;
use crate::lexicon::hash;
use crate::view::{Gap, Kind};

/// Most words of a heading.
const LONGEST_HEADING: usize = 5;
/// How far a heading reaches, in bytes.
const REACH: usize = 2_000;

/// A heading and the text under it.
#[derive(Clone)]
pub(super) struct Section {
    /// `None` for a heading that tells of no class, which ends the one before.
    pub(super) class: Option<HealthClass>,
    /// Whether it classes other than clinical text, too: then only beside something that tells.
    pub(super) soft: bool,
    pub(super) body: Range<usize>,
}

impl Section {
    fn of(entry: Entry, body: Range<usize>) -> Self {
        Self { class: entry.class(Kinds::SECTION), soft: entry.is(Kinds::SOFT), body }
    }
}

/// What the name of a field says of its text.
pub(super) fn of_label(label: &str, text: &str) -> Option<Section> {
    let mut words: Vec<String> = Vec::new();
    let mut small = false;
    for char in label.chars().take(64) {
        let anew = char.is_ascii_uppercase() && small;
        small = char.is_ascii_lowercase();
        if !char.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        match words.last_mut().filter(|_| !anew) {
            Some(word) => word.push(char),
            None => words.push(char.to_string()),
        }
    }
    words.retain(|word| !word.is_empty());
    // the whole name, else its end: `primary_diagnosis`
    let entry = (0..words.len()).find_map(|from| {
        let hashes: Option<Vec<u64>> = words.iter().skip(from).map(|word| hash(word.as_bytes())).collect();
        let entry = table().get(hashes?.into_iter().reduce(join)?);
        entry.is(Kinds::SECTION).then_some(entry)
    })?;
    Some(Section::of(entry, 0..text.len()))
}

/// The sections of a text, in order and apart from each other.
pub(super) fn of_text(tokens: &Tokens<'_, '_>) -> Vec<Section> {
    let mut found: Vec<(usize, Section)> =
        tokens.colons.iter().filter_map(|at| before_colon(tokens, *at)).collect();
    found.extend(alone(tokens));
    found.sort_by_key(|(start, _)| *start);
    let ends: Vec<usize> = found.iter().skip(1).map(|(start, _)| *start).chain([usize::MAX]).collect();
    let length = tokens.view.text.len();
    let mut sections: Vec<Section> = found.into_iter().map(|(_, section)| section).collect();
    for (section, end) in sections.iter_mut().zip(ends) {
        let end = end.min(length).min(section.body.start + REACH);
        section.body.end = end.max(section.body.start);
    }
    sections.retain(|section| section.class.is_some());
    sections
}

/// The heading that ends in a colon, with where it starts: from the line's start, a bracket, a quote or a full stop.
fn before_colon(tokens: &Tokens<'_, '_>, colon: usize) -> Option<(usize, Section)> {
    let view = tokens.view;
    let mark = |at: usize| view.words.get(at).filter(|word| word.kind == Kind::Mark);
    let mut last = colon.checked_sub(1)?;
    let quoted = view.mark(last, b'"');
    if quoted {
        last = last.checked_sub(1)?;
    }
    let mut first = last + 1;
    let mut whole = None;
    for at in (last.saturating_sub(2 * LONGEST_HEADING)..=last).rev() {
        let word = view.words.get(at)?;
        let opens = mark(at).is_some_and(|word| {
            matches!(
                view.byte(word.start),
                Some(b'"' | b'{' | b'(' | b',' | b'.' | b';' | b'|' | b'*' | b'[')
            )
        });
        if opens {
            break;
        }
        first = at;
        if word.gap == Gap::Line {
            whole = Some(());
            break;
        }
    }
    let start = view.words.get(first)?;
    let stands = whole.is_some()
        || first.checked_sub(1).and_then(mark).is_some() && (quoted || start.kind != Kind::Lower);
    let end = view.words.get(colon)?.end;
    // a time or a ratio is no heading
    let tight =
        view.words.get(colon + 1).is_some_and(|next| next.gap == Gap::None && next.kind == Kind::Number);
    if !stands || first > last || tight && !quoted {
        return None;
    }
    Some((start.start, Section::of(heading(tokens, first, last), end..end)))
}

/// Lines that are nothing but a heading.
fn alone(tokens: &Tokens<'_, '_>) -> Vec<(usize, Section)> {
    let view = tokens.view;
    let mut found = Vec::new();
    let mut from = 0;
    for at in 1..=view.words.len() {
        if view.words.get(at).is_some_and(|word| word.gap != Gap::Line) {
            continue;
        }
        if at - from <= LONGEST_HEADING
            && let (Some(first), Some(last)) = (view.words.get(from), view.words.get(at - 1))
            && first.is_capital()
            && last.kind != Kind::Mark
            && heading(tokens, from, at - 1).is(Kinds::SECTION)
        {
            found.push((first.start, Section::of(heading(tokens, from, at - 1), last.end..last.end)));
        }
        from = at;
    }
    found
}

/// What is known of the words from `first` to `last` as a heading.
fn heading(tokens: &Tokens<'_, '_>, first: usize, last: usize) -> Entry {
    let view = tokens.view;
    let words = (first..=last).filter(|at| view.words.get(*at).is_some_and(|word| word.kind != Kind::Mark));
    let hashes: Option<Vec<u64>> = words.map(|at| hash(view.str(at).as_bytes())).collect();
    let whole =
        hashes.filter(|hashes| hashes.len() <= LONGEST_HEADING).and_then(|all| all.into_iter().reduce(join));
    let entry = whole.map(|whole| table().get(whole)).unwrap_or_default();
    if entry.is(Kinds::SECTION) { entry } else { Entry::default() }
}
