"""OpenAI's responses, through the official client: every telling of a text is the same, conversations go on, and what
would leave the house's sight is refused."""

import base64
import http.client
import json

import openai
import pydantic
import pytest

from house.leaks import leaks
from house.patients import HAROLD, HAROLD_VALUES, surrogates
from house.upstream import CUT, Answer
from house.vendors import (SSE, call_item, dump, event, last_user, message_item, reasoning_item, respond,
                           response_events, text_of, turns)

SAID = f"Summarise: {HAROLD}."
ECHO = f"You said: {SAID}"
MODEL = "acme-large"
SCHEMA = {"type": "object", "properties": {"who": {"type": "string"}, "mrn": {"type": "integer"}},
          "required": ["who", "mrn"], "additionalProperties": False}
TOOL = {"type": "function", "name": "book", "description": "Books a visit.", "parameters": SCHEMA, "strict": True}
BOOK = "Book a visit for Mr. Harold Finchley, MRN 48213377."


@pytest.fixture
def gpt(office):
    with openai.OpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe, max_retries=0) as client:
        yield client
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


def encrypted(name: str) -> str:
    """What looks like reasoning that only the vendor can read; each test has its own."""
    return base64.b64encode(f"encrypted by a vendor: {name} ".encode() * 4).decode()


# what the client gets


def test_plain(office, gpt):
    answer = gpt.responses.create(model=MODEL, input=SAID, instructions="You help Mr. Harold Finchley.",
                                  metadata={"mrn": "MRN 48213377"})
    assert answer.output_text == ECHO
    assert (answer.instructions, answer.metadata) == ("You help Mr. Harold Finchley.", {"mrn": "MRN 48213377"})
    assert answer.usage.total_tokens == 18
    assert office.acme.last().json["store"] is False, "the protocol's own default is to keep"


def test_streamed(gpt):
    events = list(gpt.responses.create(model=MODEL, input=SAID, stream=True))
    told = {"deltas": "".join(one.delta for one in events if one.type == "response.output_text.delta")}
    for one in events:
        if one.type == "response.output_text.done":
            told["done"] = one.text
        if one.type == "response.content_part.done":
            told["part"] = one.part.text
        if one.type == "response.output_item.done":
            told["item"] = one.item.content[0].text
        if one.type == "response.completed":
            told["response"] = one.response.output_text
    assert told == dict.fromkeys(("deltas", "done", "part", "item", "response"), ECHO)
    assert [one.sequence_number for one in events] == list(range(len(events)))


def test_streamed_through_the_helper(gpt):
    with gpt.responses.stream(model=MODEL, input=SAID) as stream:
        snapshots = [one.snapshot for one in stream if one.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert snapshots[-1] == final.output_text == ECHO


def test_async(office):
    import asyncio

    async def ask():
        async with openai.AsyncOpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe) as client:
            answers = await asyncio.gather(*(client.responses.create(model=MODEL, input=f"{n}: {HAROLD}")
                                             for n in range(10)))
        return [answer.output_text for answer in answers]

    assert asyncio.run(ask()) == [f"You said: {n}: {HAROLD}" for n in range(10)]


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_what_the_answer_adds_is_masked_in_every_telling(office, size):
    text = "Her SSN is 219-09-9962, she said; phone (617) 555-0199."
    office.acme.answer = lambda arrival: respond([reasoning_item(text), message_item(text), call_item(
        "book", json.dumps({"who": text}))], arrival, size)
    reply = office.respond("Hello", stream=True)
    assert reply.status == 200
    assert leaks(["219-09-9962", "555-0199"], {"answer": reply.body}) == []
    done = [one["response"] for one in reply.events if one["type"] == "response.completed"][0]
    assert reply.said == done["output"][1]["content"][0]["text"]
    assert json.loads(done["output"][2]["arguments"])["who"].startswith("Her SSN is ")


def test_structured_output(office, gpt):
    class Visit(pydantic.BaseModel):
        who: str
        mrn: int

    def answer(arrival):
        said = last_user(arrival)
        number = next(word for word in said.replace(".", "").split() if word.isdigit())
        return respond([message_item(json.dumps({"who": surrogates(said)[0], "mrn": int(number)}))], arrival)

    office.acme.answer = answer
    parsed = gpt.responses.parse(model=MODEL, input=BOOK, text_format=Visit).output_parsed
    assert "Harold Finchley" in parsed.who and parsed.mrn == 48213377
    with gpt.responses.stream(model=MODEL, input=BOOK, text_format=Visit) as stream:
        parsed = stream.get_final_response().output_parsed
    assert "Harold Finchley" in parsed.who and parsed.mrn == 48213377


# conversations


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_a_tool_is_called_and_its_result_comes_back(office, gpt, stream):
    sign = encrypted(f"tool {stream}")

    def call(arrival):
        said = last_user(arrival)
        number = next(word for word in said.replace(".", "").split() if word.isdigit())
        arguments = json.dumps({"who": surrogates(said)[0], "mrn": int(number)})
        return respond([reasoning_item(f"It is {surrogates(said)[0]}.", sign), call_item("book", arguments)], arrival)

    office.acme.answer = call
    ask = {"model": MODEL, "tools": [TOOL], "include": ["reasoning.encrypted_content"], "store": False}
    history = [{"role": "user", "content": BOOK}]
    if stream:
        with gpt.responses.stream(input=history, **ask) as events:
            output = events.get_final_response().output
    else:
        output = gpt.responses.create(input=history, **ask).output
    thought, made = output
    assert "Harold Finchley" in thought.summary[0].text
    arguments = json.loads(made.arguments)
    assert "Harold Finchley" in arguments["who"] and arguments["mrn"] == 48213377
    first = turns(office.acme.last().json)

    office.acme.answer = office.acme.default
    # `parsed_arguments` is the helper's own: other clients do not send it
    history += [item.model_dump(exclude={"parsed_arguments"}, exclude_none=True) for item in output]
    history.append({"type": "function_call_output", "call_id": made.call_id,
                    "output": json.dumps({"mrn": 48213377, "booked": "for Mr. Harold Finchley"})})
    answer = gpt.responses.create(input=history, **ask)
    assert "Mr. Harold Finchley" in answer.output_text
    second = turns(office.acme.last().json)
    assert second[0] == first[0], "the second turn goes out as the first did"
    assert second[1]["encrypted_content"] == sign, "byte for byte"
    assert set(surrogates(json.dumps(second))) == set(surrogates(json.dumps(first)))


@pytest.mark.parametrize("first", ["text", "list"])
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_a_second_turn_keeps_the_surrogates(office, first, stream):
    opening = [{"role": "user", "content": [{"type": "input_text", "text": SAID}]}]
    office.respond(SAID if first == "text" else opening, instructions="Be brief.", stream=stream)
    before = set(surrogates(json.dumps(office.acme.last().json)))
    item = message_item(ECHO) | {"id": "msg_other"}
    body = {"input": [*opening, item, {"role": "user", "content": "And Mr. Harold Finchley, MRN 48213377?"}],
            "stream": stream, "instructions": "Be brief.", "model": MODEL}
    reply = office.house.call("/v1/responses", body, office.scribe)
    assert "Mr. Harold Finchley, MRN 48213377?" in reply.said
    assert before and set(surrogates(json.dumps(office.acme.last().json))) == before


def test_a_restart_keeps_the_conversation(new_office):
    office = new_office()
    office.house.start()
    sign = encrypted("restart")
    office.acme.answer = lambda arrival: respond([reasoning_item("Hm.", sign), message_item("Yes.")], arrival)
    history = [{"role": "user", "content": SAID}]
    output = office.respond(history).json["output"]
    before = set(surrogates(json.dumps(office.acme.last().json)))
    assert office.house.stop() == 0
    office.house.start()
    reply = office.respond([*history, *output, {"role": "user", "content": "And now?"}])
    assert reply.status == 200, reply.text
    assert set(surrogates(json.dumps(office.acme.last().json))) == before


@pytest.mark.parametrize("where", ["nowhere", "other service", "other talk", "other agent", "altered"])
def test_reasoning_of_elsewhere_is_refused(office, where):
    sign, how = encrypted(f"elsewhere {where}"), {}

    def think(arrival):
        return respond([reasoning_item("Hm.", sign), message_item("Yes.")], arrival)

    for vendor in office.vendors:
        vendor.answer = think
    history = [{"role": "user", "content": "Go on."}]
    output = office.respond(history).json["output"]
    assert office.respond([*history, *output, {"role": "user", "content": "And now?"}]).status == 200
    if where == "nowhere":
        output[0]["encrypted_content"] = encrypted("never seen")
    if where == "altered":
        output[0]["encrypted_content"] = sign[:-5] + "A" + sign[-4:]
    if where == "other service":
        how["model"] = "pilot-1"
    if where == "other talk":
        history = [{"role": "user", "content": "Something else."}]
    if where == "other agent":
        how["key"] = office.other
    office.forget()
    reply = office.respond([*history, *output, {"role": "user", "content": "And then?"}], **how)
    assert (reply.status, reply.code) == (403, "opaque-foreign"), reply.text
    assert office.nothing_left()


# what is refused

KEPT = {
    "previous response": {"previous_response_id": "resp_1"},
    "conversation": {"conversation": "conv_1"},
    "background": {"background": True},
    "stored": {"store": True},
    "prompt": {"prompt": {"id": "pmpt_1", "variables": {"who": "Mr. Harold Finchley"}}},
    "reference": {"input": [{"type": "item_reference", "id": "msg_1"}, {"role": "user", "content": "Go on."}]},
    "file": {"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}]},
}
HOSTED = {
    "web search": {"tools": [{"type": "web_search"}]},
    "file search": {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]},
    "code": {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]},
    "images": {"tools": [{"type": "image_generation"}]},
    "computer": {"tools": [{"type": "computer_use_preview", "display_width": 1, "display_height": 1,
                            "environment": "linux"}]},
    "shell": {"tools": [{"type": "shell"}]},
    "remote server": {"tools": [{"type": "mcp", "server_label": "s", "server_url": "https://mcp.example.org"}]},
}


@pytest.mark.parametrize("what", [*KEPT, *HOSTED])
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_what_leaves_the_houses_sight_is_refused(office, gpt, what, stream):
    more = {**KEPT, **HOSTED}[what]
    with pytest.raises(openai.PermissionDeniedError) as denied:
        gpt.responses.create(**{"model": MODEL, "input": "Go on.", "stream": stream, **more})
    message = str(denied.value)
    wanted = "vendor-state" if what in KEPT else "hosted-tool"
    assert wanted in message, message
    if what == "remote server":
        assert "external-url" in message, message
    assert "45 CFR" in message or "Help:" in message
    assert office.nothing_left()


def test_what_agreement_and_policy_name_passes(new_office):
    """State at the vendor and hosted tools, where scope and policy name them: then `store` is the client's to say."""
    office = new_office()
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
                    "--retention", "zero", "--region", "us", "--replace", "--drop",
                    "--scope", "acme-api;features=vendor-state,hosted-tool")
    policy = '@id("all")\n@features("vendor-state, hosted-tool")\npermit (principal, action, resource);'
    office.house.do("policy", "set", "-", "--reason", "search", stdin=policy)
    office.house.start()
    named = {"chaperon-session": "ward-round"}
    first = office.respond(SAID, headers=named, store=True)
    assert first.status == 200, first.text
    assert office.acme.last().json["store"] is True
    before = set(surrogates(office.acme.last().body.decode()))
    again = office.respond("And Mr. Harold Finchley, MRN 48213377?", headers=named, stream=True,
                           previous_response_id=first.json["id"], tools=[{"type": "web_search"}])
    assert "Mr. Harold Finchley, MRN 48213377?" in again.said, again.text
    sent = office.acme.last().json
    assert "store" not in sent and sent["previous_response_id"] == "resp_scripted"
    assert set(surrogates(json.dumps(sent))) <= before, "the conversation is known by its name"
    other = office.respond("Go on.", tools=[{"type": "mcp", "server_label": "s", "server_url": "https://a.example"}])
    assert other.status == 403 and "external-url" in other.text, "and nothing beyond"


@pytest.mark.parametrize("tool", [{"type": "local_shell"}, {"type": "apply_patch"},
                                  {"type": "shell", "environment": {"type": "local"}},
                                  {"type": "custom", "name": "run"}])
def test_tools_that_the_application_runs_are_its_own(gpt, tool):
    assert gpt.responses.create(model=MODEL, input=SAID, tools=[tool]).output_text == ECHO


def test_errors_are_of_the_proper_types(office, gpt):
    def ask(client=gpt, **more):
        return client.responses.create(**{"model": MODEL, "input": SAID, **more})

    with pytest.raises(openai.AuthenticationError):
        ask(gpt.with_options(api_key="chp_wrong"))
    with pytest.raises(openai.NotFoundError) as unknown:
        ask(model="no-such")
    assert unknown.value.code == "model-unknown"
    with pytest.raises(openai.PermissionDeniedError) as denied:
        ask(model="bargain-1")
    assert denied.value.code == "agreement-missing" and "45 CFR" in str(denied.value)
    with pytest.raises(openai.BadRequestError):
        ask(input=7)
    office.acme.answer = lambda arrival: Answer(dump({"error": {"message": HAROLD}}), 429)
    with pytest.raises(openai.RateLimitError) as busy:
        ask()
    assert "Finchley" not in str(busy.value)


def test_a_response_that_failed_ends_as_its_protocol_has_it(office, gpt):
    """The client raises nothing: it is the last event, told once."""
    begun = response_events([message_item("The plan is a good one.")])[:8]
    failed = event("response.failed", {"sequence_number": 8, "response": {
        "id": "resp_scripted", "status": "failed", "output": [], "error": {"code": "server_error", "message": HAROLD}}})
    office.acme.answer = lambda arrival: Answer([*begun, failed], content_type=SSE)
    came = list(gpt.responses.create(model=MODEL, input="Go on.", stream=True))
    assert (came[-1].type, came[-1].response.status) == ("response.failed", "failed")
    assert "Finchley" not in str(came)


def test_an_error_in_a_stream_is_raised(office, gpt):
    begun = response_events([message_item("The plan is a good one.")])[:8]
    failing = {
        "cut": [*begun, CUT],
        "ended early": begun,
        "no event": [*begun, b"data: {\n\n"],
        "error": [*begun, event("error", {"code": "server_error", "message": HAROLD, "param": None})],
    }
    for what, events in failing.items():
        office.acme.answer = lambda arrival, events=events: Answer(events, content_type=SSE)
        came = []
        with pytest.raises(openai.APIError) as raised:
            came.extend(gpt.responses.create(model=MODEL, input="Go on.", stream=True))
            came.append(what)
        assert "code" in str(raised.value.body) and "Finchley" not in str(raised.value), what
    with pytest.raises(http.client.IncompleteRead) as broken:
        office.respond("Go on.", stream=True)
    lines = broken.value.partial.decode().splitlines()
    numbers = [json.loads(line[6:])["sequence_number"] for line in lines if line.startswith("data: ")]
    assert numbers == sorted(set(numbers)), "the error has a number too"


def test_a_client_may_leave_a_stream(gpt):
    stream = gpt.responses.create(model=MODEL, input=SAID, stream=True)
    next(iter(stream))
    stream.close()
    assert gpt.responses.create(model=MODEL, input=SAID).output_text == ECHO


def test_azures_client_finds_its_paths(office):
    """Its address has no deployment in it, unlike that of chat completions."""
    with openai.AzureOpenAI(azure_endpoint=office.house.url, api_version="2025-04-01-preview", max_retries=0,
                            azure_ad_token=office.scribe) as client:
        assert client.responses.create(model=MODEL, input=SAID).output_text == ECHO
    with openai.OpenAI(base_url=f"{office.house.url}/openai/v1", api_key=office.scribe, max_retries=0) as client:
        assert client.responses.create(model=MODEL, input=SAID).output_text == ECHO
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


def test_a_developer_tools_body_passes(office):
    """The shape that a coding agent sends: its own tools, its history of calls, reasoning to be sent again."""
    sign = encrypted("developer")
    office.acme.answer = lambda arrival: respond([
        reasoning_item("**Looking**", sign),
        {"type": "custom_tool_call", "id": "ct_0", "call_id": "call_0", "name": "apply_patch", "status": "completed",
         "input": f"*** Update File: notes.txt\n+{surrogates(text_of(turns(arrival.json)[1]['content']))[0]}"}], arrival)
    body = {
        "instructions": "You are a coding agent.", "tool_choice": "auto", "parallel_tool_calls": False,
        "reasoning": {"effort": "medium", "summary": "auto"}, "store": False, "stream": True,
        "include": ["reasoning.encrypted_content"], "prompt_cache_key": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "text": {"verbosity": "medium"}, "client_metadata": {"origin": "test"},
        "tools": [{"type": "function", "name": "shell", "description": "Runs a command.", "strict": False,
                   "parameters": {"type": "object", "properties": {"command": {
                       "type": "array", "items": {"type": "string"}}}, "required": ["command"]}},
                  {"type": "custom", "name": "apply_patch", "description": "Edits files.", "format": {
                      "type": "grammar", "syntax": "lark", "definition": "start: /.+/"}}],
    }
    history = [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "sandboxed"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": f"Note {HAROLD}."}]}]
    reply = office.respond(history, **body)
    assert reply.status == 200, reply.text
    made = [one["item"] for one in reply.events if one["type"] == "response.output_item.done"]
    assert made[1]["input"].endswith("Harold Finchley"), made
    before = surrogates(json.dumps(office.acme.last().json))
    # identifiers of items are left out when they are sent again
    again = [{key: value for key, value in item.items() if key not in ("id", "status")} for item in made]
    again.append({"type": "custom_tool_call_output", "call_id": "call_0", "output": "Wrote Mr. Harold Finchley."})
    reply = office.respond([*history, *again], **body)
    assert reply.status == 200, reply.text
    assert set(surrogates(json.dumps(office.acme.last().json))) == set(before)
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []
