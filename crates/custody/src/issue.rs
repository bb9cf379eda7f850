//! Issues surrogates: those that are remembered, else fresh ones.

use terms::{Form, IdentifierClass, Randomness, Shape, SurrogateError};

use crate::draw;
use crate::entry::{Entry, Mapping};
use crate::remembered::Remembered;

/// How often a surrogate is drawn before giving up.
const DRAWS: usize = 64;

impl Remembered {
    /// The surrogate of `original`, drawn if there is none. Never more than `most` are remembered.
    pub(crate) fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
        most: usize,
        randomness: &dyn Randomness,
    ) -> Result<String, SurrogateError> {
        if let Some(known) = self.original(original) {
            return Ok(known.surrogate().to_owned());
        }
        if self.mappings() >= most {
            return Err(SurrogateError::Full);
        }
        let label = class.label().replace('_', "-");
        for _ in 0..DRAWS {
            let tail: String = draw::tail(randomness).map(char::from).iter().collect();
            let surrogate = format!("{label}-{tail}");
            // The tails are unlike too, so that no slip of a label names another original.
            if !self.has_tail(&tail) && !taken(&surrogate) {
                self.push(Entry::Mapping(Mapping::new(class, &surrogate, original)));
                return Ok(surrogate);
            }
        }
        Err(SurrogateError::Exhausted)
    }

    /// The surrogate of `original` in `form`, drawn if there is none that fits; `None` if none is found.
    pub(crate) fn shaped_as(
        &mut self,
        (class, original, form): (IdentifierClass, &str, Form),
        shape: &dyn Shape,
        most: usize,
        randomness: &dyn Randomness,
    ) -> Result<Option<String>, SurrogateError> {
        let fitting = |one: &&Mapping| shape.fits(one.surrogate());
        let newest = self.shaped(original, form);
        let known = newest.filter(fitting).or_else(|| {
            // requests whose schemas refuse each other's take turns: what was drawn for one serves it again
            newest.and_then(|_| self.all_shaped(original, form).find(fitting))
        });
        if let Some(known) = known {
            return Ok(Some(known.surrogate().to_owned()));
        }
        if self.mappings() >= most {
            return Err(SurrogateError::Full);
        }
        for _ in 0..DRAWS {
            let Some(surrogate) = shape.draw(randomness) else { return Ok(None) };
            if surrogate != original
                && !self.has_tail(&surrogate)
                && !self.is_original(&surrogate, form)
                && shape.fits(&surrogate)
            {
                let mapping = Mapping::shaped(class, form, &surrogate, original);
                self.push(Entry::Mapping(mapping));
                return Ok(Some(surrogate));
            }
        }
        Ok(None)
    }

    /// Remembers the pseudonym of `original`, if it is not known.
    pub(crate) fn pseudonym(
        &mut self,
        class: IdentifierClass,
        original: &str,
        pseudonym: &str,
        most: usize,
    ) -> Result<(), SurrogateError> {
        let known = self.shaped(original, Form::Pseudonym);
        if known.is_some_and(|known| known.surrogate() == pseudonym) {
            return Ok(());
        }
        if self.mappings() >= most {
            return Err(SurrogateError::Full);
        }
        self.push(Entry::Mapping(Mapping::shaped(class, Form::Pseudonym, pseudonym, original)));
        Ok(())
    }
}
