"""Mistyped addresses: suggested, never changed; the unusual but valid is left alone."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from handlers import asking, lookups
from handlers.conversation import Press
from handlers.hygiene import look, suspects
from handlers.show.reader import Reader
from handlers.typos import WELL_KNOWN, near
from handlers.wording.catalogue import entries
from storage.failures import Cause, DroppedBy, Kind, Medium, Reading
from tests.fakes import TOKYO
from tests.handlers.conftest import ADMIN, text_of

IN_USE = {"sakura.example.jp", "example.co.jp"}


def wide(text):
    """As it comes from a Japanese keyboard: every character at full width."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


def words(address, in_use=(), **more):
    return [one.word for one in look(address, in_use, **more)]


def suggested(address, in_use=(), **more):
    return next((one.suggestion for one in look(address, in_use, **more)), None)


@pytest.mark.parametrize(
    ("address", "word", "meant"),
    [
        (wide("taro@example.co.jp"), "full_width", "taro@example.co.jp"),
        ("taro\uff20example.jp", "full_width", "taro@example.jp"),
        ("ta ro@example.jp", "blank", "taro@example.jp"),
        ("taro@example.jp\u200b", "blank", "taro@example.jp"),
        ("taro@exam\u00adple.jp", "blank", "taro@example.jp"),
        ("taro@@example.jp", "doubled_at", "taro@example.jp"),
        ("taro@example.jp@example.jp", "doubled_at", "taro@example.jp"),
        ("taro@a.example@b.example", "many_ats", ""),
        ("taro.example.jp", "no_at", ""),
        ("@example.jp", "incomplete", ""),
        ("taro@", "incomplete", ""),
        ("taro(work)@example.jp", "specials", ""),
        ("taro@example.jp:25", "specials", ""),
        ("a@example.jp, b@example.jp", "several", ""),
        ("a@example.jp;b@example.jp", "several", ""),
        ("<taro@example.jp>", "wrapped", "taro@example.jp"),
        ('"taro@example.jp"', "wrapped", "taro@example.jp"),
        ("'taro@example.jp'", "wrapped", "taro@example.jp"),
        ("「taro@example.jp」", "wrapped", "taro@example.jp"),
        ("taro@example.jp;", "wrapped", "taro@example.jp"),
        ("mailto:taro@example.jp", "wrapped", "taro@example.jp"),
        ("Taro Yamada <taro@example.jp>", "wrapped", "taro@example.jp"),
        ("taro@example,co.jp", "comma", "taro@example.co.jp"),
        ("taro@example。jp", "comma", "taro@example.jp"),
        ("taro@example.co.jp.", "domain_dots", "taro@example.co.jp"),
        ("taro@example..jp", "domain_dots", "taro@example.jp"),
        ("taro@gmailcom", "no_dot", "taro@gmail.com"),
        ("taro@intranet", "no_dot", ""),
        ("taro@example.cojp", "domain_typo", "taro@example.co.jp"),
        ("taro@gmial.com", "domain_typo", "taro@gmail.com"),
        ("taro@gmai.com", "domain_typo", "taro@gmail.com"),
        ("taro@gmail.con", "domain_typo", "taro@gmail.com"),
        ("taro@gmail.co.jp", "domain_typo", "taro@gmail.com"),
        ("Taro@GMAIL.CO", "domain_typo", "Taro@gmail.com"),
        ("taro@yahoo.co.jo", "domain_typo", "taro@yahoo.co.jp"),
        ("taro@yaho.co.jp", "domain_typo", "taro@yahoo.co.jp"),
        ("taro@docomo.ne.jo", "domain_typo", "taro@docomo.ne.jp"),
        ("taro@docomo.co.jp", "domain_typo", "taro@docomo.ne.jp"),
        ("taro@ezweb.co.jp", "domain_typo", "taro@ezweb.ne.jp"),
        ("taro@softbank.co.jp", "domain_typo", "taro@softbank.ne.jp"),
        ("taro@hotmail.co", "domain_typo", "taro@hotmail.com"),
        ("taro@icloud.co", "domain_typo", "taro@icloud.com"),
        ("taro.@example.jp", "local_dots", "taro@example.jp"),
        ("taro..yamada@example.jp", "local_dots", "taro.yamada@example.jp"),
        ("taro..y@docomo.ne.jp", "carrier_dots", ""),
        (".taro@ezweb.ne.jp", "carrier_dots", ""),
        ("taro.@softbank.ne.jp", "carrier_dots", ""),
    ],
)
def test_what_looks_wrong_is_named_and_the_likely_address_suggested(address, word, meant):
    assert words(address) == [word]
    assert suggested(address) == meant


@pytest.mark.parametrize(
    "address",
    [
        "taro+notices@example.jp",
        "o'hara@example.jp",
        "'taro@example.jp",
        '"taro yamada"@example.jp',
        '"taro..yamada"@example.jp',
        "taro@mail.division.example.co.jp",
        "taro@example.photography",
        "taro@xn--r8jz45g.jp",
        "太郎@例え.jp",
        "taro@mail.com",
        "taro@ymail.com",
        "taro@email.com",
        "taro@me.com",
        "taro@yahoo.co.uk",
        "taro@yahoo.ne.jp",
        "taro@outlook.de",
        "taro@example.co",
        "taro@softbank.jp",
        "t@a1.example",
    ],
)
def test_an_unusual_but_valid_address_is_left_alone(address):
    assert look(address) == ()


def test_several_flaws_are_mended_one_after_the_other():
    address = f"<taro@@{wide('g')}mial,com>"
    assert words(address) == ["full_width", "wrapped", "doubled_at", "comma", "domain_typo"]
    assert suggested(address) == "taro@gmail.com"


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("sakrua.example.jp", "sakura.example.jp"),
        ("sakura.exmaple.jp", "sakura.example.jp"),
        ("example.co", "example.co.jp"),
        ("examplecojp", "example.co.jp"),
        ("sakura1.example.jp", None),  # digits make names of their own
        ("zakura.example.jp", None),  # a first letter is seldom mistyped
        ("sakrau.exmaple.jp", None),  # two slips
        ("sakura.example.jp", None),
    ],
)
def test_a_domain_beside_one_in_use_is_likely_meant_for_it(domain, meant):
    assert suggested(f"taro@{domain}", IN_USE) == (f"taro@{meant}" if meant else None)


def test_where_two_are_beside_it_none_is_suggested():
    assert look("t@sakra.example.jp", {"sakura.example.jp", "sakira.example.jp"}) == ()


def test_a_domain_that_does_not_exist_may_be_an_unfinished_one():
    assert look("taro@never-seen.co") == ()
    assert words("taro@never-seen.co", dead=True) == ["unfinished"]
    assert suggested("taro@never-seen.co", dead=True) == "taro@never-seen.co.jp"


@pytest.mark.parametrize("domain", ["gmail.co.jp", "gmial.com", "softbank.co.jp", "example.cojp"])
def test_a_domain_that_was_delivered_to_is_never_a_typo(domain):
    assert look(f"taro@{domain}", {domain}) == ()


LOCALS = st.from_regex(r"[a-z0-9!#$%&*+/=?^_{|}~-]+(\.[a-z0-9+_-]+){0,2}", fullmatch=True)
LABELS = st.from_regex(r"[a-z][a-z0-9-]{0,18}[a-z0-9]", fullmatch=True)
DOMAINS = st.builds(
    lambda labels, end: ".".join([*labels, end]),
    st.lists(LABELS, min_size=1, max_size=3),
    st.sampled_from(["jp", "co.jp", "com", "photography", "co", "co.uk", "xn--q9jyb4c", "io"]),
)


@given(LOCALS, DOMAINS)
def test_what_the_standard_allows_is_left_alone(local, domain):
    assume(near(domain).isdisjoint(WELL_KNOWN))
    assert look(f"{local}@{domain}") == ()


@given(LOCALS, st.sampled_from(sorted({*WELL_KNOWN, *IN_USE})), st.data())
def test_any_domain_in_use_is_left_alone_even_beside_a_known_one(local, known, data):
    mistyped = data.draw(st.sampled_from(sorted(near(known))))
    address = f"{local}@{mistyped}"
    assume(re.fullmatch(r"[^@]+@[a-z0-9]([a-z0-9-]*\.)+[a-z]+", address) and ".." not in mistyped)
    assert look(address, {mistyped, known}) == ()


PARTS = ("taro", "@", ".", " ", ",", "<", ">", '"', "'", "\uff20", "\u200b", "\u3002", "-", "..")
ENDS = ("gmial.com", "gmail.co.jp", "sakrua.example.jp", "example.co", "docomo.ne.jo", "x.cojp")


@given(st.lists(st.sampled_from([*PARTS, *ENDS]), max_size=8).map("".join))
def test_what_is_suggested_needs_no_second_suggestion(address):
    meant = suggested(address, IN_USE)
    assert not meant or [one.suggestion for one in look(meant, IN_USE) if one.suggestion] == []


@given(st.text(max_size=60))
def test_any_text_is_looked_at_without_trouble(text):
    assert all(f"hygiene.flaw.{one.word}" in entries() for one in look(text, IN_USE))


@given(st.sampled_from(WELL_KNOWN), st.data())
def test_to_be_near_is_mutual(known, data):
    one = data.draw(st.sampled_from(sorted(near(known))))
    assume(not re.search(r"\d", one) and len(max(one.split("."), key=len)) > 3)
    assert known in near(one)


def test_what_was_delivered_to_is_asked_of_the_store(house, told):
    assert suspects(house, "taro@sakrua.example.jp") == ()
    told.success(recipient="hanako@sakura.example.jp")
    [finding] = suspects(house, "taro@sakrua.example.jp")
    assert finding.suggestion == "taro@sakura.example.jp"
    told.success(recipient="jiro@softbank.co.jp")
    assert [one.word for one in suspects(house, wide("taro@softbank.co.jp"))] == ["full_width"]


def page(house, recipient, **more):
    values = {"locale": "en", "clear": True, "may_ask": True} | more
    reader = Reader(zone=TOKYO, now=house.now(), **values)
    return text_of(lookups.who(house, recipient, reader, "slack-reply:x"))


def test_the_page_asks_whether_another_address_is_meant(house, told):
    told.failure(recipient="taro@gmial.com", reading=Reading(cause=Cause.USER_UNKNOWN))
    text = page(house, "taro@gmial.com")
    assert "The part after the @ seems to be misspelt." in text
    assert "Is taro@gmail.com meant?" in text
    assert text.index("misspelt") < text.index("What to do")
    assert "Is t***@gmail.com meant?" in page(house, "taro@gmial.com", clear=False)


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        ({"reading": Reading(cause=Cause.DOMAIN_NOT_FOUND)}, True),
        ({"kind": Kind.INVALID_ADDRESS}, True),
        ({"kind": Kind.DROPPED, "dropped_by": DroppedBy.INVALID_LIST}, True),
        ({"reading": Reading(cause=Cause.MAILBOX_FULL)}, False),
        ({"kind": Kind.SPAM_REPORT}, False),
    ],
)
def test_only_a_failure_that_speaks_of_the_address_asks(house, told, more, asked):
    told.failure(recipient="taro@gmial.com", **more)
    assert ("misspelt" in page(house, "taro@gmial.com")) is asked


def test_who_is_not_found_may_have_been_mistyped(house, told):
    assert "If taro@gmail.com is meant, please look that one up" in page(house, "taro@gmial.com")
    assert "that was typed" in page(house, "taro@gmial.com")
    assert "that was typed" not in page(house, "taro@example.jp")
    assert "that was typed" not in page(house, "Yamada Taro")


def test_the_form_for_a_removal_asks_too(house, told):
    for recipient, asked in (("taro@gmial.com", True), ("taro@example.jp", False)):
        told.failure(recipient=recipient, reading=Reading(cause=Cause.USER_UNKNOWN))
        case = house.store.case("t", Medium.EMAIL, recipient)
        [case_id] = house.store.case_ids("t", [case])
        pressed = Press(
            person=ADMIN,
            verb="ask_remove",
            subject=case_id,
            place="slack:D1",
            message="",
            reply_to="",
            shared=False,
        )
        reader = Reader(locale="en", zone=TOKYO, now=house.now(), clear=True, may_ask=True)
        form = asking.removal_form(house, pressed, reader)
        assert ("a removal will not make mail arrive" in form.intro) is asked
