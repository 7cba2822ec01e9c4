"""The shell's commands for whoever looks after a running bot."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.cli import main
from bot.sendgrid import suppressions
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.sendgrid import DELETE_KEY, READ_KEY, SendGrid
from sandbox.serving import serving
from storage.coverage import Coverage
from storage.failures import Batch, Medium, SetAside, Source
from storage.lists import ListName
from storage.opening import hold, open_store, turn_at

NOW = datetime.now(UTC)
EVENTS = Source.SENDGRID_EVENTS
FEED_TOKEN = "made-up-token-of-the-host"
GIVEN = {
    "SLACK_BOT_TOKEN": "xoxb-made-up",
    "SLACK_SIGNING_SECRET": "made-up",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "ADMINS": "slack:U0ADMIN",
    "APPROVERS": "slack:U0SATO",
    "DIGEST_CHANNEL": "slack:C0DIGEST",
    "LOCALE": "en",
}


def environ(folder, **more):
    given = GIVEN | {"DATABASE_URL": f"sqlite:///{folder}/t.db"} | more
    return {f"NOTIFY_ERRORS_{name}": value for name, value in given.items()}


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def called(*arguments, **more):
        return CliRunner().invoke(main, arguments, env=environ(tmp_path, **more))

    return called


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path}/t.db")
    yield opened
    opened.close()


def event(email="taro@example.jp", **fields):
    told = {"event": "bounce", "type": "bounce", "email": email} | fields
    return json.dumps({"timestamp": int(NOW.timestamp()) - 60} | told).encode()


def put(store, *bodies, reason="no such event", **more):
    strange = tuple(SetAside(source=EVENTS, body=body, reason=reason, **more) for body in bodies)
    store.record("default", Batch(set_aside=strange), NOW)
    return [one.number for one in store.quarantined("default", 0, 99999)]


# quarantine


def test_the_list_says_what_and_why_and_names_nobody(run, store):
    put(store, event("taro@example.jp"), reason="event: 'taro@example.jp' is no such event")
    put(store, b"{" * 1_500_000, whole=True)
    element, post = run("quarantine", "list").output.splitlines()
    assert element.startswith("1  ")
    assert element.endswith("1x  event: 't***@example.jp' is no such event")
    assert "sendgrid_events  element" in element
    assert "post  1500000 bytes, cut at 1048576" in post
    assert "taro" not in element + post


def test_the_body_is_shown_as_it_came(run, store):
    put(store, b"\xff\x00odd")
    shown = run("quarantine", "show", "1")
    assert shown.stdout_bytes == b"\xff\x00odd"
    assert "no such event" in shown.stderr


def test_what_is_understood_after_a_fix_is_stored_and_leaves(run, store, tmp_path):
    put(store, event("a@example.jp"), event("b@example.jp"), b'{"event":"teleported"}')
    with hold(f"sqlite:///{tmp_path}/t.db"):
        done = run("quarantine", "retry", "--all")
    assert done.exit_code == 1
    first, last = done.output.splitlines()
    assert first.startswith("3: ")
    assert last == "quarantine retry: read=3 left=1 new=2 repeated=0 set_aside=0 ignored=0"
    assert store.case("default", Medium.EMAIL, "a@example.jp")
    assert len(run("quarantine", "list").output.splitlines()) == 1


def test_a_corrected_element_is_read_in_the_place_of_its_number(run, store, tmp_path):
    put(store, b'{"event":"teleported"}')
    (tmp_path / "mended.json").write_bytes(event("hanako@example.jp"))
    done = run("quarantine", "retry", "1", "--corrected", "mended.json")
    assert done.exit_code == 0
    assert "read=1 left=0 new=1" in done.output
    assert store.case("default", Medium.EMAIL, "hanako@example.jp")
    gone = run("quarantine", "retry", "1")
    assert (gone.exit_code, "1: nothing lies there" in gone.output) == (1, True)


def test_no_id_is_as_large_as_that(run, store):
    for word in ("show", "retry", "drop"):
        refused = run("quarantine", word, "9" * 23)
        assert (refused.exit_code, "is not in the range" in refused.output) == (2, True)


@pytest.mark.parametrize(
    "arguments", [(), ("--all", "1"), ("--all", "--corrected", "-"), ("1", "2", "--corrected", "-")]
)
def test_what_is_to_be_read_has_to_be_named(run, store, arguments):
    assert run("quarantine", "retry", *arguments).exit_code == 2


def test_killed_in_the_middle_nothing_is_lost_and_nothing_is_stored_twice(run, store, tmp_path):
    numbers = put(store, *(event(f"p{n}@example.jp") for n in range(1500)))
    command = [sys.executable, "-m", "bot", "quarantine", "retry", "--all"]
    env = os.environ | environ(tmp_path) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and store.quarantined("default", 0, 1)[:1] and begun(store):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    [tally] = store.tallies("default")
    lying = store.quarantine_filled("default").count
    assert (tally.new, tally.set_aside) == (len(numbers) - lying, lying)
    assert run("quarantine", "retry", "--all").exit_code == 0
    [tally] = store.tallies("default")
    assert (tally.elements, tally.new, tally.repeated, tally.set_aside) == (1500, 1500, 0, 0)
    case = store.case("default", Medium.EMAIL, "p777@example.jp")
    assert case.times_seen == 1


def begun(store):
    return store.quarantine_filled("default").count > 1450


# status


def test_the_shell_says_what_the_chat_says(run, store):
    store.cover("default", Coverage(source=EVENTS, since=NOW, until=NOW))
    put(store, b"odd")
    said = run("status").output
    for words in (
        "SendGrid events: receiving since",
        "could not be read: 1 (of 10,000 at most",
        "SendGrid events: 1 records taken so far (0 new",
        "Requests under way: 0",
        "Next digest:",
        "storage 0",
        "free on the disk",
    ):
        assert words in said


def test_machines_get_values(run, store):
    store.cover("default", Coverage(source=EVENTS, since=NOW, trouble="gap"))
    put(store, b"odd")
    told = json.loads(run("status", "--json").output)
    assert told["coverage"]["states"][0]["trouble"] == "gap"
    assert (told["quarantine"]["count"], told["quarantine"]["most"]) == (1, 10000)
    assert told["quarantine"]["oldest"] == store.quarantine_filled("default").oldest.isoformat()
    [tally] = told["tallies"]
    assert (tally["source"], tally["elements"], tally["set_aside"]) == ("sendgrid_events", 1, 1)
    assert told["digests"][0]["channel"] == "slack:C0DIGEST"
    assert told["health"]["size"] > 0
    assert told["health"]["schema"]
    assert told["rules"]
    assert (told["under_way"], told["unsure"], told["lost"]) == (0, 0, 0)


# poll


@pytest.fixture
def sendgrid():
    clock = Clock(NOW)
    app = SendGrid(clock, Calls(clock, None))
    try:
        with serving(app.app()) as url:
            yield app, url
    finally:
        app.close()


def connected(app, url):
    return {
        "SENDGRID_API_KEY": READ_KEY,
        "SENDGRID_DELETE_API_KEY": DELETE_KEY,
        "SENDGRID_API_URL": url,
        "SENDGRID_WEBHOOK_PUBLIC_KEY": app.public_key,
    }


def test_every_list_is_read_once_beside_a_running_server(run, sendgrid, tmp_path):
    app, url = sendgrid
    app.happen({"event": "bounce", "type": "bounce", "email": "taro@example.jp"})
    open_store(f"sqlite:///{tmp_path}/t.db").close()
    with hold(f"sqlite:///{tmp_path}/t.db"):
        first = run("poll", "--once", **connected(app, url))
    again = run("poll", "--once", **connected(app, url))
    assert first.exit_code == again.exit_code == 0
    assert "bounces: read=1 new=1 repeated=0" in first.output.splitlines()
    assert "bounces: read=1 new=0 repeated=1" in again.output.splitlines()
    assert len(first.output.splitlines()) == len(ListName)
    assert "taro" not in first.output


def test_a_list_from_which_another_process_removes_is_left_for_later(
    run, sendgrid, tmp_path, monkeypatch
):
    app, url = sendgrid
    app.happen({"event": "bounce", "type": "bounce", "email": "taro@example.jp"})
    monkeypatch.setattr(suppressions, "WALK_WAITS", 0.1)
    with turn_at(f"sqlite:///{tmp_path}/t.db", "bounces", True, 0):
        ended = run("poll", "--once", **connected(app, url))
    assert ended.exit_code == 1
    assert "bounces: read=0 new=0 repeated=0 trouble=list_in_use" in ended.output.splitlines()
    again = run("poll", "--once", **connected(app, url))
    assert "bounces: read=1 new=1 repeated=0" in again.output.splitlines()


def test_a_list_that_cannot_be_read_is_told_by_the_exit_status(run, sendgrid):
    app, url = sendgrid
    app.fail({"revoked": ["suppression.blocks.read"]})
    ended = run("poll", "--once", **connected(app, url))
    assert ended.exit_code == 1
    troubles = [line for line in ended.output.splitlines() if "trouble=" in line]
    assert [line.partition(":")[0] for line in troubles] == ["blocks"]


def test_without_a_source_that_can_be_asked_the_setting_is_named(run):
    ended = run("poll", "--once")
    assert ended.exit_code == 1
    assert "NOTIFY_ERRORS_SENDGRID_API_KEY and NOTIFY_ERRORS_HOST_FEED_URL missing" in ended.output


@pytest.fixture
def feed():
    """A host with a record, on a cursor that has nothing behind it."""

    async def answer(request):
        if request.headers["authorization"] != f"Bearer {FEED_TOKEN}":
            return Response(status_code=401)
        if request.query_params.get("cursor"):
            return Response(status_code=204)
        told = {"id": "n-1", "event": "failed", "medium": "email", "recipient": "a@example.jp"}
        told |= {"occurred_at": NOW.isoformat(), "text": "550 5.1.1 no such person"}
        body = "\n".join(map(json.dumps, [told, "rubbish", {"cursor": "2"}]))
        return Response(body, media_type="application/x-ndjson")

    with serving(Starlette(routes=[Route("/feed", answer)])) as url:
        yield {"HOST_FEED_URL": f"{url}/feed", "HOST_FEED_TOKEN": FEED_TOKEN}


def test_the_hosts_feed_is_read_too(run, feed):
    assert run("poll", "--once", **feed).output == "feed: read=2 new=1 repeated=0\n"
    assert run("poll", "--once", **feed).output == "feed: read=0 new=0 repeated=0\n"


def test_a_feed_that_refuses_us_is_told_by_its_word(run, feed):
    ended = run("poll", "--once", **feed | {"HOST_FEED_TOKEN": "old"})
    assert (ended.exit_code, ended.output) == (
        1,
        "feed: read=0 new=0 repeated=0 trouble=token_refused\n",
    )


def test_a_silent_webhooks_logs_are_read_too(run, sendgrid):
    app, url = sendgrid
    without = {name: value for name, value in connected(app, url).items() if "WEBHOOK" not in name}
    lines = run("poll", "--once", **without).output.splitlines()
    assert [line.partition(":")[0] for line in lines] == [*ListName, "logs"]


def test_polling_again_and_again_is_the_servers_business(run):
    assert run("poll").exit_code == 2


@pytest.mark.parametrize("command", ["status", "poll --once", "quarantine list"])
def test_a_store_that_cannot_be_opened_is_one_line(run, tmp_path, command):
    (tmp_path / "t.db").mkdir()
    ended = run(*command.split())
    assert ended.exit_code == 1
    assert ended.output.startswith("Error: NOTIFY_ERRORS_DATABASE_URL")
    assert ended.output.count("\n") == 1


# doctor


def test_the_doctor_says_what_why_and_the_mend(run, store):
    store.cover("default", Coverage(source=EVENTS, since=NOW, until=NOW))
    assert run("doctor").output == "Nothing to mend was found.\n"
    put(store, b"odd")
    ended = run("doctor")
    assert ended.exit_code == 1
    what, why, mend = ended.output.splitlines()
    assert what == "[look at this] 1 record could not be read and lies apart."
    assert why.startswith("  Why: ")
    assert "quarantine list" in mend


def test_without_a_source_the_doctor_ends_with_an_error(run):
    ended = run("doctor", "--json")
    assert ended.exit_code == 2
    [one] = json.loads(ended.output)
    assert (one["finding"], one["grade"], one["source"]) == ("no_source", "error", "")


def test_a_storage_that_cannot_be_written_is_the_only_finding(run, store, tmp_path):
    store.cover("default", Coverage(source=EVENTS, since=NOW, until=NOW))
    with sqlite3.connect(tmp_path / "t.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = run("doctor", "--json", LOCALE="ja")
        other.execute("ROLLBACK")
    other.close()
    assert ended.exit_code == 2
    [one] = json.loads(ended.output)
    assert one["what"] == "保存先を使用できません(database is locked)。"


def test_what_nobody_needs_is_dropped_by_its_number(run, store):
    [number] = put(store, b"odd")
    ended = run("quarantine", "drop", str(number), "999")
    assert (ended.exit_code, ended.output) == (1, "quarantine drop: dropped=1 missing=1\n")
    assert store.quarantine_filled("default").count == 0
