//! What the words beside identifiers tell.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::Regex;
use terms::{Obligations, Treatment};

use super::Reason;
use crate::{Finding, Passage};

const LIST: &str = include_str!("../../data/risk.txt");

/// How far before and behind a cue is read, in bytes: of an age, of what is singular, of a code. What is singular begins with
/// its cue.
const AROUND: [(usize, usize); 3] = [(4, 16), (0, 96), (32, 48)];

/// What a phrase of the list means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Tells(Reason),
    /// A regular expression is asked about the words around.
    Asks(usize, Reason),
}

struct Phrases {
    automaton: Option<AhoCorasick>,
    /// By pattern: what it means, and whether it may go on with letters.
    meanings: Vec<(Meaning, bool)>,
    asked: Vec<Option<Regex>>,
}

/// `47-year-old`, `47 y/o`, `47yo`, `47 years of age`, `aged 47`, `"age": 47`.
const AGE: &str = r#"(?i)\b[1-8]?[0-9][ -]?(?:(?:years?|yrs?)[ -](?:old|of age)\b|yo\b|y/o\b|y\.o)|\bage[ds]?"?(?: is| of|:|=)? ?[1-8]?[0-9]\b"#;
/// The only one of its kind, in a place or of an office.
const SINGULAR: &str = r"(?i)^(?:(?:only|sole) (?:[a-z-]+ ){0,2}?(?:survivor|resident|inhabitant|patient|physician|doctor|dentist|pharmacist|teacher|student|officer|firefighter|pastor|priest|rabbi|imam|veteran|transplant recipient|case|family|employee|farmer|pilot|lawyer|judge|woman|man|person|child|girl|boy)\b(?: \w+){0,2}? (?:in|on|of|at|from|to|left|alive)\b (?:the |this |that |our |her |his |a |an |its |record)?(?:entire |whole |small |rural )?(?:county|town|village|city|state|country|world|region|island|reservation|tribe|community|crash|accident|fire|shooting|explosion|sinking|school|district|parish|valley|record|history|area|regiment|unit|year)\b|sole survivor\b|only (?:known )?(?:survivor|case)\b|first (?:[a-z-]+ ){1,3}?(?:to (?:receive|undergo|survive|serve|be elected|give birth)|(?:ever )?in (?:the )?(?:state|country|world|county|history|nation))\b)";
/// A code of ICD-10 or of procedures.
const CODE: &str = r"\b[A-TV-Z][0-9][0-9AB](?:\.[0-9A-Z]{1,4})?\b|\b(?:CPT|HCPCS)[ :#]*[0-9A-Z][0-9]{4}\b";
/// A code that needs no word beside it.
const DOTTED: &str = r"\b[A-TV-Z][0-9][0-9AB]\.[0-9A-Z]{1,4}\b";

static PHRASES: LazyLock<Phrases> = LazyLock::new(Phrases::read);
static CODES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(DOTTED).ok());

impl Phrases {
    fn read() -> Self {
        let (mut texts, mut meanings, mut meaning) = (Vec::new(), Vec::new(), None);
        for line in LIST.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if let Some(rule) = line.strip_suffix(':') {
                meaning = Self::meaning(rule);
            } else if let Some(meaning) = meaning {
                texts.push(line.trim_end_matches('*'));
                meanings.push((meaning, line.ends_with('*')));
            }
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&texts);
        let asked = [AGE, SINGULAR, CODE].map(|pattern| Regex::new(pattern).ok()).into();
        Self { automaton: automaton.ok(), meanings, asked }
    }

    fn meaning(rule: &str) -> Option<Meaning> {
        Some(match rule {
            "cue.age" => Meaning::Asks(0, Reason::Age),
            "cue.singular" => Meaning::Asks(1, Reason::Singular),
            "cue.code" => Meaning::Asks(2, Reason::Code),
            _ => Meaning::Tells(Reason::ALL.iter().copied().find(|reason| reason.as_str() == rule)?),
        })
    }
}

pub(super) fn add(
    passage: &Passage<'_>,
    findings: &[Finding],
    obligations: &Obligations,
    reasons: &mut BTreeSet<Reason>,
) {
    let text = passage.text;
    let replaced = |span: &Range<usize>| {
        let at = findings.partition_point(|finding| finding.span.end <= span.start);
        findings.get(at).is_some_and(|finding| {
            finding.span.start < span.end && obligations.treatment(finding.class) != Treatment::Pass
        })
    };
    for hit in PHRASES.automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(text)) {
        let Some((meaning, more)) = PHRASES.meanings.get(hit.pattern().as_usize()) else { continue };
        let (Meaning::Tells(reason) | Meaning::Asks(_, reason)) = meaning;
        let span = hit.start()..hit.end();
        if reasons.contains(reason) || !stands_alone(text, &span, *more) || replaced(&span) {
            continue;
        }
        let told = match meaning {
            Meaning::Tells(_) => true,
            Meaning::Asks(which, _) => asked(text, &span, *which).is_some_and(|told| !replaced(&told)),
        };
        reasons.extend(Some(*reason).filter(|_| told));
    }
    let mut codes = CODES.iter().flat_map(|codes| codes.find_iter(text));
    if !reasons.contains(&Reason::Code) && codes.any(|code| !replaced(&code.range())) {
        reasons.insert(Reason::Code);
    }
}

/// Where around a cue its expression matches.
fn asked(text: &str, cue: &Range<usize>, which: usize) -> Option<Range<usize>> {
    let (before, behind) = AROUND.get(which).copied()?;
    let from = border(text, cue.start.saturating_sub(before));
    let to = border(text, (cue.end + behind).min(text.len()));
    let around = text.get(from..to)?;
    let counts = before > 0 && !around.bytes().any(|byte| byte.is_ascii_digit());
    if counts {
        // ages and codes have digits
        return None;
    }
    let found = PHRASES.asked.get(which)?.as_ref()?.find(around)?;
    Some(from + found.start()..from + found.end())
}

/// The next border of a character.
fn border(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Whether no letter or digit touches `span`; a plural may follow where letters may.
fn stands_alone(text: &str, span: &Range<usize>, more: bool) -> bool {
    let before = text.get(..span.start).and_then(|text| text.chars().next_back());
    let after = text.get(span.end..).and_then(|text| text.chars().next());
    let digits = before.is_some_and(|c| c.is_ascii_digit());
    // `47yo`: a number may touch a cue
    let free = before.is_none_or(|c| !c.is_alphanumeric()) || digits;
    free && (more || after.is_none_or(|c| !c.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_and_the_expressions_are_whole() {
        let phrases = &*PHRASES;
        assert!(phrases.automaton.is_some() && phrases.asked.iter().all(Option::is_some) && CODES.is_some());
        let lines = LIST.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let (rules, texts): (Vec<_>, Vec<_>) = lines.partition(|line| line.ends_with(':'));
        assert_eq!(texts.len(), phrases.meanings.len());
        assert!(rules.iter().all(|rule| Phrases::meaning(rule.trim_end_matches(':')).is_some()), "{rules:?}");
        assert!(texts.iter().all(|text| **text == text.to_lowercase() && text.trim() == *text));
    }
}
