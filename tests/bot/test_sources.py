"""The table of sources: whole, and what the rest of the bot learns from it."""

from datetime import UTC, datetime

import pytest

from bot import config, sources
from handlers.house import House, Policy
from handlers.ports import Covers
from storage.failures import KINDS, Source
from storage.opening import open_store
from tests.fakes import TOKYO, FakeClock

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
PEOPLE = {"ADMINS": "slack:U1", "APPROVERS": "slack:U2"}
SENDGRID = {
    "SENDGRID_API_KEY": "SG.read",
    "SENDGRID_DELETE_API_KEY": "SG.delete",
    "SENDGRID_WEBHOOK_PUBLIC_KEY": "MFkwno",
}
NO_WEBHOOK = {name: value for name, value in SENDGRID.items() if "WEBHOOK" not in name}
RELAY = {"RELAY_KEY": "r" * 32, "PAYLOAD_KEY": "A" * 43 + "="}
PUSH = {"PUSH_TOKEN": "t" * 32}
FEED = {"HOST_FEED_URL": "https://host.example.jp/feed", "HOST_FEED_TOKEN": "t"}


def settings(tmp_path, **given):
    environ = {f"NOTIFY_ERRORS_{name}": value for name, value in (SLACK | PEOPLE | given).items()}
    return config.load(environ, tmp_path / "none.toml")


@pytest.fixture
def house(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 's.db'}")
    yield House(
        tenant="t",
        store=store,
        clock=FakeClock(datetime(2026, 11, 20, tzinfo=UTC)),
        zone=TOKYO,
        locale="ja",
        policy=Policy(),
        chats={},
    )
    store.close()


def test_every_source_has_its_row_and_no_two_have_one():
    assert [row.source for row in sources.SOURCES] == list(Source)


@pytest.mark.parametrize("row", sources.SOURCES, ids=lambda row: row.source)
def test_a_row_tells_kinds_of_their_own_medium(row):
    assert row.tells
    for medium, kinds in row.tells.items():
        assert kinds
        assert kinds <= KINDS[medium]


@pytest.mark.parametrize(
    ("given", "connected"),
    [
        ({}, set()),
        (SENDGRID, {"sendgrid_events", "sendgrid_lists", "sendgrid_logs"}),
        (SENDGRID | {"SENDGRID_LOGS": "off"}, {"sendgrid_events", "sendgrid_lists"}),
        (NO_WEBHOOK, {"sendgrid_lists", "sendgrid_logs"}),
        (RELAY, {"lineworks_relay"}),
        (PUSH, {"host_push"}),
        (FEED, {"host_feed"}),
    ],
)
def test_a_source_is_connected_by_its_settings(tmp_path, given, connected):
    # A file may be brought in at any time.
    assert set(sources.covered(settings(tmp_path, **given))) == connected | {"csv"}


def test_what_speaks_to_us_has_a_route_and_what_we_read_has_a_reading(tmp_path, house):
    given = settings(tmp_path, **PUSH)
    assert set(sources.routes(given, house)) == {"/failures", "/people"}
    assert sources.polled(given, house) == ()
    for row in sources.SOURCES:
        assert bool(row.polled(house)) == (row.covers is Covers.READ)


def test_a_key_that_is_none_stops_the_start_under_its_settings_name(tmp_path, house):
    with pytest.raises(config.ConfigError, match="SENDGRID_WEBHOOK_PUBLIC_KEY"):
        sources.routes(settings(tmp_path, **SENDGRID), house)


def test_no_two_readings_share_a_name(house):
    names = [one.name for row in sources.SOURCES for one in row.polled(house)]
    assert len(names) == len(set(names))


def test_from_the_start_on_we_listen_to_those_that_speak_to_us(tmp_path, house):
    sources.listen(settings(tmp_path, **SENDGRID, **PUSH), house)
    heard = {one.source: one.since for one in house.store.coverage(house.tenant)}
    assert heard == {Source.SENDGRID_EVENTS: house.now(), Source.HOST_PUSH: house.now()}
