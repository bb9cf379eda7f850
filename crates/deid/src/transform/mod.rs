//! Replaces findings as a permit obliges, each class as its [`Treatment`] says; and strips what tells of health and may
//! not leave.

mod fitting;
mod fresh;
mod generalise;
mod lifelike;
mod pseudonym;
mod strip;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use terms::{
    FindingCounts, Form, HealthCounts, IdentifierClass, Obligations, Phi, SurrogateError, SurrogateSource,
    Treatment,
};

use crate::restore::stands_free;
use crate::shape::{Shift, dated};
use crate::{Constraints, Finding, Passage, Told};
use fitting::{Fitted, Fittings};
use generalise::{Written, generalised};
pub(crate) use generalise::{place, tells_an_age};
use lifelike::Lifelike;
use strip::{Piece, What, pieces};

/// A surrogate that stands in this request's text for an original. Only these are restored in its answer.
#[derive(Clone)]
pub struct Issued {
    /// The class of the identifier.
    pub class: IdentifierClass,
    /// How the surrogate is written, which decides where it is recognised.
    pub form: Form,
    /// What the vendor reads.
    pub surrogate: String,
    /// What it stands for.
    pub original: Phi<String>,
}

/// Why a text could not be transformed. Nothing of it may leave then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransformError {
    /// There is not one list of findings for each passage.
    #[error("findings and passages do not correspond")]
    Mismatch,
    /// Findings of one passage overlap or are out of order: replacing them would corrupt the text.
    #[error("findings of a passage overlap")]
    Overlap,
    /// A finding is empty, lies outside of its passage or cuts a character.
    #[error("a finding does not lie in its passage")]
    OutOfPlace,
    /// No surrogate could be issued.
    #[error(transparent)]
    Surrogate(#[from] SurrogateError),
}

/// Content transformed under obligations. Only [`transform`] makes one.
pub struct Transformed {
    edits: Vec<(usize, String)>,
    places: Vec<Vec<Range<usize>>>,
    issued: Vec<Issued>,
    counts: FindingCounts,
    stripped: HealthCounts,
    obligations: Obligations,
}

impl Transformed {
    /// The passages that changed, by index in ascending order, with their new text.
    pub fn edits(&self) -> &[(usize, String)] {
        &self.edits
    }

    /// For each edit, where in its new text each finding of its passage is now, in bytes.
    pub fn places(&self) -> &[Vec<Range<usize>>] {
        &self.places
    }

    /// The surrogates that stand in the new text, each once; of a date also the one in ISO form, and of what looks real
    /// the parts that a model may write alone ([`Form::Part`]).
    pub fn issued(&self) -> &[Issued] {
        &self.issued
    }

    /// All findings by class, also those that passed.
    pub fn counts(&self) -> &FindingCounts {
        &self.counts
    }

    /// How many places that told of health were cut out, by class.
    pub const fn stripped(&self) -> &HealthCounts {
        &self.stripped
    }

    /// The obligations under which the content was transformed.
    pub fn obligations(&self) -> &Obligations {
        &self.obligations
    }

    /// Gives up edits, issued surrogates and counts.
    pub fn into_parts(self) -> (Vec<(usize, String)>, Vec<Issued>, FindingCounts) {
        (self.edits, self.issued, self.counts)
    }
}

/// Applies `obligations` to `findings`, which hold one list for each of `passages`, sorted and not overlapping.
///
/// An original whose label form `constraints` would refuse gets a surrogate that conforms, everywhere in the request,
/// so that the model can copy it from prose into the field; but not where a letter or digit touches it, where only a
/// label can be told from what is around it.
///
/// No surrogate is in the text of `passages`, in whatever letter case: they hold all of the request's own text.
///
/// # Errors
/// Any [`TransformError`]; then nothing was transformed. [`TransformError::Mismatch`] where something is to be stripped:
/// [`transform_told`] is told where that stands.
pub fn transform(
    passages: &[Passage<'_>],
    findings: &[Vec<Finding>],
    constraints: &Constraints,
    obligations: &Obligations,
    source: &mut dyn SurrogateSource,
) -> Result<Transformed, TransformError> {
    transform_told(passages, findings, &[], constraints, obligations, source)
}

/// The same where the passages tell of health: `told` holds one list for each of `passages`, sorted and not overlapping,
/// or none at all where nothing is to be stripped. The label of a class stands where it was told of one that the
/// obligations strip, and nothing restores it.
///
/// # Errors
/// As [`transform`].
pub fn transform_told(
    passages: &[Passage<'_>],
    findings: &[Vec<Finding>],
    told: &[Vec<Told>],
    constraints: &Constraints,
    obligations: &Obligations,
    source: &mut dyn SurrogateSource,
) -> Result<Transformed, TransformError> {
    let untold = told.is_empty() && obligations.strip.is_empty();
    if passages.len() != findings.len() || !untold && passages.len() != told.len() {
        return Err(TransformError::Mismatch);
    }
    let ends = fresh::Ends::of(passages);
    let free = |candidate: &str| !ends.holds(candidate);
    let fittings = Fittings::of(passages, findings, constraints, obligations, &free);
    let taken = |candidate: &str| ends.occurs(candidate);
    let (issued, stripped) = (BTreeMap::new(), HealthCounts::default());
    let lifelike = Lifelike::of(passages, findings, obligations, &ends);
    let taken: &dyn Fn(&str) -> bool = &taken;
    let unnamed = |pseudonym: &str| !ends.names(pseudonym);
    let mut work = Work {
        obligations,
        source,
        taken,
        unnamed: &unnamed,
        fittings,
        shift: None,
        lifelike,
        issued,
        shared: BTreeSet::new(),
        stripped,
    };
    let (mut edits, mut places) = (Vec::new(), Vec::new());
    let mut counts = FindingCounts::default();
    for (index, (passage, found)) in passages.iter().zip(findings).enumerate() {
        check(passage.text, found, &mut counts)?;
        let told = told.get(index).map_or(&[][..], Vec::as_slice);
        if let Some((text, place)) = work.rewrite(passage, &pieces(found, told, obligations))? {
            edits.push((index, text));
            places.push(place);
        }
    }
    work.tell_parts(&edits);
    let Work { mut issued, shared, stripped, .. } = work;
    issued.retain(|surrogate, _| !shared.contains(surrogate));
    let (issued, obligations) = (issued.into_values().collect(), obligations.clone());
    Ok(Transformed { edits, places, issued, counts, stripped, obligations })
}

/// Counts the findings of a passage, if all are in their place.
fn check(text: &str, findings: &[Finding], counts: &mut FindingCounts) -> Result<(), TransformError> {
    let mut end = 0;
    for finding in findings {
        if text.get(finding.span.clone()).is_none_or(str::is_empty) {
            return Err(TransformError::OutOfPlace);
        }
        if finding.span.start < end {
            return Err(TransformError::Overlap);
        }
        end = finding.span.end;
        counts.add(finding.class);
    }
    Ok(())
}

/// The new text of a passage, and where its findings are in it.
type Rewritten = (String, Vec<Range<usize>>);

struct Work<'a> {
    obligations: &'a Obligations,
    source: &'a mut dyn SurrogateSource,
    taken: &'a dyn Fn(&str) -> bool,
    /// Whether a pseudonym is in no passage.
    unnamed: &'a dyn Fn(&str) -> bool,
    fittings: Fittings<'a>,
    /// By how much dates are moved; asked for when the first is.
    shift: Option<Shift>,
    lifelike: Lifelike<'a>,
    issued: BTreeMap<String, Issued>,
    /// Pseudonyms that two spellings share.
    shared: BTreeSet<String>,
    stripped: HealthCounts,
}

impl Work<'_> {
    /// The new text of one passage; `None` if nothing in it changes.
    fn rewrite(
        &mut self,
        passage: &Passage<'_>,
        pieces: &[Piece],
    ) -> Result<Option<Rewritten>, TransformError> {
        let text = passage.text;
        let mut new = String::new();
        let mut places = Vec::with_capacity(pieces.len());
        let mut copied = 0;
        for (piece, next) in pieces.iter().zip(pieces.iter().skip(1).map(Some).chain([None])) {
            let span = piece.span.clone();
            let start = new.len() + span.start - copied;
            if self.passes(piece) {
                places.push(start..start + span.len());
                continue;
            }
            let original = text.get(span.clone()).filter(|o| !o.is_empty());
            let original = original.ok_or(TransformError::OutOfPlace)?;
            new.push_str(text.get(copied..span.start).ok_or(TransformError::Overlap)?);
            copied = span.end;
            match piece.what {
                What::Health(class) => {
                    self.stripped.add(class);
                    bracket(class.label(), &mut new);
                }
                What::Identifier(class) => {
                    let until =
                        next.filter(|next| !self.passes(next)).map_or(text.len(), |next| next.span.start);
                    let before = text.get(..span.start).unwrap_or_default();
                    let written = Written { class, text: original, before, label: passage.label };
                    self.replace(written, (text.get(span.end..until), until < text.len()), &mut new)?;
                    places.push(start..new.len());
                }
            }
        }
        if copied == 0 {
            return Ok(None);
        }
        new.push_str(text.get(copied..).ok_or(TransformError::OutOfPlace)?);
        Ok(Some((new, places)))
    }

    /// Writes what takes the place of an identifier behind `new`. `rest` follows, and then the end or something else.
    fn replace(
        &mut self,
        written: Written<'_>,
        rest: (Option<&str>, bool),
        new: &mut String,
    ) -> Result<(), TransformError> {
        let Written { class, text: original, .. } = written;
        match self.obligations.treatment(class) {
            Treatment::Pass => new.push_str(original),
            Treatment::Shift if self.move_date(original, rest, new)? => {}
            Treatment::Realistic if self.put_lifelike(&written, rest, new)? => {}
            Treatment::Shift | Treatment::Realistic | Treatment::Surrogate => {
                self.issue(class, original, rest, new)?;
            }
            Treatment::Pseudonym => self.pseudonym(class, original, new)?,
            Treatment::Generalise => match generalised(written, self.source.year()) {
                Some(general) => new.push_str(&general),
                None => redact(class, new),
            },
            Treatment::Mask => new.push_str(MASK),
            // a treatment that is not known here is the label
            _ => redact(class, new),
        }
        Ok(())
    }

    /// Writes the pseudonym of `original` behind `new`. One that stands in the request already, in whatever letter case
    /// and behind whatever mark, is not restored: there it is somebody's who got it from elsewhere. Neither is one that two
    /// spellings share: nobody could tell which is meant. What has neither letters nor digits has none.
    fn pseudonym(
        &mut self,
        class: IdentifierClass,
        original: &str,
        new: &mut String,
    ) -> Result<(), TransformError> {
        let Some(folded) = pseudonym::folded(class, original) else {
            redact(class, new);
            return Ok(());
        };
        let pseudonym = self.source.pseudonym(class, original, &folded)?;
        new.push_str(&pseudonym);
        if self.issued.get(&pseudonym).is_some_and(|one| one.original.expose() != original) {
            self.shared.insert(pseudonym);
        } else if (self.unnamed)(&pseudonym) {
            self.keep(class, Form::Pseudonym, pseudonym, original);
        }
        Ok(())
    }

    fn passes(&self, piece: &Piece) -> bool {
        match piece.what {
            What::Identifier(class) => self.obligations.treatment(class) == Treatment::Pass,
            What::Health(_) => false,
        }
    }

    /// Writes `original`, moved, behind `new`, if it is a full date that can be moved and is told apart from what is
    /// around it; whether that is so. `rest` as for [`Work::issue`].
    fn move_date(
        &mut self,
        original: &str,
        (rest, more): (Option<&str>, bool),
        new: &mut String,
    ) -> Result<bool, TransformError> {
        let Some((date, time)) = dated(original) else { return Ok(false) };
        let own = original.get(..original.len() - time.len()).unwrap_or_default();
        let after = if time.is_empty() { rest.filter(|rest| !(rest.is_empty() && more)) } else { Some(time) };
        if !after.is_some_and(|after| stands_free(new, after, Form::Shifted)) {
            return Ok(false);
        }
        if self.shift.is_none() {
            self.shift = Shift::of(self.source)?;
        }
        let Some(moved) = self.shift.and_then(|shift| shift.moved(&date)) else { return Ok(false) };
        let other = |one: &Issued| one.original.expose() != own;
        if self.issued.get(&moved).is_some_and(other) {
            // the same day with a zero before it: only one of them can come back as it was
            return Ok(false);
        }
        new.push_str(&moved);
        new.push_str(time);
        self.keep(IdentifierClass::Date, Form::Shifted, moved, own);
        Ok(true)
    }

    /// Writes the surrogate of `original` behind `new`. `rest` follows, and then the end or something else.
    fn issue(
        &mut self,
        class: IdentifierClass,
        original: &str,
        (rest, more): (Option<&str>, bool),
        new: &mut String,
    ) -> Result<(), TransformError> {
        let around = rest.filter(|rest| !(rest.is_empty() && more)).map(|rest| (new.as_str(), rest));
        let shaped = match around {
            Some(around) => self.fittings.shaped(original, around, self.source)?,
            None => None,
        };
        let Some(Fitted { form, surrogate, day }) = shaped else {
            let surrogate = self.source.surrogate(class, original, self.taken)?;
            new.push_str(&surrogate);
            self.keep(class, Form::Label, surrogate, original);
            return Ok(());
        };
        new.push_str(&surrogate);
        self.keep(class, form, surrogate, original);
        if let Some([drawn, own]) = day {
            self.keep(class, Form::Date, drawn, &own);
        }
        Ok(())
    }

    fn keep(&mut self, class: IdentifierClass, form: Form, surrogate: String, original: &str) {
        if !self.issued.contains_key(&surrogate) {
            let original = Phi::new(original.to_owned());
            self.issued.insert(surrogate.clone(), Issued { class, form, surrogate, original });
        }
    }
}

/// What takes the place of anything that is masked: it tells neither length nor case nor class.
const MASK: &str = "*****";

/// Writes the label of `class` in brackets.
pub(crate) fn redact(class: IdentifierClass, text: &mut String) {
    bracket(class.label(), text);
}

/// Writes a label in brackets.
fn bracket(label: &str, text: &mut String) {
    text.push('[');
    text.push_str(label);
    text.push(']');
}

#[cfg(test)]
mod tests;
