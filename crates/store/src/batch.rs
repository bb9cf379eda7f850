//! Statements over many rows, of a few fixed sizes so that each is prepared once.

use std::fmt::Write as _;

/// How many rows one statement takes; any number of rows is cut into these.
const SIZES: [usize; 3] = [64, 8, 1];

/// One statement, written for each of the sizes.
pub(crate) struct Batch {
    texts: [String; SIZES.len()],
}

impl Batch {
    /// `head`, then for each row `($1, …)` of `columns` parameters, then `tail`.
    pub(crate) fn rows(head: &str, columns: usize, tail: &str) -> Self {
        let row = |row: usize| format!("({})", parameters(row * columns, columns));
        let texts =
            SIZES.map(|rows| format!("{head} {} {tail}", (0..rows).map(row).collect::<Vec<_>>().join(", ")));
        Self { texts }
    }

    /// `head ($2, …)`: one parameter for each value, after one that is the same for all.
    pub(crate) fn list(head: &str) -> Self {
        Self { texts: SIZES.map(|values| format!("{head} ({})", parameters(1, values))) }
    }

    /// Cuts `rows` into pieces, each with the statement of its size.
    pub(crate) fn cut<'a, T>(
        &'static self,
        mut rows: &'a [T],
    ) -> impl Iterator<Item = (&'static str, &'a [T])> {
        std::iter::from_fn(move || {
            let fits = SIZES.iter().zip(&self.texts).find(|(size, _)| **size <= rows.len());
            let (size, text) = fits?;
            let (piece, rest) = rows.split_at_checked(*size)?;
            rows = rest;
            Some((text.as_str(), piece))
        })
    }
}

/// `$N, $N+1, …`: `count` parameters after the first `before`.
fn parameters(before: usize, count: usize) -> String {
    let mut text = String::new();
    for number in before + 1..=before + count {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a string can't fail.
        let _ = write!(text, "{comma}${number}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    #[test]
    fn every_row_is_in_one_piece_of_a_known_size() {
        static PAIRS: LazyLock<Batch> = LazyLock::new(|| Batch::rows("INSERT", 2, "END"));
        static LIST: LazyLock<Batch> = LazyLock::new(|| Batch::list("IN"));
        for count in [0_usize, 1, 7, 8, 9, 63, 64, 65, 137] {
            let rows: Vec<usize> = (0..count).collect();
            let mut seen = Vec::new();
            for (text, piece) in PAIRS.cut(&rows) {
                assert_eq!(text.matches('$').count(), piece.len() * 2);
                assert!(text.contains(&format!("${})", piece.len() * 2)));
                seen.extend_from_slice(piece);
            }
            assert_eq!(seen, rows);
        }
        let texts: Vec<_> = LIST.cut(&[0; 9]).map(|(text, _)| text).collect();
        assert_eq!(texts, ["IN ($2, $3, $4, $5, $6, $7, $8, $9)", "IN ($2)"]);
    }
}
