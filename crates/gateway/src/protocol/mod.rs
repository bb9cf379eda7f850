//! The protocols that applications speak to models, as bytes in and bytes out.
//!
//! What it does: parses a request without losing a byte of it, lists every position that can hold content, and
//! rewrites those that change; does the same for answers, plain and streamed, through a [`Guard`] per channel of
//! text; says errors in the protocol's own shape.
//! What it does not: any I/O, any detection, any decision.
//!
//! Invariants: every string anywhere, keys included, is content unless the protocol's grammar says that it is
//! structure *and* its value is one that the grammar lists; what can't be scanned is skipped only by a shape
//! that names the [`Feature`] it needs; a vendor's answer that can't be parsed is an error, never passed on;
//! bytes that nothing changed are the bytes that came.

pub mod eventstream;
pub mod json;
pub mod sse;

pub mod error;

mod answer;
mod anthropic;
mod bedrock;
mod blocks;
mod canonical;
mod count;
mod dialect;
mod echo;
mod form;
mod framing;
mod gemini;
mod guard;
mod lanes;
mod locate;
mod models;
mod most;
mod openai;
mod percent;
mod request;
mod said;
mod schema;
mod shape;
mod stream;
mod target;

pub(crate) use anthropic::{is_beta, is_date};
pub(crate) use bedrock::headers as bedrock_headers;
pub(crate) use framing::Framing;

pub use answer::{Answer, AnswerError, Facts};
pub use canonical::CanonicalMessage;
pub use guard::{Channel, Guard, Guards};
pub use locate::Role;
pub use models::Listing;
pub use request::{ParseError, Passage, Request, RewriteError, Store};
pub use stream::{AnswerStream, Ending};
pub use target::{Endpoint, Protocol, Spoken, Target, holds_key};

pub use governance::Feature;

use json::Bounds;

/// How much this house reads of one request, answer or event.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How deep objects and arrays may nest.
    pub depth: usize,
    /// How many values and keys one body may hold.
    pub nodes: usize,
    /// How many levels of JSON inside strings of JSON are read.
    pub nested: usize,
    /// How long one event of a stream may be, in bytes.
    pub event_bytes: usize,
    /// How much of an answer is remembered to know it again in the next turn, in bytes.
    pub answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, nodes: 1 << 20, nested: 3, event_bytes: 4 << 20, answer_bytes: 4 << 20 }
    }
}

impl Limits {
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds { depth: self.depth, nodes: self.nodes, unique_keys: true }
    }
}
