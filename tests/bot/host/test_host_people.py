"""Who is behind an address or an id, as the host tells it."""

import json

import pytest

from bot.host.people import parse
from bot.host.wire import PushError
from storage.people import Person

HANAKO = {
    "id": "u-1",
    "name": "山田 花子",
    "email": "hanako@example.jp",
    "line_works_id": "hanako@example",
    "tag": "営業部",
}


def push(*told):
    return parse(json.dumps(told).encode())


def test_a_person_is_taken_as_told():
    assert push(HANAKO).people == (
        Person(
            id="u-1",
            name="山田 花子",
            email="hanako@example.jp",
            line_works_id="hanako@example",
            tag="営業部",
        ),
    )


def test_one_object_need_not_be_in_an_array():
    assert parse(json.dumps(HANAKO).encode()).people[0].id == "u-1"


def test_an_id_may_be_a_number():
    assert push({**HANAKO, "id": 17}).people[0].id == "17"


def test_a_person_may_have_no_address_on_purpose():
    [person] = push({"id": "u-2", "no_address": True}).people
    assert (person.no_address, person.email) == (True, "")


def test_a_person_of_line_works_alone_needs_no_address():
    assert push({"id": "u-3", "line_works_id": "jiro@example"}).people[0].email == ""


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": "山田"}, "id"),
        ({"id": "u-1"}, "email"),
        ({**HANAKO, "no_address": True}, "email"),
        ({**HANAKO, "email": "hanako"}, "email"),
        ({**HANAKO, "no_address": "yes"}, "no_address"),
        ({**HANAKO, "name": ["山田"]}, "name"),
        ({**HANAKO, "mail": "x"}, "mail"),
        ({**HANAKO, "tag": "x" * 501}, "tag"),
    ],
)
def test_a_wrong_field_is_named(told, field):
    [verdict] = push(told).verdicts
    assert verdict.error.field == field
    assert verdict.error.mend


def test_a_bad_element_spoils_no_other():
    pushed = push({"id": "u-0"}, HANAKO, 7)
    assert [person.id for person in pushed.people] == ["u-1"]
    assert [verdict.state for verdict in pushed.verdicts] == ["error", "accepted", "error"]


def test_a_body_that_is_no_json_is_refused_whole():
    with pytest.raises(PushError, match="not JSON"):
        parse(b"{")
