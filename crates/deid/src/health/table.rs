//! The terms that tell of health, compiled once a process: one look-up a word. Sources and licences: `data/README.md`.

use std::sync::LazyLock;

use terms::HealthClass;

use crate::lexicon::hash;

const TERMS: [&str; 2] = [include_str!("../../data/health.txt"), include_str!("../../data/health_icd.txt")];
const DRUGS: &str = include_str!("../../data/drugs.txt");

/// Slots of the table: not quite twice as many as there are terms and first words of terms.
const SLOTS: usize = 1 << 15;

/// What a term does; a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u32);

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $word:literal;)*) => {
        impl Kinds {
            $($(#[$doc])* pub(super) const $name: Self = Self(1 << $bit);)*

            fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// tells by itself
    STRONG = 0, "strong";
    /// tells beside something that tells
    WEAK = 1, "weak";
    /// a noun that tells with an adjective of medicine before it
    HEAD = 2, "head";
    /// a value stands behind it
    NAME = 3, "name";
    /// the same, in everyday text too
    LOOSE = 4, "loose";
    /// a word for a value stands beside it
    TEST = 5, "test";
    /// a word for a value
    QUAL = 6, "qual";
    UNIT = 7, "unit";
    /// how often, how, in what form a drug is taken
    FREQ = 8, "freq";
    /// somebody's health is spoken of
    CUE = 9, "cue";
    /// an adjective of medicine, or a part of the body
    MOD = 10, "mod";
    /// other words inside a term
    GLUE = 11, "glue";
    /// a code stands behind it
    CODE = 12, "code";
    /// a weekday or an hour
    TIME = 13, "time";
    /// has the ending of a term, and is none
    NONE = 14, "none";
    /// the heading of a section, or a field's name
    SECTION = 15, "section";
    /// the same in other than clinical text too
    SOFT = 16, "soft";
    /// tells in capitals only
    UPPER = 18, "upper";
    /// tells by how it ends; no kind of the lists
    ENDING = 17, "";
}

impl Kinds {
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What is known of a word or term.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    check: u32,
    pub(super) kinds: Kinds,
    /// Which class each kind tells of: see [`Entry::class`].
    classes: u16,
    /// Words of the longest term that begins with this word.
    pub(super) longest: u8,
}

impl Entry {
    pub(super) const fn is(self, kinds: Kinds) -> bool {
        self.kinds.any(kinds)
    }

    /// The class that a term tells of as one of `kind`.
    pub(super) fn class(self, kind: Kinds) -> Option<HealthClass> {
        let number = usize::from(self.classes >> shift(kind)? & 15);
        HealthClass::ALL.get(number.checked_sub(1)?).copied()
    }

    /// What is known of a word that is in no list, by its ending.
    pub(super) fn ending(class: HealthClass) -> Self {
        let mut entry = Self::default();
        entry.add(Kinds::STRONG, Some(class));
        entry.kinds = entry.kinds.with(Kinds::ENDING);
        entry
    }

    fn add(&mut self, kind: Kinds, class: Option<HealthClass>) {
        self.kinds = self.kinds.with(kind);
        let number = class.and_then(|class| HealthClass::ALL.iter().position(|one| *one == class));
        if let (Some(number), Some(shift)) = (number.and_then(|n| u16::try_from(n + 1).ok()), shift(kind)) {
            // where two sections of the file name a term, the first holds; what tells by itself is never a head
            let free = (self.classes >> shift).trailing_zeros() >= 4;
            if free || kind == Kinds::STRONG {
                self.classes = self.classes & !(15 << shift) | number << shift;
            }
        }
    }
}

/// Where in [`Entry::classes`] the class of a kind stands.
fn shift(kind: Kinds) -> Option<u16> {
    match kind {
        Kinds::STRONG | Kinds::HEAD => Some(0),
        Kinds::WEAK | Kinds::TIME => Some(4),
        Kinds::SECTION => Some(8),
        Kinds::CODE => Some(12),
        _ => None,
    }
}

/// The hash of a term of several words, from those of its words.
pub(super) const fn join(term: u64, word: u64) -> u64 {
    let mixed = (term.rotate_left(7) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

/// Open addressing over hashes; that no two terms share what is kept of theirs is tested.
pub(super) struct Table(Vec<Entry>);

impl Table {
    fn new() -> Self {
        let mut table = Self(vec![Entry::default(); SLOTS]);
        for (class, kind, term) in terms() {
            table.add(class, kind, term);
        }
        table
    }

    fn add(&mut self, class: Option<HealthClass>, kind: Kinds, term: &str) {
        let mut hashes = term.split_ascii_whitespace().map(|word| hash(word.as_bytes()));
        let Some(Some(first)) = hashes.next() else { return };
        let (mut whole, mut words) = (first, 1);
        for word in hashes {
            // a word that is too long for the lexicon is not looked up either
            let Some(word) = word else { return };
            (whole, words) = (join(whole, word), words + 1);
        }
        if words > 1
            && let Some(entry) = self.slot(first)
        {
            entry.longest = entry.longest.max(words);
        }
        if let Some(entry) = self.slot(whole) {
            entry.add(kind, class);
        }
    }

    fn slot(&mut self, hash: u64) -> Option<&mut Entry> {
        let place = self.place(hash);
        let entry = self.0.get_mut(place)?;
        entry.check = check(hash);
        Some(entry)
    }

    /// What is known of a word or term by its hash.
    #[inline]
    pub(super) fn get(&self, hash: u64) -> Entry {
        self.0.get(self.place(hash)).copied().unwrap_or_default()
    }

    /// What is known of a word.
    pub(super) fn word(&self, word: &str) -> Entry {
        hash(word.as_bytes()).map(|hash| self.get(hash)).unwrap_or_default()
    }

    /// The slot that holds `hash`, or the empty one where it belongs.
    #[inline]
    fn place(&self, hash: u64) -> usize {
        let mut at = usize::try_from(hash >> 40).unwrap_or(0) % SLOTS;
        while self.0.get(at).is_some_and(|entry| entry.check != 0 && entry.check != check(hash)) {
            at = (at + 1) % SLOTS;
        }
        at
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are meant")]
const fn check(hash: u64) -> u32 {
    hash as u32 | 1
}

/// All terms with their class and kind.
fn terms() -> impl Iterator<Item = (Option<HealthClass>, Kinds, &'static str)> {
    let drugs = DRUGS.lines().map(|drug| (Some(HealthClass::Medication), Kinds::STRONG, drug));
    TERMS.into_iter().flat_map(listed).chain(drugs)
}

fn listed(file: &'static str) -> impl Iterator<Item = (Option<HealthClass>, Kinds, &'static str)> {
    let mut part = (None, Kinds::default());
    file.lines().filter(|line| !line.starts_with('#')).flat_map(move |line| {
        let head = line.strip_prefix('@').and_then(|head| head.split_once(' '));
        if let Some((class, kind)) = head {
            part = (class.parse().ok(), Kinds::of(kind).unwrap_or_default());
        }
        let (class, kind) = part;
        let terms = if head.is_some() { "" } else { line };
        terms.split(',').map(str::trim).filter(|term| !term.is_empty()).map(move |term| (class, kind, term))
    })
}

/// The table, built once a process.
pub(super) fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(Table::new);
    &TABLE
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    fn hash_of(term: &str) -> Option<u64> {
        let hashes: Option<Vec<u64>> =
            term.split_ascii_whitespace().map(|word| hash(word.as_bytes())).collect();
        hashes?.into_iter().reduce(join)
    }

    #[test]
    fn every_line_is_understood() {
        for file in TERMS {
            for head in file.lines().filter_map(|line| line.strip_prefix('@')) {
                let (class, kind) = head.split_once(' ').unwrap();
                assert!(class == "-" || class.parse::<HealthClass>().is_ok(), "{head}");
                assert!(Kinds::of(kind).is_some(), "{head}");
            }
        }
        let odd =
            |term: &str| term.contains(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == ' '));
        let odd: Vec<_> = terms().filter(|(_, _, term)| odd(term)).map(|(_, _, term)| term).collect();
        assert_eq!(odd, Vec::<&str>::new());
    }

    #[test]
    fn no_two_terms_share_what_is_kept_of_them() {
        let mut kept: HashMap<(usize, u32), &str> = HashMap::new();
        let mut all = BTreeSet::new();
        for (_, _, term) in terms() {
            let Some(hash) = hash_of(term) else { continue };
            all.insert(term);
            let place = table().place(hash);
            if let Some(other) = kept.insert((place, check(hash)), term) {
                assert_eq!(other, term);
            }
        }
        let used = table().0.iter().filter(|entry| entry.check != 0).count();
        assert!(all.len() > 15_000 && used * 10 < SLOTS * 8, "{} terms, {used} slots", all.len());
    }

    #[test]
    fn a_term_tells_of_its_class() {
        let class = |term: &str, kind| table().get(hash_of(term).unwrap()).class(kind);
        assert_eq!(class("metformin", Kinds::STRONG), Some(HealthClass::Medication));
        assert_eq!(class("heart failure", Kinds::STRONG), Some(HealthClass::Diagnosis));
        assert_eq!(class("alcohol use", Kinds::STRONG), Some(HealthClass::SubstanceUse));
        assert_eq!(class("slot", Kinds::WEAK), Some(HealthClass::Scheduling));
        assert_eq!(class("pmh", Kinds::SECTION), Some(HealthClass::Diagnosis));
        assert_eq!(class("lantern", Kinds::STRONG), None);
        assert_eq!((table().word("heart").longest, table().word("alcohol").longest), (2, 3));
    }
}
