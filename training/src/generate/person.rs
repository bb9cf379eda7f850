//! People: their names in the ways in which names are written.

use std::sync::LazyLock;

use fastrand::Rng;

use super::Split;
use super::list::{CENSUS, Names, Pool, Sections, WORLD, capital, plain_letters};
use super::random::{chance, word};
use super::slot::PersonForm;

/// Someone in a document.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) first: String,
    pub(super) middle: Option<String>,
    pub(super) last: String,
    pub(super) suffix: &'static str,
    pub(super) nick: String,
    pub(super) maiden: String,
    pub(super) woman: bool,
    /// The family's name comes first, without a comma.
    pub(super) family_first: bool,
    pub(super) age: u32,
    pub(super) over: u32,
    pub(super) credential: &'static str,
    pub(super) specialty: &'static str,
    pub(super) relation: &'static str,
}

/// How a document writes names where the template leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameStyle {
    FirstLast,
    WithInitial,
    WithMiddle,
    Capitals,
    InitialLast,
    Small,
}

impl NameStyle {
    pub(super) fn any(rng: &mut Rng) -> Self {
        match rng.u32(..100) {
            ..68 => Self::FirstLast,
            68..81 => Self::WithInitial,
            81..86 => Self::WithMiddle,
            86..93 => Self::Capitals,
            93..96 => Self::InitialLast,
            _ => Self::Small,
        }
    }
}

static WORDS: LazyLock<Sections> = LazyLock::new(|| Sections::names(include_str!("../../data/people.txt")));

/// Cultures that are met often, with their part in a thousand; the rest share what is left.
const OFTEN: &[(&str, u32)] = &[
    ("hispanic", 90),
    ("black", 50),
    ("chinese", 35),
    ("indian", 50),
    ("vietnamese", 25),
    ("korean", 25),
    ("filipino", 25),
    ("arabic", 40),
    ("nigerian", 20),
    ("russian", 15),
    ("polish", 15),
    ("jewish", 15),
];

const CENSUS_PART: u32 = 380;

fn culture(rng: &mut Rng) -> (&'static str, &'static Names) {
    let mut left = rng.u32(..1000);
    if left < CENSUS_PART {
        return ("", &CENSUS);
    }
    left -= CENSUS_PART;
    for (name, part) in OFTEN {
        if left < *part {
            return WORLD.get(name).map_or(("", &*CENSUS), |names| (*name, names));
        }
        left -= part;
    }
    let at = rng.usize(..WORLD.len().max(1));
    WORLD.iter().nth(at).map_or(("", &*CENSUS), |(name, names)| (*name, names))
}

/// Draws until the split admits it.
fn admitted(rng: &mut Rng, split: Split, mut draw: impl FnMut(&mut Rng) -> String) -> String {
    let mut drawn = draw(rng);
    for _ in 0..200 {
        if drawn.chars().count() > 1 && split.admits(&drawn) {
            return drawn;
        }
        drawn = draw(rng);
    }
    CENSUS.families.any(rng, split).to_owned()
}

const INVENTED_FIRST: u32 = 21;
const INVENTED_LAST: u32 = 32;

/// The beginning of one name with the end of another.
fn crossed(rng: &mut Rng, a: &str, b: &str) -> String {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let head = a.iter().take(1 + rng.usize(..a.len().max(2)) * 2 / 3 + 1);
    let skip = (b.len() / 3 + rng.usize(..(b.len() / 3).max(1))).min(b.len().saturating_sub(2));
    let joined: String = head.chain(b.iter().skip(skip)).collect();
    capital(&joined.to_lowercase().replace([' ', '\'', '-'], ""))
}

/// Syllables that no list holds.
fn syllables(rng: &mut Rng) -> String {
    const ONSETS: &[&str] = &[
        "b", "br", "ch", "d", "dr", "f", "g", "gr", "h", "j", "k", "kr", "kw", "l", "m", "mb", "n", "ng",
        "ny", "p", "r", "s", "sh", "st", "t", "th", "ts", "v", "w", "x", "y", "z", "zh", "",
    ];
    const VOWELS: &[&str] =
        &["a", "e", "i", "o", "u", "ae", "ai", "ea", "ei", "ia", "io", "oa", "ou", "ua", "y"];
    const CODAS: &[&str] = &[
        "", "", "", "n", "r", "l", "s", "sh", "th", "k", "m", "nd", "rt", "ck", "x", "nko", "vic", "ski",
        "sen",
    ];
    let count = 2 + rng.usize(..2);
    let mut name = String::new();
    for _ in 0..count {
        name.push_str(word(rng, ONSETS));
        name.push_str(word(rng, VOWELS));
    }
    name.push_str(word(rng, CODAS));
    capital(&name)
}

fn invented(rng: &mut Rng, split: Split, pool: &Pool) -> String {
    admitted(rng, split, |rng| {
        if chance(rng, 30) {
            return syllables(rng);
        }
        // of either part of the list: what comes of it is in neither
        let (a, b) = (pool.any(rng, split), pool.any(rng, split));
        crossed(rng, a, b)
    })
}

fn first_name(rng: &mut Rng, split: Split, names: &'static Names, woman: bool) -> String {
    let (own, census) = if woman { (&names.women, &CENSUS.women) } else { (&names.men, &CENSUS.men) };
    let pool = enough(rng, split, own, census);
    match rng.u32(..100) {
        ..INVENTED_FIRST => invented(rng, split, pool),
        96.. => WORDS.any(rng, split, "word first names").to_owned(),
        _ => listed(rng, split, pool),
    }
}

fn single_surname(rng: &mut Rng, split: Split, names: &'static Names) -> String {
    let pool = enough(rng, split, &names.families, &CENSUS.families);
    if chance(rng, INVENTED_LAST) { invented(rng, split, pool) } else { listed(rng, split, pool) }
}

/// The list, or often the census where the list is short: its few names would come too often.
fn enough(rng: &mut Rng, split: Split, own: &'static Pool, census: &'static Pool) -> &'static Pool {
    let part = match own.count(split) {
        0 => 0,
        1..10 => 30,
        10..25 => 60,
        _ => 100,
    };
    if chance(rng, part) { own } else { census }
}

fn listed(rng: &mut Rng, split: Split, pool: &Pool) -> String {
    let frequent = pool.count(split) >= 60 && chance(rng, 50);
    if frequent { pool.common(rng, split) } else { pool.any(rng, split) }.to_owned()
}

fn particle(rng: &mut Rng, culture: &str, base: String) -> String {
    let list: &[&str] = match culture {
        "dutch" => &["van ", "van der ", "van den ", "de ", "Van ", "Vander"],
        "german" => &["von ", "zu "],
        "french" | "haitian" => &["de ", "Le ", "La", "du ", "St. ", "Des"],
        "italian" => &["Di ", "De ", "Della ", "D'", "Lo ", "La ", "Del "],
        "hispanic" | "filipino" => &["de la ", "De La ", "del ", "de ", "De ", "de los "],
        "portuguese" => &["da ", "dos ", "de ", "do "],
        "arabic" => &["al-", "Al-", "El-", "El ", "Al ", "Abu ", "Abdul ", "bin ", "Ibn "],
        "irish" => &["O'", "Mc", "Mac", "O’", "Fitz", "O'"],
        "" => &["Mc", "Mac", "O'", "St. ", "De", "Van ", "Le", "D'", "De La ", "Del ", "Van Der "],
        _ => return base,
    };
    format!("{}{base}", word(rng, list))
}

fn surname(rng: &mut Rng, split: Split, culture: &str, names: &'static Names) -> String {
    let usual = culture.is_empty() || culture == "black";
    let kind = rng.u32(..100);
    if usual && kind < 9 {
        return WORDS.any(rng, split, "word surnames").to_owned();
    }
    if usual && kind < 13 {
        return WORDS.any(rng, split, "eponym surnames").to_owned();
    }
    let base = single_surname(rng, split, names);
    let with_particle = match culture {
        "dutch" | "arabic" | "irish" => 35,
        "portuguese" | "italian" => 20,
        _ => 4,
    };
    if chance(rng, with_particle) && !base.contains([' ', '\'', '-']) {
        return particle(rng, culture, base);
    }
    let double = if culture == "hispanic" { 35 } else { 5 };
    if chance(rng, double) {
        let join = if culture == "hispanic" && chance(rng, 60) { " " } else { "-" };
        return format!("{base}{join}{}", single_surname(rng, split, names));
    }
    base
}

/// Someone; `kin` shares the patient's surname more often than not.
pub(super) fn person(rng: &mut Rng, split: Split, kin: Option<&Person>) -> Person {
    let (culture, names) = culture(rng);
    let woman = rng.bool();
    let mut first = first_name(rng, split, names, woman);
    let mut last = surname(rng, split, culture, names);
    if let Some(kin) = kin
        && chance(rng, 55)
    {
        last.clone_from(&kin.last);
    }
    let mut middle = chance(rng, 70).then(|| first_name(rng, split, names, woman));
    if chance(rng, 35) {
        first = plain_letters(&first);
        last = plain_letters(&last);
        middle = middle.map(|middle| plain_letters(&middle));
    }
    if chance(rng, 2) && !first.contains([' ', '-']) {
        first = format!("{first}-{}", first_name(rng, split, names, woman));
    }
    let suffix =
        if !woman && chance(rng, 5) { word(rng, &["Jr.", "Jr", "III", "Sr.", "II", "IV"]) } else { "" };
    let nick = nickname(rng, split, &first, names, woman);
    let family_first = matches!(culture, "chinese" | "vietnamese" | "korean" | "hmong") && chance(rng, 20);
    Person {
        maiden: surname(rng, split, culture, names),
        first,
        middle,
        last,
        suffix,
        nick,
        woman,
        family_first,
        age: age(rng),
        over: 90 + rng.u32(..8) + rng.u32(..8),
        credential: WORDS.word(rng, "credentials"),
        specialty: WORDS.word(rng, "specialties"),
        relation: WORDS.word(rng, if woman { "female relations" } else { "male relations" }),
    }
}

fn age(rng: &mut Rng) -> u32 {
    if chance(rng, 12) { rng.u32(1..18) } else { rng.u32(18..90) }
}

fn nickname(rng: &mut Rng, split: Split, first: &str, names: &'static Names, woman: bool) -> String {
    if chance(rng, 40) {
        return WORDS.any(rng, split, "nicknames").to_owned();
    }
    let short: String = first.chars().take(3 + rng.usize(..2)).collect();
    let nick = if chance(rng, 50) { format!("{short}y") } else { short };
    if split.admits(&nick) && nick.chars().all(char::is_alphabetic) {
        nick
    } else {
        first_name(rng, split, names, woman)
    }
}

fn initial(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |c| c.to_uppercase().collect())
}

impl Person {
    fn middle_initial(&self) -> Option<String> {
        self.middle.as_deref().map(initial)
    }

    fn full(&self, middle: Option<&str>) -> String {
        let middle = middle.map_or_else(String::new, |middle| format!("{middle} "));
        let suffix = match self.suffix {
            "" => String::new(),
            suffix => {
                format!(
                    "{}{suffix}",
                    if suffix.starts_with('J') && self.age.is_multiple_of(2) { ", " } else { " " }
                )
            }
        };
        if self.family_first {
            return format!("{} {middle}{}", self.last, self.first);
        }
        format!("{} {middle}{}{suffix}", self.first, self.last)
    }

    fn dotted(&self, rng: &mut Rng) -> Option<String> {
        let dot = if chance(rng, 70) { "." } else { "" };
        self.middle_initial().map(|initial| format!("{initial}{dot}"))
    }

    fn plain(&self, rng: &mut Rng, style: NameStyle) -> String {
        match style {
            NameStyle::FirstLast => self.full(None),
            NameStyle::WithInitial => self.full(self.dotted(rng).as_deref()),
            NameStyle::WithMiddle => self.full(self.middle.as_deref()),
            NameStyle::Capitals => self.full(None).to_uppercase(),
            NameStyle::InitialLast => self.initial_last(rng),
            NameStyle::Small => self.full(None).to_lowercase(),
        }
    }

    fn initial_last(&self, rng: &mut Rng) -> String {
        let first = initial(&self.first);
        match (rng.u32(..10), self.middle_initial()) {
            (0, Some(middle)) => format!("{first}.{middle}. {}", self.last),
            (1, Some(middle)) => format!("{first}. {middle}. {}", self.last),
            (2 | 3, _) => format!("{first} {}", self.last),
            (4, _) => format!("{first}.{}", self.last),
            _ => format!("{first}. {}", self.last),
        }
    }

    fn last_first(&self, rng: &mut Rng, comma: &str) -> String {
        let suffix = if self.suffix.is_empty() { String::new() } else { format!(" {}", self.suffix) };
        let middle = match rng.u32(..10) {
            ..5 => None,
            5..8 => self.dotted(rng),
            _ => self.middle.clone(),
        };
        let middle = middle.map_or_else(String::new, |middle| format!(" {middle}"));
        format!("{}{suffix}{comma}{}{middle}", self.last, self.first)
    }

    fn initials(&self, rng: &mut Rng) -> String {
        // two words of a surname are one letter: Van Der Berg is V
        let mut letters = vec![initial(&self.first)];
        if chance(rng, 30) {
            letters.extend(self.middle_initial());
        }
        letters.push(initial(&self.last));
        match rng.u32(..10) {
            ..6 => letters.concat(),
            6..9 => format!("{}.", letters.join(".")),
            _ => format!("{}.", letters.join(". ")),
        }
    }

    /// The person in this form; `comma` is what the document writes between last and first name.
    pub(super) fn write(&self, rng: &mut Rng, form: PersonForm, style: NameStyle, comma: &str) -> String {
        let by_sex = |woman: &str, man: &str| if self.woman { woman.to_owned() } else { man.to_owned() };
        match form {
            PersonForm::Plain => self.plain(rng, style),
            PersonForm::Full if chance(rng, 6) => {
                let quoted = word(rng, &["\"", "(", "'", "\""]);
                let end = if quoted == "(" { ")" } else { quoted };
                self.full(Some(&format!("{quoted}{}{end}", self.nick)))
            }
            PersonForm::Full if chance(rng, 50) => self.full(self.dotted(rng).as_deref()),
            PersonForm::Full => self.full(self.middle.as_deref()),
            PersonForm::First => self.first.clone(),
            PersonForm::Last => self.last.clone(),
            PersonForm::Middle => self.middle.clone().unwrap_or_else(|| self.nick.clone()),
            PersonForm::Nick => self.nick.clone(),
            PersonForm::Maiden => self.maiden.clone(),
            PersonForm::LastFirst => self.last_first(rng, comma),
            PersonForm::InitialLast => self.initial_last(rng),
            PersonForm::Initials => self.initials(rng),
            PersonForm::Capitals => {
                self.full(self.dotted(rng).filter(|_| self.age.is_multiple_of(3)).as_deref()).to_uppercase()
            }
            PersonForm::LastFirstCapitals => self.last_first(rng, comma).to_uppercase(),
            PersonForm::LastCapitals => self.last.to_uppercase(),
            PersonForm::FirstCapitals => self.first.to_uppercase(),
            PersonForm::Small => self.full(None).to_lowercase(),
            PersonForm::FirstSmall => self.first.to_lowercase(),
            PersonForm::LastSmall => self.last.to_lowercase(),
            PersonForm::He => by_sex("she", "he"),
            PersonForm::HeCapital => by_sex("She", "He"),
            PersonForm::Him => by_sex("her", "him"),
            PersonForm::His => by_sex("her", "his"),
            PersonForm::HisCapital => by_sex("Her", "His"),
            PersonForm::Title => {
                by_sex(word(rng, &["Ms.", "Mrs.", "Ms", "Mrs"]), word(rng, &["Mr.", "Mr.", "Mr"]))
            }
            PersonForm::Man => by_sex("woman", "man"),
            PersonForm::Sex => by_sex("female", "male"),
            PersonForm::SexLetter => by_sex("F", "M"),
            PersonForm::Age => self.age.to_string(),
            PersonForm::Over => self.over.to_string(),
            PersonForm::Relation => self.relation.to_owned(),
            PersonForm::Credential => self.credential.to_owned(),
            PersonForm::Specialty => self.specialty.to_owned(),
        }
    }
}
