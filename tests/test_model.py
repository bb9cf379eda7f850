"""A real language model behind the house, asked by the real clients. What it says is its own; what counts is
that it answers, from what it was sent, and that it was sent nothing it should not see."""

import urllib.request

import anthropic
import openai
import pytest

from house.leaks import leaks
from house.model import NAME, Model
from house.office import add_service
from house.patients import HAROLD, HAROLD_VALUES, surrogates
from house.server import free_port, wait_for
from house.upstream import Answer, Upstream

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def model():
    made = Model(free_port())
    wait_for(made.is_up, seconds=120, pause=0.3)
    yield made
    made.stop()


@pytest.fixture
def served(houses, database, model):
    """A house whose service `real` is the model; its vendor's socket keeps what passes to it."""
    office = houses(database)

    def relay(arrival):
        request = urllib.request.Request(model.url + arrival.path, data=arrival.body, method=arrival.method)
        request.add_header("content-type", "application/json")
        answer = urllib.request.urlopen(request, timeout=300)
        kind = answer.headers.get_content_type()
        if kind == "text/event-stream":
            return Answer(iter(lambda: answer.read1(4096), b""), answer.status, content_type=kind)
        return Answer(answer.read(), answer.status, content_type=kind)

    upstream = Upstream(relay)
    office.house.run("agreement", "end", "real-baa")
    again = ("--replace", "--drop") if "real" in str(office.house.do("service", "list")) else ()
    add_service(office.house, "real", "acme", upstream, "--model", NAME, *again)
    office.house.do("agreement", "add", "real-baa", "--vendor", "acme", "--no-training", "--effective",
                    "2026-01-01", "--region", "us", "--scope", "real",
                    *(("--replace", "--drop") if "real-baa" in str(office.house.do("agreement", "list", "--all")) else ()))
    yield office, upstream
    upstream.close()


def test_openai(served, database):
    office, upstream = served
    client = openai.OpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe, timeout=300, max_retries=0)
    history = [{"role": "user", "content": f"Write one short sentence about the patient {HAROLD}"}]
    answer = client.chat.completions.create(model=NAME, messages=history, max_tokens=24, temperature=0)
    said = answer.choices[0].message.content
    assert said and answer.usage.completion_tokens > 0
    history += [{"role": "assistant", "content": said}, {"role": "user", "content": "And what is the MRN?"}]
    stream = client.chat.completions.create(model=NAME, messages=history, max_tokens=24, temperature=0, stream=True)
    chunks = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    assert len([chunk for chunk in chunks if chunk]) > 1 and "".join(chunks)
    assert leaks(HAROLD_VALUES, {"model": upstream.captured()}) == []
    first, second = (set(surrogates(arrival.body.decode())) for arrival in upstream.arrivals)
    # what the model itself invented in its answer is new to it
    assert first and first <= second, "the model sees one and the same surrogate in both turns"


def test_responses(served, database):
    office, upstream = served
    client = openai.OpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe, timeout=300, max_retries=0)
    ask = {"model": NAME, "max_output_tokens": 24, "temperature": 0}
    history = [{"role": "user", "content": f"Write one short sentence about the patient {HAROLD}"}]
    answer = client.responses.create(input=history, **ask)
    assert answer.output_text and answer.usage.output_tokens > 0
    history += [*(item.model_dump(exclude_none=True) for item in answer.output),
                {"role": "user", "content": "And what is the MRN?"}]
    told: dict[str, str] = {"deltas": ""}
    for event in client.responses.create(input=history, stream=True, **ask):
        if event.type == "response.output_text.delta":
            told["deltas"] += event.delta
        if event.type == "response.output_text.done":
            told["done"] = event.text
        if event.type in ("response.completed", "response.incomplete"):
            told["response"] = event.response.output_text
    assert told["deltas"] and len(set(told.values())) == 1 and len(told) == 3, told
    assert leaks(HAROLD_VALUES, {"model": upstream.captured()}) == []
    first, second = (set(surrogates(arrival.body.decode())) for arrival in upstream.arrivals)
    # what the model itself invented in its answer is new to it
    assert first and first <= second, "the model sees one and the same surrogate in both turns"


def test_anthropic(served, database):
    office, upstream = served
    client = anthropic.Anthropic(base_url=office.house.url, api_key=office.scribe, timeout=300, max_retries=0)
    ask = [{"role": "user", "content": f"Write one short sentence about the patient {HAROLD}"}]
    answer = client.messages.create(model=NAME, messages=ask, max_tokens=24)
    assert answer.content[0].text
    with client.messages.stream(model=NAME, messages=ask, max_tokens=24) as stream:
        text = "".join(stream.text_stream)
    assert text
    assert leaks(HAROLD_VALUES, {"model": upstream.captured()}) == []


def test_a_surrogate_that_the_model_repeats_is_restored(served, database):
    """The model is made to repeat: its grammar allows one answer only, which holds the surrogate it was sent."""
    office, upstream = served
    client = openai.OpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe, timeout=300, max_retries=0)
    answer = client.chat.completions.create(
        model=NAME, messages=[{"role": "user", "content": "What is the MRN of MRN 48213377?"}], max_tokens=48,
        temperature=0, response_format={"type": "json_schema", "json_schema": {"name": "mrn", "schema": {
            "type": "object", "properties": {"mrn": {"const": "MRN 48213377"}}, "required": ["mrn"]}}})
    assert "48213377" in answer.choices[0].message.content
    assert leaks(["48213377"], {"model": upstream.captured()}) == []
