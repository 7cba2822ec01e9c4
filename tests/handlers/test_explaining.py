"""What a pasted thing says, and how it is shown to whom."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.vocabulary import vocabulary
from handlers import desk
from handlers.causes import built_in, read
from handlers.causes.facts import SPEAKERS
from handlers.conversation import Command
from handlers.corrections import make
from handlers.explaining import explained
from handlers.ports import Pasted, Vocabulary
from handlers.wording import say
from handlers.wordings import wording_of
from storage.failures import Cause, DroppedBy, Kind, Medium, Mender, Permanence
from tests.handlers.conftest import ADMIN, APPROVER, NOBODY, buttons_of, text_of
from tests.rule_sets import rule_set_of

RULES = rule_set_of(
    {"name": "full-box", "cause": "mailbox_full", "confidence": 0.9, "words": ["over quota"]},
    {"name": "busy", "cause": "throttled", "confidence": 0.6, "words": ["too busy"]},
)
FULL = "552 5.2.2 <taro@example.jp>: mailbox is over quota"


def says(text, rules=RULES, known=None):
    return explained(text, vocabulary(), rules, known or {})


@pytest.fixture
def here(house):
    return replace(house, rules=RULES, vocabulary=vocabulary())


@pytest.fixture
def asks(here):
    def asked(text, person=ADMIN, **more):
        where = {"place": person, "reply_to": person, "shared": False}
        return desk.command(here, Command(person=person, text=text, **where | more))

    return asked


def test_a_servers_line_is_read_by_the_rules():
    [one] = says(FULL)
    assert (one.reading.cause, one.rule.name) == (Cause.MAILBOX_FULL, "full-box")
    assert (one.mender, one.waiting_helps) == (Mender.RECIPIENT, False)
    assert one.pasted.kind is None
    assert one.wording == wording_of(FULL)


def test_it_is_read_as_a_stored_failure_would_be():
    [one] = says(FULL, built_in())
    assert one.reading == read(FULL)


@pytest.mark.parametrize(
    ("text", "causes"),
    [
        ("550-5.2.2 the box\n550-5.2.2 is over\n550 5.2.2 over quota", [Cause.MAILBOX_FULL]),
        ("552 over quota\n450 too busy now", [Cause.MAILBOX_FULL, Cause.THROTTLED]),
        ("552 over\nquota and more", [Cause.MAILBOX_FULL]),
        ("the server said:\n552 over quota", [Cause.MAILBOX_FULL]),
    ],
)
def test_lines_that_belong_together_are_one_reply(text, causes):
    assert [one.reading.cause for one in says(text)] == causes


def test_an_event_is_read_by_its_words_and_named_by_its_fields():
    event = {"event": "deferred", "email": "a@example.jp", "response": "450 over quota"}
    [one] = says(f"look: {json.dumps([event])}")
    assert (one.pasted.kind, one.reading.cause) == (Kind.DEFERRED, Cause.MAILBOX_FULL)
    assert (one.mender, one.waiting_helps) == (Mender.RECIPIENT, True)


def test_what_no_server_said_has_no_cause():
    event = {"event": "dropped", "email": "a@example.jp", "reason": "Bounced Address over quota"}
    [dropped] = says(json.dumps(event))
    assert (dropped.pasted.dropped_by, dropped.has_cause) == (DroppedBy.OTHER, False)
    [refused] = says('403 {"code": "FORBIDDEN", "description": "over quota"}')
    assert (refused.pasted.kind, refused.mender) == (Kind.BOT_NOT_ALLOWED, Mender.LINEWORKS_ADMIN)
    assert [one.wording for one in (dropped, refused)] == [None, None]


def test_a_report_tells_each_of_its_recipients():
    report = "".join(
        f"Final-Recipient: rfc822; {n}@example.jp\nAction: failed\nStatus: 5.2.2\n"
        f"Diagnostic-Code: smtp; 552 over quota\n\n"
        for n in range(3)
    )
    assert [one.pasted.recipient for one in says(report)] == [f"{n}@example.jp" for n in range(3)]


@pytest.mark.parametrize("locale", ["ja", "en"])
@pytest.mark.parametrize("cause", [one for one in Cause if one is not Cause.OTHER])
def test_our_own_word_for_a_cause_is_known(locale, cause):
    for text in (say(f"cause.{cause}", locale), f"・{say('fact.cause', locale)}: {cause}"):
        [one] = says(text)
        assert one.reading.cause is cause


@pytest.mark.parametrize("text", ["552 x: Mailbox full", "remark: unknown", "452: over quota"])
def test_a_servers_words_that_read_like_ours_stay_a_servers(text):
    [one] = says(text)
    assert (one.pasted.text, one.pasted.cause, one.pasted.kind) == (text, None, None)


def test_kind_and_cause_copied_from_our_page_are_one():
    text = "エラー種別: 今回の拒否(ソフトバウンス)\n原因: 空き容量不足\n次の担当: 受信者"
    [one] = says(text)
    assert (one.pasted.kind, one.reading.cause) == (Kind.SOFT_BOUNCE, Cause.MAILBOX_FULL)
    [line_works] = says("1日の送信上限(推定)")
    assert line_works.pasted.medium is Medium.LINE_WORKS


def test_a_correction_is_heard_and_named(here):
    made = make(
        here,
        wording_of(FULL),
        cause=Cause.POLICY_BLOCKED,
        permanence=Permanence.SOFT,
        why="asked them",
        author=ADMIN,
    )
    [one] = says(FULL, known={made.wording: made})
    assert (one.correction, one.rule) == (made, None)
    assert (one.reading.cause, one.mender) == (Cause.POLICY_BLOCKED, Mender.RECIPIENT_IT)


@given(st.text())
def test_whatever_is_pasted_there_is_an_answer(text):
    for one in says(text):
        assert 0 <= one.reading.confidence <= 1


def test_no_more_than_a_message_holds_is_read():
    assert len(says("552 over quota\n" * 500)) == 20


def test_the_answer_says_all_that_follows(asks):
    text = text_of(asks(f"explain {FULL}"))
    for said in (
        "Cause: Mailbox full",
        "State of the address: Address may be good",
        "Whose turn: Recipient",
        "Waiting: Waiting alone does not help",
        "How sure: Sure (90%)",
        "Rule: full-box",
        "a rule of this bot's own",
        "What to do",
        "taro@example.jp",
    ):
        assert said in text
    assert "Error type" not in text


def test_the_japanese_word_asks_too_and_lines_survive(asks):
    text = text_of(asks("説明\n550-5.2.2 first line\n550 over quota"))
    assert "550-5.2.2 first line\n550 over quota" in text


def test_a_long_text_is_not_cut_at_the_length_of_an_address(asks):
    assert "Mailbox full" in text_of(asks(f"explain 552 {'so ' * 200}over quota"))


def test_pasted_json_survives_with_its_blanks(asks):
    event = json.dumps({"event": "bounce", "type": "blocked", "email": "a@example.jp"}, indent=2)
    assert "Refused this time" in text_of(asks(f"explain {event}"))


def test_where_no_rule_holds_it_is_said_plainly(asks):
    text = text_of(asks("explain 550 xyzzy plugh"))
    assert "No rule holds for this" in text
    assert "Cannot be told (0%)" in text


def test_a_guess_of_the_table_is_called_one(asks):
    text = text_of(asks('explain 403 {"code":"FORBIDDEN","description":"no access"}'))
    for said in ("Bot not permitted", "A guess: documented nowhere", "errors.toml", "FORBIDDEN"):
        assert said in text


def test_a_wait_is_told_in_the_largest_whole_unit(asks):
    answer = '{"code":"TOO_MANY_REQUESTS","description":"API rate limit exceeded"}'
    for seconds, said in (("120", "2 minutes"), ("1", "1 second"), ("soon", "soon")):
        text = text_of(asks(f"explain 429\nrateLimit-reset: {seconds}\n{answer}"))
        assert f"Ask again after: {said}" in text


@pytest.mark.parametrize("speaker", ["docomo.ne.jp", "ezweb.ne.jp", "au.com"])
def test_what_a_carrier_calls_unknown_may_be_filtered(house, speaker):
    here = replace(house, vocabulary=vocabulary())
    text = f"explain 550 5.1.1 <x@{speaker}>: User unknown"
    where = {"place": ADMIN, "reply_to": ADMIN, "shared": False}
    answer = desk.command(here, Command(person=ADMIN, text=text, **where))
    assert "Cause: No such address, or filtered" in text_of(answer)


def test_whoever_answered_is_called_by_name(asks):
    text = text_of(asks("explain 554 host not allowed, see community.mimecast.com/docs/DOC-1"))
    assert "Mimecast" in text


@pytest.mark.parametrize("locale", ["ja", "en"])
def test_everybody_who_answers_has_a_name(locale):
    assert all(say(f"reach.name.{speaker}", locale) for speaker in SPEAKERS)


def test_words_alone_know_nothing_of_the_lists(asks):
    assert "whether a suppression list now holds" in text_of(asks(f"explain {FULL}"))
    event = json.dumps({"event": "bounce", "type": "bounce", "email": "a@b.jp", "reason": FULL})
    assert "whether a suppression list now holds" not in text_of(asks(f"explain {event}"))


def test_a_delivery_is_no_failure(asks):
    text = text_of(asks('explain {"event":"delivered","email":"a@example.jp"}'))
    assert "does not tell of a failure" in text
    assert "What to do" not in text


def test_more_than_can_be_shown_is_counted(asks):
    text = text_of(asks("explain " + "552 over quota\n" * 8))
    assert text.count("Cause: Mailbox full") == 5
    assert "3 more are not shown" in text


def test_where_others_read_addresses_are_masked_and_nothing_can_be_pressed(asks):
    report = f"Final-Recipient: rfc822; taro@example.jp\nAction: failed\nDiagnostic-Code: {FULL}"
    answer = asks(f"explain {report}", place="lineworks:ROOM", shared=True)
    assert "taro@example.jp" not in text_of(answer)
    assert "t***@example.jp" in text_of(answer)
    assert buttons_of(answer) == []


def test_whoever_has_no_role_learns_nothing(asks):
    assert "Only registered admins" in text_of(asks(f"explain {FULL}", person=NOBODY))


def test_an_approver_may_ask_as_well(asks):
    assert "Mailbox full" in text_of(asks(f"explain {FULL}", person=APPROVER))


def test_it_says_what_is_kept_of_it(asks):
    assert "kept for a day" in text_of(asks(f"explain {FULL}"))
    for other in ("550", '403 {"code":"FORBIDDEN"}'):
        assert "has not been recorded." in text_of(asks(f"explain {other}"))
        assert "kept for a day" not in text_of(asks(f"explain {other}"))


def test_nothing_to_explain_is_said_with_an_example(asks):
    assert "for example: /notify-errors explain" in text_of(asks("explain"))


def test_nothing_pasted_is_stored_but_the_words_without_names(asks, here):
    asks("explain 552 <taro.secret@example.jp> over quota of host mx7.secret.example, id Q77SECRET")
    with here.store._reading() as connection:
        stored = [row for row in everything(connection) if "quota" in row or "ecret" in row]
    assert "ecret" not in "".join(stored)
    [kept] = stored
    assert kept.startswith("wordings: ")


def everything(connection):
    """Every row of every table; an index without content of its own cannot be read whole."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '% VIRTUAL %'"
    for (name,) in connection.execute(tables).fetchall():
        for row in connection.execute(f"SELECT * FROM {name}"):  # noqa: S608 - its own tables
            yield f"{name}: {tuple(row)}"


def test_without_a_vocabulary_words_are_still_read(house):
    [one] = explained(FULL, Vocabulary(), RULES, {})
    assert one.pasted == Pasted(text=FULL)
