//! Data types (v2.5.1, chapter 2A): which component holds what.

use terms::IdentifierClass::{self, Date, Email, Fax, License, Location, Name, OtherId, Phone};

use crate::fhir::{is_state, of_type};
use crate::field::Says;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// codes, counts and measures (ID, IS, SI, NM, TM, MO, CP …)
    Code,
    /// text, each component by itself; also what is unknown
    Text,
    /// running text, which may go on in the next repetition or segment (FT, TX)
    Note,
    /// one identifier
    Is(IdentifierClass),
    /// 2A.14 identifier with its type
    Cx(IdentifierClass),
    /// 2A.88 name of a person
    Xpn,
    /// 2A.84 address
    Xad,
    /// 2A.89 telephone number or address of electronic mail
    Xtn,
    /// 2A.86 person with number and name, and CNN, PPN which begin alike
    Xcn,
    /// 2A.87 organisation
    Xon,
    /// 2A.53 place within an organisation
    Pl,
    /// 2A.77 time, also DT, DTM and DR
    Ts,
    /// 2A.10 coded element, also CWE, CNE
    Ce,
    /// 2A.28 identifier of a thing
    Ei,
    /// 2A.27 two identifiers of a thing, of who orders and who fills
    Eip,
    /// 2A.33 who assigns identifiers
    Hd,
    /// 2A.21 driver's licence
    Dln,
    /// a code, and a time (DLD, FC)
    CodeTs,
    /// 2A.47 name with date and place
    Ndl,
    /// a number, and a time (AUI)
    NumberTs,
    /// 2A.24 encapsulated data, and RP, which points at some
    Ed,
}

/// What a component is.
#[derive(Clone, Copy)]
enum Part {
    Is(IdentifierClass),
    /// the class that another component tells
    Told,
    Code,
    State,
    Text,
}

impl Type {
    /// The type that OBX-2 names (HL7 table 0125).
    pub(super) fn of_value(name: &str) -> Self {
        match name {
            "TX" | "FT" | "ST" => Self::Note,
            "EIP" => Self::Eip,
            "NM" | "SN" | "ID" | "IS" | "SI" | "TM" | "MO" | "CP" => Self::Code,
            "CE" | "CWE" | "CNE" | "CF" => Self::Ce,
            "DT" | "TS" | "DTM" | "DR" => Self::Ts,
            "CX" | "CK" => Self::Cx(OtherId),
            "XPN" | "PN" => Self::Xpn,
            "XAD" | "AD" => Self::Xad,
            "XTN" | "TN" => Self::Xtn,
            "XCN" | "CN" => Self::Xcn,
            "XON" => Self::Xon,
            "EI" => Self::Ei,
            "ED" | "RP" => Self::Ed,
            _ => Self::Text,
        }
    }

    /// The class of the identifier, where one component says what another is.
    pub(super) fn class<'t>(self, component: impl Fn(usize) -> &'t str) -> IdentifierClass {
        match self {
            Self::Cx(class) => of_type(component(5)).unwrap_or(class),
            Self::Xcn => of_type(component(13)).unwrap_or(OtherId),
            Self::Xtn => match component(3) {
                "FX" => Fax,
                "Internet" | "X.400" => Email,
                _ if component(1).contains('@') => Email,
                _ => Phone,
            },
            _ => OtherId,
        }
    }

    /// What the value of a component, counted from 1, is. One that has the form of a time is one everywhere.
    pub(super) fn says(self, component: usize, class: IdentifierClass, value: &str) -> Says {
        let part = match (self, self.part(component)) {
            (Self::Is(only), Part::Told) => Part::Is(only),
            (_, Part::Told) => Part::Is(class),
            (_, part) => part,
        };
        match part {
            Part::Is(class) => Says::Is(class),
            Part::State if is_state(value) => Says::Plain,
            _ if is_time(value) => Says::Is(Date),
            Part::Code if is_code(value) => Says::Plain,
            Part::Code | Part::State | Part::Text | Part::Told => Says::text(),
        }
    }

    fn part(self, component: usize) -> Part {
        use Part::{Code, Is, State, Text, Told};
        match (self, component) {
            (Self::Is(_) | Self::Cx(_) | Self::Xcn | Self::Ed, 1)
            | (Self::Cx(_), 2)
            | (Self::Xtn, 1 | 6..=8 | 12) => Told,
            (Self::Ei | Self::NumberTs, 1)
            | (Self::Eip, 1 | 2)
            | (Self::Xon, 3 | 10)
            | (Self::Ed, 5)
            | (Self::Pl, 10) => Is(OtherId),
            (Self::Xpn, 1..=3) | (Self::Xcn, 2..=4) | (Self::Ndl, 1) => Is(Name),
            (Self::Ts, 1 | 2)
            | (Self::CodeTs | Self::NumberTs, 2)
            | (Self::Xpn, 10 | 12 | 13)
            | (Self::Cx(_), 7 | 8)
            | (Self::Xad, 12..=14)
            | (Self::Xcn, 17 | 19 | 20)
            | (Self::Ndl, 2 | 3)
            | (Self::Dln, 3) => Is(Date),
            (Self::Xad, 1..=3 | 5 | 8..=10) | (Self::Xon, 1) | (Self::Pl, 4 | 9) | (Self::Ndl, 7) => {
                Is(Location)
            }
            (Self::Xad, 4) | (Self::Dln, 2) => State,
            (Self::Xtn, 4) => Is(Email),
            (Self::Dln, 1) => Is(License),
            (Self::Code, _)
            | (Self::CodeTs, 1)
            | (Self::Ce, 1 | 3 | 4 | 6..=8)
            | (Self::Cx(_), 3 | 5)
            | (Self::Xpn, 6..=8 | 11)
            | (Self::Xad, 6 | 7 | 11)
            | (Self::Xtn, 2 | 3 | 5)
            | (Self::Xcn, 7 | 8 | 10 | 12 | 13 | 15)
            | (Self::Xon, 2 | 7)
            | (Self::Ed, 2..=4)
            | (Self::Pl, 5 | 6)
            | (Self::Ei | Self::Hd, 3 | 4) => Code,
            _ => Text,
        }
    }
}

/// Whether a value has the form of a code, and is not as long as the numbers of persons are.
fn is_code(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let number = value.bytes().all(|byte| byte.is_ascii_digit() || b".-+eE<>=".contains(&byte));
    value.len() <= 24
        && value.chars().all(|c| c.is_ascii_graphic())
        && !value.contains('@')
        && (digits < 9 || !number || value.contains('.'))
        && !crate::form::is_personal(value)
}

/// Whether a value is a time of at least a day: `YYYYMMDD[HHMM[SS[.SSSS]]][+/-ZZZZ]` (2A.22).
fn is_time(value: &str) -> bool {
    let value =
        value.split_once(['+', '-']).map_or(value, |(time, zone)| if zone.len() == 4 { time } else { value });
    let whole = value.split_once('.').map_or(value, |(whole, _)| whole);
    let part = |from: usize, to: usize| whole.get(from..to).and_then(|part| part.parse::<u16>().ok());
    matches!(whole.len(), 8 | 10 | 12 | 14)
        && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && part(0, 4).is_some_and(|year| (1880..2100).contains(&year))
        && part(4, 6).is_some_and(|month| (1..=12).contains(&month))
        && part(6, 8).is_some_and(|day| (1..=31).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_codes_have_their_form() {
        for time in ["20240203", "202402030405", "20240203040506.12-0500"] {
            assert!(is_time(time), "{time}");
        }
        for other in ["2024", "20241303", "482133770", "20240203x", "é0240203"] {
            assert!(!is_time(other), "{other}");
        }
        for code in ["29463-7", "M", "97.5", "^", "J45.909"] {
            assert!(is_code(code), "{code}");
        }
        for other in ["478-23-1905", "48213377", "Harold F", "900123456", "555-555-0100", "a@b"] {
            assert!(!is_code(other), "{other}");
        }
    }
}
