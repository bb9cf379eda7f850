"""Embeddings, completions, counting of tokens, and sound: each under the same rules as a chat."""

import base64
import json
import struct

import anthropic
import openai
import pytest

from house.leaks import leaks
from house.patients import HAROLD, HAROLD_VALUES, MARTHA, MARTHA_VALUES, surrogates
from house.server import wait_for
from house.upstream import Answer
from house.vendors import SSE, chat, dump

POLICY = '@id("more")\n@features("embeddings, audio")\npermit(principal, action, resource);\n'
# what names her: a bare date does not
NAMING = [value for value in MARTHA_VALUES if "/" not in value]
SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(range(256))


@pytest.fixture
def granted(new_office):
    """acme-api under an agreement and a policy that name embeddings and sound."""
    office = new_office()
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
                    "--retention", "zero", "--region", "us", "--scope",
                    "acme-api;features=embeddings,audio", "--replace", "--drop")
    office.house.do("policy", "set", "-", "--reason", "more", stdin=POLICY)
    office.house.start()
    return office


def gpt(office) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe, max_retries=0)


def vectors(arrival) -> Answer:
    asked = arrival.json
    texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
    numbers = [0.5, -0.25, 1e-9]
    packed = base64.b64encode(struct.pack("<3f", *numbers)).decode()
    value = packed if asked.get("encoding_format") == "base64" else numbers
    return Answer(dump({"object": "list", "model": asked["model"], "usage": {"prompt_tokens": 9, "total_tokens": 9},
                        "data": [{"object": "embedding", "index": n, "embedding": value} for n in range(len(texts))]}))


# embeddings


def test_embeddings_hold_the_class_where_an_identifier_stood(granted):
    granted.acme.answer = vectors
    with gpt(granted) as client:
        answer = client.embeddings.create(model="acme-large", input=[f"Seen: {HAROLD}.", "No one here."])
    assert [len(one.embedding) for one in answer.data] == [3, 3]
    assert abs(answer.data[0].embedding[1] + 0.25) < 1e-6
    sent = granted.acme.last().json
    assert granted.acme.last().path == "/v1/embeddings" and sent["encoding_format"] == "base64"
    assert "[NAME]" in sent["input"][0] and "[MRN]" in sent["input"][0] and surrogates(sent["input"][0]) == []
    assert sent["input"][1] == "No one here."
    assert leaks(HAROLD_VALUES, {"vendor": granted.acme.captured()}) == []
    plain = granted.house.call("/v1/embeddings", {"model": "acme-large", "input": HAROLD, "user": MARTHA},
                               granted.scribe)
    assert plain.json["data"][0]["embedding"] == [0.5, -0.25, 1e-9]
    assert leaks([*HAROLD_VALUES, *MARTHA_VALUES], {"vendor": granted.acme.captured()}) == []


def test_embeddings_need_an_agreement_that_names_them(office):
    reply = office.house.call("/v1/embeddings", {"model": "pilot-1", "input": HAROLD}, office.scribe)
    assert reply.status == 403 and "embeddings" in reply.text, reply.text
    assert office.nothing_left()


@pytest.mark.parametrize("tokens", [[1, 2, 3], [[1, 2], [3]]])
@pytest.mark.parametrize("path, field", [("/v1/embeddings", "input"), ("/v1/completions", "prompt")])
def test_numbers_of_tokens_are_refused(granted, path, field, tokens):
    reply = granted.house.call(path, {"model": "acme-large", field: tokens}, granted.scribe)
    assert (reply.status, reply.code) == (400, "tokens-unreadable"), reply.text
    assert "check_embedding_ctx_length" in reply.text and granted.nothing_left()


@pytest.mark.parametrize("value", [None, 7, {"text": HAROLD}, [HAROLD, 7], [{"a": HAROLD}]])
def test_an_input_that_is_no_text_is_refused(granted, value):
    reply = granted.house.call("/v1/embeddings", {"model": "acme-large", "input": value}, granted.scribe)
    assert reply.status == 400 and granted.nothing_left()


def test_a_vector_that_is_no_base64_is_text_and_guarded(granted):
    granted.acme.answer = lambda arrival: Answer(dump({"object": "list", "model": "m", "data": [
        {"object": "embedding", "index": 0, "embedding": f"of {MARTHA}"}]}))
    reply = granted.house.call("/v1/embeddings", {"model": "acme-large", "input": "x"}, granted.scribe)
    assert leaks(NAMING, {"answer": reply.body}) == []


# completions


def continuation(text: str, streamed: bool) -> Answer:
    choice = {"index": 0, "logprobs": None}
    whole = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
    if not streamed:
        usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
        return Answer(dump({**whole, "choices": [{**choice, "text": text, "finish_reason": "stop"}], "usage": usage}))
    parts = [text[at:at + 3] for at in range(0, len(text), 3)]
    events = [{**whole, "choices": [{**choice, "text": part, "finish_reason": None}]} for part in parts]
    events.append({**whole, "choices": [{**choice, "text": "", "finish_reason": "stop"}]})
    return Answer([b"data: " + dump(one) + b"\n\n" for one in events] + [b"data: [DONE]\n\n"], content_type=SSE)


@pytest.mark.parametrize("streamed", [False, True])
def test_completions_are_restored_and_masked(office, streamed):
    office.acme.answer = lambda arrival: continuation(
        f"{arrival.json['prompt']} And {MARTHA} too.", arrival.json.get("stream", False))
    with gpt(office) as client:
        answer = client.completions.create(model="acme-large", prompt=f"About {HAROLD}:", stream=streamed)
        text = "".join(chunk.choices[0].text for chunk in answer) if streamed else answer.choices[0].text
    assert f"About {HAROLD}:" in text and leaks(NAMING, {"answer": text.encode()}) == []
    assert office.acme.last().path == "/v1/completions"
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


def test_completions_examine_every_field(office):
    office.acme.answer = lambda arrival: continuation("Noted.", False)
    body = {"model": "acme-large", "prompt": ["one", HAROLD], "suffix": HAROLD, "stop": [HAROLD], "user": HAROLD,
            "logit_bias": {HAROLD: 1}, "unknown": {HAROLD: HAROLD}}
    assert office.house.call("/v1/completions", body, office.scribe).status == 200
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


# counting


def test_tokens_are_counted_of_what_would_be_sent(office):
    office.acme.answer = lambda arrival: Answer(dump({"input_tokens": 42}))
    with anthropic.Anthropic(base_url=office.house.url, api_key=office.scribe, max_retries=0) as client:
        counted = client.messages.count_tokens(model="acme-large", system=MARTHA,
                                               messages=[{"role": "user", "content": HAROLD}])
    assert counted.input_tokens == 42 and office.acme.last().path.startswith("/v1/messages/count_tokens")
    assert leaks([*HAROLD_VALUES, *MARTHA_VALUES], {"vendor": office.acme.captured()}) == []
    reply = office.house.call("/v1/messages/count_tokens", {"model": "bargain-1", "messages": [
        {"role": "user", "content": HAROLD}]}, office.scribe, {"anthropic-version": "2023-06-01"})
    assert (reply.status, reply.code) == (403, "agreement-missing")


def test_tokens_of_a_response_are_counted_as_it_would_be_sent(office):
    office.acme.answer = lambda arrival: Answer(dump({"object": "response.input_tokens", "input_tokens": 42}))
    with gpt(office) as client:
        counted = client.responses.input_tokens.count(model="acme-large", instructions=MARTHA, input=HAROLD)
    assert (counted.object, counted.input_tokens) == ("response.input_tokens", 42)
    sent = office.acme.last()
    assert sent.path == "/v1/responses/input_tokens" and "store" not in sent.json
    assert surrogates(sent.json["input"]) and leaks([*HAROLD_VALUES, *MARTHA_VALUES], {"vendor": sent.body}) == []
    reply = office.house.call("/v1/responses/input_tokens", {"model": "bargain-1", "input": HAROLD}, office.scribe)
    assert (reply.status, reply.code) == (403, "agreement-missing")


def test_compaction_apart_from_an_answer_is_refused_by_name(office):
    with gpt(office) as client, pytest.raises(openai.NotFoundError, match="compaction-apart") as refused:
        client.responses.compact(model="acme-large", input=HAROLD)
    assert "context_management" in str(refused.value) and office.nothing_left()


# sound


def heard(arrival) -> Answer:
    return Answer(dump({"text": f"This is {HAROLD}.", "usage": {"input_tokens": 5, "output_tokens": 6}}))


def test_sound_goes_whole_and_what_stands_beside_it_is_examined(granted):
    granted.acme.answer = heard
    with gpt(granted) as client:
        answer = client.audio.transcriptions.create(
            model="acme-small", file=(f"{MARTHA}.wav", SOUND, "audio/wav"), prompt=f"Visit of {MARTHA}",
            temperature=0.2, timestamp_granularities=["word"], response_format="json")
    assert answer.text == f"This is {HAROLD}.", "what only the sound held is not told from what was sent"
    arrival = granted.acme.last()
    assert arrival.path == "/v1/audio/transcriptions"
    assert SOUND in arrival.body and b"acme-small-2026" in arrival.body and b"Content-Type: audio/wav" in arrival.body
    assert leaks(MARTHA_VALUES, {"vendor": granted.acme.captured()}) == []


def test_sound_needs_agreement_and_policy(office):
    with gpt(office) as client, pytest.raises(openai.PermissionDeniedError, match="audio"):
        client.audio.transcriptions.create(model="acme-large", file=("a.wav", SOUND))
    assert office.nothing_left()


def sound(office, *parts: bytes):
    """A form of these parts, as bytes, beside the model's name."""
    parts = (b'name="model"\r\n\r\nacme-large', *parts)
    body = b"".join(b"--X\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--X--\r\n"
    return office.house.call("/v1/audio/transcriptions", key=office.scribe, raw=body, method="POST",
                             headers={"Content-type": "multipart/form-data; boundary=X"})


def test_sound_counts_where_its_vendor_does_not_tell_what_it_took(granted):
    granted.house.do("budget", "add", "b", "--window", "day", "--tokens", "1000000")
    granted.acme.answer = lambda arrival: Answer(dump({"text": "Noted."}))
    reply = sound(granted, b'name="file"; filename="a.wav"\r\n\r\n' + bytes(640_000))
    assert reply.status == 200, reply.text
    assert wait_for(lambda: 10_000 < granted.house.do("budget", "use")[0]["tokens"]["used"] < 11_000)


def test_a_text_that_is_said_to_be_a_file_is_refused(granted):
    """Some vendors read a part with a file name as the field that it is."""
    said = b'name="prompt"; filename="p.txt"\r\n\r\n' + HAROLD.encode()
    reply = sound(granted, b'name="file"; filename="a.wav"\r\n\r\nx', said)
    assert (reply.status, reply.code) == (400, "request-malformed"), reply.text
    assert granted.nothing_left()


def test_the_kind_of_a_file_is_none_that_the_caller_makes_up(granted):
    granted.acme.answer = heard
    reply = sound(granted, b'name="file"; filename="a.wav"\r\nContent-Type: audio/219-09-9998\r\n\r\nx')
    assert reply.status == 200, reply.text
    assert b"application/octet-stream" in granted.acme.last().body
    assert leaks(HAROLD_VALUES, {"vendor": granted.acme.captured()}) == []


@pytest.mark.parametrize("more, code", [
    ({"response_format": "srt"}, "form-unsupported"), ({"response_format": "text"}, "form-unsupported"),
    ({"stream": "true"}, "stream-unsupported"), ({"Maria Alvarez": "x"}, "request-malformed"),
])
def test_forms_that_could_not_be_guarded_are_refused(granted, more, code):
    parts = {"model": "acme-large", **more}
    body = b"".join(b"--X\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n" % (name.encode(), text.encode())
                    for name, text in parts.items())
    body += b"--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--X--\r\n"
    reply = granted.house.call("/v1/audio/transcriptions", key=granted.scribe, raw=body, method="POST",
                               headers={"Content-type": "multipart/form-data; boundary=X"})
    assert (reply.status, reply.code) == (400, code), reply.text
    assert "response_format" not in more or "`response_format` is none of json, verbose_json" in reply.text
    assert "Alvarez" not in reply.text and granted.nothing_left()


# Azure's paths


def test_azures_client_reaches_any_service(office):
    with openai.AzureOpenAI(azure_endpoint=office.house.url, api_key=office.scribe, api_version="2024-10-21",
                            max_retries=0) as client:
        answer = client.chat.completions.create(model="acme-large", messages=[{"role": "user", "content": HAROLD}])
    assert answer.choices[0].message.content == f"You said: {HAROLD}"
    assert office.acme.last().path == "/v1/chat/completions"


def test_a_dated_service_is_asked_by_deployment(new_office):
    office = new_office()
    office.house.do("service", "add", "azure", "--vendor", "acme", "--endpoint", f"{office.acme.url}/openai",
                    "--protocol", "azure-openai", "--api-version", "2024-10-21", "--region", "us", "--retention",
                    "zero", "--model", "large=my-deployment")
    office.house.do("service", "credential", "azure", "--header", "api-key", stdin="azure-secret-for-tests\n")
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
                    "--retention", "zero", "--region", "us", "--scope", "azure", "--replace", "--drop")
    office.house.start()
    office.acme.answer = lambda arrival: chat(f"Model {json.loads(arrival.body)['model']}")
    reply = office.chat(HAROLD, model="large")
    assert reply.status == 200, reply.text
    arrival = office.acme.last()
    assert arrival.path == "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21"
    assert arrival.header("api-key") == "azure-secret-for-tests" and arrival.header("authorization") is None
