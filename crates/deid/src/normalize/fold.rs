//! One character to its plain form.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The digit zero of scripts that write decimal digits in a row of ten (Unicode 14.0, general category Nd), ascending.
const ZEROS: [u32; 65] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0,
    0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30,
    0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0,
    0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC,
    0x1D7F6, 0x1E140, 0x1E2F0, 0x1E950, 0x1FBF0,
];

/// Controls that are no white space: nothing is seen of them, and they part what is read as one.
pub(super) const fn is_silent(byte: u8) -> bool {
    byte == 0x7f || (byte < 0x20 && !matches!(byte, b'\t'..=b'\r'))
}

/// Writes the plain form of `char`, which is not ASCII's but for controls; nothing for what can't be seen.
pub(super) fn push(char: char, out: &mut String) {
    match char {
        // tags (Unicode, 23.9) repeat ASCII: no screen shows them, and models read them
        '\u{e0020}'..='\u{e007e}' => out.extend(char::from_u32(u32::from(char) - 0xe_0000)),
        _ if is_invisible(char) => {}
        '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{30fb}' => {
            out.push('-');
        }
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2bc}' | '\u{b4}' => out.push('\''),
        '\u{201c}'..='\u{201f}' | '\u{2033}' => out.push('"'),
        'ł' => out.push('l'),
        'Ł' => out.push('L'),
        'ø' => out.push('o'),
        'Ø' => out.push('O'),
        'đ' | 'ð' => out.push('d'),
        'Đ' | 'Ð' => out.push('D'),
        'ı' => out.push('i'),
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'Æ' => out.push_str("Ae"),
        'œ' => out.push_str("oe"),
        'þ' => out.push_str("th"),
        'Þ' => out.push_str("Th"),
        _ if char.is_whitespace() => out.push(' '),
        _ => push_compatible(char, out),
    }
}

/// What nothing is seen of: the characters that Unicode ignores by default (`Default_Ignorable_Code_Point`), controls,
/// noncharacters, the blank of Braille; and accents, frames and key caps that stand alone.
fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{ad}' | '\u{300}'..='\u{36f}'
            | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20d0}'..='\u{20f0}'
            | '\u{2800}' | '\u{3164}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Digits of any script, and letters whose compatibility decomposition (UAX #15, NFKD) is ASCII with marks.
fn push_compatible(char: char, out: &mut String) {
    let code = u32::from(char);
    let zero = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1).and_then(|at| ZEROS.get(at));
    if let Some(digit) = zero.and_then(|zero| char::from_digit(code - zero, 10)) {
        out.push(digit);
        return;
    }
    let at = out.len();
    out.extend(std::iter::once(char).nfkd().filter(|c| !is_combining_mark(*c)));
    if !out.get(at..).is_some_and(|plain| !plain.is_empty() && plain.is_ascii()) {
        out.truncate(at);
        out.push(char);
    }
}

/// The Latin letter that a Cyrillic or Greek one is mistaken for.
pub(super) fn confusable(char: char) -> Option<char> {
    Some(match char {
        'а' | 'α' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' => 'C',
        'ԁ' => 'd',
        'е' => 'e',
        'Е' | 'Ε' => 'E',
        'һ' => 'h',
        'Н' | 'Η' => 'H',
        'і' | 'ι' => 'i',
        'І' | 'Ι' => 'I',
        'ј' => 'j',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'о' | 'ο' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'у' => 'y',
        'У' | 'Υ' => 'Y',
        'х' => 'x',
        'Х' | 'Χ' => 'X',
        'Ζ' => 'Z',
        _ => return None,
    })
}
