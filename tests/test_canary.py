"""Marked values through every door, error and crash; then everything that came out is searched for them."""

import base64
import gzip
import json
import socket
import urllib.parse
from http.client import HTTPException

from house import bedrock, postgres
from house.leaks import folder, leaks
from house.office import contents
from house.patients import MARKED, MARKS, NOTE
from house.server import wait_for
from house.upstream import CUT, Answer
from house.vendors import SSE, chat_event, dump, echo, event, message_item, response_events, say

# no detector can know these: lower-case words that stand for the rest of what a patient says
OPAQUE = "windbreak"
OPAQUE_REFUSED = "toadstool"
CONVERSE = "/model/acme-claude/converse"
DOORS = ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1beta/models/{}:{}", CONVERSE]


def ask(text: str, **more) -> dict:
    return {"model": "acme-large", "max_tokens": 64, "messages": [{"role": "user", "content": text}], **more}


def shaped(body: dict) -> tuple[str, bytes]:
    """The same for Bedrock: model and stream are in the path."""
    model = {"acme-large": "acme-claude", "bargain-1": "bargain-claude"}.get(body["model"], body["model"])
    messages = [{"role": said["role"], "content": [{"text": said["content"]}]} for said in body["messages"]]
    operation = "converse-stream" if body.get("stream") else "converse"
    return f"/model/{urllib.parse.quote(model, safe='')}/{operation}", dump({"messages": messages})


def send(office, body=None, raw=None, headers=None, key=None):
    """The same through every door; what comes back, or that it was cut."""
    raw = dump(body) if raw is None else raw
    for door in DOORS:
        own = raw.replace(b'"messages"', b'"input"') if door == "/v1/responses" else raw
        if "{}" in door:
            asked = body or {}
            method = "streamGenerateContent?alt=sse" if asked.get("stream") else "generateContent"
            door = door.format(urllib.parse.quote(asked.get("model", "acme-large"), safe=""), method)
            own = dump(contents(asked["messages"])) if asked else raw
        try:
            if door == CONVERSE:
                # fields of other protocols are content here, which may go where policy lets it
                door, own = shaped(body) if body else (door, raw.replace(OPAQUE_REFUSED.encode(), OPAQUE.encode()))
            yield office.house.call(door, key=key or office.scribe, raw=own,
                                    headers={"anthropic-version": "2023-06-01", **(headers or {})})
        except (OSError, ValueError, HTTPException):
            yield None


def everything_out(office) -> dict[str, bytes]:
    """All that an outsider, an operator or a thief of the disk could read."""
    places = folder(office.house.data)
    places["log"] = office.house.log().encode()
    if office.house.environment.get("CHAPERON_TEST_STORE"):
        places["database"] = postgres.dump(office.house.environment["CHAPERON_TEST_STORE"])
    period = ["--from", "2026-01-01", "--to", "2199-12-31"]
    for command in (["journal", "tail", "-n", "10000"], ["agent", "list"], ["service", "list"], ["check"],
                    ["report", *period], ["report", "--format", "html", *period]):
        for json_too in ([], ["--json"]):
            done = office.house.run(*command, *json_too)
            places[" ".join([*command, *json_too])] = (done.stdout + done.stderr).encode()
    return places


def upstream(office) -> dict[str, bytes]:
    return {f"vendor {index}": vendor.captured() for index, vendor in enumerate(office.vendors)}


def failing_vendors():
    """Each way in which a vendor can fail, quoting what it was sent."""
    quote = f"{NOTE} {OPAQUE}"
    yield lambda arrival: Answer(dump({"error": {"message": quote, "code": quote}}), 400)
    yield lambda arrival: Answer(quote.encode(), 500, content_type="text/plain")
    yield lambda arrival: Answer(b'{"choices":[{"message":{"content":"' + quote.encode())
    yield lambda arrival: Answer([chat_event({"content": quote}), CUT], content_type=SSE)
    yield lambda arrival: Answer([*response_events([message_item(quote)])[:9], CUT], content_type=SSE)
    yield lambda arrival: Answer([event("error", {"code": quote, "message": quote, "param": quote})], content_type=SSE)
    yield lambda arrival: Answer([b"data: " + quote.encode() + b"\n\n"], content_type=SSE)
    yield lambda arrival: Answer(b"", 302, {"location": f"http://127.0.0.1:1/{urllib.parse.quote(quote)}"})
    yield lambda arrival: say(quote, arrival)
    yield lambda arrival: Answer(dump({"message": quote, "__type": quote}), 424)
    yield lambda arrival: Answer([bedrock.exception("throttlingException", quote)], content_type=bedrock.EVENTS)
    yield lambda arrival: Answer([bedrock.event("contentBlockDelta", {"delta": {"text": quote}})],
                                 content_type=bedrock.EVENTS)
    yield lambda arrival: Answer([quote.encode(), CUT], content_type=bedrock.EVENTS)


def malformed_bodies():
    whole = dump(ask(f"{NOTE} {OPAQUE_REFUSED}"))
    yield whole[:-2]
    yield whole + whole
    yield whole.replace(b'"role": "user"', b'"role": "user", "role": "user"')
    # an odd role is content, so it goes on with its surrogates: only the marks must stay
    yield dump(ask(OPAQUE)).replace(b'"role": "user"', f'"role": "{NOTE} {OPAQUE}"'.encode())
    yield whole.replace(b'"messages"', f'"{NOTE} {OPAQUE_REFUSED}": 1, "messagez"'.encode())
    yield whole.decode().encode("utf-16")
    yield base64.b64encode(whole)
    yield gzip.compress(whole)
    yield b"\xff" + whole
    yield dump({**ask("x"), "model": f"{NOTE} {OPAQUE_REFUSED}"})
    yield dump({**ask("x"), "messages": {f"{NOTE} {OPAQUE_REFUSED}": "x"}})


def walk_every_path(office) -> list[bytes]:
    """Sends the marked note every way there is; what the application got as errors."""
    errors = []
    text = f"{NOTE} The patient says {OPAQUE}."
    for stream in (False, True):
        for reply in send(office, ask(text, stream=stream)):
            assert reply.status == 200, reply.text
            assert all(mark in reply.said for mark in MARKS), reply.said
            assert OPAQUE in reply.said
    for vendor in failing_vendors():
        office.acme.answer = vendor
        for stream in (False, True):
            errors += [reply.body for reply in send(office, ask("Go on.", stream=stream))
                       if reply and reply.status != 200]
    office.acme.answer = echo
    for raw in malformed_bodies():
        errors += [reply.body for reply in send(office, raw=raw) if reply and reply.status != 200]
    errors += [r.body for r in send(office, ask(f"{text} {OPAQUE_REFUSED}", model="bargain-1"), key=office.helper)]
    errors += [r.body for r in send(office, ask(f"{text} {OPAQUE_REFUSED}"), key="chp_" + "0" * 52)]
    errors += [r.body for r in send(office, ask(f"{text} {OPAQUE_REFUSED}", model=f"no {MARKS[0]}"))]
    for name in ("chaperon-session", "chaperon-on-behalf-of", "anthropic-beta", "user-agent", "x-api-key"):
        errors += [r.body for r in send(office, ask("x"), headers={name: MARKS[0]}) if r and r.status != 200]
    errors.append(office.house.call(f"/v1/{urllib.parse.quote(text)}", ask("x"), office.scribe).body)
    errors.append(office.house.call("/metrics").body)
    errors.append(office.house.call("/healthz").body)
    errors.append(office.house.call("/readyz").body)
    return errors


def test_nothing_marked_comes_out_anywhere(new_office):
    office = new_office()
    office.house.start()
    errors = walk_every_path(office)
    sent = upstream(office)
    assert leaks([*MARKS, OPAQUE_REFUSED], sent) == []
    assert any(OPAQUE.encode() in seen for seen in sent.values()), "policy lets the rest of the text pass"
    assert leaks([*MARKS, OPAQUE, OPAQUE_REFUSED],
                 {f"error {index}": body for index, body in enumerate(errors)}) == []
    office.house.stop()
    assert leaks([*MARKS, OPAQUE, OPAQUE_REFUSED], everything_out(office)) == []


def test_nothing_marked_is_left_by_a_crash(new_office):
    office = new_office()
    office.house.start()
    office.chat(f"{NOTE} {OPAQUE}")
    office.acme.answer = lambda arrival: Answer([chat_event({"content": "The plan"}), 30], content_type=SSE)
    body = dump(ask(f"{NOTE} {OPAQUE}", stream=True))
    with socket.create_connection(("127.0.0.1", office.house.port)) as wire:
        wire.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
                     + office.scribe.encode() + b"\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        wait_for(lambda: len(office.acme.arrivals) == 2)
        office.house.kill()
    assert leaks([*MARKS, OPAQUE], folder(office.house.data)) == []
    office.acme.answer = echo
    office.house.start()
    assert office.chat("Hello").status == 200
    office.house.stop()
    assert leaks([*MARKS, OPAQUE], everything_out(office)) == []


def test_no_key_lies_about(new_office):
    """The agent's key and the vendor's credential are nowhere in clear either."""
    from house.office import CREDENTIAL

    office = new_office()
    office.house.start()
    office.chat(NOTE)
    office.house.stop()
    assert leaks([office.scribe, CREDENTIAL], everything_out(office)) == []


def test_scan_finds_each_marked_identifier(new_office):
    """The marks must be identifiers to the house, or the searches above would prove nothing."""
    office = new_office()
    lines = [json.dumps({"id": label, "text": text}) for label, text, _ in MARKED]
    (office.house.home / "marked.jsonl").write_text("\n".join(lines) + "\n")
    done = office.house.run("scan", office.house.home / "marked.jsonl", "--format", "spans")
    assert done.returncode == 0, done.stderr
    found = {line["id"]: {span["label"] for span in line["spans"]}
             for line in map(json.loads, done.stdout.splitlines())}
    missed = [label for label, _, _ in MARKED if label not in found.get(label, set())]
    assert missed == []
