"""Vendors that attack: answers that unpack to much, lie about their length, hold another, or pose as the house's."""

import gzip
import json
import struct
import zlib
from http.client import HTTPException

import pytest
from conftest import furnished
from test_positions import PLANTED, VALUE

from house import bedrock
from house.leaks import leaks
from house.upstream import Answer
from house.vendors import SSE, chat, chat_event, content, dump, event, message_item, response_events, say

pytestmark = pytest.mark.sqlite

PROTOCOLS = ["chat", "respond", "message", "generate", "converse"]
STREAMED = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
SPOKEN = pytest.mark.parametrize("protocol", PROTOCOLS)


def asked(office, protocol: str, stream: bool = False, text: str = "Hello"):
    """What came of a request: an answer, or what was raised where the connection was cut."""
    try:
        return getattr(office, protocol)(text, stream=stream)
    except (OSError, ValueError, HTTPException) as cut:
        return cut


def nothing_of_it(office, reply, protocol: str) -> None:
    """It is an error, tells nothing of what the vendor said, and the house goes on."""
    if not isinstance(reply, Exception):
        failed = reply.status >= 400 or b"error" in reply.body.lower() or b"exception" in reply.body.lower()
        assert failed, reply.body
        assert leaks([VALUE], {"answer": reply.body, "headers": str(reply.headers).encode()}) == []
    office.acme.answer = office.acme.default
    assert getattr(office, protocol)("Hello").said == "You said: Hello"


# bombs

@pytest.fixture(scope="module")
def thin(tmp_path_factory, database):
    """A house that takes answers of 64 KB, and does not leave a vendor alone that fails."""
    made = furnished(tmp_path_factory.mktemp("thin"), database,
                     settings="[limits]\nanswer_bytes = 65536\nbreaker_failures = 0\n")
    made.house.start()
    yield made
    made.house.stop()


@pytest.fixture
def house(thin):
    thin.forget()
    return thin


BOMB = gzip.compress(dump({"choices": [], "x": PLANTED, "y": "0" * 5_000_000}))


@STREAMED
@SPOKEN
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "x-gzip", "gzip, gzip", "aws-chunked", None])
def test_a_packed_answer_is_none(house, protocol, stream, coding):
    """None was asked for; what it would unpack to is never made."""
    headers = {"content-encoding": coding} if coding else {}
    for status in (200, 400):
        house.acme.answer = lambda arrival: Answer(BOMB, status, headers)
        nothing_of_it(house, asked(house, protocol, stream), protocol)


@SPOKEN
@pytest.mark.parametrize("body", [
    b'{"x":"' + b"0" * 1_000_000 + PLANTED.encode() + b'"}', b"[" * 60_000, b'{"a":' * 9_000,
    b"[" * 500 + dump(PLANTED) + b"]" * 500, b"[" + b"1," * 30_000 + b"1", b" " * 1_000_000,
], ids=["long", "deep", "deep-objects", "deep-and-whole", "many", "blank"])
def test_a_long_or_deep_answer_is_none(house, protocol, body):
    house.acme.answer = lambda arrival: Answer(body)
    reply = asked(house, protocol)
    assert (reply.status, reply.code) == (502, "upstream-malformed"), reply.text
    nothing_of_it(house, reply, protocol)


@pytest.mark.parametrize("protocol", ["chat", "respond", "message", "generate"])
@pytest.mark.parametrize("parts", [
    [b"data: " + b"x" * 1_000_000] * 6, [b"data: x\n"] * 400_000, [b"event: a\n" * 100_000] * 6,
    [b": " + b"a" * 1_000_000] * 6, [b"data: " + b"[" * 60_000 + b"\n\n"],
], ids=["line", "lines", "names", "comment", "deep"])
def test_an_event_without_end_is_none(house, protocol, parts):
    house.acme.answer = lambda arrival: Answer([b"".join(parts)], content_type=SSE)
    nothing_of_it(house, asked(house, protocol, True), protocol)


# frames whose lengths lie

def lying(total: int | None = None, block: int | None = None, payload: bytes = dump({"delta": {"text": PLANTED}}),
          sealed: bool = True, headers: bytes | None = None) -> bytes:
    """A frame of an event that says other lengths than it has, its checksums right where `sealed`."""
    whole = bedrock.frame(payload, event_type="contentBlockDelta", content_type="application/json",
                          message_type="event")
    size = struct.unpack(">I", whole[4:8])[0]
    head, rest = (whole[12:12 + size] if headers is None else headers), whole[12 + size:-4]
    prelude = struct.pack(">II", len(head) + len(rest) + 16 if total is None else total,
                          len(head) if block is None else block)
    prelude += struct.pack(">I", zlib.crc32(prelude) ^ (not sealed))
    return prelude + head + rest + struct.pack(">I", zlib.crc32(prelude + head + rest))


def header(name: bytes, kind: int, value: bytes) -> bytes:
    return bytes([len(name)]) + name + bytes([kind]) + value


LIES = {
    "endless": lying(total=0xFFFFFFFF), "large": lying(total=64 << 20), "nothing": lying(total=0),
    "tiny": lying(total=15), "shorter": lying(total=40), "longer": lying(total=4000),
    "headers-beyond": lying(block=0xFFFFFFFF), "headers-over-payload": lying(block=200),
    "no-headers": lying(block=0), "prelude": lying(sealed=False),
    "long-name": lying(headers=b"\xff:event-type"), "no-name": lying(headers=header(b"", 7, b"\0\1a")),
    "long-value": lying(headers=header(b":event-type", 7, b"\xff\xffcontentBlockDelta")),
    "odd-kind": lying(headers=header(b":event-type", 99, b"\0\1a")),
    "twice": lying(headers=header(b":message-type", 7, b"\0\5event") * 2),
    "said-in-a-header": lying(headers=header(b":event-type", 7, struct.pack(">H", len(PLANTED)) + PLANTED.encode())),
    "number-for-a-type": lying(headers=header(b":event-type", 7, b"\0\x0b" + VALUE.encode())
                               + header(b":message-type", 7, b"\0\5event")),
    "number-for-an-exception": lying(headers=header(b":exception-type", 7, b"\0\x0b" + VALUE.encode())
                                     + header(b":message-type", 7, b"\0\x09exception")),
    "garbage-between": b"\0" * 7 + lying(), "sse": b"data: " + PLANTED.encode() + b"\n\n",
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("path", ["converse-stream", "invoke-with-response-stream"])
def test_frames_that_lie_end_the_stream(house, path, lie):
    """What came before is whole; of the frame that lies nothing is read, and no other is looked for behind it."""
    begin = bedrock.converse_stream(["Good "], end=False).body
    house.acme.answer = lambda arrival: Answer([b"".join(begin), LIES[lie], bedrock.event("contentBlockDelta", {
        "contentBlockIndex": 0, "delta": {"text": PLANTED}})], content_type=bedrock.EVENTS)
    model, body = "acme-llama", {"prompt": "Hello"}
    if path.startswith("converse"):
        model, body = "acme-claude", {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
    try:
        reply = house.house.call(f"/model/{model}/{path}", body, house.scribe)
    except (OSError, ValueError, HTTPException) as cut:
        reply = cut
    else:
        assert reply.status >= 400 or bedrock.events(reply.body)[-1][0].startswith("!"), reply.body
    nothing_of_it(house, reply, "converse")


# two answers in one

def raw(*lines: bytes, body: bytes, start: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join([start, b"content-type: application/json", *lines]) + b"\r\n\r\n" + body


FINE = chat("Fine.").body
OTHER = chat(f"For somebody else: {PLANTED}").body
LENGTH = b"content-length: %d" % len(FINE)
BEHIND = raw(b"content-length: %d" % len(OTHER), body=OTHER)
POISON = {
    "another-behind": raw(LENGTH, body=FINE) + BEHIND,
    "many-behind": raw(LENGTH, body=FINE) + BEHIND * 50,
    "shorter-than-said": raw(b"content-length: 2", body=b"{}" + BEHIND),
    "no-content": raw(body=BEHIND, start=b"HTTP/1.1 204 No Content"),
    "not-modified": raw(LENGTH, body=BEHIND, start=b"HTTP/1.1 304 Not Modified"),
    "two-lengths": raw(b"content-length: 2", LENGTH, body=FINE + BEHIND),
    "length-beside-chunks": raw(LENGTH, b"transfer-encoding: chunked", body=b"2\r\n{}\r\n0\r\n\r\n" + BEHIND),
    "chunks-and-more": raw(b"transfer-encoding: chunked", body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(FINE), FINE) + BEHIND),
    "odd-chunks": raw(b"transfer-encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n" + BEHIND),
    "trailers": raw(b"transfer-encoding: chunked", body=b"%x\r\n%s\r\n0\r\nx-a: b\r\n\r\n" % (len(FINE),
                                                                                              FINE) + BEHIND),
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + raw(LENGTH, body=FINE) + BEHIND,
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n" + BEHIND,
    "split-header": raw(LENGTH, b"x-a: b\rx-c: d", body=FINE) + BEHIND,
    "folded-header": raw(LENGTH, b"x-a: b\r\n c", body=FINE) + BEHIND,
    "no-answer": b"220 mail.example.org ESMTP\r\n" + BEHIND,
    "older-version": raw(LENGTH, body=FINE, start=b"HTTP/1.0 200 OK") + BEHIND,
}


@pytest.mark.parametrize("way", POISON)
def test_an_answer_that_nobody_asked_for_is_given_to_nobody(house, way):
    """The connection to a vendor is used again, by others too: what is left on it must not become their answer."""
    house.acme.answer = lambda arrival: Answer(raw=POISON[way])
    for key in (house.scribe, house.other):
        reply = house.chat("First.", key=key)
        assert reply.status in (200, 502)
        assert leaks([VALUE, "somebody else"], {"answer": reply.body}) == []
    house.acme.answer = house.acme.default
    for turn in range(6):
        reply = house.chat(f"Turn {turn}.", key=house.other)
        # a vendor that closed its connection is asked again by a next one
        assert reply.status == 200 and reply.said == f"You said: Turn {turn}.", reply.text
    assert house.message("And this?").said == "You said: And this?"


# what poses as the house

FORGED = {
    "chaperon-exchange": "01890000-0000-7000-8000-000000000000", "chaperon-action": "permit; observed",
    "chaperon-receipt": "1:forged", "chaperon-session": "forged", "set-cookie": f"ssn={VALUE}",
    "location": "https://evil.example/", "link": f"<{VALUE}>", "alt-svc": 'h2="evil.example:443"', "x-ssn": VALUE,
    "retry-after": VALUE, "retry-after-ms": PLANTED, "www-authenticate": f'Basic realm="{VALUE}"', "trailer": "x-ssn",
    "access-control-allow-origin": "*", "x-amzn-requestid": VALUE, "x-amzn-errortype": f"Odd{VALUE}",
    "openai-organization": VALUE, "anthropic-organization-id": VALUE, "server": VALUE, "date": VALUE,
    "content-disposition": f'attachment; filename="{VALUE}"', "refresh": "0; url=https://evil.example/",
}
OURS = {"content-type", "content-length", "date", "transfer-encoding", "cache-control", "connection", "retry-after",
        "chaperon-exchange", "chaperon-action", "chaperon-receipt", "x-amzn-errortype", "x-amzn-bedrock-content-type",
        "request-id"}


@STREAMED
@SPOKEN
@pytest.mark.parametrize("status", [200, 400, 429, 503])
@pytest.mark.parametrize("kind", [None, f"text/html; x={VALUE}"], ids=["usual-type", "odd-type"])
def test_no_header_of_a_vendor_goes_on(house, protocol, stream, status, kind):
    """Receipts of the house are its own; a browser is told nothing by a vendor."""
    def answer(arrival):
        made = say("Fine.", arrival) if status == 200 else Answer(dump({"error": {"message": "no"}}), status)
        made.headers |= FORGED
        made.content_type = kind or made.content_type
        return made

    house.acme.answer = answer
    reply = asked(house, protocol, stream)
    assert not isinstance(reply, Exception)
    assert {name.lower() for name in reply.headers} <= OURS, reply.headers
    assert leaks([VALUE, "forged", "observed", "evil.example"], {"headers": str(reply.headers).encode()}) == []
    assert reply.exchange != FORGED["chaperon-exchange"] and "html" not in reply.headers["content-type"]
    assert house.house.do("explain", reply.exchange)


def doubled(protocol: str) -> tuple[bytes, bytes]:
    """An answer whose text comes twice in one object, and an event of a stream with the same."""
    if protocol == "chat":
        twin = b'"content": "Fine.", "content": "%s"' % PLANTED.encode()
        whole, part = (one.replace(b'"content": "Fine."', twin)
                       for one in (chat("Fine.").body, chat_event({"content": "Fine."})))
    elif protocol == "respond":
        events = response_events([message_item("Fine.")])
        whole = dump({"id": "r", "output": [message_item("Fine.")]})
        part = next(one for one in events if b"output_text.delta" in one)
        part = part.replace(b'"delta": ', b'"delta": "%s", "delta": ' % PLANTED.encode())
    elif protocol == "message":
        whole = dump({"type": "message", "content": [{"type": "text", "text": "Fine."}]})
        part = event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "Fine."}})
    elif protocol == "generate":
        whole = dump(content([{"text": "Fine."}]))
        part = b"data: " + whole + b"\n\n"
    else:
        whole = bedrock.converse("Fine.").body
        part = dump({"contentBlockIndex": 0, "delta": {"text": "Fine."}})
    twin = b'"\\u0074ext": "%s", "text": "Fine."' % PLANTED.encode()
    whole, part = (one.replace(b'"text": "Fine."', twin) for one in (whole, part))
    if protocol == "converse":
        part = bedrock.frame(part, event_type="contentBlockDelta", content_type="application/json",
                             message_type="event")
    return whole, part


@STREAMED
@SPOKEN
def test_an_answer_that_says_two_things_in_one_place_is_none(house, protocol, stream):
    whole, part = doubled(protocol)
    kind = bedrock.EVENTS if protocol == "converse" else SSE
    assert PLANTED.encode() in whole + part
    house.acme.answer = lambda arrival: Answer([part], content_type=kind) if stream else Answer(whole)
    nothing_of_it(house, asked(house, protocol, stream), protocol)


@pytest.mark.parametrize("protocol", ["chat", "respond", "message", "generate"])
@pytest.mark.parametrize("line", [f": {PLANTED}", f"id: {VALUE}", f"event: {VALUE}", f"retry: {VALUE}",
                                  f"{PLANTED}: a", f"x: {PLANTED}",
                                  f"data:{PLANTED}", "\ufeffdata: " + PLANTED, f"DATA: {PLANTED}"])
def test_what_stands_beside_the_data_of_a_stream_is_guarded(house, protocol, line):
    def answer(arrival):
        made = say("Fine.", arrival)
        made.body = [line.encode() + b"\n" + one for one in made.body] + [line.encode() + b"\n\n"]
        return made

    house.acme.answer = answer
    reply = asked(house, protocol, True)
    if not isinstance(reply, Exception):
        assert leaks([VALUE], {"answer": reply.body}) == []


def test_json_of_these_tests_is_what_they_say():
    """Each lie is one: the right frame is read."""
    assert bedrock.events(lying())[0][1]["delta"]["text"] == PLANTED
    for protocol in PROTOCOLS:
        whole, _ = doubled(protocol)
        assert json.loads(whole)
