//! What the training of the model needs to know of it: the same features over the same words. Not part of the
//! library as it is built into the product.

use std::ops::Range;

use super::features::{Features, heads, is_asked, span};
use crate::normalize::Normal;
use crate::recognize;
use crate::view::View;

macro_rules! sizes {
    ($($(#[$doc:meta])* $name:ident = $from:path;)*) => {
        $($(#[$doc])* pub const $name: usize = $from;)*
    };
}

sizes! {
    /// Rows of the table of embeddings before those of the vocabulary.
    FIXED = super::features::FIXED;
    /// The row of a word outside the vocabulary.
    UNKNOWN = super::features::UNKNOWN;
    /// Width of an embedding.
    WIDTH = super::network::WIDTH;
    /// Words to either side that are read for one.
    SIDE = super::network::SIDE;
    /// Embeddings that are read for one word.
    SLOTS = super::network::SLOTS;
    /// Width of the first layer.
    HIDDEN = super::network::HIDDEN;
    /// Words asked about to either side that the second layer reads.
    NEAR = super::network::NEAR;
    /// How many words apart those may stand.
    APART = super::network::APART;
    /// Width of the second layer.
    SECOND = super::network::SECOND;
    /// Outputs: nothing, the classes in the order of `IdentifierClass::ALL`, employer, begins.
    OUT = super::network::OUT;
    /// The output for an employer.
    EMPLOYER = super::EMPLOYER;
    /// The output that says that an identifier begins.
    BEGINS = super::BEGINS;
}

/// The most that a unit of the hidden layers gives, as a whole number.
pub const CEILING: i32 = super::network::CEILING;
/// What a file of weights begins with, and its version.
pub const FORM: (&[u8; 4], u32) = super::weights::FORM;

/// Whether a row says that a word is in a list of the lexicon.
pub const fn is_lexicon(row: u32) -> bool {
    super::features::is_lexicon(row)
}

/// Whether a row says what the rules found.
pub const fn is_rule(row: u32) -> bool {
    super::features::is_rule(row)
}

/// The hash of a word's spelling, small or not; `None` for what has no letters.
pub fn spelling(word: &str) -> Option<u32> {
    super::spelling(word.as_bytes())
}

/// One word of a text.
pub struct Word {
    /// Bytes of the text as given.
    pub span: Range<usize>,
    /// The hash of its spelling, for words of letters.
    pub spelling: Option<u32>,
    /// Its rows of the table of embeddings, but that of its spelling.
    pub rows: Vec<u32>,
    /// The word at the head of its line, if near.
    pub head: u32,
    /// Whether a label decides what it is, so that the model is not asked.
    pub decided: bool,
    /// Whether the model is asked about it otherwise.
    pub asked: bool,
    /// The same if the word is in the vocabulary.
    pub asked_known: bool,
}

/// A text as the model sees it.
pub fn words(text: &str) -> Vec<Word> {
    let normal = Normal::of(text);
    let view = View::of(normal.text());
    let mut rules = Vec::new();
    recognize::all(&view, &mut rules);
    let features = Features::of(&view, &rules);
    let heads = heads(&view);
    let words = view.words.iter().enumerate().zip(heads);
    words
        .map(|((at, word), head)| {
            let mut rows = Vec::new();
            features.rows(at, word, |row| rows.push(row));
            let bytes = view.text.as_bytes().get(span(word)).unwrap_or_default();
            Word {
                span: normal.origin(&span(word)),
                spelling: super::spelling(bytes),
                rows,
                head,
                decided: features.is_decided(at),
                asked: is_asked(&view, at, word, false),
                asked_known: is_asked(&view, at, word, true),
            }
        })
        .collect()
}
