//! Where an answer may be cut: behind white space after calm words.
//!
//! A word is calm if no identifier of a person can begin or end in it. The places depend on the text alone, never
//! on the chunks in which it comes.

use std::sync::Arc;

use super::calm::is_calm;
use crate::Lists;

/// How many calm words in a row part what is before them from what comes after.
const ENOUGH: u8 = 3;

/// Longer runs of letters are no words of any list.
const LONGEST: usize = 24;

/// Reads the text character by character.
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub(super) struct Words {
    /// The letters of the word, or of its part behind a mark.
    run: String,
    /// Whether the word has begun.
    begun: bool,
    /// Whether the word is not calm.
    live: bool,
    /// How many calm words came in a row.
    calm: u8,
    /// Whether nothing but white space came since the line began.
    blank_line: bool,
    /// Texts that must be found, whose words are not calm.
    lists: Option<Arc<Lists>>,
    /// Whether the tagger examines what is not calm, so that small words that it would be asked about are not.
    tagged: bool,
}

/// What is known behind a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// A word ended that was not calm.
    pub(super) live: bool,
    /// The text may be cut here.
    pub(super) cut: bool,
}

impl Words {
    pub(super) fn new(lists: Option<Arc<Lists>>, tagged: bool) -> Self {
        Self {
            run: String::with_capacity(LONGEST + 8),
            begun: false,
            live: false,
            calm: ENOUGH,
            blank_line: false,
            lists,
            tagged,
        }
    }

    /// The same at the start of a text.
    pub(super) fn again(&self) -> Self {
        Self::new(self.lists.clone(), self.tagged)
    }

    /// Whether the word that has begun is not calm, as far as it has come.
    pub(super) fn pending(&self) -> bool {
        self.live || !self.is_calm()
    }

    /// Whether the run of letters is calm.
    fn is_calm(&self) -> bool {
        is_calm(&self.run, self.tagged)
            && !self.lists.as_ref().and_then(|lists| lists.lively()).is_some_and(|words| words.has(&self.run))
    }

    #[inline]
    pub(super) fn step(&mut self, character: char) -> Step {
        if character.is_alphabetic() || (is_apostrophe(character) && !self.run.is_empty()) {
            self.begun = true;
            if self.run.len() <= LONGEST {
                self.run.push(character);
            }
            return Step { live: false, cut: false };
        }
        self.end_run();
        if ends_a_word(character) {
            return self.end_word(character);
        }
        self.begun = true;
        self.live |= character.is_numeric() || character == '@';
        Step { live: false, cut: false }
    }

    fn end_run(&mut self) {
        if !self.run.is_empty() {
            self.live |= !self.is_calm();
            self.run.clear();
        }
    }

    fn end_word(&mut self, character: char) -> Step {
        let live = self.live;
        if self.begun {
            self.calm = if live { 0 } else { self.calm.saturating_add(1).min(ENOUGH) };
            self.blank_line = false;
        }
        (self.begun, self.live) = (false, false);
        if character == '\n' {
            if self.blank_line {
                self.calm = ENOUGH;
            }
            self.blank_line = true;
        }
        Step { live, cut: self.calm == ENOUGH }
    }
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '\u{2019}')
}

/// White space, and the marks behind which scripts without spaces breathe.
pub(super) fn ends_a_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, '、' | '。' | '！' | '，' | '；' | '？')
}
