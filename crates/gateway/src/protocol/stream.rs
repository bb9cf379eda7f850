//! Streamed answers: events in, events out, each channel of text through a guard of its own.
//!
//! What a guard holds back is written in an event of its own before the channel ends, and no later than the
//! event that ends it. An event in which nothing changed goes on as it came. How events are framed is the endpoint's
//! to say; all else here is the same for all.

use std::borrow::Cow;

use bytes::Bytes;
use terms::{Code, ExchangeId};

use super::answer::{AnswerError, Facts, guarded};
use super::dialect::Events;
use super::framing::{Event, Fault, Parser};
use super::guard::{Channel, Guard, Guards};
use super::json::{Document, Edit, View, check, write_string};
use super::said::Said;
use super::shape::{Shape, looks_like_id};
use super::{Endpoint, Limits, error};

/// Guards one streamed answer.
pub struct AnswerStream {
    parser: Parser,
    events: Option<Box<dyn Events + Send>>,
    desk: Desk,
    failed: Option<AnswerError>,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The protocol's last event came.
    Complete,
    /// The vendor reported an error in the stream; it was passed on.
    Failed,
    /// The stream stopped before its last event: the client must be told ([`error::refusal_event`]).
    CutOff,
}

impl AnswerStream {
    /// For the answer of a request to `endpoint`.
    pub fn new(endpoint: Endpoint, guards: Box<dyn Guards + Send>, limits: Limits) -> Self {
        Self {
            parser: Parser::new(endpoint.framing(), &limits),
            events: endpoint.dialect().events(&limits),
            desk: Desk {
                endpoint,
                guards: Said::new(guards, if endpoint.dialect().repeats() { limits.answer_bytes } else { 0 }),
                limits,
                facts: Facts::default(),
                opaque: Vec::new(),
                opaque_bytes: 0,
                complete: false,
                vendor_error: false,
            },
            failed: None,
        }
    }

    /// Takes bytes from the vendor, cut anywhere, and appends to `out` what can go to the client now.
    ///
    /// After an error, what was appended before it may still go; then the client must be told, and nothing
    /// more is taken.
    pub fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), AnswerError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.parser.feed(chunk);
        let result = self.drain(out);
        self.failed = result.err();
        result
    }

    /// The vendor's stream has ended: appends what was still held back.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<Ending, AnswerError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let Some(event) = self.parser.finish() {
            self.event(&event, out)?;
        }
        if let Some(events) = &mut self.events {
            events.flush(out);
        }
        Ok(match (self.desk.complete, self.desk.vendor_error) {
            (_, true) => Ending::Failed,
            (true, false) if !self.parser.holds_part() => Ending::Complete,
            _ => Ending::CutOff,
        })
    }

    /// Bytes of an event that has not come whole: the next piece may have all of them examined.
    pub fn held(&self) -> usize {
        self.parser.held()
    }

    /// Whether the protocol's last event came.
    pub fn is_complete(&self) -> bool {
        self.desk.complete
    }

    /// What the record keeps, as far as it has come.
    pub fn facts(&self) -> &Facts {
        &self.desk.facts
    }

    /// What only the vendor can read, decoded, as far as it has come: see [`Answer::opaque`](super::Answer::opaque).
    /// A value that comes in pieces is listed by the piece, as clients keep the last. Values beyond
    /// [`Limits::answer_bytes`] in all are left out, so that a later request that holds them is not known again.
    pub fn opaque(&self) -> &[Vec<u8>] {
        &self.desk.opaque
    }

    /// Canonical bytes of the message as the client will send it again. `None` before the end, where the
    /// answer is longer than is remembered, and where it holds parts of the vendor's own tools.
    pub fn canonical(&self) -> Option<Vec<u8>> {
        if !self.desk.complete || self.desk.vendor_error {
            return None;
        }
        self.events.as_ref()?.canonical()
    }

    /// Whether the client was told that the vendor failed.
    pub fn told_failure(&self) -> bool {
        self.desk.vendor_error
    }

    /// The refusal of this house that ends an answer which has begun.
    pub fn refusal(&self, code: Code, exchange: Option<ExchangeId>) -> Bytes {
        let number = self.events.as_ref().map_or(0, |events| events.number());
        error::refusal_event(self.desk.endpoint, number, code, exchange, None)
    }

    fn drain(&mut self, out: &mut Vec<u8>) -> Result<(), AnswerError> {
        while let Some(event) = self.parser.next_event()? {
            self.event(&event, out)?;
        }
        Ok(())
    }

    fn event(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<(), AnswerError> {
        if let Some(fault) = event.fault() {
            if let Some(events) = &mut self.events {
                events.flush(out);
            }
            self.desk.write_fault(&fault, out);
            return Ok(());
        }
        let Some(data) = event.data() else {
            if self.desk.side_passes(event) {
                out.extend_from_slice(event.raw());
            } else {
                out.extend_from_slice(b":\n\n");
            }
            return Ok(());
        };
        let data = std::str::from_utf8(&data).map_err(|_| AnswerError::NotUtf8)?;
        let events = self.events.as_mut().ok_or(AnswerError::Shape)?;
        events.event(event, data, &mut self.desk, out)
    }
}

/// Among so many of the last opaque values one that comes again is known.
const LATELY: usize = 64;

/// What every dialect works with.
pub(crate) struct Desk {
    endpoint: Endpoint,
    guards: Said,
    pub(crate) limits: Limits,
    pub(crate) facts: Facts,
    opaque: Vec<Vec<u8>>,
    /// What the opaque values hold, and what keeping them takes.
    opaque_bytes: usize,
    /// The protocol's last event came.
    pub(crate) complete: bool,
    /// The vendor reported an error.
    pub(crate) vendor_error: bool,
}

impl Desk {
    /// Parses the data of an event.
    pub(crate) fn parse(&self, data: &str) -> Result<Document, AnswerError> {
        Ok(Document::parse(data.to_owned(), self.limits.bounds())?)
    }

    /// A guard for a channel that begins.
    pub(crate) fn open(&mut self, channel: Channel) -> Box<dyn Guard + Send> {
        self.guards.open(channel)
    }

    /// One text that comes whole.
    pub(crate) fn whole(&mut self, text: &str) -> String {
        self.guards.whole(Channel::Text, text)
    }

    /// A name or number that every event repeats, as the JSON that goes on of it.
    pub(crate) fn repeated<'d>(&mut self, value: View<'d>) -> Cow<'d, str> {
        match value.string().filter(|text| !looks_like_id(text)) {
            None => Cow::Borrowed(value.raw()),
            Some(text) => {
                let mut out = String::new();
                write_string(&mut out, &self.whole(&text));
                Cow::Owned(out)
            }
        }
    }

    /// A channel that has ended gave `given` for `text`: where the text comes again, so does that.
    pub(crate) fn remember(&mut self, channel: Channel, text: String, given: String) {
        self.guards.remember(channel, text, given);
    }

    /// One JSON value that comes whole, as JSON text; `None` where its guard made it no JSON, so that its strings are
    /// to be shown to guards each by itself.
    pub(crate) fn value(&mut self, view: View<'_>, taken: &mut Taken) -> Option<String> {
        let out = self.guards.whole(Channel::Json, view.raw());
        if out == view.raw() {
            taken.keep(view);
        } else {
            check(&out, self.limits.bounds()).ok()?;
            taken.nodes.push(view.index());
            taken.json.push((view.index(), out.clone()));
        }
        Some(out)
    }

    /// Appends an event after everything in it that no channel took was shown to guards; its data, if they changed.
    pub(crate) fn write(
        &mut self,
        event: &Event,
        document: &Document,
        shape: &'static Shape,
        mut taken: Taken,
        out: &mut Vec<u8>,
    ) -> Option<String> {
        taken.nodes.sort_unstable();
        let mut edits = guarded(document, shape, &taken.nodes, &mut self.guards, &self.limits);
        for value in std::mem::take(&mut edits.opaque) {
            // what ends a text, an item and the answer tells the same again, soon after
            if self.opaque.iter().rev().take(LATELY).any(|known| *known == value) {
                continue;
            }
            self.opaque_bytes = self.opaque_bytes.saturating_add(value.len() + size_of::<Vec<u8>>());
            if self.opaque_bytes <= self.limits.answer_bytes {
                self.opaque.push(value);
            }
        }
        for (node, text) in taken.changed {
            edits.text(document.view(node), text);
        }
        for (node, json) in taken.json {
            edits.put(document.view(node), Edit::Raw(Cow::Owned(json)));
        }
        edits.drop_echoes(self.endpoint.dialect(), document, &mut self.guards);
        if edits.is_empty() {
            self.forward(event, out);
            return None;
        }
        let data = edits.write(document);
        if self.side_passes(event) {
            event.write_with(&data, out);
        } else {
            event.write_bare(Some(&data), out);
        }
        Some(data)
    }

    /// Appends an event whose data no guard changed.
    pub(crate) fn forward(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.side_passes(event) {
            out.extend_from_slice(event.raw());
        } else {
            event.write_bare(None, out);
        }
    }

    /// Appends the vendor's report of an error, without its words but for those that a guard passed.
    pub(crate) fn write_error(&mut self, body: View<'_>, out: &mut Vec<u8>) {
        self.write_error_at(0, body, out);
    }

    /// The same as the event of a number.
    pub(crate) fn write_error_at(&mut self, number: u64, body: View<'_>, out: &mut Vec<u8>) {
        self.vendor_error = true;
        let guards: &mut dyn Guards = &mut self.guards;
        let told = error::vendor_error(self.endpoint.protocol(), None, Some(body), Some(guards), None);
        out.extend_from_slice(&told.event(self.endpoint, number));
    }

    /// The same where the framing tells the error: its kind goes on where the protocol knows it.
    fn write_fault(&mut self, fault: &Fault<'_>, out: &mut Vec<u8>) {
        self.vendor_error = true;
        let document = std::str::from_utf8(&fault.body).ok().and_then(|text| self.parse(text).ok());
        let guards: &mut dyn Guards = &mut self.guards;
        let body = document.as_ref().map(Document::root);
        let status = error::fault_status(fault.kind);
        let told = error::vendor_error(self.endpoint.protocol(), status, body, Some(guards), None);
        out.extend_from_slice(&told.event(self.endpoint, 0));
    }

    /// Whether comments and other lines beside the data can go on as they came.
    fn side_passes(&mut self, event: &Event) -> bool {
        event.side_all(|line| {
            std::str::from_utf8(line).is_ok_and(|text| self.guards.whole(Channel::Text, text) == text)
        })
    }
}

/// What channels took of an event.
pub(crate) struct Taken {
    nodes: Vec<u32>,
    changed: Vec<(u32, String)>,
    /// JSON in the place of values: arguments, and the event's number, where it is another than came.
    json: Vec<(u32, String)>,
}

impl Taken {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self { nodes: Vec::new(), changed: Vec::new(), json: Vec::new() }
    }

    /// A channel took the text of `view`, and gave `out` for it.
    pub(crate) fn replace(&mut self, view: View<'_>, out: String) {
        self.nodes.push(view.index());
        if !view.is(&out) {
            self.changed.push((view.index(), out));
        }
    }

    /// The event's number, which stands at `view`, is `number`.
    pub(crate) fn number(&mut self, view: View<'_>, number: u64) {
        let number = number.to_string();
        if view.raw() != number {
            self.json.push((view.index(), number));
        }
    }

    /// A channel took the text of `view`, and leaves it.
    pub(crate) fn keep(&mut self, view: View<'_>) {
        self.nodes.push(view.index());
    }
}

/// How much of an answer may still be remembered.
pub(crate) struct Budget {
    left: usize,
    over: bool,
}

impl Budget {
    /// What the limits allow.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { left: limits.answer_bytes, over: false }
    }

    /// Appends `text` to `memory` while the budget lasts.
    pub(crate) fn append(&mut self, memory: &mut String, text: &str) {
        match self.left.checked_sub(text.len()) {
            Some(left) if !self.over => {
                self.left = left;
                memory.push_str(text);
            }
            _ => self.over = true,
        }
    }

    /// Counts what an entry of its own takes; whether it may be made.
    pub(crate) fn charge(&mut self, bytes: usize) -> bool {
        self.over |= self.left < bytes;
        self.left = self.left.saturating_sub(bytes);
        !self.over
    }

    /// Whether something had to be left out.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }
}
