//! Numbers for people.

/// A number with its thousands apart.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `+3`, `-2`, or `0`.
pub(crate) fn change(now: u64, before: u64) -> String {
    let by = thousands(now.abs_diff(before));
    match now.cmp(&before) {
        std::cmp::Ordering::Greater => format!("+{by}"),
        std::cmp::Ordering::Less => format!("-{by}"),
        std::cmp::Ordering::Equal => by,
    }
}

/// `1 exchange`, `2 exchanges`, `3 entries`.
pub(crate) fn many(count: u64, one: &str) -> String {
    let number = thousands(count);
    match one.strip_suffix("ry") {
        _ if count == 1 => format!("{number} {one}"),
        Some(stem) => format!("{number} {stem}ries"),
        None => format!("{number} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(["0", "999", "1,000", "12,345,678"], [0, 999, 1000, 12_345_678].map(thousands));
        assert_eq!(["+1,500", "-2", "0"], [change(1500, 0), change(1, 3), change(4, 4)]);
        assert_eq!(
            [many(1, "entry"), many(2, "entry"), many(0, "exchange")],
            ["1 entry", "2 entries", "0 exchanges"]
        );
    }
}
