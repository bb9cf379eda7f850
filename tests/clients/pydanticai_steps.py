"""The checks of Pydantic AI's models, whichever protocol they speak."""

from pydantic_ai import Agent

from asked import AGAIN, ASK, BOOKING, Who, book, is_booked, is_echo, is_harold


def steps(model) -> tuple:
    """The four checks that a model of Pydantic AI has."""

    async def plain():
        is_echo((await Agent(model).run(ASK)).output)

    async def stream():
        async with Agent(model).run_stream(ASK) as running:
            is_echo("".join([piece async for piece in running.stream_text(delta=True)]))

    async def tools():
        desk, history = Agent(model, tools=[book]), []
        for said in (BOOKING, AGAIN):
            ran = await desk.run(said, message_history=history)
            is_booked(ran.output)
            history = ran.all_messages()

    async def structured():
        is_harold((await Agent(model, output_type=Who).run(BOOKING)).output)

    return plain, stream, tools, structured
