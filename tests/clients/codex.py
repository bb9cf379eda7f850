"""Codex as a developer tool: `codex exec`, with this in its `config.toml` and the key in `CHAPERON_KEY`.

Its search of the web is a tool of the vendor: it is refused with `hosted-tool` unless agreement and policy name it, so
switch it off. Without the two lines on retries Codex asks six times before it shows a refusal.
"""

import json
import os
import pathlib
import subprocess

from asked import AGAIN, ASK, BOOKING, KEY, UNCOVERED, URL, Who, is_booked, is_echo, is_harold, run

HOME = pathlib.Path.cwd()
WORK = HOME / "work"
PROGRAM = pathlib.Path(__file__).parents[1] / "node_modules" / ".bin" / "codex"
CONFIG = f"""
# settings
model = "acme-large"
model_provider = "chaperon"
web_search = "disabled"

[model_providers.chaperon]
name = "Chaperon"
base_url = "{URL}/v1"
env_key = "CHAPERON_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
# end
[analytics]
enabled = false
"""


class TurnFailed(Exception):
    told_as = "turn.failed"


def codex(*asked: str) -> str:
    """What the agent says last."""
    WORK.mkdir(exist_ok=True)
    (HOME / "config.toml").write_text(CONFIG)
    environment = {**os.environ, "CODEX_HOME": str(HOME), "CHAPERON_KEY": KEY}
    options = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--json"]
    done = subprocess.run([str(PROGRAM), "exec", *asked[:-1], *options, asked[-1]], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, cwd=WORK, env=environment, timeout=100)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for event in events:
        if event["type"] == "turn.failed":
            raise TurnFailed(event["error"]["message"])
    said = [event["item"]["text"] for event in events if event.get("item", {}).get("type") == "agent_message"]
    assert done.returncode == 0 and said, done.stdout + done.stderr
    return said[-1]


def stream():
    is_echo(codex(ASK))


def tools():
    is_booked(codex(BOOKING))
    is_booked(codex("resume", "--last", AGAIN))
    written = (WORK / "visits.txt").read_text()
    assert written.count("Harold Finchley at 9") == 2, written


def structured():
    (HOME / "who.json").write_text(json.dumps({**Who.model_json_schema(), "additionalProperties": False}))
    is_harold(Who.model_validate_json(codex("--output-schema", str(HOME / "who.json"), BOOKING)))


def refusal():
    codex("--model", UNCOVERED, ASK)


run(stream, tools, structured, refusal)
