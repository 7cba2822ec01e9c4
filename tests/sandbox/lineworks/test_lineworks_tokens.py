"""The token endpoint, and what tokens open."""

import time
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.lineworks import people


def test_a_good_assertion_gets_a_token_whose_life_is_told_as_text(ask):
    told = ask().json()
    assert told["expires_in"] == "86400"
    assert (told["scope"], told["token_type"]) == ("bot.message bot.read", "Bearer")
    assert told["access_token"].endswith("=")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"sub": people.HOST_SERVICE_ACCOUNT},
        {"iat": None},
        {"exp": None},
        {"exp": int(time.time()) - 3600},
        {"exp": str(int(time.time()) + 3600)},
        {"iat": int(time.time()) + 3600},
    ],
    # Names without the time: every test process must collect the same ones.
    ids=["issuer", "account", "no-iat", "no-exp", "expired", "exp-as-text", "iat-ahead"],
)
def test_an_assertion_with_wrong_claims_is_no_grant(ask, sign, claims):
    answer = ask(assertion=sign(**claims))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_assertion_by_another_key_or_no_key_is_no_grant(ask, sign):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    unsigned = jwt.encode({"iss": people.CLIENT_ID}, "", algorithm="none")
    for assertion in (sign(stranger), unsigned, sign() + "==", "x"):
        assert ask(assertion=assertion).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"scope": "bot.everything"}, "invalid_scope"),
        ({"scope": None}, "invalid_request"),
    ],
)
def test_a_wrong_form_is_refused_in_the_words_of_oauth(ask, fields, error):
    answer = ask(**fields)
    assert answer.status_code in {400, 401}
    assert answer.json()["error"] == error


def test_a_body_that_is_no_form_is_refused_in_a_dialect_of_its_own(vendor):
    answer = vendor.client.post("/oauth2/v2.0/token", json={})
    assert answer.json() == {"returnCode": "99", "returnMessage": "UnexpectedError"}


def test_the_hosts_own_app_has_its_own_names(ask, sign):
    assertion = sign(iss=people.HOST_CLIENT_ID, sub=people.HOST_SERVICE_ACCOUNT)
    names = {"client_id": people.HOST_CLIENT_ID, "client_secret": people.HOST_CLIENT_SECRET}
    assert ask(assertion=assertion, **names).status_code == 200


def test_a_scope_that_the_app_does_not_hold_is_left_out_in_silence(ask, control):
    control("faults", scopes=["bot.read"])
    assert ask().json()["scope"] == "bot.read"


def test_a_token_without_the_scope_is_refused_with_a_challenge(ask, send):
    answer = send(token=ask(scope="bot.read").json()["access_token"])
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_a_token_that_was_never_issued_is_malformed(send):
    answer = send(token="nonsense")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert answer.json()["description"] == "Malformed authentication token"


def test_a_token_dies_after_a_day_of_the_sandboxes_clock(ask, send, clock):
    token = ask().json()["access_token"]
    assert send(token=token).status_code == 201
    clock.turn(clock.now() + timedelta(hours=24))
    answer = send(token=token)
    assert (answer.status_code, answer.json()["description"]) == (401, "Authentication failed")


def test_the_token_endpoint_can_be_made_to_refuse(ask, control):
    control("faults", token="invalid_client")
    assert ask().status_code == 401


def test_secrets_and_tokens_stay_out_of_the_log(ask, calls):
    token = ask().json()["access_token"]
    [noted] = calls.newest
    assert (noted.vendor, noted.status) == ("lineworks", 200)
    assert token not in noted.response
    assert people.CLIENT_SECRET not in noted.body
