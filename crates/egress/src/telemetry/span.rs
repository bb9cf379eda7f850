//! What is told of an exchange: spans whose every part is a word of the house, a name of the registers, or a number.

use std::sync::Arc;

use governance::{ModelName, Row, Service};
use terms::{AgentId, EngagementId, ExchangeId, Name, Randomness, ServiceId, VendorId};

/// The identifier of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId(pub [u8; 16]);

/// The identifier of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanId(pub [u8; 8]);

impl TraceId {
    /// A fresh one: random, and never zero (W3C Trace Context, 3.2.2.3).
    pub fn fresh(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 16];
        randomness.fill(&mut bytes);
        bytes[15] = bytes[15].max(1);
        Self(bytes)
    }
}

impl SpanId {
    /// A fresh one: random, and never zero (W3C Trace Context, 3.2.2.4).
    pub fn fresh(randomness: &dyn Randomness) -> Self {
        let mut bytes = [0; 8];
        randomness.fill(&mut bytes);
        bytes[7] = bytes[7].max(1);
        Self(bytes)
    }
}

/// Which side of a call a span shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanKind {
    /// Work in the house.
    Internal,
    /// A request that the house answers.
    Server,
    /// A request that the house makes.
    Client,
}

/// The value of an attribute. There is no variant for text that came with a request or an answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A word of this program.
    Word(&'static str),
    /// Words of this program.
    Words(Vec<&'static str>),
    /// A number.
    Count(u64),
    /// An exchange.
    Exchange(ExchangeId),
    /// An engagement.
    Engagement(EngagementId),
    /// An agent.
    Agent(AgentId),
    /// A service.
    Service(ServiceId),
    /// A vendor.
    Vendor(VendorId),
    /// A pool.
    Pool(Name),
    /// A model.
    Model(ModelName),
    /// The host of a service's address.
    Host(Arc<Row<Service>>),
}

/// An attribute. Its key is `key`, and `part` after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The key, or how it begins.
    pub key: &'static str,
    /// The rest of the key; mostly empty.
    pub part: &'static str,
    /// The value.
    pub value: Value,
}

/// A span that ended. Times are nanoseconds since the epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace that it belongs to.
    pub trace: TraceId,
    /// Its own identifier.
    pub id: SpanId,
    /// The span that it is part of.
    pub parent: Option<SpanId>,
    /// Whether that span is another program's.
    pub remote: bool,
    /// What was done.
    pub name: &'static str,
    /// The model that it was done with, told after the name.
    pub model: Option<ModelName>,
    /// Which side of a call it shows.
    pub kind: SpanKind,
    /// When it began.
    pub start: u64,
    /// When it ended.
    pub end: u64,
    /// What else is told of it.
    pub attributes: Vec<Attribute>,
    /// Whether it failed.
    pub failed: bool,
}
