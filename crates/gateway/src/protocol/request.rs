//! A request: parsed once, listed as content, rewritten where content changes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use deid::Constraints;
use terms::Code;

use super::canonical::CanonicalMessage;
use super::form::{self, Form};
use super::json::{Bounds, Document, Edit, JsonError, JsonFault, View, check, splice};
use super::locate::{Found, Role, Side};
use super::{Endpoint, Feature, Limits, Protocol, Target, most, schema};

/// Why a body is no request of its endpoint. Holds no content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The body is not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// The body is not JSON that this house accepts.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A field that the protocol requires is absent or of another type.
    #[error("`{0}` is absent or of the wrong type")]
    Field(&'static str),
    /// A field holds numbers of tokens, which only a tokenizer can read.
    #[error("`{0}` holds numbers of tokens")]
    Tokens(&'static str),
    /// The body is not the form that the endpoint takes.
    #[error("the body is no form whose fields are known names, each once")]
    Form,
    /// A field is given in both of its spellings, or in letters of another case, which some readers take for it.
    #[error("a field is given in both of its spellings, or in letters of another case")]
    Twice,
    /// A field would have another model answer than the one that is routed to.
    #[error("`{0}` would have another model answer")]
    OtherModel(&'static str),
    /// A field asks for an answer in a form that can't be guarded.
    #[error("`{0}` is none of {1}")]
    Answer(&'static str, &'static str),
    /// The answer is to be streamed in a form that can't be guarded.
    #[error("a stream of this kind of body can't be guarded")]
    Stream,
}

impl ParseError {
    /// The stable code of the refusal.
    pub const fn code(&self) -> Code {
        match self {
            Self::Twice | Self::Json(JsonError { fault: JsonFault::DuplicateKey, .. }) => {
                Code::JSON_DUPLICATE_KEY
            }
            Self::OtherModel(_) => Code::MODEL_FOREIGN,
            Self::Json(JsonError { fault: JsonFault::Depth, .. }) => Code::BODY_TOO_DEEP,
            Self::Json(JsonError { fault: JsonFault::Size, .. }) => Code::BODY_TOO_LARGE,
            Self::Answer(..) => Code::FORM_UNSUPPORTED,
            Self::Stream => Code::STREAM_UNSUPPORTED,
            Self::Tokens(_) => Code::TOKENS_UNREADABLE,
            Self::NotUtf8 | Self::Json(_) | Self::Field(_) | Self::Form => Code::REQUEST_MALFORMED,
        }
    }
}

/// Why a request could not be rewritten; it must not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RewriteError {
    /// An edit names a position that is not there.
    #[error("an edit names no position of the request")]
    NoPosition,
    /// An edit names signed content.
    #[error("an edit names signed content, which can't be rewritten")]
    Signed,
    /// After the edits, the fields are no form any more.
    #[error("the edits leave no form")]
    Form,
    /// After the edits, an object would hold the same key twice.
    #[error("the edits make two keys of one object the same")]
    KeysCollide,
}

/// What is written of the field `store`, where an endpoint has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// as the client sent it: only where an agreement's scope names vendor-kept state
    AsSent,
    /// `false` where the client sent anything else
    FalseWhereSent,
    /// `false`, also where the client sent nothing: for vendors that know the field
    False,
}

/// One position of content.
#[derive(Clone, Copy)]
pub struct Passage<'a> {
    /// Its number: the index by which edits name it.
    pub index: usize,
    /// Its text, decoded.
    pub text: &'a str,
    /// The name of the field that holds it, where that tells something; `None` for prose.
    pub label: Option<&'a str>,
    /// What kind of position it is.
    pub role: Role,
}

/// A request to a model.
pub struct Request {
    endpoint: Endpoint,
    body: Document,
    found: Found,
    model: String,
    stream: bool,
    messages: Vec<CanonicalMessage>,
    form: Option<Form>,
    size: usize,
}

impl Request {
    /// Parses the body that came to a target: a form where the endpoint takes one, JSON else.
    pub fn parse_as(
        target: Target,
        content_type: Option<&str>,
        body: Bytes,
        limits: &Limits,
    ) -> Result<Self, ParseError> {
        if !target.endpoint.dialect().is_form() {
            return Self::parse(target, body, limits);
        }
        let (form, fields) = form::read(content_type.unwrap_or_default(), &body)?;
        Ok(Self { form: Some(form), size: body.len(), ..Self::parse(target, fields, limits)? })
    }

    /// Parses the JSON body that came to a target.
    pub fn parse(target: impl Into<Target>, body: Bytes, limits: &Limits) -> Result<Self, ParseError> {
        let Target { endpoint, model, stream } = target.into();
        let size = body.len();
        let text = String::from_utf8(body.into()).map_err(|_| ParseError::NotUtf8)?;
        let body = Document::parse(text, limits.bounds())?;
        let root = body.root();
        let endpoint = endpoint.of_body(root);
        let dialect = endpoint.dialect();
        dialect.check(root)?;
        let stream = stream.map_or_else(|| dialect.streams(root), Ok)?;
        if stream && !dialect.can_stream(root) {
            return Err(ParseError::Stream);
        }
        let messages = dialect.messages(root);
        let mut found = Found::walk(&body, dialect.grammar(), Side::Request, limits);
        found.features.insert(Feature::Inference);
        if found.twice {
            return Err(ParseError::Twice);
        }
        if found.over {
            return Err(ParseError::Json(JsonError { fault: JsonFault::Size, at: 0 }));
        }
        let named = found.models.first().and_then(|node| body.view(*node).string());
        let model = model.or(named.map(Cow::into_owned)).ok_or(ParseError::Field("model"))?;
        Ok(Self { endpoint, body, found, model, stream, messages, form: None, size })
    }

    /// The endpoint that it came to; of one path's, the one that the body is of.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The protocol of its endpoint.
    pub fn protocol(&self) -> Protocol {
        self.endpoint.protocol()
    }

    /// Tokens of its answers together, at most; where it names no limit, what they are taken to have.
    pub fn output_tokens(&self) -> u64 {
        if self.endpoint.dialect().is_written() { most::of(self.body.root()) } else { 0 }
    }

    /// The model that it asks for, as the client wrote it. Not scanned: it is replaced by the routed one.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether the answer is to be streamed.
    pub fn stream(&self) -> bool {
        self.stream
    }

    /// What it asks of the service; always [`Feature::Inference`], and more where the body says so.
    pub fn features(&self) -> &BTreeSet<Feature> {
        &self.found.features
    }

    /// The media type of what [`Request::rewrite`] writes.
    pub fn content_type(&self) -> Cow<'static, str> {
        self.form.as_ref().map_or(Cow::Borrowed("application/json"), |form| form.content_type().into())
    }

    /// The body as it came; of a form, its fields.
    pub fn body(&self) -> &str {
        self.body.text()
    }

    /// Bytes of the whole body as it came; of a form, its file included.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Bytes of the file of a form; none else.
    pub fn file_bytes(&self) -> usize {
        self.form.as_ref().map_or(0, Form::file_bytes)
    }

    /// Canonical bytes of each message, the system prompt first where the protocol has it apart.
    pub fn messages(&self) -> &[CanonicalMessage] {
        &self.messages
    }

    /// All content, in the order of the body. The passage at index `n` is the `n`th.
    pub fn passages(&self) -> impl ExactSizeIterator<Item = Passage<'_>> {
        self.found.positions.iter().enumerate().map(|(index, position)| Passage {
            index,
            text: self.found.text(&self.body, position.text),
            label: position.label.map(|label| self.found.text(&self.body, label)),
            role: position.role,
        })
    }

    /// What the request demands of values: by its schemas, and by numbers that should stay numbers.
    pub fn constraints(&self) -> Constraints {
        let mut constraints = Constraints::none();
        schema::read(self.body.root(), &mut constraints);
        let positions = self.found.positions.iter().enumerate();
        let numbers = positions.filter(|(_, position)| position.role == Role::Number);
        numbers.for_each(|(index, _)| constraints.number(index));
        constraints
    }

    /// Whether the answer's text is to be a JSON document.
    pub fn asks_for_json(&self) -> bool {
        schema::asks_for_json(self.body.root())
    }

    /// What only a vendor can read, decoded, in the order of the body: signatures of thinking, redacted thinking,
    /// encrypted results of search. Empty ones are left out.
    ///
    /// Such text goes out unscanned where it looks like base64, so a caller must see that the same service issued
    /// each of these bytes in this conversation (base64 is in its one spelling, as clients change it): what its answers held is [`Answer::opaque`] and
    /// [`AnswerStream::opaque`].
    ///
    /// [`Answer::opaque`]: super::Answer::opaque
    /// [`AnswerStream::opaque`]: super::AnswerStream::opaque
    pub fn opaque(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.found.opaque.iter().map(|slice| self.found.text(&self.body, *slice).as_bytes())
    }

    /// Where the passage at `index` stands: a JSON pointer without content, fit for the record.
    pub fn pointer(&self, index: usize) -> Option<String> {
        let position = self.found.positions.get(index)?;
        Some(self.found.pointer(&self.body, position))
    }

    /// The body with passages replaced (`(index, new text)`), the routed model's name, and `store` as told.
    /// Bytes of tokens that do not change stay as they came; a number whose new text is one stays a number.
    pub fn rewrite(
        &self,
        edits: &[(usize, String)],
        model: &str,
        store: Store,
    ) -> Result<Bytes, RewriteError> {
        let mut drafts: Vec<Draft<'_>> = Vec::new();
        drafts.resize_with(self.found.nested.len() + 1, Draft::default);
        for (index, text) in edits {
            let position = self.found.positions.get(*index).ok_or(RewriteError::NoPosition)?;
            if position.role == Role::Signed {
                return Err(RewriteError::Signed);
            }
            let view = self.found.document(&self.body, position.document).view(position.node);
            if let Some(draft) = drafts.get_mut(position.document as usize) {
                draft.keys |= position.role == Role::Key && position.document == 0;
                let text = Cow::Borrowed(text.as_str());
                let stays = position.role == Role::Number && is_number(&text);
                draft.tokens.push(token(view, if stays { Edit::Raw(text) } else { Edit::Text(text) }));
            }
        }
        // a document's number is higher than that of the one around it, so the innermost come first
        for nested in self.found.nested.iter().rev() {
            let Some(draft) = drafts.pop().filter(|draft| !draft.tokens.is_empty()) else { continue };
            let text = draft.write(&nested.document)?;
            let view = self.found.document(&self.body, nested.parent).view(nested.node);
            if let Some(around) = drafts.get_mut(nested.parent as usize) {
                around.tokens.push(token(view, Edit::Text(Cow::Owned(text))));
            }
        }
        let mut draft = drafts.pop().unwrap_or_default();
        let dialect = self.endpoint.dialect();
        for sent in self.found.models.iter().map(|node| self.body.view(*node)) {
            let name = dialect.named(&sent.string().unwrap_or_default(), model);
            if !sent.is(&name) {
                draft.tokens.push(token(sent, Edit::Text(Cow::Owned(name))));
            }
        }
        if dialect.has_store() {
            draft.tokens.extend(store_token(self.body.root(), store));
        }
        let body = draft.write(&self.body).map(Bytes::from)?;
        match &self.form {
            None => Ok(body),
            Some(form) => form.write(&body).ok_or(RewriteError::Form),
        }
    }
}

/// What changes in one document.
#[derive(Default)]
struct Draft<'a> {
    tokens: Vec<Token<'a>>,
    keys: bool,
}

impl Draft<'_> {
    fn write(mut self, document: &Document) -> Result<String, RewriteError> {
        let text = splice(document.text(), &mut self.tokens);
        if self.keys {
            let bounds = Bounds { depth: usize::MAX, nodes: usize::MAX, unique_keys: true };
            check(&text, bounds).map_err(|_| RewriteError::KeysCollide)?;
        }
        Ok(text)
    }
}

/// Whether `text` is a number of JSON and nothing else.
fn is_number(text: &str) -> bool {
    let bounds = Bounds { depth: 1, nodes: 1, unique_keys: true };
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit())
        && check(text, bounds).is_ok()
}

type Token<'a> = (u32, u32, Edit<'a>);

fn token<'a>(view: View<'_>, edit: Edit<'a>) -> Token<'a> {
    (view.node().start, view.node().end, edit)
}

fn store_token(root: View<'_>, store: Store) -> Option<Token<'static>> {
    match (root.get("store"), store) {
        (_, Store::AsSent) | (None, Store::FalseWhereSent) => None,
        (Some(sent), _) if sent.raw() == "false" => None,
        (Some(sent), _) => Some(token(sent, Edit::Raw(Cow::Borrowed("false")))),
        (None, Store::False) => {
            let start = root.node().start + 1;
            Some((start, start, Edit::Raw(Cow::Borrowed("\"store\":false,"))))
        }
    }
}
