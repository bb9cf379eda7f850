//! A stream of events that make up a message.
//!
//! Each block of content begins, grows by deltas, and stops; deltas are text, JSON text of a tool's input,
//! thinking or its signature. Events carry their type twice, as the event's name and in the data.

use serde_json::json;

use super::answer::{EVENT, facts};
use crate::protocol::Limits;
use crate::protocol::answer::AnswerError;
use crate::protocol::blocks::{Block, Blocks};
use crate::protocol::dialect::Events;
use crate::protocol::framing::{Event, Framing};
use crate::protocol::guard::Channel;
use crate::protocol::json::{Kind, View};
use crate::protocol::lanes::Lanes;
use crate::protocol::stream::{Desk, Taken};

/// How a block grows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Growth {
    Text,
    Input,
    Thinking,
}

impl Growth {
    /// The growth of a delta's type, and the member that holds it.
    fn of(delta: View<'_>) -> Option<(Self, View<'_>)> {
        let kind = delta.get("type")?.string()?;
        let (growth, member) = match kind.as_ref() {
            "text_delta" => (Self::Text, "text"),
            "input_json_delta" => (Self::Input, "partial_json"),
            "thinking_delta" => (Self::Thinking, "thinking"),
            _ => return None,
        };
        delta.get(member).filter(|view| view.kind() == Kind::String).map(|view| (growth, view))
    }

    fn channel(self) -> Channel {
        match self {
            Self::Text => Channel::Text,
            Self::Input => Channel::Json,
            Self::Thinking => Channel::Signed,
        }
    }
}

/// The state of one stream.
pub(crate) struct Stream {
    /// By block and how it grows.
    lanes: Lanes<(u64, Growth)>,
    blocks: Blocks,
    framing: Framing,
}

impl Stream {
    /// Before the first event.
    pub(crate) fn new(limits: &Limits, framing: Framing) -> Self {
        Self { lanes: Lanes::new(), blocks: Blocks::new(limits), framing }
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
        let kind = root.get("type").and_then(View::string).ok_or(AnswerError::Shape)?;
        if !event.name().is_empty() && event.name() != kind.as_bytes() {
            return Err(AnswerError::Shape);
        }
        let block = root.get("index").and_then(View::whole);
        let mut taken = Taken::new();
        match (kind.as_ref(), block) {
            ("error", _) => {
                self.flush(out);
                desk.write_error(root, out);
                return Ok(());
            }
            ("message_start", _) => {
                let message = root.get("message").ok_or(AnswerError::Shape)?;
                facts(message, &mut desk.facts);
            }
            ("content_block_start", Some(index)) => {
                let block = root.get("content_block").ok_or(AnswerError::Shape)?;
                self.start(index, block, desk, &mut taken)?;
            }
            ("content_block_delta", Some(index)) => {
                let delta = root.get("delta").ok_or(AnswerError::Shape)?;
                if let Some((growth, view)) = Growth::of(delta) {
                    self.grow(index, growth, view, desk, &mut taken)?;
                }
            }
            ("content_block_stop", Some(index)) => self.close(|block| block == index, out),
            ("content_block_start" | "content_block_delta" | "content_block_stop", None) => {
                return Err(AnswerError::Shape);
            }
            ("message_delta", _) => {
                self.flush(out);
                root.get("delta").into_iter().for_each(|delta| facts(delta, &mut desk.facts));
                facts(root, &mut desk.facts);
            }
            ("message_stop", _) => {
                self.flush(out);
                desk.complete = true;
            }
            _ => {}
        }
        desk.write(event, &document, &EVENT, taken, out);
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        self.close(|_| true, out);
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        self.blocks.canonical()
    }
}

impl Stream {
    fn start(
        &mut self,
        index: u64,
        block: View<'_>,
        desk: &mut Desk,
        taken: &mut Taken,
    ) -> Result<(), AnswerError> {
        let string = |key| block.get(key).and_then(View::string).unwrap_or_default().into_owned();
        let memory = match string("type").as_str() {
            "text" => Block::Text(String::new()),
            "thinking" | "redacted_thinking" => Block::Left,
            "tool_use" => {
                let name = desk.whole(&string("name"));
                if let Some(view) = block.get("name").filter(|view| view.kind() == Kind::String) {
                    taken.replace(view, name.clone());
                }
                let input = block.get("input").filter(|input| input.members().next().is_some());
                let input = input.map_or("", View::raw).to_owned();
                Block::Call { id: string("id"), name, input }
            }
            _ => Block::Other,
        };
        self.blocks.begin(index, memory);
        for (member, growth) in [("text", Growth::Text), ("thinking", Growth::Thinking)] {
            if let Some(view) = block.get(member).filter(|view| view.kind() == Kind::String) {
                self.grow(index, growth, view, desk, taken)?;
            }
        }
        Ok(())
    }

    fn grow(
        &mut self,
        index: u64,
        kind: Growth,
        view: View<'_>,
        desk: &mut Desk,
        taken: &mut Taken,
    ) -> Result<(), AnswerError> {
        let text = view.string().unwrap_or_default();
        if text.is_empty() {
            taken.keep(view);
            return Ok(());
        }
        let passed = self.lanes.push(&(index, kind), kind.channel(), &text, desk)?;
        if kind == Growth::Thinking {
            taken.keep(view);
        } else {
            self.blocks.append(index, &passed);
            taken.replace(view, passed);
        }
        Ok(())
    }

    /// Ends channels, and appends what they held back as deltas of their own.
    fn close(&mut self, ends: impl Fn(u64) -> bool, out: &mut Vec<u8>) {
        for ((block, kind), text) in self.lanes.end_all(|(block, _)| ends(*block)) {
            let delta = match kind {
                Growth::Text => json!({ "type": "text_delta", "text": text }),
                Growth::Input => json!({ "type": "input_json_delta", "partial_json": text }),
                Growth::Thinking => continue,
            };
            let data = json!({ "type": "content_block_delta", "index": block, "delta": delta });
            self.framing.write(Some("content_block_delta"), &data.to_string(), out);
            self.blocks.append(block, &text);
        }
    }
}
