"""Where to look at each receiver: whole in both languages, and only what may be said."""

from __future__ import annotations

import re

import pytest

from handlers.situations import CARRIERS, PRIVATE_MAILBOXES, WEBMAIL
from handlers.wording import catalogue, receiver_says, where
from storage.failures import Cause

PROVIDERS = catalogue.read(catalogue.PROVIDERS)
SHARED = {"renamed", "block_list"}
FIELDS = {"name", "setting", "accepted", "renamed"}
RECEIVERS = sorted(set(PROVIDERS) - SHARED)
ENTRIES = [
    (receiver, entry) for receiver in RECEIVERS for entry in set(PROVIDERS[receiver]) - FIELDS
]
CLOSER = {
    "unknown_or_filtered",
    "filtered_by_recipient",
    "refused_by_provider",
    "relay_denied_at_provider",
    "forwarded",
}
GATEWAYS = {"mimecast", "proofpoint", "trend_micro", "m_filter", "hennge", "symantec"}


def every_line(locale):
    for receiver, entry in ENTRIES:
        yield from where(receiver, entry, locale)
    for receiver in RECEIVERS:
        for field in ("setting", "accepted"):
            yield receiver_says(receiver, field, locale)


def test_every_receiver_of_the_situations_has_its_page():
    companies = {"workspace", "microsoft_365"}
    assert set(RECEIVERS) == PRIVATE_MAILBOXES | companies | GATEWAYS
    assert not CARRIERS & WEBMAIL


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_every_receiver_has_a_name_and_something_to_say(receiver):
    assert all(receiver_says(receiver, "name", locale) for locale in ("ja", "en"))
    assert set(PROVIDERS[receiver]) - {"name"}


@pytest.mark.parametrize(("receiver", "entry"), ENTRIES)
def test_every_line_stands_in_both_languages(receiver, entry):
    assert entry in CLOSER or entry in set(Cause)
    ja, en = where(receiver, entry, "ja"), where(receiver, entry, "en")
    assert len(ja) == len(en) > 0
    assert all(re.search("[ぁ-ん]", line) for line in ja)


@pytest.mark.parametrize("receiver", sorted(CARRIERS))
def test_at_a_carrier_the_recipients_list_has_a_name_to_forward(receiver):
    assert receiver_says(receiver, "setting", "ja")
    assert where(receiver, "filtered_by_recipient", "ja")


def test_no_line_turns_a_filter_off_or_counts_gigabytes():
    for locale in ("ja", "en"):
        said = "\n".join(every_line(locale))
        assert not re.search(r"無効に|オフに|停止する|解除してもらう|\d ?GB|ギガ", said)
        assert not re.search(r"switch (it |the filter )?off|turn off|disable", said)


def test_no_line_is_a_way_of_clicks():
    assert not [line for locale in ("ja", "en") for line in every_line(locale) if ">" in line]


def test_a_name_that_may_be_old_says_so():
    assert "変更されていることがあります" in where("docomo", "unknown_or_filtered", "ja")[-1]
    assert "変更されて" not in "".join(where("softbank", "filtered_by_recipient", "ja"))


def test_a_line_of_another_entry_is_taken_whole():
    filtered = where("docomo", "filtered_by_recipient", "en")
    assert filtered == where("docomo", "unknown_or_filtered", "en")


def test_the_block_list_is_named_whoever_received():
    lines = where("", "reputation_blocked", "en", block_list="zen.example.org")
    assert "zen.example.org" in lines[0]
    assert "shared IP address" in lines[1]


def test_who_is_not_known_needs_no_lines():
    assert where("", "user_unknown", "ja") == ()
    assert where("nobody", "user_unknown", "ja") == ()
    assert receiver_says("nobody", "setting", "ja") == ""


def test_at_softbank_an_accepted_mail_proves_nothing():
    assert "表示されないことがあります" in receiver_says("softbank", "accepted", "ja")


def test_the_words_that_mislead_are_avoided_here_too():
    labels = re.compile("「[^」]*」")
    avoided = re.compile("ブラックリスト|ホワイトリスト|クォータ|スパム|保留|届きました|ことができ")
    said = labels.sub("", "\n".join(every_line("ja")))
    assert not avoided.search(said)
