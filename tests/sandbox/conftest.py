import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from sandbox.calls import Calls
from sandbox.clock import Clock


class Listener:
    """Receives posts and answers `answers` in turn, then 204."""

    def __init__(self):
        self.posts, self.answers = [], []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.posts.append(
                    SimpleNamespace(path=self.path, body=body, headers=self.headers)
                )
                self.send_response(listener.answers.pop(0) if listener.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def bot():
    bot = Listener()
    yield bot
    bot.close()


@pytest.fixture(scope="session")
def clock():
    return Clock()


@pytest.fixture(scope="session")
def kept_calls(clock):
    return Calls(clock)


@pytest.fixture
def calls(kept_calls):
    kept_calls.newest.clear()
    return kept_calls
