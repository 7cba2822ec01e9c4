"""What a refusal says beside its cause."""

from datetime import timedelta

import pytest

from handlers.causes.facts import SPEAKERS, Facts, facts_of, provider_of, speaker_of


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("552 5.2.2 the inbox is full, see support.google.com a1b2.3 - gsmtp", "google"),
        ("550 5.7.1 our administrator does not want it. x1.2 - gcdp", "google_admin"),
        ("550 5.7.1 refused, https://community.mimecast.com/docs/DOC-1 [x.jp100]", "mimecast"),
        ("550 5.7.124 group is closed [TY2.apcprd01.prod.outlook.com]", "microsoft"),
        ("421 4.7.0 [TSS04] come back later", "yahoo"),
        ("554 not allowed, see https://www.yahoo-help.jp/", "yahoo_japan"),
        ("Email was deferred due to the following reason(s): [IPs were throttled]", "sendgrid"),
        ("550 5.7.1 stopped by HENNGE Email", "hennge"),
        ("550 no", ""),
    ],
)
def test_the_speaker_is_known_by_what_only_its_servers_write(text, speaker):
    assert speaker_of(text) == speaker


def test_our_own_address_said_again_is_no_mark_of_a_speaker():
    assert (
        speaker_of("550 <barracuda.com-fan@example.jp> unknown", "barracuda.com-fan@example.jp")
        == ""
    )


def test_our_own_address_in_its_domains_other_form_is_no_other_address():
    text = "550 5.1.1 <Barracuda.com-fan@xn--wgv71a119e.jp>: user unknown"
    for recipient in ("barracuda.com-fan@日本語.jp", "barracuda.com-fan@XN--wgv71a119e.jp"):
        assert facts_of(text, recipient).other_address == ""
    assert speaker_of(text, "barracuda.com-fan@xn--wgv71a119e.jp") == ""


@pytest.mark.parametrize(
    ("recipient", "provider"),
    [
        ("taro@docomo.ne.jp", "docomo"),
        ("taro@EZWEB.ne.jp", "au"),
        ("taro@i.softbank.jp", "softbank"),
        ("taro@gmail.com", "google"),
        ("taro@example.co.jp", ""),
        ("", ""),
    ],
)
def test_a_domain_tells_whose_mailbox_it_is(recipient, provider):
    assert provider_of(recipient) == provider
    assert speaker_of("550 no", recipient) == provider
    assert not provider or provider in SPEAKERS


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("554 192.0.2.1 is listed at zen.spamhaus.org", Facts(block_list="zen.spamhaus.org")),
        ("451 greylisted, try again in 300 seconds", Facts(retry_after=timedelta(minutes=5))),
        ("450 wait 2 hours", Facts(retry_after=timedelta(hours=2))),
        ("552 mail exceeds the limit of 10485760 bytes", Facts(limit="10485760 bytes")),
        ("550 refused (S3140)", Facts(support_code="S3140")),
        ("550 <jiro@example.net> unknown", Facts(other_address="jiro@example.net")),
        ("550 <Taro@Example.jp> unknown", Facts()),
        ("", Facts()),
    ],
)
def test_the_facts_in_a_text(text, fact):
    assert facts_of(text, "taro@example.jp") == fact


def test_a_text_of_any_length_is_read_at_once():
    assert facts_of("a@" * 500_000 + "is listed at " * 100_000, "taro@example.jp") == Facts()
