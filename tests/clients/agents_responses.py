"""The OpenAI Agents SDK.

It sends traces to OpenAI itself, past any base URL: switch them off. Keep no state at the vendor (`store=False`).
"""

from asked import KEY, URL

# settings
import agents
import openai

agents.set_tracing_disabled(True)
client = openai.AsyncOpenAI(base_url=f"{URL}/v1", api_key=KEY)
model = agents.OpenAIResponsesModel(model="acme-large", openai_client=client)
settings = agents.ModelSettings(store=False, response_include=["reasoning.encrypted_content"])
# end
import dataclasses

from asked import ASK, BOOKING, AGAIN, UNCOVERED, Who, book, is_booked, is_echo, is_harold, run

desk = agents.Agent(name="Desk", instructions="Be brief.", model=model, model_settings=settings)


async def plain():
    is_echo((await agents.Runner.run(desk, ASK)).final_output)


async def stream():
    running = agents.Runner.run_streamed(desk, ASK)
    text = ""
    async for event in running.stream_events():
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            text += event.data.delta
    is_echo(text)


async def tools():
    booker = dataclasses.replace(desk, tools=[agents.function_tool(book)])
    first = await agents.Runner.run(booker, BOOKING)
    is_booked(first.final_output)
    second = await agents.Runner.run(booker, [*first.to_input_list(), {"role": "user", "content": AGAIN}])
    is_booked(second.final_output)


async def structured():
    is_harold((await agents.Runner.run(dataclasses.replace(desk, output_type=Who), BOOKING)).final_output)


async def refusal():
    other = agents.OpenAIResponsesModel(model=UNCOVERED, openai_client=client)
    await agents.Runner.run(dataclasses.replace(desk, model=other), ASK)


run(plain, stream, tools, structured, refusal)
