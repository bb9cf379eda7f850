//! A stream of events that make up a message.
//!
//! A block of content may begin with an event of its own (a tool's use does), grows by deltas, and stops; deltas are
//! text, JSON text of a tool's input, reasoning or its signature. The event's type stands in the frame alone.

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
    Reasoning,
}

impl Growth {
    /// The growth of a delta, and the string that it holds.
    fn of(delta: View<'_>) -> Option<(Self, View<'_>)> {
        let found = if let Some(text) = delta.get("text") {
            (Self::Text, text)
        } else if let Some(call) = delta.get("toolUse") {
            (Self::Input, call.get("input")?)
        } else {
            (Self::Reasoning, delta.get("reasoningContent")?.get("text")?)
        };
        (found.1.kind() == Kind::String).then_some(found)
    }

    fn channel(self) -> Channel {
        match self {
            Self::Text => Channel::Text,
            Self::Input => Channel::Json,
            Self::Reasoning => Channel::Signed,
        }
    }
}

/// The state of one stream.
pub(crate) struct Stream {
    /// By block and how it grows.
    lanes: Lanes<(u64, Growth)>,
    blocks: Blocks,
}

impl Stream {
    /// Before the first event.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { lanes: Lanes::new(), blocks: Blocks::new(limits) }
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
        if root.kind() != Kind::Object {
            return Err(AnswerError::Shape);
        }
        let block = root.get("contentBlockIndex").and_then(View::whole);
        let mut taken = Taken::new();
        match (event.name(), block) {
            (b"contentBlockStart", Some(index)) => {
                let start = root.get("start").ok_or(AnswerError::Shape)?;
                self.start(index, start, desk, &mut taken);
            }
            (b"contentBlockDelta", Some(index)) => {
                let delta = root.get("delta").ok_or(AnswerError::Shape)?;
                self.grow(index, delta, desk, &mut taken)?;
            }
            (b"contentBlockStop", Some(index)) => self.close(|block| block == index, out),
            (b"contentBlockStart" | b"contentBlockDelta" | b"contentBlockStop", None) => {
                return Err(AnswerError::Shape);
            }
            (b"messageStop", _) => {
                self.flush(out);
                facts(root, &mut desk.facts);
                desk.complete = true;
            }
            (b"metadata", _) => facts(root, &mut desk.facts),
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
    fn start(&mut self, index: u64, start: View<'_>, desk: &mut Desk, taken: &mut Taken) {
        let Some(call) = start.get("toolUse") else {
            let other = start.members().next().is_some();
            if other {
                self.blocks.begin(index, Block::Other);
            }
            return;
        };
        let string = |key| call.get(key).and_then(View::string).unwrap_or_default().into_owned();
        let name = desk.whole(&string("name"));
        if let Some(view) = call.get("name").filter(|view| view.kind() == Kind::String) {
            taken.replace(view, name.clone());
        }
        self.blocks.begin(index, Block::Call { id: string("toolUseId"), name, input: String::new() });
    }

    fn grow(
        &mut self,
        index: u64,
        delta: View<'_>,
        desk: &mut Desk,
        taken: &mut Taken,
    ) -> Result<(), AnswerError> {
        // one that holds several would be read in part here, and in another part elsewhere
        if delta.members().nth(1).is_some() {
            return Err(AnswerError::Shape);
        }
        self.begin(index, delta);
        let Some((kind, view)) = Growth::of(delta) else { return Ok(()) };
        let text = view.string().unwrap_or_default();
        if text.is_empty() {
            taken.keep(view);
            return Ok(());
        }
        let passed = self.lanes.push(&(index, kind), kind.channel(), &text, desk)?;
        if kind == Growth::Reasoning {
            taken.keep(view);
        } else {
            self.blocks.append(index, &passed);
            taken.replace(view, passed);
        }
        Ok(())
    }

    /// A block without an event that begins it begins with its first delta. Citations go with the text around them.
    fn begin(&mut self, index: u64, delta: View<'_>) {
        if self.blocks.has_begun(index) {
            return;
        }
        let block = if delta.get("text").is_some() || delta.get("citation").is_some() {
            Block::Text(String::new())
        } else if delta.get("reasoningContent").is_some() {
            Block::Left
        } else {
            Block::Other
        };
        self.blocks.begin(index, block);
    }

    /// Ends channels, and appends what they held back as deltas of their own.
    fn close(&mut self, ends: impl Fn(u64) -> bool, out: &mut Vec<u8>) {
        for ((block, kind), text) in self.lanes.end_all(|(block, _)| ends(*block)) {
            let delta = match kind {
                Growth::Text => json!({ "text": text }),
                Growth::Input => json!({ "toolUse": { "input": text } }),
                Growth::Reasoning => continue,
            };
            let data = json!({ "contentBlockIndex": block, "delta": delta }).to_string();
            Framing::Frames.write(Some("contentBlockDelta"), &data, out);
            self.blocks.append(block, &text);
        }
    }
}
