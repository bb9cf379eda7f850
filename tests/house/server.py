"""The real binary with a data directory of its own: commands, a server, what it wrote."""

import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid

from . import bedrock

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
CHAPERON = pathlib.Path(os.environ.get("CHAPERON_BIN", RELEASE / "chaperon"))
VERIFY = pathlib.Path(os.environ.get("CHAPERON_VERIFY_BIN", RELEASE / "chaperon-verify"))


class Refused(Exception):
    """A command that ended with another code than 0."""

    def __init__(self, args, done: subprocess.CompletedProcess):
        super().__init__(f"{' '.join(map(str, args))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, seconds: float = 20.0, pause: float = 0.02):
    """Asks until the answer is true; for what another process does in its own time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := what():
            return answer
        time.sleep(pause)
    raise AssertionError(f"did not come true within {seconds} s")


class House:
    """One installation under `home`. `settings` are further lines of its configuration."""

    def __init__(self, home: pathlib.Path, store: str | None = None, settings: str = "", listen: str = "",
                 log: str = "debug"):
        self.home, self.data, self.log_path = home, home / "data", home / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        self.environment = {**os.environ, "RUST_BACKTRACE": "1"}
        home.mkdir(parents=True, exist_ok=True)
        lines = [f'listen = "{listen or "127.0.0.1"}:{self.port}"', f'data_dir = "{self.data}"']
        if store:
            self.environment["CHAPERON_TEST_STORE"] = store
        tables = ['[store]', 'url = { env = "CHAPERON_TEST_STORE" }'] if store else []
        tables += ["[log]", 'format = "json"', f'level = "{log}"', settings]
        (home / "chaperon.toml").write_text("\n".join(lines + tables) + "\n")

    # commands

    def run(self, *args, stdin: str | bytes | None = None) -> subprocess.CompletedProcess:
        """One command, as it ended; its text in UTF-8."""
        command = [str(CHAPERON), "--config", str(self.home / "chaperon.toml"), *map(str, args)]
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(command, input=raw, stdin=None if raw is not None else subprocess.DEVNULL,
                              capture_output=True, timeout=60, cwd=self.home, env=self.environment)
        done.stdout, done.stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        return done

    def do(self, *args, stdin=None):
        """One command that must succeed; its JSON."""
        done = self.run(*args, "--json", stdin=stdin)
        if done.returncode:
            raise Refused(args, done)
        text = done.stdout.strip()
        try:
            return json.loads(text) if text else None
        except json.JSONDecodeError:
            return [json.loads(line) for line in text.splitlines()]

    # the server

    def start(self, wrapper: tuple = ()) -> "House":
        log = self.log_path.open("ab")
        self.process = subprocess.Popen(
            [*wrapper, str(CHAPERON), "--config", str(self.home / "chaperon.toml"), "serve"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.home, env=self.environment)
        wait_for(self._is_up)
        return self

    def _is_up(self) -> bool:
        assert self.process.poll() is None, f"the server ended at once: {self.log()[-3000:]}"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False

    def stop(self, seconds: float = 40.0) -> int:
        """Asks it to end, and waits."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.terminate()
        return self.process.wait(seconds)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    # its front

    def call(self, path: str, body=None, key: str | None = None, headers: dict | None = None,
             raw: bytes | None = None, method: str | None = None, timeout: float = 30) -> "Reply":
        """One HTTP call; a status that is an error is an answer, not an exception."""
        data = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("content-type", "application/json")
        if key:
            request.add_header("authorization", f"Bearer {key}")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Reply(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())

    # its record

    def verify(self, *args) -> subprocess.CompletedProcess:
        return subprocess.run([str(VERIFY), str(self.data), *args], capture_output=True, text=True, timeout=60)

    def entries(self, count: int = 10000) -> list[dict]:
        found = self.do("journal", "tail", "-n", count)
        if isinstance(found, dict):
            found = found.get("entries", [found])
        return found or []


class Reply:
    """An HTTP answer."""

    def __init__(self, status: int, headers, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The code of an error, in the shape of whichever protocol; Google's has a number in its place."""
        error = self.json.get("error") or self.json.get("chaperon", {})
        code = error.get("code")
        return code if isinstance(code, str) else error.get("chaperon", {}).get("code")

    @property
    def exchange(self) -> str:
        return str(uuid.UUID(self.headers["chaperon-exchange"]))

    @property
    def events(self) -> list[dict]:
        """The data of each event of a stream, the closing `[DONE]` left out."""
        lines = [line[5:].strip() for line in self.text.splitlines() if line.startswith("data:")]
        return [json.loads(line) for line in lines if line != "[DONE]"]

    @property
    def said(self) -> str:
        """The answer's text, whichever protocol, plain or streamed."""
        if bedrock.EVENTS in (self.headers.get("content-type") or ""):
            return bedrock.said(self.body)
        if "text/event-stream" in (self.headers.get("content-type") or ""):
            deltas = []
            for event in self.events:
                if event.get("type") == "content_block_delta":
                    deltas.append(event["delta"].get("text", ""))
                if event.get("type") == "response.output_text.delta":
                    deltas.append(event["delta"])
                for choice in event.get("choices", []):
                    deltas.append(choice["delta"].get("content") or "")
                deltas.append(_google(event))
            return "".join(deltas)
        body = self.json
        if "candidates" in body:
            return _google(body)
        if "choices" in body:
            return body["choices"][0]["message"]["content"]
        if "generation" in body:
            return body["generation"]
        if isinstance(body.get("output"), list):
            parts = [part for item in body["output"] for part in item.get("content", [])]
            return "".join(part.get("text", "") for part in parts)
        message = body["output"]["message"] if "output" in body else body
        return "".join(part.get("text", "") for part in message["content"])


def _google(body: dict) -> str:
    """The text of the first candidate, its thoughts left out."""
    candidates = body.get("candidates") or [{}]
    parts = candidates[0].get("content", {}).get("parts", [])
    return "".join(part.get("text", "") for part in parts if not part.get("thought"))
