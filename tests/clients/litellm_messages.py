"""LiteLLM over Anthropic messages.

The address has no `/v1`: LiteLLM adds the path. `LITELLM_LOCAL_MODEL_COST_MAP=True` as above.
"""

from asked import KEY, URL

# settings
import litellm

house = {"model": "anthropic/acme-large", "api_base": URL, "api_key": KEY}
# end
import json

from asked import ASK, BOOK_PARAMETERS, BOOKING, AGAIN, UNCOVERED, Who, book, is_booked, is_echo, is_harold, run

SAID = [{"role": "user", "content": ASK}]
TOOL = {"type": "function", "function": {"name": "book", "description": "Books.", "parameters": BOOK_PARAMETERS}}


def plain():
    is_echo(litellm.completion(**house, messages=SAID).choices[0].message.content)


def stream():
    chunks = litellm.completion(**house, messages=SAID, stream=True)
    is_echo("".join(chunk.choices[0].delta.content or "" for chunk in chunks))


def tools():
    history = []
    for said in (BOOKING, AGAIN):
        history.append({"role": "user", "content": said})
        message = litellm.completion(**house, messages=history, tools=[TOOL]).choices[0].message
        [call] = message.tool_calls
        result = book(**json.loads(call.function.arguments))
        history += [message, {"role": "tool", "tool_call_id": call.id, "content": result}]
        message = litellm.completion(**house, messages=history, tools=[TOOL]).choices[0].message
        is_booked(message.content)
        history.append(message)


def structured():
    asked = [{"role": "user", "content": BOOKING}]
    answer = litellm.completion(**house, messages=asked, response_format=Who)
    is_harold(Who.model_validate_json(answer.choices[0].message.content))


def refusal():
    litellm.completion(**{**house, "model": f"anthropic/{UNCOVERED}"}, messages=SAID)


run(plain, stream, tools, structured, refusal)
