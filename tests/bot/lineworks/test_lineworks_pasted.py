"""LINE WORKS' answers as people paste them, and stored ones sorted anew."""

import json
from datetime import UTC, datetime

import pytest

from bot.lineworks import pasted as readers
from bot.lineworks.errors import read_refusal
from bot.lineworks.rules import built_in, parse_rules
from storage.failures import Failure, Kind, Medium, Source

RULES = built_in()
OWN = parse_rules(
    '[[rule]]\ncode = "QUOTA"\nkind = "daily_cap"\nevidence = "measured"\nsource = "us"', "own"
)
CAP = '{"code": "TOO_MANY_REQUESTS", "description": "API rate limit exceeded"}'
SCOPE = """HTTP/1.1 403 Forbidden
content-length: 105
WWW-Authenticate: Bearer error="insufficient_scope"

{"code":"FORBIDDEN","description":"no"}"""


def pasted(text, rules=RULES):
    return readers.pasted(rules, text)


def kind_of(failure, rules=RULES):
    return readers.kind_of(rules, failure)


@pytest.mark.parametrize(
    ("text", "kind", "status"),
    [
        (f"429 {CAP}", Kind.TOO_FREQUENT, "429"),
        (f"status: 429\n{CAP}", Kind.TOO_FREQUENT, "429"),
        (f"HTTP/2 429\nrateLimit-limit: 240\n\n{CAP}", Kind.TOO_FREQUENT, "429"),
        (SCOPE, Kind.MISSING_SCOPE, "403"),
        ('{"code": "FORBIDDEN", "description": "no", "status": 403}', Kind.BOT_NOT_ALLOWED, "403"),
        ('401 {"error": "invalid_grant", "error_description": "x"}', Kind.BAD_CREDENTIALS, "401"),
        ('(403) {"code": "LIMIT_EXCEEDED"}', Kind.DAILY_CAP_SUSPECTED, "403"),
        ("HTTP/1.1 503 Service Unavailable", Kind.PROVIDER_DOWN, "503"),
        (CAP, Kind.TOO_FREQUENT, ""),
        ('{"code": "UNAUTHORIZED", "description": "x"}', Kind.BAD_CREDENTIALS, ""),
        ('{"code": "SOMETHING_NEW", "description": "x"}', Kind.UNCLASSIFIED, ""),
    ],
)
def test_an_answer_is_sorted_with_and_without_its_status(text, kind, status):
    [found] = pasted(text)
    assert (found.kind, found.status) == (kind, status)


def test_an_answer_says_how_its_row_is_known_and_when_to_ask_again():
    [found] = pasted(f"429\nrateLimit-reset: 13\n{CAP}")
    assert dict(found.facts) == {"provider_code": "TOO_MANY_REQUESTS", "retry_after": "13"}
    assert found.evidence == "documented"
    assert found.source == "developers.worksmobile.com/jp/docs/rate-limits"


def test_it_is_sorted_as_the_relay_sorts_it():
    headers = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
    body = b'{"code":"FORBIDDEN","description":"no"}'
    assert pasted(SCOPE)[0].kind is read_refusal(403, headers, body).kind


def test_a_success_is_no_failure():
    assert not pasted("HTTP/1.1 201 Created")[0].failed


@pytest.mark.parametrize(
    "text",
    ['{"event": "bounce", "code": "x"}', '{"email": "a@example.jp"}', "550 no", '{"code": 7}'],
)
def test_other_things_are_not_line_works(text):
    assert pasted(text) == ()


def stored(kind, raw, source=Source.LINEWORKS_RELAY):
    return Failure(
        source=source,
        source_id="1",
        medium=Medium.LINE_WORKS,
        kind=kind,
        recipient="x@works",
        occurred_at=datetime(2026, 11, 20, tzinfo=UTC),
        raw=json.dumps(raw) if isinstance(raw, dict) else raw,
    )


@pytest.mark.parametrize(
    ("before", "raw", "after"),
    [
        (Kind.UNCLASSIFIED, {"status": 404, "code": "NOT_FOUND"}, Kind.NO_SUCH_ID),
        (Kind.NO_SUCH_ID, {"status": 418, "code": "TEAPOT"}, Kind.UNCLASSIFIED),
        (Kind.UNANSWERED, {"code": "TimeoutError"}, Kind.UNANSWERED),
        (Kind.MISSING_SCOPE, {"status": 403, "code": "FORBIDDEN"}, Kind.MISSING_SCOPE),
        (Kind.UNCLASSIFIED, "", Kind.UNCLASSIFIED),
        (Kind.UNCLASSIFIED, "[]", Kind.UNCLASSIFIED),
    ],
)
def test_a_stored_answer_is_sorted_by_the_table_of_now(before, raw, after):
    assert kind_of(stored(before, raw)) is after


def test_a_host_s_answer_is_sorted_and_its_own_word_is_kept():
    told = {"status": "403", "code": "", "text": "the scope is missing"}
    host = Source.HOST_PUSH
    assert kind_of(stored(Kind.UNCLASSIFIED, told, host)) is Kind.MISSING_SCOPE
    said = told | {"kind": "daily_cap"}
    assert kind_of(stored(Kind.DAILY_CAP, said, host)) is Kind.DAILY_CAP


def test_what_the_header_said_is_heard_again_where_it_is_stored():
    told = {"status": 403, "headers": {"WWW-Authenticate": "insufficient_scope"}}
    assert kind_of(stored(Kind.UNCLASSIFIED, told)) is Kind.MISSING_SCOPE
    other = told | {"headers": {"WWW-Authenticate": "Bearer"}, "code": "FORBIDDEN"}
    assert kind_of(stored(Kind.MISSING_SCOPE, other)) is Kind.BOT_NOT_ALLOWED


def test_an_operators_rows_are_heard_for_what_is_pasted_and_for_what_is_stored():
    answer = '{"code": "QUOTA", "description": "no"}'
    [found] = pasted(answer, OWN + RULES)
    assert (found.kind, found.source, found.evidence) == (Kind.DAILY_CAP, "us", "measured")
    told = {"status": 403, "code": "QUOTA"}
    assert kind_of(stored(Kind.UNCLASSIFIED, told), OWN + RULES) is Kind.DAILY_CAP


def test_other_rows_are_another_version():
    assert readers.version(RULES) == readers.version(built_in())
    assert readers.version(RULES) != readers.version(OWN + RULES)
