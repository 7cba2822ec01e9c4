"""No address and no secret reaches a log line."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from bot.logs import clean, set_up


@pytest.mark.parametrize(
    "text",
    [
        "mail to taro@example.jp refused",
        "GET /v3/suppression/bounces/taro%40example.jp?x=hanako@example.co.jp",
        "token xoxb-123-abc was refused",
        "key SG.abc.def",
        "Authorization: Bearer abc.def",
        "POST /lineworks/relay/very-secret/v1.0/bots/1/users/2/messages",
    ],
)
def test_addresses_and_secrets_are_taken_out(text):
    said = clean(None, "info", {"event": text, "more": {"deep": [text]}})
    for hidden in ("taro@", "taro%40", "hanako@", "123-abc", "abc.def", "very-secret"):
        assert hidden not in str(said)


def test_numbers_and_words_stay():
    assert clean(None, "info", {"event": "sendgrid_events", "new": 3}) == {
        "event": "sendgrid_events",
        "new": 3,
    }


def test_libraries_pass_the_same_sieve(capfd):
    set_up("info")
    logging.getLogger("some.library").warning("sent to %s", "taro@example.jp")
    out, err = capfd.readouterr()
    assert "taro@" not in out + err


def failing(person):
    raise ValueError(f"{person} wrote something")


def test_of_an_exception_type_and_place_are_logged_but_no_words(capfd, caplog):
    set_up("info")
    log = structlog.get_logger()
    try:
        failing("Yamada Taro")
    except ValueError:
        log.exception("unit_failed")
        logging.getLogger("some.library").exception("it broke")
    for said in (capfd.readouterr().out, caplog.text):
        assert "ValueError" in said
        assert "failing" in said
        assert "Yamada" not in said


def test_a_full_disk_under_the_log_stops_nobody():
    script = (
        "import structlog, sys; from bot.logs import set_up; set_up('info')\n"
        "structlog.get_logger('named').info('kept'); sys.stderr.write('went on')\n"
        "import os; os._exit(0)"
    )
    root = Path(__file__).parents[2]
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, cwd=root, stdout=full, stderr=subprocess.PIPE, check=True)
    assert done.stderr == b"went on"
