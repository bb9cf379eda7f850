//! Names of facilities (B): hospitals, clinics, practices, schools, homes.

use super::Candidate;
use super::geography::push;
use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View, Word};
use crate::wordset::{WordSet, words};

/// The last word of a facility's name.
const HEADS: &WordSet = words!(
    "hospital hospitals clinic center centre hospice infirmary institute healthcare associates polyclinic \
    sanatorium shelter rehab pediatrics system pharmacy health school university college laboratories laboratory church \
    hospitalists academy home village estates villa lodge residence"
);
/// Words inside a facility's name that name none by themselves.
const GENERIC: &WordSet = words!(
    "medical health nursing surgical cancer rehabilitation dental care surgery imaging wellness heart eye birth \
    trauma family children women veterans primary urgent outpatient inpatient ambulatory emergency pain sleep wound \
    infusion dialysis stroke breast spine sports medicine high middle elementary public"
);
/// Ordinary words that make a facility's name as soon as they stand before its last word.
const NAMING: &WordSet = words!(
    "mercy memorial general saint regional university county sacred providence grace good holy community \
    sunrise valley lakeside city state central northside southside westside eastside riverside hillside northwest northeast southwest southeast golden oak cedar maple pine harbor lake river presbyterian \
    methodist baptist lutheran adventist samaritan deaconess trinity unity liberty children's"
);
/// Words before which a name ends, however they are written.
const OUTSIDE: &WordSet = words!("the a an at in our this your to from dr mr mrs and for is was");

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    if view.flags.any(Flags::FACILITY) {
        for (at, word) in view.at(&view.capitals) {
            if word.has(Flags::FACILITY) && view.is_any(at, HEADS) {
                let home = view.is_any(at, words!("home village estates villa lodge residence"));
                let living = view.has(at.wrapping_sub(1), Flags::FACILITY)
                    || view.is_any(at.wrapping_sub(1), words!("group living funeral"));
                if !home || living {
                    facility(view, at, found);
                }
            }
        }
    }
    for (at, word) in view.at(&view.capitals) {
        if word.kind == Kind::Capital && word.len() <= 6 && view.is_any(at, words!("st saint mount")) {
            saint(view, at, found);
        }
        if word.len() > 1 && at >= 2 {
            cued(view, at, found);
        }
    }
}

/// `transferred from Cedar Ridge`, `seen at Mercy West`, `Mass General`: a place of care without its kind.
fn cued(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    const MOVES: &WordSet = words!(
        "transferred admitted discharged seen referred presented brought sent taken evaluated treated returned \
        hospitalized followed hospitalised arrived resides worked works employed studied attends enrolled went"
    );
    let Some(word) = view.get(at).filter(|word| word.gap == Gap::Space) else { return };
    if word.kind != Kind::Capital {
        return;
    }
    if view.is_any(at, words!("general memorial")) {
        let proper = Flags::SURNAME.with(Flags::CITY).with(Flags::STATE);
        let before = at - 1;
        let named = view
            .get(before)
            .is_some_and(|name| name.kind == Kind::Capital && (name.has(proper) || view.is(before, "mass")));
        let ends = view.get(at + 1).is_none_or(|next| !next.is_capital() || next.gap == Gap::Line);
        if named && ends && !view.has(before, Flags::TITLE) {
            push(view, before, at, 74, "geo.facility", found);
        }
        return;
    }
    let preposition = view.mark(at - 1, b'@') || view.is_any(at - 1, words!("at from to"));
    if !preposition || !view.before(at - 1, 6, MOVES) || place_of_care(view, at) || view.has(at, Flags::TITLE)
    {
        return;
    }
    let mut last = at;
    while last < at + 3
        && view.get(last + 1).is_some_and(|next| next.kind == Kind::Capital && next.gap == Gap::Space)
        && !place_of_care(view, last + 1)
    {
        last += 1;
    }
    let strange = !word.has(
        Flags::WORD
            .with(Flags::EPONYM)
            .with(Flags::NATION)
            .with(Flags::STATE)
            .with(Flags::MONTH)
            .with(Flags::WEEKDAY),
    );
    let ends = view.get(last + 1).is_none_or(|next| !next.is_capital() || next.gap == Gap::Line);
    let person = word.has(Flags::FIRST) && last == at;
    if ends && !person && (last > at || strange || view.is_any(at, NAMING)) {
        push(view, at, last, 70, "geo.cared", found);
    }
}

/// Whether word `at` is a department, a role or another word that names no place.
fn place_of_care(view: &View<'_>, at: usize) -> bool {
    const DEPARTMENTS: &WordSet = words!(
        "emergency department room operating intensive unit ward surgery cardiology neurology oncology \
        urgent primary physical occupational speech labor delivery recovery radiology internal medicine general family \
        orthopedics orthopedic surgical medical pediatric pediatrics dermatology gastroenterology infectious social home er \
        hospital clinic center rehab hospice baseline patient dr the office i his her outpatient inpatient interventional"
    );
    view.is_any(at, DEPARTMENTS) || view.has(at, Flags::WEEKDAY.with(Flags::MONTH))
}

/// `Mercy General Hospital`, `St. Luke's Medical Center`, `Hospital of Lakewood`; `at` is the last word.
fn facility(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let longer = view
        .get(at + 1)
        .is_some_and(|next| next.has(Flags::FACILITY) && next.is_capital() && next.gap == Gap::Space);
    if longer {
        return;
    }
    let first = start(view, at);
    let named = (first..at).any(|word| names(view, word));
    let heading = view.get(at).is_some_and(|word| word.kind == Kind::Upper) && at - first < 2;
    if named && !heading {
        push(view, first, at, 82, "geo.facility", found);
    }
}

/// The first word of the name that ends with word `at`.
fn start(view: &View<'_>, at: usize) -> usize {
    let mut first = at;
    while first > 0 && at - first < 7 && view.get(first).is_some_and(|word| word.gap != Gap::Line) {
        let before = first - 1;
        let Some(word) = view.get(before) else { break };
        let mark = [b'\'', b'-', b'&'].iter().any(|mark| view.mark(before, *mark));
        let possessive = view.is(before, "s") && view.mark(before.wrapping_sub(1), b'\'');
        let dotted = view.mark(before, b'.') && view.is_any(before.wrapping_sub(1), words!("st mt ft"));
        let inner = view.is_any(before, words!("of and for"))
            && word.kind == Kind::Lower
            && view.get(before.wrapping_sub(1)).is_some_and(Word::is_capital);
        let named = word.is_capital() && !view.is_any(before, OUTSIDE);
        if !(mark || possessive || dotted || inner || named) {
            break;
        }
        first = before;
    }
    while first < at && !view.get(first).is_some_and(Word::is_capital) {
        first += 1;
    }
    first
}

/// Whether word `at` makes a proper name of what stands around it.
fn names(view: &View<'_>, at: usize) -> bool {
    let Some(word) = view.get(at).filter(|word| word.is_capital() && word.len() > 1) else { return false };
    if view.is_any(at, NAMING) {
        return true;
    }
    let proper = Flags::SURNAME.with(Flags::FIRST).with(Flags::CITY).with(Flags::STATE);
    let generic = view.is_any(at, GENERIC) || word.has(Flags::FACILITY.with(Flags::ROLE).with(Flags::STREET));
    !generic && (!word.has(Flags::WORD) || word.has(proper))
}

/// `St. Mary's`, `Mount Sinai`: a facility or place by its first word.
fn saint(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let first = if view.mark(at + 1, b'.') { at + 2 } else { at + 1 };
    let Some(word) = view.get(first).filter(|word| word.kind == Kind::Capital && word.gap == Gap::Space)
    else {
        return;
    };
    let street = view
        .get(at.wrapping_sub(1))
        .is_some_and(|before| before.is_capital() && view.get(at).is_some_and(|w| w.gap == Gap::Space));
    let name =
        word.has(Flags::FIRST.with(Flags::SURNAME).with(Flags::CITY)) && !view.has(first + 1, Flags::DISEASE);
    let device = view.is(first, "jude")
        && view.is_any(first + 1, words!("valve pacemaker lead device mechanical icd prosthesis"));
    let possessive = view.mark(first + 1, b'\'') && view.is(first + 2, "s");
    let herb = view.is(first, "john") && view.is_any(first + 3, words!("wort"));
    let last = if possessive { first + 2 } else { first };
    if name
        && !street
        && !device
        && !herb
        && (possessive || view.before(at, 2, words!("at to from in of near via")))
    {
        push(view, at, last, 78, "geo.saint", found);
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn facilities_are_found() {
        for (text, name) in [
            ("seen at Mercy General Hospital today", "Mercy General Hospital"),
            ("to St. Luke's Medical Center", "St. Luke's Medical Center"),
            ("the University of Tullyville Hospital", "University of Tullyville Hospital"),
            ("at Lakeside Family Clinic", "Lakeside Family Clinic"),
            ("transferred from St. Mary's yesterday", "St. Mary's"),
        ] {
            assert!(texts(text, recognize).contains(&(name, "LOCATION")), "{text}");
        }
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "The Hospital",
            "Medical Center",
            "Home Health Care",
            "the Emergency Department",
            "Pain Clinic",
            "St. John's wort",
            "St. Jude valve",
            "Mental Health",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
