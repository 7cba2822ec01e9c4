"""Our own account is tried once after a start, and the admins hear what is wrong with it."""

from __future__ import annotations

import pytest

from bot.lineworks.client import LineWorksChat
from bot.lineworks.starting import Trial
from handlers.show.alarms import message
from tests.bot.lineworks.conftest import answer
from tests.fakes import TOKYO


@pytest.fixture
def trial(house, api):
    return Trial(house, LineWorksChat(api, "7", "ja", TOKYO).sign_in)


def run(trial):
    for unit in trial.due():
        unit.run()


def alarms(house):
    return [
        message(house, one.subject, "ja").summary
        for one in house.store.due_notices(house.tenant, house.now(), 9)
    ]


def test_a_good_account_is_tried_once_and_nobody_hears_of_it(house, trial, vendor):
    run(trial)
    run(trial)
    assert (len(vendor.token_calls), alarms(house)) == (1, [])


@pytest.mark.parametrize(
    ("status", "told", "summary"),
    [
        (401, {"error": "invalid_client"}, "このBotがLINE WORKSに接続できません"),
        (400, {"returnCode": "99"}, "このBotがLINE WORKSに接続できません"),
        (
            200,
            {"access_token": "A", "expires_in": 9, "scope": "bot.read"},
            "このBotの連携アプリの権限が足りません",
        ),
    ],
)
def test_what_is_wrong_with_it_is_an_alarm_once_a_day(
    house, api, trial, vendor, status, told, summary
):
    for _ in range(2):
        vendor.token(status, **told)
    run(trial)
    run(Trial(house, api.sign_in))
    assert alarms(house) == [summary]


def test_trouble_that_passes_is_no_alarm(house, trial, vendor):
    vendor.token_answers.extend([answer(503)] * 9)
    run(trial)
    assert alarms(house) == []
