"""The checks of LlamaIndex's models, whichever protocol they speak."""

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.workflow import Context

from asked import AGAIN, ASK, BOOKING, Who, book, is_booked, is_echo, is_harold


def said(text: str) -> list[ChatMessage]:
    return [ChatMessage(role="user", content=text)]


def steps(model) -> tuple:
    """The four checks that a model of LlamaIndex has."""

    def plain():
        is_echo(model.chat(said(ASK)).message.content)

    def stream():
        pieces = [piece.delta or "" for piece in model.stream_chat(said(ASK))]
        assert len(pieces) > 3, "it came in pieces"
        is_echo("".join(pieces))

    async def tools():
        desk = FunctionAgent(tools=[book], llm=model)
        context = Context(desk)
        for text in (BOOKING, AGAIN):
            is_booked(str(await desk.run(text, ctx=context)))

    def structured():
        is_harold(model.as_structured_llm(Who).chat(said(BOOKING)).raw)

    return plain, stream, tools, structured
