"""The official Python clients, unchanged but for base URL and key."""

import json
import threading

import anthropic
import openai
import pytest

from house.leaks import leaks
from house.patients import HAROLD, HAROLD_VALUES, surrogates
from house.upstream import Answer
from house.vendors import (chat, chat_tool_stream, dump, messages, messages_stream, pieces_of)

TOOL = {"type": "function", "function": {"name": "book", "description": "Books a visit.", "parameters": {
    "type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]}}}
CLAUDE_TOOL = {"name": "book", "description": "Books a visit.", "input_schema": TOOL["function"]["parameters"]}
ASK = [{"role": "user", "content": f"Summarise: {HAROLD}."}]
ECHO = f"You said: Summarise: {HAROLD}."


@pytest.fixture
def gpt(office):
    with openai.OpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe, max_retries=0) as client:
        yield client
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


@pytest.fixture
def claude(office):
    with anthropic.Anthropic(base_url=office.house.url, api_key=office.scribe, max_retries=0) as client:
        yield client
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


# openai


def test_openai_plain(gpt):
    answer = gpt.chat.completions.create(model="acme-large", messages=ASK)
    assert answer.choices[0].message.content == ECHO
    assert answer.usage.total_tokens == 18


def test_openai_streamed(gpt):
    stream = gpt.chat.completions.create(model="acme-large", messages=ASK, stream=True,
                                         stream_options={"include_usage": True})
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == ECHO
    assert chunks[-1].usage.total_tokens == 18


def test_openai_streamed_through_the_helper(gpt):
    with gpt.chat.completions.stream(model="acme-large", messages=ASK) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].message.content == ECHO


def test_openai_async(office):
    import asyncio

    async def ask():
        async with openai.AsyncOpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe) as client:
            answers = await asyncio.gather(*(client.chat.completions.create(
                model="acme-large", messages=[{"role": "user", "content": f"{n}: {HAROLD}"}]) for n in range(20)))
        return [answer.choices[0].message.content for answer in answers]

    assert asyncio.run(ask()) == [f"You said: {n}: {HAROLD}" for n in range(20)]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_openai_a_tool_is_called_and_its_result_comes_back(office, gpt, stream):
    def call(arrival):
        arguments = json.dumps({"who": surrogates(arrival.body.decode())[0]})
        return chat_tool_stream("book", pieces_of(arguments, 3)) if stream else chat(tools=[("book", arguments)])

    office.acme.answer = call
    history = [{"role": "user", "content": "Book a visit for Mr. Harold Finchley."}]
    if stream:
        with gpt.chat.completions.stream(model="acme-large", messages=history, tools=[TOOL]) as events:
            message = events.get_final_completion().choices[0].message
    else:
        message = gpt.chat.completions.create(model="acme-large", messages=history, tools=[TOOL]).choices[0].message
    [made] = message.tool_calls
    assert "Harold Finchley" in json.loads(made.function.arguments)["who"]
    office.acme.answer = office.acme.default
    history += [message.model_dump(exclude_none=True),
                {"role": "tool", "tool_call_id": made.id, "content": "Booked for Mr. Harold Finchley at 9."}]
    answer = gpt.chat.completions.create(model="acme-large", messages=history, tools=[TOOL])
    assert "Harold Finchley at 9" in answer.choices[0].message.content


def test_openai_structured_output(office, gpt):
    office.acme.answer = lambda arrival: chat(json.dumps({"who": surrogates(arrival.body.decode())[0]}))
    answer = gpt.chat.completions.create(
        model="acme-large", messages=[{"role": "user", "content": "Who is Mr. Harold Finchley?"}],
        response_format={"type": "json_schema", "json_schema": {
            "name": "who", "schema": {"type": "object", "properties": {"who": {"type": "string"}}}}})
    assert "Harold Finchley" in json.loads(answer.choices[0].message.content)["who"]


def test_openai_models(gpt):
    assert "acme-large" in {model.id for model in gpt.models.list()}


def test_openai_errors_are_of_the_proper_types(office, gpt):
    def ask(client=gpt, **more):
        return client.chat.completions.create(**{"model": "acme-large", "messages": ASK, **more})

    with pytest.raises(openai.AuthenticationError):
        ask(gpt.with_options(api_key="chp_wrong"))
    with pytest.raises(openai.NotFoundError) as unknown:
        ask(model="no-such")
    assert unknown.value.code == "model-unknown"
    with pytest.raises(openai.PermissionDeniedError) as denied:
        ask(model="bargain-1")
    assert denied.value.code == "agreement-missing" and "45 CFR" in str(denied.value)
    with pytest.raises(openai.BadRequestError):
        ask(messages="none")
    for status, kind in ((429, openai.RateLimitError), (400, openai.BadRequestError),
                         (500, openai.InternalServerError)):
        office.acme.answer = lambda arrival, status=status: Answer(dump({"error": {"message": HAROLD}}), status)
        with pytest.raises((kind, openai.InternalServerError)) as failed:
            ask()
        assert "Finchley" not in str(failed.value)
        assert status != 429 or isinstance(failed.value, openai.RateLimitError)


def test_openai_may_leave_a_stream(office, gpt):
    stream = gpt.chat.completions.create(model="acme-large", messages=ASK, stream=True)
    next(iter(stream))
    stream.close()
    assert gpt.chat.completions.create(model="acme-large", messages=ASK).choices[0].message.content == ECHO


# anthropic


def test_anthropic_plain(claude):
    answer = claude.messages.create(model="acme-large", max_tokens=64, messages=ASK)
    assert answer.content[0].text == ECHO
    assert answer.usage.output_tokens == 7


def test_anthropic_streamed(claude):
    with claude.messages.stream(model="acme-large", max_tokens=64, messages=ASK) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == final.content[0].text == ECHO
    assert final.stop_reason == "end_turn"


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_anthropic_a_tool_is_used_and_its_result_comes_back(office, claude, stream):
    def use(arrival):
        who = {"who": surrogates(arrival.body.decode())[0]}
        return messages_stream(pieces_of(json.dumps(who), 3), "book") if stream else messages(tool=("book", who))

    office.acme.answer = use
    history = [{"role": "user", "content": "Book a visit for Mr. Harold Finchley."}]
    asked = {"model": "acme-large", "max_tokens": 64, "tools": [CLAUDE_TOOL]}
    if stream:
        with claude.messages.stream(messages=history, **asked) as events:
            message = events.get_final_message()
    else:
        message = claude.messages.create(messages=history, **asked)
    [used] = [part for part in message.content if part.type == "tool_use"]
    assert "Harold Finchley" in used.input["who"]
    office.acme.answer = office.acme.default
    history += [{"role": "assistant", "content": [part.model_dump(exclude_none=True) for part in message.content]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": used.id,
                                              "content": "Booked for Mr. Harold Finchley at 9."}]}]
    answer = claude.messages.create(messages=history, **asked)
    assert "Harold Finchley at 9" in answer.content[0].text


def test_anthropic_errors_are_of_the_proper_types(office, claude):
    def ask(client=claude, **more):
        return client.messages.create(**{"model": "acme-large", "max_tokens": 64, "messages": ASK, **more})

    with pytest.raises(anthropic.AuthenticationError):
        ask(claude.with_options(api_key="chp_wrong"))
    with pytest.raises(anthropic.NotFoundError):
        ask(model="no-such")
    with pytest.raises(anthropic.PermissionDeniedError) as denied:
        ask(model="bargain-1")
    assert "workflow-uncovered" in str(denied.value) and "45 CFR" in str(denied.value)
    office.acme.answer = lambda arrival: Answer(dump({"type": "error", "error": {
        "type": "rate_limit_error", "message": HAROLD}}), 429)
    with pytest.raises(anthropic.RateLimitError) as failed:
        ask()
    assert "Finchley" not in str(failed.value)


def test_both_clients_at_once(office, gpt, claude):
    """Forty exchanges in eight threads: each answer belongs to its question."""
    wrong = []

    def work(number: int):
        for turn in range(5):
            said = f"{number}.{turn} {HAROLD}"
            ask = [{"role": "user", "content": said}]
            if number % 2:
                got = gpt.chat.completions.create(model="acme-large", messages=ask).choices[0].message.content
            else:
                got = claude.messages.create(model="acme-large", max_tokens=9, messages=ask).content[0].text
            if got != f"You said: {said}":
                wrong.append((said, got))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
