//! Places: streets and towns that do not exist, numbers of houses, ZIP codes that no place has.

use terms::{Randomness, SurrogateError};

use super::{Drawer, Real, capital, cased, lists};
use crate::shape::below;
use crate::transform::place::{COUNTRIES, alone, cut_zip, state};

/// The last words of streets.
const STREETS: &str = "street st avenue ave road rd boulevard blvd drive dr lane ln court ct place pl way terrace ter \
    circle cir parkway pkwy highway hwy square sq trail trl alley loop run pike row";
/// What comes before the number of a part of a building, or of a box.
const UNITS: &str =
    "apt apartment unit suite ste room rm floor fl bldg building lot box po p.o p.o. # no no.";
/// Words of the names of institutions that say of what kind they are.
const KINDS: &str = "hospital hospitals clinic clinics center centre medical health healthcare general memorial regional \
    community county city state university college school elementary middle high children's childrens women's veterans \
    rehabilitation rehab hospice pharmacy nursing home care living senior assisted surgical surgery cancer heart \
    institute laboratory laboratories lab imaging radiology dental pediatrics pediatric family practice associates \
    group partners company co corp corporation inc llc ltd steel church parish township district department of and \
    the system services service office building campus manor village parkway airport prison jail shelter";
/// First three digits of ZIP codes under which the census knows no place.
const UNUSED: [&str; 24] = [
    "000", "001", "002", "003", "004", "213", "269", "343", "345", "348", "353", "419", "428", "429", "517",
    "518", "519", "529", "533", "536", "552", "568", "578", "579",
];

/// More words than this between commas are no place.
const MOST: usize = 7;

pub(super) fn real(drawer: &mut Drawer<'_>, original: &str) -> Result<Option<Real>, SurrogateError> {
    let (mut real, mut changed) = (Real::default(), false);
    let stands = stands_for_a_state(original);
    for (number, piece) in original.split_inclusive(MARKS).enumerate() {
        let text = bare(piece);
        if text.is_empty() {
            real.text.push_str(piece);
            continue;
        }
        let at = piece.find(text).unwrap_or(0);
        let may = stands.filter(|(place, _)| *place == number).map_or(May::Not, |(_, may)| may);
        let Some(drawn) = part(drawer, text, may, &mut real)? else { return Ok(None) };
        changed |= drawn != text;
        real.text.push_str(piece.get(..at).unwrap_or_default());
        real.text.push_str(&drawn);
        real.text.push_str(piece.get(at + text.len()..).unwrap_or_default());
    }
    Ok(Some(real).filter(|_| changed))
}

const MARKS: [char; 3] = [',', ';', '\n'];

fn bare(piece: &str) -> &str {
    piece.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
}

/// How a part may name a State, which stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
    Not,
    Code,
    /// Also by its name, as a town may be called too.
    Name,
}

/// Which piece may be a State: the last, or the one before a ZIP code or a country that stand alone. By its name only
/// behind a place that is no house in a street.
fn stands_for_a_state(original: &str) -> Option<(usize, May)> {
    let pieces: Vec<(usize, &str)> =
        original.split_inclusive(MARKS).map(bare).enumerate().filter(|(_, text)| !text.is_empty()).collect();
    let passed = |text: &str| {
        COUNTRIES.iter().any(|country| text.eq_ignore_ascii_case(country))
            || matches!(cut_zip(text), ("", Some(_)))
    };
    let at = pieces.iter().rposition(|(_, text)| !passed(text))?;
    let before = at.checked_sub(1).and_then(|at| pieces.get(at));
    let named = before.is_some_and(|(_, text)| !text.contains(|c: char| c.is_numeric()));
    pieces.get(at).map(|(number, _)| (*number, if named { May::Name } else { May::Code }))
}

/// One part between commas.
fn part(
    drawer: &mut Drawer<'_>,
    text: &str,
    may: May,
    real: &mut Real,
) -> Result<Option<String>, SurrogateError> {
    let (rest, zip) = cut_zip(text);
    if let Some(zip) = zip {
        let Some(drawn) = self::zip(drawer, zip)? else { return Ok(None) };
        let gap = text.get(rest.len()..text.len() - zip.len()).unwrap_or_default();
        if rest.is_empty() {
            return Ok(Some(drawn));
        }
        let before = part(drawer, rest, may, real)?;
        return Ok(before.map(|before| format!("{before}{gap}{drawn}")));
    }
    if may != May::Not
        && state(text).is_some_and(|known| may == May::Name || known == text && text.len() == 2)
        || COUNTRIES.iter().any(|country| text.eq_ignore_ascii_case(country))
    {
        return Ok(Some(text.to_owned()));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Ok(None) };
    if words.len() > MOST {
        return Ok(None);
    }
    let numbered = first.starts_with(|c: char| c.is_ascii_digit());
    if listed(UNITS, first) || first.starts_with('#') {
        return unit(drawer, text);
    }
    if numbered {
        let kind = words.iter().skip(2).position(|word| listed(STREETS, word)).map(|at| at + 2);
        return street(drawer, &words, kind, real);
    }
    if text.contains(|c: char| c.is_numeric()) {
        return Ok(None);
    }
    if let Some(code) = last_state(text).filter(|_| may != May::Not) {
        let place = text.get(..text.len() - code.len()).unwrap_or_default();
        let drawn = town(drawer, place.trim_end(), real)?;
        return Ok(drawn.map(|drawn| format!("{drawn} {code}")));
    }
    let kinds = words.iter().rev().take_while(|word| listed(KINDS, word)).count();
    if kinds == words.len() {
        return Ok(None);
    }
    if listed(STREETS, last) && words.len() > 1 {
        let at = kinds_at(text, 1);
        let (own, kind) = text.split_at_checked(at).unwrap_or((text, ""));
        return Ok(street_name(drawer, own.trim_end(), real)?.map(|drawn| format!("{drawn} {kind}")));
    }
    if kinds == 0 {
        return town(drawer, text, real);
    }
    let (own, kind) = text.split_at_checked(kinds_at(text, kinds)).unwrap_or((text, ""));
    let drawn = town(drawer, own.trim_end(), real)?;
    let gap = own.get(own.trim_end().len()..).unwrap_or_default();
    Ok(drawn.map(|drawn| format!("{drawn}{gap}{kind}")))
}

fn listed(list: &str, word: &str) -> bool {
    let word = word.trim_end_matches('.').to_lowercase();
    list.split_whitespace().any(|known| known.trim_end_matches('.') == word)
}

/// Where the last so many words begin.
fn kinds_at(text: &str, count: usize) -> usize {
    let mut at = text.len();
    for _ in 0..count {
        let before = text.get(..at).unwrap_or_default().trim_end();
        at = before.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
    }
    at
}

/// The code of a State at the end of `Boston MA`.
fn last_state(text: &str) -> Option<&str> {
    let (_, code) = text.rsplit_once(' ')?;
    alone(text, false).filter(|known| *known == code).map(|_| code)
}

/// A town, or what an institution is called after.
fn town(drawer: &mut Drawer<'_>, own: &str, real: &mut Real) -> Result<Option<String>, SurrogateError> {
    let letters = own
        .chars()
        .all(|c| c.is_alphabetic() || c.is_whitespace() || matches!(c, '.' | '-' | '\'' | '\u{2019}' | '&'));
    if !letters || !own.contains(char::is_alphabetic) {
        return Ok(None);
    }
    let taken = drawer.taken;
    let drawn = drawer.part("t ", &spelling(own), &|candidate| !taken.speaks(candidate), &lists::town)?;
    Ok(drawn.map(|drawn| {
        let drawn = cased(&capital(&drawn), own);
        real.tell(&drawn, own);
        drawn
    }))
}

fn spelling(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A house in a street.
fn street(
    drawer: &mut Drawer<'_>,
    words: &[&str],
    kind: Option<usize>,
    real: &mut Real,
) -> Result<Option<String>, SurrogateError> {
    let Some((number, rest)) = words.split_first() else { return Ok(None) };
    let until = kind.map_or(rest.len(), |kind| kind - 1);
    let own = rest.get(..until).unwrap_or_default().join(" ");
    if !own.contains(char::is_alphabetic) || own.contains(|c: char| c.is_numeric() && !c.is_ascii_digit()) {
        return Ok(None);
    }
    let Some(house) = digits(drawer, "h ", number)? else { return Ok(None) };
    let Some(drawn) = street_name(drawer, &own, real)? else { return Ok(None) };
    // what stands behind the street's kind, such as a direction, says too much
    let kind = kind.and_then(|kind| words.get(kind)).map_or_else(String::new, |kind| format!(" {kind}"));
    let whole = words.join(" ");
    let text = format!("{house} {drawn}{kind}");
    real.parts.push((text.clone(), whole));
    Ok(Some(text))
}

fn street_name(
    drawer: &mut Drawer<'_>,
    own: &str,
    real: &mut Real,
) -> Result<Option<String>, SurrogateError> {
    let taken = drawer.taken;
    let drawn = drawer.part("r ", &spelling(own), &|candidate| !taken.speaks(candidate), &lists::street)?;
    Ok(drawn.map(|drawn| {
        let drawn = cased(&capital(&drawn), own);
        real.tell(&drawn, own);
        drawn
    }))
}

/// A part of a building, or a box: words for one and a code, nothing else.
fn unit(drawer: &mut Drawer<'_>, text: &str) -> Result<Option<String>, SurrogateError> {
    let Some(at) = text.rfind(|c: char| c.is_whitespace() || c == '#') else { return Ok(None) };
    let (words, code) = text.split_at_checked(at + 1).unwrap_or_default();
    let short = code.len() <= 8 && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let known = words.split_inclusive('#').flat_map(str::split_whitespace).all(|word| listed(UNITS, word));
    if !short || code.is_empty() || !known {
        return Ok(None);
    }
    Ok(digits(drawer, "b ", code)?.map(|drawn| format!("{words}{drawn}")))
}

/// Other digits and letters, as many.
fn digits(drawer: &mut Drawer<'_>, kind: &str, own: &str) -> Result<Option<String>, SurrogateError> {
    if !own.is_ascii() {
        return Ok(None);
    }
    let draw = |randomness: &dyn Randomness| {
        let sign = |(at, c): (usize, char)| match c {
            '0'..='9' if at == 0 => char::from_digit(1 + below(randomness, 9), 10),
            '0'..='9' => char::from_digit(below(randomness, 10), 10),
            'a'..='z' => char::from_digit(10 + below(randomness, 26), 36),
            'A'..='Z' => char::from_digit(10 + below(randomness, 26), 36).map(|c| c.to_ascii_uppercase()),
            other => Some(other),
        };
        own.chars().enumerate().map(sign).collect::<Option<String>>()
    };
    drawer.shared(kind, own, &draw)
}

/// Five digits under which there is no place; four more where there were.
fn zip(drawer: &mut Drawer<'_>, own: &str) -> Result<Option<String>, SurrogateError> {
    let first = own.get(..5).unwrap_or_default();
    let taken = drawer.taken;
    let draw = |randomness: &dyn Randomness| {
        let prefix = UNUSED.get(below(randomness, 24) as usize)?;
        Some(format!("{prefix}{:02}", below(randomness, 100)))
    };
    let Some(drawn) = drawer.part("z ", first, &|candidate| !taken.holds(candidate), &draw)? else {
        return Ok(None);
    };
    let more = own.get(5..).unwrap_or_default();
    let digits = more.trim_start_matches(|c: char| !c.is_ascii_digit());
    let Some(four) = self::digits(drawer, "y ", digits)? else { return Ok(None) };
    Ok(Some(format!("{drawn}{}{four}", more.get(..more.len() - digits.len()).unwrap_or_default())))
}
