import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import httpx
import pytest

from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.sendgrid import HOST_KEY, SendGrid
from sandbox.serving import serving


class Bot:
    """Receives posts and answers `answers` in turn, then 204."""

    def __init__(self):
        self.posts, self.answers = [], []
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                bot.posts.append(SimpleNamespace(path=self.path, body=body, headers=self.headers))
                self.send_response(bot.answers.pop(0) if bot.answers else 204)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/sendgrid/events"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def bot():
    bot = Bot()
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


@pytest.fixture(scope="session")
def vendor(clock, kept_calls):
    """Started once, since a reset is as good as a start."""
    vendor = SendGrid(clock, kept_calls)
    with serving(vendor.app()) as url, httpx.Client(base_url=url) as client:
        yield SimpleNamespace(url=url, client=client, public_key=vendor.public_key)
    vendor.close()


@pytest.fixture
def sandbox(vendor):
    def control(name, **wish):
        answer = vendor.client.post(f"/_control/{name}", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(*emails, **more):
        mail = {
            "personalizations": [{"to": [{"email": email}]} for email in emails],
            "from": {"email": "notice@example.co.jp"},
            "subject": "Notice",
            "content": [{"type": "text/plain", "value": "body"}],
        }
        bearer = {"Authorization": f"Bearer {HOST_KEY}"}
        return vendor.client.post("/v3/mail/send", json=mail | more, headers=bearer)

    control("reset")
    return SimpleNamespace(
        **vars(vendor),
        control=control,
        send=send,
        state=lambda: vendor.client.get("/_control/state").json(),
    )
