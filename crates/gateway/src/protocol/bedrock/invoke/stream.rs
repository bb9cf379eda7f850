//! A stream of objects that each hold a piece of one text: Titan's `outputText`, Llama's `generation`, Mistral's
//! `outputs[].text`, Cohere's `text`.
//!
//! An object that holds no such piece is none that this house can guard: a text that goes on from object to object
//! would be looked at piece by piece.

use std::borrow::Cow;

use serde_json::json;

use super::other::read;
use crate::protocol::Limits;
use crate::protocol::answer::AnswerError;
use crate::protocol::dialect::Events;
use crate::protocol::framing::{Event, Framing};
use crate::protocol::guard::Channel;
use crate::protocol::json::{Kind, View};
use crate::protocol::lanes::Lanes;
use crate::protocol::shape::Shape;
use crate::protocol::stream::{Desk, Taken};

/// Members that hold the piece.
const TEXTS: [&str; 3] = ["outputText", "generation", "text"];

/// Members that tell, where they are given, that the text has ended.
const ENDS: [&str; 3] = ["completionReason", "stop_reason", "finish_reason"];

/// Members of objects without a piece: how long it took, and the whole once more.
const CLOSING: [&str; 5] =
    ["amazon-bedrock-invocationMetrics", "is_finished", "event_type", "finish_reason", "response"];

static EVENT: Shape = Shape::Object(&[
    ("completionReason", Shape::Id),
    ("stop_reason", Shape::Id),
    ("finish_reason", Shape::Id),
    ("event_type", Shape::Id),
]);

/// Which text.
#[derive(Clone, PartialEq, Eq)]
enum Key {
    Member(&'static str),
    /// that of the output at an index
    Output(usize),
}

impl Key {
    /// An object that holds just this text.
    fn data(&self, text: &str) -> String {
        match self {
            Self::Member(name) => json!({ *name: text }),
            Self::Output(index) => {
                let mut outputs = vec![json!({ "text": "" }); *index];
                outputs.push(json!({ "text": text }));
                json!({ "outputs": outputs })
            }
        }
        .to_string()
    }
}

/// The state of one stream.
pub(crate) struct Stream {
    lanes: Lanes<Key>,
}

impl Stream {
    /// Before the first event.
    pub(crate) fn new(_limits: &Limits) -> Self {
        Self { lanes: Lanes::new() }
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
        let pieces = pieces(root);
        let closing = |(key, _): (View<'_>, View<'_>)| CLOSING.iter().any(|name| key.is(name));
        if root.kind() != Kind::Object || (pieces.is_empty() && !root.members().all(closing)) {
            return Err(AnswerError::Shape);
        }
        let mut taken = Taken::new();
        let whole = ended(root);
        for Piece { key, view, text, ends } in pieces {
            let mut passed = self.lanes.push(&key, Channel::Text, &text, desk)?;
            if ends || whole {
                passed.push_str(&self.lanes.end(&key));
            }
            desk.complete |= ends;
            taken.replace(view, passed);
        }
        if whole {
            self.flush(out);
            desk.complete = true;
        }
        read(root, &mut desk.facts);
        desk.write(event, &document, &EVENT, taken, out);
        Ok(())
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        for (key, text) in self.lanes.end_all(|_| true) {
            Framing::Chunks.write(None, &key.data(&text), out);
        }
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        None
    }
}

/// A piece of text.
struct Piece<'d> {
    key: Key,
    view: View<'d>,
    text: Cow<'d, str>,
    ends: bool,
}

fn ended(value: View<'_>) -> bool {
    ENDS.iter().any(|name| value.given(name).is_some())
        || value.get("is_finished").and_then(View::boolean) == Some(true)
}

fn pieces(root: View<'_>) -> Vec<Piece<'_>> {
    let members = TEXTS.iter().filter_map(|name| {
        let view = root.get(name)?;
        Some(Piece { key: Key::Member(name), view, text: view.string()?, ends: false })
    });
    let outputs = root.get("outputs").into_iter().flat_map(View::items).enumerate();
    let outputs = outputs.filter_map(|(index, output)| {
        let view = output.get("text")?;
        Some(Piece { key: Key::Output(index), view, text: view.string()?, ends: ended(output) })
    });
    members.chain(outputs).collect()
}
