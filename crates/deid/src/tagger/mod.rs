//! The trained tagger: finds what no pattern can, from the words around.
//!
//! A word asked about is seen with its [`SIDE`](network::SIDE) neighbours to either side and the head of its line;
//! then its neighbours among the words asked about have their say; what comes out is a score for each class. The
//! weights are made by `training/`.

mod features;
mod grow;
mod multiply;
mod network;
#[cfg(feature = "training")]
pub mod training;
mod weights;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use features::{Features, HEAD, UNKNOWN, heads, is_asked, joins, said, span};
use network::{APART, HIDDEN, NEAR, OUT, SIDE, WIDTH};
use terms::IdentifierClass;
use weights::Weights;
use wide::i16x8;

use crate::recognize::{self, Candidate, Rank};
use crate::view::View;
use crate::{REACH, lexicon};

/// How sure the tagger must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperatingPoint {
    /// Rather one finding too many: for text that must not leak.
    Recall,
    /// As sure as not.
    #[default]
    Balanced,
    /// Rather one too few: for text that must stay legible.
    Precision,
}

impl OperatingPoint {
    /// What a class must score more than nothing, in 256ths of a nat.
    const fn over(self) -> i32 {
        match self {
            Self::Recall => -512,
            Self::Balanced => 0,
            Self::Precision => 512,
        }
    }

    /// How much nothing must score more than every class for what a rule found by shape alone to be dropped.
    const fn doubt(self) -> Option<i32> {
        match self {
            Self::Recall | Self::Balanced => None,
            Self::Precision => Some(512),
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Recall => "recall",
            Self::Balanced => "balanced",
            Self::Precision => "precision",
        }
    }
}

/// What tells this tagger and point from others.
pub(crate) fn version(point: OperatingPoint) -> String {
    format!("tagger-{}-{}", built_in().map_or(0, |weights| weights.number), point.label())
}

/// What findings of the tagger name as what found them.
pub(crate) const RECOGNIZER: &str = "tagger";

/// The output for an employer: named in Safe Harbor beside relatives and household members.
const EMPLOYER: usize = 20;
/// The output that says that an identifier begins.
const BEGINS: usize = 21;

static BYTES: &[u8] = include_bytes!("../../data/tagger.bin");

/// The weights that are built in.
fn built_in() -> Option<&'static Weights> {
    static WEIGHTS: LazyLock<Option<Weights>> = LazyLock::new(|| Weights::read(BYTES));
    WEIGHTS.as_ref()
}

/// Adds what the tagger finds, and drops what rules found by shape alone where it is sure that it is nothing. `None` if
/// the weights cannot be read.
pub(crate) fn recognize(view: &View<'_>, point: OperatingPoint, found: &mut Vec<Candidate>) -> Option<()> {
    let weights = built_in()?;
    let mut scores = scores(weights, view, found, BLOCK);
    if let Some(doubt) = point.doubt() {
        let droppable = |rule: &Candidate| {
            rule.rank == Rank::Shape
                && matches!(rule.class, IdentifierClass::Name | IdentifierClass::Location)
        };
        found.retain(|rule| !droppable(rule) || !is_doubted(view, &scores, rule, doubt));
    }
    let said = said(view, found);
    agree(view, &mut scores, point.over());
    candidates(view, &scores, &said, point.over(), found);
    grow::all(view, found);
    recognize::bound_all(view.text, found);
    Some(())
}

/// What came out for one word that was asked about.
struct Score {
    /// The word.
    at: usize,
    /// The best class.
    class: usize,
    /// How much it scores above nothing, in 256ths of a nat.
    margin: i32,
    /// Whether an identifier begins with the word.
    begins: bool,
}

impl Score {
    fn of(at: usize, out: &[i32; OUT]) -> Self {
        let nothing = out.first().copied().unwrap_or(0);
        let classes = out.iter().enumerate().take(BEGINS).skip(1);
        let best = classes.map(|(class, score)| (class, score - nothing)).max_by_key(|best| best.1);
        let (class, margin) = best.unwrap_or((0, 0));
        Self { at, class, margin, begins: out.get(BEGINS).is_some_and(|score| *score > 0) }
    }
}

/// Whether the tagger is sure of every word of a finding that it is none.
fn is_doubted(view: &View<'_>, scores: &[Score], rule: &Candidate, doubt: i32) -> bool {
    let within = |score: &Score| view.words.get(score.at).is_some_and(|word| word.start < rule.span.end);
    let first = view.word_at(rule.span.start);
    let from = scores.partition_point(|score| score.at < first);
    let mut of = scores.iter().skip(from).take_while(|score| within(score)).peekable();
    of.peek().is_some() && of.all(|score| score.margin < -doubt)
}

/// How many words are read at once, so that what is held of a text does not grow with it.
const BLOCK: usize = 2048;
/// How far what is read for one word reaches: to its neighbours' neighbours, and to the heads of their lines.
const MARGIN: usize = NEAR * APART + if SIDE > HEAD { SIDE } else { HEAD };

/// The scores of the words that are asked about, read `at_once` words at a time.
fn scores(weights: &Weights, view: &View<'_>, rules: &[Candidate], at_once: usize) -> Vec<Score> {
    let features = Features::of(view, rules);
    let heads = heads(view);
    let mut scores = Vec::new();
    let mut from = 0;
    while from < view.words.len() {
        let block = from..from.saturating_add(at_once).min(view.words.len());
        from = block.end;
        read(weights, &features, &heads, &block, &mut scores);
    }
    scores
}

/// Adds the scores of the words of `block`.
fn read(
    weights: &Weights,
    features: &Features<'_>,
    heads: &[u32],
    block: &Range<usize>,
    scores: &mut Vec<Score>,
) {
    let start = block.start.saturating_sub(MARGIN);
    let (embedded, asked) = embed(weights, features, start..block.end + MARGIN);
    let first: Vec<[i16; HIDDEN]> = asked
        .iter()
        .map(|at| {
            let head = heads.get(*at).and_then(|head| usize::try_from(*head).ok()).unwrap_or(*at);
            network::first(weights, &embedded, at - start, head.saturating_sub(start))
        })
        .collect();
    let read = asked.iter().enumerate().filter(|(_, at)| block.contains(at)).map(|(n, at)| {
        let near = std::array::from_fn(|slot| {
            let other = (n + slot).checked_sub(NEAR)?;
            let close = asked.get(other).is_some_and(|other| other.abs_diff(*at) <= APART);
            first.get(other).filter(|_| close)
        });
        Score::of(*at, &network::second(weights, near))
    });
    scores.extend(read);
}

/// The embeddings of words, with room before and after, and which of them are asked about.
fn embed(weights: &Weights, features: &Features<'_>, words: Range<usize>) -> (Vec<i16>, Vec<usize>) {
    let view = features.view();
    let taken = words.start..words.end.min(view.words.len());
    let mut asked = Vec::with_capacity(taken.len() / 2);
    let mut embedded = vec![0; (taken.len() + 2 * SIDE) * WIDTH];
    let places = embedded.as_chunks_mut::<WIDTH>().0.iter_mut().skip(SIDE);
    let words = view.words.iter().enumerate().skip(taken.start).take(taken.len());
    for ((at, word), place) in words.zip(places) {
        let mut sum = [i16x8::ZERO; WIDTH / 8];
        features.rows(at, word, |row| weights.add(row as usize, &mut sum));
        let bytes = view.text.as_bytes().get(span(word)).unwrap_or_default();
        let spelled = spelling(bytes).map(|hash| weights.word(hash));
        if let Some(row) = spelled {
            weights.add(row.unwrap_or(UNKNOWN), &mut sum);
        }
        for (place, sum) in place.as_chunks_mut::<8>().0.iter_mut().zip(sum) {
            *place = sum.to_array();
        }
        let familiar = spelled.flatten().is_some_and(|row| weights.is_familiar(row));
        if !features.is_decided(at) && is_asked(view, at, word, familiar) {
            asked.push(at);
        }
    }
    (embedded, asked)
}

/// Whether training met a small word outside of identifiers.
pub(crate) fn is_familiar(word: &str) -> bool {
    let row = spelling(word.as_bytes()).zip(built_in()).map(|(hash, weights)| (weights.word(hash), weights));
    row.is_some_and(|(row, weights)| row.is_some_and(|row| weights.is_familiar(row)))
}

/// The hash of a word's spelling in small letters, never 0; `None` for numbers and marks.
fn spelling(bytes: &[u8]) -> Option<u32> {
    let letters = bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let hash = lexicon::hash(bytes).filter(|_| letters)?;
    Some(u32::try_from(hash >> 32).unwrap_or(0).max(1))
}

/// How much more than enough a word must score as a name for the same word to be one elsewhere in the text.
const SURE: i32 = 512;
/// How much less than enough it may score there.
const UNSURE: i32 = 1280;

/// Lets a word that is surely a name in one place be one in other places where it might be.
fn agree(view: &View<'_>, scores: &mut [Score], over: i32) {
    let spelled = |score: &Score| {
        let word = view.words.get(score.at).filter(|word| word.len() > 2)?;
        spelling(view.text.as_bytes().get(span(word))?)
    };
    let is_name = |score: &Score| identifier(score.class) == IdentifierClass::Name;
    let sure = scores.iter().filter(|score| is_name(score) && score.margin > over + SURE);
    let sure: HashSet<u32> = sure.filter_map(spelled).collect();
    if sure.is_empty() {
        return;
    }
    for score in
        scores.iter_mut().filter(|score| is_name(score) && (over - UNSURE..=over).contains(&score.margin))
    {
        if spelled(score).is_some_and(|word| sure.contains(&word)) {
            score.margin = over + 1;
        }
    }
}

/// How much less a word may score that goes on what the word before began, or goes before it.
const BESIDE: i32 = 1280;

/// The words that scored, joined.
fn candidates(view: &View<'_>, scores: &[Score], said: &[u8], over: i32, found: &mut Vec<Candidate>) {
    let mut open: Option<Open> = None;
    for score in scores.iter().filter(|score| score.margin > over - BESIDE) {
        let Some(word) = view.words.get(score.at) else { continue };
        let (identifier, sure) = (identifier(score.class), score.margin > over);
        // what a rule calls by another class keeps it
        let other =
            said.get(score.at).copied().filter(|said| *said > 0).map(|said| usize::from((said - 1) / 4));
        let other =
            other.and_then(|class| IdentifierClass::ALL.get(class)).is_some_and(|class| *class != identifier);
        let rank = if other { Rank::Tagger } else { Rank::Shape };
        let percent = u8::try_from((50 + score.margin / 32).clamp(1, 99)).unwrap_or(50);
        if let Some(Open { class, candidate, sure: is_sure }) = open.as_mut()
            && *class == score.class
            && !score.begins
            && word.end - candidate.span.start <= REACH
            && view.text.get(candidate.span.end..word.start).is_some_and(joins)
        {
            candidate.span.end = word.end;
            candidate.rank = candidate.rank.min(rank);
            candidate.confidence.0 = candidate.confidence.0.max(percent);
            *is_sure |= sure;
            continue;
        }
        found.extend(open.take().and_then(Open::closed));
        let candidate = Candidate::new(span(word), identifier, rank, percent, RECOGNIZER);
        open = Some(Open { class: score.class, candidate, sure });
    }
    found.extend(open.and_then(Open::closed));
}

/// A finding that goes on.
struct Open {
    class: usize,
    candidate: Candidate,
    /// Whether one of its words is sure enough.
    sure: bool,
}

impl Open {
    fn closed(self) -> Option<Candidate> {
        self.sure.then_some(self.candidate)
    }
}

/// The class of an output.
fn identifier(class: usize) -> IdentifierClass {
    if class == EMPLOYER {
        return IdentifierClass::OtherId;
    }
    IdentifierClass::ALL.get(class.wrapping_sub(1)).copied().unwrap_or(IdentifierClass::OtherId)
}

#[cfg(test)]
mod tests;
