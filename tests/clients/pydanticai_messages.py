"""Pydantic AI over Anthropic messages.

The client is handed over, since the one that this version would make does not fit Anthropic's newest client.
"""

from asked import KEY, URL

# settings
from anthropic import AsyncAnthropic
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

provider = AnthropicProvider(anthropic_client=AsyncAnthropic(base_url=URL, api_key=KEY))
model = AnthropicModel("acme-large", provider=provider)
# end
from pydantic_ai import Agent

from asked import ASK, UNCOVERED, run
from pydanticai_steps import steps

plain, stream, tools, structured = steps(model)


async def refusal():
    await Agent(AnthropicModel(UNCOVERED, provider=provider)).run(ASK)


run(plain, stream, tools, structured, refusal)
