//! Sets of words that are fixed in the code: most words are seen not to be in one without being read.

/// A few words, small letters with blanks between, made at compile time by [`words!`](crate::wordset::words).
pub(crate) struct WordSet {
    words: &'static str,
    /// The [`sign`]s of the words.
    signs: u128,
}

impl WordSet {
    pub(crate) const fn of(words: &'static str) -> Self {
        let bytes = words.as_bytes();
        let (mut signs, mut rest) = (0, bytes);
        while let Some((first, tail)) = rest.split_first() {
            let (first, mut last, mut len) = (*first, *first, 1_usize);
            rest = tail;
            if first == b' ' || first == b'\n' {
                continue;
            }
            while let Some((next, tail)) = rest.split_first() {
                if *next == b' ' || *next == b'\n' {
                    break;
                }
                (last, len, rest) = (*next, len + 1, tail);
            }
            signs |= 1 << sign(first, last, len);
        }
        Self { words, signs }
    }

    /// Whether a word with this [`sign`] may be in it.
    #[inline]
    pub(crate) const fn may_hold(&self, sign: u8) -> bool {
        self.signs >> (sign & 127) & 1 == 1
    }

    /// Whether `word` is in it, in any letter case.
    pub(crate) fn has(&self, word: &str) -> bool {
        let bytes = word.as_bytes();
        let ends = bytes.first().zip(bytes.last());
        ends.is_some_and(|(first, last)| self.may_hold(sign(*first, *last, bytes.len()))) && self.holds(bytes)
    }

    /// The same for a word of which it may hold the sign.
    pub(crate) fn holds(&self, word: &[u8]) -> bool {
        let mut words = self.words.as_bytes().split(|byte| matches!(byte, b' ' | b'\n'));
        !word.is_empty() && words.any(|one| word.eq_ignore_ascii_case(one))
    }
}

/// A number below 128 from the first and the last byte of a word, in any letter case, and its length.
#[inline]
pub(crate) const fn sign(first: u8, last: u8, len: usize) -> u8 {
    let (first, last) = ((first | 0x20).wrapping_mul(0xb5), (last | 0x20).wrapping_mul(0x65));
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are enough")]
    let len = (len as u8).wrapping_mul(0x1f);
    (first ^ last.rotate_left(3)).wrapping_add(len) >> 1
}

/// A [`WordSet`] made at compile time.
macro_rules! words {
    ($words:expr) => {
        const { &$crate::wordset::WordSet::of($words) }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &WordSet = words!(
        "phone tel telephone call called \
         cell @ x"
    );

    fn found(word: &str) -> bool {
        assert_eq!(SET.has(word), SET.holds(word.as_bytes()), "{word}");
        SET.has(word)
    }

    #[test]
    fn words_are_found_in_any_case() {
        for word in ["phone", "PHONE", "Tel", "telephone", "called", "cell", "@", "X"] {
            assert!(found(word), "{word}");
        }
        for word in ["", "phon", "phones", "call called", "l", "é", " ", "\n"] {
            assert!(!found(word), "{word}");
        }
    }

    #[test]
    fn the_signs_of_words_are_spread() {
        let words = include_str!("../data/words.txt").lines().take(4000);
        let signs = words.map(|word| sign(word.as_bytes()[0], word.as_bytes()[word.len() - 1], word.len()));
        let mut counts = [0; 128];
        signs.for_each(|sign| counts[usize::from(sign)] += 1);
        assert!(counts.iter().all(|count| (1..100).contains(count)), "{counts:?}");
    }
}
