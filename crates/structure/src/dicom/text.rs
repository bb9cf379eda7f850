//! Text of values: character sets (PS3.3, C.12.1.1.2), and the forms and lengths of representations (PS3.5, 6.2).

use super::profile::Action;

/// In which characters text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// ASCII, and what is in use though it is not: Latin-1
    Latin1,
    Utf8,
    /// one that is not read
    Other,
}

impl Charset {
    /// The character set that (0008,0005) names.
    pub(super) fn named(name: &[u8]) -> Self {
        match name.trim_ascii() {
            b"" | b"ISO_IR 6" | b"ISO_IR 100" | b"ISO 2022 IR 6" | b"ISO 2022 IR 100" => Self::Latin1,
            b"ISO_IR 192" => Self::Utf8,
            _ => Self::Other,
        }
    }

    /// The text of some bytes, and whether all of it could be read.
    pub(super) fn decode(self, bytes: &[u8]) -> (String, bool) {
        if bytes.is_ascii() && !bytes.contains(&0x1B) {
            return (String::from_utf8_lossy(bytes).into_owned(), true);
        }
        match (self, std::str::from_utf8(bytes)) {
            (Self::Utf8, Ok(text)) => (text.to_owned(), true),
            (Self::Latin1, _) => (bytes.iter().map(|byte| char::from(*byte)).collect(), true),
            _ => (bytes.iter().map(|byte| char::from(*byte)).collect(), false),
        }
    }

    fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Latin1 => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
            Self::Other => text
                .chars()
                .map(|c| if c.is_ascii() { u8::try_from(c).unwrap_or(b'?') } else { b'?' })
                .collect(),
        }
    }
}

/// Whether a backslash in a value is a border between several.
pub(super) fn is_multiple(vr: [u8; 2]) -> bool {
    matches!(
        &vr,
        b"AE" | b"AS" | b"CS" | b"DA" | b"DS" | b"DT" | b"IS" | b"LO" | b"PN" | b"SH" | b"TM" | b"UC" | b"UI"
    )
}

/// Whether a representation is text.
pub(super) fn is_text(vr: [u8; 2]) -> bool {
    is_multiple(vr) || matches!(&vr, b"LT" | b"ST" | b"UT" | b"UR")
}

/// The most bytes of one value.
fn longest(vr: [u8; 2]) -> usize {
    match &vr {
        b"AE" | b"CS" | b"SH" | b"DS" => 16,
        b"AS" => 4,
        b"DA" => 8,
        b"DT" => 26,
        b"IS" => 12,
        b"TM" => 14,
        b"LO" | b"PN" | b"UI" => 64,
        b"LT" => 10240,
        b"ST" => 1024,
        _ => usize::MAX,
    }
}

/// A new value in the form of its representation, cut to its length; what has no such form is empty, or a value that
/// says nothing where one must be there.
pub(super) fn write(vr: [u8; 2], action: Action, charset: Charset, text: &str) -> Vec<u8> {
    let needed = action == Action::Replace;
    let formed = match &vr {
        b"UI" if is_uid(text) => text.to_owned(),
        b"UI" => super::uid(hash(text)),
        b"DA" | b"DT" => date(text, needed),
        b"AS" => age(text),
        b"DS" | b"IS" => text.parse::<f64>().map_or(String::new(), |_| text.to_owned()),
        b"CS" => text
            .to_ascii_uppercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == ' ' { c } else { '_' })
            .collect(),
        _ => text.to_owned(),
    };
    let line = !matches!(&vr, b"LT" | b"ST" | b"UT");
    let clean: String = formed
        .chars()
        .map(|c| match c {
            '\\' if is_multiple(vr) => '/',
            '\n' | '\r' | '\t' if !line => c,
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let mut bytes = charset.encode(&clean);
    if bytes.len() > longest(vr) {
        let end = (0..=longest(vr)).rev().find(|end| clean_end(charset, &bytes, *end)).unwrap_or(0);
        bytes.truncate(end);
    }
    bytes
}

fn is_uid(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// FNV-1a of 128 bits (RFC 9923): of a surrogate, which is as random as it was drawn.
fn hash(text: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = (1 << 88) + (1 << 8) + 0x3b;
    text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

fn clean_end(charset: Charset, bytes: &[u8], end: usize) -> bool {
    charset != Charset::Utf8 || bytes.get(end).is_none_or(|byte| byte & 0xC0 != 0x80)
}

/// `YYYYMMDD` of a date that is written so or with hyphens. A year alone has no form as a date: the first of January
/// where a value must be there, else nothing.
fn date(text: &str, needed: bool) -> String {
    let day = text.trim().split(['T', ' ']).next().unwrap_or_default();
    let digits: String = day.chars().filter(|c| *c != '-').collect();
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.len() {
        8 if all => digits,
        4 if all && needed => digits + "0101",
        _ if needed => "19000101".to_owned(),
        _ => String::new(),
    }
}

/// `nnnY`, or nothing.
fn age(text: &str) -> String {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let form = text.len() == 4 && digits.len() == 3 && text.ends_with(['D', 'W', 'M', 'Y']);
    match digits.parse::<u8>() {
        _ if form => text.to_owned(),
        Ok(years) if years < 130 && (digits.len() == text.len() || text.ends_with('+')) => {
            format!("{years:03}Y")
        }
        _ => String::new(),
    }
}

/// A value in the place of one that nobody replaced.
pub(super) fn dummy(vr: [u8; 2]) -> &'static [u8] {
    match &vr {
        b"DA" | b"DT" => b"19000101",
        b"TM" => b"000000",
        b"AS" => b"000Y",
        b"DS" | b"IS" => b"0",
        _ if is_text(vr) => b"REMOVED",
        _ => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_the_form_of_their_representation() {
        let text =
            |vr: &[u8; 2], action, text| String::from_utf8(write(*vr, action, Charset::Utf8, text)).unwrap();
        assert_eq!(text(b"DA", Action::Empty, "1653-04-12"), "16530412");
        assert_eq!(text(b"DA", Action::Empty, "2019"), "");
        assert_eq!(text(b"DA", Action::Replace, "2019"), "20190101");
        assert_eq!(text(b"DA", Action::Replace, "[DATE]"), "19000101");
        assert_eq!(text(b"SH", Action::Empty, "a\\b\nc"), "a/b c");
        assert_eq!(text(b"SH", Action::Empty, "ééééééééé"), "éééééééé");
        assert_eq!(text(b"AS", Action::Replace, "90+"), "090Y");
        assert_eq!(text(b"CS", Action::Empty, "other-id"), "OTHER_ID");
        let made = text(b"UI", Action::Replace, "ID-1");
        assert!(is_uid(&made) && made.starts_with("2.25.") && made != text(b"UI", Action::Replace, "ID-2"));
        assert_eq!(made, text(b"UI", Action::Replace, "ID-1"));
        // of the empty text and of "a", as RFC 9923 gives them
        assert_eq!(hash("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(write(*b"LO", Action::Empty, Charset::Latin1, "é語"), b"\xE9?");
    }
}
