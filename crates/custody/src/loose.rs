//! Surrogates of work that is no conversation, such as a run over files: nothing of it is kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terms::{Form, IdentifierClass, Randomness, Shape, SurrogateError, SurrogateSource};

use crate::remembered::Remembered;

/// Issues the same surrogate for the same original, on every thread, for as long as it lives.
pub struct Loose {
    remembered: Mutex<Remembered>,
    randomness: Arc<dyn Randomness>,
    most: usize,
    year: u32,
}

impl Loose {
    /// Remembers nothing yet, and never more than `most` originals. `year` is the one that it is. There is no key, so
    /// that no pseudonym is to be had.
    pub fn new(randomness: Arc<dyn Randomness>, most: usize, year: u32) -> Self {
        Self { remembered: Mutex::default(), randomness, most, year }
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        // A panic can't leave an entry half inserted: every insertion is one call.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SurrogateSource for &Loose {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        self.remembered().surrogate(class, original, taken, self.most, &*self.randomness)
    }

    fn shaped(
        &mut self,
        class: IdentifierClass,
        original: &str,
        form: Form,
        shape: &dyn Shape,
    ) -> Result<Option<String>, SurrogateError> {
        self.remembered().shaped_as((class, original, form), shape, self.most, &*self.randomness)
    }

    fn year(&self) -> Option<u32> {
        Some(self.year)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Counter(AtomicU32);

    impl Randomness for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                let next = self.0.load(Ordering::Relaxed).wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                self.0.store(next, Ordering::Relaxed);
                *byte = next.to_be_bytes()[0];
            }
        }
    }

    #[test]
    fn an_original_keeps_its_surrogate_and_there_is_an_end() {
        let loose = Loose::new(Arc::new(Counter(AtomicU32::new(1))), 2, 2026);
        let ask = |original: &str| (&loose).surrogate(IdentifierClass::Name, original, &|_| false);
        let first = ask("Ann Lee").unwrap();
        assert!(first.starts_with("NAME-"), "{first}");
        assert_eq!(ask("Ann Lee").unwrap(), first);
        assert_ne!(ask("Bo Chan").unwrap(), first);
        assert_eq!(ask("Cy Dunn"), Err(SurrogateError::Full));
        assert_eq!(ask("Ann Lee").unwrap(), first, "what is known needs no room");
    }
}
