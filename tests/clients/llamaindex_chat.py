"""LlamaIndex over chat completions.

Its `OpenAI` knows the models of OpenAI alone; `OpenAILike` takes any name. An agent leaves the calls of earlier
runs out of what it sends again, so that a later run is not known as the same conversation: name it in a header where
surrogates must stay the same.
"""

from asked import KEY, URL

# settings
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike

model = OpenAILike(model="acme-large", api_base=f"{URL}/v1", api_key=KEY, is_chat_model=True,
                   is_function_calling_model=True, default_headers={"Chaperon-Session": "visit-4711"})
vectors = OpenAILikeEmbedding(model_name="acme-large", api_base=f"{URL}/v1", api_key=KEY)
# end
from asked import ASK, UNCOVERED, is_vector, run
from llamaindex_steps import said, steps

plain, stream, tools, structured = steps(model)


def embeddings():
    is_vector(vectors.get_text_embedding(ASK))


def refusal():
    model.model_copy(update={"model": UNCOVERED}).chat(said(ASK))


run(plain, stream, tools, structured, embeddings, refusal)
