"""Chat completions and embeddings of OpenAI's client."""

import json

from asked import KEY, URL

# settings
import openai

client = openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY)
# end
from asked import (ASK, BOOK_PARAMETERS, BOOKING, AGAIN, UNCOVERED, Who, book, is_booked, is_echo, is_harold,
                   is_vector, run)

MODEL = "acme-large"
SAID = [{"role": "user", "content": ASK}]
TOOL = {"type": "function", "function": {"name": "book", "description": "Books.", "parameters": BOOK_PARAMETERS}}


def plain():
    is_echo(client.chat.completions.create(model=MODEL, messages=SAID).choices[0].message.content)


def stream():
    chunks = client.chat.completions.create(model=MODEL, messages=SAID, stream=True)
    is_echo("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))


def tools():
    history = []
    for said in (BOOKING, AGAIN):
        history.append({"role": "user", "content": said})
        message = client.chat.completions.create(model=MODEL, messages=history, tools=[TOOL]).choices[0].message
        [call] = message.tool_calls
        result = book(**json.loads(call.function.arguments))
        history += [message, {"role": "tool", "tool_call_id": call.id, "content": result}]
        message = client.chat.completions.create(model=MODEL, messages=history, tools=[TOOL]).choices[0].message
        is_booked(message.content)
        history.append(message)


def structured():
    asked = [{"role": "user", "content": BOOKING}]
    is_harold(client.chat.completions.parse(model=MODEL, messages=asked, response_format=Who).choices[0].message.parsed)


def embeddings():
    is_vector(client.embeddings.create(model=MODEL, input=[ASK]).data[0].embedding)


def refusal():
    client.chat.completions.create(model=UNCOVERED, messages=SAID)


run(plain, stream, tools, structured, embeddings, refusal)
