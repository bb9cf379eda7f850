//! The random ends of label surrogates, as they may stand in a text.

/// Length of an end, in characters.
pub(crate) const END: usize = 6;

/// Six ASCII letters or digits in a row, at least two of each: so is every end drawn, and little else.
pub(crate) fn shaped(window: [u8; END]) -> bool {
    let digits = window.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = window.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    digits >= 2 && letters >= 2 && digits + letters == END
}

/// Every place of `text` at which what looks like an end stands, with that in upper case. Overlapping ones are all
/// given.
pub(crate) fn ends(text: &[u8]) -> impl Iterator<Item = (usize, [u8; END])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let window = text.get(at..at + END).and_then(|window| <[u8; END]>::try_from(window).ok())?;
            // what breaks a row breaks every window with it inside
            if let Some(breaks) = window.iter().rposition(|byte| !byte.is_ascii_alphanumeric()) {
                at += breaks + 1;
                continue;
            }
            let digits = window.iter().filter(|byte| byte.is_ascii_digit()).count();
            let place = at;
            // a window without a digit has two more steps to go to its second
            at += if digits == 0 { 2 } else { 1 };
            if (2..=END - 2).contains(&digits) {
                return Some((place, window.map(|byte| byte.to_ascii_uppercase())));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_window_is_looked_at(text in "[ab12-é ]{0,40}") {
            let bytes = text.as_bytes();
            let plain = bytes.windows(END).enumerate();
            let plain = plain.map(|(at, window)| (at, <[u8; END]>::try_from(window).unwrap()));
            let plain = plain.filter(|(_, window)| shaped(*window));
            let plain: Vec<_> = plain.map(|(at, window)| (at, window.map(|b| b.to_ascii_uppercase()))).collect();
            prop_assert_eq!(ends(bytes).collect::<Vec<_>>(), plain);
        }
    }
}
