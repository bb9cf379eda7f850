//! Lists in entries have an end.

use serde::{Deserialize, Serialize};

/// At most 64 items, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capped<T> {
    items: Vec<T>,
    total: u32,
}

impl<T> Capped<T> {
    /// Most items that are kept.
    pub const MOST: usize = 64;

    /// The items kept, the first ones.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// The first of `items`, each made as the record has it; the others are only counted.
    pub fn made<I: IntoIterator>(items: I, mut make: impl FnMut(I::Item) -> T) -> Self {
        let mut capped = Self::default();
        for item in items {
            if capped.items.len() < Self::MOST {
                capped.items.push(make(item));
            }
            capped.total = capped.total.saturating_add(1);
        }
        capped
    }

    /// How many there were.
    pub const fn total(&self) -> u32 {
        self.total
    }

    /// Whether there were none.
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl<T> Default for Capped<T> {
    fn default() -> Self {
        Self { items: Vec::new(), total: 0 }
    }
}

impl<T> FromIterator<T> for Capped<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::made(items, |item| item)
    }
}

impl<T> From<Vec<T>> for Capped<T> {
    fn from(items: Vec<T>) -> Self {
        items.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_first_and_counts_all() {
        let capped: Capped<u32> = (0..100).collect();
        assert_eq!((capped.items().len(), capped.total()), (64, 100));
        assert_eq!(capped.items()[63], 63);
        let mut made = 0;
        let same = Capped::made(0..100, |n| {
            made += 1;
            n
        });
        assert!(same == capped && made == 64, "what is not kept is not made");
    }
}
