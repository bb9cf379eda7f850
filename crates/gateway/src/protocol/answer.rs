//! Plain answers: parsed, every text in them through a guard, written again where it changed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use terms::Code;

use super::dialect::Dialect;
use super::echo::strays;
use super::guard::{Channel, Guards, whole};
use super::json::{Document, Edit, JsonError, Kind, View, splice};
use super::locate::{Found, Role, Side};
use super::shape::{Shape, looks_like_id};
use super::{Endpoint, Limits};

/// Why a vendor's answer can't be passed on. Holds no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The answer is not UTF-8.
    #[error("the answer is not UTF-8")]
    NotUtf8,
    /// The answer is not JSON that this house accepts.
    #[error("the answer is not well formed: {0}")]
    Json(#[from] JsonError),
    /// The answer is JSON, and not what the protocol describes.
    #[error("the answer is not what the protocol describes")]
    Shape,
    /// An event of the stream is too long.
    #[error(transparent)]
    EventTooLong(#[from] super::sse::EventTooLong),
    /// A frame of the stream is none.
    #[error(transparent)]
    Frame(#[from] super::eventstream::FrameError),
}

impl AnswerError {
    /// The stable code of the failure.
    pub const fn code(&self) -> Code {
        Code::UPSTREAM_MALFORMED
    }
}

/// What the record keeps of an answer. Texts are short and hold no spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The model that the vendor says it used.
    pub model: Option<String>,
    /// Why the model stopped.
    pub finish: Option<String>,
    /// Tokens of the request, cached ones included.
    pub input_tokens: Option<u64>,
    /// Tokens of the answer.
    pub output_tokens: Option<u64>,
}

/// Takes over a text that looks like an identifier.
pub(crate) fn id_of(value: Option<View<'_>>, fact: &mut Option<String>) {
    let text = value.and_then(View::string).filter(|text| !text.is_empty() && looks_like_id(text));
    if let Some(text) = text.filter(|text| fact.as_deref() != Some(text.as_ref())) {
        *fact = Some(text.into_owned());
    }
}

/// Longer names of models are not kept.
const MODEL: usize = 64;

/// Takes over the name of a model, which is shown to people: a short one that looks like an identifier.
pub(crate) fn model_of(value: Option<View<'_>>, fact: &mut Option<String>) {
    // its own length, quotes included
    id_of(value.filter(|name| name.raw().len() <= MODEL + 2), fact);
}

/// An answer that may be passed on.
pub struct Answer {
    /// The body for the client.
    pub body: Bytes,
    /// Canonical bytes of the message as the client will send it again; of the first choice, where it has some.
    pub canonical: Option<Vec<u8>>,
    /// What the record keeps.
    pub facts: Facts,
    /// What only the vendor can read, decoded, in the order of the body, empty ones left out: what a later request
    /// of the conversation may hold as [`Request::opaque`](super::Request::opaque).
    pub opaque: Vec<Vec<u8>>,
}

impl Answer {
    /// Reads the body of a successful answer, and shows every text in it to a guard.
    pub fn guard(
        endpoint: Endpoint,
        body: Bytes,
        guards: &mut dyn Guards,
        limits: &Limits,
    ) -> Result<Self, AnswerError> {
        let text = String::from_utf8(body.into()).map_err(|_| AnswerError::NotUtf8)?;
        let dialect = endpoint.dialect();
        // in vectors no number is looked at, and there are millions
        let parse = if dialect.answers_in_text() { Document::parse } else { Document::of_vectors };
        let mut document = parse(text, limits.bounds())?;
        let root = document.root();
        let mut facts = Facts::default();
        dialect.check_answer(root)?;
        dialect.facts(root, &mut facts);
        let mut edits = guarded(&document, dialect.answer(), &[], guards, limits);
        let opaque = std::mem::take(&mut edits.opaque);
        edits.drop_echoes(dialect, &document, guards);
        if !edits.is_empty() {
            document = parse(edits.write(&document), limits.bounds())?;
        }
        let canonical = dialect.canonical(document.root());
        Ok(Self { body: Bytes::from(document.into_text()), canonical, facts, opaque })
    }
}

/// What changes in an answer or an event.
#[derive(Default)]
pub(crate) struct Edits {
    tokens: Vec<(u32, u32, Edit<'static>)>,
    nodes: Vec<u32>,
    /// Opaque values that were met.
    pub(crate) opaque: Vec<Vec<u8>>,
    /// What spells out texts again.
    echoes: Vec<u32>,
}

impl Edits {
    pub(crate) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Puts a text in a string's place.
    pub(crate) fn text(&mut self, view: View<'_>, text: String) {
        self.put(view, Edit::Text(Cow::Owned(text)));
    }

    /// Puts JSON in a value's place.
    pub(crate) fn put(&mut self, view: View<'_>, edit: Edit<'static>) {
        self.tokens.push((view.node().start, view.node().end, edit));
        self.nodes.push(view.index());
    }

    /// Drops what spells out a text again: where the text changed, where the request holds surrogates, and where it
    /// holds what a guard changes.
    pub(crate) fn drop_echoes(
        &mut self,
        dialect: &dyn Dialect,
        document: &Document,
        guards: &mut dyn Guards,
    ) {
        self.nodes.sort_unstable();
        let beside =
            if self.nodes.is_empty() { Vec::new() } else { dialect.echoes(document.root(), &self.nodes) };
        let beside: BTreeSet<u32> = beside.into_iter().map(View::index).collect();
        let surrogates = guards.has_surrogates();
        let all: BTreeSet<u32> = self.echoes.iter().chain(&beside).copied().collect();
        for echo in all.into_iter().map(|node| document.view(node)).filter(|echo| echo.kind() != Kind::Null) {
            if surrogates || beside.contains(&echo.index()) || strays(echo, guards) {
                let nothing = if echo.kind() == Kind::Array { "[]" } else { "null" };
                self.tokens.push((echo.node().start, echo.node().end, Edit::Raw(Cow::Borrowed(nothing))));
            }
        }
    }

    pub(crate) fn write(&mut self, document: &Document) -> String {
        splice(document.text(), &mut self.tokens)
    }
}

/// Shows all content of a document, but for the nodes in `done` (ascending), to guards that see it whole.
pub(crate) fn guarded(
    document: &Document,
    shape: &'static Shape,
    done: &[u32],
    guards: &mut dyn Guards,
    limits: &Limits,
) -> Edits {
    let found = Found::walk(document, shape, Side::Answer, limits);
    let opaque = found.opaque.iter().map(|slice| found.text(document, *slice).as_bytes().to_vec());
    let mut edits = Edits { opaque: opaque.collect(), echoes: found.echoes.clone(), ..Edits::default() };
    for position in found.positions.iter().filter(|position| done.binary_search(&position.node).is_err()) {
        let text = found.text(document, position.text);
        let view = document.view(position.node);
        let channel = match position.role {
            Role::Text | Role::Key | Role::Number => Channel::Text,
            Role::Json => Channel::Json,
            Role::Signed => Channel::Signed,
            Role::Value => {
                guard_value(view, guards, limits, &mut edits);
                continue;
            }
        };
        let out = whole(guards, channel, text);
        if channel != Channel::Signed && out != text {
            edits.text(view, out);
        }
    }
    edits
}

/// A JSON value as one channel of JSON text, as it comes in a stream. Where that makes it no JSON any more (a
/// number that was masked), each string of it is a channel of its own.
fn guard_value(value: View<'_>, guards: &mut dyn Guards, limits: &Limits, edits: &mut Edits) {
    let out = whole(guards, Channel::Json, value.raw());
    if out == value.raw() {
        return;
    }
    if super::json::check(&out, limits.bounds()).is_ok() {
        return edits.put(value, Edit::Raw(Cow::Owned(out)));
    }
    guard_leaves(value, guards, edits);
}

fn guard_leaves(value: View<'_>, guards: &mut dyn Guards, edits: &mut Edits) {
    let text = match value.kind() {
        Kind::Null | Kind::Bool => return,
        Kind::Array => return value.items().for_each(|item| guard_leaves(item, guards, edits)),
        Kind::Object => {
            return value.members().for_each(|(key, member)| {
                guard_leaves(key, guards, edits);
                guard_leaves(member, guards, edits);
            });
        }
        Kind::Number => Cow::Borrowed(value.raw()),
        Kind::String | Kind::Key => value.string().unwrap_or_default(),
    };
    let out = whole(guards, Channel::Text, &text);
    if out != text {
        edits.text(value, out);
    }
}
