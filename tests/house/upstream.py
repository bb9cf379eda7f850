"""A scripted vendor on loopback: keeps every byte that arrives, and answers as a test says.

Its socket is the only witness that counts: what `arrivals` and `captured()` hold is what left the house.
"""

import dataclasses
import json
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterable

CUT = object()
"""A part of an answer: the connection is reset here."""


@dataclasses.dataclass
class Arrival:
    """One request as it came in."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclasses.dataclass
class Answer:
    """What goes back: bytes at once with a length, or parts one by one (numbers are pauses in seconds); or else the very
    bytes of `raw`, head and all."""

    body: bytes | Iterable = b""
    status: int = 200
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    content_type: str = "application/json"
    raw: bytes | None = None


class Upstream:
    """A vendor's endpoint. `answer` is called with each arrival; `arrivals` and `captured()` tell what came (behind
    TLS where a context is given)."""

    def __init__(self, answer: Callable[[Arrival], Answer], tls: ssl.SSLContext | None = None):
        self.default = self.answer = answer
        self.arrivals: list[Arrival] = []
        self.left_early = 0
        self._scheme = "https" if tls else "http"
        self._raw: list[bytearray] = []
        self._lock = threading.Lock()
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                raw = bytearray()
                with owner._lock:
                    owner._raw.append(raw)
                try:
                    peer = tls.wrap_socket(self.request, server_side=True) if tls else self.request
                    while arrival := _read(peer, raw):
                        with owner._lock:
                            owner.arrivals.append(arrival)
                        if not _write(peer, owner.answer(arrival)):
                            return
                except OSError:
                    owner.left_early += 1

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def captured(self) -> bytes:
        """Every byte that ever arrived since the last `forget`."""
        with self._lock:
            return b"\n".join(bytes(raw) for raw in self._raw)

    def forget(self) -> None:
        with self._lock:
            self.arrivals.clear()
            for raw in self._raw:
                raw.clear()
        self.answer = self.default

    def last(self) -> Arrival:
        assert self.arrivals, "nothing reached the vendor"
        return self.arrivals[-1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _read(sock: socket.socket, raw: bytearray) -> Arrival | None:
    buffer = bytearray()

    def more() -> bool:
        data = sock.recv(65536)
        raw.extend(data)
        buffer.extend(data)
        return bool(data)

    while b"\r\n\r\n" not in buffer:
        if not more():
            return None
    head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
    buffer[:] = rest
    names = {key.lower(): value for key, value in headers}
    if "chunked" in names.get("transfer-encoding", ""):
        body = bytearray()
        while True:
            while b"\r\n" not in buffer:
                more()
            size, _, _ = bytes(buffer).partition(b"\r\n")
            length = int(size.split(b";")[0], 16)
            del buffer[: len(size) + 2]
            while len(buffer) < length + 2:
                more()
            body += buffer[:length]
            del buffer[: length + 2]
            if length == 0:
                return Arrival(method, path, headers, bytes(body))
    length = int(names.get("content-length", 0))
    while len(buffer) < length:
        if not more():
            return None
    return Arrival(method, path, headers, bytes(buffer[:length]))


def _write(sock: socket.socket, answer: Answer) -> bool:
    """Sends an answer; false if the connection is not to be used again."""
    if answer.raw is not None:
        sock.sendall(answer.raw)
        return True
    whole = isinstance(answer.body, bytes)
    head = [f"HTTP/1.1 {answer.status} Scripted", f"content-type: {answer.content_type}"]
    head += [f"{key}: {value}" for key, value in answer.headers.items()]
    head.append(f"content-length: {len(answer.body)}" if whole else "transfer-encoding: chunked")
    sock.sendall("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + (answer.body if whole else b""))
    if whole:
        return True
    for part in answer.body:
        if part is CUT:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            sock.close()
            return False
        if isinstance(part, (int, float)):
            time.sleep(part)
        else:
            sock.sendall(b"%x\r\n%s\r\n" % (len(part), part))
    sock.sendall(b"0\r\n\r\n")
    return True
