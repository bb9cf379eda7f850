//! What the conversation already knows: originals to find again, surrogates to leave alone.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use terms::IdentifierClass;

use crate::ends::{END, ends, shaped};
use crate::normalize::Normal;
use crate::recognize::{Candidate, NameParts, Rank};

/// Originals and surrogates of one conversation, ready to be searched for. Cheap to clone.
#[derive(Clone, Default)]
pub struct Known(Knowledge);

#[derive(Clone, Default)]
enum Knowledge {
    #[default]
    Nothing,
    Indexed(Arc<Index>),
    /// More than can be searched for: no text can be examined beside it.
    TooMuch,
}

struct Index {
    automaton: AhoCorasick,
    /// By pattern: the class of an original, `None` for a surrogate that is found as a whole.
    patterns: Vec<Option<IdentifierClass>>,
    /// The parts of the names among the originals.
    names: NameParts<'static>,
    /// By its random end, in upper case: what stands before the end of a surrogate, hyphens included. Searching for
    /// the ends alone is far cheaper than for every surrogate in every spelling.
    labels: HashMap<[u8; END], Vec<Box<str>>>,
}

/// Shortest original that is searched for, in letters and digits: `A` alone would be everywhere.
const SHORTEST: usize = 2;
/// The same for a name: `Al` and `Jo` are in too many other words that stand alone.
const SHORTEST_NAME: usize = 3;

impl Known {
    /// Nothing is known.
    #[must_use]
    pub fn none() -> Self {
        Self(Knowledge::Nothing)
    }

    /// From the conversation's mappings: class, original, surrogate. An original is found again in any letter
    /// case, between word boundaries; a surrogate in any case and with `-`, `_` or a blank inside. An empty surrogate is
    /// none: so are those given that look like real values.
    pub fn new<'a>(mappings: impl IntoIterator<Item = (IdentifierClass, &'a str, &'a str)>) -> Self {
        let (mut texts, mut patterns, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let mut labels: HashMap<_, Vec<Box<str>>> = HashMap::new();
        for (class, original, surrogate) in mappings {
            let folded = Normal::of(original.trim()).text().to_owned();
            let shortest = if class == IdentifierClass::Name { SHORTEST_NAME } else { SHORTEST };
            if folded.chars().filter(|c| c.is_alphanumeric()).count() >= shortest {
                if class == IdentifierClass::Name {
                    names.push(folded.clone());
                }
                let cased = if folded.is_ascii() {
                    Vec::new()
                } else {
                    vec![folded.to_lowercase(), folded.to_uppercase()]
                };
                for text in cased.into_iter().chain([folded]) {
                    texts.push(text);
                    patterns.push(Some(class));
                }
            }
            if let Some((label, end)) = parts(surrogate) {
                labels.entry(end).or_default().push(label.into());
            } else {
                for joint in ["-", "_", " "].iter().filter(|_| !surrogate.is_empty()) {
                    texts.push(surrogate.replace('-', joint));
                    patterns.push(None);
                }
            }
        }
        if texts.is_empty() && labels.is_empty() {
            return Self::none();
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&texts);
        let names = NameParts::of(names.iter().map(String::as_str)).into_owned();
        match automaton {
            Ok(automaton) => Self(Knowledge::Indexed(Arc::new(Index { automaton, patterns, names, labels }))),
            Err(_too_many) => Self(Knowledge::TooMuch),
        }
    }

    /// Whether all of it can be searched for.
    pub(crate) fn is_whole(&self) -> bool {
        !matches!(self.0, Knowledge::TooMuch)
    }

    fn index(&self) -> Option<&Index> {
        if let Knowledge::Indexed(index) = &self.0 { Some(index) } else { None }
    }

    /// Adds the originals found in folded text to `found`; the stretches that are surrogates.
    ///
    /// At one place the longest counts, unless it is inside of one that began before it. An original ends at
    /// borders of words; a surrogate is one whatever touches it, as it is when answers are restored.
    pub(crate) fn find(&self, text: &str, found: &mut Vec<Candidate>) -> Vec<Range<usize>> {
        let mut surrogates = Vec::new();
        let Some(index) = self.index() else { return surrogates };
        let mut hits: Vec<_> = index
            .automaton
            .find_overlapping_iter(text)
            .map(|hit| {
                (hit.start()..hit.end(), index.patterns.get(hit.pattern().as_usize()).copied().flatten())
            })
            .filter(|(span, class)| class.is_none() || stands_alone(text, span))
            .chain(index.surrogates(text).map(|span| (span, None)))
            .collect();
        hits.sort_by_key(|(span, class)| (span.start, std::cmp::Reverse(span.end), class.is_some()));
        let (mut end, mut surrogate_end) = (0, 0);
        for (span, class) in hits.into_iter().filter(|(span, _)| span.start < span.end) {
            if span.end <= end {
                continue;
            }
            end = span.end;
            if let Some(class) = class {
                found.push(Candidate::new(span, class, Rank::Known, 99, "known.original"));
            } else if span.start >= surrogate_end {
                surrogate_end = span.end;
                surrogates.push(span);
            }
        }
        surrogates
    }

    /// The parts of the names among the originals.
    pub(crate) fn names(&self) -> Option<&NameParts<'static>> {
        self.index().map(|index| &index.names)
    }
}

impl Index {
    /// Where surrogates with a random end stand in folded text.
    fn surrogates<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let ends = ends(text.as_bytes()).filter(|_| !self.labels.is_empty());
        ends.flat_map(|(at, end)| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            let labels = self.labels.get(&end).into_iter().flatten();
            labels.filter_map(move |label| {
                let start = at.checked_sub(label.len())?;
                spells(before.get(start..)?, label.as_bytes()).then_some(start..at + END)
            })
        })
    }
}

/// What stands before the random end of a surrogate, and that end in upper case; `None` if it has none.
fn parts(surrogate: &str) -> Option<(&str, [u8; END])> {
    let (label, end) = surrogate.split_at_checked(surrogate.len().checked_sub(END)?)?;
    let end = <[u8; END]>::try_from(end.as_bytes()).ok().filter(|end| shaped(*end))?;
    label.ends_with('-').then_some((label, end.map(|byte| byte.to_ascii_uppercase())))
}

/// Whether `text` is `label` in any letter case, with one of `-`, `_` and a blank for each of its hyphens.
fn spells(text: &[u8], label: &[u8]) -> bool {
    let joint = text.last().copied().filter(|joint| matches!(joint, b'-' | b'_' | b' '));
    joint.is_some_and(|joint| {
        let same = |(own, said): (&u8, &u8)| {
            if *own == b'-' { *said == joint } else { own.eq_ignore_ascii_case(said) }
        };
        text.len() == label.len() && label.iter().zip(text).all(same)
    })
}

/// Whether no letter or digit touches `span`.
fn stands_alone(text: &str, span: &Range<usize>) -> bool {
    let before = text.get(..span.start).and_then(|text| text.chars().next_back());
    let after = text.get(span.end..).and_then(|text| text.chars().next());
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{AgeOver89, Name};

    use super::*;

    fn found(known: &Known, text: &str) -> (Vec<String>, Vec<String>) {
        let mut found = Vec::new();
        let surrogates = known.find(text, &mut found);
        let slice = |span: &Range<usize>| text.get(span.clone()).unwrap().to_owned();
        (found.iter().map(|hit| slice(&hit.span)).collect(), surrogates.iter().map(slice).collect())
    }

    #[test]
    fn where_not_all_can_be_searched_for_nothing_is_found_out() {
        let detect = |known| crate::Detector::rules().detect(crate::Passage::prose("Ann Lee"), &known);
        assert_eq!(detect(Known(Knowledge::TooMuch)), Err(crate::DetectError::TooMuchKnown));
        assert!(detect(Known::none()).is_ok());
    }

    #[test]
    fn a_longer_original_that_fails_hides_none_inside_of_it() {
        let known = Known::new([(Name, "Ann Lee", "NAME-4K7Q2M"), (Name, "Ann", "NAME-4K7Q2N")]);
        assert_eq!(found(&known, "Ann Leeson").0, ["Ann"]);
        assert_eq!(found(&known, "ann lee, Ann").0, ["ann lee", "Ann"]);
        assert!(found(&known, "Annex").0.is_empty());
        let known = Known::new([(Name, "Ann Lee", "NAME-4K7Q2M"), (Name, "Lee Ray", "NAME-4K7Q2N")]);
        assert_eq!(found(&known, "xAnn Lee Ray").0, ["Lee Ray"]);
        assert_eq!(found(&known, "Ann Lee Ray").0, ["Ann Lee", "Lee Ray"]);
    }

    #[test]
    fn a_surrogate_is_one_whatever_touches_it() {
        let known = Known::new([(Name, "Ann Lee", "NAME-4K7Q2M")]);
        assert_eq!(found(&known, "SSN 0NAME-4K7Q2Mx name_4k7q2m").1, ["NAME-4K7Q2M", "name_4k7q2m"]);
        assert!(found(&known, "MRN-4K7Q2M NAME.4K7Q2M NAME-4K7Q2N 4K7Q2M AME-4K7Q2M").1.is_empty());
        let known = Known::new([(AgeOver89, "97", "AGE-OVER-89-4K7Q2M"), (Name, "Ann", "odd")]);
        let text = "age over 89 4K7Q2M, Age_Over_89_4k7q2m, AGE-OVER_89-4K7Q2M, ODD";
        assert_eq!(found(&known, text).1, ["age over 89 4K7Q2M", "Age_Over_89_4k7q2m", "ODD"]);
    }

    #[test]
    fn a_surrogate_that_looks_like_a_real_value_is_not_left_alone() {
        let known = Known::new([(Name, "48213377", ""), (Name, "48213377", "MRN-4K7Q2M")]);
        assert_eq!(found(&known, "48213377, 73920184"), (vec!["48213377".to_owned()], vec![]));
    }

    /// What a conversation knows is made ready once: read anew for each of its texts, this would take an hour.
    #[test]
    fn many_texts_of_a_conversation_that_knows_many_names() {
        let name = |n: u32| {
            let letters = (0..4).map(|at| char::from(b'a' + u8::try_from(n / 26_u32.pow(at) % 26).unwrap()));
            letters.collect::<String>()
        };
        let names: Vec<_> = (0..10_000).map(|n| format!("Zo{} Qu{}", name(n), name(n + 1))).collect();
        let known = Known::new(names.iter().map(|name| (Name, name.as_str(), "")));
        let detector = crate::Detector::rules();
        let text = format!("ask Zo{}", name(77));
        let passage = crate::Passage::prose(&text);
        let examined = detector.examine(passage).unwrap();
        let found = (0..100_000).filter(|_| examined.findings(passage, &known).unwrap().len() == 1);
        assert_eq!(found.count(), 100_000);
    }

    #[test]
    fn two_digits_of_an_age_are_found_again_and_two_letters_of_a_name_are_not() {
        let known = Known::new([(AgeOver89, "97", "AGE-OVER-89-4K7Q2M"), (Name, "Al", "NAME-4K7Q2N")]);
        assert_eq!(found(&known, "Al is 97, not 970").0, ["97"]);
    }
}
