//! One character to its plain form.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The digit zero of scripts that write decimal digits in a row of ten (Unicode general category Nd).
const ZEROS: [u32; 22] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1B50, 0xFF10,
];

/// Writes the plain form of `char`, which is not ASCII; nothing for what can't be seen.
pub(super) fn push(char: char, out: &mut String) {
    match char {
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

/// Characters of no width, marks of direction, variation selectors, tags, and accents that stand alone.
fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{300}'..='\u{36f}' | '\u{e0000}'..='\u{e01ef}'
    )
}

/// Digits of any script, and letters whose compatibility decomposition (UAX #15, NFKD) is ASCII with marks.
fn push_compatible(char: char, out: &mut String) {
    let code = u32::from(char);
    if let Some(digit) = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|digit| *digit < 10)) {
        out.extend(char::from_digit(digit, 10));
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
