//! The trained tagger: finds what no pattern can, from the words around.
//!
//! A word asked about is seen with its [`SIDE`](network::SIDE) neighbours to either side and the head of its line;
//! then its neighbours among the words asked about have their say; what comes out is a score for each class. The
//! weights are made by `training/`.

mod features;
mod network;
#[cfg(feature = "training")]
pub mod training;
mod weights;

use std::sync::LazyLock;

use features::{Features, UNKNOWN, heads, is_asked, joins, said, span};
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
    let scores = scores(weights, view, found);
    if let Some(doubt) = point.doubt() {
        let droppable = |rule: &Candidate| {
            rule.rank == Rank::Shape
                && matches!(rule.class, IdentifierClass::Name | IdentifierClass::Location)
        };
        found.retain(|rule| !droppable(rule) || !is_doubted(view, &scores, rule, doubt));
    }
    let said = said(view, found);
    candidates(view, &scores, &said, point.over(), found);
    recognize::bound_all(view.text, found);
    Some(())
}

/// The scores of one word that was asked about.
struct Score {
    at: usize,
    out: [i32; OUT],
}

impl Score {
    /// The best class and how much it scores above nothing.
    fn best(&self) -> (usize, i32) {
        let nothing = self.out.first().copied().unwrap_or(0);
        let classes = self.out.iter().enumerate().take(BEGINS).skip(1);
        classes.map(|(class, score)| (class, score - nothing)).max_by_key(|best| best.1).unwrap_or((0, 0))
    }

    fn begins(&self) -> bool {
        self.out.get(BEGINS).is_some_and(|score| *score > 0)
    }
}

/// Whether the tagger is sure of every word of a finding that it is none.
fn is_doubted(view: &View<'_>, scores: &[Score], rule: &Candidate, doubt: i32) -> bool {
    let within = |score: &Score| view.words.get(score.at).is_some_and(|word| word.start < rule.span.end);
    let first = view.word_at(rule.span.start);
    let from = scores.partition_point(|score| score.at < first);
    let mut of = scores.iter().skip(from).take_while(|score| within(score)).peekable();
    of.peek().is_some() && of.all(|score| score.best().1 < -doubt)
}

fn scores(weights: &Weights, view: &View<'_>, rules: &[Candidate]) -> Vec<Score> {
    let (embedded, asked) = embed(weights, view, rules);
    let heads = heads(view);
    let first: Vec<[i16; HIDDEN]> = asked
        .iter()
        .map(|at| {
            let head = heads.get(*at).and_then(|head| usize::try_from(*head).ok()).unwrap_or(*at);
            network::first(weights, &embedded, *at, head)
        })
        .collect();
    let scored = asked.iter().enumerate().map(|(n, at)| {
        let near = std::array::from_fn(|slot| {
            let other = (n + slot).checked_sub(NEAR)?;
            let close = asked.get(other).is_some_and(|other| other.abs_diff(*at) <= APART);
            first.get(other).filter(|_| close)
        });
        Score { at: *at, out: network::second(weights, near) }
    });
    scored.collect()
}

/// The embeddings of all words, with room before and after, and which words are asked about.
fn embed(weights: &Weights, view: &View<'_>, rules: &[Candidate]) -> (Vec<i16>, Vec<usize>) {
    let features = Features::of(view, rules);
    let mut asked = Vec::with_capacity(view.words.len() / 2);
    let mut embedded = vec![0; (view.words.len() + 2 * SIDE) * WIDTH];
    let places = embedded.as_chunks_mut::<WIDTH>().0.iter_mut().skip(SIDE);
    for ((at, word), place) in view.words.iter().enumerate().zip(places) {
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
        if is_asked(view, at, word, spelled.flatten().is_some()) {
            asked.push(at);
        }
    }
    (embedded, asked)
}

/// The hash of a word's spelling in small letters, never 0; `None` for numbers and marks.
fn spelling(bytes: &[u8]) -> Option<u32> {
    let letters = bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80);
    let hash = lexicon::hash(bytes).filter(|_| letters)?;
    Some(u32::try_from(hash >> 32).unwrap_or(0).max(1))
}

/// The words that scored, joined.
fn candidates(view: &View<'_>, scores: &[Score], said: &[u8], over: i32, found: &mut Vec<Candidate>) {
    let mut open: Option<(usize, Candidate)> = None;
    for score in scores {
        let (class, margin) = score.best();
        let Some(word) = view.words.get(score.at).filter(|_| margin > over) else { continue };
        let identifier = identifier(class);
        // what a rule calls by another class keeps it
        let other =
            said.get(score.at).copied().filter(|said| *said > 0).map(|said| usize::from((said - 1) / 4));
        let other =
            other.and_then(|class| IdentifierClass::ALL.get(class)).is_some_and(|class| *class != identifier);
        let rank = if other { Rank::Tagger } else { Rank::Shape };
        let percent = u8::try_from((50 + margin / 32).clamp(1, 99)).unwrap_or(50);
        if let Some((before, candidate)) = open.as_mut()
            && *before == class
            && !score.begins()
            && word.end - candidate.span.start <= REACH
            && view.text.get(candidate.span.end..word.start).is_some_and(joins)
        {
            candidate.span.end = word.end;
            candidate.rank = candidate.rank.min(rank);
            candidate.confidence.0 = candidate.confidence.0.max(percent);
            continue;
        }
        found.extend(open.take().map(|open| open.1));
        open = Some((class, Candidate::new(span(word), identifier, rank, percent, RECOGNIZER)));
    }
    found.extend(open.map(|open| open.1));
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
