"""LINE WORKS' refusals become kinds, and never more than the answer says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lineworks.errors import judged, read_refusal, words_of
from bot.lineworks.rules import Evidence, built_in, parse_rules
from handlers.wording import remedy, say
from storage.failures import Kind, Medium


def body(code, description=""):
    return json.dumps({"code": code, "description": description}).encode()


TABLE = [
    (429, body("TOO_MANY_REQUESTS", "API rate limit exceeded"), Kind.TOO_FREQUENT),
    (429, body("TOO_MANY_REQUESTS", "Try again tomorrow"), Kind.DAILY_CAP_SUSPECTED),
    (429, body("QUOTA", "API rate limit exceeded"), Kind.DAILY_CAP_SUSPECTED),
    (429, b"", Kind.DAILY_CAP_SUSPECTED),
    (403, body("LIMIT_EXCEEDED", "Limit exceeded"), Kind.DAILY_CAP_SUSPECTED),
    (400, body("LIMIT_EXCEEDED", "content.text"), Kind.MESSAGE_REJECTED),
    (401, body("UNAUTHORIZED", "Malformed authentication token"), Kind.BAD_CREDENTIALS),
    (401, b"Authentication failed", Kind.BAD_CREDENTIALS),
    (400, b'{"error":"invalid_grant","error_description":"bad"}', Kind.BAD_CREDENTIALS),
    (401, b'{"error":"invalid_client"}', Kind.BAD_CREDENTIALS),
    (400, b'{"error":"invalid_scope"}', Kind.MISSING_SCOPE),
    (403, body("FORBIDDEN", "The app lacks the scope"), Kind.MISSING_SCOPE),
    (403, body("FORBIDDEN", "Forbidden"), Kind.BOT_NOT_ALLOWED),
    (403, body("ACCESS_DENIED", "Access is denied."), Kind.ID_OUTSIDE_DOMAIN),
    (403, body("FORBIDDEN", "The user is not in the domain"), Kind.ID_OUTSIDE_DOMAIN),
    (404, body("USER_NOT_EXIST", ""), Kind.NO_SUCH_ID),
    (404, body("NOT_FOUND", "Not found"), Kind.NO_SUCH_ID),
    (404, body("BOT_NOT_EXIST", ""), Kind.WRONG_DOMAIN_INFO),
    (404, body("FILE_NOT_EXIST", ""), Kind.MESSAGE_REJECTED),
    (400, body("NONEXISTENT_BOT", ""), Kind.WRONG_DOMAIN_INFO),
    (400, body("PERMISSION_DENIED", ""), Kind.BOT_NOT_ALLOWED),
    (403, body("ACCESS_DENIED", "The bot may not be used"), Kind.BOT_NOT_ALLOWED),
    (403, body("FORBIDDEN", "The bot is not added to the domain"), Kind.WRONG_DOMAIN_INFO),
    (403, body("OUT_OF_RANGE", ""), Kind.UNCLASSIFIED),
    (404, body("DOMAIN_NOT_EXIST", ""), Kind.WRONG_DOMAIN_INFO),
    (404, b"<html>no such page</html>", Kind.UNCLASSIFIED),
    (410, body("DELETED", ""), Kind.NO_SUCH_ID),
    (400, body("DOMAIN_NOT_BELONGING_TO_TENANT", "Invalid domain"), Kind.WRONG_DOMAIN_INFO),
    (400, body("BAD_REQUEST", 'Cannot find "taro"'), Kind.NO_SUCH_ID),
    (400, body("INVALID_PARAMETER", "userId is invalid"), Kind.NO_SUCH_ID),
    (400, body("INVALID_PARAMETER", "content.fileId content is invalid"), Kind.MESSAGE_REJECTED),
    (400, body("EXCEEDED_LENGTH_LIMIT_OF_PARAM", ""), Kind.MESSAGE_REJECTED),
    (500, body("INTERNAL_SERVER_ERROR", ""), Kind.PROVIDER_DOWN),
    (503, b"", Kind.PROVIDER_DOWN),
    (502, b"<html>bad gateway</html>", Kind.PROVIDER_DOWN),
    (504, b"", Kind.UNANSWERED),
    (409, body("CONFLICT", ""), Kind.UNCLASSIFIED),
    (400, b'{"returnCode":"99","returnMessage":"UnexpectedError"}', Kind.UNCLASSIFIED),
    (302, b"", Kind.UNCLASSIFIED),
]


@pytest.mark.parametrize(("status", "answer", "kind"), TABLE)
def test_an_answer_is_read_as_its_kind(status, answer, kind):
    assert read_refusal(status, {}, answer).kind is kind


def test_a_missing_scope_is_told_by_the_header_in_any_case():
    headers = {"WWW-AUTHENTICATE": 'Bearer error="insufficient_scope"'}
    refusal = read_refusal(403, headers, body("FORBIDDEN", "Forbidden"))
    assert (refusal.kind, refusal.evidence) == (Kind.MISSING_SCOPE, Evidence.DOCUMENTED)


@pytest.mark.parametrize(
    ("status", "code", "text", "judgement"),
    [
        ("429", "TOO_MANY_REQUESTS", "API rate limit exceeded", (Kind.TOO_FREQUENT, False)),
        ("403", "FORBIDDEN", "", (Kind.BOT_NOT_ALLOWED, True)),
        ("", "FORBIDDEN", "", (Kind.UNCLASSIFIED, False)),
        ("403 Forbidden", "FORBIDDEN", "", (Kind.UNCLASSIFIED, False)),
    ],
)
def test_what_a_host_tells_of_an_answer_is_judged_alike(status, code, text, judgement):
    assert judged(built_in(), status, code, text) == judgement


def test_an_operators_row_judges_what_a_host_tells_too():
    row = '[[rule]]\ncode = "Q"\nkind = "daily_cap"\nevidence = "measured"'
    assert judged(parse_rules(row, "own.toml"), "429", "Q", "") == (Kind.DAILY_CAP, False)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b'{"code":"A","description":"b"}', ("A", "b")),
        (b'{"error":"a","error_description":"b"}', ("a", "b")),
        (b'{"returnCode":"99","returnMessage":"b"}', ("99", "b")),
        (b'{"code":404,"description":null}', ("404", "")),
        (b"[1]", ("", "")),
        (b"{}", ("", "")),
        (b" plain words ", ("", "plain words")),
        (b"\xff", ("", "�")),
        (b'{"code":"A","description":"\\ud83d b\\u0000"}', ("A", "? b")),
        (b"a\0b", ("", "ab")),
        (b"", ("", "")),
        (b"[" * 64_000, ("", "[" * 1000)),
    ],
)
def test_every_dialect_gives_code_and_description(answer, words):
    assert words_of(answer) == words


@pytest.mark.parametrize(
    ("reset", "seconds"), [("17", 17.0), ("-3", 0.0), ("soon", 0.0), ("inf", 0.0), ("nan", 0.0)]
)
def test_the_reset_is_seconds_or_nothing(reset, seconds):
    assert read_refusal(429, {"rateLimit-reset": reset}, b"").retry_after == seconds


def test_the_word_holds_the_code_but_never_free_text():
    assert read_refusal(404, {}, body("NOT_FOUND", "taro")).word == "no_such_id: NOT_FOUND"
    assert read_refusal(404, {}, body("no taro@example.jp", "")).word == "unclassified"


@given(st.integers(100, 599), st.dictionaries(st.text(), st.text()), st.binary())
def test_no_answer_is_too_strange_to_be_read(status, headers, answer):
    assert read_refusal(status, headers, answer).retry_after >= 0


WORDS = st.lists(
    st.sampled_from(
        [
            "user",
            "USER_NOT_EXIST",
            "member",
            "bot",
            "does",
            "not",
            "exist",
            "NOT_FOUND",
            "cannot",
            "find",
            '"',
            "domain",
            "other",
            "tenant",
            "scope",
            "id",
            "userId",
            "LIMIT_EXCEEDED",
            "insufficient",
        ]
    )
).map(" ".join)
CODES = st.sampled_from(
    ["FORBIDDEN", "ACCESS_DENIED", "NOT_FOUND", "USER_NOT_EXIST", "DELETED", "INVALID_USER", ""]
)
# Kinds whose name or remedy says that nobody answers to the id.
NOBODY_THERE = {Kind.NO_SUCH_ID}


@given(CODES | st.text(), WORDS | st.text(), st.sampled_from(["", "invalid_token", "x"]))
def test_no_403_says_that_an_id_does_not_exist(code, text, challenge):
    headers = {"WWW-Authenticate": f'Bearer error="{challenge}"'}
    assert read_refusal(403, headers, body(code, text)).kind not in NOBODY_THERE


def test_an_operators_own_row_may_know_better():
    row = '[[rule]]\nstatus = 403\ncode = "X"\nkind = "no_such_id"\nevidence = "measured"'
    rules = parse_rules(row, "own.toml")
    assert read_refusal(403, {}, body("X"), rules).kind is Kind.NO_SUCH_ID


FOR_403 = {rule.kind for rule in built_in() if rule.statuses is None or 403 in rule.statuses}


@pytest.mark.parametrize("kind", sorted(FOR_403 | {Kind.UNCLASSIFIED, Kind.NO_SUCH_ID}))
@pytest.mark.parametrize(("locale", "claims"), [("ja", "存在しない"), ("en", "not exist")])
def test_no_sentence_behind_a_403_says_so_either(kind, locale, claims):
    said = remedy(Medium.LINE_WORKS, kind, None, None, locale)
    assert claims not in f"{said} {say(f'kind.{kind}', locale)}".replace("n't", " not")


@pytest.mark.parametrize(
    ("locale", "words"),
    [("ja", "見つからないか、Botから送信できない"), ("en", "or the bot cannot")],
)
def test_an_id_not_found_is_worded_as_not_found_or_no_permission(locale, words):
    assert words in remedy(Medium.LINE_WORKS, Kind.NO_SUCH_ID, None, None, locale).meaning
