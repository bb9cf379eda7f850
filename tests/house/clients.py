"""The clients that are tested, each a script in clients/; what a run found; and docs/reference/clients.md, made of it."""

import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys

from .server import ROOT

SCRIPTS = ROOT / "tests" / "clients"
PAGE = ROOT / "docs" / "reference" / "clients.md"
CHECKS = ["plain", "stream", "tools", "structured", "embeddings", "refusal"]
FRAMEWORKS = pathlib.Path(os.environ.get("CHAPERON_CLIENTS_VENV", ROOT / ".venv-clients")) / "bin" / "python"
NODE_MODULES = ROOT / "tests" / "node_modules"
PINS = {"python": ROOT / "tests" / "requirements.txt", "frameworks": SCRIPTS / "requirements.txt",
        "node": ROOT / "tests" / "package.json"}
NO_EMBEDDINGS = {"embeddings": "the protocol has none"}
CONVERSE = {"structured": "it is a tool that must be called", "embeddings": "each model has a shape of its own"}


@dataclasses.dataclass(frozen=True)
class Client:
    """One client over one protocol. `where` is what it is installed in; `lacks` says why a check is not there."""

    script: str
    package: str
    where: str
    lacks: dict = dataclasses.field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return self.script.rsplit(".", 1)[0]

    @property
    def text(self) -> str:
        return (SCRIPTS / self.script).read_text()

    @property
    def language(self) -> str:
        return {"codex.py": "Rust"}.get(self.script, "Node" if self.where == "node" else "Python")

    @property
    def checks(self) -> list[str]:
        """What the script checks, in the order of the columns."""
        return [check for check in CHECKS if re.search(rf"\brun\([^)]*\b{check}\b|^  async {check}\(", self.text, re.M)]

    @property
    def about(self) -> list[str]:
        """The lines of the comment that a script begins with."""
        if self.script.endswith(".py"):
            return self.text.split('"""')[1].strip().splitlines()
        return [line[3:] for line in re.match(r"(//.*\n)+", self.text)[0].splitlines()]

    @property
    def settings(self) -> str:
        """The lines that an application has to hold, with an address and a key in their places."""
        text = re.search(r"^(?:#|//) settings\n(.*?)^(?:#|//) end\n", self.text, re.M | re.S)[1].strip()
        text = text.replace('"{URL}/', '"http://127.0.0.1:8787/') if self.script == "codex.py" else text
        text = re.sub(r"f\"\{URL\}([^\"]*)\"|`\$\{URL\}([^`]*)`",
                      lambda found: f'"http://127.0.0.1:8787{found[1] or found[2] or ""}"', text)
        return re.sub(r"\bURL\b", '"http://127.0.0.1:8787"', re.sub(r"\bKEY\b", '"chp_…"', text))

    def command(self, *asked: str) -> list[str]:
        program = {"python": sys.executable, "frameworks": str(FRAMEWORKS), "node": "node"}[self.where]
        return [sys.executable if self.script.endswith(".py") and self.where == "node" else program,
                str(SCRIPTS / self.script), *asked]

    def installed(self) -> str | None:
        """The version that is really there, `None` where it is not installed."""
        if self.where == "node":
            manifest = NODE_MODULES / self.package / "package.json"
            return json.loads(manifest.read_text())["version"] if manifest.exists() else None
        python = self.command()[0]
        if not pathlib.Path(python).exists():
            return None
        ask = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
        done = subprocess.run([python, "-c", ask, self.package], capture_output=True, text=True, timeout=60)
        return done.stdout.strip() or None

    def pinned(self) -> str:
        """The version that is asked for when it is installed."""
        text = PINS[self.where].read_text()
        if self.where == "node":
            return json.loads(text)["dependencies"][self.package]
        return re.search(rf"^{re.escape(self.package)}==(\S+)", text, re.M)[1]


CLIENTS = [
    Client("openai_chat.py", "openai", "python"),
    Client("openai_responses.py", "openai", "python", NO_EMBEDDINGS),
    Client("anthropic_messages.py", "anthropic", "python", NO_EMBEDDINGS),
    Client("agents_responses.py", "openai-agents", "python", NO_EMBEDDINGS),
    Client("google_genai.py", "google-genai", "python"),
    Client("boto3_converse.py", "boto3", "python", CONVERSE),
    Client("litellm_chat.py", "litellm", "frameworks"),
    Client("litellm_messages.py", "litellm", "frameworks", NO_EMBEDDINGS),
    Client("langchain_chat.py", "langchain-openai", "frameworks"),
    Client("langchain_responses.py", "langchain-openai", "frameworks", NO_EMBEDDINGS),
    Client("langchain_messages.py", "langchain-anthropic", "frameworks", NO_EMBEDDINGS),
    Client("langgraph_chat.py", "langgraph", "frameworks", {"embeddings": "LangChain's"}),
    Client("llamaindex_chat.py", "llama-index-llms-openai-like", "frameworks"),
    Client("pydanticai_chat.py", "pydantic-ai-slim", "frameworks", {"embeddings": "those of OpenAI's client"}),
    Client("pydanticai_responses.py", "pydantic-ai-slim", "frameworks", NO_EMBEDDINGS),
    Client("node_openai_chat.mjs", "openai", "node"),
    Client("node_openai_responses.mjs", "openai", "node", NO_EMBEDDINGS),
    Client("node_anthropic_messages.mjs", "@anthropic-ai/sdk", "node", NO_EMBEDDINGS),
    Client("aisdk_openai.mjs", "@ai-sdk/openai", "node"),
    Client("aisdk_openai_chat.mjs", "@ai-sdk/openai", "node", {"embeddings": "those of the row above"}),
    Client("aisdk_anthropic.mjs", "@ai-sdk/anthropic", "node", NO_EMBEDDINGS),
    Client("aisdk_google.mjs", "@ai-sdk/google", "node"),
    Client("node_bedrock_converse.mjs", "@aws-sdk/client-bedrock-runtime", "node", CONVERSE),
    Client("codex.py", "@openai/codex", "node", {"plain": "it always streams", **NO_EMBEDDINGS}),
]


@dataclasses.dataclass
class Found:
    """What a run found of one client: the checks that passed, paths that arrived at the front, what a refusal raised."""

    passed: set = dataclasses.field(default_factory=set)
    paths: set = dataclasses.field(default_factory=set)
    raised: str = ""


def path_of(asked: str) -> str:
    """A path as the page tells it: the model's name is left open."""
    return re.sub(r"/(models?)/[^/:]+", r"/\1/{model}", asked)


def row(client: Client, found: Found) -> str:
    """A line of the table."""
    cells = ["yes" if check in found.passed else "–" for check in CHECKS[:-1]]
    cells.append(f"`{found.raised}`" if "refusal" in found.passed else "–")
    paths = "<br>".join(f"`{path}`" for path in sorted(found.paths))
    return f"| [{client.name}](#{client.name}) | {client.language} | `{client.package}` {client.installed()} | " \
           f"{paths} | " + " | ".join(cells) + " |"


def page(rows: list[str]) -> str:
    """The whole of docs/reference/clients.md."""
    head = (SCRIPTS / "page.md").read_text()
    table = ["| client | language | package | arrived at | " + " | ".join(CHECKS) + " |",
             "|---|---|---|---|" + "---|" * len(CHECKS), *rows]
    parts = [_part(client) for client in CLIENTS]
    return head.replace("TABLE\n", "\n".join(table) + "\n") + "\n" + "\n".join(parts)


def _part(client: Client) -> str:
    kind = "toml" if client.script == "codex.py" else "js" if client.where == "node" else "python"
    title, *more = client.about
    text = "\n".join([title, *more]).strip()
    lacks = "".join(f" No {check}: {why}." for check, why in client.lacks.items())
    return f"### {client.name}\n\n{text}{lacks}\n\n```{kind}\n{client.settings}\n```\n"


def rows_of(text: str) -> dict[str, list[str]]:
    """The cells of the table of a page, by the client's name."""
    found = re.findall(r"^\| \[(\w+)\]\(#\w+\) \| (.*) \|$", text, re.M)
    return {name: cells.split(" | ") for name, cells in found}
