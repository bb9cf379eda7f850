"""Answers in the wire shapes of OpenAI and Anthropic, plain and streamed, and what scripted vendors say."""

import json
from collections.abc import Iterable

from .upstream import Answer, Arrival

SSE = "text/event-stream"


def dump(value) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


# OpenAI chat completions


def chat(text: str | None = None, tools: list[tuple[str, str]] | None = None, **more) -> Answer:
    message: dict = {"role": "assistant", "content": text, "refusal": None}
    if tools:
        message["tool_calls"] = [
            {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for index, (name, arguments) in enumerate(tools)
        ]
    return Answer(dump({
        "id": "chatcmpl-scripted", "object": "chat.completion", "created": 1700000000, "model": "scripted-2026",
        "choices": [{"index": 0, "message": message, "logprobs": None,
                     "finish_reason": "tool_calls" if tools else "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}, **more,
    }))


def chat_event(delta: dict, finish: str | None = None) -> bytes:
    return b"data: " + dump({
        "id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1700000000,
        "model": "scripted-2026", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }) + b"\n\n"


CHAT_END = [
    b"data: " + dump({
        "id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1700000000,
        "model": "scripted-2026", "choices": [],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
    }) + b"\n\n",
    b"data: [DONE]\n\n",
]


def chat_stream(pieces: Iterable[str]) -> Answer:
    events = [chat_event({"role": "assistant", "content": ""})]
    events += [chat_event({"content": piece}) for piece in pieces]
    return Answer(events + [chat_event({}, "stop"), *CHAT_END], content_type=SSE)


def chat_tool_stream(name: str, pieces: Iterable[str]) -> Answer:
    def call(function: dict, **more) -> dict:
        return {"tool_calls": [{"index": 0, **more, "function": function}]}

    events = [chat_event({"role": "assistant", "content": None})]
    events.append(chat_event(call({"name": name, "arguments": ""}, id="call_0", type="function")))
    events += [chat_event(call({"arguments": piece})) for piece in pieces]
    return Answer(events + [chat_event({}, "tool_calls"), *CHAT_END], content_type=SSE)


# Anthropic messages


def messages(text: str | None = None, tool: tuple[str, dict] | None = None) -> Answer:
    content: list[dict] = [] if text is None else [{"type": "text", "text": text}]
    if tool:
        content.append({"type": "tool_use", "id": "toolu_0", "name": tool[0], "input": tool[1]})
    return Answer(dump({
        "id": "msg_scripted", "type": "message", "role": "assistant", "model": "scripted-2026",
        "content": content, "stop_reason": "tool_use" if tool else "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 7},
    }))


def event(name: str, data: dict) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + dump({"type": name, **data}) + b"\n\n"


def messages_stream(pieces: Iterable[str], tool: str | None = None) -> Answer:
    """Pieces of text, or of a tool's input where `tool` names one."""
    block = {"type": "text", "text": ""}
    if tool:
        block = {"type": "tool_use", "id": "toolu_0", "name": tool, "input": {}}
    kind, field = ("input_json_delta", "partial_json") if tool else ("text_delta", "text")
    events = [
        event("message_start", {"message": {
            "id": "msg_scripted", "type": "message", "role": "assistant", "model": "scripted-2026", "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 11, "output_tokens": 1}}}),
        event("content_block_start", {"index": 0, "content_block": block}),
        event("ping", {}),
    ]
    events += [event("content_block_delta", {"index": 0, "delta": {"type": kind, field: piece}})
               for piece in pieces]
    events += [
        event("content_block_stop", {"index": 0}),
        event("message_delta", {"delta": {"stop_reason": "tool_use" if tool else "end_turn",
                                          "stop_sequence": None}, "usage": {"output_tokens": 7}}),
        event("message_stop", {}),
    ]
    return Answer(events, content_type=SSE)


def thinking(signature: str, thought: str, text: str, streamed: bool = False) -> Answer:
    """A signed thought and a redacted one, then text; Anthropic's protocol."""
    blocks = [{"type": "thinking", "thinking": thought, "signature": signature},
              {"type": "redacted_thinking", "data": signature[::-1]}, {"type": "text", "text": text}]
    body = json.loads(messages("").body) | {"content": blocks}
    if not streamed:
        return Answer(dump(body))
    empty = [{"type": "thinking", "thinking": "", "signature": ""}, blocks[1], {"type": "text", "text": ""}]
    deltas = [[{"type": "thinking_delta", "thinking": thought}, {"type": "signature_delta", "signature": signature}],
              [], [{"type": "text_delta", "text": text}]]
    events = [event("message_start", {"message": body | {"content": [], "stop_reason": None}})]
    for index, block in enumerate(empty):
        events.append(event("content_block_start", {"index": index, "content_block": block}))
        events += [event("content_block_delta", {"index": index, "delta": delta}) for delta in deltas[index]]
        events.append(event("content_block_stop", {"index": index}))
    events += [event("message_delta", {"delta": {"stop_reason": "end_turn", "stop_sequence": None},
                                       "usage": {"output_tokens": 7}}), event("message_stop", {})]
    return Answer(events, content_type=SSE)


# What a vendor that really read the request says


def text_of(content) -> str:
    """The text of a message's content, whichever shape it has."""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text") or text_of(part.get("content", "")) for part in content or [])


def last_user(arrival: Arrival) -> str:
    said = [message for message in arrival.json["messages"] if message.get("role") in ("user", "tool")]
    return text_of(said[-1].get("content", "")) if said else "nothing"


def pieces_of(text: str, size: int) -> list[str]:
    return [text[at:at + size] for at in range(0, len(text), size)] or [""]


def say(text: str, arrival: Arrival, size: int = 3) -> Answer:
    """`text` in the shape that the arrival asks for; streamed in pieces of `size` characters."""
    streamed = arrival.json.get("stream", False)
    if "/messages" in arrival.path:
        return messages_stream(pieces_of(text, size)) if streamed else messages(text)
    return chat_stream(pieces_of(text, size)) if streamed else chat(text)


def echo(arrival: Arrival) -> Answer:
    """Repeats what the user said last: the least that a model must do with a surrogate."""
    if arrival.method == "GET":
        return Answer(dump({"object": "list", "data": []}))
    return say(f"You said: {last_user(arrival)}", arrival)


def saying(text: str, size: int = 3):
    """A vendor that says `text` whatever it is asked."""
    return lambda arrival: say(text, arrival, size)
