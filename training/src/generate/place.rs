//! Places: towns, streets, addresses.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fastrand::Rng;

use super::Split;
use super::list::{CENSUS, Pool, Sections};
use super::random::{chance, fill, word};

pub(super) static WORDS: LazyLock<Sections> =
    LazyLock::new(|| Sections::places(include_str!("../../data/places.txt")));

/// Towns of the United States: `name;state;ZIP codes`.
static TOWNS: LazyLock<Pool> = LazyLock::new(|| {
    let name = |row: &str| row.split(';').next().is_some_and(|name| Split::Dev.admits_whole(name));
    Pool::of(include_str!("../../data/us_towns.txt").lines(), name)
});

static COUNTIES: LazyLock<Pool> =
    LazyLock::new(|| Pool::places(include_str!("../../data/us_counties.txt").lines()));

static CITIES: LazyLock<BTreeMap<&'static str, Pool>> = LazyLock::new(|| {
    let lines = include_str!("../../data/world_cities.txt").lines();
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(country, names)| (country, Pool::places(names.split(", "))))
        .collect()
});

/// Town, state and code.
#[derive(Debug, Clone, Default)]
pub(super) struct Town {
    pub(super) name: String,
    pub(super) state: String,
    pub(super) zip: String,
}

/// An address.
#[derive(Debug, Clone, Default)]
pub(super) struct Address {
    pub(super) street: String,
    pub(super) city: String,
    pub(super) zip: String,
    /// City, state and code on one line.
    pub(super) last_line: String,
    /// Country, where it is written.
    pub(super) country: &'static str,
    /// Between the lines where they are one.
    pub(super) comma: &'static str,
}

pub(super) fn town(rng: &mut Rng, split: Split) -> Town {
    let mut fields = TOWNS.any(rng, split).split(';').map(str::to_owned);
    let mut field = || fields.next().unwrap_or_default();
    let (name, state, zips) = (field(), field(), field());
    let zips: Vec<_> = zips.split(' ').collect();
    Town { name, state, zip: word(rng, &zips).to_owned() }
}

/// A town anywhere: mostly of the United States.
pub(super) fn city(rng: &mut Rng, split: Split) -> String {
    if chance(rng, 80) {
        return town(rng, split).name;
    }
    let at = rng.usize(..CITIES.len().max(1));
    CITIES.values().nth(at).map_or_else(String::new, |pool| pool.any(rng, split).to_owned())
}

pub(super) fn state_name(state: &str) -> &'static str {
    STATES.iter().find(|(code, _)| *code == state).map_or("Ohio", |(_, name)| name)
}

pub(super) fn any_state(rng: &mut Rng) -> &'static str {
    rng.choice(STATES).map_or("Ohio", |(code, name)| if rng.u32(..3) == 0 { code } else { name })
}

pub(super) fn neighbourhood(rng: &mut Rng, split: Split) -> String {
    match rng.u32(..10) {
        ..4 => COUNTIES.any(rng, split).to_owned(),
        4..7 => {
            let base = WORDS.any(rng, split, "street words");
            let tail = word(
                rng,
                &[
                    "Heights", "Hills", "Park", "Village", "Gardens", "Estates", "Terrace", "Square",
                    "Point", "Hollow", "Corners", "Crossing", "Flats", "Township", "Parish", "District",
                ],
            );
            format!("{base} {tail}")
        }
        7 if chance(rng, 40) => {
            let (a, b) = (street_name(rng, split), street_name(rng, split));
            let kinds = (WORDS.word(rng, "street types"), WORDS.word(rng, "street types"));
            format!("corner of {a} {} and {b} {}", kinds.0, kinds.1)
        }
        _ => WORDS.any(rng, split, "neighbourhoods").to_owned(),
    }
}

fn street_name(rng: &mut Rng, split: Split) -> String {
    match rng.u32(..100) {
        ..45 => WORDS.any(rng, split, "street words").to_owned(),
        45..70 => CENSUS.families.common(rng, split).to_owned(),
        70..78 => ordinal(rng.u32(1..140)),
        78..84 => {
            let first = word(rng, &["Martin Luther King Jr", "John F Kennedy", "Cesar Chavez", "Rosa Parks"]);
            if split.admits(first) { first.to_owned() } else { CENSUS.families.any(rng, split).to_owned() }
        }
        _ => town(rng, split).name,
    }
}

fn ordinal(n: u32) -> String {
    let tail = match (n % 10, n / 10 % 10) {
        (_, 1) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{tail}")
}

fn us_street(rng: &mut Rng, split: Split) -> String {
    match rng.u32(..100) {
        ..6 => return fill(rng, "PO Box %###"),
        6..8 => return fill(rng, "P.O. Box %##"),
        8..9 => return fill(rng, "P. O. Box %####"),
        9..11 => return fill(rng, "RR %  Box %##").replace("  ", " "),
        11..12 => return fill(rng, "Rural Route % Box %##"),
        12..14 => return fill(rng, "%### County Road %##"),
        14..15 => return fill(rng, "%#### State Route %#"),
        15..17 => return fill(rng, "%### Highway %#"),
        17..18 => return fill(rng, "%### US-%# N"),
        18..19 => return fill(rng, "HC %# Box %##"),
        _ => {}
    }
    let pattern = word(
        rng,
        &["%", "%#", "%##", "%##", "%###", "%###", "%####", "%##-%#", "%##^", "%## 1/2", "W%##N%###"],
    );
    let number = fill(rng, pattern);
    let quarter =
        word(rng, &["", "", "", "", "", "", "N ", "S ", "E ", "W ", "North ", "SW ", "NE ", "West ", "N. "]);
    let kind = WORDS.word(rng, "street types");
    let after = word(rng, &["", "", "", "", "", "", "", "", " NW", " SE", " N"]);
    format!("{number} {quarter}{} {kind}{after}{}", street_name(rng, split), unit(rng))
}

fn unit(rng: &mut Rng) -> String {
    if !chance(rng, 28) {
        return String::new();
    }
    let pattern = word(
        rng,
        &[
            ", Apt %#^",
            " Apt %",
            ", Apt. %##",
            " No. %##",
            ", Unit %",
            " Unit ^",
            ", Suite %##",
            " Ste %##",
            ", #%^",
            ", Floor %",
            ", 2nd Floor",
            ", Rm %##",
            " Lot %#",
            ", Trlr %#",
            ", Bldg %, Apt %##",
            " apt %#",
        ],
    );
    fill(rng, pattern)
}

fn us_address(rng: &mut Rng, split: Split) -> Address {
    if chance(rng, 2) {
        return military(rng);
    }
    let town = town(rng, split);
    let zip = if chance(rng, 12) { format!("{}-{}", town.zip, fill(rng, "####")) } else { town.zip };
    let state = if chance(rng, 82) { town.state.as_str() } else { state_name(&town.state) };
    let last_line = match rng.u32(..100) {
        ..84 => format!("{}, {state} {zip}", town.name),
        84..90 => format!("{} {state} {zip}", town.name),
        90..94 => format!("{}, {state}  {zip}", town.name),
        94..97 => format!("{}, {state}, {zip}", town.name),
        _ => format!("{}, {state}", town.name),
    };
    Address {
        street: us_street(rng, split),
        city: town.name,
        zip,
        last_line,
        country: if chance(rng, 3) { "USA" } else { "" },
        comma: word(rng, &[", ", ", ", ", ", ", ", ", ", " ", "; ", " - "]),
    }
}

fn military(rng: &mut Rng) -> Address {
    let pattern =
        word(rng, &["PSC %###, Box %###", "Unit %#### Box %##", "CMR %## Box %###", "USS Dewey (DDG 105)"]);
    let code = word(rng, &["AE 09###", "AP 96###", "AA 340##"]);
    let (zip, force) = (fill(rng, code), word(rng, &["APO", "FPO", "DPO"]));
    Address {
        street: fill(rng, pattern),
        city: force.to_owned(),
        last_line: format!("{force} {zip}"),
        zip: zip.rsplit(' ').next().unwrap_or_default().to_owned(),
        country: "",
        comma: ", ",
    }
}

/// Any address; `abroad` in a hundred of them outside the United States.
pub(super) fn address(rng: &mut Rng, split: Split, abroad: u32) -> Address {
    if chance(rng, abroad)
        && let Some(country) = rng.choice(&*COUNTRIES)
    {
        return foreign(rng, split, country);
    }
    us_address(rng, split)
}

/// How a country writes addresses: a line of `countries.txt`, `code;name;section of street words;postal code;streets;
/// last lines`, where `{s}` is a street word, `{c}` a city, `{z}` the postal code, and what stands between `<` and `>`
/// is a pattern of [`fill`].
struct Country {
    code: &'static str,
    name: &'static str,
    words: &'static str,
    zip: &'static str,
    streets: Vec<&'static str>,
    last: Vec<&'static str>,
}

static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let country = |line: &'static str| {
        let mut fields = line.split(';');
        let mut field = || fields.next().unwrap_or_default();
        let (code, name, words, zip) = (field(), field(), field(), field());
        let (streets, last) = (field().split('|').collect(), field().split('|').collect());
        Country { code, name, words, zip, streets, last }
    };
    include_str!("../../data/countries.txt").lines().map(country).collect()
});

fn foreign(rng: &mut Rng, split: Split, country: &'static Country) -> Address {
    let zip = fill(rng, country.zip);
    let city = CITIES.get(country.code).map_or("", |pool| pool.any(rng, split));
    let street_word = WORDS.any(rng, split, country.words);
    let pattern = word(rng, &country.streets).replace("{s}", street_word);
    let street = numbers(rng, &pattern);
    let last_line = word(rng, &country.last).replace("{c}", city).replace("{z}", &zip);
    Address {
        street,
        city: city.to_owned(),
        zip,
        last_line,
        country: if chance(rng, 40) { country.name } else { "" },
        comma: ", ",
    }
}

/// Fills what stands between `<` and `>`.
fn numbers(rng: &mut Rng, pattern: &str) -> String {
    let mut filled = String::new();
    for part in pattern.split('<') {
        match part.split_once('>') {
            Some((inside, rest)) => {
                filled.push_str(&fill(rng, inside));
                filled.push_str(rest);
            }
            None => filled.push_str(part),
        }
    }
    filled
}

const STATES: &[(&str, &str)] = &[
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DE", "Delaware"),
    ("DC", "District of Columbia"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("HI", "Hawaii"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("IA", "Iowa"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("ME", "Maine"),
    ("MD", "Maryland"),
    ("MA", "Massachusetts"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MS", "Mississippi"),
    ("MO", "Missouri"),
    ("MT", "Montana"),
    ("NE", "Nebraska"),
    ("NV", "Nevada"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NY", "New York"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VT", "Vermont"),
    ("VA", "Virginia"),
    ("WA", "Washington"),
    ("WV", "West Virginia"),
    ("WI", "Wisconsin"),
    ("WY", "Wyoming"),
    ("PR", "Puerto Rico"),
    ("GU", "Guam"),
];
