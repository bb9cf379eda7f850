//! Spans as OTLP has them: an `ExportTraceServiceRequest` in protobuf (opentelemetry-proto 1.x, trace/v1/trace.proto).
//!
//! The numbers below are the fields' numbers there.

use bytes::Bytes;

use super::span::{Attribute, Span, SpanKind, Value};

/// The flags of a trace that is recorded (W3C Trace Context, 3.2.2.5), with those that say whether `parent` is another
/// program's (`SpanFlags`).
const SAMPLED: u32 = 0x001;
const REMOTENESS_IS_KNOWN: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;
/// `STATUS_CODE_ERROR`
const ERROR: u64 = 2;

/// The request that brings `spans` to a collector.
pub(super) fn request<'a>(spans: impl Iterator<Item = &'a Span>) -> Bytes {
    let mut request = Message::default();
    request.message(1, |resource_spans| {
        resource_spans.message(1, |resource| {
            for (key, value) in [("service.name", "chaperon"), ("service.version", env!("CARGO_PKG_VERSION"))]
            {
                let value = Value::Word(value);
                resource.message(1, |one| one.attribute(&Attribute { key, part: "", value }));
            }
        });
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(1, |scope| scope.bytes(1, b"chaperon"));
            for span in spans {
                scope_spans.message(2, |one| one.span(span));
            }
        });
    });
    Bytes::from(request.0)
}

/// A message of protobuf, as it is written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    /// The tag of a field; wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes.
    fn tag(&mut self, field: u64, wire: u64) {
        self.varint(field << 3 | wire);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.tag(field, 0);
        self.varint(number);
    }

    fn time(&mut self, field: u64, nanoseconds: u64) {
        self.tag(field, 1);
        self.0.extend_from_slice(&nanoseconds.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.begin(field, bytes.len());
        self.0.extend_from_slice(bytes);
    }

    fn begin(&mut self, field: u64, length: usize) {
        self.tag(field, 2);
        self.varint(u64::try_from(length).unwrap_or(u64::MAX));
    }

    fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }

    fn span(&mut self, span: &Span) {
        self.bytes(1, &span.trace.0);
        self.bytes(2, &span.id.0);
        if let Some(parent) = span.parent {
            self.bytes(4, &parent.0);
        }
        let model = span.model.as_ref().map(governance::ModelName::as_str);
        self.begin(5, span.name.len() + model.map_or(0, |model| model.len() + 1));
        self.0.extend_from_slice(span.name.as_bytes());
        if let Some(model) = model {
            self.0.push(b' ');
            self.0.extend_from_slice(model.as_bytes());
        }
        let kind = match span.kind {
            SpanKind::Internal => 1,
            SpanKind::Server => 2,
            SpanKind::Client => 3,
        };
        self.number(6, kind);
        self.time(7, span.start);
        self.time(8, span.end);
        for attribute in &span.attributes {
            self.message(9, |one| one.attribute(attribute));
        }
        if span.failed {
            self.message(15, |status| status.number(3, ERROR));
        }
        let remote = if span.remote { IS_REMOTE } else { 0 };
        self.tag(16, 5);
        self.0.extend_from_slice(&(SAMPLED | REMOTENESS_IS_KNOWN | remote).to_le_bytes());
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let Attribute { key, part, value } = attribute;
        self.begin(1, key.len() + part.len());
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(part.as_bytes());
        self.message(2, |any| any.value(value));
    }

    fn value(&mut self, value: &Value) {
        let mut text = |text: &str| self.bytes(1, text.as_bytes());
        match value {
            Value::Word(word) => text(word),
            Value::Exchange(id) => text(&id.to_string()),
            Value::Engagement(id) => text(id.as_str()),
            Value::Agent(id) => text(id.as_str()),
            Value::Service(id) => text(id.as_str()),
            Value::Vendor(id) => text(id.as_str()),
            Value::Pool(id) => text(id.as_str()),
            Value::Model(model) => text(model.as_str()),
            Value::Host(row) => text(row.body.endpoint.host()),
            Value::Count(count) => self.number(3, *count),
            Value::Words(words) => self.message(5, |array| {
                for word in words {
                    array.message(1, |any| any.bytes(1, word.as_bytes()));
                }
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::span::{SpanId, TraceId};
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }

    fn span() -> Span {
        Span {
            trace: TraceId([1; 16]),
            id: SpanId([2; 8]),
            parent: Some(SpanId([3; 8])),
            remote: true,
            name: "chat",
            model: "m-1".parse().ok(),
            kind: SpanKind::Server,
            start: 1,
            end: 258,
            attributes: vec![Attribute { key: "a.", part: "b", value: Value::Count(300) }],
            failed: true,
        }
    }

    /// Made by hand from the tables of the encoding, field by field.
    #[test]
    fn a_span_is_written_as_the_format_says() {
        let mut message = Message::default();
        message.span(&span());
        let wanted = [
            format!("0a10{}", "01".repeat(16)),
            format!("1208{}", "02".repeat(8)),
            format!("2208{}", "03".repeat(8)),
            format!("2a08{}", hex(b"chat m-1")),
            "3002".to_owned(),
            "390100000000000000".to_owned(),
            "410201000000000000".to_owned(),
            format!("4a0a0a03{}120318ac02", hex(b"a.b")),
            "7a021802".to_owned(),
            "850101030000".to_owned(),
        ];
        assert_eq!(hex(&message.0), wanted.concat());
    }

    #[test]
    fn a_long_message_has_a_long_length() {
        let mut message = Message::default();
        message.message(1, |inner| inner.bytes(1, &[7; 300]));
        assert_eq!(hex(message.0.get(..6).unwrap()), "0aaf020aac02");
    }

    #[test]
    fn words_are_an_array() {
        let mut message = Message::default();
        message.value(&Value::Words(vec!["x", "yz"]));
        assert_eq!(hex(&message.0), format!("2a0b0a030a0178{}", "0a040a02797a"));
    }
}
