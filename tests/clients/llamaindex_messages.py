"""LlamaIndex over Anthropic messages.

It takes names of Anthropic's own models alone: record the service's model by such a name, or give it one as an alias.
The address has no `/v1`: the client adds it. The header is for what llamaindex_chat tells.
"""

from asked import KEY, URL

# settings
from llama_index.llms.anthropic import Anthropic

model = Anthropic(model="claude-sonnet-4-0", base_url=URL, api_key=KEY,
                  default_headers={"Chaperon-Session": "visit-4712"})
# end
from asked import ASK, run
from llamaindex_steps import said, steps

plain, stream, tools, structured = steps(model)


def refusal():
    model.model_copy(update={"model": "claude-3-haiku-20240307"}).chat(said(ASK))


run(plain, stream, tools, structured, refusal)
