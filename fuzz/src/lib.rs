//! What every parser of the house must keep for any bytes whatever: no panic, and the invariants named here.
//!
//! Each target is a function of bytes. The smoke test feeds them from a seeded generator, libFuzzer from what
//! reaches new code.

use std::sync::LazyLock;

use base64::Engine as _;
use bytes::Bytes;
use deid::{Detector, Known, OperatingPoint, Passage};
use gateway::protocol::json::{Bounds, Document, Kind, splice};
use gateway::protocol::sse::Parser;
use gateway::protocol::{
    Answer, AnswerStream, Channel, Endpoint, Guard, Guards, Limits, Protocol, Request, Role, Store, Target,
    eventstream,
};

// The configuration belongs to the binary, which has no library: its files are taken as they are.
#[expect(dead_code, reason = "only the parsing is fuzzed")]
#[path = "../../crates/chaperon/src/config/mod.rs"]
mod config;
#[expect(dead_code, reason = "only the parsing is fuzzed")]
#[path = "../../crates/chaperon/src/exit.rs"]
mod exit;
#[expect(dead_code, reason = "only the parsing is fuzzed")]
#[path = "../../crates/chaperon/src/failure.rs"]
mod failure;
#[path = "../../crates/chaperon/src/output/safe.rs"]
mod safe;
mod output {
    pub(crate) use crate::safe::safe;
}

const BOUNDS: Bounds = Bounds { depth: 64, nodes: 1 << 16, unique_keys: true };

/// What is accepted is JSON to another reader too, strings mean the same, and no edit changes no byte.
pub fn json(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(document) = Document::parse(text.to_owned(), BOUNDS) else { return };
    let other: Result<serde::de::IgnoredAny, _> = serde_json::from_str(text);
    assert!(other.is_ok(), "another reader refuses it: {other:?}");
    assert_eq!(splice(text, &mut []), text);
    for (index, node) in document.nodes().iter().enumerate() {
        let view = document.view(u32::try_from(index).unwrap());
        assert!(node.start < node.end && view.raw().len() == (node.end - node.start) as usize);
        if matches!(node.kind, Kind::String | Kind::Key) {
            let theirs: String = serde_json::from_str(view.raw()).unwrap();
            assert_eq!(view.string().unwrap(), theirs.as_str());
        }
    }
}

/// A request that is not edited is the bytes that came; an edited one is JSON and holds every edit.
pub fn request(data: &[u8]) {
    for endpoint in Endpoint::ALL {
        // where the model stands in the path, one that the body names too is replaced by it
        let model =
            matches!(endpoint.protocol(), Protocol::Bedrock | Protocol::Gemini).then(|| "m".to_owned());
        let target = Target { endpoint, model, stream: None };
        let body = Bytes::copy_from_slice(data);
        let Ok(request) = Request::parse(target.clone(), body, &Limits::default()) else { continue };
        let same = request.rewrite(&[], request.model(), Store::AsSent).unwrap();
        // a model's name in the body is replaced where the path says which
        assert!(target.model.is_some() || same == data, "what nothing changed is what came");
        let edits: Vec<_> = request
            .passages()
            .filter(|passage| passage.role == Role::Text)
            .map(|passage| (passage.index, format!("\"new\\ {}\n", passage.index)))
            .collect();
        for passage in request.passages() {
            assert!(request.pointer(passage.index).is_some());
        }
        let Ok(rewritten) = request.rewrite(&edits, "another", Store::False) else { continue };
        let value: serde_json::Value = serde_json::from_slice(&rewritten).unwrap();
        assert!(target.model.is_some() || value["model"] == "another");
        assert!(Request::parse(target, rewritten, &Limits::default()).is_ok());
    }
}

/// The first byte says how the rest is cut.
fn pieces(data: &[u8]) -> Option<(usize, &[u8])> {
    data.split_first().map(|(cut, rest)| (usize::from(*cut % 13) + 1, rest))
}

/// Wherever a stream of events is cut, the same events come out, and together they are the bytes that came. (Where a
/// CR ends an event and an LF follows, the LF may belong to either.)
pub fn sse(data: &[u8]) {
    let Some((size, stream)) = pieces(data) else { return };
    let events = |size: usize| {
        let mut parser = Parser::new(4096);
        let (mut raw, mut read) = (Vec::new(), Vec::new());
        for chunk in stream.chunks(size) {
            parser.feed(chunk);
            loop {
                match parser.next_event() {
                    Ok(Some(event)) => {
                        raw.extend_from_slice(event.raw());
                        read.push((event.name().to_vec(), event.data().map(|data| data.to_vec())));
                    }
                    Ok(None) => break,
                    Err(_too_long) => return None,
                }
            }
        }
        if let Some(event) = parser.finish() {
            raw.extend_from_slice(event.raw());
            read.push((event.name().to_vec(), event.data().map(|data| data.to_vec())));
        }
        // comments alone are kept too, as events that say nothing
        read.retain(|(name, data)| !name.is_empty() || data.is_some());
        Some((raw, read))
    };
    let (cut, whole) = (events(size), events(stream.len().max(1)));
    assert_eq!(cut.as_ref().map(|(_, read)| read), whole.as_ref().map(|(_, read)| read));
    let ends =
        |raw: &[u8]| raw.len() - raw.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    if let (Some((cut, _)), Some((whole, _))) = (cut, whole) {
        assert_eq!(cut[..ends(&cut)], whole[..ends(&whole)]);
        assert_eq!(whole[..ends(&whole)], stream[..ends(stream)]);
    }
}

/// Gives back what it was shown, and holds each piece back until the next: the worst that a guard may do.
#[derive(Default)]
struct Late(String);

impl Guard for Late {
    fn push(&mut self, chunk: &str) -> String {
        std::mem::replace(&mut self.0, chunk.to_owned())
    }

    fn finish(&mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

fn late() -> Box<dyn Guards + Send> {
    Box::new(|_: Channel| Box::<Late>::default() as Box<dyn Guard + Send>)
}

/// The line ends at the end of what went out say nothing.
fn calm(mut out: Vec<u8>) -> Vec<u8> {
    while matches!(out.last(), Some(b'\r' | b'\n')) {
        out.pop();
    }
    out
}

/// What a client gets of a stream in chunks of so many bytes, and how it ended; `None` where it can't go on.
fn through(endpoint: Endpoint, stream: &[u8], size: usize) -> (Vec<u8>, Option<String>) {
    let mut answers = AnswerStream::new(endpoint, late(), Limits::default());
    let mut out = Vec::new();
    for chunk in stream.chunks(size) {
        if answers.push(chunk, &mut out).is_err() {
            return (calm(out), None);
        }
    }
    let ending = answers.finish(&mut out).ok().map(|ending| format!("{ending:?}"));
    (calm(out), ending)
}

/// Wherever a stream of frames is cut, the same frames come out, and together they are the bytes that came. Each line of
/// the input is framed too, so that what stands behind the checksums is reached: a word for the event's type, and data.
pub fn eventstream(data: &[u8]) {
    let Some((size, stream)) = pieces(data) else { return };
    let frames = |stream: &[u8], size: usize| {
        let mut parser = eventstream::Parser::new(4096);
        let mut raw = Vec::new();
        for chunk in stream.chunks(size) {
            parser.feed(chunk);
            loop {
                match parser.next_frame() {
                    Ok(Some(frame)) => raw.extend_from_slice(frame.raw()),
                    Ok(None) => break,
                    Err(error) => return (raw, Some(error)),
                }
            }
        }
        (raw, None)
    };
    let cut = frames(stream, size);
    assert_eq!(cut, frames(stream, stream.len().max(1)));
    assert!(stream.starts_with(&cut.0));
    let mut framed = Vec::new();
    for line in stream.split(|byte| *byte == b'\n') {
        let Some((name, data)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(' ')) else {
            continue;
        };
        match name.strip_prefix('!') {
            Some(name) => eventstream::write_exception(name, data.as_bytes(), &mut framed),
            None if name == "chunk" => {
                let packed = base64::engine::general_purpose::STANDARD.encode(data);
                eventstream::write_event(name, format!("{{\"bytes\":\"{packed}\"}}").as_bytes(), &mut framed);
            }
            None => eventstream::write_event(name, data.as_bytes(), &mut framed),
        }
    }
    for endpoint in [Endpoint::Converse, Endpoint::Invoke, Endpoint::InvokeMessages] {
        assert_eq!(through(endpoint, &framed, size), through(endpoint, &framed, framed.len().max(1)));
    }
}

/// Wherever a vendor's stream is cut, the client gets the same; an answer that comes whole stays JSON.
pub fn answer(data: &[u8]) {
    let Some((size, stream)) = pieces(data) else { return };
    for endpoint in Endpoint::ALL {
        assert_eq!(through(endpoint, stream, size), through(endpoint, stream, stream.len().max(1)));
        let whole =
            Answer::guard(endpoint, Bytes::copy_from_slice(stream), late().as_mut(), &Limits::default());
        if let Ok(whole) = whole {
            let read: Result<serde_json::Value, _> = serde_json::from_slice(&whole.body);
            assert!(read.is_ok(), "{read:?}");
        }
    }
}

/// A frame that is read is as long as it says, and its header is the bytes it was read from.
pub fn frames(data: &[u8]) {
    let mut rest = data;
    while let Ok(frame) = audit::parse_frame(rest) {
        assert_eq!(frame.leaf, &rest[..frame.leaf.len()]);
        assert_eq!(frame.header.encode().as_slice(), &rest[..audit::HEADER_BYTES]);
        rest = &rest[frame.stored_bytes()..];
    }
}

/// Findings are in order, apart from each other, and cut no character.
pub fn detect(data: &[u8]) {
    static ALL: LazyLock<Detector> = LazyLock::new(|| Detector::standard(OperatingPoint::Recall));
    let text = String::from_utf8_lossy(data);
    let Ok(found) = ALL.detect(Passage::prose(&text), &Known::none()) else { return };
    let mut end = 0;
    for finding in found {
        assert!(finding.span.start >= end && finding.span.start < finding.span.end, "{finding:?}");
        assert!(text.get(finding.span.clone()).is_some(), "{finding:?} cuts a character");
        end = finding.span.end;
    }
    let Ok(told) = ALL.tells(Passage::prose(&text)) else { return };
    let mut end = 0;
    for one in told {
        assert!(one.span.start >= end && one.span.start < one.span.end, "{one:?}");
        assert!(text.get(one.span.clone()).is_some(), "{one:?} cuts a character");
        end = one.span.end;
    }
}

/// A record of the format that the first byte names: cut anywhere it is the same records, unedited it is what came, and
/// with every value replaced it is read again, with as many values.
pub fn structure(data: &[u8]) {
    use structure::{Format, Plan, Says, open};

    let Some((first, record)) = data.split_first() else { return };
    let format = Format::ALL[usize::from(*first) % Format::ALL.len()];
    let (whole, cut) = (records(format, record, record.len().max(1)), records(format, record, 7));
    if let Some(whole) = whole {
        assert_eq!(whole.concat(), record);
        // rows are told by what comes first
        assert!(format == Format::Csv || cut.as_ref() == Some(&whole), "{format}");
    }
    let mut plan = Plan::default();
    if format == Format::Csv {
        plan.learn(format, &[record], &Detector::rules()).unwrap();
    }
    let Ok(opened) = open(format, record, &plan) else { return };
    assert_eq!(opened.write(&[]).unwrap(), record);
    let edits: Vec<_> = opened
        .fields()
        .iter()
        .enumerate()
        .filter_map(|(at, field)| match field.says {
            Says::Plain | Says::Key => None,
            Says::Uid => Some((at, structure::uid(at as u128))),
            _ => Some((at, "X".to_owned())),
        })
        .collect();
    if edits.is_empty() {
        return;
    }
    let Ok(out) = opened.write(&edits) else { return };
    let again = open(format, &out, &plan);
    let again = again.unwrap_or_else(|error| panic!("{format}: {error}"));
    if format != Format::Dicom {
        assert_eq!(again.fields().len(), opened.fields().len(), "{format}");
    }
}

/// The records of some bytes that come in pieces of so many.
fn records(format: structure::Format, bytes: &[u8], size: usize) -> Option<Vec<Vec<u8>>> {
    use structure::{Cut, Cutter};

    let mut cutter = Cutter::new(format);
    let (mut buffer, mut all, mut pieces) = (Vec::new(), Vec::new(), bytes.chunks(size).peekable());
    loop {
        let last = pieces.peek().is_none();
        match cutter.cut(&buffer, last).ok()? {
            Cut::Record(length) => all.push(buffer.drain(..length).collect()),
            Cut::More if last => return Some(all),
            Cut::More => buffer.extend_from_slice(pieces.next()?),
        }
    }
}

/// A stream that is cut anywhere restores to what the whole restores to.
pub fn restore(data: &[u8]) {
    use deid::{Encoding, Issued, RestoreStream, Restorer};
    use std::sync::Arc;
    use terms::Form;

    let Some((size, text)) = pieces(data) else { return };
    let text = String::from_utf8_lossy(text);
    let issued: Vec<_> = [
        (Form::Label, "NAME-7K2M9Q", "Harold \"Hal\" Finchley"),
        (Form::Label, "MRN-48XZ20", "48213377"),
        (Form::Number, "73920184", "77120934"),
        (Form::Alike, "73920184-07", "00213377-01"),
        (Form::Date, "1653-04-12", "March 2, 1980"),
    ]
    .into_iter()
    .map(|(form, surrogate, original)| Issued {
        class: terms::IdentifierClass::Name,
        form,
        surrogate: surrogate.to_owned(),
        original: terms::Phi::new(original.to_owned()),
    })
    .collect();
    let restorer = Arc::new(Restorer::new(&issued));
    for encoding in [Encoding::Text, Encoding::Json] {
        let whole = restorer.restore(&text, encoding);
        let mut stream = RestoreStream::new(Arc::clone(&restorer), encoding);
        let mut pieces = String::new();
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(size) {
            pieces.push_str(&stream.push(&piece.iter().collect::<String>()));
        }
        pieces.push_str(&stream.finish());
        assert_eq!(pieces, whole);
    }
}

/// A configuration is accepted or refused with words; a refusal repeats no line that could hold a secret.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(refused) = config::Config::parse(text, None, &config::Overrides::default()) {
        assert!(!refused.text().is_empty() && refused.json().starts_with('{'));
    }
}
