//! A document as numbers to learn from.

use deid::training::{self, EMPLOYER};
use terms::IdentifierClass;

use super::vocabulary::Vocabulary;
use crate::generate::{Document, Label};

/// How often what was learned of a word itself is left out, so that its meaning speaks for it.
const UNFAMILIAR: f32 = 0.35;
/// How often its meaning is left out too, so that strange words are learned as well.
const STRANGE: f32 = 0.1;
/// How often nothing at all is known of a word that is no identifier.
const BLANK: f32 = 0.03;
/// How often the lists are silent about a word of an identifier.
const UNLISTED: f32 = 0.25;
/// How often the rules are silent about a whole document.
const UNRULED: f32 = 0.15;
/// How often the rules are silent about one word.
const OVERLOOKED: f32 = 0.1;

/// What a word asked about should come out as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    /// The output, 0 for nothing.
    pub(super) class: usize,
    pub(super) begins: bool,
    /// How much it counts; 0 for neutral places.
    pub(super) weight: f32,
}

/// One document.
pub(super) struct Sample {
    /// The rows of the words, one word after the other.
    pub(super) rows: Vec<u32>,
    /// Where each word's rows end.
    pub(super) ends: Vec<usize>,
    /// Where each word's meaning is, if one is known.
    pub(super) meanings: Vec<Option<u32>>,
    /// The head of each word's line.
    pub(super) heads: Vec<u32>,
    /// The words asked about, and what is right.
    pub(super) asked: Vec<(usize, Target)>,
}

impl Sample {
    /// As it is.
    pub(super) fn plain(document: &Document, vocabulary: &Vocabulary) -> Self {
        Self::of(document, vocabulary, None)
    }

    /// With some of what is known left out.
    pub(super) fn varied(document: &Document, vocabulary: &Vocabulary, random: &mut fastrand::Rng) -> Self {
        Self::of(document, vocabulary, Some(random))
    }

    fn of(document: &Document, vocabulary: &Vocabulary, mut random: Option<&mut fastrand::Rng>) -> Self {
        let words = training::words(&document.text);
        let mut sample = Self {
            rows: Vec::new(),
            ends: Vec::new(),
            meanings: Vec::new(),
            heads: Vec::new(),
            asked: Vec::new(),
        };
        let mut chance = |part: f32| random.as_mut().is_some_and(|random| random.f32() < part);
        let unruled = chance(UNRULED);
        let mut spans = document.spans.iter().peekable();
        let mut before = None;
        for (at, word) in words.iter().enumerate() {
            while spans.next_if(|span| span.end <= word.span.start).is_some() {}
            let span = spans.peek().filter(|span| span.start < word.span.end).copied();
            let target = span.map_or(Target { class: 0, begins: false, weight: 1.0 }, |span| {
                let begins = before != Some(span.start);
                before = Some(span.start);
                target(span.label, begins)
            });
            let unlisted = target.class != 0 && chance(UNLISTED);
            let overlooked = unruled || chance(OVERLOOKED);
            let decided = word.decided && !overlooked;
            let blank = target.class == 0 && chance(BLANK);
            let rows = word.rows.iter().copied();
            sample.rows.extend(rows.filter(|row| {
                !(blank || unlisted && training::is_lexicon(*row) || overlooked && training::is_rule(*row))
            }));
            let entry = word.spelling.and_then(|hash| vocabulary.get(hash));
            let meaning = if word.spelling.is_some() {
                let kept = entry.filter(|_| !(blank || unlisted || chance(STRANGE)));
                let meaning = kept.and_then(|entry| entry.meaning);
                match kept {
                    None => sample.rows.push(training::UNKNOWN as u32),
                    Some(entry) if entry.familiar && !(meaning.is_some() && chance(UNFAMILIAR)) => {
                        sample.rows.push(entry.row);
                    }
                    Some(_) => {}
                }
                meaning
            } else {
                None
            };
            sample.ends.push(sample.rows.len());
            sample.meanings.push(meaning);
            sample.heads.push(word.head);
            let familiar = entry.is_some_and(|entry| entry.familiar);
            if !decided && if familiar { word.asked_known } else { word.asked } {
                sample.asked.push((at, target));
            }
        }
        sample
    }
}

fn target(label: Label, begins: bool) -> Target {
    let class = match label {
        Label::Other => return Target { class: 0, begins: false, weight: 0.0 },
        Label::Org => EMPLOYER,
        Label::Name => output(IdentifierClass::Name),
        Label::Date => output(IdentifierClass::Date),
        Label::AgeOver89 => output(IdentifierClass::AgeOver89),
        Label::Location => output(IdentifierClass::Location),
        Label::Phone => output(IdentifierClass::Phone),
        Label::Fax => output(IdentifierClass::Fax),
        Label::Email => output(IdentifierClass::Email),
        Label::Ssn => output(IdentifierClass::Ssn),
        Label::Mrn => output(IdentifierClass::Mrn),
        Label::HealthPlan => output(IdentifierClass::HealthPlan),
        Label::Account => output(IdentifierClass::Account),
        Label::License => output(IdentifierClass::License),
        Label::Vehicle => output(IdentifierClass::Vehicle),
        Label::Device => output(IdentifierClass::Device),
        Label::Url => output(IdentifierClass::Url),
        Label::Ip => output(IdentifierClass::Ip),
        Label::OtherId => output(IdentifierClass::OtherId),
    };
    Target { class, begins, weight: 1.0 }
}

/// The output of a class: they follow "nothing" in the order of the rule's list.
fn output(class: IdentifierClass) -> usize {
    1 + IdentifierClass::ALL.iter().position(|one| *one == class).unwrap_or(EMPLOYER - 1)
}
