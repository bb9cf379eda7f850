"""Pydantic AI over chat completions."""

from asked import KEY, URL

# settings
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

provider = OpenAIProvider(base_url=f"{URL}/v1", api_key=KEY)
model = OpenAIChatModel("acme-large", provider=provider)
# end
from pydantic_ai import Agent

from asked import ASK, UNCOVERED, run
from pydanticai_steps import steps

plain, stream, tools, structured = steps(model)


async def refusal():
    await Agent(OpenAIChatModel(UNCOVERED, provider=provider)).run(ASK)


run(plain, stream, tools, structured, refusal)
