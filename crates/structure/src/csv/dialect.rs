//! Which mark stands between cells, and where cells and rows end.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::StructureError;

/// How much of a file's start tells its delimiter.
pub(crate) const SAMPLE: usize = 64 << 10;
/// Rows of the sample that are compared.
const ROWS: usize = 40;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    delimiter: u8,
}

/// A cell, quotes included.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) span: Range<usize>,
    quoted: bool,
}

/// How a cell is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    delimiter: u8,
    quoted: bool,
}

impl Place {
    /// The text of the cell; what follows a closing quote belongs to it.
    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let raw = text.get(self.span.clone()).unwrap_or_default();
        let Some(inside) = raw.strip_prefix('"').filter(|_| self.quoted) else { return Cow::Borrowed(raw) };
        match inside.strip_suffix('"') {
            Some(inside) if !inside.contains('"') => Cow::Borrowed(inside),
            _ => Cow::Owned(unquoted(inside)),
        }
    }

    /// Whether it is quoted as a whole, or not at all.
    pub(crate) fn is_whole(&self, text: &str) -> bool {
        let raw = text.get(self.span.clone()).unwrap_or_default();
        !self.quoted || raw.len() > 1 && raw.ends_with('"')
    }

    pub(crate) fn cell(&self, dialect: Dialect) -> Cell {
        Cell { delimiter: dialect.delimiter, quoted: self.quoted }
    }
}

/// After the opening quote: a doubled quote is one, a single one ends the quoted part.
fn unquoted(inside: &str) -> String {
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((part, after)) = rest.split_once('"') {
        out.push_str(part);
        if let Some(after) = after.strip_prefix('"') {
            out.push('"');
            rest = after;
        } else {
            rest = "";
            out.push_str(after);
        }
    }
    out + rest
}

impl Cell {
    /// Writes `text` in quotes where they stood, or where it needs them.
    pub(crate) fn write(self, text: &str, out: &mut Vec<u8>) {
        let needs = |byte: u8| byte == self.delimiter || matches!(byte, b'"' | b'\n' | b'\r');
        if !self.quoted && !text.bytes().any(needs) {
            return out.extend_from_slice(text.as_bytes());
        }
        out.push(b'"');
        for byte in text.bytes() {
            if byte == b'"' {
                out.push(b'"');
            }
            out.push(byte);
        }
        out.push(b'"');
    }
}

/// Whether a cell is the start of a row that says what stands between cells.
pub(crate) fn is_separator(cell: &str) -> bool {
    cell.len() <= 5 && cell.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("sep="))
}

/// The mark that a first row `sep=;` names.
fn told(head: &[u8]) -> Option<u8> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let head = head.strip_prefix(b"\"").unwrap_or(head);
    let is_told = head.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"sep="));
    head.get(4).copied().filter(|mark| is_told && b",;\t|".contains(mark))
}

/// What follows a cell.
enum After {
    /// another cell
    Cell,
    /// the end of the row, whose mark is so long
    Row(usize),
    /// the end of the bytes
    End,
}

impl After {
    fn at(bytes: &[u8], at: usize) -> Self {
        match bytes.get(at) {
            None => Self::End,
            Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => Self::Row(2),
            Some(b'\n' | b'\r') => Self::Row(1),
            Some(_) => Self::Cell,
        }
    }
}

impl Dialect {
    /// The mark that cuts most of the first rows alike, and into most cells.
    pub(crate) fn sniffed(head: &[u8]) -> Self {
        let whole = head.len() <= SAMPLE;
        if let Some(delimiter) = told(head) {
            return Self { delimiter };
        }
        let sample = head.get(..SAMPLE.min(head.len())).unwrap_or_default();
        let scores =
            [b',', b';', b'\t', b'|'].map(|delimiter| (Self { delimiter }.fits(sample, whole), delimiter));
        let best = scores.iter().rev().max_by_key(|(score, _)| *score);
        Self { delimiter: best.filter(|(score, _)| score.0 > 0).map_or(b',', |(_, delimiter)| *delimiter) }
    }

    /// How many rows, in per cent, have as many cells as the first; and how many cells. Nothing where one has one cell.
    fn fits(self, sample: &[u8], whole: bool) -> (usize, usize) {
        let (mut at, mut counts) = (0, Vec::new());
        while counts.len() < ROWS && at < sample.len() {
            let Ok((cells, next)) = self.row(sample, at, |_| ()) else { break };
            if next == sample.len() && !whole && !counts.is_empty() {
                break;
            }
            if next > at && cells > 0 {
                counts.push(cells);
            }
            at = next;
        }
        let first = counts.first().copied().unwrap_or(0);
        if first < 2 {
            return (0, 0);
        }
        (counts.iter().filter(|count| **count == first).count() * 100 / counts.len().max(1), first)
    }

    /// Where the row at `at` ends, its mark included; `None` where that cannot be said before more comes.
    pub(crate) fn row_end(
        self,
        bytes: &[u8],
        at: usize,
        last: bool,
    ) -> Result<Option<usize>, StructureError> {
        if at >= bytes.len() {
            return Ok(None);
        }
        match self.row(bytes, at, |_| ()) {
            // the end of the bytes is no end of a row, and half a mark is none
            Ok((_, end)) if last || end < bytes.len() || bytes.last() == Some(&b'\n') => Ok(Some(end)),
            Ok(_) => Ok(None),
            Err(error) => {
                if last {
                    Err(error)
                } else {
                    Ok(None)
                }
            }
        }
    }

    /// Calls `each` for every row until it answers `false`.
    pub(crate) fn each_row(
        self,
        text: &str,
        start: usize,
        mut each: impl FnMut(&[Place]) -> bool,
    ) -> Result<(), StructureError> {
        let mut at = start;
        let mut row = Vec::new();
        while at < text.len() {
            row.clear();
            (_, at) = self.row(text.as_bytes(), at, |place| row.push(place))?;
            if !each(&row) {
                break;
            }
        }
        Ok(())
    }

    /// The first rows.
    pub(crate) fn rows(
        self,
        text: &str,
        start: usize,
        most: usize,
    ) -> Result<Vec<Vec<Place>>, StructureError> {
        let mut rows = Vec::new();
        self.each_row(text, start, |row| {
            rows.push(row.to_vec());
            rows.len() < most
        })?;
        Ok(rows)
    }

    /// One row: how many cells it has, and where the next begins.
    fn row(
        self,
        bytes: &[u8],
        start: usize,
        mut each: impl FnMut(Place),
    ) -> Result<(usize, usize), StructureError> {
        let (mut at, mut cells) = (start, 0);
        loop {
            let quoted = bytes.get(at) == Some(&b'"');
            let end = self.cell_end(bytes, at, quoted)?;
            each(Place { span: at..end, quoted });
            cells += 1;
            match After::at(bytes, end) {
                After::Cell => at = end + 1,
                After::Row(mark) => return Ok((cells, end + mark)),
                After::End => return Ok((cells, end)),
            }
        }
    }

    fn cell_end(self, bytes: &[u8], start: usize, quoted: bool) -> Result<usize, StructureError> {
        let mut at = start;
        if quoted {
            at += 1;
            loop {
                let Some(quote) = memchr::memchr(b'"', bytes.get(at..).unwrap_or_default()) else {
                    return Err(StructureError::at(start, "a quoted cell does not end"));
                };
                at += quote + 1;
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
        }
        let rest = bytes.get(at..).unwrap_or_default();
        Ok(memchr::memchr3(self.delimiter, b'\n', b'\r', rest).map_or(bytes.len(), |found| at + found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_told_by_the_rows() {
        for (head, delimiter) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2,5\n3,5;4,5\n", b';'),
            ("a\tb, c\n1\t2\n", b'\t'),
            ("a|b|c\n1|2|3\n", b'|'),
            ("\"a,b\";c\n\"d,e\";f\n", b';'),
            ("alone\nwords\n", b','),
            ("", b','),
        ] {
            assert_eq!(Dialect::sniffed(head.as_bytes()), Dialect { delimiter }, "{head}");
        }
    }

    #[test]
    fn quotes_inside_a_cell_are_no_quotes() {
        let dialect = Dialect { delimiter: b',' };
        let text = "5\" tube,\"a\"\"b\"x\rc";
        let rows = dialect.rows(text, 0, 9).unwrap();
        let cells: Vec<Vec<_>> =
            rows.iter().map(|row| row.iter().map(|place| place.text(text)).collect()).collect();
        assert_eq!(cells, [vec!["5\" tube", "a\"bx"], vec!["c"]]);
    }
}
