"""Texts in, readings out: in order, one by one, whatever a line may be."""

import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import classifying
from bot.classifying import classified
from handlers.causes import built_in, read


def answers(*lines):
    body = b"".join(
        one if isinstance(one, bytes) else json.dumps(one).encode() + b"\n" for one in lines
    )
    return [(json.loads(answer), good) for answer, good in classified(io.BytesIO(body), built_in())]


def test_each_line_is_answered_in_its_place_as_the_product_reads():
    lines = [
        {"id": "a", "text": "550 5.1.1 no such user"},
        {"id": 2, "text": "", "status": "5.2.2", "code": 552},
        {"id": "c", "text": "over quota", "status": None, "code": "452"},
    ]
    readings = [read("550 5.1.1 no such user"), read("", "552", "5.2.2"), read("over quota", "452")]
    assert answers(*lines) == [
        (
            {
                "id": line["id"],
                "cause": one.cause,
                "permanence": one.permanence,
                "confidence": one.confidence,
                "rule": one.rule,
            },
            True,
        )
        for line, one in zip(lines, readings, strict=True)
    ]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"oops\n", "line 2: is no JSON object"),
        (b"\n", "line 2: is no JSON object"),
        (b"[1]\n", "line 2: is no JSON object"),
        (b"\xff\xfe\n", "line 2: is no JSON object"),
        (b"[" * 5000 + b"\n", "line 2: is no JSON object"),
        ({"text": "550 no"}, "line 2: id: is missing"),
        ({"id": True, "text": "550 no"}, "line 2: id: is missing"),
        ({"id": 7}, "line 2: text: is missing"),
        ({"id": 7, "text": 5}, "line 2: text: is no text"),
        ({"id": 7, "text": "x", "status": 5.1}, "line 2: status: is no text"),
        ({"id": 7, "text": "x", "code": []}, "line 2: code: is no text"),
    ],
)
def test_a_bad_line_is_answered_in_its_place_and_spoils_no_other(line, error):
    good = {"id": 1, "text": "550 no"}
    (first, yes), (wrong, no), (last, also) = answers(good, line, good | {"id": 3})
    assert (first["id"], yes, last["id"], also) == (1, True, 3, True)
    assert not no
    assert wrong["error"].startswith(error)
    assert wrong["id"] == (7 if isinstance(line, dict) and line.get("id") == 7 else None)


def test_a_line_without_an_end_is_read_too():
    assert answers(b'{"id": 1, "text": "550 no"}')[0][1]


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_line_that_is_too_long_is_refused_whole_and_the_next_is_read(monkeypatch, size):
    monkeypatch.setattr(classifying, "_LONGEST_LINE", 100)
    monkeypatch.setattr(classifying, "_REST", 32)
    long = {"id": 1, "text": "x" * 100 * size}
    (wrong, _), (right, good) = answers(long, {"id": 2, "text": "550 no"})
    assert wrong["error"].startswith("line 1: is longer than 100 bytes")
    assert (right["id"], good) == (2, True)


@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=5))
def test_there_is_one_answer_for_every_line(lines):
    assert len(answers(*(line + b"\n" for line in lines))) == len(lines)


def test_the_memory_is_that_of_one_line():
    class Endless(io.RawIOBase):
        left = 4000

        def readline(self, size=-1):
            self.left -= 1
            return (
                json.dumps({"id": self.left, "text": "550 no" + "x" * 10_000}).encode() + b"\n"
                if self.left
                else b""
            )

    peaks = []
    for count in (200, 2000):
        source = Endless()
        source.left = count
        tracemalloc.start()
        assert sum(1 for _ in classified(source, built_in())) == count - 1
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]
