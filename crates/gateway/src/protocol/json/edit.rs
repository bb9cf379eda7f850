//! Edits: only the tokens that change are written anew.

use std::borrow::Cow;

use super::write_string;

/// What takes a token's place.
#[derive(Clone)]
pub enum Edit<'a> {
    /// this text, as a JSON string
    Text(Cow<'a, str>),
    /// these bytes, which are JSON already
    Raw(Cow<'a, str>),
}

/// Writes `text` with `edits` in the place of the byte spans they name. Every other byte stays as it is.
///
/// An edit that starts before the end of the one before it is left out: callers hand in spans of distinct
/// tokens, and where one lies inside another, the outer one counts.
pub fn splice(text: &str, edits: &mut [(u32, u32, Edit<'_>)]) -> String {
    edits.sort_by_key(|(start, end, _)| (*start, u32::MAX - *end));
    let mut out = String::with_capacity(text.len() + 16 * edits.len());
    let mut at = 0;
    for (start, end, edit) in edits.iter() {
        let (start, end) = (*start as usize, *end as usize);
        let Some(kept) = text.get(at..start) else { continue };
        out.push_str(kept);
        match edit {
            Edit::Text(new) => write_string(&mut out, new),
            Edit::Raw(new) => out.push_str(new),
        }
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
