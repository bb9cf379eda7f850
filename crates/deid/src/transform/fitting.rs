//! Which originals of a request get surrogates in another form than the label's.

use std::collections::HashMap;

use terms::{
    Form, IdentifierClass, Obligations, Randomness, Shape, SurrogateError, SurrogateSource, Treatment,
};

use crate::restore::stands_free;
use crate::shape::{Date, Day, Plan};
use crate::{Constraints, Finding, Passage};

/// The originals of one request that need another form than the label's.
pub(super) struct Fittings<'a> {
    fittings: HashMap<&'a str, Fitting<'a>>,
    /// Whether a candidate is in no text of the request.
    free: &'a dyn Fn(&str) -> bool,
}

struct Fitting<'a> {
    class: IdentifierClass,
    plan: Plan<'a>,
    issued: Issued,
}

/// What was issued for one original.
enum Issued {
    /// It was not asked for.
    NotYet,
    Fitted(Fitted),
    /// None was to be had.
    Nothing,
}

/// A surrogate that conforms.
#[derive(Clone)]
pub(super) struct Fitted {
    pub(super) form: Form,
    pub(super) surrogate: String,
    /// Of a date in another notation: drawn day and own day, in ISO form. A model that reads the one may write the
    /// other.
    pub(super) day: Option<[String; 2]>,
}

/// One original's demands, as a source of surrogates sees them.
struct Fit<'a> {
    original: &'a str,
    plan: &'a Plan<'a>,
    free: &'a dyn Fn(&str) -> bool,
}

impl Fit<'_> {
    fn day(candidate: &str) -> Option<Day> {
        Date::read(candidate).map(|date| date.day())
    }

    fn passes(&self, candidate: &str) -> bool {
        self.plan.conforms(candidate) && (self.free)(candidate)
    }

    /// The same day is the same surrogate in whatever notation, where the notation leaves no doubt of the day. A day
    /// with its time stands alone: a day that came back beside a drawn time would look true.
    fn issue(
        &self,
        class: IdentifierClass,
        source: &mut dyn SurrogateSource,
    ) -> Result<Option<Fitted>, SurrogateError> {
        let (form, original) = (self.plan.form, self.original);
        let date = self.plan.date.as_ref().filter(|date| form == Form::Date && date.is_sure());
        let own = date.map(|date| date.day().iso());
        let Some(own) = own.filter(|own| own != original) else {
            let drawn = source.shaped(class, original, form, self)?;
            return Ok(drawn.map(|surrogate| Fitted { form, surrogate, day: None }));
        };
        let Some(drawn) = source.shaped(class, &own, form, &Days(self))? else { return Ok(None) };
        let moved = source.shaped(class, original, form, &Moved { fit: self, day: &drawn })?;
        Ok(moved.map(|surrogate| Fitted { form, surrogate, day: Some([drawn, own]) }))
    }
}

/// Surrogates as they go out.
impl Shape for Fit<'_> {
    fn fits(&self, candidate: &str) -> bool {
        let alike = match self.plan.form {
            Form::Date => {
                let written = Self::day(candidate).and_then(|day| self.plan.written(day));
                written.is_some_and(|written| written == candidate)
            }
            Form::DateTime => candidate.len() == self.original.len(),
            _ => true,
        };
        alike && self.passes(candidate)
    }

    fn draw(&self, randomness: &dyn Randomness) -> Option<String> {
        let drawn = self.plan.draw(self.original, randomness)?;
        if self.plan.form == Form::Date { self.plan.written(Self::day(&drawn)?) } else { Some(drawn) }
    }
}

/// Days for an original in another notation than ISO's, in ISO form.
struct Days<'a>(&'a Fit<'a>);

impl Shape for Days<'_> {
    fn fits(&self, candidate: &str) -> bool {
        let written = Fit::day(candidate).and_then(|day| self.0.plan.written(day));
        written.is_some_and(|written| self.0.passes(&written)) && (self.0.free)(candidate)
    }

    fn draw(&self, randomness: &dyn Randomness) -> Option<String> {
        self.0.plan.draw(self.0.original, randomness)
    }
}

/// The original's notation of the day that was drawn for it.
struct Moved<'a> {
    fit: &'a Fit<'a>,
    day: &'a str,
}

impl Moved<'_> {
    fn written(&self) -> Option<String> {
        self.fit.plan.written(Fit::day(self.day)?)
    }
}

impl Shape for Moved<'_> {
    fn fits(&self, candidate: &str) -> bool {
        self.written().is_some_and(|written| written == candidate) && self.fit.passes(candidate)
    }

    fn draw(&self, _: &dyn Randomness) -> Option<String> {
        self.written()
    }
}

impl<'a> Fittings<'a> {
    pub(super) fn of(
        passages: &'a [Passage<'a>],
        findings: &[Vec<Finding>],
        constraints: &'a Constraints,
        obligations: &Obligations,
        free: &'a dyn Fn(&str) -> bool,
    ) -> Self {
        let mut fittings: HashMap<&str, Fitting<'_>> = HashMap::new();
        if constraints.is_empty() {
            return Self { fittings, free };
        }
        for (index, (passage, found)) in passages.iter().zip(findings).enumerate() {
            let replaced = found.iter().filter(|found| {
                let treatment = obligations.treatment(found.class);
                matches!(treatment, Treatment::Surrogate | Treatment::Realistic | Treatment::Shift)
            });
            for Finding { span, class, .. } in replaced {
                let Some(original) = passage.text.get(span.clone()) else { continue };
                // a number anywhere decides, whatever was found before it
                if fittings.get(original).is_some_and(|known| known.plan.form == Form::Number) {
                    continue;
                }
                if let Some(plan) = constraints.plan(*class, original, index) {
                    fittings.insert(original, Fitting { class: *class, plan, issued: Issued::NotYet });
                }
            }
        }
        Self { fittings, free }
    }

    /// Whether a schema demands another form of `original`.
    pub(super) fn demands(&self, original: &str) -> bool {
        self.fittings.contains_key(original)
    }

    /// The surrogate of `original` between two texts; `None` where the label form has to serve.
    pub(super) fn shaped(
        &mut self,
        original: &str,
        (before, after): (&str, &str),
        source: &mut dyn SurrogateSource,
    ) -> Result<Option<Fitted>, SurrogateError> {
        let Some((original, fitting)) = self.fittings.get_key_value(original) else { return Ok(None) };
        let original: &'a str = original;
        if !stands_free(before, after, fitting.plan.form) {
            return Ok(None);
        }
        match &fitting.issued {
            Issued::NotYet => {}
            Issued::Fitted(fitted) => return Ok(Some(fitted.clone())),
            Issued::Nothing => return Ok(None),
        }
        let fitted = Fit { original, plan: &fitting.plan, free: self.free }.issue(fitting.class, source)?;
        if let Some(fitting) = self.fittings.get_mut(original) {
            fitting.issued = fitted.clone().map_or(Issued::Nothing, Issued::Fitted);
        }
        Ok(fitted)
    }
}
