"""Asking the feed over HTTP: bounded in time, size and tries; every answer has its meaning."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import stamina

from bot import http
from bot.host.asking import MOST_BYTES, Feed
from handlers.ports import VendorError
from tests.bot.host.test_host_push import NOW, RULES
from tests.fakes import FakeClock

NDJSON = {"content-type": "application/x-ndjson; charset=utf-8"}


class Host(BaseHTTPRequestHandler):
    """Answers from a list: status, headers, body or a function that writes it; asks are kept."""

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        answers = self.server.answers
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if callable(body):
            self.end_headers()
            with contextlib.suppress(OSError):
                body(self.wfile)
            return
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing to say."""


@pytest.fixture(autouse=True)
def _quick():
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def host():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    server.asked, server.answers = [], [(200, NDJSON, b'{"cursor": "1"}')]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def feed(host):
    with http.client(connect=1, read=1) as client:
        url = f"http://127.0.0.1:{host.server_address[1]}/feed?of=us"
        yield Feed(url, "secret", client, FakeClock(NOW), RULES, whole_page=0.5)


def test_the_first_question_has_no_cursor_and_the_next_one_has(host, feed):
    assert feed.page("").cursor == "1"
    feed.page("a&b=あ")
    first, second = (parse_qs(urlsplit(path).query) for path, _ in host.asked)
    assert first == {"of": ["us"]}
    assert second == {"of": ["us"], "cursor": ["a&b=あ"]}


def test_it_says_who_asks_and_for_what(host, feed):
    feed.page("")
    [(_, headers)] = host.asked
    told = {name.lower(): value for name, value in headers.items()}
    assert told["authorization"] == "Bearer secret"
    assert (told["accept"], told["accept-encoding"]) == ("application/x-ndjson", "identity")


def test_nothing_new_is_nothing(host, feed):
    host.answers = [(204, {}, b"")]
    assert feed.page("1") is None


@pytest.mark.parametrize(
    ("status", "headers", "word", "tries"),
    [
        (301, {"location": "/elsewhere"}, "redirected", 1),
        (307, {"location": "http://example.jp/"}, "redirected", 1),
        (400, {}, "http_400", 1),
        (401, {}, "token_refused", 1),
        (403, {}, "token_refused", 1),
        (404, {}, "not_found", 1),
        (410, {}, "cursor_gone", 1),
        (429, {"retry-after": "120"}, "too_many_requests", 1),
        (500, {}, "http_500", 3),
        (503, {}, "http_503", 3),
        (201, NDJSON, "http_201", 1),
        (499, {}, "http_499", 1),
        (200, {"content-type": "text/html"}, "no_json_lines", 1),
        (200, {}, "no_json_lines", 1),
        (200, {**NDJSON, "content-encoding": "gzip"}, "packed", 1),
    ],
)
def test_every_other_answer_has_its_word_and_its_tries(host, feed, status, headers, word, tries):
    host.answers = [(status, headers, b"x")]
    with pytest.raises(VendorError, match=word) as error:
        feed.page("1")
    assert len(host.asked) == tries
    assert error.value.permanent is (tries == 1 and word != "too_many_requests")


@pytest.mark.parametrize(
    ("told", "seconds"), [("120", 120), ("99999999", 3600), ("soon", 0), ("-1", 0)]
)
def test_the_wait_that_is_told_is_believed_within_reason(host, feed, told, seconds):
    host.answers = [(429, {"retry-after": told}, b"")]
    with pytest.raises(VendorError) as error:
        feed.page("1")
    assert error.value.retry_after == seconds


def test_trouble_that_passes_is_not_told(host, feed):
    host.answers = [(500, {}, b""), (200, NDJSON, b'{"cut'), (200, NDJSON, b'{"cursor": "9"}')]
    assert feed.page("1").cursor == "9"


def test_a_page_over_the_limit_is_read_no_further(host, feed):
    written = []

    def endless(out):
        while True:
            out.write(b"x" * 65536)
            written.append(65536)

    host.answers = [(200, NDJSON, endless)]
    with pytest.raises(VendorError, match="page_too_large") as error:
        feed.page("1")
    assert error.value.permanent
    assert sum(written) < 4 * MOST_BYTES


def test_a_page_that_drips_is_given_up(host, feed):
    stop = threading.Event()

    def drip(out):
        while not stop.wait(0.05):
            out.write(b"x")

    host.answers = [(200, NDJSON, drip)]
    with pytest.raises(VendorError, match="too_slow"):
        feed.page("1")
    stop.set()


def test_a_page_whose_connection_breaks_is_asked_for_again(host, feed):
    headers = {**NDJSON, "content-length": "100"}
    host.answers = [(200, headers, lambda out: out.write(b'{"id"'))]
    with pytest.raises(VendorError, match="no_answer"):
        feed.page("1")
    assert len(host.asked) == 3


def test_a_host_that_is_not_there_is_no_answer(host, feed):
    host.shutdown()
    host.server_close()
    with pytest.raises(VendorError, match="no_answer"):
        feed.page("1")


def test_another_feed_has_cursors_of_its_own(feed):
    with http.client() as client:
        other = Feed("http://127.0.0.1/other", "secret", client, FakeClock(NOW), RULES)
    assert other.id != feed.id
    assert "127" not in feed.id
