"""Who somebody is: language, clock, and whether one of us."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest

from bot.slack.people import Home, hidden, profile

TOKYO = ZoneInfo("Asia/Tokyo")
HOME = Home(team="T1", enterprise="", locale="ja", zone=TOKYO)
USER = {"id": "U1", "team_id": "T1", "name": "yamada", "locale": "en-GB", "tz": "Europe/London"}


def test_language_and_clock_are_the_persons_own():
    told = profile(USER, HOME)
    assert (told.ref, told.locale, told.zone.key) == ("slack:U1", "en", "Europe/London")
    assert (told.active, told.outsider) == (True, False)


@pytest.mark.parametrize("tz", [None, "", "Mars/Olympus", "../../etc/passwd"])
def test_without_a_clock_that_we_know_the_houses_is_used(tz):
    assert profile({**USER, "tz": tz}, HOME).zone == TOKYO


def test_without_a_language_the_houses_is_used():
    assert profile({"id": "U1", "team_id": "T1"}, HOME).locale == "ja"


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "is_stranger"])
def test_guests_and_strangers_are_outsiders(flag):
    assert profile({**USER, flag: True}, HOME).outsider


def test_people_of_another_workspace_are_outsiders():
    assert profile({**USER, "team_id": "T2"}, HOME).outsider


def test_people_of_the_same_organisation_are_not():
    grid = Home(team="T1", enterprise="E1", locale="ja", zone=TOKYO)
    user = {**USER, "team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}}
    assert not profile(user, grid).outsider
    assert profile(user, HOME).outsider


def test_a_deactivated_person_is_not_active():
    assert not profile({**USER, "deleted": True}, HOME).active


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"display_name": "花子", "real_name": "山田 花子"}, "花子"),
        ({"display_name": "", "real_name": "山田 花子"}, "山田 花子"),
        ({}, "yamada"),
    ],
)
def test_a_person_is_called_as_they_chose(names, shown):
    assert profile({**USER, "profile": names}, HOME).name == shown


def test_who_is_not_shown_to_us_is_nobody_here():
    unknown = hidden("slack:U9", HOME)
    assert (unknown.active, unknown.outsider, unknown.locale) == (False, True, "ja")


def test_what_is_no_user_is_not_read():
    with pytest.raises(msgspec.ValidationError):
        profile({"name": "x"}, HOME)
