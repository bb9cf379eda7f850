//! What tells one endpoint's bodies from another's. A dialect is a table of shapes and readers; the way through it is
//! the same for all.

use super::answer::{AnswerError, Facts};
use super::canonical::CanonicalMessage;
use super::framing::{Event, Framing};
use super::json::{Kind, View};
use super::shape::Shape;
use super::stream::Desk;
use super::{Limits, ParseError};

/// The bodies of one endpoint.
pub(crate) trait Dialect: Sync {
    /// Which of a request is structure.
    fn grammar(&self) -> &'static Shape;

    /// Refuses a body that lacks what every request of the endpoint has.
    fn check(&self, body: View<'_>) -> Result<(), ParseError>;

    /// The messages of a conversation, in order; none where the endpoint knows no conversations.
    fn messages(&self, body: View<'_>) -> Vec<CanonicalMessage>;

    /// Whether the answer is to be streamed, where the body says so.
    fn streams(&self, body: View<'_>) -> Result<bool, ParseError> {
        match body.given("stream") {
            None => Ok(false),
            Some(flag) => flag.boolean().ok_or(ParseError::Field("stream")),
        }
    }

    /// The vendor's name of the model, as it stands in a body where the client wrote `sent`.
    fn named(&self, _sent: &str, model: &str) -> String {
        model.to_owned()
    }

    /// Whether the answer to a body can be guarded while it streams.
    fn can_stream(&self, _body: View<'_>) -> bool {
        true
    }

    /// Whether the answer is text, in which what went out as a surrogate is restored. Where it is not (vectors),
    /// policy has the class written instead.
    fn answers_in_text(&self) -> bool {
        true
    }

    /// Whether a model writes the answer. Vectors and counts of tokens are none that one wrote.
    fn is_written(&self) -> bool {
        self.answers_in_text()
    }

    /// Whether the body is a form instead of a JSON object.
    fn is_form(&self) -> bool {
        false
    }

    /// Whether the answer says what was in a part of the request that can't be read. Then nothing in it can be told
    /// from what was sent, and nothing is masked.
    fn answers_unread(&self) -> bool {
        false
    }

    /// Whether the body has a field `store` by which the vendor is told to keep nothing.
    fn has_store(&self) -> bool {
        false
    }

    /// Which of an answer is structure.
    fn answer(&self) -> &'static Shape;

    /// Refuses what is no answer of the endpoint.
    fn check_answer(&self, body: View<'_>) -> Result<(), AnswerError>;

    /// Reads out of an answer what the record keeps.
    fn facts(&self, body: View<'_>, facts: &mut Facts);

    /// Canonical bytes of the message as the client will send it again; `None` where an answer is no message.
    fn canonical(&self, _body: View<'_>) -> Option<Vec<u8>> {
        None
    }

    /// Nodes that spell out again what the nodes at `changed` (ascending) say; they are dropped.
    fn echoes<'d>(&self, _body: View<'d>, _changed: &[u32]) -> Vec<View<'d>> {
        Vec::new()
    }

    /// Whether a streamed answer says its texts again.
    fn repeats(&self) -> bool {
        false
    }

    /// How a streamed answer is framed.
    fn framing(&self) -> Framing {
        Framing::Sse
    }

    /// The state of a streamed answer; `None` where the endpoint knows no streams.
    fn events(&self, _limits: &Limits) -> Option<Box<dyn Events + Send>> {
        None
    }
}

/// The events of one streamed answer.
pub(crate) trait Events {
    /// Takes one event with its data, and appends what can go on.
    fn event(
        &mut self,
        event: &Event,
        data: &str,
        desk: &mut Desk,
        out: &mut Vec<u8>,
    ) -> Result<(), AnswerError>;

    /// Appends what all channels hold back.
    fn flush(&mut self, out: &mut Vec<u8>);

    /// Canonical bytes of the message, where all of it is remembered.
    fn canonical(&self) -> Option<Vec<u8>>;

    /// The number of the next event, where events are numbered.
    fn number(&self) -> u64 {
        0
    }
}

/// Refuses a body whose member `field` is no array of objects.
pub(crate) fn objects(body: View<'_>, field: &'static str) -> Result<(), ParseError> {
    let list = body.get(field).filter(|list| list.kind() == Kind::Array);
    let list = list.ok_or(ParseError::Field(field))?;
    if list.items().any(|one| one.kind() != Kind::Object) { Err(ParseError::Field(field)) } else { Ok(()) }
}

/// Refuses a body whose member `field` is neither a text nor a list of texts.
pub(crate) fn text_or_texts(body: View<'_>, field: &'static str) -> Result<(), ParseError> {
    let input = body.get(field).ok_or(ParseError::Field(field))?;
    let is_text = |view: View<'_>| view.kind() == Kind::String;
    let is_tokens = |view: View<'_>| matches!(view.kind(), Kind::Number | Kind::Array);
    match input.kind() {
        Kind::String => Ok(()),
        Kind::Array if input.items().all(is_text) => Ok(()),
        Kind::Array if input.items().all(is_tokens) => Err(ParseError::Tokens(field)),
        _ => Err(ParseError::Field(field)),
    }
}
