"""Requests that two readers could tell apart differently: where one ends, what its headers are, where it goes.

Each is refused, or read as exactly one request, and the vendor never sees a second one that hid in it.
"""

import json
import urllib.parse

import pytest
from test_positions import CONVERSATIONS, ENDPOINTS, PLANTED, VALUE, saying

from house.leaks import leaks
from house.wire import Frames, exchange

pytestmark = pytest.mark.sqlite

CHAT = "/v1/chat/completions"


def said(text: str) -> bytes:
    return json.dumps({"model": "acme-large", "messages": [{"role": "user", "content": text}]}).encode()


HELLO = said("Hello")


def chunked(body: bytes = HELLO, more: bytes = b"", end: bytes = b"0\r\n\r\n") -> bytes:
    return b"%x%s\r\n%s\r\n%s" % (len(body), more, body, end)


def request(office, *lines: bytes, body: bytes = b"", start: bytes = b"POST " + CHAT.encode() + b" HTTP/1.1",
            key: str | None = None) -> bytes:
    """A request of these very lines, behind a host and a key."""
    head = [start, b"host: x", b"authorization: Bearer " + (key or office.scribe).encode(), *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def length(body: bytes) -> bytes:
    return b"content-length: %d" % len(body)


def hidden(office) -> bytes:
    """A whole request that must never be read as one."""
    body = said("smuggled")
    return request(office, length(body), body=body)


def told(office, data: bytes) -> list[int]:
    """The statuses of all answers on the connection, once it is known what became of `data`."""
    statuses = [answer.status for answer in exchange(office.house.port, data)]
    assert b"smuggled" not in office.acme.captured(), "a request that hid in another was read"
    assert len(office.acme.arrivals) == (1 if statuses[:1] == [200] else 0)
    if office.acme.arrivals:
        assert office.acme.last().json["messages"] == [{"role": "user", "content": "Hello"}]
    return statuses


# where a request ends

SHORT, TE = b"content-length: 4", b"transfer-encoding: chunked"
OVERLONG = b"content-length: " + b"9" * 30
REFUSED = {
    "two-lengths": [SHORT, length(HELLO)],
    "two-lengths-other-order": [length(HELLO), SHORT],
    "list-of-lengths": [b"content-length: %d, %d" % (len(HELLO), len(HELLO))],
    "signed-length": [b"content-length: +%d" % len(HELLO)],
    "negative-length": [b"content-length: -1"],
    "hexadecimal-length": [b"content-length: 0x%x" % len(HELLO)],
    "length-with-a-space": [b"content-length: 4 4"],
    "no-length-after-all": [b"content-length: "],
    "length-that-overflows": [OVERLONG],
    "length-in-other-digits": ["content-length: ４".encode()],
    "space-before-colon": [b"content-length : %d" % len(HELLO)],
    "tab-before-colon": [b"content-length\t: %d" % len(HELLO)],
    "space-before-name": [b" content-length: %d" % len(HELLO)],
    "folded-length": [b"content-length:\r\n %d" % len(HELLO)],
    "folded-value": [length(HELLO), b"x-note: a\r\n b"],
    "nul-in-a-value": [length(HELLO), b"x-note: a\x00b"],
    "nul-in-a-name": [length(HELLO), b"x-no\x00te: a"],
    "bare-cr-in-a-value": [length(HELLO), b"x-note: a\rcontent-length: 0"],
    "bare-cr-before-a-length": [b"x-note: a\rcontent-length: 0", length(HELLO)],
    "delete-in-a-value": [length(HELLO), b"x-note: a\x7fb"],
    "vertical-tab-in-a-length": [b"content-length: \x0b%d" % len(HELLO)],
    "name-without-colon": [length(HELLO), b"x-note"],
    "no-name": [length(HELLO), b": x"],
    "two-hosts": [length(HELLO), b"host: elsewhere.example"],
    "the-same-host-twice": [length(HELLO), b"host: x"],
}
REFUSED_CHUNKED = {
    "twice": [TE, TE],
    "identity-first": [b"transfer-encoding: identity", TE],
    "identity-last": [TE, b"transfer-encoding: identity"],
    "chunked-then-identity": [b"transfer-encoding: chunked, identity"],
    "chunked-twice-in-a-list": [b"transfer-encoding: chunked, chunked"],
    "gzip-then-chunked": [b"transfer-encoding: gzip, chunked"],
    "identity": [b"transfer-encoding: identity"],
    "with-a-parameter": [b"transfer-encoding: chunked;q=1"],
    "vertical-tab": [b"transfer-encoding: \x0bchunked"],
    "quoted": [b'transfer-encoding: "chunked"'],
    "look-alike": [b"transfer-encoding: xchunked"],
    "space-before-colon": [b"transfer-encoding : chunked"],
    "folded": [b"transfer-encoding:\r\n chunked"],
    "empty": [b"transfer-encoding: "],
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_length_that_can_be_read_in_two_ways_is_refused(office, case):
    statuses = told(office, request(office, *REFUSED[case], body=HELLO + hidden(office)))
    assert statuses[0] == 400 and len(statuses) == 1, "and the connection ends: where the next one begins is not known"


@pytest.mark.parametrize("case", REFUSED_CHUNKED)
def test_a_transfer_encoding_that_can_be_read_in_two_ways_is_refused(office, case):
    statuses = told(office, request(office, *REFUSED_CHUNKED[case], body=chunked() + hidden(office)))
    assert statuses == [400]


@pytest.mark.parametrize("start", [b"POST " + CHAT.encode() + b" HTTP/1.0", b"POST " + CHAT.encode() + b" HTTP/1.2",
                                   b"POST " + CHAT.encode() + b" HTTP/2.0", b"POST " + CHAT.encode() + b" http/1.1",
                                   b"POST " + CHAT.encode() + b" HTTP/1.1 x", b"POST " + CHAT.encode(),
                                   b"POST  " + CHAT.encode() + b" HTTP/1.1 ", b"PO ST " + CHAT.encode() + b" HTTP/1.1",
                                   b"POST\x00 " + CHAT.encode() + b" HTTP/1.1",
                                   b"POST /v1/chat\x00/completions HTTP/1.1"])
def test_chunks_in_another_version_and_other_request_lines_are_refused(office, start):
    assert told(office, request(office, TE, body=chunked() + hidden(office), start=start)) == [400]


@pytest.mark.parametrize("body", [
    b"+%x\r\n%s\r\n0\r\n\r\n" % (len(HELLO), HELLO), b"0x%x\r\n%s\r\n0\r\n\r\n" % (len(HELLO), HELLO),
    b"-1\r\n%s\r\n0\r\n\r\n" % HELLO, b"f" * 17 + b"\r\n" + HELLO, b"%x\n%s\n0\n\n" % (len(HELLO), HELLO),
    chunked(more=b";a=b\nc"), b"%x\r\n%sX\r\n0\r\n\r\n" % (len(HELLO), HELLO), b"\r\n" + chunked(),
    b"%x\r%s\r\n0\r\n\r\n" % (len(HELLO), HELLO), chunked(more=b";" + b"a" * 70_000),
    chunked(end=b"0\r\n" + b"x-a: b\r\n" * 500 + b"\r\n"), chunked(end=b"0\r\nx-a: " + b"b" * 70_000 + b"\r\n\r\n"),
], ids=["signed", "0x", "negative", "overflow", "bare-lf", "lf-in-an-extension", "more-than-said", "empty-first",
        "bare-cr", "endless-extension", "many-trailers", "endless-trailer"])
def test_chunks_that_are_none_are_refused(office, body):
    assert told(office, request(office, TE, body=body + hidden(office))) == [400]


@pytest.mark.parametrize("lines", [
    [b"content-length: 5", TE], [TE, b"content-length: 0"], [TE, b"content-length: x"],
    [b"x-note: a\ntransfer-encoding: chunked", length(HELLO)], [TE, length(HELLO), b"connection: keep-alive"],
], ids=["before", "behind", "no-number", "behind-a-bare-lf", "kept-alive"])
def test_a_length_beside_chunks_ends_the_connection(office, lines):
    """The chunks count, and whoever goes by the length may think that the next request begins elsewhere: so there is
    none (RFC 9112, 6.1). The vendor gets a body of its own with one length."""
    assert told(office, request(office, *lines, body=chunked() + hidden(office))) == [200]
    sent = [name.lower() for name, _ in office.acme.last().headers]
    assert sent.count("content-length") == 1 and not {"transfer-encoding", "x-note"} & set(sent)


@pytest.mark.parametrize("body", [
    chunked(), chunked(more=b";name=value"), chunked(end=b"00000\r\n\r\n"),
    chunked(end=b"0\r\nauthorization: Bearer chp_other\r\ncontent-length: 5\r\nhost: y\r\nx-note: a\r\n"
            b"transfer-encoding: gzip\r\n\r\n"),
], ids=["alone", "extension", "zeros", "trailers"])
@pytest.mark.parametrize("coding", [b"chunked", b"CHUNKED", b" chunked "])
def test_chunks_end_where_they_say(office, body, coding):
    """What trailers and extensions say is used for nothing and goes nowhere."""
    assert told(office, request(office, b"transfer-encoding: " + coding, body=body)) == [200, 200]
    sent = [name.lower() for name, _ in office.acme.last().headers]
    assert sent.count("content-length") == 1 and not {"transfer-encoding", "trailer", "x-note"} & set(sent)


@pytest.mark.parametrize("lines", [
    [], [length(HELLO)], [b"upgrade: h2c", b"connection: upgrade, http2-settings", b"http2-settings: AAMAAABkAAQAAP__"],
    [b"connection: content-length, authorization"], [b"expect: 100-continue"], [b"expect: 417-x"],
    [b"x-note: a\nx-other: b"], [b"te: trailers"], [b"proxy-connection: keep-alive"],
], ids=["alone", "the-same-length-twice", "upgrade", "hop-by-hop", "expect", "odd-expect", "bare-lf", "te", "proxy"])
def test_one_request_is_read_as_one_and_the_next_begins_behind_it(office, lines):
    assert told(office, request(office, length(HELLO), *lines, body=HELLO)) == [200, 200]
    assert office.acme.last().header("authorization") != f"Bearer {office.scribe}"


@pytest.mark.parametrize("start, wanted", [
    (b"POST http://elsewhere.example/v1/chat/completions HTTP/1.1", 200),
    (b"POST http://127.0.0.1:1/v1/chat/completions HTTP/1.1", 200),
    (b"POST elsewhere.example:443 HTTP/1.1", 404),
    (b"CONNECT elsewhere.example:443 HTTP/1.1", 404),
    (b"OPTIONS * HTTP/1.1", 404),
    (b"TRACE /v1/chat/completions HTTP/1.1", 405),
    (b"PUT /v1/chat/completions HTTP/1.1", 405),
])
def test_what_is_asked_for_elsewhere_goes_where_it_is_configured(office, start, wanted):
    """No host that a request names is ever reached: the service's row says where it is."""
    assert told(office, request(office, length(HELLO), body=HELLO, start=start))[0] == wanted
    assert office.nothing_left() or office.acme.last().header("host") == f"127.0.0.1:{office.acme.port}"


@pytest.mark.parametrize("start", [b"GET /healthz", b"GET /readyz", b"GET /metrics", b"GET /v1/models", b"GET /nowhere",
                                   b"DELETE /v1/models", b"POST /v1/files",
                                   b"POST /v1beta/models/a:generateContent?key=b",
                                   b"POST /v1/chat/completions"])
@pytest.mark.parametrize("chunks", [False, True], ids=["length", "chunks"])
def test_a_body_that_nobody_reads_is_no_request(office, start, chunks):
    inside = hidden(office)
    lines, body = ([TE], chunked(inside)) if chunks else ([length(inside)], inside)
    data = request(office, *lines, body=body, start=start + b" HTTP/1.1", key="chp_wrong")
    statuses = [answer.status for answer in exchange(office.house.port, data)]
    assert office.nothing_left() and statuses[1:] in ([], [200])


@pytest.mark.parametrize("lines, status", [
    ([b"x-%d: a" % n for n in range(120)], 431), ([b"x-a: " + b"a" * 600_000], 431),
    ([b"x-a: " + b"a" * 8000] * 90, 431),
], ids=["many", "long", "many-and-long"])
def test_heads_without_end_are_refused(office, lines, status):
    assert told(office, request(office, length(HELLO), *lines, body=HELLO)) == [status]


def test_an_address_without_end_is_refused(office):
    start = b"POST /v1/" + b"a" * 70_000 + b" HTTP/1.1"
    assert told(office, request(office, length(HELLO), body=HELLO, start=start)) == [414]


# the same in frames

def pseudo(office, path: bytes = CHAT.encode()) -> list[tuple[bytes, bytes]]:
    return [(b":method", b"POST"), (b":scheme", b"http"), (b":authority", b"x"), (b":path", path),
            (b"authorization", b"Bearer " + office.scribe.encode())]


@pytest.mark.parametrize("header", [
    (b"connection", b"keep-alive"), (b"transfer-encoding", b"chunked"), (b"te", b"gzip"), (b"upgrade", b"h2c"),
    (b"keep-alive", b"5"), (b"proxy-connection", b"close"), (b"Authorization", b"Bearer x"), (b"x note", b"a"),
    (b"x-note\r\nhost: y", b"a"), (b"x-note: a", b"b"), (b"x-note", b"a\r\nx-injected: b"), (b"x-note", b"a\nb"),
    (b"x-note", b"a\rb"), (b"x-note", b"a\x00b"), (b"content-length", b"4"), (b"content-length", b"4000"),
    (b"content-length", b"+%d" % len(HELLO)), (b"", b"a"), (b":path", b"/v1/models"), (b":x", b"a"),
    (b"x-\xc3\xa9", b"a"),
], ids=repr)
def test_frames_with_headers_that_are_forbidden_reach_nobody(office, header):
    with Frames(office.house.port) as frames:
        assert frames.ask([*pseudo(office), header], HELLO) in ("reset", "gone", "400")
    assert office.nothing_left()
    with Frames(office.house.port) as frames:
        assert frames.ask([*pseudo(office), (b"content-length", b"%d" % len(HELLO))], HELLO) == "200"


@pytest.mark.parametrize("path", [b"", b"v1/chat/completions", b"*", b"/v1/chat/completions HTTP/1.1\r\nx: y",
                                  b"/v1/chat/completions\r\n\r\nGET /", b"/v1/chat/completions x", b"//x/../v1",
                                  b"http://elsewhere.example/v1/chat/completions", b"/v1/chat/completions\x00"])
def test_frames_with_odd_paths_reach_nobody(office, path):
    with Frames(office.house.port) as frames:
        assert frames.ask(pseudo(office, path), HELLO) in ("reset", "gone", "400", "404")
    assert office.nothing_left()


@pytest.mark.parametrize("more", [[(b"x-a", b"a" * 60_000)], [(b"x-%d" % n, b"a" * 100) for n in range(600)],
                                  [(b"cookie", b"a=b")] * 3000], ids=["long", "many", "crumbs"])
def test_frames_with_heads_without_end_reach_nobody(office, more):
    with Frames(office.house.port) as frames:
        assert frames.ask([*pseudo(office), *more], HELLO) in ("reset", "gone", "431")
    assert office.nothing_left()


def test_frames_hold_one_request_each(office):
    """Trailers say nothing, and what would be a second request in HTTP/1.1 is a part of the body."""
    with Frames(office.house.port) as frames:
        trailers = [(b"authorization", b"Bearer " + office.other.encode()), (b"content-length", b"1")]
        assert frames.ask(pseudo(office), HELLO, trailers) == "200"
        assert frames.ask(pseudo(office), HELLO + hidden(office)) == "400"
        assert frames.ask([*pseudo(office), (b"x-api-key", office.other.encode())], HELLO) == "400"
    assert len(office.acme.arrivals) == 1 and b"smuggled" not in office.acme.captured()


# headers that split, and headers that come twice

SPLIT = {
    "crlf": b"\r\nx-injected: 1", "lf": b"\nx-injected: 1", "cr": b"\rx-injected: 1",
    "percent": b"%0d%0ax-injected: 1", "percent-twice": b"%250d%250ax-injected: 1",
    "u+010a": "\u010d\u010ax-injected: 1".encode(), "u+560a": "\u560d\u560ax-injected: 1".encode(),
    "nel": b"\x85x-injected: 1", "latin": b"\xc4\x8a x-injected: 1", "escaped": b"\\r\\nx-injected: 1",
    "nul": b"\x00\r\nx-injected: 1", "folded": b"\r\n x-injected: 1",
}
ECHOED = {"chaperon-session": b"s", "chaperon-on-behalf-of": b"dr-lee", "anthropic-version": b"2023-06-01",
          "anthropic-beta": b"prompt-caching-2024-07-31", "x-api-key": b"", "content-type": b"application/json",
          "x-amzn-bedrock-trace": b"DISABLED", "idempotency-key": b"i", "x-request-id": b"r", "user-agent": b"u",
          "traceparent": b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "accept": b"*/*", "host": b"x",
          "chaperon-exchange": b"e", "x-amz-security-token": b""}


def nothing_injected(office, answers) -> None:
    for answer in answers:
        assert b"\nx-injected" not in answer.head.lower().replace(b"\r", b"\n"), answer.head
    assert b"x-injected" not in office.acme.captured().lower()


@pytest.mark.parametrize("way", SPLIT)
@pytest.mark.parametrize("header", ECHOED)
def test_no_header_splits(office, header, way):
    converse = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
    for path, body in (("/v1/messages", {"max_tokens": 9, **json.loads(HELLO)}),
                       ("/model/acme-claude/converse", converse)):
        raw = json.dumps(body).encode()
        value = ECHOED[header] or office.scribe.encode()
        data = request(office, length(raw), header.encode() + b": " + value + SPLIT[way], body=raw,
                       start=b"POST " + path.encode() + b" HTTP/1.1")
        answers = exchange(office.house.port, data)
        assert 1 <= len(answers) <= 2
        nothing_injected(office, answers)


NAMES = ["acme-large%0d%0ax-injected:%201", "acme-large%0ax-injected:%201", "%0d%0a%0d%0ax-injected",
         "%E5%98%8D%E5%98%8Ax-injected:1", "%C4%8D%C4%8Ax-injected:1", "acme-large%00x-injected",
         "%u000d%u000ax-injected:1", "%c0%8d%c0%8ax-injected:1", "acme-large%250d%250ax-injected:1",
         "a%2Fb%0d%0ax-injected:1"]
PLACES = ["/v1beta/models/{}:generateContent", "/v1beta1/publishers/google/models/{}:countTokens", "/model/{}/converse",
          "/model/{}/invoke", "/openai/deployments/{}/chat/completions", "/v1/models/{}", "/v1beta/models/{}", "/v1/{}",
          "/v1/projects/{}/locations/l/publishers/google/models/nope:generateContent"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", PLACES)
def test_no_name_in_a_path_splits(office, place, name):
    body = json.dumps({"contents": [{"parts": [{"text": "Hello"}]}]}).encode() if ":" in place else HELLO
    for method in (b"GET", b"POST"):
        start = method + b" " + place.format(name).encode() + b" HTTP/1.1"
        answers = exchange(office.house.port, request(office, length(body), body=body, start=start))
        assert answers[0].status in (400, 404, 405), answers[0].body
        nothing_injected(office, answers)
    assert office.nothing_left()


@pytest.mark.parametrize("end", ["\r\nx-injected: 1", "\nx-injected: 1", "\u560d\u560ax-injected: 1", "\x00",
                                 "\u2028x-injected"])
def test_no_name_in_a_body_splits(office, end):
    for path in ("/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/completions", "/v1/embeddings"):
        raw = json.dumps({**ENDPOINTS[path], "model": "acme-large" + end}).encode()
        start = b"POST " + path.encode() + b" HTTP/1.1"
        answers = exchange(office.house.port, request(office, length(raw), body=raw, start=start))
        assert answers[0].status == 404
        nothing_injected(office, answers)
    assert office.nothing_left()


def bearer(key: str) -> bytes:
    return b"authorization: Bearer " + key.encode()


TWICE = {
    "authorization": lambda office: [bearer(office.other)],
    "authorization-the-same": lambda office: [bearer(office.scribe)],
    "x-api-key-of-another": lambda office: [b"x-api-key: " + office.other.encode()],
    "api-key-of-another": lambda office: [b"api-key: " + office.other.encode()],
    "x-goog-api-key-of-another": lambda office: [b"x-goog-api-key: " + office.other.encode()],
    "security-token-of-another": lambda office: [b"x-amz-security-token: " + office.other.encode()],
    "x-api-key": lambda office: [b"x-api-key: " + office.scribe.encode()] * 2,
    "a-list-of-keys": lambda office: [b"x-api-key: %s, %s" % (office.scribe.encode(), office.other.encode())],
    "chaperon-session": lambda office: [b"chaperon-session: a", b"chaperon-session: b"],
    "chaperon-session-the-same": lambda office: [b"chaperon-session: a", b"Chaperon-Session: a"],
    "chaperon-on-behalf-of": lambda office: [b"chaperon-on-behalf-of: dr-lee", b"chaperon-on-behalf-of: dr-roy"],
    "anthropic-version": lambda office: [b"anthropic-version: 2023-06-01", b"anthropic-version: 2024-06-01"],
    "anthropic-beta": lambda office: [b"anthropic-beta: context-1m-2025-08-07"] * 2,
    "x-amzn-bedrock-trace": lambda office: [b"x-amzn-bedrock-trace: DISABLED", b"x-amzn-bedrock-trace: ENABLED"],
    "content-encoding": lambda office: [b"content-encoding: identity"] * 2,
}


@pytest.mark.parametrize("case", TWICE)
def test_a_header_that_matters_comes_once(office, case):
    assert told(office, request(office, length(HELLO), *TWICE[case](office), body=HELLO))[0] == 400


def test_a_list_of_keys_is_no_key(office):
    data = request(office, length(HELLO), body=HELLO, key=f"{office.scribe}, Bearer {office.other}")
    assert told(office, data)[0] == 401


@pytest.mark.parametrize("query", ["key={}", "alt=sse&key={}", "%6bey={}", "api_key={}", "access_token={}",
                                   "key={}&key="])
def test_a_key_in_a_header_does_not_help_one_in_the_address(office, query):
    path = "/v1beta/models/acme-large:generateContent?" + query.format(office.other)
    reply = office.house.call(path, {"contents": [{"parts": [{"text": "Hi"}]}]},
                              headers={"x-goog-api-key": office.scribe})
    assert (reply.status, reply.code) == (401, "key-in-address")
    assert office.nothing_left() and office.other not in office.house.log()


# paths that two readers could tell apart differently

def ways(path: str):
    """The path in other spellings."""
    segments = path.split("/")[1:]
    last = segments[-1]
    yield "/" + "/".join([*segments[:-1], f"%{ord(last[0]):02x}{last[1:]}"])
    yield "/" + "/".join([f"%{ord(segments[0][0]):02X}{segments[0][1:]}", *segments[1:]])
    yield "/" + "%2f".join(segments)
    yield "/" + "/".join(segments[:-1]) + "%2F" + last
    yield "/" + "/".join(segments[:-1]) + "\\" + last
    for at in range(len(segments)):
        for extra in ("", ".", "..", "%2e", "%2e%2e", "..;", "x/..", "x/%2e%2e", "%2e%2e%2f"):
            yield "/" + "/".join([*segments[:at], extra, *segments[at:]])
    for end in ("/", "/.", "/..", "%00", "%20", "%0a", ";a=b", ";", ".json", "%3fa=b", "%23", "/../../admin", "/x",
                "?a=b"):
        yield path + end
    for before in ("/preview/preview", "/admin/..", "/healthz/..", "/PREVIEW", "/openai/openai", "//elsewhere.example"):
        yield before + path
    yield path.upper()
    yield path.title()
    yield "/" + ";a=b/".join(segments)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_path_in_another_spelling_is_nothing_or_the_same(office, endpoint):
    """Whatever is served is judged as the endpoint at which it arrives."""
    body = saying(endpoint, PLANTED) if endpoint in CONVERSATIONS else ENDPOINTS[endpoint]
    version = {"anthropic-version": "2023-06-01"}
    usual = office.house.call(endpoint, body, office.scribe, version)
    assert usual.status == 200, usual.text
    address = office.acme.last().path
    raw = json.dumps(body).encode()
    for spelling in ways(endpoint):
        office.forget()
        start = b"POST " + spelling.encode() + b" HTTP/1.1"
        answer = exchange(office.house.port, request(office, b"anthropic-version: 2023-06-01", length(raw), body=raw,
                                                     start=start))[0]
        assert leaks([VALUE], {"vendor": office.acme.captured()}) == [], spelling
        if office.nothing_left():
            assert answer.status in (400, 403, 404, 405), (spelling, answer.status)
        else:
            assert (answer.status, office.acme.last().path) == (200, address), spelling


@pytest.mark.parametrize("header", ["x-original-url", "x-rewrite-url", "x-forwarded-path", "x-forwarded-prefix",
                                    "x-http-method-override"])
def test_no_header_says_what_is_asked_for(office, header):
    """Paths that proxies hand on in headers are theirs: what is judged is what the request line says."""
    for value in ("/v1/embeddings", "/preview/v1/chat/completions", "GET"):
        reply = office.house.call(CHAT, json.loads(HELLO), office.scribe, {header: value})
        assert reply.said == "You said: Hello" and office.acme.last().path == CHAT
    reply = office.house.call("/v1/files", json.loads(HELLO), office.scribe, {header: CHAT})
    assert reply.status == 404


@pytest.mark.parametrize("path", ["/openai/deployments/acme-large/chat/completions",
                                  "/v1beta/models/acme-large:generateContent",
                                  "/model/acme-claude/converse", "/model/acme-claude/invoke"])
@pytest.mark.parametrize("model", ["bargain-1", "bargain-claude", "../bargain-1", "models/bargain-1"])
def test_a_model_in_the_body_is_not_that_of_the_path(office, path, model):
    """The model that is judged is the one that answers: the vendor gets its name and no other."""
    bodies = {"chat": json.loads(HELLO), "generate": {"contents": [{"parts": [{"text": "Hi"}]}]},
              "converse": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]},
              "invoke": {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9,
                         "messages": [{"role": "user", "content": "Hi"}]}}
    body = next(body for name, body in bodies.items() if name in urllib.parse.unquote(path).lower())
    for key in ("model", "modelId", "model_id"):
        office.forget()
        reply = office.house.call(path, {**body, key: model}, office.scribe)
        assert not office.bargain.arrivals
        assert reply.status in (200, 400, 403), reply.text
        if office.acme.arrivals and path.startswith("/openai"):
            assert office.acme.last().json["model"] == "acme-large"
