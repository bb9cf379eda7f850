//! What a word by itself may be: a first name, a surname, an ordinary word, an eponym, a month, a cue.
//!
//! One look-up a word gives all of it as flags. Sources and licences of the lists: `data/README.md`.

mod cues;

use std::collections::HashSet;
use std::sync::LazyLock;

const FIRST_NAMES: &str = include_str!("../../data/first_names.txt");
pub(crate) const SURNAMES: &str = include_str!("../../data/surnames.txt");
const CITIES: &str = include_str!("../../data/cities.txt");
const ORDINARY: &str = include_str!("../../data/ordinary.txt");
const MEDICAL: &str = include_str!("../../data/medical.txt");
const DRUGS: &str = include_str!("../../data/drugs.txt");
const ABBREVIATIONS: &str = include_str!("../../data/abbreviations.txt");
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
    /// an English word that is rarer, or the form of a word in small letters
    ORDINARY = 30;
    /// a drug, a rarer word of medicine, or an abbreviation in notes
    MEDICAL = 31;
}

impl Flags {
    /// Both sets together.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is left of the set without `other`.
    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The flags as bits.
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// Whether any flag of `other` is set.
    pub(crate) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Slots of the table: about twice as many as there are words.
const SLOTS: usize = 1 << 17;

/// The hash of a word in small letters; `None` if it is too long to be in any list, or empty.
#[inline]
pub(crate) fn hash(word: &[u8]) -> Option<u64> {
    if word.len() > LONGEST || word.is_empty() {
        return None;
    }
    let (chunks, rest) = word.as_chunks::<8>();
    let whole = chunks.iter().fold(0, |hash, chunk| step(hash, u64::from_le_bytes(*chunk)));
    Some(if rest.is_empty() { whole } else { step(whole, short(rest)) }.max(1))
}

#[inline]
fn step(hash: u64, chunk: u64) -> u64 {
    let hash = (hash.rotate_left(5) ^ lower(chunk)).wrapping_mul(0x517c_c1b7_2722_0a95);
    hash ^ hash >> 32
}

/// One to seven bytes as a number, the first lowest.
#[inline]
fn short(bytes: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let [first, last] = [first, last].map(|four| u64::from(u32::from_le_bytes(*four)));
        return first | last << (8 * (bytes.len() - 4));
    }
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Eight bytes with the ASCII capitals among them in small.
#[inline]
const fn lower(chunk: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let low = chunk & (0x7f * ONES);
    let from_a = low + (0x80 - b'A' as u64) * ONES;
    let past_z = low + (0x7f - b'Z' as u64) * ONES;
    let capitals = (from_a ^ past_z) & !chunk & (0x80 * ONES);
    chunk | capitals >> 2
}

/// Open addressing over the words' hashes. The words themselves are not kept: that no two of the lists share a
/// hash is tested, and a word of no list meets one by a chance of one in 10^14.
struct Table(Vec<(u64, Flags)>);

impl Table {
    fn add(&mut self, word: &str, flags: Flags) {
        let Some(hash) = hash(word.as_bytes()) else { return };
        let place = self.place(hash);
        if let Some(slot) = self.0.get_mut(place) {
            *slot = (hash, slot.1.with(flags));
        }
    }

    #[inline]
    fn look_up(&self, word: &[u8]) -> Flags {
        hash(word).and_then(|hash| self.0.get(self.place(hash))).map_or(Flags::NONE, |slot| slot.1)
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
        MEDICAL
            .lines()
            .chain(DRUGS.lines())
            .chain(ABBREVIATIONS.lines())
            .for_each(|word| add(word, Flags::MEDICAL));
        ORDINARY.lines().for_each(|word| add(word, Flags::ORDINARY));
        EPONYMS.lines().filter(|line| !line.starts_with('#')).for_each(|word| add(word, Flags::EPONYM));
        for (flags, words) in cues::CUES {
            words.split_whitespace().for_each(|word| add(word, *flags));
        }
        for city in CITIES.lines() {
            add(city.split(' ').next().unwrap_or(city), Flags::CITY);
        }
        Self { table, cities: CITIES.lines().collect() }
    }

    /// What `word` may be, in any letter case. A plural, past form or the like is an ordinary word, too; in small
    /// letters also that of a rarer one.
    pub(crate) fn look_up(&self, word: &str, small: bool) -> Flags {
        let flags = self.table.look_up(word.as_bytes());
        if flags.any(Flags::FIRST.with(Flags::SURNAME).with(Flags::WORD))
            || small && flags.any(Flags::ORDINARY.with(Flags::MEDICAL))
        {
            return flags;
        }
        let (of, is) = if small {
            (Flags::WORD.with(Flags::ORDINARY).with(Flags::MEDICAL), Flags::ORDINARY)
        } else {
            (Flags::WORD, Flags::WORD)
        };
        if self.is_form(word.as_bytes(), of) { flags.with(is) } else { flags }
    }

    /// Whether it is a plural or past form, or the like, of a word of three letters or more that has one of `flags`.
    fn is_form(&self, word: &[u8], flags: Flags) -> bool {
        word.len() <= LONGEST
            && ["s", "es", "ed", "d", "ing", "ly"].iter().any(|ending| {
                let stem = word.len().checked_sub(ending.len()).filter(|stem| *stem >= 3);
                let parts = stem.and_then(|stem| word.split_at_checked(stem));
                parts.is_some_and(|(stem, end)| {
                    end.eq_ignore_ascii_case(ending.as_bytes()) && self.table.look_up(stem).any(flags)
                })
            })
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
        let lists = [FIRST_NAMES, SURNAMES, WORDS, ORDINARY, MEDICAL, DRUGS, ABBREVIATIONS, EPONYMS, CITIES];
        let short = |word: &&str| word.len() <= LONGEST && word.bytes().all(|byte| byte.is_ascii_lowercase());
        let words: HashSet<&str> =
            lists.iter().flat_map(|list| list.split_whitespace()).chain(cues).filter(short).collect();
        let hashes: HashSet<u64> = words.iter().filter_map(|word| hash(word.as_bytes())).collect();
        assert_eq!(words.len(), hashes.len());
        assert!(words.len() * 3 < SLOTS * 2);
    }

    #[test]
    fn a_word_has_one_hash_in_all_letter_cases() {
        for word in
            ["a", "MRN", "Rose", "O'Brien", "abcdefgh", "AbCdEfGhI", "x@[`{Zz9", "electroencephalogram"]
        {
            assert_eq!(hash(word.as_bytes()), hash(word.to_ascii_lowercase().as_bytes()), "{word}");
        }
        assert_ne!(hash(b"x["), hash(b"x{"));
        assert_ne!(hash("É".as_bytes()), hash("é".as_bytes()));
        assert_eq!((hash(b""), hash(&[b'a'; 25])), (None, None));
    }

    #[test]
    fn words_carry_their_flags() {
        let lexicon = lexicon();
        assert!(lexicon.look_up("MARIA", false).any(Flags::FIRST_TOP));
        assert!(lexicon.look_up("Price", false).any(Flags::SURNAME));
        assert!(lexicon.look_up("Price", false).any(Flags::WORD));
        assert!(lexicon.look_up("Crohn", false).any(Flags::EPONYM));
        assert!(lexicon.look_up("Complaints", false).any(Flags::WORD));
        assert!(!lexicon.look_up("Szollosy", false).any(Flags::WORD));
        assert_eq!(lexicon.look_up(&"a".repeat(99), false), Flags::NONE);
        assert!(lexicon.is_city("san antonio"));
    }
}
