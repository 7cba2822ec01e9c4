"""A signed assertion brings one token for everybody, asked for anew before it ends."""

from __future__ import annotations

import base64
import json
import threading
import time
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.lineworks.auth import Tokens, assertion, load_key, missing_scopes
from bot.lineworks.errors import LineWorksError
from bot.lineworks.rules import parse_rules
from storage.failures import Kind
from tests.bot.lineworks.conftest import answer


def test_the_assertion_is_what_the_vendor_checks(account, rsa_key):
    text = assertion(account, rsa_key, 1700000000.9)
    claims = jwt.decode(text, rsa_key.public_key(), ["RS256"], options={"verify_exp": False})
    assert claims == {
        "iss": "client",
        "sub": "svc.serviceaccount@example.co.jp",
        "iat": 1700000000,
        "exp": 1700003600,
    }
    assert "=" not in text


def test_times_are_written_as_whole_numbers(account, rsa_key):
    payload = assertion(account, rsa_key, 1700000000.9).split(".")[1]
    raw = base64.urlsafe_b64decode(payload + "==")
    assert b'"iat":1700000000,' in raw.replace(b" ", b"")


def test_a_token_is_asked_for_with_a_form(tokens, vendor):
    assert tokens.current() == "AAA+/="
    form = parse_qs(vendor.token_calls[0].body.decode())
    assert form.pop("assertion")
    assert form == {
        "grant_type": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
        "client_id": ["client"],
        "client_secret": ["secret"],
        "scope": ["bot.message"],
    }


def test_a_token_is_kept_until_a_minute_before_its_end(account, vendor, client):
    now = [0.0]
    tokens = Tokens(account, f"{vendor.url}/oauth2/v2.0", client, elapsed=lambda: now[0])
    for moment in (0.0, 86339.0, 86341.0):
        now[0] = moment
        tokens.current()
    assert len(vendor.token_calls) == 2


@pytest.mark.parametrize("expires_in", ["3600", 3600])
def test_the_lifetime_may_be_text_or_a_number(tokens, vendor, expires_in):
    vendor.token(access_token="B", expires_in=expires_in)
    assert (tokens.current(), tokens.current()) == ("B", "B")
    assert len(vendor.token_calls) == 1


def test_many_threads_ask_once(tokens, vendor):
    threads = [threading.Thread(target=tokens.current) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(vendor.token_calls) == 1


def test_many_threads_renew_a_refused_token_once(tokens, vendor):
    old = tokens.current()
    vendor.token(access_token="NEW", expires_in=3600)
    assert {tokens.renewed(old) for _ in range(3)} == {"NEW"}
    assert len(vendor.token_calls) == 2


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [
        (400, {"error": "invalid_grant", "error_description": "bad"}, Kind.BAD_CREDENTIALS),
        (401, {"error": "invalid_client"}, Kind.BAD_CREDENTIALS),
        (401, {"code": "UNAUTHORIZED", "description": "no"}, Kind.BAD_CREDENTIALS),
        (400, {"error": "invalid_scope"}, Kind.MISSING_SCOPE),
        (400, {"returnCode": "99", "returnMessage": "UnexpectedError"}, Kind.UNCLASSIFIED),
        (200, {"expires_in": "soon", "access_token": "A"}, Kind.UNCLASSIFIED),
        (200, {"token": "A"}, Kind.UNCLASSIFIED),
        (200, {"access_token": None, "expires_in": 9}, Kind.UNCLASSIFIED),
        (200, {"access_token": "", "expires_in": 9}, Kind.UNCLASSIFIED),
        (200, {"access_token": "A", "expires_in": 9, "scope": ""}, Kind.MISSING_SCOPE),
        (400, {"error": "invalid_request"}, Kind.BAD_CREDENTIALS),
        (403, {"code": "FORBIDDEN", "description": "no"}, Kind.BAD_CREDENTIALS),
        (403, {"code": "ACCESS_DENIED", "description": "Access is denied."}, Kind.BAD_CREDENTIALS),
        (403, {"error": "insufficient_scope"}, Kind.MISSING_SCOPE),
        (404, {"code": "NOT_FOUND", "description": "no"}, Kind.UNCLASSIFIED),
        (400, {"code": "BAD_REQUEST", "description": "no"}, Kind.UNCLASSIFIED),
        (200, {"access_token": "A", "expires_in": 9, "scope": "bot.read"}, Kind.MISSING_SCOPE),
    ],
)
def test_a_refused_identity_is_named_and_not_asked_again(tokens, vendor, status, told, kind):
    vendor.token(status, **told)
    with pytest.raises(LineWorksError) as caught:
        tokens.current()
    assert (caught.value.kind, caught.value.permanent) == (kind, True)
    assert len(vendor.token_calls) == 1


def test_an_answer_that_is_not_json_is_named_too(tokens, vendor):
    vendor.token_answers.append(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")
    with pytest.raises(LineWorksError, match="token_unreadable"):
        tokens.current()


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Kind.UNCLASSIFIED), (401, Kind.BAD_CREDENTIALS)]
)
@pytest.mark.parametrize("body", [b"", b"<html>no</html>"])
def test_a_refusal_that_is_not_json_is_read_by_its_status(tokens, vendor, status, kind, body):
    vendor.token_answers.append(answer(status, body))
    with pytest.raises(LineWorksError) as caught:
        tokens.current()
    assert caught.value.kind is kind


def test_too_many_token_requests_are_no_used_up_day(tokens, vendor):
    vendor.token_answers.append(answer(429, b"{}"))
    assert tokens.current() == "AAA+/="


def test_an_operators_row_reads_the_auth_hosts_answers_too(account, vendor, client):
    row = '[[rule]]\nstatus = 400\ncode = "E7"\nkind = "missing_scope"\nevidence = "measured"'
    url = f"{vendor.url}/oauth2/v2.0"
    tokens = Tokens(account, url, client, rules=parse_rules(row, "own.toml"))
    vendor.token(400, code="E7")
    with pytest.raises(LineWorksError) as caught:
        tokens.current()
    assert caught.value.kind is Kind.MISSING_SCOPE


def test_trouble_of_the_auth_host_is_waited_out(tokens, vendor):
    vendor.token(503)
    vendor.token_answers.append(b"")
    assert tokens.current() == "AAA+/="
    assert len(vendor.token_calls) == 3


@pytest.mark.parametrize("gone", [b"", b"HTTP/1.1 504 Gone\r\nContent-Length: 0\r\n\r\n"])
def test_no_answer_from_the_auth_host_means_that_nothing_was_done(tokens, vendor, gone):
    vendor.token_answers.extend([gone] * 3)
    with pytest.raises(LineWorksError) as caught:
        tokens.current()
    assert (caught.value.kind, caught.value.unanswered) == (Kind.PROVIDER_DOWN, False)


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (None, set()),
        ({"bot"}, set()),
        ({"bot.message", "x"}, set()),
        ({"bot.read"}, {"bot.message"}),
    ],
)
def test_what_was_granted_is_compared_with_what_is_needed(granted, missing):
    assert missing_scopes(granted and frozenset(granted)) == missing


def test_a_key_in_one_line_is_read(pem):
    assert load_key(pem.replace("\n", "\\n")).key_size == 2048


def test_an_older_form_of_key_is_read(rsa_key):
    old = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert load_key(old.decode()).key_size == 2048


def elliptic():
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "pem", ["", "-----BEGIN PRIVATE KEY-----", elliptic()], ids=["none", "cut", "elliptic"]
)
def test_a_wrong_key_is_refused_with_the_mend(pem):
    with pytest.raises(ValueError, match="Developer Console"):
        load_key(pem)


def test_secrets_stay_out_of_what_is_printed(account):
    assert "secret=" not in repr(account)
    assert "BEGIN" not in repr(account)


def test_assertions_carry_the_wall_clocks_time(tokens, vendor, rsa_key):
    tokens.current()
    text = parse_qs(vendor.token_calls[0].body.decode())["assertion"][0]
    claims = json.loads(json.dumps(jwt.decode(text, rsa_key.public_key(), ["RS256"])))
    assert abs(claims["iat"] - time.time()) < 60
