"""A wire between us and a server, which may be cut where it hurts most."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Wire:
    """When `cut` is set, it hands the next COMMIT on and keeps the answer."""

    def __init__(self, server: tuple[str, int]) -> None:
        self.cut = False
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._ends: list[socket.socket] = [self._listening]
        self._start(self._accept)

    def _start(self, act, *args) -> None:
        threading.Thread(target=act, args=args, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(self._server)
                self._ends += [client, server]
                self._start(self._ask, client, server)
                self._start(self._answer, server, client)

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while told := client.recv(65536):
                if self.cut and b"COMMIT" in told:
                    self.cut = False
                    client.shutdown(socket.SHUT_RDWR)
                    server.sendall(told)
                    return
                server.sendall(told)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while told := server.recv(65536):
                client.sendall(told)

    def close(self) -> None:
        for end in self._ends:
            end.close()
