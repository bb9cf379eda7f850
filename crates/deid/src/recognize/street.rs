//! Street addresses, boxes, units (B).

use terms::IdentifierClass;

use super::geography::{state_after, zip_after};
use super::{Candidate, Rank};
use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View};
use crate::wordset::{WordSet, words};

const DIRECTIONS: &WordSet = words!("n s e w ne nw se sw north south east west");
/// How many words or marks the parts of an address are apart at most.
const NEAR: usize = 14;
/// Shortest word, in bytes, that may end as a street does.
const SHORTEST_STREET: usize = 7;
const UNITS: &WordSet = words!("apt apartment suite ste unit floor fl bldg building room rm lot");

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    let mut next = 0;
    for (at, word) in view.words.iter().enumerate() {
        if at < next {
            continue;
        }
        let hit = match word.kind {
            Kind::Number | Kind::Code if word.len() <= 6 => {
                numbered(view, at).or_else(|| europe_number_first(view, at))
            }
            Kind::Capital | Kind::Upper | Kind::Lower | Kind::Mixed => {
                let short = if word.len() <= 4 { post_box(view, at) } else { None };
                let long = word.len() >= SHORTEST_STREET || word.has(Flags::STREET_ABROAD);
                short
                    .or_else(|| if long { abroad(view, at) } else { None })
                    .or_else(|| if word.is_capital() { lone_unit(view, at) } else { None })
            }
            _ => None,
        };
        if word.kind == Kind::Upper && word.len() == 3 {
            military(view, at, found);
        }
        if let Some((last, percent, name)) = hit {
            let last = tail(view, last);
            let first = head(view, at, name == "street.unit");
            found.push(Candidate::new(
                view.span(first, last),
                IdentifierClass::Location,
                Rank::Cue,
                percent,
                name,
            ));
            next = last + 1;
        }
    }
}

type Hit = Option<(usize, u8, &'static str)>;

/// `123 N Main Street`, `4 1/2 Elm Ave`, `742 Evergreen Terrace`.
fn numbered(view: &View<'_>, at: usize) -> Hit {
    let number = view.get(at)?;
    let digits = view.str(at).bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || number.kind == Kind::Code && view.str(at).len() - digits > 1 {
        return None;
    }
    let mut next = at + 1;
    let mut words = 0;
    while words < 5 {
        let word = view.get(next)?;
        if words == 0 && word.gap != Gap::Space {
            return None;
        }
        let ordinal = word.kind == Kind::Code && ordinal(view.str(next));
        let direction = view.is_any(next, DIRECTIONS);
        if words > 0 && word.has(Flags::STREET) && (word.is_capital() || word.kind == Kind::Lower) {
            let more = view.get(next + 1).is_some_and(|after| {
                after.has(Flags::STREET) && after.is_capital() && after.gap == Gap::Space
            });
            let mut last = if more { next + 1 } else { next };
            if view.mark(last + 1, b'.') && view.get(last).is_some_and(|word| word.len() <= 4) {
                last += 1;
            }
            if view.is_any(last + 1, DIRECTIONS)
                && view.get(last + 1).is_some_and(|word| word.kind == Kind::Upper)
            {
                last += 1;
            }
            let cased = word.is_capital() && (at + 1..next).all(|part| !plain(view, part));
            return (cased || lower_street(view, at, next)).then_some((last, 92, "street.numbered"));
        }
        let joint = word.kind == Kind::Mark
            && (view.mark(next, b'.') || view.mark(next, b'-') || view.mark(next, b'\''));
        let small = word.kind == Kind::Lower && words < 3;
        if !(word.is_capital() || ordinal || direction || joint || small) {
            return None;
        }
        if !joint {
            words += 1;
        }
        next += 1;
    }
    None
}

/// Whether word `at` is small letters and no particle of a name.
fn plain(view: &View<'_>, at: usize) -> bool {
    view.get(at).is_some_and(|word| word.kind == Kind::Lower && !word.has(Flags::PARTICLE))
        && !view.is(at, "s")
}

/// Small letters only: a full street word, and none of the words between an ordinary one.
fn lower_street(view: &View<'_>, at: usize, street: usize) -> bool {
    let full = view.is_any(street, words!("street avenue ave road rd boulevard blvd lane drive st"));
    let small = view.get(street).is_some_and(|word| word.kind == Kind::Lower);
    full && small
        && (at + 1..street).all(|word| {
            plain(view, word) && !view.is_any(word, words!("the a in on to of and from or mg ml"))
        })
        && street - at <= 3
}

fn ordinal(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    matches!(text.get(digits..).map(str::to_ascii_lowercase).as_deref(), Some("st" | "nd" | "rd" | "th"))
        && digits <= 3
}

/// `P.O. Box 104`, `PSC 7951, Box 9972`.
fn post_box(view: &View<'_>, at: usize) -> Hit {
    let mut next = at;
    let first = view.get(at).and_then(|word| view.byte(word.start))?;
    if !matches!(first, b'p' | b'P' | b'U' | b'u' | b'C' | b'c') {
        return None;
    }
    if view.is(at, "p") && view.mark(at + 1, b'.') && view.is(at + 2, "o") {
        next = if view.mark(at + 3, b'.') { at + 4 } else { at + 3 };
    } else if view.is_any(at, words!("po pob")) {
        next = at + 1;
    } else if view.is_any(at, words!("psc unit cmr"))
        && view.get(at + 1).is_some_and(|word| word.kind == Kind::Number)
        && view.mark(at + 2, b',')
    {
        next = at + 3;
    }
    if next == at || !view.is_any(next, words!("box bin")) {
        return None;
    }
    let number = if view.mark(next + 1, b'#') { next + 2 } else { next + 1 };
    view.get(number).filter(|word| word.kind != Kind::Mark).map(|_| (number, 93, "street.box"))
}

/// A street of another country, its number behind: `Rue de Lille 37`, `Hauptstrasse 12`, `via Roma 3`.
fn abroad(view: &View<'_>, at: usize) -> Hit {
    let word = view.get(at)?;
    if word.has(Flags::STREET_ABROAD) {
        let mut next = if view.mark(at + 1, b'.') { at + 2 } else { at + 1 };
        let named = next;
        while next < named + 5 {
            let part = view.get(next)?;
            let plain = part.is_capital()
                || part.has(Flags::PARTICLE)
                || view.mark(next, b'\'')
                || view.mark(next, b'-');
            if part.kind == Kind::Number && next > named && part.gap != Gap::Line {
                return (part.len() <= 5).then_some((next, 85, "street.abroad"));
            }
            if !plain {
                return None;
            }
            next += 1;
        }
        return None;
    }
    if word.len() < SHORTEST_STREET {
        return None;
    }
    let number = if view.mark(at + 1, b',') { at + 2 } else { at + 1 };
    view.get(number)
        .filter(|number| number.kind == Kind::Number && number.len() <= 4 && number.gap == Gap::Space)
        .filter(|_| stem(view.str(at)))
        .map(|_| (number, 85, "street.abroad"))
}

/// Whether a word ends as a street does: Hauptstrasse, Kerkstraat, Storgatan, Mannerheimintie.
fn stem(text: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "strasse", "straat", "gasse", "gatan", "vagen", "vej", "gade", "katu", "tie", "kuja", "laan",
        "plein", "weg", "platz", "allee", "gata", "veien", "gate", "damm", "ufer", "polku", "kade", "gracht",
        "dijk",
    ];
    let lower = text.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.len() > ending.len() + 2 && lower.ends_with(ending))
}

/// `12 rue de Lille`, `5049 Harjukuja 54`.
fn europe_number_first(view: &View<'_>, at: usize) -> Hit {
    let number = view.get(at)?;
    let next = view.get(at + 1)?;
    if number.kind != Kind::Number || next.gap != Gap::Space {
        return None;
    }
    if next.has(Flags::STREET_ABROAD) && next.kind != Kind::Mark {
        let mut last = at + 1;
        for part in at + 2..at + 6 {
            let joins = view.get(part).is_some_and(|word| {
                word.gap != Gap::Line && (word.is_capital() || word.has(Flags::PARTICLE))
            });
            if !joins {
                break;
            }
            last = part;
        }
        let named = view.get(last).is_some_and(crate::view::Word::is_capital) && last > at + 1;
        return named.then_some((last, 80, "street.abroad"));
    }
    abroad(view, at + 1)
}

/// `Apt. 864` on its own line or after an address.
fn lone_unit(view: &View<'_>, at: usize) -> Hit {
    let word = view.get(at)?;
    if !word.is_capital() || !view.is_any(at, words!("apt apartment suite ste")) {
        return None;
    }
    unit(view, at).map(|last| (last, 75, "street.unit"))
}

/// The last word of a unit that starts at word `at`.
fn unit(view: &View<'_>, at: usize) -> Option<usize> {
    if view.mark(at, b'#') {
        return view
            .get(at + 1)
            .filter(|word| word.gap == Gap::None && word.kind != Kind::Mark)
            .map(|_| at + 1);
    }
    if !view.is_any(at, UNITS) {
        return None;
    }
    let mut number = at + 1;
    while number < at + NEAR && (view.mark(number, b'.') || view.mark(number, b'#')) {
        number += 1;
    }
    view.get(number)
        .filter(|word| {
            matches!(word.kind, Kind::Number | Kind::Code) || word.kind == Kind::Upper && word.len() == 1
        })
        .filter(|word| word.len() <= 6)
        .map(|_| number)
}

/// Unit, city, State or country and code behind a street: the last word of what belongs to it.
fn tail(view: &View<'_>, last: usize) -> usize {
    let mut end = last;
    let mut next = last;
    for _ in 0..5 {
        let from = next;
        next += 1;
        while next < from + NEAR && (view.mark(next, b',') || view.mark(next, b'.') || view.mark(next, b'>'))
        {
            next += 1;
        }
        let near = view.get(from).zip(view.get(next)).is_some_and(|(from, word)| word.start - from.end <= 12);
        let Some(word) = view.get(next).filter(|_| near) else { break };
        if let Some(last) = unit(view, next).or_else(|| coded(view, next)) {
            (end, next) = (last, last);
        } else if word.is_capital()
            && !word.has(Flags::LABEL.with(Flags::NAME_LABEL))
            && !view.mark(next + 1, b':')
        {
            // a city counts only with what follows it
            while next < from + NEAR
                && view.get(next + 1).is_some_and(|part| part.gap == Gap::Space && part.kind == Kind::Capital)
                && coded(view, next + 1).is_none()
            {
                next += 1;
            }
        } else {
            break;
        }
    }
    end
}

/// State and ZIP code, a code of two letters, a country, a postal code: the last word of it.
fn coded(view: &View<'_>, at: usize) -> Option<usize> {
    if let Some(state) = state_after(view, at) {
        return Some(zip_after(view, state + 1).unwrap_or(state));
    }
    let word = view.get(at)?;
    if let Some(zip) = zip_after(view, at) {
        return Some(zip);
    }
    let country = word.is_capital() && word.has(Flags::NATION);
    let letters = word.kind == Kind::Upper
        && word.len() == 2
        && view.get(at + 1).is_none_or(|next| next.gap != Gap::Space || next.kind == Kind::Number);
    if country || letters {
        let last =
            if view.is_any(at + 1, words!("kingdom states zealand africa republic")) { at + 1 } else { at };
        return Some(zip_after(view, last + 1).unwrap_or(last));
    }
    // B0J 2H0, SW1A 1AA
    let half = |at: usize| {
        view.get(at).is_some_and(|word| {
            word.kind == Kind::Code
                && (3..=4).contains(&word.len())
                && view.str(at).bytes().all(|b| !b.is_ascii_lowercase())
        })
    };
    (half(at) && half(at + 1)).then_some(at + 1)
}

/// `Unit 4719 Box 7394 DPO AP 70942`, `USNS Sample FPO AA 65728`: the word of the military post office at `at`.
fn military(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    if !view.is_any(at, words!("apo fpo dpo")) || !view.is_any(at + 1, words!("aa ae ap")) {
        return;
    }
    let last = zip_after(view, at + 2).unwrap_or(at + 1);
    let mut first = at;
    while first > 0
        && at - first < 6
        && view
            .get(first - 1)
            .is_some_and(|word| word.is_capital() || word.kind == Kind::Number || view.mark(first - 1, b','))
    {
        first -= 1;
    }
    found.push(Candidate::new(
        view.span(first, last),
        IdentifierClass::Location,
        Rank::Label,
        90,
        "street.military",
    ));
}

/// The first word of an address whose street number, or the words before its unit, stand before word `at`.
fn head(view: &View<'_>, at: usize, is_unit: bool) -> usize {
    let number = |at: usize| view.get(at).is_some_and(|word| word.kind == Kind::Number && word.len() <= 6);
    let mut first = at;
    if is_unit {
        // 9791 Markt 84 Apt. 597
        let mut before = at;
        while before > 0 && at - before < 7 {
            let joins = view.get(before - 1).is_some_and(|word| {
                word.is_capital() && !word.has(Flags::LABEL)
                    || word.has(Flags::PARTICLE)
                    || word.kind == Kind::Number && word.len() <= 6
            }) || view.mark(before - 1, b',');
            if !joins || view.get(before).is_some_and(|word| word.gap == Gap::Line) && !number(before - 1) {
                break;
            }
            before -= 1;
            if number(before) && before + 1 < at {
                first = before;
            }
        }
    }
    let close = view.get(first).is_some_and(|word| word.gap == Gap::Space);
    if close && first > 0 && number(first - 1) { first - 1 } else { first }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn addresses_are_found() {
        for (text, address) in [
            ("lives at 742 Evergreen Terrace.", "742 Evergreen Terrace"),
            (
                "123 N. Main St., Apt 4B, Springfield, IL 62701 now",
                "123 N. Main St., Apt 4B, Springfield, IL 62701",
            ),
            ("at 5 East 42nd Street", "5 East 42nd Street"),
            ("P.O. Box 104", "P.O. Box 104"),
            ("Hauptstrasse 12", "Hauptstrasse 12"),
            ("Rue de Lille 37 in", "Rue de Lille 37"),
            ("12 rue de Lille", "12 rue de Lille"),
            ("123 main street", "123 main street"),
        ] {
            assert_eq!(texts(text, recognize), [(address, "LOCATION")], "{text}");
        }
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "3 St. Jude valves",
            "2 days in the Drive",
            "500 mg twice",
            "room air",
            "Unit 4",
            "5 mg Place patch on",
            "took 2 to court",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
