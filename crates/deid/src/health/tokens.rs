//! The words of a text with what the table says of them, cut into segments in which one word lends context to
//! another: sentences, more or less.

use std::ops::Range;

use super::table::{Entry, Kinds, join, table};
use crate::lexicon::{Flags, hash};
use crate::view::{Gap, Kind, View, Word};

/// Most words of a segment.
const LONGEST_SEGMENT: usize = 60;

/// What stands between a word and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// a blank, a hyphen, an apostrophe, a stroke
    Tight,
    /// a comma, a bracket, a colon
    Loose,
    /// another sentence, or another line that begins anew
    Hard,
}

/// A word or number. Marks are left out.
#[derive(Clone, Copy)]
pub(super) struct Token {
    /// Its place among the words of the view.
    pub(super) word: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) entry: Entry,
    hash: u64,
    pub(super) before: Break,
    pub(super) segment: usize,
    pub(super) kind: Kind,
    pub(super) flags: Flags,
}

impl Token {
    pub(super) const fn is(&self, kinds: Kinds) -> bool {
        self.entry.is(kinds)
    }
}

/// A term that was found: its first and last token.
#[derive(Clone, Copy)]
pub(super) struct Match {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) entry: Entry,
}

/// A text as the health reader has it.
pub(super) struct Tokens<'v, 'a> {
    pub(super) view: &'v View<'a>,
    pub(super) all: Vec<Token>,
    /// Marks among the words of the view that may end a heading (or part hours from minutes), and that stand before an amount.
    pub(super) colons: Vec<usize>,
    pub(super) dollars: Vec<usize>,
    pub(super) segments: usize,
}

impl<'v, 'a> Tokens<'v, 'a> {
    pub(super) fn of(view: &'v View<'a>) -> Self {
        let mut tokens = Self {
            view,
            all: Vec::with_capacity(view.words.len()),
            colons: Vec::new(),
            dollars: Vec::new(),
            segments: 1,
        };
        let (mut before, mut stop, mut length) = (Break::Hard, false, 0);
        for (at, word) in view.words.iter().enumerate() {
            if word.kind == Kind::Mark {
                let mark = view.byte(word.start).unwrap_or(b' ');
                before = before.max(tokens.mark(mark, at));
                stop = matches!(mark, b'.' | b'!' | b'?');
                continue;
            }
            let anew = word.gap == Gap::Line && word.kind != Kind::Lower;
            let sentence = stop && word.gap != Gap::None;
            if anew || sentence || length >= LONGEST_SEGMENT {
                before = Break::Hard;
            }
            if before == Break::Hard && !tokens.all.is_empty() {
                (tokens.segments, length) = (tokens.segments + 1, 0);
            }
            tokens.push(at, word, before);
            (before, stop, length) = (Break::Tight, false, length + 1);
        }
        tokens
    }

    /// What a mark parts, and where it is kept.
    fn mark(&mut self, mark: u8, at: usize) -> Break {
        match mark {
            b':' | b'=' => self.colons.push(at),
            b'$' => self.dollars.push(at),
            _ => {}
        }
        match mark {
            b'-' | b'\'' | b'/' | b'.' | b'%' | b'+' | b'&' | b'#' | b'*' | b'_' => Break::Tight,
            b';' | b'!' | b'?' | b'|' => Break::Hard,
            _ => Break::Loose,
        }
    }

    fn push(&mut self, at: usize, word: &Word, before: Break) {
        let text = self.view.slice(word.start..word.end);
        let hash = hash(text.as_bytes()).unwrap_or(0);
        let entry = if hash == 0 { Entry::default() } else { table().get(hash) };
        let Word { start, end, kind, flags, .. } = *word;
        let segment = self.segments - 1;
        self.all.push(Token { word: at, start, end, entry, hash, before, segment, kind, flags });
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token> {
        self.all.get(at)
    }

    /// The token before, if nothing but a blank or the like is between.
    pub(super) fn tight_before(&self, at: usize) -> Option<&Token> {
        self.get(at).filter(|token| token.before == Break::Tight)?;
        self.get(at.checked_sub(1)?)
    }

    pub(super) fn text(&self, at: usize) -> &'a str {
        self.get(at).map(|token| self.view.slice(token.start..token.end)).unwrap_or_default()
    }

    /// The bytes from one token to another.
    pub(super) fn span(&self, first: usize, last: usize) -> Range<usize> {
        let start = self.get(first).map_or(0, |token| token.start);
        start..self.get(last).map_or(start, |token| token.end).max(start)
    }

    /// The terms in the text, the longest at each place, from left to right.
    pub(super) fn matches(&self) -> Vec<Match> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(token) = self.get(at) {
            let (last, entry) = self.longest(at, token);
            if entry.kinds != Kinds::default() {
                found.push(Match { first: at, last, entry });
            }
            at = last + 1;
        }
        found
    }

    fn longest(&self, at: usize, token: &Token) -> (usize, Entry) {
        let most = usize::from(token.entry.longest);
        let mut best = (at, token.entry);
        let mut whole = token.hash;
        for next in at + 1..at + most.max(1) {
            let Some(word) = self.get(next).filter(|word| word.before == Break::Tight && word.hash != 0)
            else {
                break;
            };
            whole = join(whole, word.hash);
            let entry = table().get(whole);
            if entry.kinds != Kinds::default() {
                best = (next, entry);
            }
        }
        if best.0 == at && best.1.is(Kinds::UPPER) && token.kind != Kind::Upper {
            best.1 = Entry::default();
        } else if best.1.kinds == Kinds::default() {
            best.1 = self.by_form(token);
        }
        best
    }

    /// What is known of a word by its plural's stem, or by its ending.
    fn by_form(&self, token: &Token) -> Entry {
        if !matches!(token.kind, Kind::Lower | Kind::Capital | Kind::Upper) {
            return Entry::default();
        }
        let word = self.view.slice(token.start..token.end).as_bytes();
        if let Some((b's' | b'S', stem)) = word.split_last()
            && stem.len() >= 4
        {
            let entry = hash(stem).map(|stem| table().get(stem)).unwrap_or_default();
            if entry.is(Kinds::STRONG.with(Kinds::WEAK).with(Kinds::HEAD)) {
                return entry;
            }
        }
        super::endings::of(word, token.flags)
    }
}
