"""Who may not come in, and what is not well formed: refused in the protocol's own shape, and nothing leaves."""

import gzip
import http.client
import json

import pytest

from house.patients import HAROLD

HELLO = {"model": "acme-large", "messages": [{"role": "user", "content": "Hello"}]}


def test_no_key_a_wrong_key_and_two_keys(office):
    house = office.house
    assert house.call("/v1/chat/completions", HELLO).status == 401
    for key in ("chp_wrong", "sk-something", office.scribe[:-1] + ("0" if office.scribe[-1] != "0" else "1")):
        reply = house.call("/v1/chat/completions", HELLO, key)
        assert (reply.status, reply.code) == (401, "key-unknown"), reply.text
    two = house.call("/v1/chat/completions", HELLO, office.scribe, {"x-api-key": office.other})
    assert two.status in (400, 401)
    assert office.nothing_left()


def test_a_key_ends_when_it_is_rotated_or_revoked(new_office):
    office = new_office()
    office.house.start()
    assert office.chat("Hello").status == 200
    renewed = office.house.do("agent", "rotate", "scribe", "--reason", "yearly")["key"]
    assert office.chat("Hello").code == "key-unknown"
    assert office.chat("Hello", key=renewed).status == 200
    office.house.do("agent", "revoke", "scribe", "--reason", "leaked")
    assert office.chat("Hello", key=renewed).code == "key-unknown"


def test_shapes_of_errors(office):
    chat = office.chat("Hello", model="no-such-model")
    assert chat.status == 404
    assert set(chat.json["error"]) >= {"message", "type", "code"}
    assert chat.code == "model-unknown"
    message = office.message("Hello", model="no-such-model")
    assert message.status == 404
    assert message.json["type"] == "error"
    assert message.json["error"]["type"] == "not_found_error"


@pytest.mark.parametrize("raw, code", [
    (b"", "request-malformed"),
    (b"{", "request-malformed"),
    (b"[]", "request-malformed"),
    (b'"text"', "request-malformed"),
    (b'{"model":"acme-large","messages":"none"}', "request-malformed"),
    (b'{"model":7,"messages":[]}', "request-malformed"),
    (b'{"model":"acme-large","messages":[{"role":"user","content":"\xff\xfe"}]}', "request-malformed"),
    (b'{"model":"acme-large","messages":[{"role":"user","content":"\\ud800"}]}', "request-malformed"),
    (b'{"model":"acme-large","messages":[]} trailing', "request-malformed"),
    (b'{"model":"acme-large","messages":[],"messages":[]}', "json-duplicate-key"),
    (b'{"model":"acme-large","messages":[],"x":{"a":1,"\\u0061":2}}', "json-duplicate-key"),
    (b'{"model":"acme-large","messages":[],"x":' + b"[" * 500 + b"]" * 500 + b"}", "body-too-deep"),
])
def test_malformed_bodies(office, raw, code):
    for path in ("/v1/chat/completions", "/v1/messages"):
        reply = office.house.call(path, key=office.scribe, raw=raw)
        assert reply.status in (400, 413), reply.text
        if path == "/v1/chat/completions":
            assert reply.code == code, reply.text
    assert office.nothing_left()


def test_paths_and_methods(office):
    house = office.house
    for path in ("/", "/v1", "/v1/files", "/v1/embeddings", "/v1/chat/completions/x", "/v1/../admin"):
        reply = house.call(path, HELLO, office.scribe)
        assert reply.status in (400, 404), (path, reply.status)
    assert house.call("/v1/chat/completions", key=office.scribe, method="GET").status == 405
    assert house.call("/v1/models", HELLO, key=office.scribe, method="DELETE").status in (404, 405)
    assert office.nothing_left()


@pytest.fixture
def small(new_office):
    office = new_office(settings="[limits]\nbody_bytes = 65536\ndepth = 20\nrequest_seconds = 2\n")
    office.house.start()
    return office


def test_bodies_over_the_cap(small):
    big = {"model": "acme-large", "messages": [{"role": "user", "content": "a " * 40000}]}
    assert small.house.call("/v1/chat/completions", big, small.scribe).code == "body-too-large"
    assert small.chat("a " * 20000).status == 200


def test_a_small_body_that_unpacks_to_a_large_one(small):
    bomb = gzip.compress(b'{"model":"acme-large","messages":[],"x":"' + b"0" * 50_000_000 + b'"}')
    assert len(bomb) < 65536
    reply = small.house.call("/v1/chat/completions", key=small.scribe, raw=bomb,
                             headers={"content-encoding": "gzip"})
    assert reply.status == 413, reply.text
    packed = gzip.compress(json.dumps(HELLO).encode())
    good = small.house.call("/v1/chat/completions", key=small.scribe, raw=packed,
                            headers={"content-encoding": "gzip"})
    assert good.status == 200, good.text
    assert small.acme.last().json["messages"] == HELLO["messages"], "the vendor gets it plain"
    odd = small.house.call("/v1/chat/completions", key=small.scribe, raw=b"x",
                           headers={"content-encoding": "br"})
    assert odd.status == 415
    broken = small.house.call("/v1/chat/completions", key=small.scribe, raw=packed[:-9] + b"garbage!!",
                              headers={"content-encoding": "gzip"})
    assert broken.status == 400, broken.text


def test_depth(small):
    def nested(levels: int):
        value: object = 1
        for _ in range(levels):
            value = [value]
        return {**HELLO, "metadata": {"x": value}}

    assert small.house.call("/v1/chat/completions", nested(25), small.scribe).code == "body-too-deep"
    assert small.house.call("/v1/chat/completions", nested(10), small.scribe).status == 200


def test_a_caller_that_never_sends_its_body_is_let_go(small):
    connection = http.client.HTTPConnection("127.0.0.1", small.house.port, timeout=20)
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("authorization", f"Bearer {small.scribe}")
    connection.putheader("content-length", "1000")
    connection.endheaders()
    connection.send(b"{")
    reply = connection.getresponse()
    assert (reply.status, json.loads(reply.read())["error"]["code"]) == (408, "request-timeout")
    assert small.chat("Hello").status == 200


def test_a_key_revoked_while_its_caller_holds_the_body_back_opens_nothing(new_office):
    office = new_office()
    office.house.start()
    raw = json.dumps(HELLO).encode()
    connection = http.client.HTTPConnection("127.0.0.1", office.house.port, timeout=20)
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("authorization", f"Bearer {office.scribe}")
    connection.putheader("content-length", str(len(raw)))
    connection.endheaders()
    connection.send(raw[:-1])
    # another exchange of the same key shows that the head has long been read
    assert office.chat("Hello").status == 200
    arrivals = len(office.acme.arrivals)
    office.house.do("agent", "revoke", "scribe", "--reason", "leaked")
    assert office.chat("Hello").code == "key-unknown"
    connection.send(raw[-1:])
    reply = connection.getresponse()
    assert (reply.status, json.loads(reply.read())["error"]["code"]) == (401, "key-unknown")
    assert len(office.acme.arrivals) == arrivals, "nothing left"


def test_refused_arrivals_are_on_record(new_office):
    office = new_office()
    office.house.start()
    for _ in range(30):
        office.house.call("/v1/chat/completions", HELLO, "chp_wrong")
    office.house.stop()
    told = [entry for entry in office.house.entries() if "key-unknown" in json.dumps(entry)]
    assert told, "refused arrivals leave entries"
    assert len(told) < 30, "and are aggregated"
    assert HAROLD not in json.dumps(told)
