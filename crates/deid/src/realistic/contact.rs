//! Telephone numbers, addresses of mail, of pages and of machines: from ranges that are reserved for examples.

use std::net::{Ipv4Addr, Ipv6Addr};

use terms::{Randomness, SurrogateError};

use super::{Drawer, Real, cased, lists};
use crate::shape::below;

/// Domains that nobody can have (RFC 2606, 3).
const DOMAINS: [&str; 3] = ["example.com", "example.net", "example.org"];
/// Networks for documentation (RFC 5737, 3).
const NETWORKS: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Digits in place of the digits of `layout`, all else as it stands.
fn laid(layout: &str, digits: &str) -> String {
    let mut digits = digits.chars();
    layout.chars().map(|c| if c.is_ascii_digit() { digits.next().unwrap_or(c) } else { c }).collect()
}

/// A number of ten digits whose last seven are between 555-0100 and 555-0199, which the numbering plan of North America
/// sets aside for fiction in every area; of a foreign number, one of these too.
pub(super) fn phone(drawer: &mut Drawer<'_>, original: &str) -> Result<Option<Real>, SurrogateError> {
    let extension =
        original.char_indices().find(|(_, c)| c.is_ascii_alphabetic() || *c == '#').map(|(at, _)| at);
    let begins_with_words = original.starts_with(|c: char| c.is_alphabetic());
    let (number, extension) =
        original.split_at_checked(extension.unwrap_or(original.len())).unwrap_or_default();
    let dialled = digits(number);
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || b"+-./(), ".contains(&byte));
    if begins_with_words || dialled.len() < 7 || !plain || !is_extension(extension) {
        return Ok(None);
    }
    let local = dialled.len() == 7;
    let (country, own) = match dialled.strip_prefix('1').filter(|rest| rest.len() == 10) {
        Some(rest) => ("1", rest.to_owned()),
        None => ("", dialled.clone()),
    };
    let layout = |drawn: &str| match own.len() {
        7 => laid(number, drawn.get(3..).unwrap_or_default()),
        10 => laid(number, &format!("{country}{drawn}")),
        _ => laid("+1 000-000-0000", &format!("1{drawn}")),
    };
    let taken = drawer.taken;
    let draw = |randomness: &dyn Randomness| {
        let area = 10 * (20 + below(randomness, 79)) + below(randomness, 10);
        let area = if area % 100 == 11 || area >= 980 { area - 110 } else { area };
        Some(format!("{area}55501{:02}", below(randomness, 100)))
    };
    let fits = |candidate: &str| !taken.holds(&layout(candidate)) && !taken.holds(candidate);
    let Some(drawn) = drawer.part("p ", &own, &fits, &draw)? else { return Ok(None) };
    let Some(extension) = self::extension(drawer, extension)? else { return Ok(None) };
    let written = layout(&drawn);
    let mut real = Real { text: written.clone() + &extension, ..Real::default() };
    if !extension.is_empty() {
        real.parts.push((written, number.trim_end().to_owned()));
    }
    if !local && own.len() == 10 {
        for layout in ["000-000-0000", "(000) 000-0000", "000.000.0000", "000 000 0000", "0000000000"] {
            real.variants.push((laid(layout, &drawn), laid(layout, &own)));
        }
    }
    Ok(Some(real))
}

/// `x12`, `ext. 12`, `#12`: nothing but the word and a few digits, or nothing at all.
fn is_extension(text: &str) -> bool {
    let word = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(word).unwrap_or_default();
    let known = ["x", "ext", "extension"].iter().any(|known| word.eq_ignore_ascii_case(known));
    let rest = if word.is_empty() { rest.strip_prefix('#') } else { rest.strip_prefix('.').or(Some(rest)) };
    let number = rest.unwrap_or_default().trim();
    let digits = (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    text.is_empty() || (known || word.is_empty()) && digits
}

/// An extension with other digits.
fn extension(drawer: &mut Drawer<'_>, text: &str) -> Result<Option<String>, SurrogateError> {
    let own = digits(text);
    if text.is_empty() {
        return Ok(Some(String::new()));
    }
    let draw = |randomness: &dyn Randomness| {
        (0..own.len()).map(|_| char::from_digit(below(randomness, 10), 10)).collect::<Option<String>>()
    };
    let drawn = drawer.shared("x ", &own, &draw)?;
    Ok(drawn.map(|drawn| laid(text, &drawn)))
}

fn handle(randomness: &dyn Randomness) -> Option<String> {
    Some(format!("{}{}", lists::surname(randomness)?, 100 + below(randomness, 900)))
}

/// Somebody at a reserved domain.
pub(super) fn email(drawer: &mut Drawer<'_>, original: &str) -> Result<Option<Real>, SurrogateError> {
    let plain = original.bytes().all(|byte| byte.is_ascii_graphic()) && original.matches('@').count() == 1;
    if !plain {
        return Ok(None);
    }
    let taken = drawer.taken;
    let draw = |randomness: &dyn Randomness| {
        let domain = DOMAINS.get(below(randomness, 3) as usize)?;
        Some(format!("{}@{domain}", handle(randomness)?))
    };
    let free = |candidate: &str| !taken.holds(candidate) && !taken.holds(&candidate.to_uppercase());
    let drawn = drawer.part("e ", &original.to_lowercase(), &free, &draw)?;
    Ok(drawn.map(|drawn| {
        let text = if cased("Aa", original) == "AA" { drawn.to_uppercase() } else { drawn.clone() };
        Real { text, variants: vec![(drawn, original.to_owned())], ..Real::default() }
    }))
}

/// A page at a reserved domain.
pub(super) fn url(drawer: &mut Drawer<'_>, original: &str) -> Result<Option<Real>, SurrogateError> {
    if !original.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(None);
    }
    let scheme = original.split_once("://").map(|(scheme, _)| scheme).filter(|scheme| scheme.len() < 8);
    let before = scheme.map_or_else(String::new, |scheme| format!("{scheme}://"));
    let taken = drawer.taken;
    let draw = |randomness: &dyn Randomness| {
        Some(format!("www.{}.example/{}", lists::town(randomness)?, handle(randomness)?))
    };
    let drawn = drawer.part("u ", original, &|candidate| !taken.holds(candidate), &draw)?;
    Ok(drawn.map(|drawn| Real { text: before + &drawn, ..Real::default() }))
}

/// An address of a network for documentation: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 (RFC 5737), 2001:db8::/32
/// (RFC 3849).
pub(super) fn ip(drawer: &mut Drawer<'_>, original: &str) -> Result<Option<Real>, SurrogateError> {
    let taken = drawer.taken;
    let four = |randomness: &dyn Randomness| {
        let [a, b, c] = NETWORKS.get(below(randomness, 3) as usize).copied()?;
        Some(Ipv4Addr::new(a, b, c, u8::try_from(1 + below(randomness, 254)).ok()?).to_string())
    };
    let six = |randomness: &dyn Randomness| {
        let mut parts = [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0];
        for part in parts.iter_mut().skip(4) {
            *part = u16::try_from(1 + below(randomness, 0xffff)).ok()?;
        }
        Some(Ipv6Addr::from(parts).to_string())
    };
    let draw: &dyn Fn(&dyn Randomness) -> Option<String> = if original.parse::<Ipv4Addr>().is_ok() {
        &four
    } else if original.parse::<Ipv6Addr>().is_ok() {
        &six
    } else {
        return Ok(None);
    };
    let drawn = drawer.part("a ", &original.to_lowercase(), &|candidate| !taken.holds(candidate), draw)?;
    Ok(drawn.map(|text| Real { text, ..Real::default() }))
}
