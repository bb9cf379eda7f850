//! Which words are calm: neither a name nor a part of one, in whatever text they stand.

use crate::lexicon::{Flags, lexicon};
use crate::tagger;
use crate::wordset::{WordSet, words};

/// What a small word must not be, where it is no ordinary word as well: nobody means Rose by `rose`.
const NAMES: Flags = Flags::FIRST.with(Flags::SURNAME).with(Flags::CITY);

/// What a capital word must not be, ordinary or not.
const PARTS: Flags = NAMES
    .with(Flags::TITLE)
    .with(Flags::PARTICLE)
    .with(Flags::EPONYM)
    .with(Flags::STATE)
    .with(Flags::STREET)
    .with(Flags::STREET_ABROAD)
    .with(Flags::FACILITY);

/// Words that begin sentences, whatever list of names has them or no list does.
const ALWAYS: &WordSet =
    words!("am an be can do ensure go he her if in it just more my no ok okay so the to up we");

/// Whether `run`, letters and apostrophes, is calm. The empty run is.
///
/// Small words that no list has are calm, but not for the tagger (`tagged`), which would be asked about them; capital
/// words that no list has are not. Labels and cues are calm: what they announce is examined together with the text
/// before it.
pub(super) fn is_calm(run: &str, tagged: bool) -> bool {
    let word = run.split(['\'', '\u{2019}']).next().unwrap_or_default();
    let Some(first) = word.chars().next() else { return true };
    if ALWAYS.has(word) {
        return true;
    }
    if !first.is_uppercase() {
        if word.len() < run.len() && word.ends_with('n') && run.ends_with('t') {
            return true; // don't
        }
        let flags = lexicon().look_up(word, false);
        let name = flags.any(NAMES) && !flags.any(Flags::WORD);
        let old = word.starts_with("ninet") || word.ends_with("genarian");
        let unlisted = || lexicon().look_up(word, true) == Flags::NONE;
        let strange = tagged && word.len() > 2 && unlisted() && !tagger::is_familiar(word);
        return !(name || old || strange || flags.any(Flags::PARTICLE));
    }
    if word.len() == first.len_utf8() {
        let alone = run.chars().skip(1).all(|character| !character.is_uppercase());
        return alone && matches!(first, 'I' | 'A');
    }
    // rarer words are surnames, too, and written with a capital they mostly are
    let flags = lexicon().look_up(word, false).without(Flags::ORDINARY.with(Flags::MEDICAL));
    flags != Flags::NONE && !flags.any(PARTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words_and_cues_are_calm() {
        for word in [
            "", "the", "The", "patient", "Patient", "reports", "don't", "I", "I'm", "It's", "to", "Based",
            "MRN", "pain's",
        ] {
            assert!(is_calm(word, true), "{word}");
        }
    }

    #[test]
    fn names_and_their_parts_are_not() {
        for word in [
            "Maria",
            "deborah",
            "Price",
            "O'Brien",
            "Xqzzt",
            "J",
            "Dr",
            "de",
            "ninety",
            "Hospital",
            "Smith's",
            "Goldblatt",
            "Falconer",
        ] {
            assert!(!is_calm(word, true), "{word}");
        }
    }

    #[test]
    fn strange_small_words_are_calm_for_the_rules_alone() {
        for word in ["okonjo", "vashchenko"] {
            assert!(is_calm(word, false) && !is_calm(word, true), "{word}");
        }
        for word in ["redness", "metformin", "reported", "afebrile"] {
            assert!(is_calm(word, true), "{word}");
        }
    }
}
