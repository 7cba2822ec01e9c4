"""The stand-in's feed keeps the contract that it is there to try."""

import json

import httpx
import pytest

from sandbox.feed import Feed
from sandbox.serving import serving


@pytest.fixture
def feed():
    return Feed(token="t", page_size=2)


@pytest.fixture
def ask(feed):
    with serving(feed.app()) as url:

        def asked(cursor="", token="t"):
            headers = {"authorization": f"Bearer {token}"}
            return httpx.get(f"{url}/feed", params={"cursor": cursor}, headers=headers)

        yield asked


def test_pages_end_with_the_cursor_of_the_next_one(feed, ask):
    feed.tell({"id": "a"}, "{ broken", {"id": "c"})
    first = ask()
    assert first.headers["content-type"].startswith("application/x-ndjson")
    *lines, last = first.text.splitlines()
    assert lines == ['{"id": "a"}', "{ broken"]
    cursor = json.loads(last)["cursor"]
    assert ask(cursor).text.splitlines()[0] == '{"id": "c"}'
    assert ask("3").status_code == 204
    assert feed.asked == ["", "2", "3"]


def test_nobody_else_is_told_anything(feed, ask):
    feed.tell({"id": "a"})
    assert ask(token="other").status_code == 401


def test_faults_are_answers_of_their_own(feed, ask):
    feed.tell({"id": "a"})
    feed.fault = 503
    assert ask().status_code == 503
    feed.fault = "cut"
    assert "cursor" not in ask().text
    feed.fault = "stuck"
    assert json.loads(ask("0").text.splitlines()[-1]) == {"cursor": "0"}
