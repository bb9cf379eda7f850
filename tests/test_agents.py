"""Agents of the OpenAI Agents SDK, which speak responses: tools, turns and streams, unchanged but for the address."""

import asyncio
import json

import agents
import openai
import pytest
from openai.types.responses import ResponseTextDeltaEvent

from house.leaks import leaks
from house.patients import HAROLD, HAROLD_VALUES, surrogates
from house.vendors import call_item, message_item, reasoning_item, respond, turns

agents.set_tracing_disabled(True)
BOOKED = []


@agents.function_tool
def book(who: str) -> str:
    """Books a visit."""
    BOOKED.append(who)
    return f"Booked for {who} at 9."


@pytest.fixture
def agent(office):
    BOOKED.clear()
    client = openai.AsyncOpenAI(base_url=f"{office.house.url}/v1", api_key=office.scribe, max_retries=0)
    model = agents.OpenAIResponsesModel(model="acme-large", openai_client=client)
    settings = agents.ModelSettings(store=False, response_include=["reasoning.encrypted_content"])
    yield agents.Agent(name="Desk", instructions="Book visits for Mr. Harold Finchley.", model=model, tools=[book],
                       model_settings=settings)
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


def planner(arrival):
    """A vendor that thinks, books, and then tells what came of it."""
    said = turns(arrival.json)
    if said[-1].get("type") == "function_call_output":
        return respond([message_item(f"Done: {said[-1]['output']}")], arrival)
    name = surrogates(json.dumps(said[-1]))[0]
    call = call_item("book", json.dumps({"who": name}), index=len(said))
    return respond([reasoning_item(f"Book {name}.", "QUJD" * 25, len(said)), call], arrival)


def test_a_run_with_a_tool_and_a_second_turn(office, agent):
    office.acme.answer = planner

    async def talk():
        first = await agents.Runner.run(agent, f"Book a visit for {HAROLD}.")
        asked = [*first.to_input_list(), {"role": "user", "content": "Once more for Mr. Harold Finchley."}]
        return first.final_output, (await agents.Runner.run(agent, asked)).final_output

    first, second = asyncio.run(talk())
    assert "Harold Finchley at 9" in first and "Harold Finchley at 9" in second
    assert len(BOOKED) == 2 and all("Harold Finchley" in who for who in BOOKED)
    assert len(office.acme.arrivals) == 4
    seen = [set(surrogates(arrival.body.decode())) for arrival in office.acme.arrivals]
    assert seen[0] and all(one == seen[0] for one in seen), "one surrogate for one value in all turns"


def test_a_streamed_run(office, agent):
    office.acme.answer = planner

    async def talk():
        run = agents.Runner.run_streamed(agent, f"Book a visit for {HAROLD}.")
        deltas = [event.data.delta async for event in run.stream_events()
                  if event.type == "raw_response_event" and isinstance(event.data, ResponseTextDeltaEvent)]
        return "".join(deltas), run.final_output

    deltas, final = asyncio.run(talk())
    assert deltas == final and "Harold Finchley at 9" in final


def test_a_refusal_is_an_error_of_the_run(office, agent):
    agent.tools.append(agents.WebSearchTool())
    with pytest.raises(openai.PermissionDeniedError) as denied:
        asyncio.run(agents.Runner.run(agent, "Search."))
    assert "hosted-tool" in str(denied.value)
    assert office.nothing_left()
