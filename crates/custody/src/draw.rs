//! Draws the random part of a surrogate.

use terms::Randomness;

/// Crockford's alphabet: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters are random.
pub(crate) const LENGTH: usize = 6;

/// Six random characters with at least two digits and two letters: 30 random bits before that choice.
pub(crate) fn tail(randomness: &dyn Randomness) -> [u8; LENGTH] {
    loop {
        let mut bytes = [0; 4];
        randomness.fill(&mut bytes);
        let mut bits = u32::from_be_bytes(bytes);
        let tail = [(); LENGTH].map(|()| {
            let sign = ALPHABET.get((bits & 31) as usize).copied().unwrap_or(b'0');
            bits >>= 5;
            sign
        });
        let digits = tail.iter().filter(|sign| sign.is_ascii_digit()).count();
        if (2..=LENGTH - 2).contains(&digits) {
            return tail;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Counter(Mutex<u32>);

    impl Randomness for Counter {
        fn fill(&self, bytes: &mut [u8]) {
            let mut state = self.0.lock().unwrap();
            for byte in bytes {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (*state >> 24) as u8;
            }
        }
    }

    #[test]
    fn a_tail_mixes_digits_and_letters_of_the_alphabet() {
        let randomness = Counter(Mutex::new(1));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2000 {
            let tail = tail(&randomness);
            assert!(tail.iter().all(|sign| ALPHABET.contains(sign)));
            assert!(tail.iter().filter(|sign| sign.is_ascii_digit()).count() >= 2);
            assert!(tail.iter().filter(|sign| sign.is_ascii_uppercase()).count() >= 2);
            seen.insert(tail);
        }
        assert!(seen.len() > 1900);
        assert!((0..32).all(|sign| seen.iter().any(|tail| tail.contains(&ALPHABET[sign]))));
    }
}
