"""Whoever tells it, however often and in whatever spelling: one failure is counted once."""

import json
import random
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.host import push
from bot.lineworks import relayed
from bot.lineworks.errors import read_refusal
from bot.lineworks.kept import cipher
from bot.sendgrid import lists
from bot.sendgrid.kinds import judged
from handlers.causes import built_in
from handlers.house import House, Policy
from handlers.intake import record
from storage.cases import CaseState
from storage.failures import Batch, Kind, Medium, Source, accepted_id
from storage.lists import ListEntry, ListName
from storage.opening import open_store
from tests.bot.webhook import Webhook
from tests.fakes import TOKYO, FakeClock

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
AT = NOW - timedelta(hours=3)
READ, CODED = "Hanako@日本語.jp", "hanako@xn--wgv71a119e.jp"
SPELT = [READ, CODED, "HANAKO@日本語.jp.", '"hanako"@日本語.jp', " hanako@XN--WGV71A119E.JP"]
SEALING = cipher(["0123456789012345678901234567890123456789012="])
RULES = push.Rules(
    causes=built_in(),
    classify=dict.fromkeys(Medium, judged),
    seal=None,
    resendable=lambda body: True,
    deadline=lambda at: at,
)


class Restarted:
    """A house that may be closed and opened again on the same file."""

    def __init__(self, url):
        self.url, self.house = url, None
        self.again()

    def again(self):
        self.close()
        self.house = House(
            tenant="t",
            store=open_store(self.url),
            clock=FakeClock(NOW),
            zone=TOKYO,
            locale="en",
            policy=Policy(admin_channel="slack:CADMINS"),
            chats={},
        )
        return self.house

    def close(self):
        if self.house:
            self.house.store.close()

    def case(self, medium, recipient):
        return self.house.store.case("t", medium, recipient)


@pytest.fixture
def bot(tmp_path):
    opened = Restarted(f"sqlite:///{tmp_path / 'once.db'}")
    yield opened
    opened.close()


def event(message=1, at=AT, email=READ, **more):
    return {
        "email": email,
        "event": "bounce",
        "type": "bounce",
        "timestamp": int(at.timestamp()),
        "status": "5.1.1",
        "reason": "550 5.1.1 no such person",
        "sg_message_id": f"Ab12Cd34Ef56Gh78Ij90K{message}.recvd-6f7c-1-6AB0-1.0",
        **more,
    }


def listed(email=CODED, at=AT):
    entry = ListEntry(name=ListName.BOUNCES, address=email, created=at, reason="550 5.1.1 no such")
    return Batch(failures=(lists.failure(entry, NOW - timedelta(days=9), NOW),))


@pytest.mark.parametrize("seed", range(3))
def test_46_copies_under_changed_ids_over_posts_and_restarts_are_one_failure(bot, seed):
    dice, ids = random.Random(seed), count()
    copies = [event(number, email=email) for number in (1, 2) for email in SPELT * 5][:46]
    copies = [one | {"sg_event_id": f"id-{next(ids)}"} for one in copies]
    dice.shuffle(copies)
    webhook, sent = Webhook(bot.house), 0
    while copies:
        size = dice.randint(1, 9)
        post, copies = copies[:size], copies[size:]
        assert webhook.post(post).status == 204
        sent += 1
        if sent % 3 == 0:
            webhook.opened(bot.again())
    told = bot.house.store.failures("t", Medium.EMAIL, CODED)
    assert len(told) == 2
    assert len({one.reference for one in told}) == 2


def test_two_mails_of_one_day_stay_two_failures(bot):
    webhook = Webhook(bot.house)
    for number in (1, 2):
        webhook.post([event(number, at=AT + timedelta(hours=number))] * 2)
    assert bot.case(Medium.EMAIL, READ).times_seen == 2


def test_two_mails_refused_in_one_second_stay_two_failures(bot):
    Webhook(bot.house).post([event(1), event(2)])
    assert bot.case(Medium.EMAIL, READ).times_seen == 2


@pytest.mark.parametrize("list_first", [True, False])
@pytest.mark.parametrize(
    ("apart", "seen"),
    [
        (timedelta(0), 1),
        (timedelta(seconds=1), 1),
        (timedelta(minutes=-3), 1),
        (timedelta(minutes=10), 1),
        # Beyond ten minutes nothing tells a clock that is wrong from a second bounce.
        (timedelta(minutes=10, seconds=1), 2),
        (timedelta(hours=1), 2),
    ],
)
def test_the_list_and_the_webhook_meet_while_their_clocks_are_ten_minutes_apart(
    bot, apart, seen, list_first
):
    tellers = [
        lambda: Webhook(bot.house).post([event()]),
        lambda: record(bot.house, listed(at=AT + apart)),
    ]
    for tell in tellers[::-1] if list_first else tellers:
        tell()
    case = bot.case(Medium.EMAIL, READ)
    assert (case.times_seen, case.kind) == (seen, Kind.HARD_BOUNCE)


def pushed(at=AT, **more):
    told = {
        "id": "n-1",
        "medium": "line_works",
        "recipient": "hanako@works",
        "occurred_at": at.isoformat(),
        "kind": "too_frequent",
        **more,
    }
    body = json.dumps(told).encode()
    return push.parse(body, NOW, RULES).batch


def passed(*headers, at=AT, recipient="hanako%40works", body=b'{"content":{"type":"text"}}'):
    """A message that the relay saw refused."""
    path = f"/v1.0/bots/7/users/{recipient}/messages"
    call = relayed.read("POST", path, headers, body)
    refusal = read_refusal(
        429, {}, b'{"code":"TOO_MANY_REQUESTS","description":"API rate limit exceeded"}'
    )
    answer = relayed.Answer(at=at, status=429, headers={}, refusal=refusal)
    return relayed.batch(call, answer, SEALING, lambda at: at + timedelta(days=3))


def accepted(*headers, recipient):
    path = f"/v1.0/bots/7/users/{recipient}/messages"
    call = relayed.read("POST", path, headers, b"{}")
    answer = relayed.Answer(at=AT + timedelta(minutes=5), status=201, headers={})
    return relayed.batch(call, answer, SEALING, lambda at: at)


ID = ("X-Notify-Id", "n-1")


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(minutes=9), timedelta(hours=1)])
def test_relay_and_host_meet_by_the_id_however_far_their_clocks_are_apart(bot, apart):
    for _ in range(2):
        record(bot.house, passed(ID))
        record(bot.house, pushed(at=AT + apart))
    case = bot.case(Medium.LINE_WORKS, "Hanako@works")
    assert (case.times_seen, case.counted_alike) == (1, 0)


@pytest.mark.parametrize(("minutes", "seen"), [(0, 1), (10, 1), (11, 2)])
def test_without_an_id_relay_and_host_meet_within_ten_minutes(bot, minutes, seen):
    record(bot.house, passed())
    record(bot.house, pushed(at=AT + timedelta(minutes=minutes)))
    assert bot.case(Medium.LINE_WORKS, "hanako@works").times_seen == seen


def test_equal_messages_with_ids_of_their_own_stay_two(bot):
    for name in ("n-1", "n-2", "N-1"):
        record(bot.house, passed(("X-Notify-Id", name)))
        record(bot.house, pushed(id=name))
    assert bot.case(Medium.LINE_WORKS, "hanako@works").times_seen == 3


def test_equal_messages_without_an_id_are_one_failure_of_their_day_and_say_so(bot):
    for hour in range(3):
        record(bot.house, passed(at=AT + timedelta(hours=hour), recipient="HANAKO%40works"))
    record(bot.house, passed(at=AT + timedelta(hours=3)))
    [told] = bot.house.store.failures("t", Medium.LINE_WORKS, "hanako@works")
    assert told.times_seen == 4
    assert bot.case(Medium.LINE_WORKS, "hanako@works").counted_alike == 4


def test_an_equal_message_of_the_next_tokyo_day_is_another_failure(bot):
    midnight = datetime(2026, 11, 20, tzinfo=TOKYO)
    for at in (midnight - timedelta(seconds=1), midnight):
        record(bot.house, passed(at=at))
    assert len(bot.house.store.failures("t", Medium.LINE_WORKS, "hanako@works")) == 2


def test_one_id_for_two_members_keeps_the_message_of_each(bot):
    for who in ("hanako", "taro"):
        record(bot.house, passed(ID, recipient=f"{who}%40works"))
    kept = [
        bot.house.store.kept("t", bot.case(Medium.LINE_WORKS, f"{who}@works").kept_message)
        for who in ("hanako", "taro")
    ]
    assert [one.recipient for one in kept] == ["hanako@works", "taro@works"]


def test_one_id_accepted_for_two_members_reaches_both(bot):
    for who in ("hanako", "taro"):
        record(bot.house, passed(("X-Notify-Id", f"before-{who}"), recipient=f"{who}%40works"))
    for _ in range(2):
        for who in ("hanako", "Taro"):
            record(bot.house, accepted(ID, recipient=f"{who}%40works"))
    assert bot.house.store.totals("t", AT, NOW)[Medium.LINE_WORKS].delivered == 2
    cases = [bot.case(Medium.LINE_WORKS, f"{who}@works") for who in ("hanako", "taro")]
    assert [case.state for case in cases] == [CaseState.DELIVERED] * 2


def test_what_one_member_got_is_sent_again_to_the_other(bot):
    record(bot.house, passed(ID, recipient="taro%40works"))
    record(bot.house, accepted(ID, recipient="hanako%40works"))
    for who, sent in (("hanako@works", True), ("taro@works", False)):
        own = accepted_id("n-1", Medium.LINE_WORKS, who)
        assert bot.house.store.succeeded("t", Source.LINEWORKS_RELAY, own) is sent


@pytest.mark.parametrize("relay_first", [True, False])
def test_what_relay_and_host_tell_by_one_id_counts_once_in_a_period(bot, relay_first):
    tellings = [passed(ID), pushed(), pushed(kind="no_such_id"), passed(recipient="taro%40works")]
    for told in tellings if relay_first else reversed(tellings):
        record(bot.house, told)
    assert bot.house.store.totals("t", AT, NOW)[Medium.LINE_WORKS].failed == 2
    arrivals = [accepted(ID, recipient="hanako%40works"), pushed(event="delivered")]
    for told in arrivals if relay_first else reversed(arrivals):
        record(bot.house, told)
    assert bot.house.store.totals("t", AT, NOW)[Medium.LINE_WORKS].delivered == 1


def test_two_ids_of_which_relay_and_host_tell_one_each_stay_two(bot):
    record(bot.house, passed(ID))
    record(bot.house, pushed(id="n-2", at=AT + timedelta(minutes=5)))
    assert bot.case(Medium.LINE_WORKS, "hanako@works").times_seen == 2


def test_one_id_told_of_two_recipients_is_two_failures(bot):
    for recipient in ("hanako@works", "taro@works"):
        record(bot.house, pushed(recipient=recipient))
    assert bot.case(Medium.LINE_WORKS, "taro@works").times_seen == 1
    assert bot.case(Medium.LINE_WORKS, "hanako@works").times_seen == 1


def test_a_host_that_repeats_itself_in_another_spelling_is_answered_repeated(bot):
    told = pushed(medium="email", recipient=READ, kind="hard_bounce")
    again = pushed(medium="email", recipient=CODED, kind="hard_bounce")
    assert record(bot.house, told).new == 1
    assert record(bot.house, again).repeated == 1


@pytest.mark.parametrize("other", ["hanako+shop@example.jp", '"hana ko"@example.jp'])
def test_another_mailbox_is_another_recipient(bot, other):
    Webhook(bot.house).post([event(email="hanako@example.jp"), event(email=other)])
    cases = [bot.case(Medium.EMAIL, one) for one in ("hanako@example.jp", other)]
    assert [one.recipient for one in cases] == ["hanako@example.jp", other]
    assert [one.times_seen for one in cases] == [1, 1]
