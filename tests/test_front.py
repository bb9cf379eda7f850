"""The front door: surrogates go out, originals come back, on both protocols and both databases."""

import json

import pytest

from house.leaks import leaks
from house.office import add_service
from house.patients import HAROLD, HAROLD_VALUES, surrogates
from house.upstream import Answer
from house.vendors import chat, chat_tool_stream, dump, last_user, messages, messages_stream, pieces_of, say


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("protocol", ["chat", "message", "converse"])
def test_identifiers_stay_and_the_answer_is_whole(office, protocol, stream):
    reply = getattr(office, protocol)(f"Summarise: {HAROLD}.", stream=stream)
    assert reply.status == 200, reply.text
    assert reply.said == f"You said: Summarise: {HAROLD}."
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []
    assert len(surrogates(office.acme.last().body.decode())) >= 5


@pytest.mark.parametrize("size", [1, 2, 5, 17, 1000])
@pytest.mark.parametrize("protocol", ["chat", "message", "converse"])
def test_surrogates_are_restored_wherever_the_stream_is_cut(office, protocol, size):
    office.acme.answer = lambda arrival: say(
        f"**{surrogates(arrival.body.decode())[0].lower()}** and {last_user(arrival)}", arrival, size)
    reply = getattr(office, protocol)(HAROLD, stream=True)
    assert surrogates(reply.said) == []
    assert all(value in reply.said for value in HAROLD_VALUES)


def test_a_stream_comes_in_pieces_not_at_once(office):
    """Several events of text arrive; a gateway that waits for the end would hold one back for all."""
    words = "the plan is to continue as discussed and to return in two weeks for a check "
    office.acme.answer = lambda arrival: say(words * 6, arrival, 5)
    reply = office.chat("How shall we continue?", stream=True)
    texts = [choice["delta"].get("content") for event in reply.events for choice in event["choices"]]
    assert reply.said == words * 6
    assert len([text for text in texts if text]) > 5


def test_tool_calls_are_restored_inside_json(office):
    office.acme.answer = lambda arrival: chat(
        tools=[("book", json.dumps({"who": surrogates(arrival.body.decode())[0], "when": "soon"}))])
    reply = office.chat("Book a visit for Mr. Harold Finchley.", tools=[TOOL])
    call = reply.json["choices"][0]["message"]["tool_calls"][0]["function"]
    assert json.loads(call["arguments"])["who"] in ("Harold Finchley", "Mr. Harold Finchley")
    assert leaks(["Harold Finchley"], {"vendor": office.acme.captured()}) == []


TOOL = {"type": "function", "function": {
    "name": "book", "description": "Books a visit.",
    "parameters": {"type": "object", "properties": {"who": {"type": "string"}, "when": {"type": "string"}}}}}


@pytest.mark.parametrize("size", [1, 4, 100])
def test_streamed_tool_calls_are_restored_inside_json(office, size):
    office.acme.answer = lambda arrival: chat_tool_stream(
        "book", pieces_of(json.dumps({"who": surrogates(arrival.body.decode())[0]}), size))
    reply = office.chat("Book a visit for Mr. Harold Finchley.", tools=[TOOL], stream=True)
    pieces = [call["function"].get("arguments", "") for event in reply.events for choice in event["choices"]
              for call in choice["delta"].get("tool_calls", [])]
    assert "Harold Finchley" in json.loads("".join(pieces))["who"]


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_anthropic_tool_input_is_restored(office, stream):
    def answer(arrival):
        who = surrogates(arrival.body.decode())[0]
        if stream:
            return messages_stream(pieces_of(json.dumps({"who": who}), 3), tool="book")
        return messages(tool=("book", {"who": who}))

    office.acme.answer = answer
    tools = [{"name": "book", "description": "Books a visit.",
              "input_schema": {"type": "object", "properties": {"who": {"type": "string"}}}}]
    reply = office.message("Book a visit for Mr. Harold Finchley.", tools=tools, stream=stream)
    if stream:
        deltas = [event["delta"]["partial_json"] for event in reply.events
                  if event["type"] == "content_block_delta"]
        found = json.loads("".join(deltas))
    else:
        found = reply.json["content"][0]["input"]
    assert "Harold Finchley" in found["who"]


def test_tool_results_in_history_are_content(office):
    history = [
        {"role": "user", "content": "Who is next?"},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function",
             "function": {"name": "next_patient", "arguments": json.dumps({"ward": "MRN 48213377"})}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": json.dumps({"patient": HAROLD})},
    ]
    reply = office.chat(history)
    assert reply.status == 200, reply.text
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []
    sent = office.acme.last().json["messages"][1]["tool_calls"][0]["function"]["arguments"]
    assert surrogates(json.loads(sent)["ward"]), "the number inside the arguments has a surrogate"


def test_an_identifier_that_the_answer_adds_is_masked(office):
    office.acme.answer = lambda arrival: say("Ask Mrs. Eudora Winterbottom, SSN 219-09-9946.", arrival)
    for stream in (False, True):
        reply = office.chat("Whom shall I ask?", stream=stream)
        assert "219-09-9946" not in reply.text and "Winterbottom" not in reply.said
        assert "[SSN]" in reply.said


@pytest.mark.parametrize("said, left", [("Hello", True), (HAROLD, False)])
def test_probabilities_go_on_only_where_no_surrogate_could_be_spelt_with_them(office, said, left):
    told = {"content": [{"token": "Hi", "logprob": -0.1, "bytes": [72, 105],
                         "top_logprobs": [{"token": "7K2M", "logprob": -2, "bytes": [55, 75, 50, 77]}]}]}
    body = {"id": "c", "object": "chat.completion", "model": "m", "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "logprobs": told, "finish_reason": "stop"}]}
    office.acme.answer = lambda arrival: Answer(dump(body))
    choice = office.chat(said).json["choices"][0]
    assert (choice["message"]["content"], choice["logprobs"]) == ("Hi", told if left else None)


def test_what_is_not_an_identifier_goes_through_untouched(office):
    body = ('{"model":"acme-large" , "messages":[{"role":"user","content":"Is 2.50 mg of caf\\u00e9 ok?\\n"}],'
            '"temperature":0.10,"x_new_field":{"b":1E2,"a":[1.0,-0]},"seed":4839201}')
    reply = office.house.call("/v1/chat/completions", key=office.scribe, raw=body.encode())
    assert reply.status == 200, reply.text
    sent = office.acme.last().body.decode()
    for piece in ("caf\\u00e9 ok?\\n", '"temperature":0.10', '{"b":1E2,"a":[1.0,-0]}', '"seed":4839201'):
        assert piece in sent, sent


def test_the_vendor_never_sees_the_agent_key_nor_the_application_the_credential(office):
    reply = office.chat(HAROLD, headers={"x-internal": "ward-7", "cookie": "id=1", "user-agent": "emr/9"})
    assert office.acme.last().header("authorization") == \
        "Bearer sk-vendor-7d1f0c93-never-the-application's"
    seen = office.acme.captured()
    assert office.scribe.encode() not in seen
    for stranger in (b"ward-7", b"id=1", b"emr/9"):
        assert stranger not in seen
    assert "sk-vendor" not in reply.text + str(reply.headers)


def test_each_answer_names_its_exchange_action_and_receipt(office):
    reply = office.chat(HAROLD)
    shown = office.house.do("explain", reply.exchange)
    assert "48213377" not in json.dumps(shown)
    assert reply.headers["chaperon-action"] and ":" in reply.headers["chaperon-receipt"]


def test_models_are_those_of_the_engagement(office):
    listed = office.house.call("/v1/models", key=office.scribe)
    names = {model["id"] for model in listed.json["data"]}
    assert {"acme-large", "acme-small", "bargain-1", "pilot-1", "local-1"} <= names
    assert office.nothing_left(), "the list is the house's own"


def test_a_model_may_be_called_by_alias_and_has_its_vendors_name_there(office):
    for name in ("acme-small", "fast", "acme-api/acme-small"):
        assert office.chat("Hello", model=name).status == 200
        assert office.acme.last().json["model"] == "acme-small-2026"


def test_store_is_forced_off(office):
    for more in ({}, {"store": False}, {"store": None}):
        office.chat("Hello", **more)
        assert office.acme.last().json["store"] is False, more
    office.message("Hello")
    assert "store" not in office.acme.last().json, "Anthropic's protocol has no such field"


def test_store_is_left_out_where_a_service_does_not_take_it(office):
    office.chat("Hello", model="local-1")
    assert "store" not in office.local.last().json, "on premises"
    office.chat("Hello", model="local-1", store=None)
    assert office.local.last().json["store"] is False


def test_a_service_may_be_declared_to_refuse_the_field(new_office):
    office = new_office()
    add_service(office.house, "acme-api", "acme", office.acme, "--account", "org-42", "--model", "acme-large",
                "--no-store-field", "--replace", "--drop")
    office.house.start()
    assert office.chat("Hello").status == 200
    assert "store" not in office.acme.last().json


@pytest.mark.parametrize("said", [
    [{"type": "text", "text": "What is this?"},
     {"type": "image_url", "image_url": {"url": "https://images.example.org/1.png"}}],
    [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}],
    [{"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}],
    [{"type": "file", "file": {"file_id": "file-abc123"}}],
], ids=["external-url", "image", "audio", "file"])
def test_what_cannot_be_scanned_is_refused(office, said):
    reply = office.chat([{"role": "user", "content": said}])
    assert reply.status == 403 and reply.code, reply.text
    assert office.nothing_left()


@pytest.mark.parametrize("more", [
    {"store": True}, {"tools": [{"type": "web_search_preview"}]}, {"web_search_options": {}},
    {"previous_response_id": "resp_1"},
], ids=["store", "hosted-tool", "web-search", "vendor-state"])
def test_state_and_tools_of_the_vendor_are_refused_or_off(office, more):
    reply = office.chat("Hello", **more)
    if "store" in more and reply.status == 200:
        assert office.acme.last().json["store"] is False
        return
    assert reply.status in (400, 403), reply.text
    assert office.nothing_left()
