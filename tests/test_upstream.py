"""Vendors that fail: what the application is told, and that none of it carries content or credentials."""

import socket
import threading
import time
from http.client import HTTPException, IncompleteRead

import pytest

from house.leaks import leaks
from house.office import CREDENTIAL
from house.patients import HAROLD, HAROLD_VALUES
from house.server import wait_for
from house.upstream import CUT, Answer
from house.vendors import SSE, chat_event, dump, echo, event

SECRETS = [*HAROLD_VALUES, CREDENTIAL]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 529])
@pytest.mark.parametrize("protocol", ["chat", "message"])
def test_errors_are_passed_on_without_what_they_quote(office, status, protocol):
    """Vendors quote the request, and here even an identifier that they can't have from it."""
    def fail(arrival):
        quoted = arrival.body.decode() + arrival.header("authorization")
        return Answer(dump({"type": "error", "error": {
            "message": f"bad request: {quoted} for {HAROLD}", "type": "invalid_request_error",
            "code": HAROLD, "param": "messages"}}), status, {"retry-after": "7", "x-debug": "219-09-9998"})

    office.acme.answer = fail
    reply = getattr(office, protocol)("Summarise the plan.")
    assert reply.status >= 400
    if status == 429:
        assert reply.status == 429 and reply.headers["retry-after"] == "7"
    assert leaks(SECRETS, {"answer": reply.body, "headers": str(reply.headers).encode(),
                           "log": office.house.log().encode()}) == []


@pytest.mark.parametrize("body, kind", [
    (b"", "application/json"), (b"{", "application/json"), (b"<html>busy</html>", "text/html"),
    (b"[]", "application/json"), (b'{"choices":7}', "application/json"), (b"\xff\xfe\x00", "application/json"),
    (b'{"choices":[],"choices":[{"message":{"content":"two"}}]}', "application/json"),
], ids=["empty", "cut", "html", "array", "odd", "bytes", "duplicate-key"])
@pytest.mark.parametrize("protocol", ["chat", "message"])
def test_answers_that_are_no_answers(office, protocol, body, kind):
    office.acme.answer = lambda arrival: Answer(body, content_type=kind)
    reply = getattr(office, protocol)(HAROLD)
    assert reply.status == 502 or (reply.status == 200 and body in (b"[]", b'{"choices":7}')), reply.text
    assert getattr(office, protocol)("Hello").status in (200, 502)


@pytest.mark.parametrize("path, said, parts", [
    ("/v1/chat/completions", {}, [chat_event({"content": "Hi"}), b'data: {"error":{"type":"server_error"}}\n\n']),
    ("/v1/messages", {"max_tokens": 9}, [event("error", {"type": "error", "error": {"type": "overloaded_error"}})]),
], ids=["chat", "messages"])
def test_a_fault_in_a_stream_is_told_once(office, path, said, parts):
    office.acme.answer = lambda arrival: Answer(parts, content_type=SSE)
    body = {"model": "acme-large", "stream": True, "messages": [{"role": "user", "content": "Hello"}], **said}
    try:
        said = office.house.call(path, body, office.scribe, {"anthropic-version": "2023-06-01"}).text
    except IncompleteRead as cut:  # so that no client takes it for the whole
        said = cut.partial.decode()
    assert len([line for line in said.splitlines() if line.startswith("data:") and '"error"' in line]) == 1, said


@pytest.mark.parametrize("parts", [
    [b"data: {\n\n"], [b"data: nonsense\n\n", b"data: [DONE]\n\n"], [b"\xff\xff\xff\n\n"],
    [chat_event({"content": "The plan"}), b"data: {\"choices\":[{\n\n"],
    [b"data: " + b"x" * 3_000_000 + b"\n\n"],
], ids=["cut", "nonsense", "bytes", "later", "endless-line"])
@pytest.mark.parametrize("protocol", ["chat", "message"])
def test_malformed_streams_end_as_an_error_not_as_an_answer(office, protocol, parts):
    office.acme.answer = lambda arrival: Answer(list(parts), content_type=SSE)
    try:
        reply = getattr(office, protocol)(HAROLD, stream=True)
    except (OSError, ValueError, HTTPException) as cut:  # a reset connection is as good a way to say it
        assert cut
    else:
        assert reply.status >= 400 or "error" in reply.text.lower()
        assert "[DONE]" not in reply.text or "error" in reply.text.lower()
    assert office.chat("Hello", model="local-1").status == 200, "the house goes on"


@pytest.mark.parametrize("protocol", ["chat", "message"])
def test_a_vendor_that_leaves_in_the_middle(office, protocol):
    first = chat_event({"content": "The plan is to continue "}) if protocol == "chat" else event(
        "content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": "The plan is to continue "}})
    office.acme.answer = lambda arrival: Answer([first, CUT], content_type=SSE)
    try:
        reply = getattr(office, protocol)(HAROLD, stream=True)
        assert "error" in reply.text
    except (OSError, ValueError, HTTPException):
        pass
    wait_for(lambda: any(entry_is_failure(entry) for entry in office.house.entries(10)))


def entry_is_failure(entry: dict) -> bool:
    return "failure" in str(entry) or "upstream" in str(entry)


def test_a_vendor_that_does_not_answer(new_office):
    office = new_office(settings="[limits]\nupstream_seconds = 1\nidle_seconds = 1\n")
    office.house.start()
    office.acme.answer = lambda arrival: (time.sleep(4), echo(arrival))[1]
    reply = office.chat(HAROLD)
    assert (reply.status, reply.code) == (504, "upstream-timeout"), reply.text


def test_a_vendor_that_is_not_there(new_office):
    office = new_office()
    office.house.start()
    office.acme.close()
    reply = office.chat(HAROLD)
    assert (reply.status, reply.code) == (502, "upstream-unreachable"), reply.text
    assert leaks(SECRETS, {"answer": reply.body, "log": office.house.log().encode()}) == []


def post(office, body: dict) -> socket.socket:
    """Sends a chat completion on a connection of its own, to be read or left by the test."""
    raw = dump(body)
    wire = socket.create_connection(("127.0.0.1", office.house.port), timeout=20)
    wire.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                 b"authorization: Bearer %s\r\ncontent-length: %d\r\n\r\n%s"
                 % (office.scribe.encode(), len(raw), raw))
    return wire


ASK = {"model": "acme-large", "stream": True, "messages": [{"role": "user", "content": "Count."}]}


def test_a_slow_stream_comes_as_it_is_made(office):
    """The vendor says the rest only once the application has the beginning."""
    arrived = threading.Event()
    in_time = []

    def parts():
        yield chat_event({"content": "one two three four five six seven eight nine ten eleven twelve "})
        in_time.append(arrived.wait(10))
        yield chat_event({"content": "end"})
        yield b"data: [DONE]\n\n"

    office.acme.answer = lambda arrival: Answer(parts(), content_type=SSE)
    with post(office, ASK) as wire:
        seen = b""
        while b"[DONE]" not in seen:
            seen += wire.recv(65536)
            if b"one" in seen:
                arrived.set()
    assert in_time == [True]


def test_a_caller_that_leaves_is_on_record_and_the_vendor_is_let_go(office):
    endless = [piece for _ in range(200) for piece in (chat_event({"content": "and so on "}), 0.05)]
    office.acme.answer = lambda arrival: Answer(list(endless), content_type=SSE)
    before = office.acme.left_early
    with post(office, ASK) as wire:
        wire.recv(65536)
    wait_for(lambda: office.acme.left_early > before)
    wait_for(lambda: any("caller-left" in str(entry) for entry in office.house.entries(10)))


def test_redirects_are_not_followed(office):
    office.acme.answer = lambda arrival: Answer(b"", 307, {"location": f"{office.bargain.url}/v1/chat/completions"})
    reply = office.chat(HAROLD)
    assert reply.status == 502, reply.text
    assert not office.bargain.arrivals
