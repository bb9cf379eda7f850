"""LangChain over Anthropic messages.

The address has no `/v1`: the client adds it.
"""

from asked import KEY, URL

# settings
from langchain_anthropic import ChatAnthropic

model = ChatAnthropic(model="acme-large", base_url=URL, api_key=KEY)
# end
from asked import ASK, UNCOVERED, run
from langchain_steps import steps

plain, stream, tools, structured = steps(model)


def refusal():
    model.model_copy(update={"model": UNCOVERED}).invoke(ASK)


run(plain, stream, tools, structured, refusal)
