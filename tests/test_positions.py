"""A value planted in every position of a request, on each endpoint: either it is replaced, or nothing leaves."""

import base64
import copy
import html
import json
import re
import unicodedata
import urllib.parse

import pytest

from house.leaks import leaks
from house.vendors import turns

VALUE = "219-09-9962"
PLANTED = f"SSN {VALUE}"

CHAT = {
    "model": "acme-large",
    "messages": [
        {"role": "developer", "content": "Be brief.", "name": "house"},
        {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}], "name": "app"},
        {"role": "assistant", "content": "Looking.", "refusal": "none", "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"ward":"7"}'}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"beds":["7a"]}'},
        {"role": "user", "content": "Go on"},
    ],
    "tools": [{"type": "function", "function": {
        "name": "look", "description": "Looks.", "strict": True,
        "parameters": {"type": "object", "title": "Look", "description": "Where.", "properties": {
            "ward": {"type": "string", "description": "Ward.", "enum": ["7", "8"], "default": "7",
                     "pattern": "^[0-9]+$", "examples": ["7"]}}, "required": ["ward"]}}}],
    "tool_choice": {"type": "function", "function": {"name": "look"}},
    "response_format": {"type": "json_schema", "json_schema": {
        "name": "plan", "description": "A plan.", "strict": True,
        "schema": {"type": "object", "properties": {"step": {"type": "string", "const": "rest"}}}}},
    "prediction": {"type": "content", "content": "The plan"},
    "stop": ["END"],
    "user": "app", "safety_identifier": "app", "prompt_cache_key": "cache", "service_tier": "auto",
    "metadata": {"trace": "t"}, "reasoning_effort": "low", "verbosity": "low",
    "logit_bias": {"50256": -100}, "modalities": ["text"],
    "x_unknown": {"deep": [{"er": "value"}]},
}

MESSAGES = {
    "model": "acme-large", "max_tokens": 64,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [
            {"type": "text", "text": "Looking."},
            {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"ward": {"name": "7"}}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "bed 7a"}]},
            {"type": "text", "text": "Go on", "citations": [{"type": "char_location", "cited_text": "x",
                                                            "document_index": 0, "document_title": "t",
                                                            "start_char_index": 0, "end_char_index": 1}]}]},
    ],
    "tools": [{"name": "look", "description": "Looks.", "input_schema": {
        "type": "object", "properties": {"ward": {"type": "string", "description": "Ward.", "enum": ["7"]}}}}],
    "tool_choice": {"type": "tool", "name": "look"},
    "metadata": {"user_id": "app"}, "stop_sequences": ["END"], "service_tier": "auto",
    "x_unknown": {"deep": [{"er": "value"}]},
}

RESPONSES = {
    "model": "acme-large", "instructions": "Be brief.", "store": False,
    "input": [
        {"role": "developer", "content": "Be kind."},
        {"type": "message", "role": "user", "id": "msg_0", "status": "completed",
         "content": [{"type": "input_text", "text": "Hello"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Look it up."}],
         "content": [{"type": "reasoning_text", "text": "Beds."}]},
        {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed", "phase": "commentary",
         "content": [{"type": "output_text", "text": "Looking.", "annotations": [
             {"type": "url_citation", "url": "https://a.example", "title": "A", "start_index": 0, "end_index": 1}]},
             {"type": "refusal", "refusal": "none"}]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "look", "namespace": "ward",
         "arguments": '{"ward":"7"}', "status": "completed"},
        {"type": "function_call_output", "id": "fo_1", "call_id": "call_1", "output": '{"beds":["7a"]}'},
        {"type": "custom_tool_call", "id": "ct_1", "call_id": "call_2", "name": "sh", "input": "ls"},
        {"type": "custom_tool_call_output", "call_id": "call_2", "output": [{"type": "input_text", "text": "a"}]},
        {"type": "local_shell_call", "id": "ls_1", "call_id": "call_3", "status": "completed",
         "action": {"type": "exec", "command": ["ls"], "env": {"A": "b"}, "working_directory": "/w", "user": "u"}},
        {"type": "local_shell_call_output", "id": "ls_1", "output": '{"stdout":"x"}'},
        {"type": "shell_call", "id": "sh_1", "call_id": "call_4", "action": {"commands": ["ls"]},
         "environment": {"type": "local"}},
        {"type": "shell_call_output", "call_id": "call_4", "output": [
            {"stdout": "a", "stderr": "b", "outcome": {"type": "exit", "exit_code": 0}}]},
        {"type": "apply_patch_call", "id": "ap_1", "call_id": "call_5", "status": "completed",
         "operation": {"type": "update_file", "path": "a.txt", "diff": "+a"}},
        {"type": "apply_patch_call_output", "call_id": "call_5", "status": "completed", "output": "done"},
        {"role": "user", "content": "Go on"},
    ],
    "tools": [
        {"type": "function", "name": "look", "description": "Looks.", "strict": True,
         "parameters": CHAT["tools"][0]["function"]["parameters"]},
        {"type": "custom", "name": "sh", "description": "Runs.",
         "format": {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}},
        {"type": "namespace", "name": "ward", "description": "Of the ward.", "tools": [
            {"type": "function", "name": "look", "parameters": {"type": "object"}}]},
        {"type": "local_shell"}, {"type": "apply_patch"},
        {"type": "shell", "environment": {"type": "local", "skills": [{"name": "s", "path": "/s"}]}},
        {"type": "tool_search", "execution": "client", "description": "Searches.", "parameters": {"type": "object"}}],
    "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look"}]},
    "text": {"verbosity": "low", "format": {"type": "json_schema", "name": "plan", "description": "A plan.",
                                            "schema": {"type": "object", "properties": {"step": {"const": "rest"}}}}},
    "reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"],
    "truncation": "auto", "service_tier": "auto", "user": "app", "safety_identifier": "app",
    "prompt_cache_key": "cache", "prompt_cache_retention": "in_memory", "metadata": {"trace": "t"},
    "context_management": [{"type": "compaction", "compact_threshold": 200000}],
    "client_metadata": {"session": "s"}, "x_unknown": {"deep": [{"er": "value"}]},
}

GEMINI = {
    "systemInstruction": {"role": "user", "parts": [{"text": "Be brief."}]},
    "contents": [
        {"role": "user", "parts": [{"text": "Hello", "partMetadata": {"from": "app"}}]},
        {"role": "model", "parts": [
            {"text": "I should look.", "thought": True}, {"text": "Looking."},
            {"functionCall": {"id": "call_1", "name": "look", "args": {"ward": {"name": "7"}}}}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "call_1", "name": "look", "scheduling": "SILENT",
                                                         "response": {"beds": ["7a"]}}}]},
        {"role": "user", "parts": {"text": "Go on"}},
    ],
    "tools": [{"functionDeclarations": [
        {"name": "look", "description": "Looks.", "parameters": {
            "type": "OBJECT", "title": "Look", "description": "Where.", "propertyOrdering": ["ward"], "properties": {
                "ward": {"type": "STRING", "format": "enum", "description": "Ward.", "enum": ["7", "8"],
                         "default": "7", "example": "8", "pattern": "^[0-9]+$"}}, "required": ["ward"]}},
        {"name": "book", "parametersJsonSchema": {"type": "object", "properties": {
            "who": {"type": "string", "description": "Who."}}}}]}],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["look"]}},
    "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
    "generationConfig": {"stopSequences": ["END"], "responseMimeType": "application/json",
                         "responseSchema": {"type": "OBJECT", "properties": {"step": {"type": "STRING"}}},
                         "responseModalities": ["TEXT"], "thinkingConfig": {"thinkingLevel": "LOW"}},
    "labels": {"team": "ward"},
    "futureField": {"deep": [{"er": "value"}]},
}


def snake(value):
    """The other spelling of every key of the protocol; none of the application's keys has a capital letter."""
    if isinstance(value, dict):
        return {key if key == "parametersJsonSchema" else re.sub("[A-Z]", lambda c: f"_{c[0].lower()}", key): snake(one)
                for key, one in value.items()}
    return [snake(one) for one in value] if isinstance(value, list) else value


EMBED = {"content": {"parts": [{"text": "Hello"}]}, "taskType": "RETRIEVAL_DOCUMENT", "title": "A letter",
         "futureField": "value"}

CONVERSE = {
    "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
    "messages": [
        {"role": "user", "content": [
            {"text": "Hello"},
            {"document": {"format": "txt", "name": "note", "source": {"text": "A note."}, "context": "ward"}},
            {"searchResult": {"source": "s", "title": "t", "content": [{"text": "found"}]}}]},
        {"role": "assistant", "content": [
            {"text": "Looking."},
            {"toolUse": {"toolUseId": "tooluse_1", "name": "look", "input": {"ward": {"name": "7"}}}}]},
        {"role": "user", "content": [
            {"toolResult": {"toolUseId": "tooluse_1", "status": "success",
                            "content": [{"text": "bed 7a"}, {"json": {"beds": ["7a"]}}]}},
            {"text": "Go on"}]},
    ],
    "toolConfig": {"tools": [{"toolSpec": {"name": "look", "description": "Looks.", "inputSchema": {"json": {
        "type": "object", "properties": {"ward": {"type": "string", "description": "Ward.", "enum": ["7"]}}}}}}],
        "toolChoice": {"tool": {"name": "look"}}},
    "inferenceConfig": {"maxTokens": 64, "stopSequences": ["END"]},
    "additionalModelRequestFields": {"x_unknown": {"deep": [{"er": "value"}]}},
    "additionalModelResponseFieldPaths": ["/stop_sequence"],
    "requestMetadata": {"trace": "t"}, "performanceConfig": {"latency": "standard"},
    "outputConfig": {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": {
        "schema": '{"type":"object","properties":{"step":{"const":"rest"}}}', "name": "plan",
        "description": "A plan."}}}},
    "x_unknown": {"deep": [{"er": "value"}]},
}

INVOKE = {key: value for key, value in MESSAGES.items() if key != "model"} | {
    "anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["context-1m-2025-08-07"]}

LLAMA = {"prompt": "Hello", "max_gen_len": 64, "x_unknown": {"deep": [{"er": "value"}], "json": '{"a":"b"}'}}

ENDPOINTS = {
    "/v1/chat/completions": CHAT, "/v1/responses": RESPONSES, "/v1/messages": MESSAGES,
    "/v1/messages/count_tokens": MESSAGES, "/v1/responses/input_tokens": RESPONSES,
    "/v1/completions": {"model": "acme-large", "prompt": "Hello", "suffix": "Bye", "stop": ["END"], "user": "ward-7",
                        "x_unknown": {"deep": [{"er": "value"}]}},
    "/v1/embeddings": {"model": "acme-large", "input": ["Hello", "again"], "user": "ward-7",
                       "x_unknown": {"deep": [{"er": "value"}]}},
    "/v1beta/models/acme-large:generateContent": GEMINI,
    "/v1beta1/publishers/google/models/acme-large:generateContent": snake(GEMINI),
    "/v1beta/models/acme-large:countTokens": {"generateContentRequest": {"model": "models/acme-large", **GEMINI}},
    "/v1beta/models/acme-large:embedContent": EMBED,
    "/v1beta/models/acme-large:batchEmbedContents": {"requests": [{"model": "models/acme-large", **EMBED}]},
    "/v1/projects/p/locations/l/publishers/google/models/acme-large:predict":
        {"instances": [{"content": "Hello", "task_type": "RETRIEVAL_QUERY", "title": "A letter"}], "x": "value"},
    "/model/acme-claude/converse": CONVERSE, "/model/acme-claude/invoke": INVOKE, "/model/acme-llama/invoke": LLAMA,
}
CONVERSATIONS = [path for path, body in ENDPOINTS.items()
                 if body.keys() & {"messages", "input", "contents", "prompt"} and "embeddings" not in path]


def saying(endpoint: str, text: str) -> dict:
    """A body of the endpoint whose last words are these."""
    body = copy.deepcopy(ENDPOINTS[endpoint])
    if "prompt" in body:
        return {**body, "prompt": text}
    if "contents" in body:
        turns(body)[-1] = {"role": "user", "parts": [{"text": text}]}
    else:
        turns(body)[-1] = {"role": "user", "content": [{"text": text}] if endpoint.endswith("converse") else text}
    return body


def positions(value, path=()):
    """Every place of a string: of a value, and of a key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, ("key", key))
            yield from positions(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from positions(inner, (*path, index))
    elif isinstance(value, str):
        yield path


def plant(body: dict, path: tuple, what: str) -> dict:
    body = copy.deepcopy(body)
    place = body
    for step in path[:-1]:
        place = place[step]
    last = path[-1]
    if isinstance(last, tuple):
        renamed = {(what if key == last[1] else key): inner for key, inner in place.items()}
        place.clear()
        place.update(renamed)
    elif last == "arguments":
        place[last] = json.dumps({"ward": what})
    else:
        place[last] = what
    return body


CASES = [(endpoint, path) for endpoint, body in ENDPOINTS.items() for path in positions(body)]


def moved(text: str, to: int, what=str.isdigit) -> str:
    """The text with each character of a kind at another place of Unicode, as far from the digit 0 as `to` says."""
    return "".join(chr(to + ord(c) - ord("0")) if what(c) else c for c in text)


def base64_of(text: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(encoding)).decode()


# the SSN with other digits around, written in ways that hide it
HIDDEN = {
    "plain": PLANTED,
    "zero-width": "SSN 219\u200b-09-\u200d9962",
    "full-width": "SSN ２１９-０９-９９６２",
    "other-hyphens": "SSN 219‐09‑9962",
    "entity": "SSN 219&#45;09&#45;9962",
    "percent": "SSN%20219%2D09%2D9962",
    "inside-json": json.dumps({"ssn": VALUE}),
    "inside-json-twice": json.dumps(json.dumps({"ssn": VALUE})),
    "arabic-digits": "SSN " + moved(VALUE, 0x660),
    "bold-digits": "SSN " + moved(VALUE, 0x1D7CE),
    "tags": "SSN " + moved(VALUE, 0xE0030, lambda c: True),
    "tags-alone": "Please." + moved(PLANTED, 0xE0030, lambda c: True),
    "key-caps": "SSN " + re.sub(r"\d", lambda digit: digit[0] + "\ufe0f\u20e3", VALUE),
    "soft-hyphens": "SSN " + "\u00ad".join(VALUE),
    "fillers": "SSN " + "\u3164".join(VALUE),
    "controls": "SSN " + "\0".join(VALUE[:5]) + "\x7f".join(VALUE[5:]),
    "annotation-marks": "SSN " + "\ufff9".join(VALUE),
    "adlam-digits": "SSN " + moved(VALUE, 0x1E950),
    "accents": "SSN " + "\u0301".join(VALUE),
    "marks-of-direction": "SSN \u202d" + "\u2066".join(VALUE) + "\u202c",
    "every-entity": "SSN " + "".join(f"&#{ord(c)};" for c in VALUE),
    "every-hex-entity": "SSN " + "".join(f"&#x{ord(c):04X};" for c in VALUE),
    "every-percent": "".join(f"%{ord(c):02x}" for c in PLANTED),
    "every-escape": "SSN " + "".join(f"\\u{ord(c):04x}" for c in VALUE),
    "every-backslash": "SSN 219\\-09\\-9962",
    "base64": base64_of("Please note: " + PLANTED),
    "base64-for-urls": base64.urlsafe_b64encode(f"Please note: {PLANTED}>>???".encode()).decode().rstrip("="),
    "base64-in-json": json.dumps({"data": base64_of("Please note: " + PLANTED)}),
}


def name(path: tuple) -> str:
    return "/".join(f"<{step[1]}>" if isinstance(step, tuple) else str(step) for step in path)


@pytest.mark.parametrize("endpoint, path", CASES, ids=[f"{e.rsplit('/', 1)[1]}:{name(p)}" for e, p in CASES])
def test_a_planted_value_never_reaches_the_vendor(office, endpoint, path):
    reply = office.house.call(endpoint, plant(ENDPOINTS[endpoint], path, PLANTED), office.scribe,
                              {"anthropic-version": "2023-06-01"})
    assert leaks([VALUE], {"vendor": office.acme.captured()}) == []
    assert office.nothing_left() or reply.status == 200, "what was sent is answered"
    if reply.status != 200:
        assert leaks([VALUE], {"refusal": reply.body, "log": office.house.log().encode()}) == []


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_the_bodies_that_are_planted_into_are_served(office, endpoint):
    """Without this, refusing everything would pass the test above."""
    reply = office.house.call(endpoint, ENDPOINTS[endpoint], office.scribe, {"anthropic-version": "2023-06-01"})
    assert reply.status == 200, reply.text
    sent = office.acme.last().json
    assert sent.keys() & {"generateContentRequest", "content", "requests", "instances"} or turns(sent)


def digits(text: str) -> str:
    """The digits as a vendor could read them, whatever stands between and however they are written."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    text = "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) <= 0xE007E else c for c in text)
    plain = html.unescape(urllib.parse.unquote(text))
    for run in re.findall("[A-Za-z0-9+/_-]{20,}", plain):
        standard = run.replace("-", "+").replace("_", "/")
        whole = standard[:-1] if len(standard) % 4 == 1 else standard
        plain += base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("utf-8", "replace")
    plain = "".join(str(unicodedata.digit(c, c)) for c in unicodedata.normalize("NFKC", plain))
    return "".join(c for c in plain if c.isascii() and c.isdigit())


@pytest.mark.parametrize("way", HIDDEN)
def test_what_is_hidden_can_be_read(way):
    """Without this, the test below would find nothing for not knowing how to look."""
    assert "219099962" in digits(HIDDEN[way])


@pytest.mark.parametrize("way", HIDDEN)
@pytest.mark.parametrize("endpoint", CONVERSATIONS)
def test_writing_it_in_another_way_hides_nothing(office, endpoint, way):
    body = saying(endpoint, f"Please note: {HIDDEN[way]}")
    for ascii_only in (True, False):
        raw = json.dumps(body, ensure_ascii=ascii_only).encode()
        office.forget()
        reply = office.house.call(endpoint, key=office.scribe, raw=raw,
                                  headers={"anthropic-version": "2023-06-01"})
        if office.nothing_left():
            assert reply.status == 403, reply.text
        else:
            content = json.dumps(turns(office.acme.last().json)[-1], ensure_ascii=False)
            assert "219099962" not in digits(content), content


HEADERS = ["user-agent", "x-request-id", "x-stainless-lang", "openai-organization", "openai-project",
           "openai-beta", "anthropic-beta", "anthropic-version", "x-codex-turn-metadata", "referer", "cookie",
           "traceparent", "idempotency-key", "chaperon-session", "chaperon-on-behalf-of", "accept", "x-amz-date",
           "x-amz-content-sha256", "amz-sdk-request",
           "x-amzn-bedrock-trace", "x-amzn-bedrock-service-tier", "x-amzn-bedrock-guardrailidentifier",
           "accept-language", "x-forwarded-for", "content-type", "host"]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_headers_carry_nothing_out(office, endpoint, header):
    value = f"application/json; ssn={VALUE}" if header == "content-type" else VALUE
    headers = {"anthropic-version": "2023-06-01", header: value}
    reply = office.house.call(endpoint, ENDPOINTS[endpoint], office.scribe, headers)
    places = {"vendor": office.acme.captured(), "answer": reply.body, "log": office.house.log().encode()}
    assert leaks([VALUE], places) == []


@pytest.mark.parametrize("target", ["/v1beta/models/acme-large:generateContent?ssn={}", "/v1beta/models?key={}",
                                    "/v1beta/models/{}", "/v1beta/models/acme-large:generateContent?key={}",
                                    "/v1/projects/{}/locations/l/publishers/google/models/acme-large:countTokens",
                                    "/v1/chat/completions?ssn={}", "/v1/responses?ssn={}", "/v1/responses/{}",
                                    "/v1/models?ssn={}", "/v1/{}",
                                    "/v1/models/{}", "/v1/chat/completions#{}",
                                    "/model/{}/converse", "/model/acme-claude/{}"])
def test_addresses_carry_nothing_out(office, target):
    body = {"model": "acme-large", "messages": [{"role": "user", "content": "Hi"}]}
    if ":" in target:
        body = {"contents": [{"parts": [{"text": "Hi"}]}]}
    elif "models" in target:
        body = None
    reply = office.house.call(target.format(VALUE), body, office.scribe)
    metrics = office.house.call("/metrics").body
    places = {"vendor": office.acme.captured(), "answer": reply.body, "log": office.house.log().encode(),
              "metrics": metrics}
    assert leaks([VALUE], places) == []
