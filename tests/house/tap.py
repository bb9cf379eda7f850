"""A wire between a client and the house that passes every byte and remembers what was asked for."""

import re
import socket
import socketserver
import threading

REQUEST = re.compile(rb"^([A-Z]{3,7}) (/[^ \r\n]*) HTTP/1\.[01]\r\n(?=(?:[^\r\n]+\r\n)*\r\n)", re.M)


class Tap:
    """Listens on loopback and passes on to `port`; `asked()` tells method and path of what came over HTTP/1."""

    def __init__(self, port: int):
        self._raw: list[bytearray] = []
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                raw = bytearray()
                owner._raw.append(raw)
                with socket.create_connection(("127.0.0.1", port)) as house:
                    threading.Thread(target=_pass, args=(house, self.request, None), daemon=True).start()
                    _pass(self.request, house, raw)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def asked(self) -> list[str]:
        """`METHOD path` of each request, without queries."""
        return [f"{method.decode()} {path.split(b'?')[0].decode()}"
                for raw in self._raw for method, path in REQUEST.findall(bytes(raw))]

    def forget(self) -> None:
        self._raw.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


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
