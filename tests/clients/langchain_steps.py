"""The checks of LangChain's models, whichever protocol they speak."""

from langchain_core.messages import HumanMessage, ToolMessage

from asked import AGAIN, ASK, BOOKING, Who, book, is_booked, is_echo, is_harold


def steps(model) -> tuple:
    """The four checks that a chat model of LangChain has."""

    def plain():
        is_echo(model.invoke(ASK).text)

    def stream():
        chunks = list(model.stream(ASK))
        assert len(chunks) > 3, "it came in pieces"
        is_echo("".join(chunk.text for chunk in chunks))

    def tools():
        booker, history = model.bind_tools([book]), []
        for said in (BOOKING, AGAIN):
            history.append(HumanMessage(said))
            message = booker.invoke(history)
            [call] = message.tool_calls
            history += [message, ToolMessage(book(**call["args"]), tool_call_id=call["id"])]
            history.append(booker.invoke(history))
            is_booked(history[-1].text)

    def structured():
        is_harold(model.with_structured_output(Who).invoke(BOOKING))

    return plain, stream, tools, structured
