"""HTTP as no client writes it: bytes on a connection of HTTP/1.1, or frames on one of HTTP/2, and what is answered."""

import dataclasses
import socket

import h2.config
import h2.connection
import h2.events

AFTER = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
"""What is asked last on a connection that is still there: whoever took it for a part of something else is found out."""


@dataclasses.dataclass
class Said:
    """One answer as it came in."""

    status: int
    head: bytes
    body: bytes


class Wire:
    """A connection to a server on loopback."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Sends, or finds that the other side has closed."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _more(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self.buffer += data
        return bool(data)

    def _until(self, mark: bytes) -> bytes | None:
        while mark not in self.buffer:
            if not self._more():
                return None
        found, self.buffer = self.buffer.split(mark, 1)
        return found

    def answer(self) -> Said | None:
        """The next answer that is not preliminary; `None` where the connection ended instead."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            return None
        status = int(head.split(b" ", 2)[1])
        if status < 200:
            return self.answer()
        lines = [line.split(b":", 1) for line in head.split(b"\r\n")[1:]]
        fields = {name.strip().lower(): value.strip() for name, value in lines}
        if fields.get(b"transfer-encoding") == b"chunked":
            return Said(status, head, self._chunks())
        length = int(fields.get(b"content-length", 0))
        while len(self.buffer) < length and self._more():
            pass
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Said(status, head, body)

    def _chunks(self) -> bytes:
        whole = b""
        while size := self._until(b"\r\n"):
            length = int(size.split(b";")[0], 16)
            while len(self.buffer) < length + 2 and self._more():
                pass
            whole, self.buffer = whole + self.buffer[:length], self.buffer[length + 2:]
            if length == 0:
                break
        return whole


def exchange(port: int, data: bytes) -> list[Said]:
    """Sends bytes, reads an answer, asks `AFTER`, and reads whatever else comes until the connection ends.

    Of one request that was understood, two answers come, or one where the connection ended with it. A second request
    that hid in the first would be answered in between.
    """
    answers = []
    with Wire(port) as wire:
        wire.send(data)
        answers.append(wire.answer())
        wire.send(AFTER)
        while answers[-1]:
            answers.append(wire.answer())
    return answers[:-1]


class Frames:
    """A connection of HTTP/2 without encryption, whose frames nobody checks before they go."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        config = h2.config.H2Configuration(client_side=True, validate_outbound_headers=False,
                                           normalize_outbound_headers=False)
        self.frames = h2.connection.H2Connection(config)
        self.frames.initiate_connection()
        self.socket.sendall(self.frames.data_to_send())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, headers: list[tuple[bytes, bytes]], body: bytes = b"", trailers: list | None = None) -> str:
        """One request on a stream of its own; a status, `reset` or `gone`."""
        stream = self.frames.get_next_available_stream_id()
        self.frames.send_headers(stream, headers, end_stream=False)
        self.frames.send_data(stream, body, end_stream=not trailers)
        if trailers:
            self.frames.send_headers(stream, trailers, end_stream=True)
        try:
            self.socket.sendall(self.frames.data_to_send())
            return self._answer(stream)
        except (BrokenPipeError, ConnectionResetError):
            return "gone"

    def _answer(self, stream: int) -> str:
        status = ""
        while data := self.socket.recv(65536):
            for event in self.frames.receive_data(data):
                if isinstance(event, h2.events.ConnectionTerminated):
                    return "gone"
                if getattr(event, "stream_id", None) != stream:
                    continue
                if isinstance(event, h2.events.StreamReset):
                    return status or "reset"
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[b":status"].decode()
                if isinstance(event, h2.events.StreamEnded):
                    return status
            self.socket.sendall(self.frames.data_to_send())
        return "gone"
