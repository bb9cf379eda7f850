//! Surrogates that look real, in the text.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use terms::{Form, IdentifierClass, Obligations, Phi, Randomness, Shape, Treatment};

use super::fresh::Ends;
use super::generalise::Written;
use super::{Issued, TransformError, Work};
use crate::realistic::{Drawer, People, Real, real};
use crate::restore::stands_free;
use crate::{Finding, Passage};

/// So many phrases put together from parts are looked for in the new texts.
const PHRASES: usize = 64;

/// What is remembered through one request.
pub(super) struct Lifelike<'a> {
    ends: &'a Ends<'a>,
    people: People,
    drawn: HashMap<String, Option<String>>,
    /// Parts as they are written, then in other letter cases and notations, then phrases: what comes first holds.
    parts: [BTreeMap<String, (IdentifierClass, String)>; 3],
}

/// The one text that can stand for an original.
struct Only<'t>(&'t str);

impl Shape for Only<'_> {
    fn fits(&self, candidate: &str) -> bool {
        candidate == self.0
    }

    fn draw(&self, _: &dyn Randomness) -> Option<String> {
        Some(self.0.to_owned())
    }
}

impl<'a> Lifelike<'a> {
    pub(super) fn of(
        passages: &[Passage<'_>],
        findings: &[Vec<Finding>],
        obligations: &Obligations,
        ends: &'a Ends<'a>,
    ) -> Self {
        let mut people = People::default();
        if obligations.treatment(IdentifierClass::Name) == Treatment::Realistic {
            for (passage, found) in passages.iter().zip(findings) {
                let names = found.iter().filter(|finding| finding.class == IdentifierClass::Name);
                let texts = names.filter_map(|finding| passage.text.get(finding.span.clone()));
                texts.for_each(|name| people.learn(name));
                let bounds = |at: usize| found.get(at).map(|finding| finding.span.clone());
                for (at, finding) in
                    found.iter().enumerate().filter(|(_, found)| found.class == IdentifierClass::Name)
                {
                    let from = at.checked_sub(1).and_then(bounds).map_or(0, |span| span.end);
                    let to = bounds(at + 1).map_or(passage.text.len(), |span| span.start);
                    let beside = |range: Range<usize>| passage.text.get(range).unwrap_or_default();
                    people.learn_beside(beside(from..finding.span.start), beside(finding.span.end..to));
                }
            }
        }
        Self { ends, people, drawn: HashMap::new(), parts: Default::default() }
    }
}

impl Work<'_> {
    /// Writes what looks real in place of an identifier behind `new`; whether there is something that comes back as it
    /// was. `rest` as for [`Work::issue`].
    pub(super) fn put_lifelike(
        &mut self,
        written: &Written<'_>,
        (rest, more): (Option<&str>, bool),
        new: &mut String,
    ) -> Result<bool, TransformError> {
        let (class, original) = (written.class, written.text);
        let after = rest.filter(|rest| !(rest.is_empty() && more));
        let free = after.is_some_and(|after| stands_free(new, after, Form::Realistic));
        if !free || self.fittings.demands(original) {
            return Ok(false);
        }
        let Lifelike { ends, people, drawn, .. } = &mut self.lifelike;
        let mut drawer = Drawer { source: &mut *self.source, taken: *ends, drawn, class };
        let Some(real) = real(&mut drawer, people, original, written.before)? else { return Ok(false) };
        let taken = real.text == original
            || self.issued.get(&real.text).is_some_and(|one| one.original.expose() != original);
        if taken {
            // two spellings that would become one: only one of them can come back as it was
            return Ok(false);
        }
        let kept = self.source.shaped(class, original, Form::Realistic, &Only(&real.text))?;
        if kept.as_ref() != Some(&real.text) {
            return Ok(false);
        }
        new.push_str(&real.text);
        self.keep(class, Form::Realistic, real.text.clone(), original);
        self.lifelike.learn(class, real);
        Ok(true)
    }

    /// Issues the parts of what looks real beside it, where they are nothing else.
    pub(super) fn tell_parts(&mut self, edits: &[(usize, String)]) {
        let [parts, variants, phrases] = std::mem::take(&mut self.lifelike.parts);
        let unheard = |phrase: &String| {
            let search = memchr::memmem::Finder::new(phrase);
            edits.iter().all(|(_, text)| search.find(text.as_bytes()).is_none())
        };
        let phrases = phrases.into_iter().take(PHRASES).filter(|(phrase, _)| unheard(phrase));
        for (surrogate, (class, original)) in parts.into_iter().chain(variants).chain(phrases) {
            let original = Phi::new(original);
            self.issued.entry(surrogate.clone()).or_insert_with(|| Issued {
                class,
                form: Form::Part,
                surrogate,
                original,
            });
        }
    }
}

impl Lifelike<'_> {
    fn learn(&mut self, class: IdentifierClass, real: Real) {
        for (known, told) in self.parts.iter_mut().zip([real.parts, real.variants, real.phrases]) {
            for (surrogate, original) in told {
                known.entry(surrogate).or_insert((class, original));
            }
        }
    }
}
