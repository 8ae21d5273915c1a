"""Networks as they are: a proxy that can be cut off and comes back, and a page of another site with frames."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlparse

PIECE_BYTES = 2**16
HELD_PATH = "held"  # below it, nothing is ever answered


class Proxy:
    """Hands every connection on to a server; `cut` breaks all of them and refuses new ones until `back`."""

    def __init__(self, target: str) -> None:
        self.lead_to(target)
        self._open: set[socket.socket] = set()
        self._listen(0)

    def lead_to(self, target: str) -> None:
        """From now on, new connections go to this address (as http://host:port)."""
        address = urlparse(target)
        self._target = (address.hostname, address.port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def cut(self) -> None:
        with suppress(OSError):  # it may be cut already
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def back(self) -> None:
        self._listen(self._port)

    def _listen(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._target)
                self._open |= {near, far}
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=self._pipe, args=(a, b), daemon=True).start()

    def _pipe(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                if not piece.startswith(f"GET /{HELD_PATH}?".encode()):
                    sink.sendall(piece)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open -= {source}
        source.close()


def other_site(frames: list[str], width: int) -> ThreadingHTTPServer:
    """A server of a page with these addresses in frames; its own address is http://localhost:PORT."""
    page = "".join(f'<iframe src="{address}" width="{width}" height="900"></iframe>' for address in frames)

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>A course</title>{page}".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
