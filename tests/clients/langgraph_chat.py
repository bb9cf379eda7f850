"""A graph of LangGraph with tools and a memory, over LangChain's model.

What a graph remembers stays in the application: the originals. LangSmith's tracing is off unless the application's
environment switches it on; it would carry them out past Chaperon.
"""

from asked import KEY, URL

# settings
from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="acme-large", base_url=f"{URL}/v1", api_key=KEY)
# end
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from asked import AGAIN, ASK, BOOKING, UNCOVERED, Who, book, is_booked, is_echo, is_harold, run


def graph(of, tools=()):
    bound = of.bind_tools(list(tools)) if tools else of
    made = StateGraph(MessagesState)
    made.add_node("model", lambda state: {"messages": [bound.invoke(state["messages"])]})
    made.add_edge(START, "model")
    if tools:
        made.add_node("tools", ToolNode(list(tools)))
        made.add_conditional_edges("model", tools_condition)
        made.add_edge("tools", "model")
    return made.compile(checkpointer=InMemorySaver())


THREAD = {"configurable": {"thread_id": "1"}}


def said(text: str) -> dict:
    return {"messages": [{"role": "user", "content": text}]}


def plain():
    is_echo(graph(model).invoke(said(ASK), THREAD)["messages"][-1].text)


def stream():
    parts = [part.text for part, _ in graph(model).stream(said(ASK), THREAD, stream_mode="messages")]
    assert len(parts) > 3, "it came in pieces"
    is_echo("".join(parts))


def tools():
    desk = graph(model, [book])
    for text in (BOOKING, AGAIN):
        is_booked(desk.invoke(said(text), THREAD)["messages"][-1].text)


def structured():
    made = StateGraph(dict)
    made.add_node("model", lambda state: {"who": model.with_structured_output(Who).invoke(state["said"])})
    made.add_edge(START, "model")
    is_harold(made.compile().invoke({"said": BOOKING})["who"])


def refusal():
    graph(model.model_copy(update={"model_name": UNCOVERED})).invoke(said(ASK), THREAD)


run(plain, stream, tools, structured, refusal)
