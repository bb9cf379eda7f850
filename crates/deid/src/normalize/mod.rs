//! Text as a recogniser reads it, with the way back to the text as it was given.
//!
//! Compatibility forms, homoglyphs, invisible characters, escapes of HTML, URLs and JSON are folded away, so
//! that an identifier can't hide behind its spelling. Every span found in the folded text is translated to bytes
//! of the original.

mod escape;
mod fold;

use std::borrow::Cow;
use std::ops::Range;

/// One place where the folded text differs from the original.
#[derive(Clone, Copy, Debug)]
struct Shift {
    /// First byte in the folded text, and how many bytes there.
    at: usize,
    len: usize,
    /// First byte in the original, and how many bytes there.
    origin: usize,
    origin_len: usize,
}

/// Folded text and its map.
pub(crate) struct Normal<'a> {
    text: Cow<'a, str>,
    shifts: Vec<Shift>,
}

impl<'a> Normal<'a> {
    /// Folds `original`. Plain ASCII without escapes and controls is borrowed as it is.
    pub(crate) fn of(original: &'a str) -> Self {
        let silent = |any: bool, byte: &u8| any | fold::is_silent(*byte);
        if original.is_ascii() && !escape::any(original) && !original.as_bytes().iter().fold(false, silent) {
            return Self { text: Cow::Borrowed(original), shifts: Vec::new() };
        }
        let mut builder = Builder::new(original);
        builder.run();
        Self { text: Cow::Owned(builder.out), shifts: builder.shifts }
    }

    /// The folded text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Bytes of the original that `span`, bytes of the folded text, stands for.
    pub(crate) fn origin(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.lookup(span.start).0;
        let end = if span.end > span.start { self.lookup(span.end - 1).1 } else { start };
        start..end.max(start)
    }

    /// Where the folded byte `at` comes from: start and end of its source.
    fn lookup(&self, at: usize) -> (usize, usize) {
        let after = self.shifts.partition_point(|shift| shift.at <= at);
        let Some(shift) = after.checked_sub(1).and_then(|last| self.shifts.get(last)) else {
            return (at, at + 1);
        };
        if at < shift.at + shift.len {
            return (shift.origin, shift.origin + shift.origin_len);
        }
        let source = shift.origin + shift.origin_len + (at - shift.at - shift.len);
        (source, source + 1)
    }
}

struct Builder<'a> {
    original: &'a str,
    out: String,
    shifts: Vec<Shift>,
    /// End of the run of letters last looked at for mixed scripts, and whether it holds a Latin letter.
    run: (usize, bool),
}

impl<'a> Builder<'a> {
    fn new(original: &'a str) -> Self {
        Self { original, out: String::with_capacity(original.len()), shifts: Vec::new(), run: (0, false) }
    }

    fn run(&mut self) {
        let mut at = 0;
        while let Some(rest) = self.original.get(at..).filter(|rest| !rest.is_empty()) {
            let plain = escape::plain(rest.as_bytes());
            if plain > 0 {
                self.out.push_str(rest.get(..plain).unwrap_or_default());
                at += plain;
                continue;
            }
            let (char, len, escaped) = match escape::decode(rest) {
                Some((char, len)) => (char, len, true),
                None => match rest.chars().next() {
                    Some(char) => (char, char.len_utf8(), false),
                    None => break,
                },
            };
            self.push(char, at, len, escaped);
            at += len;
        }
    }

    /// Writes what stands for `char`, which takes `len` bytes at `origin`.
    fn push(&mut self, char: char, origin: usize, len: usize, escaped: bool) {
        let at = self.out.len();
        if char.is_ascii() && !u8::try_from(char).is_ok_and(fold::is_silent) {
            self.out.push(char);
            if !escaped {
                return;
            }
        } else if let Some(latin) = fold::confusable(char).filter(|_| self.mixed(origin)) {
            self.out.push(latin);
        } else {
            fold::push(char, &mut self.out);
        }
        let written = self.out.len() - at;
        let same = written == len && self.out.get(at..) == self.original.get(origin..origin + len);
        if !same {
            self.shifts.push(Shift { at, len: written, origin, origin_len: len });
        }
    }

    /// Whether the run of letters around `origin` also holds Latin ones.
    fn mixed(&mut self, origin: usize) -> bool {
        if origin >= self.run.0 {
            let rest = self.original.get(origin..).unwrap_or_default();
            let letters = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let ahead = rest.get(..letters).unwrap_or_default();
            let before = self.out.chars().next_back().is_some_and(|c| c.is_ascii_alphabetic());
            self.run = (origin + letters, before || ahead.bytes().any(|b| b.is_ascii_alphabetic()));
        }
        self.run.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(original: &'a str, needle: &str) -> &'a str {
        let normal = Normal::of(original);
        let start = normal.text().find(needle).unwrap_or_else(|| panic!("{:?}", normal.text()));
        original.get(normal.origin(&(start..start + needle.len()))).unwrap()
    }

    #[test]
    fn plain_text_is_borrowed() {
        let normal = Normal::of("BP 120/80, SpO2 98%, D&C in 2019");
        assert!(matches!(normal.text, Cow::Borrowed(_)));
        assert_eq!(normal.origin(&(3..9)), 3..9);
    }

    #[test]
    fn hidden_spellings_fold_and_map_back() {
        assert_eq!(at("SSN 1\u{200b}23-45-6789.", "123-45-6789"), "1\u{200b}23-45-6789");
        assert_eq!(at("tel １２３－４５６７", "123-4567"), "１２３－４５６７");
        assert_eq!(at("jane%40example.com", "jane@example.com"), "jane%40example.com");
        assert_eq!(at("a jane&#64;example.com", "jane@example.com"), "jane&#64;example.com");
        assert_eq!(at("John&nbsp;Smith", "John Smith"), "John&nbsp;Smith");
        assert_eq!(at("Ján Szöllősy.", "Jan Szollosy"), "Ján Szöllősy");
        assert_eq!(at("J\u{43e}hn sm\u{456}th", "John smith"), "J\u{43e}hn sm\u{456}th");
        assert_eq!(at("٠١٢-٣٤٥", "012-345"), "٠١٢-٣٤٥");
        for parted in [
            "2\x001\u{8}9",
            "2\u{7f}1\u{9d}9",
            "2\u{fff9}1\u{1d173}9",
            "2\u{2800}1\u{e0100}9",
            "\u{1e952}\u{11067}9",
        ] {
            assert_eq!(at(&format!("SSN {parted}."), "219"), parted, "{parted:?}");
        }
        let tags: String = "219-09".chars().filter_map(|c| char::from_u32(u32::from(c) + 0xe_0000)).collect();
        assert_eq!(at(&format!("SSN {tags}\u{e007f}."), "219-09"), tags);
        assert_eq!(at("2\u{fe0f}\u{20e3}1\u{20e3}9\u{3164}", "219"), "2\u{fe0f}\u{20e3}1\u{20e3}9");
        assert_eq!(at(r"x\nDOB", "\nDOB"), r"\nDOB");
        assert_eq!(at(r"MRN\-4711", "MRN-4711"), r"MRN\-4711");
    }

    #[test]
    fn other_scripts_stay() {
        assert_eq!(Normal::of("Иван Петров").text(), "Иван Петров");
    }

    #[test]
    fn invisible_characters_at_the_edges_stay_outside() {
        assert_eq!(at("\u{feff}Jane\u{200d} x", "Jane"), "Jane");
    }
}
