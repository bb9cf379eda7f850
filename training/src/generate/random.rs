//! Chance.

use fastrand::Rng;

/// True so many times in a hundred.
pub(super) fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(..100) < percent
}

/// One of a list; empty for an empty one.
pub(super) fn word<'a>(rng: &mut Rng, list: &[&'a str]) -> &'a str {
    rng.choice(list).copied().unwrap_or_default()
}

/// The place of one of several weights.
pub(super) fn weighted(rng: &mut Rng, weights: impl Iterator<Item = f64> + Clone) -> usize {
    let mut left = rng.f64() * weights.clone().sum::<f64>();
    let mut last = 0;
    for (at, weight) in weights.enumerate() {
        last = at;
        if left < weight {
            return at;
        }
        left -= weight;
    }
    last
}

/// So many decimal digits.
pub(super) fn digits(rng: &mut Rng, count: usize) -> String {
    (0..count).map(|_| rng.digit(10)).collect()
}

/// Fills a pattern: `#` a digit, `%` a digit from 1 to 9, `^` a capital, `~` a small letter, `&` a digit or
/// capital, `?` a digit or small letter, `*` and `=` hexadecimal; `\\` before a character leaves it as it is.
pub(super) fn fill(rng: &mut Rng, pattern: &str) -> String {
    let mut filled = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(next) = chars.next() {
        filled.push(match next {
            '#' => rng.digit(10),
            '%' => char::from_digit(rng.u32(1..10), 10).unwrap_or('1'),
            '^' => rng.uppercase(),
            '~' => rng.lowercase(),
            '&' => rng.digit(36).to_ascii_uppercase(),
            '?' => rng.digit(36),
            '*' => rng.digit(16),
            '=' => rng.digit(16).to_ascii_uppercase(),
            '\\' => chars.next().unwrap_or_default(),
            other => other,
        });
    }
    filled
}
