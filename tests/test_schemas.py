"""Models under strict schemas: surrogates have the types and forms that the application's schemas ask for."""

import datetime
import json
import re

import anthropic
import openai
import pytest

from house.leaks import leaks
from house.patients import surrogates
from house.vendors import (call_item, chat, chat_stream, chat_tool_stream, last_user, messages, messages_stream,
                           pieces_of, respond, text_of)

SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["mrn", "dob", "plan", "seen"],
    "properties": {
        "mrn": {"type": "integer"},
        "dob": {"type": "string", "format": "date"},
        "seen": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        "plan": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{8}$"},
    },
}
TOOL = {"type": "function", "function": {"name": "book", "strict": True, "parameters": SCHEMA}}
CLAUDE_TOOL = {"name": "book", "input_schema": SCHEMA}
SAID = "Book the patient with MRN 48213377, DOB 03/14/1957, seen on 2026-01-30, member ID XWB88231907."
VALUES = ["48213377", "03/14/1957", "1957-03-14", "2026-01-30", "XWB88231907"]
WANTED = {"mrn": 48213377, "dob": "1957-03-14", "seen": "2026-01-30", "plan": "XWB88231907"}
READ = re.compile(r"MRN (\d{8}), DOB (\d\d/\d\d/\d{4}), seen on (\d{4}-\d\d-\d\d), member ID ([A-Z]{3}\d{8})\.")


def filled(said: str) -> dict:
    """What a model that reads well puts into the fields: strictly as the schema says, copied from the text."""
    found = READ.search(said)
    assert found, f"the vendor can't fill its schema from: {said}"
    mrn, dob, seen, plan = found.groups()
    datetime.date.fromisoformat(seen)
    dob = datetime.datetime.strptime(dob, "%m/%d/%Y").date().isoformat()
    assert not mrn.startswith("0")
    return {"mrn": int(mrn), "dob": dob, "seen": seen, "plan": plan}


def first_user(arrival) -> str:
    return text_of(arrival.json["messages"][0]["content"])


@pytest.fixture
def gpt(office):
    with openai.OpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe, max_retries=0) as client:
        yield client
    assert leaks(VALUES, {"vendor": office.acme.captured()}) == []


@pytest.fixture
def claude(office):
    with anthropic.Anthropic(base_url=office.house.url, api_key=office.scribe, max_retries=0) as client:
        yield client
    assert leaks(VALUES, {"vendor": office.acme.captured()}) == []


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_openai_tool_arguments_have_the_types_of_their_schema(office, gpt, stream):
    def call(arrival):
        arguments = json.dumps(filled(first_user(arrival)))
        return chat_tool_stream("book", pieces_of(arguments, 3)) if stream else chat(tools=[("book", arguments)])

    office.acme.answer = call
    ask = {"model": "acme-large", "tools": [TOOL]}
    history = [{"role": "user", "content": SAID}]
    if stream:
        with gpt.chat.completions.stream(messages=history, **ask) as events:
            for _ in events:
                pass
            message = events.get_final_completion().choices[0].message
    else:
        message = gpt.chat.completions.create(messages=history, **ask).choices[0].message
    called = message.tool_calls[0]
    assert json.loads(called.function.arguments) == WANTED
    first = office.acme.last().json["messages"]

    history += [
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": called.id, "type": "function",
             "function": {"name": "book", "arguments": called.function.arguments}}]},
        {"role": "tool", "tool_call_id": called.id, "content": json.dumps({"mrn": 48213377, "booked": True})},
    ]
    office.acme.answer = lambda arrival: chat(f"Booked for {filled(first_user(arrival))['mrn']}.")
    answer = gpt.chat.completions.create(messages=history, **ask)
    assert answer.choices[0].message.content == "Booked for 48213377."
    second = office.acme.last().json["messages"]
    assert second[0] == first[0], "the second turn goes out as the first did"
    sent = filled(text_of(second[0]["content"]))
    again = json.loads(second[1]["tool_calls"][0]["function"]["arguments"])
    assert again == sent, "the model's own words, also where it wrote a date in another notation"
    assert json.loads(second[2]["content"]) == {"mrn": sent["mrn"], "booked": True}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_anthropic_tool_input_has_the_types_of_its_schema(office, claude, stream):
    def call(arrival):
        given = filled(first_user(arrival))
        return messages_stream(pieces_of(json.dumps(given), 3), tool="book") if stream else \
            messages(tool=("book", given))

    office.acme.answer = call
    ask = {"model": "acme-large", "max_tokens": 256, "tools": [CLAUDE_TOOL]}
    history = [{"role": "user", "content": SAID}]
    if stream:
        with claude.messages.stream(messages=history, **ask) as events:
            message = events.get_final_message()
    else:
        message = claude.messages.create(messages=history, **ask)
    used = message.content[0]
    assert used.input == WANTED
    first = office.acme.last().json["messages"]

    history += [
        {"role": "assistant", "content": [{"type": "tool_use", "id": used.id, "name": "book", "input": used.input}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": used.id, "content": json.dumps({"mrn": 48213377})}]},
    ]
    office.acme.answer = lambda arrival: messages(f"Booked for {filled(first_user(arrival))['mrn']}.")
    answer = claude.messages.create(messages=history, **ask)
    assert answer.content[0].text == "Booked for 48213377."
    second = office.acme.last().json["messages"]
    assert second[0] == first[0]
    mrn = filled(text_of(second[0]["content"]))["mrn"]
    assert second[1]["content"][0]["input"]["mrn"] == mrn, "a number stays a number"
    assert json.loads(second[2]["content"][0]["content"]) == {"mrn": mrn}


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_an_answer_that_must_be_a_document_is_one(office, gpt, stream):
    """Also where an original holds what JSON must escape."""
    def answer(arrival):
        given = filled(first_user(arrival)) | {"name": surrogates(last_user(arrival))[0]}
        text = json.dumps(given)
        return chat_stream(pieces_of(text, 3)) if stream else chat(text)

    office.acme.answer = answer
    ask = {"model": "acme-large", "response_format": {
        "type": "json_schema", "json_schema": {"name": "visit", "strict": True, "schema": SCHEMA}}}
    said = [{"role": "user", "content": SAID + ' Patient name: Harold "Harry" Finchley'}]
    if stream:
        chunks = gpt.chat.completions.create(messages=said, stream=True, **ask)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    else:
        text = gpt.chat.completions.create(messages=said, **ask).choices[0].message.content
    given = json.loads(text)
    assert "Har" in given.pop("name")
    assert given == WANTED


@pytest.mark.parametrize("protocol", ["chat", "respond", "message"])
def test_a_member_of_an_enumeration_is_the_value_elsewhere(office, protocol):
    """The schema's member is content: it has the surrogate that the prose has, so that the model's choice conforms."""
    schema = {"type": "object", "properties": {
        "patient_name": {"type": "string", "enum": ["Harold Finchley", "Martha Oyelaran"]},
        "mrn": {"type": "integer", "enum": [48213377, 77120934]}}}

    def call(arrival):
        tool = arrival.json["tools"][0]
        schema = tool.get("function", tool).get("parameters") or tool.get("input_schema")
        sent = schema["properties"]
        assert sent["patient_name"]["enum"][1] in last_user(arrival), "the model finds the member in the text"
        assert all(type(number) is int for number in sent["mrn"]["enum"])
        given = {"patient_name": sent["patient_name"]["enum"][1], "mrn": sent["mrn"]["enum"][1]}
        return {"chat": lambda: chat(tools=[("book", json.dumps(given))]),
                "respond": lambda: respond([call_item("book", json.dumps(given))], arrival),
                "message": lambda: messages(tool=("book", given))}[protocol]()

    office.acme.answer = call
    tool = {"chat": {"type": "function", "function": {"name": "book", "parameters": schema}},
            "respond": {"type": "function", "name": "book", "parameters": schema},
            "message": {"name": "book", "input_schema": schema}}[protocol]
    reply = getattr(office, protocol)("Patient: Martha Oyelaran. Book her a visit.", tools=[tool])
    assert reply.status == 200, reply.text
    if protocol == "chat":
        given = json.loads(reply.json["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"])
    elif protocol == "respond":
        given = json.loads(reply.json["output"][0]["arguments"])
    else:
        given = reply.json["content"][0]["input"]
    assert given == {"patient_name": "Martha Oyelaran", "mrn": 77120934}
    assert leaks(["Martha Oyelaran", "77120934", "Harold Finchley", "48213377"],
                 {"vendor": office.acme.captured()}) == []


def test_a_real_value_that_equals_a_surrogate_is_a_finding(office):
    """Nothing tells it from one, so that it is replaced, and nobody is taken for somebody else."""
    office.acme.answer = lambda arrival: chat(last_user(arrival))
    history = [{"role": "user", "content": SAID}]
    reply = office.chat(history, tools=[TOOL])
    history.append({"role": "assistant", "content": reply.said})
    drawn = filled(first_user(office.acme.last()))["mrn"]
    history.append({"role": "user", "content": f"And MRN {drawn}, next to MRN 48213377?"})
    said = office.chat(history, tools=[TOOL]).said
    assert said == f"And MRN {drawn}, next to MRN 48213377?"
    assert str(drawn) not in json.dumps(office.acme.last().json), "it went out as somebody else's surrogate"
