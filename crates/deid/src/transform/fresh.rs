//! Whether a candidate surrogate would be confused with text of the request.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use crate::Passage;
use crate::ends::{END, ends, shaped};
use crate::realistic::Taken;

/// What in the passages of one request looks like the random end of a surrogate, in upper case: six letters or
/// digits in a row, at least two of each. Read from the passages when first asked.
pub(super) struct Ends<'a> {
    passages: &'a [Passage<'a>],
    seen: OnceLock<HashSet<[u8; END]>>,
    windows: OnceLock<Windows>,
    /// What may be the end of a pseudonym, in upper case, by hash.
    tails: OnceLock<HashSet<u64>>,
    /// The words in small letters, by hash.
    words: OnceLock<HashSet<u64>>,
}

impl Taken for Ends<'_> {
    fn holds(&self, text: &str) -> bool {
        Ends::holds(self, text)
    }

    fn speaks(&self, word: &str) -> bool {
        let read = || {
            let texts = self.passages.iter().map(|passage| passage.text);
            let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphabetic()));
            words.filter(|word| !word.is_empty()).map(|word| hash(&word.to_lowercase())).collect()
        };
        self.words.get_or_init(read).contains(&hash(word))
    }
}

/// Signs of a pseudonym behind its class ([`terms::pseudonym`]).
const TAIL: usize = 16;

fn upper(tail: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    tail.to_ascii_uppercase().hash(&mut hasher);
    hasher.finish()
}

fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}

impl<'a> Ends<'a> {
    pub(super) const fn of(passages: &'a [Passage<'a>]) -> Self {
        Self {
            passages,
            seen: OnceLock::new(),
            windows: OnceLock::new(),
            tails: OnceLock::new(),
            words: OnceLock::new(),
        }
    }

    /// Whether any passage holds `candidate`, which looks like a real value, as it stands.
    pub(super) fn holds(&self, candidate: &str) -> bool {
        if !self.windows.get_or_init(|| Windows::of(self.passages)).may_hold(candidate) {
            return false;
        }
        let search = memchr::memmem::Finder::new(candidate);
        self.passages.iter().any(|passage| search.find(passage.text.as_bytes()).is_some())
    }

    /// Whether any passage holds what is behind the last hyphen of a pseudonym, in any letter case, alone or in more
    /// letters and digits.
    pub(super) fn names(&self, pseudonym: &str) -> bool {
        let tail = pseudonym.rsplit('-').next().unwrap_or(pseudonym);
        if tail.len() != TAIL {
            return self.passages.iter().any(|passage| contains(passage.text.as_bytes(), tail.as_bytes()));
        }
        let read = || {
            let runs = self
                .passages
                .iter()
                .flat_map(|passage| passage.text.as_bytes().split(|byte| !byte.is_ascii_alphanumeric()));
            runs.flat_map(|run| run.windows(TAIL)).map(upper).collect()
        };
        self.tails.get_or_init(read).contains(&upper(tail.as_bytes()))
    }

    /// Whether any passage holds the random end of `candidate`, in any letter case.
    ///
    /// The end alone decides, so that look-alikes with another label or another hyphen count too.
    pub(super) fn occurs(&self, candidate: &str) -> bool {
        let end = candidate.rsplit('-').next().unwrap_or(candidate).as_bytes();
        match <[u8; END]>::try_from(end) {
            Ok(end) if shaped(end) => {
                let read = || self.passages.iter().flat_map(|passage| ends(passage.text.as_bytes()));
                let seen = self.seen.get_or_init(|| read().map(|(_, end)| end).collect());
                seen.contains(&end.map(|byte| byte.to_ascii_uppercase()))
            }
            // no surrogate of this house: read all
            _ => self.passages.iter().any(|passage| contains(passage.text.as_bytes(), end)),
        }
    }
}

/// Which six bytes in a row stand in the passages, by hash: where one of a candidate's is missing, the candidate is in
/// none of them. All passages are read once for it, not once for each candidate.
struct Windows {
    bits: Vec<u64>,
}

impl Windows {
    fn of(passages: &[Passage<'_>]) -> Self {
        let bytes: usize = passages.iter().map(|passage| passage.text.len()).sum();
        let mut bits = vec![0_u64; (bytes / 8).next_power_of_two().clamp(16, 1 << 21)];
        let most = bits.len() - 1;
        for window in passages.iter().flat_map(|passage| passage.text.as_bytes().windows(END)) {
            let (word, bit) = place(window, most);
            bits.get_mut(word).into_iter().for_each(|word| *word |= bit);
        }
        Self { bits }
    }

    fn may_hold(&self, candidate: &str) -> bool {
        candidate.as_bytes().windows(END).all(|window| {
            let (word, bit) = place(window, self.bits.len() - 1);
            self.bits.get(word).is_some_and(|word| word & bit != 0)
        })
    }
}

/// Where the bit of a window stands among so many words, a power of two, less one.
fn place(window: &[u8], most: usize) -> (usize, u64) {
    let number = window.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let hash = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let word = usize::try_from(hash >> 38).unwrap_or_default() & most;
    (word, 1 << (hash >> 32 & 63))
}

fn contains(text: &[u8], end: &[u8]) -> bool {
    end.is_empty() || text.windows(end.len()).any(|window| window.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_count_whatever_their_case_and_hyphen() {
        let passages = [Passage::prose("see mrn_4k2m9q there, xxab12cdxx"), Passage::prose("nothing 12-abc")];
        let ends = Ends::of(&passages);
        for (candidate, occurs) in [
            ("NAME-4K2M9Q", true),
            ("NAME-4K2M9R", false),
            ("NAME-AB12CD", true),
            ("NAME-XAB12C", true),
            ("NAME-12ABC", false),
            ("NAME-NOTHIN", true),
            ("NAME-ABC", true),
            ("NAME-", true),
        ] {
            assert_eq!(ends.occurs(candidate), occurs, "{candidate}");
        }
        assert!(!Ends::of(&[]).occurs("NAME-4K2M9R"));
    }

    #[test]
    fn a_pseudonym_counts_in_any_letter_case_behind_any_mark() {
        for (text, names) in [
            ("see mrn_4k2m9q0000abcdef.", true),
            ("MRN\u{2011}4K2M9Q0000ABCDEF", true),
            ("Mrn4k2M9q0000abcdefx", true),
            ("MRN-4K2M9Q0000ABCDE", false),
            ("", false),
        ] {
            assert_eq!(Ends::of(&[Passage::prose(text)]).names("MRN-4K2M9Q0000ABCDEF"), names, "{text}");
        }
    }

    #[test]
    fn a_value_counts_wherever_it_stands() {
        let passages = [Passage::prose("a b"), Passage::prose("x173920184y")];
        let ends = Ends::of(&passages);
        assert!(ends.holds("73920184") && !ends.holds("73920185"));
        assert!(ends.holds("a b") && !ends.holds("b a"), "shorter than a window");
    }

    #[test]
    fn a_word_counts_in_any_letter_case() {
        let passages = [Passage::prose("Ms. RIVERA's \u{c9}toile2")];
        let ends = Ends::of(&passages);
        for (word, speaks) in
            [("rivera", true), ("\u{e9}toile", true), ("river", false), ("ms", true), ("", false)]
        {
            assert_eq!(Taken::speaks(&ends, word), speaks, "{word}");
        }
    }

    #[test]
    fn passages_are_read_once_and_only_if_asked() {
        let passages = [Passage::prose("4k2m9q")];
        let ends = Ends::of(&passages);
        assert!(ends.seen.get().is_none());
        assert!(ends.occurs("NAME-4K2M9Q"));
        assert_eq!(ends.seen.get().map(HashSet::len), Some(1));
    }
}
