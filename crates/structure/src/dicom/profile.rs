//! The Basic Application Level Confidentiality Profile (PS3.15, annex E, table E.1-1), as data.

use std::sync::LazyLock;

use terms::IdentifierClass;

/// What the profile does with an attribute, where several are allowed the one that keeps the object whole
/// (PS3.15, E.1.1: D, Z, X, K, U and their combinations).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// kept; also what the table does not list
    Keep,
    /// removed
    Remove,
    /// emptied
    Empty,
    /// replaced by something of the same form
    Replace,
}

/// What the table says of the text of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// nothing that is examined
    Nothing,
    /// text for a detector
    Text,
    /// one identifier
    Is(IdentifierClass),
}

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    tag: u32,
    pub(super) vr: [u8; 2],
    pub(super) action: Action,
    pub(super) holds: Holds,
    pub(super) keyword: &'static str,
}

static TABLE: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
    let lines = include_str!("profile.txt").lines().filter(|line| !line.starts_with('#'));
    let mut table: Vec<_> = lines.filter_map(attribute).collect();
    table.sort_by_key(|attribute| attribute.tag);
    table
});

fn attribute(line: &'static str) -> Option<Attribute> {
    let mut words = line.split(' ');
    let tag = u32::from_str_radix(words.next()?, 16).ok()?;
    let vr = words.next()?.as_bytes().try_into().ok()?;
    let action = match words.next()? {
        "X" => Action::Remove,
        "Z" | "X/Z" => Action::Empty,
        "D" | "U" | "Z/D" | "X/D" | "X/Z/D" | "X/Z/U*" => Action::Replace,
        _ => Action::Keep,
    };
    let holds = match words.next()? {
        "-" | "UID" => Holds::Nothing,
        "TEXT" => Holds::Text,
        class => Holds::Is(class.parse().ok()?),
    };
    Some(Attribute { tag, vr, action, holds, keyword: words.next()? })
}

/// What is known of an attribute.
pub(super) fn attribute_of(tag: u32) -> Option<&'static Attribute> {
    TABLE.binary_search_by_key(&tag, |attribute| attribute.tag).ok().and_then(|at| TABLE.get(at))
}

/// What the profile does with an attribute.
pub(super) fn action(tag: u32) -> Action {
    let (group, element) = (tag >> 16, tag & 0xFFFF);
    // the last rows of the table: private attributes, and groups that repeat
    let repeated = match group {
        0x5000..=0x50FF => true,
        0x6000..=0x60FF => matches!(element, 0x3000 | 0x4000),
        _ => false,
    };
    if group % 2 == 1 || repeated {
        Action::Remove
    } else {
        attribute_of(tag).map_or(Action::Keep, |known| known.action)
    }
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{Mrn, Name};

    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let lines = include_str!("profile.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(TABLE.len(), lines);
        assert!(TABLE.windows(2).all(|pair| pair[0].tag < pair[1].tag));
        let name = attribute_of(0x0010_0010).unwrap();
        assert_eq!((name.keyword, name.vr, name.holds), ("PatientName", *b"PN", Holds::Is(Name)));
        assert_eq!(
            attribute_of(0x0010_0020).map(|id| (id.holds, id.action)),
            Some((Holds::Is(Mrn), Action::Replace))
        );
        assert_eq!(action(0x0010_0010), Action::Empty);
        assert_eq!(action(0x0010_1040), Action::Remove);
        assert_eq!(action(0x0009_1001), Action::Remove);
        assert_eq!(action(0x6002_3000), Action::Remove);
        assert_eq!(action(0x6002_0010), Action::Keep);
        assert_eq!(action(0x7FE0_0010), Action::Keep);
    }
}
