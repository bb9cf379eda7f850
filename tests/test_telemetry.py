"""Traces: what a collector is told of exchanges, what it is never told, and that nothing waits for it."""

import re
import secrets
import socket
import ssl
import threading

import pytest

from house.collector import CLIENT, INTERNAL, SERVER, Collector
from house.leaks import leaks
from house.office import add_service
from house.patients import HAROLD, HAROLD_VALUES, MARKS, NOTE
from house.server import ROOT, free_port, wait_for
from house.upstream import Answer, Upstream
from house.vendors import dump, echo
from conftest import furnished
from test_canary import OPAQUE, OPAQUE_REFUSED, walk_every_path
from test_pools import busy

PAGE = ROOT / "docs/reference/telemetry.md"


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.close()


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """One installation for all: with twin-api, and a pool `large` of it and acme-api. No database is in the way."""
    office = furnished(tmp_path_factory.mktemp("telemetry"), "sqlite")
    office.twin = Upstream(echo)
    add_service(office.house, "twin-api", "acme", office.twin, "--account", "org-42", "--model", "twin-1")
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
                    "--retention", "zero", "--region", "us", "--scope", "acme-api", "--scope", "twin-api",
                    "--scope", "acme-bedrock", "--replace", "--drop")
    office.house.do("pool", "add", "large", "--to", "acme-api/acme-large", "--to", "twin-api/twin-1")
    office.plain = (office.house.home / "chaperon.toml").read_text()
    yield office
    for vendor in [*office.vendors, office.twin]:
        vendor.close()


@pytest.fixture
def serve(installed):
    """Serves it with further lines of configuration; it ends with the test."""
    def start(settings=""):
        assert installed.house.stop() == 0
        installed.forget()
        installed.house.log_path.unlink(missing_ok=True)
        (installed.house.home / "chaperon.toml").write_text(installed.plain + settings)
        installed.house.start()
        return installed

    yield start
    installed.house.stop()


@pytest.fixture
def told(serve, collector):
    """A served house that tells the collector everything."""
    office = serve(collector.settings)
    office.collector = collector
    return office


def trace_of(office, exchange: str):
    return wait_for(lambda: office.collector.of(exchange))


def traceparent(sampled: bool = True) -> tuple[str, str, str]:
    # a leading letter each: no number that the house would not take
    trace, parent = "f" + secrets.token_hex(16)[1:], "fa" + secrets.token_hex(8)[2:]
    return f"00-{trace}-{parent}-{'01' if sampled else '00'}", trace, parent


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_an_exchange_is_one_span_and_its_phases(told, stream):
    reply = told.chat(HAROLD, stream=stream)
    assert reply.status == 200
    root, below = trace_of(told, reply.exchange)
    assert (root.name, root.kind, root.parent, root.failed) == ("chat acme-large", SERVER, "", False)
    assert [span.name for span in below] == ["receive", "parse", "detect", "decide", "record", "transform",
                                             "chat acme-large"]
    assert [span.kind for span in below] == [INTERNAL] * 6 + [CLIENT]
    assert {span.trace for span in below} == {root.trace}
    for span in below:
        assert root.start <= span.start <= span.end <= root.end, span.name
    call, about = below[-1].attributes, root.attributes
    for one in (call, about):
        assert one["gen_ai.operation.name"] == "chat" and one["gen_ai.provider.name"] == "openai"
        assert one["gen_ai.request.model"] == "acme-large" and one["gen_ai.response.finish_reasons"] == ["stop"]
        assert (one["gen_ai.usage.input_tokens"], one["gen_ai.usage.output_tokens"]) == (11, 7)
        assert (one["server.address"], one["server.port"]) == ("127.0.0.1", told.acme.port)
        assert (one["chaperon.service"], one["chaperon.vendor"]) == ("acme-api", "acme")
        assert ("chaperon.time_to_first_chunk_us" in one) == stream
        assert "error.type" not in one
    assert about["chaperon.engagement"] == "mercy" and about["chaperon.agent"] == "scribe"
    assert about["chaperon.decision"] == "permit" and about["chaperon.outcome"] == "success"
    assert about["chaperon.findings"] == sum(
        count for key, count in about.items() if key.startswith("chaperon.findings."))
    assert about["chaperon.findings.MRN"] == 1 and about["chaperon.surrogates"] >= 4
    assert about["chaperon.restored"] >= 4 and about["http.response.status_code"] == 200


def test_other_protocols_and_operations(told):
    reply = told.message("Hello")
    root, below = trace_of(told, reply.exchange)
    assert root.attributes["gen_ai.provider.name"] == "anthropic"
    assert root.attributes["gen_ai.response.finish_reasons"] == ["end_turn"]
    reply = told.house.call("/v1/completions", {"model": "acme-large", "prompt": "Hello"}, told.scribe)
    root, below = trace_of(told, reply.exchange)
    assert root.name == "text_completion acme-large"


def test_the_span_joins_the_applications_trace_and_goes_no_further(told):
    header, trace, parent = traceparent()
    reply = told.chat(HAROLD, headers={"traceparent": header, "tracestate": "a=b", "baggage": "patient=Quackenbush"})
    root, below = trace_of(told, reply.exchange)
    assert (root.trace, root.parent, root.remote) == (trace, parent, True)
    assert not any(span.remote for span in below)
    vendor = told.acme.captured()
    for strange in (trace, parent, root.id, "traceparent", "tracestate", "baggage"):
        assert strange.encode() not in vendor.lower(), strange


@pytest.mark.parametrize("header", [
    "00-zz", "01-" + "a" * 32 + "-" + "b" * 16 + "-01", "00-" + "A" * 32 + "-" + "b" * 16 + "-01",
    "00-" + "0" * 24 + "48213377-fbfbfbfbfbfbfbfb-01", "00-fbfbfbfbfbfbfbfbfbfbfbfbfbfbfbfb-0000000048213377-01",
    "00-" + b"Harold Finchley!".hex()[:30] + "20-fbfbfbfbfbfbfbfb-01",
])
def test_a_strange_traceparent_is_no_parent(told, header):
    reply = told.chat("Hello", headers={"traceparent": header})
    assert reply.status == 200
    root, _ = trace_of(told, reply.exchange)
    assert root.parent == "" and root.trace not in header


def test_a_denial_and_a_refusal_are_told_with_their_codes(told):
    reply = told.chat(HAROLD, model="bargain-1")
    root, below = trace_of(told, reply.exchange)
    assert (root.name, root.failed) == ("chat bargain-1", False)
    about = root.attributes
    assert (about["chaperon.decision"], about["chaperon.outcome"]) == ("deny", "refused")
    assert about["chaperon.code"] == about["error.type"] == "agreement-missing"
    assert about["http.response.status_code"] == 403
    assert [span.name for span in below] == ["receive", "parse", "detect", "decide", "record"]

    reply = told.chat(HAROLD, model="no-such-model")
    root, below = trace_of(told, reply.exchange)
    assert (root.name, root.attributes["chaperon.code"]) == ("chat", "model-unknown")

    reply = told.chat(HAROLD, key="chp_" + "0" * 52)
    root, below = trace_of(told, reply.exchange)
    assert root.attributes["chaperon.code"] == "key-unknown" and "chaperon.engagement" not in root.attributes


def test_a_vendors_failure_is_told(told):
    told.acme.answer = busy(500)
    reply = told.chat("Hello")
    root, below = trace_of(told, reply.exchange)
    assert root.failed and below[-1].failed
    assert below[-1].attributes["error.type"] == root.attributes["error.type"] == "upstream-refused"
    assert root.attributes["chaperon.outcome"] == "failure"


def test_each_try_of_a_pool_is_a_call_below_one_span(told):
    office = told
    office.acme.answer = busy(503)
    reply = office.chat(HAROLD, model="large")
    assert reply.status == 200
    root, below = trace_of(office, reply.exchange)
    first, second = [span for span in below if span.kind == CLIENT]
    assert (first.name, first.failed, first.attributes["error.type"]) == ("chat acme-large", True, "upstream-refused")
    assert (second.name, second.failed) == ("chat twin-1", False)
    assert first.end <= second.start
    assert [span.attributes["chaperon.try"] for span in (first, second)] == [1, 2]
    assert second.attributes["chaperon.exchange"] == reply.exchange
    about = root.attributes
    assert about["chaperon.exchange"] == first.attributes["chaperon.exchange"] != reply.exchange
    assert (root.name, about["chaperon.pool"], about["chaperon.tries"]) == ("chat twin-1", "large", 2)
    assert about["chaperon.outcome"] == "success" and "error.type" not in about and not root.failed
    assert 'chaperon_pool_retries_total{code="upstream-refused"} 1' in office.house.call("/metrics").text


def test_sampling_is_the_callers_where_it_traces(serve, collector):
    office = serve(collector.settings + "sampling = 0.0\n")
    for _ in range(20):
        assert office.chat("Hello").status == 200
    assert office.chat("Hello", headers={"traceparent": traceparent(sampled=False)[0]}).status == 200
    header, trace, _ = traceparent()
    assert office.chat("Hello", headers={"traceparent": header}).status == 200
    assert office.house.stop() == 0
    assert [root.trace for root in collector.roots()] == [trace]


def test_nothing_marked_is_told(told):
    """Every way through the house, and what vendors and callers may put where a collector would be told of it."""
    [mark] = [mark for mark in MARKS if re.fullmatch(r"\d{8}", mark)]

    def vendor(arrival):
        body = {"id": MARKS[0], "object": "chat.completion", "created": 1, "model": mark, "choices": [{
            "index": 0, "finish_reason": mark, "message": {"role": "assistant", "content": "Well."}}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}
        return Answer(dump(body), headers={"x-request-id": MARKS[0]})

    told.acme.answer = vendor
    for headers in ({"tracestate": f"mrn={mark}", "baggage": f"mrn={mark}", "traceparent": traceparent()[0]},
                    {"traceparent": f"00-{mark.zfill(32)}-{mark.zfill(16)}-01"},
                    {"traceparent": f"00-{'0' * 16}{mark.encode().hex()}-{mark.encode().hex()}-01"}):
        assert told.chat(NOTE, headers=headers).status == 200
    told.acme.answer = echo
    walk_every_path(told)
    assert told.house.stop() == 0
    said = told.collector.captured()
    assert len(told.collector.roots()) > 60, "all of it was told"
    assert leaks([*MARKS, OPAQUE, OPAQUE_REFUSED], {"collector": said}) == []
    assert told.scribe.encode() not in said and told.scribe.removeprefix("chp_").encode() not in said


def down():
    return f"http://127.0.0.1:{free_port()}"


def silent():
    """A port that takes connections and says nothing."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_collector_that_is_not_there_disturbs_nobody(serve):
    office = serve(f'[telemetry]\nendpoint = "{down()}"\n')
    for _ in range(5):
        assert office.chat(HAROLD).status == 200
    dropped = wait_for(lambda: re.search(r"chaperon_spans_dropped_total ([1-9]\d*)", office.house.call("/metrics").text))
    assert int(dropped[1]) >= 7
    assert "chaperon_spans_sent_total 0" in office.house.call("/metrics").text
    assert "could not be brought to the collector" in office.house.log()
    assert office.house.stop() == 0


def test_a_collector_that_says_nothing_disturbs_nobody(serve):
    listener, url = silent()
    office = serve(f'[telemetry]\nendpoint = "{url}"\n')
    for _ in range(5):
        assert office.chat(HAROLD).status == 200
    assert office.house.stop() == 0, "the end does not wait for it either"
    listener.close()


STRANGE = {
    "huge": lambda arrival: Answer([b"x" * 65536] * 64),
    "redirect": lambda arrival: Answer(b"", 302, {"location": "http://127.0.0.1:1/"}),
    "refusal": lambda arrival: Answer(b"no", 400),
    "noise": lambda arrival: Answer(b"\xff" * 100),
}


def test_strange_collectors_disturb_nobody(told):
    for name, answer in STRANGE.items():
        told.collector.answer = answer
        before = len(told.collector.brought())
        assert told.chat(HAROLD).status == 200
        wait_for(lambda: len(told.collector.brought()) > before)
        assert told.chat(HAROLD).status == 200, name
    assert told.house.stop() == 0
    assert {arrival.path for arrival in told.collector.arrivals} == {"/v1/traces"}, "no redirect was followed"


def test_a_busy_collector_is_asked_again(told, collector):
    answers = [Answer(b"", 503), Answer(b"", 429)]
    collector.answer = lambda arrival: answers.pop() if answers else Answer(b"")
    assert told.chat(HAROLD).status == 200
    wait_for(lambda: len(collector.brought()) == 3)
    assert len({arrival.body for arrival in collector.brought()}) == 1
    wait_for(lambda: "chaperon_spans_sent_total 8" in told.house.call("/metrics").text)


def test_many_exchanges_come_in_few_batches_and_the_last_at_the_end(told):
    def some():
        for _ in range(20):
            assert told.chat("Hello").status == 200

    threads = [threading.Thread(target=some) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert told.house.stop() == 0
    assert len(told.collector.roots()) == 80
    assert len(told.collector.brought()) < 40


def test_the_collector_is_called_over_tls_with_its_secret(installed, serve, authority):
    files = authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "server.pem", files / "server.key")
    installed.house.environment["COLLECTOR_TOKEN"] = "Bearer s3cret"
    safe = Upstream(lambda arrival: Answer(b""), context)
    for trust in (False, True):
        settings = f'[upstream]\ntrust = "{files / "server.pem"}"\n' if trust else ""
        office = serve(f'{settings}[telemetry]\nendpoint = "{safe.url}/base"\n'
                       'authorization = { env = "COLLECTOR_TOKEN" }\n')
        assert office.chat(HAROLD).status == 200
        assert office.house.stop() == 0
        assert bool(safe.arrivals) == trust
        assert "s3cret" not in office.house.log()
    arrival = safe.last()
    assert (arrival.method, arrival.path) == ("POST", "/base/v1/traces")
    assert arrival.header("authorization") == "Bearer s3cret"
    assert arrival.header("content-type") == "application/x-protobuf"
    assert leaks(HAROLD_VALUES, {"spans": arrival.body}) == []
    safe.close()


def test_without_a_collector_nothing_is_told(serve):
    office = serve()
    assert office.chat(HAROLD, headers={"traceparent": traceparent()[0]}).status == 200
    assert "chaperon_spans_sent_total 0" in office.house.call("/metrics").text


def test_metrics_have_the_names_of_the_conventions(serve):
    office = serve()
    assert office.chat(HAROLD, stream=True).status == 200
    office.acme.answer = busy(500)
    office.chat(HAROLD)
    text = office.house.call("/metrics").text
    call = ('gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="acme-large",'
            'chaperon_service="acme-api"')
    for line in (f'gen_ai_client_operation_duration_seconds_count{{{call},error_type=""}} 1',
                 f'gen_ai_client_operation_duration_seconds_count{{{call},error_type="upstream-refused"}} 1',
                 f"gen_ai_client_operation_time_to_first_chunk_seconds_count{{{call}}} 1",
                 f'gen_ai_client_token_usage_sum{{{call},gen_ai_token_type="input"}} 11.0',
                 f'gen_ai_client_token_usage_sum{{{call},gen_ai_token_type="output"}} 7.0'):
        assert line in text, line + "\n" + text


def test_the_page_lists_what_is_told(told):
    """Every attribute and every metric that comes out is on the page."""
    page = PAGE.read_text()
    for reply in (told.chat(HAROLD, stream=True), told.chat(HAROLD, model="bargain-1"), told.chat("x", model="none")):
        trace_of(told, reply.exchange)
    spans = told.collector.spans()
    for key in {key for span in spans for key in span.attributes}:
        key = re.sub(r"^(chaperon\.(?:findings|masked))\..*", r"\1.", key)
        assert f"`{key}" in page, key
    for name in re.findall(r"^# TYPE (\S+)", told.house.call("/metrics").text, re.M):
        assert f"`{name}" in page, name
