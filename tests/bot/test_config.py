"""Settings: read once, each mistake one line with the variable and the mend."""

import base64
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from bot.config import ConfigError, load
from storage.retention import Keep

SLACK = {
    "NOTIFY_ERRORS_SLACK_BOT_TOKEN": "xoxb-made-up",
    "NOTIFY_ERRORS_SLACK_SIGNING_SECRET": "made-up",
    "NOTIFY_ERRORS_ADMINS": "slack:U0ADMIN",
    "NOTIFY_ERRORS_APPROVERS": "slack-group:S0SUPPORT,lineworks:sato@example=slack:U0SATO",
}
SENDGRID = {
    "NOTIFY_ERRORS_SENDGRID_API_KEY": "SG.read",
    "NOTIFY_ERRORS_SENDGRID_DELETE_API_KEY": "SG.delete",
    "NOTIFY_ERRORS_SENDGRID_WEBHOOK_PUBLIC_KEY": "MFkw",
}
KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


def loaded(tmp_path, environ=SLACK, file="", **more):
    path = tmp_path / "notify-errors.toml"
    if file:
        path.write_text(file, encoding="utf-8")
    given = {f"NOTIFY_ERRORS_{name}": value for name, value in more.items()}
    return load({**environ, **given}, path)


def trouble(tmp_path, environ=SLACK, file="", **more):
    with pytest.raises(ConfigError) as raised:
        loaded(tmp_path, environ, file, **more)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_slack_alone_is_enough_to_start(tmp_path):
    settings = loaded(tmp_path)
    assert settings.slack
    assert settings.sendgrid is None
    assert (settings.port, settings.locale, settings.digest_at) == (8025, "ja", time(9))
    assert settings.domain_fails_at == 3


def test_the_environment_wins_over_the_file(tmp_path):
    settings = loaded(tmp_path, file='port = 9000\nlocale = "en"\n', PORT="9001")
    assert (settings.port, settings.locale) == (9001, "en")


def test_a_list_may_be_a_list_in_the_file(tmp_path):
    settings = loaded(tmp_path, file='digest_channel = ["slack:C0ONE", "slack:C0TWO"]\n')
    assert settings.digest_channels == ("slack:C0ONE", "slack:C0TWO")


def test_a_secret_may_be_a_file(tmp_path):
    secret = tmp_path / "token"
    secret.write_text("xoxb-from-file\n", encoding="utf-8")
    environ = dict(SLACK)
    del environ["NOTIFY_ERRORS_SLACK_BOT_TOKEN"]
    settings = loaded(tmp_path, environ, SLACK_BOT_TOKEN_FILE=str(secret))
    assert settings.slack.bot_token == "xoxb-from-file"


def test_a_secrets_file_that_is_not_there_is_named(tmp_path):
    assert "SLACK_BOT_TOKEN_FILE" in trouble(tmp_path, SLACK_BOT_TOKEN_FILE="/nowhere/token")


def test_one_person_in_two_products_is_known(tmp_path):
    settings = loaded(tmp_path)
    assert settings.same_person == {"lineworks:sato@example": "slack:U0SATO"}
    assert "slack-group:S0SUPPORT" in settings.approvers


def test_without_a_webhook_sendgrid_is_asked_alone(tmp_path):
    asked = {name: value for name, value in SENDGRID.items() if "WEBHOOK" not in name}
    settings = loaded(tmp_path, {**SLACK, **asked})
    assert settings.sendgrid.webhook_public_keys == ()
    assert settings.sendgrid.logs


def test_the_logs_can_be_switched_off(tmp_path):
    assert not loaded(tmp_path, {**SLACK, **SENDGRID}, SENDGRID_LOGS="off").sendgrid.logs
    assert "SENDGRID_LOGS" in trouble(tmp_path, {**SLACK, **SENDGRID}, SENDGRID_LOGS="maybe")


def test_a_webhooks_key_alone_is_half_a_group(tmp_path):
    said = trouble(tmp_path, SENDGRID_WEBHOOK_PUBLIC_KEY="MFkw")
    assert "SENDGRID_API_KEY" in said
    assert "SENDGRID_DELETE_API_KEY" in said


@pytest.mark.parametrize("missing", sorted(name for name in SENDGRID if "WEBHOOK" not in name))
def test_half_a_group_stops_the_start_and_names_what_is_missing(tmp_path, missing):
    half = {name: value for name, value in SENDGRID.items() if name != missing}
    assert missing in trouble(tmp_path, {**SLACK, **half})


def test_a_whole_group_connects(tmp_path):
    settings = loaded(tmp_path, {**SLACK, **SENDGRID})
    assert settings.sendgrid.poll_seconds == 300


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("PORT", "http", "number"),
        ("PORT", "70000", "65535"),
        ("PORT", "80.5", "whole number"),
        ("TIMEZONE", "Tokio", "Asia/Tokyo"),
        ("TIMEZONE", "Asia", "Asia/Tokyo"),
        ("LOCALE", "fr", "ja, en"),
        ("DIGEST_AT", "9 o'clock", "09:00"),
        ("DIGEST_AT", "09:00+09:00", "such as 09:00"),
        ("SENDING_WINDOW", "09:00-18:00+09:00", "such as 09:00"),
        ("SENDING_WINDOW", "18:00-09:00", "09:00-18:00"),
        ("DOMAIN_FAILS_AT", "1", "from 2"),
        ("COMPANY_HOLIDAYS", "tomorrow", "2026-12-30"),
        ("ADMINS", "yamada", "slack:U"),
        ("DIGEST_CHANNEL", "#general", "slack:C"),
        ("SLACK_API_URL", "https://slack.com/api", "/api/"),
        ("SENDGRID_API_URL", "api.sendgrid.com", "https://"),
        ("RELAY_KEY", "k", "PAYLOAD_KEY"),
        ("DIGEST_CHANEL", "slack:C0ONE", "DIGEST_CHANNEL"),
        ("QUITE_UNKNOWN_THING", "1", "remove it"),
        ("DIGEST_CHANNEL", "lineworks:ROOM", "not connected"),
    ],
)
def test_a_wrong_setting_is_named_with_its_mend(tmp_path, name, value, mend):
    said = trouble(tmp_path, **{name: value})
    assert mend in said
    assert name in said or "CHANNEL" in said or "PAYLOAD_KEY" in said


def test_a_payload_key_has_32_bytes(tmp_path):
    settings = loaded(tmp_path, RELAY_KEY="r", PAYLOAD_KEY=f"{KEY},{KEY}")
    assert settings.payload_keys == (KEY, KEY)
    assert "32 bytes" in trouble(tmp_path, RELAY_KEY="r", PAYLOAD_KEY="c2hvcnQ=")


def test_a_wrong_secret_is_not_repeated(tmp_path):
    assert "very-secret" not in trouble(tmp_path, RELAY_KEY="r", PAYLOAD_KEY="very-secret")


def test_without_any_chat_there_is_nobody_to_tell(tmp_path):
    assert "SLACK_BOT_TOKEN" in trouble(tmp_path, {"NOTIFY_ERRORS_ADMINS": "slack:U0ADMIN"})


@pytest.mark.parametrize("name", ["ADMINS", "APPROVERS"])
def test_somebody_must_look_after_it(tmp_path, name):
    assert name in trouble(tmp_path, **{name: ","})


def test_a_clock_that_can_be_turned_never_meets_a_real_vendor(tmp_path):
    said = trouble(tmp_path, CLOCK_URL="http://127.0.0.1:1/clock")
    assert "SLACK_API_URL" in said


def test_on_loopback_the_clock_may_be_turned(tmp_path):
    url = "http://127.0.0.1:1/api/"
    settings = loaded(tmp_path, CLOCK_URL="http://127.0.0.1:1/clock", SLACK_API_URL=url)
    assert settings.clock_url


def test_a_file_that_is_no_toml_is_said(tmp_path):
    assert "notify-errors.toml" in trouble(tmp_path, file="port =")


def test_days_of_the_companys_own_are_dates(tmp_path):
    settings = loaded(tmp_path, COMPANY_HOLIDAYS="2026-12-30, 2026-12-31")
    assert settings.company_holidays == {date(2026, 12, 30), date(2026, 12, 31)}


@pytest.mark.parametrize(
    ("admins", "approvers"),
    [
        ("lineworks:a@x=slack:U0A", "slack:U0A=lineworks:a@x"),
        ("lineworks:a@x=slack:U0A", "lineworks:b@x=slack:U0A,lineworks:a@x"),
    ],
)
def test_one_person_is_one_whatever_the_order(tmp_path, admins, approvers):
    settings = loaded(tmp_path, ADMINS=admins, APPROVERS=approvers)
    ids = settings.admins | settings.approvers
    assert len({settings.same_person.get(ref, ref) for ref in ids}) == 1


def test_a_relay_needs_the_key_that_seals_what_it_keeps(tmp_path):
    assert "PAYLOAD_KEY" in trouble(tmp_path, RELAY_KEY="made-up")
    assert loaded(tmp_path, PAYLOAD_KEY=KEY).payload_keys == (KEY,)


def test_an_empty_setting_of_the_file_is_none(tmp_path):
    assert loaded(tmp_path, file='clock_url = ""\n').clock_url is None


def test_rules_of_ones_own_stand_in_a_file(tmp_path):
    assert loaded(tmp_path).rules_file is None
    settings = loaded(tmp_path, file='rules_file = "rules.toml"\n')
    assert settings.rules_file == Path("rules.toml")


def test_what_texts_to_forward_name_is_optional(tmp_path):
    settings = loaded(tmp_path)
    assert (settings.service_name, settings.sender_domain, settings.sender_ips) == ("", "", ())
    assert settings.links == {}


def test_what_texts_to_forward_name_can_be_set(tmp_path):
    settings = loaded(
        tmp_path,
        SENDER_DOMAIN="Notify.Example.co.jp",
        SENDER_IPS="192.0.2.1, 198.51.100.0/28",
        LINK_USER_SETTINGS="https://portal.example.co.jp/users?tab=1",
    )
    assert settings.sender_domain == "notify.example.co.jp"
    assert settings.sender_ips == ("192.0.2.1", "198.51.100.0/28")
    assert settings.links == {"user_settings": "https://portal.example.co.jp/users?tab=1"}


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("LINK_IT_GUIDE", "http://example.co.jp/it", "https://"),
        ("LINK_RUNBOOK", "javascript:alert(1)", "https://"),
        ("LINK_EXTERNAL_SETTINGS", "https://example.co.jp/a b", "https://"),
        ("SENDER_DOMAIN", "info@example.co.jp", "notify.example.co.jp"),
        ("SENDER_DOMAIN", "example", "notify.example.co.jp"),
        ("SENDER_IPS", "192.0.2.1,192.0.2.256", "192.0.2.1"),
    ],
)
def test_a_mistake_in_them_is_named_with_its_mend(tmp_path, name, value, mend):
    said = trouble(tmp_path, **{name: value})
    assert name in said
    assert mend in said


FEED = {"HOST_FEED_TOKEN": "made-up-secret"}


@pytest.mark.parametrize("url", ["https://host.example.jp/feed?of=us", "http://127.0.0.1:8/feed"])
def test_the_hosts_feed_is_asked_safely_or_on_this_machine(tmp_path, url):
    feed = loaded(tmp_path, HOST_FEED_URL=url, **FEED).host_feed
    assert (feed.url, feed.token) == (url, "made-up-secret")


@pytest.mark.parametrize(
    "url",
    [
        "http://host.example.jp/feed",
        "ftp://127.0.0.1/feed",
        "https://name:sesame@host.example.jp/feed",
        "https://host.example.jp/feed#top",
        "https://host.example.jp/a b",
        "https:///feed",
    ],
)
def test_a_feed_that_could_lose_its_token_is_refused(tmp_path, url):
    said = trouble(tmp_path, HOST_FEED_URL=url, **FEED)
    assert said.startswith("NOTIFY_ERRORS_HOST_FEED_URL is")
    assert "sesame" not in said


def test_half_a_feed_is_none(tmp_path):
    assert "HOST_FEED_URL missing" in trouble(tmp_path, **FEED)
    assert loaded(tmp_path).host_feed is None


def test_a_feed_elsewhere_never_sees_a_clock_that_is_turned(tmp_path):
    loopback = {"CLOCK_URL": "http://127.0.0.1:1/c", "SLACK_API_URL": "http://127.0.0.1:1/api/"}
    said = trouble(tmp_path, HOST_FEED_URL="https://host.example.jp/", **FEED, **loopback)
    assert "HOST_FEED_URL is not on this machine" in said


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", Keep(failures=400 * DAY, texts=400 * DAY)),
        ("500", Keep(failures=500 * DAY, texts=500 * DAY)),
        ("forever", Keep(failures=None, texts=None)),
        ("texts=30, quarantine=7", Keep(texts=30 * DAY, quarantine=7 * DAY)),
        ("failures=40,bodies=forever", Keep(failures=40 * DAY, bodies=None)),
    ],
)
def test_how_long_things_are_kept_is_said_in_days(tmp_path, given, kept):
    assert loaded(tmp_path, RETENTION_DAYS=given).keep == kept


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        ("30", "keeps failures for '30'; use 40 to 36500 days, or forever"),
        ("mails=30", "names 'mails'; use days, or failures=DAYS"),
        ("texts=0", "keeps texts for '0'; use 1 to 36500 days"),
        ("texts=many", "keeps texts for 'many'"),
    ],
)
def test_a_wrong_time_to_keep_is_named_with_its_mend(tmp_path, given, mend):
    told = trouble(tmp_path, RETENTION_DAYS=given)
    assert told.startswith("NOTIFY_ERRORS_RETENTION_DAYS")
    assert mend in told
