//! What a word by itself may be: a first name, a surname, an ordinary word, an eponym, a month, a cue.
//!
//! One look-up a word gives all of it as flags. Sources and licences of the lists: `data/README.md`.

mod cues;

use std::collections::HashSet;
use std::sync::LazyLock;

const FIRST_NAMES: &str = include_str!("../../data/first_names.txt");
const SURNAMES: &str = include_str!("../../data/surnames.txt");
const CITIES: &str = include_str!("../../data/cities.txt");
const WORDS: &str = include_str!("../../data/words.txt");
const EPONYMS: &str = include_str!("../../data/eponyms.txt");

/// First names this far up the census list are names even where they are words, too (Rose, Mark).
const TOP_FIRST: usize = 400;
/// The same for surnames.
const TOP_SURNAMES: usize = 1_000;
/// Longest word that is looked up, in bytes.
const LONGEST: usize = 24;

/// A set of flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl Flags {
            pub(crate) const NONE: Self = Self(0);
            $($(#[$doc])* pub(crate) const $name: Self = Self(1 << $bit);)*
        }
    };
}

flags! {
    FIRST = 0;
    FIRST_TOP = 1;
    SURNAME = 2;
    SURNAME_TOP = 3;
    /// an ordinary English or clinical word
    WORD = 4;
    /// a name that stands for a disease, sign, device or drug
    EPONYM = 5;
    /// the first word of a city's name
    CITY = 6;
    MONTH = 7;
    WEEKDAY = 8;
    /// Mr, Dr
    TITLE = 9;
    /// MD, RN
    CREDENTIAL = 10;
    /// mother, nurse: a name may follow
    ROLE = 11;
    /// patient, attending, name: a name follows, after a colon above all
    NAME_LABEL = 12;
    /// Street, Ave
    STREET = 13;
    /// the first word of a State's or country's name
    STATE = 14;
    STATE_CODE = 15;
    /// Hospital, Clinic
    FACILITY = 16;
    /// the first word of an identifier's label
    LABEL = 17;
    /// van, de, al: inside a name
    PARTICLE = 18;
    /// disease, sign: makes an eponym of the word before
    DISEASE = 19;
    /// in, from: a place may follow
    PLACE_CUE = 20;
    /// on, since: a date may follow
    DATE_CUE = 21;
    /// Dear, Hi
    GREETING = 22;
    /// year, yo
    AGE = 23;
    /// Jr, III
    SUFFIX = 24;
    /// says, reports: the word before may be a person
    SPEECH = 25;
    /// a nationality, language or country: capital, and no name
    NATION = 26;
    /// strasse, rue, via, calle: a street's word in other languages
    STREET_ABROAD = 27;
    /// spring, Christmas
    SEASON = 28;
    /// ninety, nonagenarian
    OLD = 29;
}

impl Flags {
    /// Both sets together.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any flag of `other` is set.
    pub(crate) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Slots of the table: about twice as many as there are words.
const SLOTS: usize = 1 << 16;

/// A small-letter word in a fixed block, zeros behind; it hashes in a few steps.
struct Key([u8; LONGEST]);

impl Key {
    /// `None` if the word is too long to be in any list.
    fn of(word: &str) -> Option<Self> {
        let mut block = [0; LONGEST];
        let slot = block.get_mut(..word.len())?;
        slot.copy_from_slice(word.as_bytes());
        slot.make_ascii_lowercase();
        Some(Self(block))
    }

    /// The word without its last `len` bytes, if it ends with them.
    fn without(&self, word_len: usize, ending: &str) -> Option<Self> {
        let stem = word_len.checked_sub(ending.len()).filter(|stem| *stem >= 3)?;
        let mut block = self.0;
        let tail = block.get_mut(stem..word_len)?;
        if tail != ending.as_bytes() {
            return None;
        }
        tail.fill(0);
        Some(Self(block))
    }

    fn hash(&self) -> u64 {
        let mut hash = 0_u64;
        for chunk in self.0.as_chunks::<8>().0 {
            hash = (hash.rotate_left(5) ^ u64::from_le_bytes(*chunk)).wrapping_mul(0x517c_c1b7_2722_0a95);
            hash ^= hash >> 32;
        }
        hash.max(1)
    }
}

/// Open addressing over the words' hashes. The words themselves are not kept: that no two of the lists share a
/// hash is tested, and a word of no list meets one by a chance of one in 10^14.
struct Table(Vec<(u64, Flags)>);

impl Table {
    fn add(&mut self, word: &str, flags: Flags) {
        let Some(key) = Key::of(word) else { return };
        let hash = key.hash();
        let place = self.place(hash);
        if let Some(slot) = self.0.get_mut(place) {
            *slot = (hash, slot.1.with(flags));
        }
    }

    fn look_up(&self, key: &Key) -> Flags {
        self.0.get(self.place(key.hash())).map_or(Flags::NONE, |slot| slot.1)
    }

    /// The slot that holds `hash`, or the empty one where it belongs.
    fn place(&self, hash: u64) -> usize {
        let mut at = usize::try_from(hash >> 40).unwrap_or(0) % SLOTS;
        while self.0.get(at).is_some_and(|slot| slot.0 != 0 && slot.0 != hash) {
            at = (at + 1) % SLOTS;
        }
        at
    }
}

/// All lists in one table.
pub(crate) struct Lexicon {
    table: Table,
    cities: HashSet<&'static str>,
}

impl Lexicon {
    fn new() -> Self {
        let mut table = Table(vec![(0, Flags::NONE); SLOTS]);
        let mut add = |word: &str, flags: Flags| table.add(word, flags);
        for (rank, name) in FIRST_NAMES.lines().enumerate() {
            add(name, if rank < TOP_FIRST { Flags::FIRST.with(Flags::FIRST_TOP) } else { Flags::FIRST });
        }
        for (rank, name) in SURNAMES.lines().enumerate() {
            add(
                name,
                if rank < TOP_SURNAMES { Flags::SURNAME.with(Flags::SURNAME_TOP) } else { Flags::SURNAME },
            );
        }
        WORDS.lines().for_each(|word| add(word, Flags::WORD));
        EPONYMS.lines().filter(|line| !line.starts_with('#')).for_each(|word| add(word, Flags::EPONYM));
        for (flags, words) in cues::CUES {
            words.split_whitespace().for_each(|word| add(word, *flags));
        }
        for city in CITIES.lines() {
            add(city.split(' ').next().unwrap_or(city), Flags::CITY);
        }
        Self { table, cities: CITIES.lines().collect() }
    }

    /// What `word` may be, in any letter case. `stem`: also look for the word behind a plural or past form.
    pub(crate) fn look_up(&self, word: &str, stem: bool) -> Flags {
        let Some(key) = Key::of(word) else { return Flags::NONE };
        let flags = self.table.look_up(&key);
        if !stem || flags.any(Flags::FIRST.with(Flags::SURNAME).with(Flags::WORD)) {
            return flags;
        }
        let is_word = ["s", "es", "ed", "d", "ing", "ly"].iter().any(|ending| {
            key.without(word.len(), ending).is_some_and(|stem| self.table.look_up(&stem).any(Flags::WORD))
        });
        if is_word { flags.with(Flags::WORD) } else { flags }
    }

    /// Whether `phrase`, small letters with single spaces, is a known city.
    pub(crate) fn is_city(&self, phrase: &str) -> bool {
        self.cities.contains(phrase)
    }
}

/// The lexicon, built once a process.
pub(crate) fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);
    &LEXICON
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_words_share_a_hash() {
        let cues = cues::CUES.iter().flat_map(|(_, words)| words.split_whitespace());
        let lists = [FIRST_NAMES, SURNAMES, WORDS, EPONYMS, CITIES];
        let short = |word: &&str| word.len() <= LONGEST && word.bytes().all(|byte| byte.is_ascii_lowercase());
        let words: HashSet<&str> =
            lists.iter().flat_map(|list| list.split_whitespace()).chain(cues).filter(short).collect();
        let hashes: HashSet<u64> =
            words.iter().filter_map(|word| Key::of(word)).map(|key| key.hash()).collect();
        assert_eq!(words.len(), hashes.len());
        assert!(words.len() * 3 < SLOTS * 2);
    }

    #[test]
    fn words_carry_their_flags() {
        let lexicon = lexicon();
        assert!(lexicon.look_up("MARIA", true).any(Flags::FIRST_TOP));
        assert!(lexicon.look_up("Price", true).any(Flags::SURNAME));
        assert!(lexicon.look_up("Price", true).any(Flags::WORD));
        assert!(lexicon.look_up("Crohn", true).any(Flags::EPONYM));
        assert!(lexicon.look_up("Complaints", true).any(Flags::WORD));
        assert!(!lexicon.look_up("Szollosy", true).any(Flags::WORD));
        assert_eq!(lexicon.look_up(&"a".repeat(99), true), Flags::NONE);
        assert!(lexicon.is_city("san antonio"));
    }
}
