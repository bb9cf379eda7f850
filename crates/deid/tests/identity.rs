//! What is transformed and restored is what it was.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use deid::{Confidence, Constraints, Encoding, Finding, Passage, RestoreStream, Restorer, Rule, transform};
use proptest::prelude::*;
use terms::{Form, IdentifierClass, Obligations, Randomness, Shape, SurrogateError, SurrogateSource};

/// Draws surrogates of the fixed shape from a small generator.
struct Drawing {
    issued: BTreeMap<String, String>,
    state: u64,
}

impl Drawing {
    fn draw(&mut self) -> String {
        const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        (0..6)
            .map(|_| {
                self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(ALPHABET[usize::try_from(self.state >> 59).unwrap()])
            })
            .collect()
    }
}

impl SurrogateSource for Drawing {
    fn surrogate(
        &mut self,
        class: IdentifierClass,
        original: &str,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<String, SurrogateError> {
        if let Some(known) = self.issued.get(original) {
            return Ok(known.clone());
        }
        loop {
            let candidate = format!("{}-{}", class.label().replace('_', "-"), self.draw());
            if !taken(&candidate) && !self.issued.values().any(|other| *other == candidate) {
                self.issued.insert(original.to_owned(), candidate.clone());
                return Ok(candidate);
            }
        }
    }

    fn shaped(
        &mut self,
        _: IdentifierClass,
        original: &str,
        form: Form,
        shape: &dyn Shape,
    ) -> Result<Option<String>, SurrogateError> {
        let key = format!("{original}\0{}", form.as_str());
        if let Some(known) = self.issued.get(&key) {
            return Ok(Some(known.clone()));
        }
        self.state = self.state.wrapping_add(1);
        let bytes = Bytes(self.state.into());
        let drawn = (0..64)
            .filter_map(|_| shape.draw(&bytes))
            .find(|drawn| shape.fits(drawn) && !self.issued.values().any(|other| other == drawn));
        if let Some(drawn) = &drawn {
            self.issued.insert(key, drawn.clone());
        }
        Ok(drawn)
    }
}

/// Random bytes that are the same each time.
struct Bytes(AtomicU64);

impl Randomness for Bytes {
    fn fill(&self, bytes: &mut [u8]) {
        let next = |state: u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        for byte in bytes {
            *byte = self.0.fetch_update(Relaxed, Relaxed, next).unwrap().to_be_bytes()[1];
        }
    }
}

/// A request whose schemas take numbers, dates and what looks like some names.
fn strict() -> Constraints {
    let mut constraints = Constraints::none();
    for pattern in ["^[0-9]{6,}$", "^[A-Z][a-z]+( [A-Z][a-z]+)+$"] {
        constraints.require(None, Rule::Pattern(pattern));
    }
    constraints.require(None, Rule::Format("date"));
    constraints.number(0);
    constraints
}

/// Findings on character boundaries of `text` that do not overlap, made of pairs of neighbouring cuts.
fn findings(text: &str, cuts: &[(usize, u8)]) -> Vec<Finding> {
    let borders: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut places: Vec<(usize, u8)> =
        cuts.iter().map(|(cut, class)| (borders[cut % borders.len()], *class)).collect();
    places.sort_unstable();
    places
        .chunks_exact(2)
        .filter(|pair| pair[0].0 < pair[1].0)
        .map(|pair| Finding {
            span: pair[0].0..pair[1].0,
            class: IdentifierClass::ALL[usize::from(pair[0].1) % IdentifierClass::ALL.len()],
            confidence: Confidence(80),
            recognizer: "test",
        })
        .collect()
}

fn check(texts: &[(String, Vec<(usize, u8)>)], seed: u64, size: usize) -> Result<(), TestCaseError> {
    let passages: Vec<Passage<'_>> = texts.iter().map(|(text, _)| Passage::prose(text)).collect();
    let found: Vec<Vec<Finding>> = texts.iter().map(|(text, cuts)| findings(text, cuts)).collect();
    let mut source = Drawing { issued: BTreeMap::new(), state: seed };
    let done = transform(&passages, &found, &strict(), &Obligations::default(), &mut source).unwrap();
    let restorer = Arc::new(Restorer::new(done.issued()));
    for (index, text) in done.edits() {
        let original = &texts[*index].0;
        prop_assert_eq!(&restorer.restore(text, Encoding::Text), original);
        let mut stream = RestoreStream::new(Arc::clone(&restorer), Encoding::Text);
        let characters: Vec<char> = text.chars().collect();
        let mut streamed: String =
            characters.chunks(size).map(|chunk| stream.push(&chunk.iter().collect::<String>())).collect();
        streamed.push_str(&stream.finish());
        prop_assert_eq!(&streamed, original);
    }
    prop_assert_eq!(done.edits().len(), found.iter().filter(|found| !found.is_empty()).count());
    Ok(())
}

fn cuts() -> impl Strategy<Value = Vec<(usize, u8)>> {
    prop::collection::vec((0..200_usize, any::<u8>()), 0..12)
}

proptest! {
    /// Any text without the signs by which an address begins: in one, a surrogate stays.
    #[test]
    fn restoring_undoes_transforming(
        texts in prop::collection::vec(("[^/\\\\:.(]{0,80}", cuts()), 1..5),
        seed: u64,
        size in 1..9_usize,
    ) {
        check(&texts, seed, size)?;
    }

    #[test]
    fn restoring_undoes_transforming_clinical_words(
        words in prop::collection::vec("Ann|Lee|MRN|4839|name|NAME-|-|_| |\n|dob 1/2/1931|é|\\\\", 0..30),
        cuts in cuts(),
        seed: u64,
        size in 1..9_usize,
    ) {
        let text = words.concat().replace("//", "/").replace("\\\\", "\\");
        check(&[(text, cuts)], seed, size)?;
    }

    /// Originals that get surrogates of other forms, often touching each other and letters.
    #[test]
    fn restoring_undoes_transforming_values_that_schemas_constrain(
        pieces in prop::collection::vec((piece(), any::<bool>()), 0..24),
        seed: u64,
        size in 1..9_usize,
    ) {
        let (mut text, mut cuts) = (String::new(), Vec::new());
        for ((piece, identifier), found) in pieces {
            let start = text.chars().count();
            text.push_str(piece);
            if identifier && found {
                cuts.extend([(start, 8), (text.chars().count(), 8)]);
            }
        }
        check(&[(text, cuts)], seed, size)?;
    }
}

/// A piece of a text, and whether it is an identifier.
fn piece() -> impl Strategy<Value = (&'static str, bool)> {
    prop::sample::select(vec![
        ("48213377", true),
        ("0048213377", true),
        ("1980-03-02", true),
        ("03/02/1980", true),
        ("March 2, 1980", true),
        ("Ann Maria Lee", true),
        ("Ann", true),
        ("7", true),
        ("T10", false),
        ("T", false),
        (" ", false),
        (" ", false),
        ("x", false),
        ("\"", false),
        ("-", false),
        (".", false),
        ("\u{e9}", false),
    ])
}
