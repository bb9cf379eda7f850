"""Messages of Anthropic's client.

The address has no `/v1`: the client adds it.
"""

from asked import KEY, URL

# settings
import anthropic

client = anthropic.Anthropic(base_url=URL, api_key=KEY)
# end
from asked import ASK, BOOK_PARAMETERS, BOOKING, AGAIN, UNCOVERED, Who, book, is_booked, is_echo, is_harold, run

MODEL = {"model": "acme-large", "max_tokens": 256}
SAID = [{"role": "user", "content": ASK}]
TOOL = {"name": "book", "description": "Books.", "input_schema": BOOK_PARAMETERS}


def plain():
    is_echo(client.messages.create(**MODEL, messages=SAID).content[0].text)


def stream():
    with client.messages.stream(**MODEL, messages=SAID) as events:
        is_echo("".join(events.text_stream))


def tools():
    history = []
    for said in (BOOKING, AGAIN):
        history.append({"role": "user", "content": said})
        message = client.messages.create(**MODEL, messages=history, tools=[TOOL])
        [used] = [part for part in message.content if part.type == "tool_use"]
        result = {"type": "tool_result", "tool_use_id": used.id, "content": book(**used.input)}
        history += [{"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
        message = client.messages.create(**MODEL, messages=history, tools=[TOOL])
        is_booked(message.content[0].text)
        history.append({"role": "assistant", "content": message.content})


def structured():
    asked = [{"role": "user", "content": BOOKING}]
    is_harold(client.messages.parse(**MODEL, messages=asked, output_format=Who).parsed_output)


def refusal():
    client.messages.create(**{**MODEL, "model": UNCOVERED}, messages=SAID)


run(plain, stream, tools, structured, refusal)
