//! Lists of values, each split in two: what training draws, and the fifth that it never draws.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fastrand::Rng;

use super::Split;

impl Split {
    /// Whether a name is this split's: by the letters of its last word, so that a name and its compound, with
    /// and without accents, fall on the same side.
    pub(super) fn admits(self, name: &str) -> bool {
        self.admits_whole(name.rsplit([' ', '-', '.']).find(|word| !word.is_empty()).unwrap_or(name))
    }

    /// Whether a place is this split's: by all of its letters, since many end alike (Long Beach, Palm Beach).
    pub(super) fn admits_whole(self, place: &str) -> bool {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for letter in place.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()) {
            for byte in unaccented(letter).bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        hash.is_multiple_of(5) == (self == Self::Dev)
    }
}

/// Small Latin letters without their marks; other characters as they are.
fn unaccented(letter: char) -> String {
    match LETTERS.iter().find(|(_, marked)| marked.contains(letter)) {
        Some((plain, _)) => (*plain).to_owned(),
        None => letter.to_string(),
    }
}

/// The text without marks on its letters.
pub(super) fn plain_letters(text: &str) -> String {
    text.chars()
        .map(|letter| {
            if letter.is_ascii() {
                return letter.to_string();
            }
            let small: String = letter.to_lowercase().collect();
            let plain: String = small.chars().map(unaccented).collect();
            if letter.is_uppercase() { capital(&plain) } else { plain }
        })
        .collect()
}

/// The text with its first letter as a capital.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

const LETTERS: &[(&str, &str)] = &[
    ("a", "áàâäãåāăąạảấầẩẫậắằẳẵặ"),
    ("ae", "æ"),
    ("c", "çćčċ"),
    ("d", "ďđð"),
    ("e", "éèêëēėęěẹẻẽếềểễệə"),
    ("g", "ğģġ"),
    ("i", "íìîïīįıịỉĩ\u{307}"),
    ("k", "ķ"),
    ("l", "łľĺļ"),
    ("n", "ñńňņ"),
    ("o", "óòôöõøōőơọỏốồổỗộớờởỡợ"),
    ("oe", "œ"),
    ("r", "řŕ"),
    ("s", "śšşș"),
    ("ss", "ß"),
    ("t", "ťţțþ"),
    ("u", "úùûüūůűųưụủũứừửữự"),
    ("y", "ýÿỳỵỷỹ"),
    ("z", "źžż"),
];

/// A list in its two parts, each in the order of the whole.
#[derive(Debug, Default)]
pub(super) struct Pool {
    train: Vec<&'static str>,
    dev: Vec<&'static str>,
}

impl Pool {
    /// Names of people.
    pub(super) fn names(names: impl IntoIterator<Item = &'static str>) -> Self {
        Self::of(names, |name| Split::Dev.admits(name))
    }

    /// Names of places.
    pub(super) fn places(places: impl IntoIterator<Item = &'static str>) -> Self {
        Self::of(places, |place| Split::Dev.admits_whole(place))
    }

    /// Values, and which are kept from training.
    pub(super) fn of(values: impl IntoIterator<Item = &'static str>, dev: impl Fn(&str) -> bool) -> Self {
        let values = values.into_iter().map(str::trim).filter(|value| !value.is_empty());
        let (dev, train) = values.partition(|value| dev(value));
        Self { train, dev }
    }

    fn part(&self, split: Split) -> &[&'static str] {
        match split {
            Split::Dev => &self.dev,
            Split::Train => &self.train,
        }
    }

    /// Any of them.
    pub(super) fn any(&self, rng: &mut Rng, split: Split) -> &'static str {
        rng.choice(self.part(split)).copied().unwrap_or_default()
    }

    /// One of them, the earlier the oftener, as names are: the n-th comes 1/n times as often as the first.
    pub(super) fn common(&self, rng: &mut Rng, split: Split) -> &'static str {
        let part = self.part(split);
        #[expect(clippy::cast_precision_loss, reason = "lists are short")]
        let rank = (part.len().max(1) as f64).powf(rng.f64()) - 1.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the list")]
        part.get(rank as usize).or(part.first()).copied().unwrap_or_default()
    }

    /// How many values of this split there are.
    pub(super) fn count(&self, split: Split) -> usize {
        self.part(split).len()
    }

    /// The list, where it has values of this split; else the other.
    pub(super) fn or(&'static self, split: Split, other: &'static Self) -> &'static Self {
        if self.part(split).is_empty() { other } else { self }
    }
}

/// The names of one culture.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) women: Pool,
    pub(super) men: Pool,
    pub(super) families: Pool,
}

/// Names by culture: of `names_world.txt` and `names_own.txt` together.
pub(super) static WORLD: LazyLock<BTreeMap<&'static str, Names>> = LazyLock::new(|| {
    let mut values: BTreeMap<(&str, &str), Vec<&'static str>> = BTreeMap::new();
    let own = include_str!("../../data/names_own.txt");
    for line in own.lines().chain(include_str!("../../data/names_world.txt").lines()) {
        let Some((head, names)) = line.split_once(": ") else { continue };
        let Some(key) = head.split_once(' ') else { continue };
        values.entry(key).or_default().extend(names.split(", "));
    }
    let mut world: BTreeMap<&str, Names> = BTreeMap::new();
    for ((culture, kind), names) in values {
        let entry = world.entry(culture).or_default();
        match kind {
            "f" => entry.women = Pool::names(names),
            "m" => entry.men = Pool::names(names),
            _ => entry.families = Pool::names(names),
        }
    }
    world
});

/// Names of the United States' census, the frequent ones first.
pub(super) static CENSUS: LazyLock<Names> = LazyLock::new(|| Names {
    women: Pool::names(include_str!("../../data/names_female.txt").lines()),
    men: Pool::names(include_str!("../../data/names_male.txt").lines()),
    families: Pool::names(include_str!("../../data/surnames.txt").lines()),
});

/// Sections of a file: `[name]`, then its values, one a line, or several with `|` between.
#[derive(Debug)]
pub(super) struct Sections(BTreeMap<&'static str, Pool>);

impl Sections {
    pub(super) fn names(text: &'static str) -> Self {
        Self(sections(text).map(|(name, values)| (name, Pool::names(values))).collect())
    }

    pub(super) fn places(text: &'static str) -> Self {
        Self(sections(text).map(|(name, values)| (name, Pool::places(values))).collect())
    }

    /// Any value of a section, of either split: for words that identify nobody.
    pub(super) fn word(&self, rng: &mut Rng, section: &str) -> &'static str {
        let Some(pool) = self.0.get(section) else { return "" };
        let all = pool.train.len() + pool.dev.len();
        let at = rng.usize(..all.max(1));
        pool.train.get(at).or_else(|| pool.dev.get(at - pool.train.len())).copied().unwrap_or_default()
    }

    /// A value of a section that is this split's; a surname where a short section has none.
    pub(super) fn any(&'static self, rng: &mut Rng, split: Split, section: &str) -> &'static str {
        self.0.get(section).map_or("", |pool| pool.or(split, &CENSUS.families).any(rng, split))
    }
}

fn sections(text: &'static str) -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    text.split("\n[").filter_map(|section| {
        let (name, values) = section.split_once("]\n")?;
        Some((name.trim_start_matches('['), values.split(['\n', '|'])))
    })
}
