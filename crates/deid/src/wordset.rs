//! Sets of words that are fixed in the code: most words are seen not to be in one without being read.

/// Most words of one set.
const MOST: usize = 80;

/// A few words, small letters with blanks between, made at compile time by [`words!`](crate::wordset::words).
pub(crate) struct WordSet {
    words: &'static str,
    /// The [`sign`]s of the words.
    signs: u128,
    /// Sign, start and length of each word.
    places: [(u8, u16, u8); MOST],
    count: usize,
}

impl WordSet {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no list is that long, and longer ones do not compile"
    )]
    #[expect(clippy::indexing_slicing, reason = "at compile time, out of bounds is an error")]
    pub(crate) const fn of(words: &'static str) -> Self {
        let bytes = words.as_bytes();
        assert!(bytes.len() < u16::MAX as usize);
        let (mut signs, mut places, mut count, mut at) = (0, [(0, 0, 0); MOST], 0, 0);
        while at < bytes.len() {
            let start = at;
            while at < bytes.len() && bytes[at] != b' ' && bytes[at] != b'\n' {
                at += 1;
            }
            if at > start {
                let sign = sign(bytes[start], bytes[at - 1], at - start);
                signs |= 1 << sign;
                places[count] = (sign, start as u16, (at - start) as u8);
                count += 1;
            }
            at += 1;
        }
        Self { words, signs, places, count }
    }

    /// Whether a word with this [`sign`] may be in it.
    #[inline]
    const fn may_hold(&self, sign: u8) -> bool {
        self.signs >> (sign & 127) & 1 == 1
    }

    /// Whether `word` is in it, in any letter case.
    pub(crate) fn has(&self, word: &str) -> bool {
        let bytes = word.as_bytes();
        let ends = bytes.first().zip(bytes.last());
        ends.is_some_and(|(first, last)| self.holds(bytes, sign(*first, *last, bytes.len())))
    }

    /// The same for a word of which the [`sign`] is known.
    #[inline]
    pub(crate) fn holds(&self, word: &[u8], sign: u8) -> bool {
        self.may_hold(sign) && self.looks_up(word, sign)
    }

    fn looks_up(&self, word: &[u8], sign: u8) -> bool {
        let places = self.places.get(..self.count).unwrap_or_default();
        places.iter().any(|(other, start, len)| {
            let span = usize::from(*start)..usize::from(*start) + usize::from(*len);
            *other == sign
                && self.words.as_bytes().get(span).is_some_and(|one| one.eq_ignore_ascii_case(word))
        })
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
        let all = SET.words.split_ascii_whitespace();
        assert_eq!(SET.has(word), all.into_iter().any(|one| one.eq_ignore_ascii_case(word)), "{word}");
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
