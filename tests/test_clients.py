"""Every client of the matrix through the real binary, unchanged but for base URL and key; docs/reference/clients.md is
written from what this run finds (`make clients`) and is compared with it otherwise.
"""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import struct
import subprocess

import pytest

from conftest import furnished
from house import bedrock
from house.clients import CHECKS, CLIENTS, PAGE, Client, Found, page, path_of, row, rows_of
from house.leaks import leaks
from house.office import add_service
from house.patients import HAROLD, HAROLD_VALUES, surrogates
from house.tap import Tap
from house.upstream import Answer
from house.vendors import (call_item, chat, chat_tool_stream, dump, generate, last_user, messages, messages_stream,
                           pieces_of, respond, say, turns)
from house.vendors import vectors as google_vectors

POLICY = '@id("more")\n@features("embeddings")\npermit(principal, action, resource);\n'
FOUND: dict[str, Found] = {}


@pytest.fixture(scope="module")
def desk(tmp_path_factory, database):
    """A house whose agreement and policy name embeddings, and a tap before it."""
    office = furnished(tmp_path_factory.mktemp("clients"), database)
    # for clients that take no other names
    add_service(office.house, "acme-named", "acme", office.acme, "--model", "claude-sonnet-4-0")
    add_service(office.house, "bargain-named", "bargain", office.bargain, "--model", "claude-3-haiku-20240307")
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
                    "--retention", "zero", "--region", "us", "--scope", "acme-api;features=inference,embeddings",
                    "--scope", "acme-bedrock", "--scope", "acme-named", "--replace", "--drop")
    office.house.do("policy", "set", "-", "--reason", "embeddings", stdin=POLICY)
    office.house.start()
    tap = Tap(office.house.port)
    yield office, tap
    tap.close()
    office.house.stop()


# What the vendor says


def embeds(arrival) -> Answer:
    if arrival.path.startswith("/v1/models/"):
        return google_vectors(arrival)
    asked = arrival.json
    texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
    numbers = [0.5, -0.25, 1e-9]
    value = base64.b64encode(struct.pack("<3f", *numbers)).decode() if asked.get("encoding_format") == "base64" \
        else numbers
    return Answer(dump({"object": "list", "model": asked["model"], "usage": {"prompt_tokens": 9, "total_tokens": 9},
                        "data": [{"object": "embedding", "index": n, "embedding": value} for n in range(len(texts))]}))


def persons(value) -> list[str]:
    """The surrogates of names in what was said."""
    return [found for found in surrogates(json.dumps(value)) if found.startswith("NAME-")]


def call_of(arrival, arguments: dict) -> Answer:
    """A call of the first tool, in the shape that the arrival asks for."""
    body = arrival.json
    streamed, number = body.get("stream", False), len(turns(body))
    if "tools" in body.get("toolConfig", {}):
        return bedrock.converse(tool=(body["toolConfig"]["tools"][0]["toolSpec"]["name"], arguments))
    tool = body["tools"][0]
    if "functionDeclarations" in tool:
        return generate(call=(tool["functionDeclarations"][0]["name"], arguments))
    name = tool.get("name") or tool["function"]["name"]
    if name == "exec_command":
        arguments = {"cmd": f"echo 'Booked for {arguments['who']} at 9.' >> visits.txt; cat visits.txt"}
    text = json.dumps(arguments)
    if "/responses" in arrival.path:
        return respond([call_item(name, text, number)], arrival)
    if "/messages" in arrival.path:
        return messages_stream(pieces_of(text, 3), name) if streamed else messages(tool=(name, arguments))
    return chat_tool_stream(name, pieces_of(text, 3)) if streamed else chat(tools=[(name, text)])


RESULTS = ("tool_result", "toolResult", "functionResponse", "function_call_output")


def books(arrival) -> Answer:
    """Calls the tool for the first person it sees, then tells what came of it."""
    last = turns(arrival.json)[-1]
    if last.get("role") == "tool" or any(result in str(last) for result in RESULTS):
        return say(f"Done: {last_user(arrival)}", arrival)
    return call_of(arrival, {"who": persons(turns(arrival.json))[0]})


def fills_in(arrival) -> Answer:
    """Answers with a document, or by calling the tool that stands for one."""
    body, who = arrival.json, {"who": persons(turns(arrival.json))[0]}
    is_form = any(name in str(body) for name in ("json_schema", "responseSchema", "responseJsonSchema", "output_format"))
    return say(json.dumps(who), arrival) if is_form else call_of(arrival, who)


ANSWERS = {"tools": books, "structured": fills_in, "embeddings": embeds}


# The clients


class Running:
    """A client in a process of its own: a home of its own, no way out but loopback."""

    def __init__(self, client: Client, url: str, key: str, home: pathlib.Path):
        nowhere = "http://127.0.0.1:9"
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                       "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "http_proxy": nowhere, "https_proxy": nowhere,
                       "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        self.errors = home / "errors.log"
        self._process = subprocess.Popen(
            client.command(url, key, HAROLD), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=home, text=True,
            stderr=self.errors.open("w"), env=environment)

    def does(self, check: str) -> dict:
        """What the script tells of a check; what it prints besides is passed over."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(check + "\n")
            self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("@"):
                return json.loads(line[1:])
        return {"ok": False, "why": f"it ended: {self.errors.read_text()[-4000:]}"}

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def running(desk, tmp_path_factory):
    """Starts each client once; the checks of one client follow each other."""
    office, tap = desk
    now: list = []

    def of(client: Client) -> Running:
        if not now or now[0] is not client:
            end()
            now[:] = [client, Running(client, tap.url, office.scribe, tmp_path_factory.mktemp(client.name))]
        return now[1]

    def end() -> None:
        if now:
            now[1].close()

    yield of
    end()


def is_there(client: Client) -> None:
    if client.where == "node" and not shutil.which("node") or not client.installed():
        if os.environ.get("CI"):
            pytest.fail(f"{client.package} is not installed: tests/rig.sh")
        pytest.skip(f"{client.package} is not installed: tests/rig.sh")


@pytest.mark.sqlite
@pytest.mark.parametrize("client, check", [pytest.param(client, check, id=f"{client.name}-{check}")
                                           for client in CLIENTS for check in client.checks])
def test_client(desk, running, client, check):
    is_there(client)
    office, tap = desk
    office.forget()
    before = len(tap.asked())
    office.acme.answer = ANSWERS.get(check, office.acme.default)
    told = running(client).does(check)
    assert told["ok"], told.get("why")
    for name in ("acme", "bargain"):
        assert leaks(HAROLD_VALUES, {name: getattr(office, name).captured()}) == []
    if check == "refusal":
        assert office.nothing_left()
    else:
        assert office.acme.arrivals, "the vendor was asked"
    if check == "tools":
        seen = [set(persons(turns(arrival.json))) for arrival in office.acme.arrivals]
        assert len(seen) == 4 and all(len(one) == 1 and one == seen[0] for one in seen), \
            f"one surrogate for one person in all turns: {seen}"
    found = FOUND.setdefault(client.name, Found())
    found.passed.add(check)
    paths = {path_of(asked) for asked in tap.asked()[before:]}
    assert paths or found.paths, "it went through the tap"
    found.paths |= paths
    if check == "refusal":
        found.raised = told["raised"]


# The page


def test_the_page_is_what_this_run_found(request):
    """Written by `make clients`, compared otherwise."""
    missing = [f"{client.name}-{check}" for client in CLIENTS for check in client.checks
               if check not in FOUND.get(client.name, Found()).passed]
    writes = request.config.getoption("--write-clients")
    if missing:
        assert not writes, f"not written, since these did not pass: {missing}"
        pytest.skip(f"{len(missing)} checks did not run")
    text = page([row(client, FOUND[client.name]) for client in CLIENTS])
    if writes:
        PAGE.write_text(text)
    assert PAGE.read_text() == text, "run `make clients` and commit docs/reference/clients.md"


def test_the_page_names_what_is_pinned():
    """Without running a client: every client, its version and its checks are those of the page."""
    rows = rows_of(PAGE.read_text())
    assert list(rows) == [client.name for client in CLIENTS]
    for client in CLIENTS:
        language, package, paths, *cells = rows[client.name]
        assert (language, package) == (client.language, f"`{client.package}` {client.pinned()}"), client.name
        assert [check for check, cell in zip(CHECKS, cells, strict=True) if cell != "–"] == client.checks, client.name
        assert "/v1" in paths or "/model/" in paths, client.name


def test_every_check_is_there_or_has_a_reason_not_to_be():
    for client in CLIENTS:
        assert sorted([*client.checks, *client.lacks]) == sorted(CHECKS), client.name
        assert client.settings and client.about, client.name
