"""Responses of OpenAI's client."""

import json

from asked import KEY, URL

# settings
import openai

client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY)
# end
from asked import ASK, BOOK_PARAMETERS, BOOKING, AGAIN, UNCOVERED, Who, book, is_booked, is_echo, is_harold, run

MODEL = "acme-large"
TOOL = {"type": "function", "name": "book", "description": "Books.", "parameters": BOOK_PARAMETERS, "strict": False}


def plain():
    is_echo(client.responses.create(model=MODEL, input=ASK).output_text)


def stream():
    events = client.responses.create(model=MODEL, input=ASK, stream=True)
    is_echo("".join(event.delta for event in events if event.type == "response.output_text.delta"))


def tools():
    history = []
    for said in (BOOKING, AGAIN):
        history.append({"role": "user", "content": said})
        answer = client.responses.create(model=MODEL, input=history, tools=[TOOL])
        [call] = [item for item in answer.output if item.type == "function_call"]
        result = book(**json.loads(call.arguments))
        history += [*answer.output, {"type": "function_call_output", "call_id": call.call_id, "output": result}]
        answer = client.responses.create(model=MODEL, input=history, tools=[TOOL])
        is_booked(answer.output_text)
        history += answer.output


def structured():
    is_harold(client.responses.parse(model=MODEL, input=BOOKING, text_format=Who).output_parsed)


def refusal():
    client.responses.create(model=UNCOVERED, input=ASK)


run(plain, stream, tools, structured, refusal)
