//! What stands around a term: whether somebody's health is spoken of, and what else is told in the same sentence.

use terms::HealthClass as Class;

use super::section::Section;
use super::table::Kinds;
use super::tokens::{Match, Tokens};
use crate::view::{Gap, Kind};

/// What is spoken of in one segment.
#[derive(Clone, Copy, Default)]
pub(super) struct Segment {
    /// Classes that a term tells of by itself, bit by class.
    strong: u16,
    /// Words that may tell of payment, of scheduling, and of who somebody is.
    payment: u8,
    scheduling: u8,
    demographics: u8,
    time: bool,
    cue: bool,
    money: bool,
}

/// A clinical text tells in at least one of so many words.
const SPARSE: usize = 80;
/// A text that tells in one of so many words is a note or the like: everyday words tell in it, too.
const DENSE: usize = 20;

const CLINICAL: [Class; 6] = [
    Class::Diagnosis,
    Class::Medication,
    Class::Procedure,
    Class::Result,
    Class::Behavioural,
    Class::SubstanceUse,
];

fn bit(class: Class) -> u16 {
    1 << Class::ALL.iter().position(|one| *one == class).unwrap_or(0)
}

impl Segment {
    fn tells(self, class: Class) -> bool {
        self.strong & bit(class) != 0
    }

    /// Whether a patient, or what a patient has or gets, is spoken of.
    pub(super) fn is_clinical(self) -> bool {
        self.cue || CLINICAL.into_iter().any(|class| self.tells(class))
    }

    /// Whether an everyday word tells of `class` here. `time`: it is an hour or a weekday; `clinical`: the whole text
    /// speaks of somebody's care.
    fn supports(self, class: Class, time: bool, clinical: bool) -> bool {
        match class {
            Class::Payment => {
                self.tells(class) || clinical && (self.payment >= 2 || self.money && self.payment > 0)
            }
            Class::Scheduling if time => self.tells(class) || self.scheduling > u8::from(!clinical),
            Class::Scheduling => self.tells(class) || clinical && (self.time || self.scheduling >= 2),
            Class::Demographics => {
                self.tells(class) || self.is_clinical() || clinical && self.demographics >= 2
            }
            _ => self.is_clinical(),
        }
    }
}

/// The segments of a text, and the text as a whole.
pub(super) struct Context {
    segments: Vec<Segment>,
    /// Classes that a term tells of by itself anywhere in the text.
    strong: u16,
    /// Whether the text speaks of somebody's health or care at all.
    pub(super) is_clinical: bool,
    /// Whether it speaks of little else.
    pub(super) is_dense: bool,
}

impl Context {
    /// `firm`: a heading says that it is a clinical text.
    pub(super) fn of(tokens: &Tokens<'_, '_>, matches: &[Match], firm: bool) -> Self {
        let mut segments = vec![Segment::default(); tokens.segments];
        let (mut cues, mut strong) = (0_usize, 0_usize);
        for one in matches {
            let number = tokens.get(one.first).map_or(0, |token| token.segment);
            let Some(segment) = segments.get_mut(number) else { continue };
            let entry = one.entry;
            if let Some(class) = entry.class(Kinds::STRONG).filter(|_| entry.is(Kinds::STRONG)) {
                segment.strong |= bit(class);
                strong += 1;
            }
            match entry.class(Kinds::WEAK) {
                Some(Class::Payment) => segment.payment = segment.payment.saturating_add(1),
                Some(Class::Demographics) => segment.demographics = segment.demographics.saturating_add(1),
                Some(Class::Scheduling) if !entry.is(Kinds::TIME) => {
                    segment.scheduling = segment.scheduling.saturating_add(1);
                }
                _ => {}
            }
            segment.time |= entry.is(Kinds::TIME);
            segment.cue |= entry.is(Kinds::CUE);
            cues += usize::from(entry.is(Kinds::CUE));
        }
        let after = |at: usize| tokens.get(tokens.all.partition_point(|token| token.word < at));
        for at in &tokens.dollars {
            if let Some(segment) = after(*at).and_then(|token| segments.get_mut(token.segment)) {
                segment.money = true;
            }
        }
        for at in tokens.colons.iter().filter(|at| is_hour(tokens, **at)) {
            if let Some(segment) = after(*at).and_then(|token| segments.get_mut(token.segment)) {
                segment.time = true;
            }
        }
        // one word of medicine in a long text of something else makes no clinical text of it
        let dense = (strong + cues) * SPARSE >= tokens.all.len();
        let is_dense = strong > 1 && (strong + cues) * DENSE >= tokens.all.len();
        let is_clinical = firm || dense && (strong > 0 || cues > 1);
        let strong = segments.iter().fold(0, |all, segment| all | segment.strong);
        Self { segments, strong, is_clinical, is_dense }
    }

    pub(super) fn at(&self, segment: usize) -> Segment {
        self.segments.get(segment).copied().unwrap_or_default()
    }

    /// Whether an everyday word tells of `class` in `segment`. `time`: it is an hour or a weekday.
    pub(super) fn supports(&self, segment: usize, class: Class, time: bool) -> bool {
        let segment = self.at(segment);
        let told = self.strong & bit(class) != 0;
        segment.supports(class, time, self.is_clinical)
            || match class {
                Class::Payment => told && self.is_clinical,
                Class::Scheduling => {
                    told && self.is_clinical && (!time && segment.time || time && segment.scheduling > 0)
                }
                _ => self.is_dense,
            }
    }
}

/// Whether a colon parts hours from minutes.
fn is_hour(tokens: &Tokens<'_, '_>, colon: usize) -> bool {
    let word = |at: usize| tokens.view.words.get(at);
    let number = |at: Option<usize>| {
        at.and_then(word).is_some_and(|word| word.kind == Kind::Number && word.len() <= 2)
    };
    number(colon.checked_sub(1))
        && number(Some(colon + 1))
        && word(colon).is_some_and(|word| word.gap == Gap::None)
}

/// Which section places that come in order stand in.
pub(super) struct Sections<'s> {
    rest: &'s [Section],
    field: Option<Class>,
}

impl<'s> Sections<'s> {
    /// `field`: what the name of the field says, which holds for all of its text.
    pub(super) const fn new(sections: &'s [Section], field: Option<Class>) -> Self {
        Self { rest: sections, field }
    }

    pub(super) fn at(&mut self, byte: usize) -> Option<Class> {
        while let Some((_, after)) = self.rest.split_first().filter(|(first, _)| first.body.end <= byte) {
            self.rest = after;
        }
        let inside = self.rest.first().filter(|section| section.body.contains(&byte));
        inside.and_then(|section| section.class).or(self.field)
    }
}
