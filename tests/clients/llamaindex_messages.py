"""LlamaIndex over Anthropic messages.

The address has no `/v1`: the client adds it.
"""

from asked import KEY, URL

# settings
from llama_index.llms.anthropic import Anthropic

model = Anthropic(model="acme-large", base_url=URL, api_key=KEY)
# end
from asked import ASK, UNCOVERED, run
from llamaindex_steps import said, steps

plain, stream, tools, structured = steps(model)


def refusal():
    model.model_copy(update={"model": UNCOVERED}).chat(said(ASK))


run(plain, stream, tools, structured, refusal)
