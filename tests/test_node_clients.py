"""The official Node clients: each case is a function of a script in node/, which fails by its exit code."""

import os
import pathlib
import re
import subprocess

import pytest

from house import bedrock
from house.leaks import leaks
from house.patients import HAROLD, HAROLD_VALUES, surrogates
from house.upstream import Answer
from house.vendors import (SSE, call_item, chat, chat_tool_stream, dump, message_item, messages, messages_stream,
                           pieces_of, reasoning_item, respond, response_events, say, turns)

import json

NODE = pathlib.Path(__file__).parent / "node"


def cases(script: str) -> list[str]:
    return re.findall(r"^  async (\w+)\(", (NODE / script).read_text(), re.M)


def use_a_tool(arrival):
    """The vendor calls the tool with the first surrogate that it sees."""
    body, who = arrival.json, {"who": surrogates(arrival.body.decode())[0]}
    results = ("tool_result", "toolResult")
    if any(turn.get("role") == "tool" or any(word in str(turn) for word in results)
           or turn.get("type") == "function_call_output" for turn in turns(body)):
        return say(f"Done for {who['who']}.", arrival)
    pieces = pieces_of(json.dumps(who), 3)
    if "/responses" in arrival.path:
        return respond([reasoning_item("Hm.", "QUJD" * 20), call_item("book", json.dumps(who))], arrival)
    if arrival.path.endswith("/converse"):
        return bedrock.converse(tool=("book", who))
    if arrival.path.endswith("/converse-stream"):
        return bedrock.converse_stream(pieces, "book")
    if "/messages" in arrival.path:
        return messages_stream(pieces, "book") if body.get("stream") else messages(tool=("book", who))
    return chat_tool_stream("book", pieces) if body.get("stream") else chat(tools=[("book", json.dumps(who))])


def busy(arrival):
    return Answer(dump({"type": "error", "error": {"type": "rate_limit_error", "message": HAROLD}}), 429)


def broken(arrival):
    """A stream that ends before its last event."""
    return bedrock.converse_stream(["Dear ", "patient"], end=False)


SCRIPTS = ("openai.mjs", "anthropic.mjs", "ai.mjs", "bedrock.mjs")


@pytest.mark.parametrize("script, case", [(script, case) for script in SCRIPTS for case in cases(script)])
def test_node(office, script, case):
    if "tool" in case.lower():
        office.acme.answer = use_a_tool
    if "cutoff" in case.lower():
        office.acme.answer = lambda _: Answer(response_events([message_item("The plan.")])[:-1], content_type=SSE)
    if "document" in case.lower():
        office.acme.answer = lambda arrival: say(json.dumps({"who": surrogates(arrival.body.decode())[0]}), arrival)
    if "busy" in case.lower():
        office.acme.answer = busy
    if "broken" in case.lower():
        office.acme.answer = broken
    done = subprocess.run(["node", NODE / script, case, office.house.url, office.scribe, HAROLD],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


def test_http2_is_agreed_on_over_tls(secure_office):
    office, url, trusted = secure_office
    done = subprocess.run(["node", NODE / "bedrock.mjs", "http2WithoutAsking", url, office.scribe, HAROLD],
                          capture_output=True, text=True, timeout=60,
                          env={**os.environ, "NODE_EXTRA_CA_CERTS": str(trusted)})
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_have_cases():
    least = {"openai.mjs": 6, "anthropic.mjs": 5, "ai.mjs": 7, "bedrock.mjs": 10}
    assert all(len(cases(script)) >= least[script] for script in SCRIPTS)
