//! Where a record ends, so that a file of any length is read in bounded memory.

use crate::csv::{self, Dialect};
use crate::error::StructureError;
use crate::format::Format;

/// The longest record, in bytes.
pub const LIMIT: usize = 64 << 20;
/// About how long records of text and blocks of rows are.
const TARGET: usize = 256 << 10;
/// A text without a line's end is cut between words before this length.
const LONGEST_LINE: usize = 1 << 20;

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// so many bytes at the buffer's start are one record
    Record(usize),
    /// the buffer ends before the record does; an empty one always answers this
    More,
}

/// Cuts records off the start of a buffer that its caller fills.
///
/// Text is cut at a blank line near 256 KiB, or at the end of a line; lines at their ends; rows in blocks of about
/// 256 KiB; HL7 v2 before each message's header. A JSON document, an XML document and a DICOM file are one record.
#[derive(Clone, Debug)]
pub struct Cutter {
    format: Format,
    /// Bytes of the buffer in which no end was found; for rows, where the last whole row ends.
    seen: usize,
    dialect: Option<Dialect>,
}

impl Cutter {
    /// For a file or stream of this format.
    pub const fn new(format: Format) -> Self {
        Self { format, seen: 0, dialect: None }
    }

    /// How long the record at the start of `buffer` is. After [`Cut::Record`] the caller takes it off the buffer; after
    /// [`Cut::More`] it adds to the end. `last`: nothing more will come.
    ///
    /// # Errors
    /// A record longer than [`LIMIT`], and a quoted cell that never ends; the offset is one in `buffer`.
    pub fn cut(&mut self, buffer: &[u8], last: bool) -> Result<Cut, StructureError> {
        if buffer.is_empty() {
            return Ok(Cut::More);
        }
        let cut = match self.format {
            Format::Text => Ok(text(buffer, last)),
            Format::JsonLines | Format::FhirLines => Ok(self.line(buffer, last)),
            Format::Csv => self.rows(buffer, last),
            Format::Hl7v2 => Ok(self.message(buffer, last)),
            Format::Json | Format::Fhir | Format::Ccda | Format::Dicom if last => {
                Ok(Cut::Record(buffer.len()))
            }
            Format::Json | Format::Fhir | Format::Ccda | Format::Dicom => Ok(Cut::More),
        }?;
        let length = if let Cut::Record(length) = cut { length } else { buffer.len() };
        if length > LIMIT {
            return Err(StructureError::at(LIMIT, "a record is longer than 64 MiB"));
        }
        if cut != Cut::More {
            self.seen = 0;
        }
        Ok(cut)
    }

    fn line(&mut self, buffer: &[u8], last: bool) -> Cut {
        match memchr::memchr(b'\n', buffer.get(self.seen..).unwrap_or_default()) {
            Some(at) => Cut::Record(self.seen + at + 1),
            None if last => Cut::Record(buffer.len()),
            None => {
                self.seen = buffer.len();
                Cut::More
            }
        }
    }

    fn rows(&mut self, buffer: &[u8], last: bool) -> Result<Cut, StructureError> {
        if buffer.len() < csv::SAMPLE && !last && self.dialect.is_none() {
            return Ok(Cut::More);
        }
        let dialect = *self.dialect.get_or_insert_with(|| Dialect::sniffed(buffer));
        loop {
            match dialect.row_end(buffer, self.seen, last)? {
                Some(end) if end >= TARGET || end == buffer.len() && last => return Ok(Cut::Record(end)),
                Some(end) => self.seen = end,
                None if self.seen > 0 && buffer.len() > TARGET => return Ok(Cut::Record(self.seen)),
                None => return Ok(Cut::More),
            }
        }
    }

    fn message(&mut self, buffer: &[u8], last: bool) -> Cut {
        // the start is a message's header itself
        let mut at = self.seen.max(1);
        while let Some(found) = buffer
            .get(at..)
            .and_then(|rest| memchr::memchr3(b'\r', b'\n', 0x0B, rest).map(|found| at + found))
        {
            let rest = buffer.get(found..).unwrap_or_default();
            let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n' | 0x1C)).count();
            let blanks = rest.iter().skip(ends).take_while(|byte| **byte == 0x0B).count();
            let next = rest.get(ends + blanks..).unwrap_or_default();
            if next.len() < 3 && !last {
                // what was seen may begin a header
                self.seen = found;
                return Cut::More;
            }
            if blanks > 0 || [b"MSH", b"FHS", b"BHS"].iter().any(|header| next.starts_with(*header)) {
                return Cut::Record(found + ends);
            }
            at = found + ends + blanks;
        }
        self.seen = buffer.len();
        if last { Cut::Record(buffer.len()) } else { Cut::More }
    }
}

fn text(buffer: &[u8], last: bool) -> Cut {
    if buffer.len() <= TARGET {
        return if last { Cut::Record(buffer.len()) } else { Cut::More };
    }
    let window = buffer.get(..TARGET).unwrap_or(buffer);
    let blank = [&b"\n\n"[..], b"\n\r\n"].into_iter().filter_map(|end| {
        memchr::memmem::rfind(window, end).map(|at| at + end.len()).filter(|at| *at >= TARGET / 4)
    });
    let line = || memchr::memrchr(b'\n', window).map(|at| at + 1);
    if let Some(end) = blank.max().or_else(line) {
        return Cut::Record(end);
    }
    let longest = buffer.get(..buffer.len().min(LONGEST_LINE)).unwrap_or(buffer);
    if let Some(end) = memchr::memchr(b'\n', longest) {
        return Cut::Record(end + 1);
    }
    if buffer.len() < LONGEST_LINE {
        return if last { Cut::Record(buffer.len()) } else { Cut::More };
    }
    let word = longest.iter().rposition(u8::is_ascii_whitespace).map(|at| at + 1);
    let character = || longest.iter().rposition(|byte| byte & 0xC0 != 0x80).filter(|at| *at > 0);
    Cut::Record(word.or_else(character).unwrap_or(longest.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The records of `data`, read in chunks of `size` bytes.
    fn records(format: Format, data: &[u8], size: usize) -> Vec<Vec<u8>> {
        let mut cutter = Cutter::new(format);
        let (mut buffer, mut all) = (Vec::new(), Vec::new());
        let mut chunks = data.chunks(size).peekable();
        loop {
            let last = chunks.peek().is_none();
            match cutter.cut(&buffer, last).unwrap() {
                Cut::Record(length) => all.push(buffer.drain(..length).collect()),
                Cut::More if last => return all,
                Cut::More => buffer.extend_from_slice(chunks.next().unwrap()),
            }
        }
    }

    #[test]
    fn lines_and_messages_are_records() {
        let lines = records(Format::JsonLines, b"{}\n\n{\"a\":1}", 3);
        assert_eq!(lines, [&b"{}\n"[..], b"\n", b"{\"a\":1}"]);
        let feed = b"\x0BMSH|^~\\&|A\rPID|1\r\x1C\r\x0BMSH|^~\\&|B\rPID|1\r\x1C\r";
        for size in [1, 2, 7, 100] {
            assert_eq!(
                records(Format::Hl7v2, feed, size),
                [&b"\x0BMSH|^~\\&|A\rPID|1\r\x1C\r"[..], b"\x0BMSH|^~\\&|B\rPID|1\r\x1C\r"],
                "{size}"
            );
            let batch = records(Format::Hl7v2, b"FHS|^~\\&\r\nMSH|^~\\&\nPID|MSH\r\nMSH|^~\\&|2", size);
            assert_eq!(batch, [&b"FHS|^~\\&\r\n"[..], b"MSH|^~\\&\nPID|MSH\r\n", b"MSH|^~\\&|2"]);
        }
    }

    #[test]
    fn text_is_cut_at_blank_lines_then_lines_then_words_then_characters() {
        let paragraphs = "a line\nanother\n\n".repeat(40_000);
        let all = records(Format::Text, paragraphs.as_bytes(), 64 << 10);
        assert!(
            all.len() > 1 && all.iter().all(|record| record.ends_with(b"\n\n") && record.len() <= TARGET)
        );
        let lines = "a line\n".repeat(60_000);
        assert!(
            records(Format::Text, lines.as_bytes(), 64 << 10).iter().all(|record| record.ends_with(b"\n"))
        );
        let words = "word ".repeat(400_000);
        let all = records(Format::Text, words.as_bytes(), 64 << 10);
        assert!(all.len() == 2 && all.iter().all(|record| record.ends_with(b" ")));
        let one = "é".repeat(1_000_000);
        let all = records(Format::Text, one.as_bytes(), 77_777);
        assert!(all.len() == 2 && all.iter().all(|record| std::str::from_utf8(record).is_ok()));
    }

    #[test]
    fn rows_are_cut_whole() {
        let row = "48213377,\"Finchley\nHarold\",\"a \"\"b\"\"\"\r\n";
        let file = format!("id,name,note\r\n{}", row.repeat(20_000));
        let all = records(Format::Csv, file.as_bytes(), 50_000);
        assert!(all.len() > 2);
        assert!(
            all.iter().skip(1).all(|record| record.starts_with(b"48213377") && record.ends_with(b"\r\n"))
        );
        let mut cutter = Cutter::new(Format::Csv);
        let error = cutter.cut(b"id,name\n1,\"x\n", true).unwrap_err();
        assert_eq!(error.offset, 10);
    }

    #[test]
    fn a_record_that_is_too_long_is_refused() {
        let long = vec![b'['; LIMIT + 1];
        assert!(Cutter::new(Format::Json).cut(&long, false).is_err_and(|error| error.offset == LIMIT));
    }

    proptest! {
        #[test]
        fn however_it_comes_the_records_are_the_same(
            data in "[a\"\n\r,MSHF|\u{b}\u{1c}]{0,60}", size in 1_usize..20, format in 0_usize..9,
        ) {
            let format = Format::ALL[format];
            if format != Format::Csv || records_end(&data) {
                let whole = records(format, data.as_bytes(), 1000);
                prop_assert_eq!(&whole.concat(), data.as_bytes());
                prop_assert_eq!(records(format, data.as_bytes(), size), whole);
            }
        }
    }

    fn records_end(data: &str) -> bool {
        Cutter::new(Format::Csv).cut(data.as_bytes(), true).is_ok()
    }
}
