"""LangChain over responses."""

from asked import KEY, URL

# settings
from langchain_openai import ChatOpenAI

model = ChatOpenAI(model="acme-large", base_url=f"{URL}/v1", api_key=KEY, use_responses_api=True, store=False)
# end
from asked import ASK, UNCOVERED, run
from langchain_steps import steps

plain, stream, tools, structured = steps(model)


def refusal():
    model.model_copy(update={"model_name": UNCOVERED}).invoke(ASK)


run(plain, stream, tools, structured, refusal)
