"""The web application: bounded bodies, clear answers, nothing half done."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from bot.web import Answer, application
from sandbox.serving import serving
from storage.store import StorageBusyError, StorageDamagedError


def ready():
    return None


def busy(*_):
    raise StorageBusyError("locked")


def broken():
    raise StorageDamagedError("malformed")


@pytest.fixture
def client():
    with ExitStack() as stack:

        def made(endpoint=lambda body, headers: Answer(status=204), check=ready, *refused):
            app = application({"/failures": endpoint}, check, None, *refused)
            address = stack.enter_context(serving(app))
            return stack.enter_context(httpx.Client(base_url=address))

        yield made


def test_an_endpoint_gets_the_raw_bytes_and_the_headers(client):
    seen = []
    app = client(lambda body, headers: seen.append((body, headers["x-one"])) or Answer(status=200))
    assert app.post("/failures", content=b"[]\r\n", headers={"X-One": "1"}).status_code == 200
    assert seen == [(b"[]\r\n", "1")]


def test_a_body_over_the_limit_is_refused_before_it_is_read(client):
    seen = []
    app = client(lambda body, _: seen.append(body) or Answer(status=200))
    answer = app.post("/failures", content=b"x" * (4 * 1024 * 1024 + 1))
    assert (answer.status_code, seen) == (413, [])


def test_a_busy_storage_asks_to_send_again(client):
    answer = client(busy).post("/failures", content=b"[]")
    assert answer.status_code == 503
    assert "nothing was kept" in answer.text


def test_what_has_to_come_again_is_told(client):
    refused = []
    client(busy, ready, refused.append).post("/failures", content=b"[]")
    client(lambda *_: Answer(status=204), ready, refused.append).post("/failures", content=b"[]")
    client(lambda *_: 1 / 0, ready, refused.append).post("/failures", content=b"[]")
    assert refused == ["/failures"]


def test_who_waits_to_be_stored_keeps_nobody_else_from_an_answer():
    begun, turn = threading.Semaphore(0), threading.Event()

    def waits(*_):
        begun.release()
        turn.wait(10)
        return Answer(status=204)

    endpoints = {"/failures": waits, "/slack/events": lambda *_: Answer(status=200)}
    with (
        serving(application(endpoints, ready, None)) as url,
        ThreadPoolExecutor(60) as senders,
        httpx.Client(base_url=url, timeout=20) as client,
    ):
        told = [senders.submit(client.post, "/failures") for _ in range(60)]
        assert all(begun.acquire(timeout=10) for _ in range(16))
        asked = client.post("/slack/events", timeout=5)
        turn.set()
        assert asked.status_code == 200
        assert {one.result().status_code for one in told} == {204}


def test_a_fault_of_ours_says_so_without_a_traceback(client):
    answer = client(lambda *_: 1 / 0).post("/failures", content=b"[]")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text


def test_only_what_is_posted_is_taken(client):
    assert client().get("/failures").status_code == 405
    assert client().post("/elsewhere").status_code == 404


def test_health_says_that_we_are_up_and_readiness_whether_we_can_store(client):
    assert client().get("/healthz").text == "ok"
    assert client().get("/readyz").json() == {"storage": "ok"}
    assert client(check=busy).get("/readyz").json() == {"storage": "busy"}
    damaged = client(check=broken).get("/readyz")
    assert (damaged.status_code, damaged.json()) == (503, {"storage": "damaged"})
