//! A stream of answers, each whole in itself, whose texts go on from event to event.
//!
//! Texts of a candidate are one channel, its thoughts another; a part of another kind ends both, and so does the end
//! of the candidate. What a channel still holds then goes out with its last text, or in an event before. Calls come
//! whole, but for arguments that are asked for in pieces.

use serde_json::{Value, json};

use super::answer::{ANSWER, check, facts};
use super::canonical::{is_thought, words};
use super::{each, given};
use crate::protocol::Limits;
use crate::protocol::answer::AnswerError;
use crate::protocol::canonical::Canonical;
use crate::protocol::dialect::Events;
use crate::protocol::framing::{Event, Framing};
use crate::protocol::guard::Channel;
use crate::protocol::json::{Kind, View};
use crate::protocol::lanes::Lanes;

use crate::protocol::stream::{Budget, Desk, Taken};

/// Which text of a candidate.
#[derive(Clone, PartialEq, Eq)]
enum Key {
    Text,
    Thought,
    /// an argument of a call that comes in pieces, by its place
    Argument(String),
}

/// What names a channel.
#[derive(Clone, PartialEq, Eq)]
struct Lane {
    candidate: u64,
    key: Key,
}

impl Lane {
    /// A candidate that holds just this text.
    fn candidate(&self, text: &str) -> Value {
        let part = match &self.key {
            Key::Text => json!({ "text": text }),
            Key::Thought => json!({ "text": text, "thought": true }),
            Key::Argument(path) => json!({ "functionCall": {
                "partialArgs": [{ "jsonPath": path, "stringValue": text }], "willContinue": true
            }}),
        };
        json!({ "content": { "parts": [part], "role": "model" }, "index": self.candidate })
    }
}

/// A text of the event in hand, and what is to stand in its place.
struct Piece<'d> {
    lane: Lane,
    view: View<'d>,
    text: String,
}

/// An event in hand.
struct Page<'d, 'o> {
    pieces: Vec<Piece<'d>>,
    taken: Taken,
    out: &'o mut Vec<u8>,
}

/// What is remembered of the first candidate.
enum Block {
    Text(String),
    Call {
        name: String,
        args: String,
    },
    /// media and code
    Words(Vec<(u8, String)>),
    /// of a kind that this house can't build again
    Other,
}

/// The state of one stream.
pub(super) struct Stream {
    lanes: Lanes<Lane>,
    /// The members that every event repeats, as JSON text.
    envelope: String,
    /// The candidates that were seen, and whether each has ended.
    candidates: Vec<(u64, bool)>,
    blocks: Vec<Block>,
    budget: Budget,
}

/// More candidates than a request may ask for.
const MOST: usize = 64;

impl Stream {
    /// Before the first event.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            lanes: Lanes::new(),
            envelope: String::new(),
            candidates: Vec::new(),
            blocks: Vec::new(),
            budget: Budget::new(limits),
        }
    }
}

impl Events for Stream {
    fn event(
        &mut self,
        event: &Event,
        data: &str,
        desk: &mut Desk,
        out: &mut Vec<u8>,
    ) -> Result<(), AnswerError> {
        let document = desk.parse(data)?;
        let root = document.root();
        if given(root, "error").is_some() {
            self.flush(out);
            desk.write_error(root, out);
            return Ok(());
        }
        check(root)?;
        facts(root, &mut desk.facts);
        self.envelope = envelope(root, desk);
        let mut page = Page { pieces: Vec::new(), taken: Taken::new(), out: &mut *out };
        for (ordinal, candidate) in (0..).zip(each(root, "candidates")) {
            let index = given(candidate, "index").and_then(View::whole).unwrap_or(ordinal);
            self.candidate(index, candidate, desk, &mut page)?;
        }
        let blocked = given(root, "promptFeedback").and_then(|told| given(told, "blockReason")).is_some();
        let ended = !self.candidates.is_empty() && self.candidates.iter().all(|(_, ended)| *ended);
        desk.complete = blocked || ended;
        let Page { pieces, mut taken, .. } = page;
        for piece in pieces {
            taken.replace(piece.view, piece.text);
        }
        desk.write(event, &document, &ANSWER, taken, out);
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        let mut page = Page { pieces: Vec::new(), taken: Taken::new(), out };
        self.close(|_| true, &mut page);
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let mut canonical = Canonical::new("model");
        for block in &self.blocks {
            match block {
                Block::Text(text) => canonical.text(text),
                Block::Call { name, args } => canonical.call("", name, args),
                Block::Words(words) => words.iter().for_each(|(tag, text)| canonical.word(*tag, text)),
                Block::Other => return None,
            }
        }
        (!self.budget.is_over()).then(|| canonical.finish())
    }
}

impl Stream {
    fn candidate<'d>(
        &mut self,
        index: u64,
        candidate: View<'d>,
        desk: &mut Desk,
        page: &mut Page<'d, '_>,
    ) -> Result<(), AnswerError> {
        let ends = given(candidate, "finishReason").is_some();
        let known = self.candidates.len();
        match self.candidates.iter_mut().find(|(own, _)| *own == index) {
            Some((_, ended)) => *ended |= ends,
            None if known == MOST => return Err(AnswerError::Shape),
            None => self.candidates.push((index, ends)),
        }
        for part in given(candidate, "content").into_iter().flat_map(|content| each(content, "parts")) {
            match given(part, "text").filter(|text| text.kind() == Kind::String) {
                Some(text) => {
                    let key = if is_thought(part) { Key::Thought } else { Key::Text };
                    self.text(Lane { candidate: index, key }, text, desk, page)?;
                }
                None => self.part(index, part, desk, page)?,
            }
        }
        if ends {
            self.close(|lane| lane.candidate == index, page);
        }
        Ok(())
    }

    fn text<'d>(
        &mut self,
        lane: Lane,
        view: View<'d>,
        desk: &mut Desk,
        page: &mut Page<'d, '_>,
    ) -> Result<(), AnswerError> {
        let text = view.string().unwrap_or_default();
        if text.is_empty() {
            page.taken.keep(view);
            return Ok(());
        }
        // a text of another kind shows that the one before it has ended
        self.close(|open| open.candidate == lane.candidate && open.key != lane.key, page);
        let passed = self.lanes.push(&lane, Channel::Text, &text, desk)?;
        self.remember(&lane, &passed);
        page.pieces.push(Piece { lane, view, text: passed });
        Ok(())
    }

    /// A part that is no text.
    fn part<'d>(
        &mut self,
        index: u64,
        part: View<'d>,
        desk: &mut Desk,
        page: &mut Page<'d, '_>,
    ) -> Result<(), AnswerError> {
        if part.members().all(|(key, _)| key.is("thoughtSignature")) {
            return Ok(());
        }
        let call = given(part, "functionCall");
        let goes_on = |lane: &Lane| call.is_some() && matches!(lane.key, Key::Argument(_));
        self.close(|lane| lane.candidate == index && !goes_on(lane), page);
        let block = match call {
            Some(call) => self.call(index, call, desk, page)?,
            None => words(part).map_or(Block::Other, |words| Block::Words(code(part, words, desk, page))),
        };
        if index == 0 && !is_thought(part) && self.budget.charge(1024 + size(&block)) {
            self.blocks.push(block);
        }
        Ok(())
    }

    fn call<'d>(
        &mut self,
        index: u64,
        call: View<'d>,
        desk: &mut Desk,
        page: &mut Page<'d, '_>,
    ) -> Result<Block, AnswerError> {
        let mut pieces = given(call, "willContinue").is_some();
        for argument in each(call, "partialArgs") {
            pieces = true;
            let (Some(path), Some(view)) = (given(argument, "jsonPath"), given(argument, "stringValue"))
            else {
                continue;
            };
            let (Some(place), Some(text)) = (path.string(), view.string()) else { continue };
            let place = desk.whole(&place);
            let lane = Lane { candidate: index, key: Key::Argument(place.clone()) };
            page.taken.replace(path, place);
            let mut passed = self.lanes.push(&lane, Channel::Text, &text, desk)?;
            if given(argument, "willContinue").and_then(View::boolean) != Some(true) {
                passed.push_str(&self.lanes.end(&lane));
            }
            page.pieces.push(Piece { lane, view, text: passed });
        }
        let mut name = String::new();
        if let Some((view, text)) = given(call, "name").and_then(|view| Some((view, view.string()?))) {
            name = desk.whole(&text);
            page.taken.replace(view, name.clone());
        }
        let args = given(call, "args").filter(|args| args.kind() == Kind::Object);
        let args = args.map_or(Some(String::new()), |args| desk.value(args, &mut page.taken));
        Ok(match args {
            Some(args) if !pieces => Block::Call { name, args },
            _ => Block::Other,
        })
    }

    /// Ends channels: what they held back goes with their text of this event, or in an event before it.
    fn close(&mut self, ends: impl Fn(&Lane) -> bool, page: &mut Page<'_, '_>) {
        for (lane, rest) in self.lanes.end_all(ends) {
            self.remember(&lane, &rest);
            if let Some(piece) = page.pieces.iter_mut().rev().find(|piece| piece.lane == lane) {
                piece.text.push_str(&rest);
            } else {
                let event = format!("{{\"candidates\":[{}]{}}}", lane.candidate(&rest), self.envelope);
                Framing::Sse.write(None, &event, page.out);
            }
        }
    }

    /// Keeps what the client will send again: it sends the first candidate.
    fn remember(&mut self, lane: &Lane, text: &str) {
        if lane.candidate != 0 || lane.key != Key::Text {
            return;
        }
        if !matches!(self.blocks.last(), Some(Block::Text(_))) && self.budget.charge(1024) {
            self.blocks.push(Block::Text(String::new()));
        }
        if let Some(Block::Text(memory)) = self.blocks.last_mut() {
            self.budget.append(memory, text);
        }
    }
}

/// The words of a part, of which code and what it printed are shown to a guard, as they come whole.
fn code<'d>(
    part: View<'d>,
    mut words: Vec<(u8, String)>,
    desk: &mut Desk,
    page: &mut Page<'d, '_>,
) -> Vec<(u8, String)> {
    for (kind, field) in [("executableCode", "code"), ("codeExecutionResult", "output")] {
        let view = given(part, kind).and_then(|value| given(value, field));
        let Some((view, text)) = view.and_then(|view| Some((view, view.string()?))) else { continue };
        let text = desk.whole(&text);
        if let Some((_, said)) = words.last_mut() {
            said.clone_from(&text);
        }
        page.taken.replace(view, text);
    }
    words
}

fn size(block: &Block) -> usize {
    match block {
        Block::Call { name, args } => name.len() + args.len(),
        Block::Words(words) => words.iter().map(|(_, text)| text.len()).sum(),
        Block::Text(_) | Block::Other => 0,
    }
}

/// The members that every event repeats.
fn envelope(root: View<'_>, desk: &mut Desk) -> String {
    let mut envelope = String::new();
    for name in ["modelVersion", "responseId"] {
        let Some(value) = given(root, name).filter(|value| value.kind() == Kind::String) else { continue };
        envelope.extend([",\"", name, "\":", &desk.repeated(value)]);
    }
    envelope
}
