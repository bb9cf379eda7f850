//! Names of people.

use std::collections::HashSet;
use std::ops::Range;

use terms::{Randomness, SurrogateError};

use super::{Drawer, Real, capital, cased, lists};
use crate::lexicon::{Flags, lexicon};
use crate::shape::below;

const TITLES: &str = "mr mrs ms mx miss dr prof professor sir";
/// What comes behind a name and is none.
const BEHIND: &str = "jr sr phd dds dpm dvm esq lcsw pharmd facp mph";
/// What may be a name as well: `Hung Do`, `Vang, Pa`, `Rahman, Md`.
const PERHAPS: &str = "ii iii iv md do rn np pa pt ot lpn";
/// What belongs to the surname behind it.
const PARTICLES: &str = "van von der den de del della di da dos das du bin ibn ter ten";
/// The same, where it is not the first word with a capital, which may be a given name.
const LATER_PARTICLES: &str = "al la le el san st y e do";
/// More words than this are no name.
const MOST: usize = 8;

/// Which parts the names of a request have, to tell what a word alone is and whose an initial is.
#[derive(Default)]
pub(crate) struct People {
    givens: HashSet<String>,
    surnames: HashSet<String>,
    /// Given name and surname of one person.
    pairs: Vec<(String, String)>,
    /// Letters alone beside a name, which are none of it.
    beside: HashSet<String>,
}

/// What goes out and what it stands for.
type Pair = (String, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Given,
    Surname,
    Initial,
    /// A title or what comes behind a name.
    Kept,
}

#[derive(Debug)]
struct Word {
    place: Range<usize>,
    role: Role,
}

impl People {
    /// Learns of a name in the request.
    pub(crate) fn learn(&mut self, text: &str) {
        let Some(words) = read(text, None) else { return };
        let of = |role| words.iter().filter(move |word| word.role == role).map(|word| spelling(text, word));
        if of(Role::Surname).next().is_none() || of(Role::Given).next().is_none() {
            return;
        }
        // a person's given names are few
        let surname = of(Role::Surname).next_back().unwrap_or_default();
        self.pairs.extend(of(Role::Given).map(|given| (given, surname.clone())));
        self.givens.extend(of(Role::Given));
        self.surnames.extend(of(Role::Surname));
    }

    /// Learns what stands beside a name, outside of everything that was found: `S. ` before `Lee`.
    pub(crate) fn learn_beside(&mut self, before: &str, after: &str) {
        self.beside.extend(letter(before.chars().rev()));
        self.beside.extend(letter(after.chars()));
    }

    /// Whether `text` has such a letter for an initial: beside a part of a name it would be taken for this one.
    fn meets(&self, text: &str) -> bool {
        words(text).iter().any(|word| self.beside.contains(&spelling(text, word)))
    }

    /// What a word alone is: behind a title or as in another name a surname; else as most bear it.
    fn role(&self, word: &str, titled: bool) -> Role {
        let flags = lexicon().look_up(word, false);
        let given = self.givens.contains(word);
        if word.chars().count() == 1 {
            Role::Initial
        } else if titled || self.surnames.contains(word) && !given {
            Role::Surname
        } else if given
            || flags.any(Flags::FIRST_TOP)
            || flags.any(Flags::FIRST) && !flags.any(Flags::SURNAME_TOP)
        {
            Role::Given
        } else {
            Role::Surname
        }
    }

    /// The given name of somebody with this surname that begins with `initial`.
    fn given(&self, initial: &str, surname: &str) -> Option<&str> {
        let whose = |(given, family): &&(String, String)| family == surname && given.starts_with(initial);
        self.pairs.iter().find(whose).map(|(given, _)| given.as_str())
    }
}

fn spelling(text: &str, word: &Word) -> String {
    text.get(word.place.clone()).unwrap_or_default().to_lowercase()
}

/// The letter that stands alone a mark or two further, in small.
fn letter(mut signs: impl Iterator<Item = char>) -> Option<String> {
    let joint = |c: &char| !c.is_alphanumeric() && !matches!(c, '\'' | '\u{2019}');
    let letter = signs.by_ref().take(4).find(|c| !joint(c)).filter(|c| c.is_alphabetic())?;
    signs.next().is_none_or(|c| !c.is_alphanumeric()).then(|| letter.to_lowercase().collect())
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// The words of a name with what they are. With `alone`, what a single word is.
fn read(text: &str, alone: Option<&dyn Fn(&str) -> Role>) -> Option<Vec<Word>> {
    if text.contains(|c: char| c.is_numeric()) {
        return None;
    }
    let mut words = words(text);
    if words.is_empty() || words.len() > MOST {
        return None;
    }
    keep_titles(text, &mut words);
    let core: Vec<usize> =
        (0..words.len()).filter(|at| words.get(*at).is_some_and(|w| w.role != Role::Kept)).collect();
    let comma = text.find(',').filter(|comma| {
        let behind = |at: &usize| words.get(*at).is_some_and(|word| word.place.start > *comma);
        core.iter().any(behind) && !core.iter().all(behind)
    });
    let length = |words: &[Word], at: usize| {
        words.get(at).map_or(0, |word| text.get(word.place.clone()).map_or(0, |w| w.chars().count()))
    };
    let (first, last) = (core.first().copied()?, core.last().copied()?);
    for at in &core {
        let single = length(&words, *at) == 1;
        let surname = match comma {
            Some(comma) => words.get(*at).is_some_and(|word| word.place.start < comma),
            // `Smith J`: the initial is behind
            None if length(&words, last) == 1 && length(&words, first) > 1 => *at == first,
            None => *at == last,
        };
        let role = if surname && !single {
            Role::Surname
        } else if single {
            Role::Initial
        } else {
            Role::Given
        };
        words.get_mut(*at).into_iter().for_each(|word| word.role = role);
    }
    if let (true, Some(alone)) = (core.len() == 1, alone) {
        let role = words.get(first).map(|word| alone(&spelling(text, word)))?;
        words.get_mut(first).into_iter().for_each(|word| word.role = role);
    }
    bind_hyphens(text, &mut words);
    Some(bind_particles(text, &words))
}

/// Runs of letters, with apostrophes between them.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut characters = text.char_indices().peekable();
    let mut open: Option<usize> = None;
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().is_some_and(|(_, next)| next.is_alphabetic());
        let inside = c.is_alphabetic() || open.is_some() && next && matches!(c, '\'' | '\u{2019}');
        let mark =
            open.is_some() && !c.is_ascii() && !c.is_alphabetic() && !c.is_whitespace() && unicode_mark(c);
        match open {
            None if inside => open = Some(at),
            Some(start) if !(inside || mark) => {
                words.push(Word { place: start..at, role: Role::Given });
                open = None;
            }
            _ => {}
        }
    }
    words.extend(open.map(|start| Word { place: start..text.len(), role: Role::Given }));
    words
}

/// A mark that is written over the letter before it.
const fn unicode_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Titles before a name and what comes behind it, as long as a word is left.
fn keep_titles(text: &str, words: &mut [Word]) {
    let is = |list: &str, word: &Word| listed(list, text.get(word.place.clone()).unwrap_or_default());
    let count = words.len();
    let titles = words.iter().take(count - 1).take_while(|word| is(TITLES, word)).count();
    let kept = |at: usize, word: &Word| {
        is(BEHIND, word) || is(PERHAPS, word) && is_credential(text, words, (titles, at))
    };
    let behind =
        words.iter().enumerate().skip(titles + 1).rev().take_while(|(at, word)| kept(*at, word)).count();
    for (at, word) in words.iter_mut().enumerate() {
        if at < titles || at >= count - behind {
            word.role = Role::Kept;
        }
    }
}

/// Whether the word at `at`, which may be a name too, is written as none: no listed name, two words or more before it
/// that are none either, and behind a comma, or in capitals where the others are not.
fn is_credential(text: &str, words: &[Word], (titles, at): (usize, usize)) -> bool {
    let written = |word: &Word| text.get(word.place.clone()).unwrap_or_default();
    let listed_behind = |word: &&Word| listed(BEHIND, written(word)) || listed(PERHAPS, written(word));
    let before = words.get(titles..at).unwrap_or_default();
    let core = before.len() - before.iter().rev().take_while(listed_behind).count();
    let (Some(word), true) = (words.get(at), core >= 2) else { return false };
    let names = Flags::FIRST.with(Flags::FIRST_TOP).with(Flags::SURNAME).with(Flags::SURNAME_TOP);
    let capitals = |word: &Word| !written(word).chars().any(char::is_lowercase);
    let from = words.get(titles + core - 1).map_or(0, |last| last.place.end);
    let comma = text.get(from..word.place.start).is_some_and(|between| between.contains(','));
    capitals(word)
        && (comma || !before.iter().take(core).all(capitals))
        && !lexicon().look_up(&written(word).to_lowercase(), true).any(names)
}

/// A hyphen makes one name of two: `Picard-Smith`.
fn bind_hyphens(text: &str, words: &mut [Word]) {
    for at in (1..words.len()).rev() {
        let (Some(before), Some(after)) = (words.get(at - 1), words.get(at)) else { continue };
        let joint = text.get(before.place.end..after.place.start).unwrap_or_default();
        let role = after.role;
        if joint == "-" && role == Role::Surname && before.role == Role::Given {
            words.get_mut(at - 1).into_iter().for_each(|word| word.role = role);
        }
    }
}

/// A surname with the particles before it is one part.
fn bind_particles(text: &str, words: &[Word]) -> Vec<Word> {
    let mut bound: Vec<Word> = Vec::new();
    let particle = |at: usize, word: &Word| {
        let written = text.get(word.place.clone()).unwrap_or_default();
        let small = written.chars().all(char::is_lowercase);
        listed(PARTICLES, written) || listed(LATER_PARTICLES, written) && (small || at > 0)
    };
    let mut from: Option<usize> = None;
    for (at, word) in words.iter().enumerate() {
        let surname_ahead =
            words.iter().skip(at + 1).find(|next| next.role != Role::Given || !particle(1, next));
        if matches!(word.role, Role::Given | Role::Surname)
            && particle(at, word)
            && surname_ahead.is_some_and(|next| next.role == Role::Surname)
        {
            from.get_or_insert(word.place.start);
            continue;
        }
        let start = from.take().unwrap_or(word.place.start);
        bound.push(Word { place: start..word.place.end, role: word.role });
    }
    bound
}

pub(super) fn real(
    drawer: &mut Drawer<'_>,
    people: &People,
    original: &str,
    before: &str,
) -> Result<Option<Real>, SurrogateError> {
    let last = before.trim_end_matches(['.', ' ', '\u{a0}']).rsplit(|c: char| !c.is_alphabetic()).next();
    let titled = last.is_some_and(|word| listed(TITLES, word));
    let alone = |word: &str| people.role(word, titled);
    let Some(words) = read(original, Some(&alone)) else { return Ok(None) };
    let surname = words.iter().rev().find(|word| word.role == Role::Surname);
    let family = surname.map(|word| spelling(original, word)).unwrap_or_default();
    let (mut real, mut at) = (Real::default(), 0);
    let (mut given, mut last): (Option<Pair>, Option<Pair>) = (None, None);
    for word in &words {
        let own = original.get(word.place.clone()).unwrap_or_default();
        let drawn = match word.role {
            Role::Kept => Some(own.to_owned()),
            Role::Initial => {
                initial(drawer, people, &own.to_lowercase(), &family)?.map(|drawn| cased(&drawn, own))
            }
            Role::Given => {
                name(drawer, "g ", &own.to_lowercase(), &lists::given)?.map(|drawn| cased(&drawn, own))
            }
            Role::Surname => {
                name(drawer, "s ", &own.to_lowercase(), &lists::surname)?.map(|drawn| cased(&drawn, own))
            }
        };
        let Some(drawn) = drawn else { return Ok(None) };
        real.text.push_str(original.get(at..word.place.start).unwrap_or_default());
        real.text.push_str(&drawn);
        at = word.place.end;
        if matches!(word.role, Role::Given | Role::Surname) {
            real.tell(&drawn, own);
            let slot = if word.role == Role::Given { &mut given } else { &mut last };
            if slot.is_none() || word.role == Role::Surname {
                *slot = Some((drawn, own.to_owned()));
            }
        }
    }
    real.text.push_str(original.get(at..).unwrap_or_default());
    if holds_one(&real.text, original, &words) || people.meets(&real.text) {
        return Ok(None);
    }
    if let (Some(given), Some(last)) = (given, last) {
        real.phrases = phrases(&given, &last);
    }
    Ok(Some(real))
}

/// Whether `text` holds a word of the original that is not kept by intent.
fn holds_one(text: &str, original: &str, read: &[Word]) -> bool {
    let new: HashSet<String> =
        words(text).iter().map(|word| spelling(text, word)).filter(|word| word.chars().count() > 1).collect();
    let kept: HashSet<String> =
        read.iter().filter(|word| word.role == Role::Kept).map(|word| spelling(original, word)).collect();
    words(original)
        .iter()
        .map(|word| spelling(original, word))
        .any(|own| new.contains(&own) && !kept.contains(&own))
}

/// `S. Rivera` and `Sam Rivera`, as a model may write who was `RIVERA, Sam K.`.
fn phrases(given: &Pair, last: &Pair) -> Vec<Pair> {
    let first = |name: &str| name.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let [drawn, own] = [first(&given.0), first(&given.1)];
    let [family, surname] = [&last.0, &last.1].map(|name| super::capitals(name));
    vec![
        (format!("{drawn}. {family}"), format!("{own}. {surname}")),
        (format!("{family}, {drawn}."), format!("{surname}, {own}.")),
    ]
}

/// A name in small letters, with a capital.
fn name(
    drawer: &mut Drawer<'_>,
    kind: &str,
    spelling: &str,
    draw: &dyn Fn(&dyn Randomness) -> Option<String>,
) -> Result<Option<String>, SurrogateError> {
    let taken = drawer.taken;
    let drawn = drawer.part(kind, spelling, &|candidate| !taken.speaks(candidate), draw)?;
    Ok(drawn.map(|drawn| capital(&drawn)))
}

/// The initial of whose given name it is, or any other letter.
fn initial(
    drawer: &mut Drawer<'_>,
    people: &People,
    letter: &str,
    family: &str,
) -> Result<Option<String>, SurrogateError> {
    if let Some(given) = people.given(letter, family) {
        let drawn = name(drawer, "g ", given, &lists::given)?;
        return Ok(drawn.and_then(|drawn| drawn.chars().next()).map(String::from));
    }
    let own = letter.chars().next().and_then(|c| u8::try_from(c).ok()).filter(u8::is_ascii_lowercase);
    let draw = |randomness: &dyn Randomness| {
        let letters = (b'a'..=b'z').filter(|other| Some(*other) != own).collect::<Vec<_>>();
        let drawn = letters.get(below(randomness, u32::try_from(letters.len()).ok()?) as usize)?;
        Some(char::from(*drawn).to_uppercase().to_string())
    };
    drawer.shared("i ", &format!("{letter} {family}"), &draw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str) -> Option<Vec<(String, Role)>> {
        let alone = |_: &str| Role::Surname;
        let words = read(text, Some(&alone))?;
        Some(words.iter().map(|word| (text.get(word.place.clone()).unwrap().to_owned(), word.role)).collect())
    }

    #[test]
    fn names_are_read_in_all_their_forms() {
        use Role::{Given as G, Initial as I, Kept as K, Surname as S};
        for (text, wanted) in [
            ("John Smith", vec![("John", G), ("Smith", S)]),
            ("SMITH, JOHN A", vec![("SMITH", S), ("JOHN", G), ("A", I)]),
            ("John A. Smith Jr.", vec![("John", G), ("A", I), ("Smith", S), ("Jr", K)]),
            ("Dr. Maria Rivera, MD", vec![("Dr", K), ("Maria", G), ("Rivera", S), ("MD", K)]),
            ("Hung Do", vec![("Hung", G), ("Do", S)]),
            ("HUNG VAN DO", vec![("HUNG", G), ("VAN DO", S)]),
            ("Hung Van Do", vec![("Hung", G), ("Van Do", S)]),
            ("Vang, Pa", vec![("Vang", S), ("Pa", G)]),
            ("VANG, PA", vec![("VANG", S), ("PA", G)]),
            ("Rahman, Md", vec![("Rahman", S), ("Md", G)]),
            ("Ann Lee, RN", vec![("Ann", G), ("Lee", S), ("RN", K)]),
            ("Ann Lee NP", vec![("Ann", G), ("Lee", S), ("NP", K)]),
            ("Lee, Ann Np", vec![("Lee", S), ("Ann", G), ("Np", G)]),
            ("J.S.", vec![("J", I), ("S", I)]),
            ("Smith J", vec![("Smith", S), ("J", I)]),
            ("Smith", vec![("Smith", S)]),
            ("van der Berg", vec![("van der Berg", S)]),
            ("Ludwig van der Berg", vec![("Ludwig", G), ("van der Berg", S)]),
            ("Al Gore", vec![("Al", G), ("Gore", S)]),
            ("Jean-Luc Picard-Smith", vec![("Jean", G), ("Luc", G), ("Picard", S), ("Smith", S)]),
            (
                "Garc\u{ed}a M\u{e1}rquez, Jos\u{e9}",
                vec![("Garc\u{ed}a", S), ("M\u{e1}rquez", S), ("Jos\u{e9}", G)],
            ),
            ("O'Brien", vec![("O'Brien", S)]),
            ("de la Cruz, Ana", vec![("de la Cruz", S), ("Ana", G)]),
            (
                "\u{418}\u{432}\u{430}\u{43d} \u{41f}\u{435}\u{442}",
                vec![("\u{418}\u{432}\u{430}\u{43d}", G), ("\u{41f}\u{435}\u{442}", S)],
            ),
        ] {
            let wanted: Vec<_> = wanted.into_iter().map(|(word, role)| (word.to_owned(), role)).collect();
            assert_eq!(roles(text), Some(wanted), "{text}");
        }
        assert_eq!(roles("jsmith42"), None);
        assert_eq!(roles(" - "), None);
        assert_eq!(roles("a b c d e f g h i"), None);
    }

    #[test]
    fn a_word_alone_is_what_it_is_elsewhere() {
        let mut people = People::default();
        people.learn("Taylor, James");
        people.learn("only");
        assert_eq!(people.role("taylor", false), Role::Surname);
        assert_eq!(people.role("james", false), Role::Given);
        assert_eq!(people.role("james", true), Role::Surname, "behind a title");
        assert_eq!(people.role("maria", false), Role::Given);
        assert_eq!(people.role("szollosy", false), Role::Surname);
        assert_eq!(people.role("j", true), Role::Initial);
        assert_eq!(people.given("j", "taylor"), Some("james"));
        assert_eq!(people.given("j", "smith"), None);
    }
}
