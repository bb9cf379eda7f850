"""Answers in the wire shapes of OpenAI (both of them), Anthropic and Google, plain and streamed, and what scripted
vendors say. Bedrock's shapes are in bedrock.py.
"""

import json
from collections.abc import Iterable

from . import bedrock
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


# OpenAI responses


def message_item(text: str, index: int = 0) -> dict:
    return {"type": "message", "id": f"msg_{index}", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}]}


def call_item(name: str, arguments: str, index: int = 0) -> dict:
    return {"type": "function_call", "id": f"fc_{index}", "call_id": f"call_{index}", "name": name,
            "arguments": arguments, "status": "completed"}


def reasoning_item(summary: str, encrypted: str | None = None, index: int = 0) -> dict:
    return {"type": "reasoning", "id": f"rs_{index}", "encrypted_content": encrypted,
            "summary": [{"type": "summary_text", "text": summary}]}


def response_object(output: list[dict], status: str = "completed", asked: dict | None = None, **more) -> dict:
    """A response; what it repeats of the request it takes from `asked`."""
    asked = asked or {}
    return {
        "id": "resp_scripted", "object": "response", "created_at": 1700000000, "status": status, "error": None,
        "incomplete_details": None, "instructions": asked.get("instructions"), "metadata": asked.get("metadata", {}),
        "model": "scripted-2026", "output": output, "parallel_tool_calls": True, "temperature": 1.0, "top_p": 1.0,
        "tool_choice": "auto", "tools": asked.get("tools", []), "store": asked.get("store"),
        "text": asked.get("text", {"format": {"type": "text"}}), "truncation": "disabled",
        "usage": {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18,
                  "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
        if status == "completed" else None, **more,
    }


def response(output: list[dict], asked: dict | None = None, **more) -> Answer:
    return Answer(dump(response_object(output, asked=asked, **more)))


def response_events(output: list[dict], asked: dict | None = None, size: int = 3) -> list[bytes]:
    """The events of a stream as the vendor sends them: each text by deltas, then whole in all that ends."""
    events: list[bytes] = []

    def add(kind: str, **data) -> None:
        events.append(event(kind, {"sequence_number": len(events), **data}))

    for kind in ("created", "in_progress"):
        add(f"response.{kind}", response=response_object([], "in_progress", asked))
    for index, item in enumerate(output):
        at = {"item_id": item["id"], "output_index": index}
        begun = {key: [] if key in ("content", "summary") else "" if key in ("arguments", "input") else value
                 for key, value in item.items()} | ({} if item["type"] == "reasoning" else {"status": "in_progress"})
        add("response.output_item.added", output_index=index, item=begun)
        for place, part in enumerate(item.get("summary", [])):
            here = {**at, "summary_index": place}
            add("response.reasoning_summary_part.added", **here, part={**part, "text": ""})
            for piece in pieces_of(part["text"], size):
                add("response.reasoning_summary_text.delta", **here, delta=piece)
            add("response.reasoning_summary_text.done", **here, text=part["text"])
            add("response.reasoning_summary_part.done", **here, part=part)
        for place, part in enumerate(item.get("content", [])):
            here = {**at, "content_index": place}
            add("response.content_part.added", **here, part={**part, "text": ""})
            for piece in pieces_of(part["text"], size):
                add("response.output_text.delta", **here, delta=piece, logprobs=[])
            add("response.output_text.done", **here, text=part["text"], logprobs=[])
            add("response.content_part.done", **here, part=part)
        for field, kind in (("arguments", "function_call_arguments"), ("input", "custom_tool_call_input")):
            if field in item:
                for piece in pieces_of(item[field], size):
                    add(f"response.{kind}.delta", **at, delta=piece)
                add(f"response.{kind}.done", **at, **{field: item[field]})
        add("response.output_item.done", output_index=index, item=item)
    add("response.completed", response=response_object(output, asked=asked))
    return events


def respond(output: list[dict], arrival: Arrival, size: int = 3) -> Answer:
    """`output` plain or streamed, as the arrival asks for."""
    asked = arrival.json
    if asked.get("stream"):
        return Answer(response_events(output, asked, size), content_type=SSE)
    return response(output, asked)


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


# Google's generateContent, embedContent and their siblings


def content(parts: list[dict], finish: str | None = "STOP", **more) -> dict:
    candidate: dict = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": {
        "promptTokenCount": 11, "candidatesTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 18},
        "modelVersion": "scripted-2026", "responseId": "resp-scripted", **more}


def generate(text: str | None = None, call: tuple[str, dict] | None = None) -> Answer:
    parts: list[dict] = [] if text is None else [{"text": text}]
    if call:
        parts.append({"functionCall": {"name": call[0], "args": call[1]}})
    return Answer(dump(content(parts)))


def generate_stream(pieces: Iterable[str], call: tuple[str, dict] | None = None, last: dict | None = None) -> Answer:
    """Pieces of text, then a call, then a part that ends it; lines end as Google's do."""
    parts = [{"text": piece} for piece in pieces]
    if call:
        parts.append({"functionCall": {"name": call[0], "args": call[1]}})
    events = [content([part], None) for part in parts] + [content([last or {"text": ""}])]
    return Answer([b"data: " + dump(event) + b"\r\n\r\n" for event in events], content_type=SSE)


def vectors(arrival: Arrival) -> Answer:
    method, numbers = arrival.path.rsplit(":", 1)[1], [0.25, -0.5, 1e-3]
    if method == "embedContent":
        return Answer(dump({"embedding": {"values": numbers}}))
    if method == "batchEmbedContents":
        return Answer(dump({"embeddings": [{"values": numbers} for _ in arrival.json["requests"]]}))
    return Answer(dump({"predictions": [
        {"embeddings": {"values": numbers, "statistics": {"token_count": 4, "truncated": False}}}
        for _ in arrival.json["instances"]]}))


# What a vendor that really read the request says


def text_of(content) -> str:
    """The text of a message's content, whichever shape it has."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if any("functionResponse" in part for part in content or []):
        return " ".join(json.dumps(part["functionResponse"]["response"]) for part in content)
    return " ".join(part.get("text") or text_of(part.get("content") or part.get("toolResult", {}).get("content", ""))
                    for part in content or [])


def turns(body: dict) -> list[dict]:
    """The messages of a request, or the items of its input; a text alone is a message."""
    said = next((body[name] for name in ("prompt", "input", "messages", "contents") if body.get(name)), [])
    if isinstance(said, dict):
        return turns(said["converse"])
    return [{"role": "user", "content": said}] if isinstance(said, str) else said


def last_user(arrival: Arrival) -> str:
    said = [turn for turn in turns(arrival.json)
            if turn.get("role", "user") in ("user", "tool") or str(turn.get("type", "")).endswith("_output")]
    return text_of(said[-1].get("content", said[-1].get("output", said[-1].get("parts", "")))) if said else "nothing"


def pieces_of(text: str, size: int) -> list[str]:
    return [text[at:at + size] for at in range(0, len(text), size)] or [""]


def say(text: str, arrival: Arrival, size: int = 3) -> Answer:
    """`text` in the shape that the arrival asks for; streamed in pieces of `size` characters."""
    if "/count_tokens" in arrival.path:
        return Answer(dump({"input_tokens": 11}))
    if arrival.path.endswith("/input_tokens"):
        return Answer(dump({"object": "response.input_tokens", "input_tokens": 11}))
    if ":generateContent" in arrival.path:
        return generate(text)
    if ":streamGenerateContent" in arrival.path:
        return generate_stream(pieces_of(text, size))
    if arrival.path.startswith("/model/"):
        return bedrock.say(text, arrival, pieces_of(text, size), messages, messages_stream)
    streamed = arrival.json.get("stream", False)
    if "/messages" in arrival.path:
        return messages_stream(pieces_of(text, size)) if streamed else messages(text)
    if "/responses" in arrival.path:
        return respond([message_item(text)], arrival, size)
    return chat_stream(pieces_of(text, size)) if streamed else chat(text)


def echo(arrival: Arrival) -> Answer:
    """Repeats what the user said last: the least that a model must do with a surrogate."""
    if arrival.method == "GET":
        return Answer(dump({"object": "list", "data": []}))
    if ":countTokens" in arrival.path:
        return Answer(dump({"totalTokens": 31}))
    if arrival.path.rsplit(":", 1)[-1] in ("embedContent", "batchEmbedContents", "predict"):
        return vectors(arrival)
    if "/embeddings" in arrival.path:
        return Answer(dump({"object": "list", "model": "scripted-2026", "data": [
            {"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}]}))
    return say(f"You said: {last_user(arrival)}", arrival)


def saying(text: str, size: int = 3):
    """A vendor that says `text` whatever it is asked."""
    return lambda arrival: say(text, arrival, size)
