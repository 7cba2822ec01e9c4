"""Who may push, and how a body and its elements are answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.host.wire import (
    ACCEPTED,
    ERROR,
    MOST_ELEMENTS,
    REPEATED,
    Fields,
    PushError,
    Verdict,
    authorised,
    elements,
    reply,
)

WRONG = PushError("is missing", field="id", mend="send one")


@pytest.mark.parametrize(
    "header", ["Bearer new", "bearer new", "Bearer  new ", "Bearer old", " Bearer new"]
)
def test_any_of_the_tokens_opens_the_door(header):
    assert authorised(header, ("new", "old"))


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "new", "Basic new", "Bearer ne", "Bearer new old", "Bearer 鍵"],
)
def test_anything_else_does_not(header):
    assert not authorised(header, ("new", "old"))


@pytest.mark.parametrize("tokens", [(), ("",)])
def test_without_a_token_nobody_comes_in(tokens):
    assert not authorised("Bearer ", tokens)


def test_one_object_is_an_array_of_one():
    assert elements(b'{"id": 1}') == [{"id": 1}]
    assert elements(b' [{"id": 1}, 2]\n') == [{"id": 1}, 2]


def test_the_mark_of_a_windows_file_is_no_trouble():
    assert elements(b'\xef\xbb\xbf{"id": 1}') == [{"id": 1}]


def test_a_number_of_any_length_is_the_trouble_of_its_own_element():
    long = "9" * 5000
    [told, other] = elements(f'[{{"id": {long}}}, {{"id": 1e999}}]'.encode())
    with pytest.raises(PushError, match="is 5000 characters long"):
        Fields(told, ["id"]).text("id")
    with pytest.raises(PushError, match="is no text"):
        Fields(other, ["id"]).text("id")


def test_a_body_of_too_many_elements_is_told_how_many_there_may_be():
    assert len(elements(b"[" + b"1," * (MOST_ELEMENTS - 1) + b"1]")) == MOST_ELEMENTS
    with pytest.raises(PushError) as error:
        elements(b"[" + b"1," * MOST_ELEMENTS + b"1]")
    assert error.value.status == 413
    assert error.value.words() == {
        "error": "there are 5,001 elements",
        "field": "",
        "mend": "send at most 5,000 at once",
        "limit": 5000,
    }


@pytest.mark.parametrize(
    "body",
    [
        b'{"id": NaN}',
        b"[Infinity]",
        b"",
        b"{",
        b"id=1",
        b'"a"',
        b"7",
        b"null",
        b"\xff",
        b"[" * 99999,
    ],
)
def test_a_body_that_is_neither_says_what_to_send(body):
    with pytest.raises(PushError) as error:
        elements(body)
    assert error.value.words()["mend"] == "send one JSON object or an array of them, in UTF-8"
    assert error.value.words()["field"] == ""


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([], 200),
        ([ACCEPTED, REPEATED], 200),
        ([ACCEPTED, ERROR], 207),
        ([REPEATED, ERROR], 207),
        ([ERROR, ERROR], 400),
    ],
)
def test_the_status_says_whether_all_some_or_nothing_was_taken(states, status):
    verdicts = [Verdict(index=index, state=state) for index, state in enumerate(states)]
    assert reply(verdicts)[0] == status


def test_every_element_is_answered_in_its_place():
    verdicts = [Verdict(index=0, id="n-1"), Verdict(index=1, state=ERROR, error=WRONG)]
    assert reply(verdicts)[1] == {
        "accepted": 1,
        "repeated": 0,
        "error": 1,
        "elements": [
            {"index": 0, "id": "n-1", "state": "accepted"},
            {
                "index": 1,
                "state": "error",
                "error": "is missing",
                "field": "id",
                "mend": "send one",
            },
        ],
    }


@pytest.mark.parametrize(
    ("name", "mend"), [("recepient", "use recipient"), ("xyz", "use id, recipient")]
)
def test_a_field_that_does_not_exist_names_the_nearest_that_does(name, mend):
    with pytest.raises(PushError) as error:
        Fields({name: 1}, ("id", "recipient"))
    assert (error.value.field, error.value.mend) == (name, mend)


@pytest.mark.parametrize("element", [None, 1, "a", [], True])
def test_an_element_that_is_no_object_has_no_fields(element):
    with pytest.raises(PushError, match="no object"):
        Fields(element, ("id",))


@pytest.mark.parametrize("value", [True, 1.5, [], {}])
def test_only_text_and_whole_numbers_are_text(value):
    with pytest.raises(PushError, match="is no text"):
        Fields({"id": value}, ("id",)).text("id")


@given(st.text(max_size=50) | st.text(st.characters(categories=["Cs"]), max_size=3))
def test_text_comes_out_as_a_database_can_keep_it(value):
    text = Fields({"id": value}, ("id",)).text("id")
    assert "\0" not in text
    assert text == text.strip() == text.encode().decode()
