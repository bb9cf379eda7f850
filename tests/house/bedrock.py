"""Amazon Bedrock's shapes: binary frames written and read by the published layout, answers plain and streamed."""

import base64
import json
import struct
import zlib
from collections.abc import Iterable

from .upstream import Answer

EVENTS = "application/vnd.amazon.eventstream"


def frame(payload: bytes, **headers: str) -> bytes:
    """One frame; `event_type` stands for the header `:event-type`."""
    block = b""
    for name, value in headers.items():
        key = (":" + name.replace("_", "-")).encode()
        block += bytes([len(key)]) + key + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    prelude = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    return prelude + block + payload + struct.pack(">I", zlib.crc32(prelude + block + payload))


def event(name: str, data: dict) -> bytes:
    return frame(json.dumps({**data, "p": "abcdefghijkl"}, ensure_ascii=False).encode(),
                 event_type=name, content_type="application/json", message_type="event")


def exception(name: str, message: str) -> bytes:
    return frame(json.dumps({"message": message}).encode(),
                 exception_type=name, content_type="application/json", message_type="exception")


def chunk(data: dict) -> bytes:
    """One event of a model's own, as `invoke-with-response-stream` packs it."""
    return event("chunk", {"bytes": base64.b64encode(json.dumps(data, ensure_ascii=False).encode()).decode()})


def events(body: bytes) -> list[tuple[str, dict]]:
    """The frames of a stream, each with its type; an exception's has a `!` before it. Refuses what is damaged."""
    found = []
    while body:
        length, block, total = struct.unpack(">III", body[:12])
        assert zlib.crc32(body[:8]) == total, "the prelude's checksum"
        one, body = body[:length], body[length:]
        assert zlib.crc32(one[:-4]) == struct.unpack(">I", one[-4:])[0], "the frame's checksum"
        headers, at = {}, 12
        while at < 12 + block:
            name = one[at + 1:at + 1 + one[at]].decode()
            at += 1 + one[at]
            assert one[at] == 7, "strings only"
            size = struct.unpack(">H", one[at + 1:at + 3])[0]
            headers[name] = one[at + 3:at + 3 + size].decode()
            at += 3 + size
        data = json.loads(one[12 + block:-4])
        if "bytes" in data:
            data = json.loads(base64.b64decode(data["bytes"]))
        found.append((headers.get(":event-type") or "!" + headers[":exception-type"], data))
    return found


def said(body: bytes) -> str:
    """The text of a stream, of `converse` or of a model's own."""
    text = ""
    for _, data in events(body):
        delta = data.get("delta", {})
        text += delta.get("text", "") if "type" in delta or "contentBlockIndex" in data else ""
        text += data.get("generation", "") + data.get("outputText", "")
    return text


USAGE = {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}


def converse(text: str | None = None, tool: tuple[str, dict] | None = None) -> Answer:
    content: list[dict] = [] if text is None else [{"text": text}]
    if tool:
        content.append({"toolUse": {"toolUseId": "tooluse_0", "name": tool[0], "input": tool[1]}})
    return Answer(json.dumps({
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "tool_use" if tool else "end_turn", "usage": USAGE, "metrics": {"latencyMs": 3},
    }).encode())


def converse_stream(pieces: Iterable[str], tool: str | None = None, end: bool = True) -> Answer:
    """Pieces of text, or of a tool's input where `tool` names one."""
    parts = [event("messageStart", {"role": "assistant"})]
    if tool:
        parts.append(event("contentBlockStart", {
            "contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "tooluse_0", "name": tool}}}))
    parts += [event("contentBlockDelta", {"contentBlockIndex": 0,
                                          "delta": {"toolUse": {"input": piece}} if tool else {"text": piece}})
              for piece in pieces]
    if end:
        parts += [event("contentBlockStop", {"contentBlockIndex": 0}),
                  event("messageStop", {"stopReason": "tool_use" if tool else "end_turn"}),
                  event("metadata", {"usage": USAGE, "metrics": {"latencyMs": 3}})]
    return Answer(parts, content_type=EVENTS)


def llama(text: str) -> Answer:
    return Answer(json.dumps({"generation": text, "prompt_token_count": 11, "generation_token_count": 7,
                              "stop_reason": "stop"}).encode())


def llama_stream(pieces: Iterable[str]) -> Answer:
    parts = [chunk({"generation": piece, "stop_reason": None}) for piece in pieces]
    parts.append(chunk({"generation": "", "stop_reason": "stop", "amazon-bedrock-invocationMetrics": {
        "inputTokenCount": 11, "outputTokenCount": 7, "invocationLatency": 3, "firstByteLatency": 1}}))
    return Answer(parts, content_type=EVENTS)


def packed(answer: Answer) -> Answer:
    """A stream of Anthropic's events, each packed in a frame."""
    lines = [line[6:] for part in answer.body for line in part.decode().splitlines() if line.startswith("data: ")]
    return Answer([chunk(json.loads(line)) for line in lines], content_type=EVENTS)


def say(text: str, arrival, pieces: list[str], messages, messages_stream) -> Answer:
    """`text` in the shape that the arrival asks for; Anthropic's shapes are handed in."""
    operation = arrival.path.rsplit("/", 1)[1]
    if operation == "converse":
        return converse(text)
    if operation == "converse-stream":
        return converse_stream(pieces)
    if operation == "count-tokens":
        return Answer(b'{"inputTokens": 11}')
    streamed = operation == "invoke-with-response-stream"
    if "anthropic_version" in arrival.json:
        return packed(messages_stream(pieces)) if streamed else messages(text)
    return llama_stream(pieces) if streamed else llama(text)
