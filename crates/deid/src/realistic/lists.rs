//! What is drawn from: names that are no other words, places that are none.

use std::collections::HashSet;
use std::sync::LazyLock;

use terms::Randomness;

use crate::lexicon::{Flags, SURNAMES, lexicon};
use crate::shape::below;

const GIVEN: &str = include_str!("../../data/given.txt");

/// What the names of towns and streets are put together from.
const HEADS: &str = "alder ambel arrow aster barrow beck bellan birken brack bram brindle calder carrow cawd clover \
    corben cress dalla darrow denholl dunmar eldra ember esker fallo farrin fenni garrow glend greyla haddo halder \
    hather hollen inver jarrow kelder kestrel lannock larken linden lorrin maddo marren mellow merrin nettle norrin \
    orchal osmer pemble perrin quarrin ravel redda rennick rushmer sedge selwin sorrel tamber tarrin thistle torrel \
    umber vander varrin wexley willan wraxen yarrow";
const TOWNS: &str = "bourne brook bury combe dale fall field ford ham haven hurst leigh mere minster moor pool port \
    shaw stead stoke thorpe vale wick worth";
const STREETS: &str = "acre bank bark bell bridge cross croft gate grove hearth hill holt hook knoll lark lea mead mill \
    oak reach ridge rise row stone turn walk wall way well wood";

/// Shortest surname that is drawn, in letters.
const SHORTEST: usize = 4;

fn names(words: impl Iterator<Item = &'static str>, other: Flags, shortest: usize) -> Vec<&'static str> {
    let own =
        Flags::FIRST.with(Flags::FIRST_TOP).with(Flags::SURNAME).with(Flags::SURNAME_TOP).without(other);
    let only = |word: &&str| {
        let flags = lexicon().look_up(word, true);
        word.len() >= shortest
            && word.bytes().all(|byte| byte.is_ascii_lowercase())
            && flags.without(own) == Flags::NONE
    };
    words.filter(only).collect()
}

static GIVEN_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let words = GIVEN.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    names(words, Flags::NONE, 3)
});

static FAMILY_NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let first = Flags::FIRST.with(Flags::FIRST_TOP);
    let given: HashSet<&str> = GIVEN.split_whitespace().collect();
    names(SURNAMES.lines().filter(|word| !given.contains(word)), first, SHORTEST)
});

fn one<'w>(words: &[&'w str], randomness: &dyn Randomness) -> Option<&'w str> {
    let end = u32::try_from(words.len()).ok().filter(|end| *end > 0)?;
    words.get(below(randomness, end) as usize).copied()
}

/// A given name of women and men alike, in small letters.
pub(super) fn given(randomness: &dyn Randomness) -> Option<String> {
    one(&GIVEN_NAMES, randomness).map(str::to_owned)
}

/// A surname, in small letters.
pub(super) fn surname(randomness: &dyn Randomness) -> Option<String> {
    one(&FAMILY_NAMES, randomness).map(str::to_owned)
}

fn joined(tails: &str, randomness: &dyn Randomness) -> Option<String> {
    let [heads, tails] = [HEADS, tails].map(|list| list.split_whitespace().collect::<Vec<_>>());
    let name = format!("{}{}", one(&heads, randomness)?, one(&tails, randomness)?);
    let known = lexicon().is_city(&name) || lexicon().look_up(&name, true) != Flags::NONE;
    if known { joined(TOWNS, randomness) } else { Some(name) }
}

/// A town that does not exist, in small letters.
pub(super) fn town(randomness: &dyn Randomness) -> Option<String> {
    joined(TOWNS, randomness)
}

/// A street's name, in small letters.
pub(super) fn street(randomness: &dyn Randomness) -> Option<String> {
    joined(STREETS, randomness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::tests::Lot;

    #[test]
    fn there_are_enough_and_none_is_another_word() {
        assert!(GIVEN_NAMES.len() > 150, "{}", GIVEN_NAMES.len());
        assert!(FAMILY_NAMES.len() > 4000, "{}", FAMILY_NAMES.len());
        for word in ["rose", "mark", "parkinson", "boston", "may", "price", "james"] {
            assert!(!GIVEN_NAMES.contains(&word) && !FAMILY_NAMES.contains(&word), "{word}");
        }
        assert!(!FAMILY_NAMES.iter().any(|name| GIVEN_NAMES.contains(name)), "a part has one kind");
    }

    #[test]
    fn places_do_not_exist() {
        let lot = Lot::new(3);
        for _ in 0..2000 {
            let [town, street] = [town(&lot).unwrap(), street(&lot).unwrap()];
            assert!(
                !lexicon().is_city(&town) && lexicon().look_up(&street, true) == Flags::NONE,
                "{town} {street}"
            );
        }
    }
}
