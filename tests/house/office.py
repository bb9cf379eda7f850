"""A furnished house: a hospital's engagement, four vendor services and four agents, each for what tests need.

| service | vendor | agreement | models |
|---|---|---|---|
| acme-api | acme | covers it, embeddings too | acme-large, acme-small (alias fast) |
| bargain-api | bargain | none | bargain-1 |
| pilot-api | pilot | covers model pilot-1 only, in us, not images | pilot-1, pilot-2 |
| local | us | on premises | local-1 |
| acme-bedrock | acme | covers it | acme-claude, an inference profile and its ARN, acme-llama |
| bargain-bedrock | bargain | none | bargain-claude |
"""

import dataclasses
import urllib.parse

from .server import House
from .upstream import Upstream

CLAUDE = "anthropic.claude-acme-20250514-v1:0"
PROFILE = f"us.{CLAUDE}"
ARN = f"arn:aws:bedrock:us-east-1:111122223333:inference-profile/{PROFILE}"
CREDENTIAL = "sk-vendor-7d1f0c93-never-the-application's"


@dataclasses.dataclass
class Office:
    """The house with its vendors and the agents' keys."""

    house: House
    acme: Upstream
    bargain: Upstream
    pilot: Upstream
    local: Upstream
    scribe: str = ""
    """carries PHI, for treatment"""
    other: str = ""
    """a second agent that carries PHI"""
    helper: str = ""
    """declared to carry no PHI"""

    @property
    def vendors(self) -> list[Upstream]:
        return [self.acme, self.bargain, self.pilot, self.local]

    def forget(self) -> None:
        for vendor in self.vendors:
            vendor.forget()

    def nothing_left(self) -> bool:
        return not any(vendor.arrivals for vendor in self.vendors)

    def chat(self, said, key: str | None = None, model: str = "acme-large", headers=None, **more):
        """One chat completion: `said` is the user's words or a list of messages."""
        messages = [{"role": "user", "content": said}] if isinstance(said, str) else said
        body = {"model": model, "messages": messages, **more}
        return self.house.call("/v1/chat/completions", body, key or self.scribe, headers)

    def message(self, said, key: str | None = None, model: str = "acme-large", headers=None, **more):
        """One Anthropic message."""
        messages = [{"role": "user", "content": said}] if isinstance(said, str) else said
        body = {"model": model, "max_tokens": 256, "messages": messages, **more}
        headers = {"anthropic-version": "2023-06-01", **(headers or {})}
        return self.house.call("/v1/messages", body, key or self.scribe, headers)

    def respond(self, said, key: str | None = None, model: str = "acme-large", headers=None, **more):
        """One response: `said` is the user's words or a list of items."""
        body = {"model": model, "input": said, **more}
        return self.house.call("/v1/responses", body, key or self.scribe, headers)

    def generate(self, said, key: str | None = None, model: str = "acme-large", headers=None, stream=False, **more):
        """One answer of Google's protocol."""
        body = {**contents(said), **more}
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return self.house.call(f"/v1beta/models/{model}:{method}", body, key or self.scribe, headers)

    def converse(self, said, key: str | None = None, model: str = "acme-claude", headers=None, stream=False, **more):
        """One conversation of Bedrock's: `said` is the user's words or a list of messages."""
        messages = [{"role": "user", "content": said}] if isinstance(said, str) else said
        messages = [{**message, "content": [{"text": message["content"]}]}
                    if isinstance(message["content"], str) else message for message in messages]
        path = f"/model/{urllib.parse.quote(model, safe='')}/converse{'-stream' if stream else ''}"
        return self.house.call(path, {"messages": messages, **more}, key or self.scribe, headers)


def contents(said) -> dict:
    """A user's words, or a list of messages, in Google's shape."""
    messages = [{"role": "user", "content": said}] if isinstance(said, str) else said
    roles = {"assistant": "model"}
    return {"contents": [{"role": roles.get(one["role"], one["role"]), "parts": [{"text": one["content"]}]}
                         for one in messages]}


def add_agent(house: House, name: str, *more) -> str:
    """Records an agent; its key, which is shown this once."""
    made = house.do("agent", "add", name, "--title", f"The {name}", "--workflow", f"{name}-work",
                    "--purpose", "treatment", *more)
    key = made["key"]
    assert key.startswith("chp_"), made
    return key


def add_service(house: House, name: str, vendor: str, upstream: Upstream, *more, bedrock: bool = False) -> None:
    spoken = ["bedrock"] if bedrock else ["openai", "anthropic", "gemini"]
    house.do("service", "add", name, "--vendor", vendor, "--endpoint", upstream.url + ("" if bedrock else "/v1"),
             *(word for protocol in spoken for word in ("--protocol", protocol)), "--region", "us",
             "--retention", "zero", *more)
    house.do("service", "credential", name, stdin=CREDENTIAL + "\n")


def furnish(house: House, acme: Upstream, bargain: Upstream, pilot: Upstream, local: Upstream) -> Office:
    """Records everything by commands, as an operator would."""
    house.do("engagement", "add", "mercy", "--title", "Discharge letters", "--covered-entity", "mercy-hospital",
             "--activate")
    for vendor, legal in (("acme", "Acme LLM, Inc."), ("bargain", "Bargain AI"), ("pilot", "Pilot AG"),
                          ("us", "Mercy Hospital, Inc.")):
        house.do("vendor", "add", vendor, "--legal-name", legal)
    add_service(house, "acme-api", "acme", acme, "--account", "org-42", "--model", "acme-large",
                "--model", "acme-small=acme-small-2026,fast")
    add_service(house, "bargain-api", "bargain", bargain, "--model", "bargain-1")
    add_service(house, "pilot-api", "pilot", pilot, "--model", "pilot-1", "--model", "pilot-2")
    add_service(house, "local", "us", local, "--on-premises", "--model", "local-1")
    add_service(house, "acme-bedrock", "acme", acme, "--model", f"{CLAUDE},acme-claude", "--model", PROFILE,
                "--model", ARN, "--model", "acme-llama=meta.llama-acme-v1:0", bedrock=True)
    add_service(house, "bargain-bedrock", "bargain", bargain, "--model", "bargain-claude", bedrock=True)
    terms = ("--no-training", "--retention", "zero", "--region", "us")
    house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", *terms,
             "--scope", "acme-api;features=inference,embeddings", "--scope", "acme-bedrock")
    house.do("agreement", "add", "pilot-baa", "--vendor", "pilot", "--effective", "2026-01-01", *terms,
             "--scope", "pilot-api;model=pilot-1;region=us;retention=zero")
    office = Office(house, acme, bargain, pilot, local)
    office.scribe = add_agent(house, "scribe")
    office.other = add_agent(house, "other")
    office.helper = add_agent(house, "helper", "--carries-phi", "false")
    return office
