//! What an examination found out about a text, apart from the conversation that it stands in.

use std::ops::Range;

use terms::IdentifierClass;

use crate::normalize::Normal;
use crate::recognize::{self, Candidate, Rank};
use crate::spans::resolve;
use crate::view::View;
use crate::{
    DetectError, Finding, Known, Lists, OperatingPoint, Passage, Told, encoded, field, health, tagger,
};

/// What the rules and the tagger make of one passage, whatever a conversation knows. Holds no text, only places in
/// it, so that it may be kept for the next time the same passage comes: what it says depends on the passage's text,
/// its label and the [version](crate::Detector::version) of the detector, and on nothing else.
#[derive(Clone, Debug)]
pub struct Examined {
    rules: Rules,
    /// What is told of health, where the detector looks for it.
    told: Box<[Told]>,
    /// Bytes of the text.
    length: usize,
}

/// What a passage is examined with, beside the rules.
#[derive(Clone, Copy)]
pub(crate) struct With<'d> {
    pub(crate) tagger: Option<OperatingPoint>,
    pub(crate) lists: Option<&'d Lists>,
    pub(crate) telling: bool,
}

/// What the rules found in folded text.
#[derive(Clone, Debug)]
struct Rules {
    candidates: Box<[Candidate]>,
    /// Words that would be a part of a name if a name has them as a part.
    parts: Box<[Range<usize>]>,
    /// Runs of base64, and what the rules found in what they hold.
    runs: Box<[(Range<usize>, Rules)]>,
}

impl Examined {
    /// Examines `passage`.
    pub(crate) fn of(passage: Passage<'_>, with: With<'_>) -> Result<Self, DetectError> {
        Self::of_normal(passage, &Normal::of(passage.text), with)
    }

    fn of_normal(passage: Passage<'_>, normal: &Normal<'_>, with: With<'_>) -> Result<Self, DetectError> {
        let mut rules = Rules::of(passage.label, normal.text(), with)?;
        let runs = encoded::runs(normal.text());
        let runs = runs.map(|(span, text)| Ok((span, Rules::of(None, Normal::of(&text).text(), with)?)));
        rules.runs = runs.collect::<Result<_, DetectError>>()?;
        let told = if with.telling { health::told(passage, normal)?.into() } else { Box::default() };
        Ok(Self { rules, told, length: passage.text.len() })
    }

    /// The findings in `passage`, which must be the one that was examined: sorted, without overlap, on character
    /// boundaries of the text as given. Originals in `known` are found again; its surrogates are never findings.
    ///
    /// # Errors
    /// [`DetectError::OutOfPlace`] if a finding cannot be placed, as in another text than the one examined;
    /// [`DetectError::TooMuchKnown`] if not all that is known can be searched for.
    pub fn findings(&self, passage: Passage<'_>, known: &Known) -> Result<Vec<Finding>, DetectError> {
        if passage.text.len() != self.length {
            return Err(DetectError::OutOfPlace);
        }
        self.findings_in(passage, &Normal::of(passage.text), known)
    }

    /// Both in one, for a passage that need not be kept.
    pub(crate) fn detect(
        passage: Passage<'_>,
        known: &Known,
        with: With<'_>,
    ) -> Result<Vec<Finding>, DetectError> {
        let normal = Normal::of(passage.text);
        Self::of_normal(passage, &normal, with)?.findings_in(passage, &normal, known)
    }

    fn findings_in(
        &self,
        passage: Passage<'_>,
        normal: &Normal<'_>,
        known: &Known,
    ) -> Result<Vec<Finding>, DetectError> {
        if !known.is_whole() {
            return Err(DetectError::TooMuchKnown);
        }
        let (mut found, surrogates) = self.rules.with(normal.text(), known);
        if !self.rules.runs.is_empty() {
            found.extend(self.rules.encoded(normal.text(), known));
        }
        back(passage.text, normal, resolve(normal.text(), found, &surrogates))
    }

    /// What the passage tells of health: sorted, without overlap; nothing where the detector
    /// [does not look for it](crate::Detector::telling).
    #[must_use]
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.rules.size() + size_of_val(&*self.told)
    }
}

impl Rules {
    /// Runs every recogniser over folded text, but does not look into what is encoded in it.
    fn of(label: Option<&str>, text: &str, with: With<'_>) -> Result<Self, DetectError> {
        let view = View::of(text);
        let mut found = Vec::new();
        found.extend(label.and_then(|label| field::recognize(label, view.text)));
        recognize::all(&view, &mut found);
        if let Some(point) = with.tagger {
            tagger::recognize(&view, point, &mut found).ok_or(DetectError::Tagger)?;
        }
        if let Some(lists) = with.lists {
            lists.apply(view.text, &mut found);
        }
        let parts = recognize::parts(&view);
        let seeds = found.iter().filter(|candidate| is_seed(candidate));
        let seeds: Vec<&str> = seeds.map(|candidate| view.slice(candidate.span.clone())).collect();
        recognize::again(view.text, &parts, seeds.into_iter(), None, &mut found);
        Ok(Self { candidates: found.into(), parts: parts.into(), runs: Box::default() })
    }

    /// All candidates in the folded text, those of a conversation among them, and where its surrogates stand.
    fn with(&self, text: &str, known: &Known) -> (Vec<Candidate>, Vec<Range<usize>>) {
        let mut found = Vec::with_capacity(self.candidates.len() + 4);
        let surrogates = known.find(text, &mut found);
        recognize::bound_all(text, &mut found);
        let seeds = found.iter().filter(|candidate| is_seed(candidate));
        let seeds: Vec<&str> = seeds.filter_map(|candidate| text.get(candidate.span.clone())).collect();
        recognize::again(text, &self.parts, seeds.into_iter(), known.names(), &mut found);
        found.extend_from_slice(&self.candidates);
        (found, surrogates)
    }

    /// The runs of base64 that hold an identifier of a person. What is encoded once more in them is not read.
    fn encoded(&self, text: &str, known: &Known) -> Vec<Candidate> {
        let runs = self.runs.iter().zip(encoded::runs(text));
        runs.filter_map(|((span, rules), (_, held))| {
            let normal = Normal::of(&held);
            let (found, surrogates) = rules.with(normal.text(), known);
            let resolved = resolve(normal.text(), found, &surrogates);
            let personal = resolved.iter().any(|candidate| candidate.class.names_a_person());
            let class = IdentifierClass::OtherId;
            personal.then(|| Candidate::new(span.clone(), class, Rank::Known, 90, "code.base64"))
        })
        .collect()
    }

    fn size(&self) -> usize {
        let runs = self.runs.iter().map(|(_, rules)| rules.size()).sum::<usize>();
        size_of_val(&*self.candidates) + size_of_val(&*self.parts) + size_of_val(&*self.runs) + runs
    }
}

/// Whether the parts of a name are looked for in the rest of the passage.
fn is_seed(candidate: &Candidate) -> bool {
    candidate.class == IdentifierClass::Name && candidate.confidence.0 >= 78
}

/// Candidates over the folded text as findings over the original.
fn back(text: &str, normal: &Normal<'_>, resolved: Vec<Candidate>) -> Result<Vec<Finding>, DetectError> {
    let mut end = 0;
    let mut findings = Vec::with_capacity(resolved.len());
    for candidate in resolved {
        let span = normal.origin(&candidate.span);
        // one character of the original may stand for several of the folded text
        let start = span.start.max(end);
        if start >= span.end {
            // the finding before covers it
            continue;
        }
        if text.get(start..span.end).is_none() {
            return Err(DetectError::OutOfPlace);
        }
        end = span.end;
        let Candidate { class, confidence, recognizer, .. } = candidate;
        findings.push(Finding { span: start..span.end, class, confidence, recognizer });
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: With<'_> = With { tagger: None, lists: None, telling: false };

    fn placed(text: &str, span: Range<usize>) -> Result<Option<Range<usize>>, DetectError> {
        let candidate = Candidate::new(span, IdentifierClass::Name, Rank::Cue, 90, "test");
        let findings = back(text, &Normal::of(text), vec![candidate])?;
        Ok(findings.into_iter().map(|finding| finding.span).next())
    }

    #[test]
    fn a_finding_that_cuts_a_character_is_an_error() {
        assert_eq!(placed("Иван", 0..8), Ok(Some(0..8)));
        assert_eq!(placed("Иван", 0..3), Err(DetectError::OutOfPlace));
        assert_eq!(placed("Иван", 1..4), Err(DetectError::OutOfPlace));
        assert_eq!(placed("Ann", 0..9), Err(DetectError::OutOfPlace));
    }

    #[test]
    fn it_may_be_kept_and_shared_and_is_small() {
        fn kept<T: Clone + Send + Sync + 'static>() {}
        kept::<Examined>();
        let text = "The wound is dry and measures 2.1 by 3.4 cm, without redness around it. ".repeat(20);
        let examined = Examined::of(Passage::prose(&text), NOTHING).unwrap();
        assert!((1..text.len() / 4).contains(&examined.size()), "{}", examined.size());
    }

    #[test]
    fn another_text_than_the_one_examined_is_an_error() {
        let examined = Examined::of(Passage::prose("MRN: 48213377"), NOTHING).unwrap();
        let findings = examined.findings(Passage::prose("MRN: 482133"), &Known::none());
        assert_eq!(findings, Err(DetectError::OutOfPlace));
        // as long, and what was found would cut a character
        assert_eq!(examined.findings(Passage::prose("MRN:ž8213377"), &Known::none()), Ok(Vec::new()));
    }
}
