//! A stream of the events that make up a response.
//!
//! A text grows by deltas, and then is said again whole by the events that end it, its part, its item and the
//! response. Whoever reads any of them reads the same: the guard decides on the deltas, and what it gave for a text is
//! what stands for it wherever it comes again. Events are numbered; those put in here take numbers too.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::answer::{EVENT, facts};
use super::canonical::answer;
use crate::protocol::answer::AnswerError;
use crate::protocol::dialect::Events;
use crate::protocol::framing::{Event, Framing};
use crate::protocol::guard::Channel;
use crate::protocol::json::{Document, Kind, View};
use crate::protocol::lanes::Lanes;
use crate::protocol::shape::looks_like_id;
use crate::protocol::stream::{Budget, Desk, Taken};
use crate::protocol::{Limits, error};

/// The members by which an event says where its text stands.
const PLACES: [&str; 4] = ["output_index", "content_index", "summary_index", "command_index"];

type Places = [Option<u64>; 4];

fn places(root: View<'_>) -> Places {
    PLACES.map(|name| root.get(name).and_then(View::whole))
}

/// What names a text that grows.
#[derive(Clone, PartialEq, Eq)]
struct Lane {
    /// the type of its deltas, without `.delta`
    kind: String,
    places: Places,
    /// the member, where a delta has more than one text
    member: Option<&'static str>,
}

impl Lane {
    fn channel(&self) -> Channel {
        if self.kind.ends_with("arguments") { Channel::Json } else { Channel::Text }
    }
}

/// A text as far as it has come.
struct Text {
    lane: Lane,
    /// the identifier of the item that holds it
    item: Option<String>,
    /// what the vendor said
    said: String,
    /// what was given for it
    given: String,
}

/// The state of one stream.
pub(crate) struct Stream {
    lanes: Lanes<Lane>,
    texts: Vec<Text>,
    /// Items that are done, as they were given, by their place in the output.
    items: Vec<(Option<u64>, String)>,
    canonical: Option<Vec<u8>>,
    /// The number of the next event, where the vendor numbers them.
    next: Option<u64>,
    /// How many events were put in.
    added: u64,
    limits: Limits,
    budget: Budget,
}

impl Stream {
    /// Before the first event.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            lanes: Lanes::new(),
            texts: Vec::new(),
            items: Vec::new(),
            canonical: None,
            next: None,
            added: 0,
            limits: *limits,
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
        if data.trim() == "[DONE]" {
            self.flush(out);
            desk.forward(event, out);
            return Ok(());
        }
        let document = desk.parse(data)?;
        let root = document.root();
        let kind = root.get("type").and_then(View::string).unwrap_or_default();
        let number = root.get("sequence_number").and_then(View::whole);
        self.next = number.map(|number| number.saturating_add(self.added)).or(self.next);
        if kind == "error" || (kind.is_empty() && root.given("error").is_some()) {
            self.flush(out);
            desk.write_error_at(self.number(), root, out);
            return Ok(());
        }
        let named = event.name().is_empty() || event.name() == kind.as_bytes();
        // a type that is no word could be a text, and its delta would be looked at piece by piece
        if kind.is_empty() || !named || !looks_like_id(&kind) {
            return Err(AnswerError::Shape);
        }
        let mut taken = Taken::new();
        self.grow(&kind, root, desk, &mut taken)?;
        for text in self.end(&kind, root, out) {
            desk.remember(text.lane.channel(), text.said, text.given);
        }
        if let (Some(view), Some(next)) = (root.get("sequence_number"), self.next)
            && number.is_some()
        {
            taken.number(view, next);
            self.next = Some(next.saturating_add(1));
        }
        settle(&kind, root, desk, &mut taken);
        let written = desk.write(event, &document, &EVENT, taken, out);
        self.keep(&kind, &document, written);
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        self.close(|_| true, out);
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        self.canonical.clone()
    }

    fn number(&self) -> u64 {
        self.next.unwrap_or(0)
    }
}

impl Stream {
    /// Shows the pieces of text that an event adds to their guards.
    fn grow(
        &mut self,
        kind: &str,
        root: View<'_>,
        desk: &mut Desk,
        taken: &mut Taken,
    ) -> Result<(), AnswerError> {
        for (kind, member, view) in pieces(kind, root) {
            let piece = view.string().unwrap_or_default();
            if piece.is_empty() {
                taken.keep(view);
                continue;
            }
            let lane = Lane { kind: kind.into_owned(), places: places(root), member };
            let given = self.lanes.push(&lane, lane.channel(), &piece, desk)?;
            if !self.texts.iter().any(|text| text.lane == lane) {
                let item = root.get("item_id").and_then(View::string).filter(|id| looks_like_id(id));
                let item = item.map(Cow::into_owned);
                let (said, given) = (String::new(), String::new());
                self.texts.push(Text { lane: lane.clone(), item, said, given });
            }
            if let Some(text) = self.texts.iter_mut().find(|text| text.lane == lane) {
                self.budget.append(&mut text.said, &piece);
                self.budget.append(&mut text.given, &given);
            }
            taken.replace(view, given);
        }
        Ok(())
    }

    /// Ends the texts that an event says to have ended; gives back those that are remembered whole.
    fn end(&mut self, kind: &str, root: View<'_>, out: &mut Vec<u8>) -> Vec<Text> {
        let at = places(root);
        let [output, content, summary, _] = at;
        match kind {
            "response.completed" | "response.incomplete" | "response.failed" => self.close(|_| true, out),
            "response.output_item.done" => self.close(|lane| lane.places[0] == output, out),
            "response.content_part.done" => {
                self.close(|lane| lane.places[..2] == [output, content] && lane.places[2].is_none(), out)
            }
            "response.reasoning_summary_part.done" => self.close(
                |lane| lane.places[0] == output && lane.places[2] == summary && summary.is_some(),
                out,
            ),
            _ => match kind.strip_suffix(".done") {
                Some(ended) => self.close(|lane| lane.kind == ended && lane.places == at, out),
                None => Vec::new(),
            },
        }
    }

    /// Ends channels, and appends what they held back as deltas of their own.
    fn close(&mut self, ends: impl Fn(&Lane) -> bool, out: &mut Vec<u8>) -> Vec<Text> {
        for (lane, rest) in self.lanes.end_all(&ends) {
            let text = self.texts.iter_mut().find(|text| text.lane == lane);
            let item = text.and_then(|text| {
                self.budget.append(&mut text.given, &rest);
                text.item.clone()
            });
            self.put_in(&lane, item, &rest, out);
        }
        let (ended, open) = std::mem::take(&mut self.texts).into_iter().partition(|text| ends(&text.lane));
        self.texts = open;
        if self.budget.is_over() { Vec::new() } else { ended }
    }

    /// Appends a delta that the vendor did not send.
    fn put_in(&mut self, lane: &Lane, item: Option<String>, text: &str, out: &mut Vec<u8>) {
        let kind = format!("{}.delta", lane.kind);
        let mut event = Map::new();
        event.insert("type".to_owned(), Value::from(kind.as_str()));
        if let Some(number) = self.next {
            event.insert("sequence_number".to_owned(), Value::from(number));
            self.next = Some(number.saturating_add(1));
            self.added = self.added.saturating_add(1);
        }
        if let Some(item) = item {
            event.insert("item_id".to_owned(), Value::from(item));
        }
        for (name, place) in PLACES.into_iter().zip(lane.places) {
            if let Some(place) = place {
                event.insert(name.to_owned(), Value::from(place));
            }
        }
        let delta = lane.member.map_or_else(|| Value::from(text), |member| json!({ member: text }));
        event.insert("delta".to_owned(), delta);
        if lane.kind == "response.output_text" {
            event.insert("logprobs".to_owned(), json!([]));
        }
        Framing::Sse.write(Some(&kind), &Value::Object(event).to_string(), out);
    }

    /// Remembers what a client sends again: the items of the last event, or those that were done before it.
    fn keep(&mut self, kind: &str, came: &Document, written: Option<String>) {
        let done = kind == "response.output_item.done";
        if !done && !matches!(kind, "response.completed" | "response.incomplete") {
            return;
        }
        let written = written.and_then(|text| Document::parse(text, self.limits.bounds()).ok());
        let root = written.as_ref().unwrap_or(came).root();
        if done {
            let Some(item) = root.get("item") else { return };
            let mut text = String::new();
            self.budget.append(&mut text, item.raw());
            if self.budget.charge(size_of::<(Option<u64>, String)>()) {
                self.items.push((root.get("output_index").and_then(View::whole), text));
            }
            return;
        }
        let output = root.get("response").and_then(|response| response.get("output"));
        let listed = output.filter(|output| output.items().next().is_some());
        self.canonical = match listed {
            Some(output) => answer(output.items()),
            None => self.collected(),
        };
    }

    /// The canonical bytes of the items that were done.
    fn collected(&mut self) -> Option<Vec<u8>> {
        let mut items = std::mem::take(&mut self.items);
        if self.budget.is_over() {
            return None;
        }
        items.sort_by_key(|(place, _)| *place);
        let items: Vec<_> = items.into_iter().map(|(_, item)| item).collect();
        let list = Document::parse(format!("[{}]", items.join(",")), self.limits.bounds()).ok()?;
        answer(list.root().items())
    }
}

/// What the record keeps, and how the stream ended.
fn settle(kind: &str, root: View<'_>, desk: &mut Desk, taken: &mut Taken) {
    let Some(response) = root.given("response") else { return };
    facts(response, &mut desk.facts);
    match kind {
        "response.completed" | "response.incomplete" => desk.complete = true,
        "response.failed" => {
            // a failure, and an end that the protocol knows
            (desk.vendor_error, desk.complete) = (true, true);
            let message = response.given("error").and_then(|error| error.get("message"));
            if let Some((view, text)) = message.and_then(|view| Some((view, view.string()?))) {
                let text = desk.whole(&text);
                taken.replace(view, error::printable(&text));
            }
        }
        _ => {}
    }
}

type Piece<'d, 'k> = (Cow<'k, str>, Option<&'static str>, View<'d>);

/// The pieces of text that an event adds, each with the kind of its lane. Any other text in it comes whole.
fn pieces<'d, 'k>(kind: &'k str, root: View<'d>) -> Vec<Piece<'d, 'k>> {
    let is_text = |view: &View<'_>| view.kind() == Kind::String;
    let one = |lane: &'k str, view: Option<View<'d>>| {
        let piece = view.filter(is_text).map(|view| (Cow::Borrowed(lane), None, view));
        piece.into_iter().collect()
    };
    let part = root.get("part");
    match kind {
        "response.audio.delta" => Vec::new(),
        "response.content_part.added" => {
            let lane = match part.and_then(|part| part.get("type")?.string()).as_deref() {
                Some("output_text") => "response.output_text",
                Some("reasoning_text") => "response.reasoning_text",
                _ => return Vec::new(),
            };
            one(lane, part.and_then(|part| part.get("text")))
        }
        "response.reasoning_summary_part.added" => {
            one("response.reasoning_summary_text", part.and_then(|part| part.get("text")))
        }
        "response.shell_call_command.added" => one("response.shell_call_command", root.get("command")),
        _ => match (kind.strip_suffix(".delta"), root.get("delta")) {
            (Some(lane), Some(delta)) if delta.kind() == Kind::Object => {
                let texts = ["stdout", "stderr"].map(|name| (name, delta.get(name).filter(is_text)));
                let texts = texts.into_iter().filter_map(|(name, view)| Some((name, view?)));
                texts.map(|(name, view)| (Cow::Borrowed(lane), Some(name), view)).collect()
            }
            (Some(lane), delta) => one(lane, delta),
            _ => Vec::new(),
        },
    }
}
