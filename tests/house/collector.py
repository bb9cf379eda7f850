"""A small collector of traces: OTLP over HTTP on loopback, read with the format's own library."""

import dataclasses

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from .upstream import Answer, Arrival, Upstream


@dataclasses.dataclass
class Span:
    """A span as a collector has it."""

    trace: str
    id: str
    parent: str
    name: str
    kind: int
    start: int
    end: int
    attributes: dict
    failed: bool
    remote: bool


INTERNAL, SERVER, CLIENT = 1, 2, 3


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return [value(one) for one in any_value.array_value.values]
    return getattr(any_value, kind)


def read(body: bytes) -> list[Span]:
    """The spans of one request; a field that the format does not know is an error."""
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    assert request.SerializeToString() == body, "the format has another way to write this"
    spans = []
    for resource in request.resource_spans:
        about = {one.key: value(one.value) for one in resource.resource.attributes}
        assert about["service.name"] == "chaperon" and about["service.version"]
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            keys = [one.key for one in span.attributes]
            assert len(set(keys)) == len(keys), f"a key comes twice: {keys}"
            assert len(span.trace_id) == 16 and len(span.span_id) == 8
            assert span.flags & 0x101 == 0x101 and not span.trace_state
            spans.append(Span(span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(), span.name, span.kind,
                              span.start_time_unix_nano, span.end_time_unix_nano,
                              {one.key: value(one.value) for one in span.attributes},
                              span.status.code == 2, bool(span.flags & 0x200)))
    return spans


class Collector(Upstream):
    """Takes everything; `answer` may say something else."""

    def __init__(self, answer=lambda arrival: Answer(b"", content_type="application/x-protobuf")):
        super().__init__(answer)

    @property
    def settings(self) -> str:
        """The lines of a configuration that send spans here."""
        return f'[telemetry]\nendpoint = "{self.url}"\n'

    def spans(self) -> list[Span]:
        return [span for arrival in self.brought() for span in read(arrival.body)]

    def brought(self) -> list[Arrival]:
        return [arrival for arrival in list(self.arrivals) if arrival.path == "/v1/traces"]

    def roots(self) -> list[Span]:
        return [span for span in self.spans() if span.kind == SERVER]

    def of(self, exchange: str) -> tuple[Span, list[Span]] | None:
        """The span of an exchange, by its own or a try's identifier, and those below it in time's order."""
        spans = self.spans()
        for one in spans:
            if one.attributes.get("chaperon.exchange") == exchange:
                [root] = [span for span in spans if span.id == (one.id if one.kind == SERVER else one.parent)]
                return root, sorted((span for span in spans if span.parent == root.id), key=lambda span: span.start)
        return None
