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
            ", %nd Floor",
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
        && let Some(country) = rng.choice(COUNTRIES)
    {
        return foreign(rng, split, country);
    }
    us_address(rng, split)
}

/// How a country writes addresses: `{s}` street word, `{l}` surname, `{c}` city, `{z}` code; the rest as
/// `random::fill` reads it inside `<` and `>`.
struct Country {
    code: &'static str,
    name: &'static str,
    streets: &'static [&'static str],
    zip: &'static str,
    last: &'static [&'static str],
    /// The section of street words.
    words: &'static str,
}

fn foreign(rng: &mut Rng, split: Split, country: &Country) -> Address {
    let zip = fill(rng, country.zip);
    let city = CITIES.get(country.code).map_or("", |pool| pool.any(rng, split));
    let street_word = WORDS.any(rng, split, country.words);
    let pattern = word(rng, country.streets).replace("{s}", street_word);
    let street = numbers(rng, &pattern);
    let last_line = word(rng, country.last).replace("{c}", city).replace("{z}", &zip);
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

macro_rules! country {
    ($code:literal, $name:literal, $words:literal, $zip:literal, [$($street:literal),*], [$($last:literal),*]) => {
        Country { code: $code, name: $name, words: $words, zip: $zip, streets: &[$($street),*], last: &[$($last),*] }
    };
}

const COUNTRIES: &[Country] = &[
    country!(
        "GB",
        "United Kingdom",
        "street words",
        "^%# %^^",
        [
            "<%#> {s} Road",
            "<%> {s} Close",
            "Flat <%>, <%#> {s} Street",
            "<%##> {s} Lane",
            "{s} Cottage, {s} Lane",
            "<%#>A {s} Crescent"
        ],
        ["{c} {z}", "{c}, {z}"]
    ),
    country!(
        "IE",
        "Ireland",
        "street words",
        "^%# &#&#",
        ["<%#> {s} Road", "<%> {s} Drive", "Apt <%#>, {s} House"],
        ["{c}, Co. {c}", "{c}, {z}", "{c} {z}"]
    ),
    country!(
        "CA",
        "Canada",
        "street words",
        "^%^ #^#",
        ["<%###> {s} Street", "<%##>-<%###> {s} Ave", "<%###> rue {s}", "<%##>, boul. {s}"],
        ["{c}, ON {z}", "{c} QC {z}", "{c}, BC  {z}", "{c}, Alberta {z}"]
    ),
    country!(
        "AU",
        "Australia",
        "street words",
        "%###",
        ["<%#> {s} Street", "Unit <%>/<%##> {s} Parade", "<%/%#> {s} Rd"],
        ["{c} NSW {z}", "{c} VIC {z}", "{c}, QLD {z}"]
    ),
    country!(
        "NZ",
        "New Zealand",
        "street words",
        "%###",
        ["<%#> {s} Street", "<%##> {s} Terrace"],
        ["{c} {z}"]
    ),
    country!(
        "DE",
        "Germany",
        "german streets",
        "%####",
        ["{s}straße <%#>", "{s}str. <%#>", "{s}weg <%>", "Am {s}platz <%>", "{s}strasse <%#>a"],
        ["{z} {c}", "D-{z} {c}"]
    ),
    country!(
        "AT",
        "Austria",
        "german streets",
        "%###",
        ["{s}gasse <%#>/<%>/<%#>", "{s}straße <%#>"],
        ["{z} {c}", "A-{z} {c}"]
    ),
    country!(
        "CH",
        "Switzerland",
        "german streets",
        "%###",
        ["{s}strasse <%#>", "{s}weg <%>"],
        ["{z} {c}", "CH-{z} {c}"]
    ),
    country!(
        "FR",
        "France",
        "french streets",
        "%####",
        ["<%#> rue {s}", "<%#>, avenue {s}", "<%> bis, boulevard {s}", "<%#> place {s}", "<%> impasse {s}"],
        ["{z} {c}", "{z} {c} Cedex"]
    ),
    country!(
        "BE",
        "Belgium",
        "french streets",
        "%###",
        ["Rue {s} <%#>", "Avenue {s} <%##>, bte <%>"],
        ["{z} {c}", "B-{z} {c}"]
    ),
    country!(
        "NL",
        "Netherlands",
        "dutch streets",
        "%### ^^",
        ["{s}straat <%#>", "{s}laan <%##>", "{s}gracht <%#>-II", "{s}weg <%#>"],
        ["{z} {c}", "{z}  {c}"]
    ),
    country!(
        "ES",
        "Spain",
        "spanish streets",
        "%####",
        [
            "Calle {s}, <%#>, <%>º A",
            "C/ {s} <%#>",
            "Avda. de {s} <%#>, <%>ºB",
            "Plaza {s}, <%>",
            "Paseo de {s} <%#>"
        ],
        ["{z} {c}", "{z}, {c}"]
    ),
    country!(
        "IT",
        "Italy",
        "italian streets",
        "%####",
        ["Via {s}, <%#>", "Via {s} <%#>/A", "Corso {s} <%##>", "Piazza {s} <%>", "Viale {s}, <%#>"],
        ["{z} {c}", "{z} {c} (MI)"]
    ),
    country!(
        "PT",
        "Portugal",
        "spanish streets",
        "%###-###",
        ["Rua {s}, <%#>, <%>.º Esq.", "Avenida {s} <%##>", "Travessa {s} <%>"],
        ["{z} {c}"]
    ),
    country!(
        "BR",
        "Brazil",
        "spanish streets",
        "%####-###",
        ["Rua {s}, <%##> - Apto <%##>", "Av. {s}, <%###>", "Travessa {s}, <%#>"],
        ["{c} - SP, {z}", "{c} - RJ, {z}", "{c}/MG {z}"]
    ),
    country!(
        "MX",
        "Mexico",
        "spanish streets",
        "%####",
        ["Calle {s} <%##>, Col. Centro", "Av. {s} No. <%##> Int. <%>", "Privada {s} #<%#>"],
        ["{z} {c}, Jal.", "{c}, C.P. {z}", "C.P. {z}, {c}"]
    ),
    country!(
        "CO",
        "Colombia",
        "spanish streets",
        "%#####",
        ["Carrera <%#> # <%#>-<%#>", "Calle <%##>A No. <%#> - <%#>, {s}", "Cra. <%#> #<%#>-<%#>"],
        ["{c}, {z}", "{c}"]
    ),
    country!(
        "SE",
        "Sweden",
        "nordic streets",
        "%## ##",
        ["{s}gatan <%#>", "{s}vägen <%#> B", "{s}gatan <%>, lgh <%###>"],
        ["{z} {c}"]
    ),
    country!(
        "NO",
        "Norway",
        "nordic streets",
        "####",
        ["{s}veien <%#>", "{s}gata <%#>B", "{s} vei <%>"],
        ["{z} {c}"]
    ),
    country!(
        "DK",
        "Denmark",
        "nordic streets",
        "%###",
        ["{s}gade <%#>, <%>. tv", "{s}vej <%#>", "{s} Allé <%>"],
        ["{z} {c}"]
    ),
    country!("FI", "Finland", "finnish streets", "#####", ["{s}katu <%#> A <%#>", "{s}tie <%>"], ["{z} {c}"]),
    country!(
        "PL",
        "Poland",
        "slavic streets",
        "##-###",
        ["ul. {s} <%#>/<%#>", "ul. {s} <%#> m. <%>", "al. {s} <%##>", "os. {s} <%#>/<%>"],
        ["{z} {c}"]
    ),
    country!(
        "CZ",
        "Czechia",
        "slavic streets",
        "%## ##",
        ["{s} <%##>/<%#>", "{s} <%#>"],
        ["{z} {c}", "{z} {c} 4"]
    ),
    country!(
        "IN",
        "India",
        "indian streets",
        "%#####",
        [
            "<%#>/<%>, {s} Nagar",
            "Flat No. <%##>, {s} Apartments, {s} Road",
            "H.No. <%-%-%##>, {s} Colony",
            "<%#>, {s} Marg, Sector <%#>",
            "Plot <%#>, {s} Layout, <%>th Cross"
        ],
        ["{c} - {z}", "{c} {z}", "{c}, {z}"]
    ),
    country!(
        "PK",
        "Pakistan",
        "indian streets",
        "%####",
        ["House <%#>, Street <%>, {s} Town", "<%##>-C, Block <%>, {s}"],
        ["{c} {z}", "{c}-{z}"]
    ),
    country!(
        "PH",
        "Philippines",
        "spanish streets",
        "%###",
        ["<%##> {s} St., Brgy. San Isidro", "Blk <%> Lot <%#> {s} Village", "<%#> Purok <%>, Barangay {s}"],
        ["{c} City {z}", "{z} {c}"]
    ),
    country!(
        "ZA",
        "South Africa",
        "street words",
        "####",
        ["<%#> {s} Street", "<%##> {s} Road, Gardens"],
        ["{c}, {z}", "{c} {z}"]
    ),
    country!(
        "NG",
        "Nigeria",
        "african streets",
        "%#####",
        ["<%#> {s} Street", "Plot <%##> {s} Crescent", "No. <%#>, {s} Close, off {s} Road"],
        ["{c}", "{c} {z}"]
    ),
    country!(
        "KE",
        "Kenya",
        "african streets",
        "00###",
        ["P.O. Box <%####>", "{s} Road, House <%#>"],
        ["{z} {c}", "{c}"]
    ),
    country!(
        "IL",
        "Israel",
        "african streets",
        "%######",
        ["{s} St <%#>/<%>", "Rehov {s} <%#>"],
        ["{c} {z}"]
    ),
    country!(
        "JP",
        "Japan",
        "japanese streets",
        "%##-####",
        ["<%-%-%#> {s}", "{s} <%>-chome <%-%>", "{s}-cho <%-%#>, Apt <%##>"],
        ["{c} {z}", "{c}-shi {z}", "〒{z} {c}"]
    ),
    country!(
        "KR",
        "South Korea",
        "korean streets",
        "0####",
        ["<%#>, {s}-ro <%#>-gil", "<%##> {s}-daero", "<%##>-dong <%###>-ho, {s} Apt"],
        ["{c} {z}"]
    ),
    country!(
        "CN",
        "China",
        "chinese streets",
        "%#####",
        [
            "No. <%##> {s} Road",
            "Room <%##>, Building <%>, <%#> {s} Lu",
            "<%##> {s} Street, Chaoyang District"
        ],
        ["{c} {z}", "{c}, {z}"]
    ),
    country!(
        "VN",
        "Vietnam",
        "asian streets",
        "%#####",
        ["<%##> Đường {s}, Phường <%>, Quận <%#>", "<%#>/<%> {s} Street, Ward <%>"],
        ["{c}", "{c} {z}"]
    ),
    country!(
        "TR",
        "Türkiye",
        "asian streets",
        "%####",
        ["{s} Mah. <%##>. Sok. No:<%#> D:<%>", "{s} Caddesi No: <%#>/<%>"],
        ["{z} {c}"]
    ),
    country!(
        "GR",
        "Greece",
        "slavic streets",
        "%## ##",
        ["{s} <%#>", "Odos {s} <%##>"],
        ["{z} {c}", "{c} {z}"]
    ),
    country!(
        "UA",
        "Ukraine",
        "slavic streets",
        "#####",
        ["vul. {s}, <%#>, kv. <%#>", "{s} St, <%#>"],
        ["{c}, {z}", "{z} {c}"]
    ),
    country!(
        "RU",
        "Russia",
        "slavic streets",
        "%#####",
        ["ul. {s}, d. <%#>, kv. <%##>", "{s} prospekt, <%#>-<%##>"],
        ["{c}, {z}", "{z} {c}"]
    ),
];

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
