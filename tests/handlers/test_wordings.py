"""What two refusals have in common: all but whom, where and when."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handlers.wordings import is_wording, wording_of

TEXT = (
    "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table "
    "(host {host}[{ip}] said: id {queue}, {at}; see https://{host}/help?who={to}&id={queue})"
)
letters = st.text(string.ascii_lowercase, min_size=2, max_size=12)
hosts = st.builds("{}.{}.example.jp".format, letters, letters)
ids = st.builds("{}{}".format, st.text(string.ascii_letters, max_size=9), st.integers(0, 10**9))
moments = st.datetimes().map(lambda at: at.strftime("%a, %d %b %Y %H:%M:%S +0900 (JST)"))
slots = st.fixed_dictionaries(
    {
        "to": st.builds("{}.{}@{}".format, letters, letters, hosts),
        "host": hosts,
        "ip": st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(str),
        "queue": ids,
        "at": moments,
    }
)
sentences = st.lists(letters, min_size=2, max_size=20).map(" ".join)


def words(text, recipient=""):
    found = wording_of(text, recipient)
    return found and found.words


def same(*texts):
    ids = {(found := wording_of(*text)) and found.id for text in texts}
    return len(ids) == 1 and ids != {None}


@given(one=slots, other=slots)
def test_other_recipients_hosts_ids_links_and_times_are_the_same_wording(one, other):
    assert same([TEXT.format(**one)], [TEXT.format(**other)])


@given(one=sentences, other=sentences)
def test_another_sentence_is_another_wording(one, other):
    assume(words(one) != words(other) and words(one) and words(other))
    assert wording_of(one).id != wording_of(other).id


@given(sentences, st.sampled_from(sorted(string.ascii_lowercase)))
def test_one_more_word_is_another_wording(sentence, letter):
    longer = f"{sentence} over{letter}quota"
    assume(wording_of(sentence))
    assert wording_of(sentence) != wording_of(longer)


def test_accents_tear_no_word_apart():
    assert (
        words("Boîte aux lettres pleine, größer als 5MB") == "boîte aux lettres pleine grösser als"
    )


def test_a_gap_is_marked_between_words_and_only_there():
    text = "550 <taro@example.jp> greylisted by mx.example.jp - until 10:22:37 today, id Q7 (see http://x/)"
    assert words(text) == "greylisted by ... until ... today id ... see"


def test_what_a_gap_was_changes_no_wording():
    with_one, without = wording_of("box of a@example.jp is full"), wording_of("box of is full")
    assert (with_one.words, without.words) == ("box of ... is full", "box of is full")
    assert with_one.id == without.id


@given(st.text() | slots.map(lambda one: TEXT.format(**one)))
def test_a_wording_is_that_of_its_own_words(text):
    found = wording_of(text)
    assert found is None or wording_of(found.words).id == found.id


@given(st.text())
def test_nothing_that_may_be_said_breaks_it_or_brings_a_digit_through(text):
    found = wording_of(text)
    assert found is None or not any(map(str.isdecimal, found.words))


def test_the_words_are_what_a_person_would_call_the_sentence():
    assert words(
        "550-5.1.1 The email account that you tried to reach does not exist. a92si1-gsmtp"
    ) == ("the email account that you tried to reach does not exist")


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("550 User Unknown", "450 4.2.2 user  unknown\r\n"),
        ("taro@example.jpは存在しません", "<hanako@example.co.jp> は存在しません"),
        ("Café fermé, réf. 4Z9", "CAFÉ FERMÉ, réf. 7b1"),
        ("容量が100%を超えています", "容量が87%を超えています"),
        ("２０２６年１１月２６日(木) 受信できません", "2025年1月6日(月) 受信できません"),
        ("denied, see http://a.example/x?y=1 please", "denied, see https://b.example/?z please"),
        ("mailbox /var/mail/taro is full", "mailbox /var/spool/hanako is full"),
        ("queued as deadbeef, rejected", "queued as cafebabeff, rejected"),
        ("session qFtGhJkLmN was refused", "session aBcDeFgHiJ was refused"),
    ],
)
def test_these_say_the_same(text, same_as):
    assert same([text], [same_as])


@pytest.mark.parametrize(
    ("text", "recipient", "other", "other_recipient"),
    [
        ("User taro unknown", "taro@example.jp", "User hanako unknown", "Hanako@example.jp"),
        ("no box for taro-y here", "taro-y@example.jp", "no box for ken here", "ken@example.jp"),
        ("User unknown", "user@example.jp", "User unknown", "taro@example.jp"),
        ("no user: taro (taro@a.example)", "", "no user: ken (ken@b.example)", ""),
    ],
)
def test_the_recipients_name_alone_is_theirs_too(text, recipient, other, other_recipient):
    assert same([text, recipient], [other, other_recipient])


@pytest.mark.parametrize(
    "text", ["", "550", "550 5.1.1", "rejected", "550 5.1.1 <taro@example.jp>", "不明"]
)
def test_too_few_words_are_no_wording(text):
    assert wording_of(text) is None


def test_a_wording_is_told_from_a_cases_id():
    assert is_wording(wording_of("no such luck").id)
    assert not is_wording("0123456789abcdef")


def test_what_stands_far_behind_changes_nothing():
    assert words("no such luck " * 40) == words("no such luck " * 4000)
