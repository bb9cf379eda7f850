//! Pages for people who look at what was done: a file before and after, side by side, with what was found.
//!
//! They hold PHI, all of it: in a folder of their own, mode 0600, without script, and with nothing from elsewhere.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write as _};
use std::ops::Range;

use deid::Finding;
use structure::Field;

use super::manifest::{Line, Manifest};
use super::out::{Begun, Out};
use crate::output::{many, thousands};

/// No more of a file's text is shown, in bytes.
const MOST: usize = 4 << 20;
const STYLE: &str = include_str!("../../../templates/review.css");
const WARNING: &str = "<p class=\"warning\">This page holds protected health information. It is for whoever reviews \
                       the result: keep it where the originals are, and delete it when the review is done.</p>";

/// The page of one file, while it is written.
pub(super) struct Page {
    writer: BufWriter<Begun>,
    /// So many bytes of text more may be shown.
    room: usize,
}

/// A record before and after.
pub(super) struct Sides<'a> {
    /// At which byte of the file it begins.
    pub(super) begins: u64,
    pub(super) fields: &'a [Field],
    pub(super) findings: &'a [Vec<Finding>],
    /// Fields that changed, with their new text, and where each of their findings is in it.
    pub(super) edits: &'a [(usize, String)],
    pub(super) places: &'a [Vec<Range<usize>>],
}

impl Page {
    pub(super) fn begin(folder: &Out, number: usize, name: &str) -> io::Result<Self> {
        let mut writer = BufWriter::new(folder.begin(number)?);
        let mut html = head(name);
        let up = "../".repeat(name.matches('/').count());
        let _ = write!(html, "<p><a href=\"{up}{}\">all files</a></p>", super::out::INDEX);
        html.push_str("<table class=\"sides\"><colgroup><col><col><col class=\"found\"></colgroup>");
        html.push_str("<thead><tr><th>before<th>after<th>found</thead>\n<tbody>\n");
        writer.write_all(html.as_bytes())?;
        Ok(Self { writer, room: MOST })
    }

    /// One record more.
    pub(super) fn record(&mut self, sides: &Sides<'_>) -> io::Result<()> {
        if self.room == 0 {
            return Ok(());
        }
        let mut html = String::new();
        for (index, field) in sides.fields.iter().enumerate() {
            let found = sides.findings.get(index).map(Vec::as_slice).unwrap_or_default();
            let edit = sides.edits.iter().zip(sides.places).find(|((edited, _), _)| *edited == index);
            let (after, places): (&str, Vec<_>) = match edit {
                Some(((_, text), places)) => (text, places.clone()),
                None => (&field.text, found.iter().map(|finding| finding.span.clone()).collect()),
            };
            if !field.path.is_empty() {
                let _ = writeln!(html, "<tr class=\"head\"><td colspan=\"3\">{}</tr>", escaped(&field.path));
            }
            rows(&field.text, after, found, &places, &mut html);
            self.room = self.room.saturating_sub(field.text.len());
            if self.room == 0 {
                let from = sides.begins;
                let _ = writeln!(
                    html,
                    "<tr class=\"head\"><td colspan=\"3\">Behind the record at byte {from} no more is shown.</tr>"
                );
                break;
            }
        }
        self.writer.write_all(html.as_bytes())
    }

    /// The page is done, and has its name.
    pub(super) fn commit(mut self, folder: &Out, name: &str) -> io::Result<()> {
        self.writer.write_all(b"</tbody></table>\n</body></html>\n")?;
        let begun = self.writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        folder.commit(begun, &page_of(name))
    }
}

/// What the page of a file is called.
pub(super) fn page_of(name: &str) -> String {
    format!("{name}.html")
}

fn head(title: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         {OURS}\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'\">\n<meta name=\"robots\" content=\"noindex, nofollow, noarchive\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>PHI: {title}</title>\n<style>\n{STYLE}</style></head>\n\
         <body>\n<h1>{title}</h1>\n{WARNING}\n"
    )
}

/// What tells a page of this program from others.
const OURS: &str = "<meta name=\"generator\" content=\"chaperon deidentify --review\">";

/// Whether a page is a list of ours.
pub(super) fn is_index(bytes: &[u8]) -> bool {
    // it is near the beginning
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    String::from_utf8_lossy(head).contains(OURS)
}

/// The list of all pages; `there` tells which files have one.
pub(super) fn index(manifest: &Manifest, there: &dyn Fn(&str) -> bool) -> String {
    let mut html = head("Before and after");
    let totals = manifest.totals();
    let _ = writeln!(
        html,
        "<p>{}, {} found.</p>",
        many(totals.files, "file"),
        thousands(totals.counts.total().into())
    );
    html.push_str(
        "<table class=\"files\"><thead><tr><th>file<th>format<th>found<th>of which</thead>\n<tbody>\n",
    );
    for line in manifest.done.values() {
        listed(line, there(&line.path), &mut html);
    }
    for (path, problem) in &manifest.failed {
        let path = escaped(path);
        let _ = writeln!(
            html,
            "<tr><td>{path}<td colspan=\"3\">could not be done: {}</tr>",
            escaped(&problem.what)
        );
    }
    html.push_str("</tbody></table>\n</body></html>\n");
    html
}

fn listed(line: &Line, there: bool, html: &mut String) {
    let counts: Vec<_> = line.counts.iter().map(|(class, count)| format!("{class} {count}")).collect();
    let path = escaped(&line.path);
    let called = if there {
        format!("<a href=\"{}\">{path}</a>", address(&page_of(&line.path)))
    } else {
        format!("{path} (done without a page)")
    };
    let _ = write!(
        html,
        "<tr><td>{called}<td>{}<td class=\"n\">{}<td class=\"soft\">{}",
        escaped(&line.format),
        thousands(line.counts.total().into()),
        counts.join(", "),
    );
    for warning in &line.warnings {
        let _ = write!(html, "<br>{}", escaped(warning));
    }
    html.push_str("</tr>\n");
}

/// Rows of a field: a line beside the line that came of it. Lines end where both texts have a line's end that no
/// finding holds.
fn rows(before: &str, after: &str, findings: &[Finding], places: &[Range<usize>], html: &mut String) {
    let (mut old, mut new) = (Side::new(before, "mark"), Side::new(after, "ins"));
    let mut found = String::new();
    for (finding, place) in findings.iter().zip(places) {
        // between two findings both texts are the same
        let same = before.get(old.at..finding.span.start).unwrap_or_default();
        for line in same.split_inclusive('\n') {
            old.plain(line.len());
            new.plain(line.len());
            if line.ends_with('\n') {
                row(&mut old, &mut new, &mut found, html);
            }
        }
        let told = format!("{}, {}, {} %", finding.class, finding.recognizer, finding.confidence.0);
        old.marked(finding.span.end, &told);
        new.marked(place.end, finding.class.label());
        let _ = write!(
            found,
            "{}<b>{}</b> {} {}\u{a0}%",
            if found.is_empty() { "" } else { "<br>" },
            finding.class,
            escaped(finding.recognizer),
            finding.confidence.0
        );
    }
    for line in before.get(old.at..).unwrap_or_default().split_inclusive('\n') {
        old.plain(line.len());
        new.plain(line.len());
        row(&mut old, &mut new, &mut found, html);
    }
    if !old.html.is_empty() || !found.is_empty() {
        row(&mut old, &mut new, &mut found, html);
    }
}

fn row(old: &mut Side<'_>, new: &mut Side<'_>, found: &mut String, html: &mut String) {
    let (was, is) = (old.line(), new.line());
    let _ =
        writeln!(html, "<tr><td class=\"text\">{was}<td class=\"text\">{is}<td class=\"found\">{found}</tr>");
    found.clear();
}

/// One side of a row.
struct Side<'a> {
    text: &'a str,
    at: usize,
    tag: &'static str,
    html: String,
}

impl<'a> Side<'a> {
    const fn new(text: &'a str, tag: &'static str) -> Self {
        Self { text, at: 0, tag, html: String::new() }
    }

    fn take(&mut self, to: usize) -> &'a str {
        let taken = self.text.get(self.at..to).unwrap_or_default();
        self.at = to;
        taken
    }

    fn plain(&mut self, length: usize) {
        let text = self.take(self.at + length);
        self.html.push_str(&escaped(text));
    }

    fn marked(&mut self, to: usize, told: &str) {
        let (text, tag) = (escaped(self.take(to)), self.tag);
        let _ = write!(self.html, "<{tag} title=\"{}\">{text}</{tag}>", escaped(told));
    }

    fn line(&mut self) -> String {
        std::mem::take(&mut self.html)
    }
}

/// Text that is no markup, whatever it says; what turns the direction of writing is shown, and so is what is not seen.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(sign),
            '\r' => {}
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {
                let _ = write!(safe, "\u{2423}{:04X}", u32::from(sign));
            }
            sign if sign.is_control() => {
                let _ = write!(safe, "\u{2423}{:02X}", u32::from(sign));
            }
            sign => safe.push(sign),
        }
    }
    safe
}

/// A relative address of a file: everything but the plainest characters in percent.
fn address(path: &str) -> String {
    // a name with a colon is no scheme behind this
    let mut address = String::from("./");
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.') {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use deid::Confidence;
    use terms::IdentifierClass;

    use super::*;

    fn finding(text: &str, part: &str, class: IdentifierClass) -> Finding {
        let start = text.find(part).unwrap();
        Finding { span: start..start + part.len(), class, confidence: Confidence(90), recognizer: "test" }
    }

    #[test]
    fn lines_stand_beside_what_came_of_them() {
        let before = "Dear Ann\nLee & Co,\nwell.\n\nBye";
        let after = "Dear [NAME] & Co,\nwell.\n\nBye";
        let mut html = String::new();
        rows(
            before,
            after,
            &[finding(before, "Ann\nLee", IdentifierClass::Name)],
            std::slice::from_ref(&(5..11)),
            &mut html,
        );
        assert_eq!(html.matches("<tr>").count(), 4, "{html}");
        let first = "<tr><td class=\"text\">Dear <mark title=\"NAME, test, 90 %\">Ann\nLee</mark> &amp; Co,\n\
                     <td class=\"text\">Dear <ins title=\"NAME\">[NAME]</ins> &amp; Co,\n\
                     <td class=\"found\"><b>NAME</b> test 90\u{a0}%</tr>\n";
        assert!(html.starts_with(first), "{html}");
        assert!(
            html.ends_with("<tr><td class=\"text\">Bye<td class=\"text\">Bye<td class=\"found\"></tr>\n"),
            "{html}"
        );
    }

    #[test]
    fn nothing_in_a_file_is_markup() {
        let before = "<script>alert(1)</script>\" onload='x' \u{202e}\u{0}<!-- Ann";
        let after = before.replace("Ann", "<b>");
        let mut html = head(before);
        let end = after.len();
        rows(
            before,
            &after,
            &[finding(before, "Ann", IdentifierClass::Name)],
            std::slice::from_ref(&(end - 3..end)),
            &mut html,
        );
        assert!(!html.contains("<script") && !html.contains("<!--") && !html.contains("<b></ins>"), "{html}");
        assert!(html.contains("\u{2423}202E\u{2423}00&lt;!-- <mark"), "{html}");
        assert!(html.contains("noindex") && html.contains("holds protected health information"));
        assert_eq!(address("a b/ü\":x.txt"), "./a%20b/%C3%BC%22%3Ax.txt");
    }
}
