"""LangChain over chat completions.

`OpenAIEmbeddings` counts tokens itself and sends their numbers, in which nobody can read identifiers: they are refused
with `tokens-unreadable` unless `check_embedding_ctx_length=False`.
"""

from asked import KEY, URL

# settings
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

model = ChatOpenAI(model="acme-large", base_url=f"{URL}/v1", api_key=KEY)
vectors = OpenAIEmbeddings(model="acme-large", base_url=f"{URL}/v1", api_key=KEY, check_embedding_ctx_length=False)
# end
from asked import ASK, UNCOVERED, is_vector, run
from langchain_steps import steps

plain, stream, tools, structured = steps(model)


def embeddings():
    is_vector(vectors.embed_documents([ASK])[0])


def refusal():
    model.model_copy(update={"model_name": UNCOVERED}).invoke(ASK)


run(plain, stream, tools, structured, embeddings, refusal)
