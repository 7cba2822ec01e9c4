"""The whole house on PostgreSQL: a bounce, its digest, its removal; and a server that goes away."""

import contextlib
import time

import httpx
import psycopg
import pytest

from sandbox.process import Bot, BotDiedError
from sandbox.stage import APPROVAL_CHANNEL
from storage.failures import Medium
from storage.opening import open_store
from storage.postgres.locks import number_of
from tests.walks.test_walk_of_a_bounce import ask_removal, card, listed


@pytest.fixture(scope="module")
def url(postgres):
    fresh = postgres.database()
    yield fresh
    postgres.drop(fresh)


@pytest.fixture(scope="module")
def house(opened, url):
    with opened(DATABASE_URL=url) as made:
        yield made


def told(house, name):
    answer = httpx.post(
        f"{house.stage.bot.url}/failures",
        json={
            "id": name,
            "medium": "email",
            "recipient": f"{name}@example.jp",
            "occurred_at": house.now.isoformat(),
            "kind": "soft_bounce",
        },
        headers={"Authorization": f"Bearer {house.stage.settings['PUSH_TOKEN']}"},
        timeout=60,
    )
    return answer.status_code


def test_a_bounce_is_in_the_digest_and_on_its_page(house):
    address = house.bounced("postgres")
    house.at(0, 9)
    house.member.sees("通知エラーのまとめ", "p***@example.jp")
    assert address in str(house.admin.types(f"/notify-errors who {address}", address))


def test_a_removal_is_asked_decided_and_done_once(house):
    address = house.bounced("removed")
    ask_removal(house, address)
    house.approver.presses(card(house, address), "承認")
    house.admin.sees(address, "外しました")
    assert len(house.deletes(address)) == 1
    assert not listed(house, address)
    assert APPROVAL_CHANNEL in house.stage.slack.state()["messages"]


def held(url):
    """Whether a server has the database; only its lock outlives a transaction."""
    with psycopg.connect(url) as connection:
        high, low = divmod(number_of("serve") % 2**64, 2**32)
        asked = (
            "SELECT 1 FROM pg_locks WHERE classid::bigint = %s AND objid::bigint = %s AND granted"
        )
        return connection.execute(asked, [high, low]).fetchone() is not None


def test_a_second_server_on_the_database_does_not_start(house, url):
    # Where the database has just been away, the first one takes it again within seconds.
    until = time.monotonic() + 30
    while not held(url) and time.monotonic() < until:
        time.sleep(0.1)
    with pytest.raises(BotDiedError, match="another server works on the database"):
        Bot(house.stage.settings, house.stage.folder)


def test_while_the_database_is_away_nothing_is_taken_and_afterwards_all(house, postgres, url):
    assert told(house, "before") == 200
    with postgres.stopped():
        assert told(house, "away") == 503
        assert httpx.get(f"{house.stage.bot.url}/readyz", timeout=60).status_code == 503
    until = time.monotonic() + 30
    while told(house, "away") != 200 and time.monotonic() < until:
        time.sleep(0.1)
    store = open_store(url)
    for name in ("before", "away"):
        [failure] = store.failures("default", Medium.EMAIL, f"{name}@example.jp")
        assert failure.times_seen == 1
    store.close()


def test_the_shell_reads_beside_the_server(house, tmp_path):
    with contextlib.chdir(tmp_path):
        from click.testing import CliRunner

        from bot.cli import main

        environ = {f"NOTIFY_ERRORS_{k}": v for k, v in house.stage.settings.items()}
        ended = CliRunner().invoke(main, ["status"], env=environ)
    assert ended.exit_code == 0, ended.output
    assert "保存データ" in ended.output
