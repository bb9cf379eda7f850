//! Forms (RFC 7578): read whole, shown as a JSON object of their fields, and written anew with what became of it.
//!
//! The file is kept apart and never read; in the object it is named with its file name. No other field may be one: a
//! text that came as a file would be read by nobody here, and by some vendors as the text that it is.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures_util::{FutureExt as _, stream};
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::{Map, Value, json};

use super::ParseError;

/// A form that was read.
pub(crate) struct Form {
    file: Option<File>,
    /// Ends each part; occurs in none.
    boundary: String,
}

struct File {
    content_type: &'static str,
    bytes: Bytes,
}

/// The field that is a file.
const FILE: &str = "file";

/// The kinds that a file may be said to be; any other says nothing, as it could be any word.
const KINDS: &[&str] = &[
    "audio/aac",
    "audio/aiff",
    "audio/amr",
    "audio/flac",
    "audio/l16",
    "audio/m4a",
    "audio/mp3",
    "audio/mp4",
    "audio/mpeg",
    "audio/mpga",
    "audio/ogg",
    "audio/opus",
    "audio/pcm",
    "audio/vnd.wave",
    "audio/wav",
    "audio/wave",
    "audio/webm",
    "audio/x-aiff",
    "audio/x-flac",
    "audio/x-m4a",
    "audio/x-wav",
    "video/mp4",
    "video/mpeg",
    "video/ogg",
    "video/quicktime",
    "video/webm",
];

/// How many fields a form may have.
const MOST: usize = 64;

/// Reads a form; its fields come as a JSON object.
pub(crate) fn read(content_type: &str, body: &Bytes) -> Result<(Form, Bytes), ParseError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_no_form| ParseError::Form)?;
    let limit = SizeLimit::new().whole_stream(body.len() as u64);
    let whole = stream::once(std::future::ready(Ok::<_, std::convert::Infallible>(body.clone())));
    let parts = Multipart::with_constraints(whole, boundary, Constraints::new().size_limit(limit));
    // all of the body is there, so that nothing is waited for
    let (fields, file) = parts_of(parts).now_or_never().ok_or(ParseError::Form)??;
    let text = Value::Object(fields).to_string();
    let boundary = free(body);
    Ok((Form { file, boundary }, Bytes::from(text)))
}

async fn parts_of(mut parts: Multipart<'_>) -> Result<(Map<String, Value>, Option<File>), ParseError> {
    let (mut fields, mut file) = (Map::new(), None);
    for _ in 0..MOST {
        let Some(part) = parts.next_field().await.map_err(|_broken| ParseError::Form)? else {
            return Ok((fields, file));
        };
        let field = part.name().filter(|name| is_word(name)).ok_or(ParseError::Form)?.to_owned();
        let Some(filename) = part.file_name().map(str::to_owned) else {
            let bytes = part.bytes().await.map_err(|_broken| ParseError::Form)?;
            let text = String::from_utf8(bytes.into()).map_err(|_| ParseError::NotUtf8)?;
            match fields.get_mut(&field) {
                None => drop(fields.insert(field, Value::String(text))),
                // a name that ends so may come again
                Some(Value::Array(texts)) => texts.push(Value::String(text)),
                Some(first) if field.ends_with("[]") => *first = json!([first.take(), text]),
                Some(_) => return Err(ParseError::Form),
            }
            continue;
        };
        let said = part.content_type().map_or("", |mime| mime.essence_str());
        let kind = KINDS.iter().find(|kind| kind.eq_ignore_ascii_case(said));
        let content_type = kind.copied().unwrap_or("application/octet-stream");
        let bytes = part.bytes().await.map_err(|_broken| ParseError::Form)?;
        if field != FILE || fields.insert(field, json!({ "filename": filename })).is_some() {
            return Err(ParseError::Form);
        }
        file = Some(File { content_type, bytes });
    }
    Err(ParseError::Form)
}

/// Names of fields go out as they came.
fn is_word(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'[' | b']');
    (1..=40).contains(&name.len()) && name.bytes().all(allowed)
}

/// What begins a boundary; a number of sixteen digits ends it.
const BOUNDARY: &str = "chaperon-";

/// A boundary that the body does not hold: found in one pass, whatever it holds.
fn free(body: &[u8]) -> String {
    let numbers = memchr::memmem::find_iter(body, BOUNDARY).filter_map(|at| {
        let digits = body.get(at + BOUNDARY.len()..at + BOUNDARY.len() + 16)?;
        u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    });
    let taken: BTreeSet<u64> = numbers.collect();
    let number = (0_u64..).zip(&taken).find(|(number, taken)| number != *taken);
    let number = number.map_or(taken.len() as u64, |(number, _)| number);
    format!("{BOUNDARY}{number:016x}")
}

impl Form {
    /// Bytes of the file.
    pub(crate) fn file_bytes(&self) -> usize {
        self.file.as_ref().map_or(0, |file| file.bytes.len())
    }

    /// The media type of what is written.
    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The form with the fields of a JSON object that was made of those that were read; `None` where it is none.
    pub(crate) fn write(&self, fields: &[u8]) -> Option<Bytes> {
        let fields: Map<String, Value> = serde_json::from_slice(fields).ok()?;
        let mut out = Vec::new();
        for (name, value) in &fields {
            match value {
                Value::String(text) => self.part(name, None, text.as_bytes(), &mut out)?,
                Value::Array(texts) => {
                    for text in texts {
                        self.part(name, None, text.as_str()?.as_bytes(), &mut out)?;
                    }
                }
                value => {
                    let file = self.file.as_ref().filter(|_| name == FILE)?;
                    let filename = value.get("filename")?.as_str()?;
                    self.part(name, Some((filename, file.content_type)), &file.bytes, &mut out)?;
                }
            }
        }
        out.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        Some(Bytes::from(out))
    }

    /// One part; none whose name or text would end it early.
    fn part(&self, name: &str, file: Option<(&str, &str)>, bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
        if !is_word(name) || memchr::memmem::find(bytes, self.boundary.as_bytes()).is_some() {
            return None;
        }
        out.extend_from_slice(
            format!("--{}\r\nContent-Disposition: form-data; name=\"{name}\"", self.boundary).as_bytes(),
        );
        if let Some((filename, content_type)) = file {
            let filename: String = filename.chars().map(plain).collect();
            out.extend_from_slice(
                format!("; filename=\"{filename}\"\r\nContent-Type: {content_type}").as_bytes(),
            );
        }
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(bytes);
        out.extend_from_slice(b"\r\n");
        Some(())
    }
}

/// A character of a file name, which stands in quotes.
const fn plain(character: char) -> char {
    if matches!(character, '"' | '\\') || character.is_ascii_control() { '_' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=XX";

    fn form(parts: &[(&str, &str)]) -> Bytes {
        let mut body = String::new();
        for (head, text) in parts {
            body.extend(["--XX\r\nContent-Disposition: form-data; ", head, "\r\n\r\n", text, "\r\n"]);
        }
        Bytes::from(body + "--XX--\r\n")
    }

    #[test]
    fn what_was_read_is_written_and_read_again() {
        let file = "name=\"file\"; filename=\"visit 3.wav\"\r\nContent-Type: audio/wav; x=y";
        let body = form(&[
            ("name=\"model\"", "whisper-1"),
            (file, "RIFF\r\n--X\0\u{1}"),
            ("name=\"timestamp_granularities[]\"", "word"),
            ("name=\"timestamp_granularities[]\"", "segment"),
            ("name=\"prompt\"", ""),
        ]);
        let (read, fields) = super::read(TYPE, &body).unwrap();
        let expected = r#"{"model":"whisper-1","file":{"filename":"visit 3.wav"},"timestamp_granularities[]":["word","segment"],"prompt":""}"#;
        assert_eq!(fields, expected);
        let written = read.write(&fields).unwrap();
        let (again, same) = super::read(&read.content_type(), &written).unwrap();
        assert_eq!(same, fields);
        let file = again.file.unwrap();
        assert_eq!(file.bytes, "RIFF\r\n--X\0\u{1}".as_bytes());
        assert_eq!(file.content_type, "audio/wav");
    }

    #[test]
    fn odd_forms_are_refused() {
        for (content_type, body) in [
            ("application/json", form(&[])),
            ("multipart/form-data", form(&[])),
            (TYPE, Bytes::from_static(b"--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx")),
            (TYPE, form(&[("name=\"model\"", "a"), ("name=\"model\"", "b")])),
            (TYPE, form(&[("name=\"Maria Alvarez\"", "a")])),
            (TYPE, form(&[("x=\"model\"", "a")])),
            (TYPE, form(&[("name=\"file\"; filename=\"f\"", "a"), ("name=\"file\"; filename=\"f\"", "a")])),
            (TYPE, form(&[("name=\"prompt\"; filename=\"f\"", "MRN 48213377")])),
            (TYPE, form(&[("name=\"a\"", "x"); MOST + 1])),
        ] {
            assert!(super::read(content_type, &body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn nothing_that_is_written_ends_a_part_or_a_quote() {
        let (read, _) = super::read(TYPE, &form(&[("name=\"file\"; filename=\"f\"", "x")])).unwrap();
        let inside = json!({ "prompt": format!("\r\n--{}--", read.boundary) });
        assert!(read.write(inside.to_string().as_bytes()).is_none());
        let written = read.write(br#"{"file":{"filename":"a\"\r\nX-Y: \\z"}}"#).unwrap();
        assert!(written.starts_with(
            b"--chaperon-0000000000000000\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a___X-Y: _z\"\r\n"
        ));
    }

    #[test]
    fn the_kind_of_a_file_is_a_word_that_is_known() {
        for (said, written) in
            [("AUDIO/MPEG; codecs=x", "audio/mpeg"), ("audio/219-09-9962", "application/octet-stream")]
        {
            let head = format!("name=\"file\"; filename=\"f\"\r\nContent-Type: {said}");
            let (read, fields) = super::read(TYPE, &form(&[(&head, "x")])).unwrap();
            let body = read.write(&fields).unwrap();
            let line = format!("\r\nContent-Type: {written}\r\n");
            assert!(memchr::memmem::find(&body, line.as_bytes()).is_some(), "{said}");
            assert!(memchr::memmem::find(&body, b"219-09").is_none());
        }
    }

    #[test]
    fn a_boundary_is_free_of_a_body_full_of_boundaries() {
        let full = |count: u64| {
            let each = (0..count).rev().map(|n| format!("{BOUNDARY}{n:016x}"));
            each.collect::<Vec<_>>().concat()
        };
        assert_eq!(free(full(3).as_bytes()), "chaperon-0000000000000003");
        assert_eq!(free(b"chaperon-0000000000000001chaperon-"), "chaperon-0000000000000000");
        // one search of the body for each would take hours
        let body = full(400_000);
        assert!(memchr::memmem::find(body.as_bytes(), free(body.as_bytes()).as_bytes()).is_none());
    }
}
