"""A wire between a client and the house that passes every byte and remembers what was asked for."""

import re
import socket
import socketserver
import threading

import hpack

REQUEST = re.compile(rb"(?:GET|POST|PUT|DELETE|HEAD) (/[^ \r\n]*) HTTP/1\.[01]\r\n")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, CONTINUATION, PADDED, PRIORITY = 1, 9, 0x8, 0x20


class Tap:
    """Listens on loopback and passes on to `port`; `asked()` tells the paths of what came."""

    def __init__(self, port: int):
        self._wires: list[bytearray] = []
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                raw = bytearray()
                owner._wires.append(raw)
                with socket.create_connection(("127.0.0.1", port)) as house:
                    threading.Thread(target=_pass, args=(house, self.request, None), daemon=True).start()
                    _pass(self.request, house, raw)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def asked(self) -> list[str]:
        """The path of every request since the tap was opened, without queries, in either version of HTTP."""
        paths = []
        for raw in list(self._wires):
            data = bytes(raw)
            found = _http2(data) if data.startswith(PREFACE) else [path.decode() for path in REQUEST.findall(data)]
            paths += [path.split("?")[0] for path in found]
        return paths

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _http2(data: bytes) -> list[str]:
    """RFC 9113, 4.1 and 6.2: the `:path` of each block of headers."""
    decoder, at, block, paths = hpack.Decoder(), len(PREFACE), b"", []
    while at + 9 <= len(data):
        size, kind, flags = int.from_bytes(data[at:at + 3]), data[at + 3], data[at + 4]
        payload, at = data[at + 9:at + 9 + size], at + 9 + size
        if kind == HEADERS:
            start, end = (1, size - payload[0]) if flags & PADDED else (0, size)
            block = payload[start + (5 if flags & PRIORITY else 0):end]
        elif kind == CONTINUATION:
            block += payload
        if kind in (HEADERS, CONTINUATION) and flags & 0x4:
            paths += [value for name, value in decoder.decode(block) if name == ":path"]
    return paths


def _pass(source: socket.socket, sink: socket.socket, raw: bytearray | None) -> None:
    try:
        while data := source.recv(65536):
            if raw is not None:
                raw += data
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for end, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                end.shutdown(how)
            except OSError:
                pass
