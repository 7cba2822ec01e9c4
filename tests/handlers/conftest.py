"""A house with a real SQLite store, and fakes for the rest of the world."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from handlers.conversation import Profile
from handlers.house import House, Policy
from handlers.intake import record
from handlers.ports import Covers
from storage.failures import Batch, Failure, KeptMessage, Kind, Medium, Source, Success
from storage.opening import open_store
from tests.fakes import TOKYO, FakeChat, FakeClock, FakeLists, FakeSender

# Friday, 2026-11-20, 10:00 in Tokyo; the Monday after it is a public holiday.
FRIDAY = datetime(2026, 11, 20, 1, tzinfo=UTC)
ADMIN, SECOND, APPROVER, NOBODY = "slack:UADMIN", "slack:USECOND", "slack:UAPPROVE", "slack:UNOBODY"
DIGEST, APPROVALS, ADMINS = "slack:CDIGEST", "slack:CAPPROVE", "slack:CADMINS"
POLICY = Policy(
    admins=frozenset({ADMIN, SECOND}),
    approvers=frozenset({APPROVER, "lineworks:approver@example"}),
    same_person={"lineworks:admin@example": ADMIN},
    digest_channels=(DIGEST,),
    digest_at=time(9),
    admin_channel=ADMINS,
    approval_channel=APPROVALS,
)
SOURCES = {
    Source.SENDGRID_EVENTS: Covers.UP,
    Source.SENDGRID_LISTS: Covers.READ,
    Source.SENDGRID_LOGS: Covers.READ,
    Source.LINEWORKS_RELAY: Covers.UP,
    Source.HOST_PUSH: Covers.UP,
}


@pytest.fixture
def clock():
    return FakeClock(FRIDAY)


@pytest.fixture
def chat():
    return FakeChat(
        profiles={
            "slack:UGUEST": Profile(
                ref="slack:UGUEST", name="guest", locale="en", zone=TOKYO, outsider=True
            )
        }
    )


@pytest.fixture
def lists(clock):
    return FakeLists(now=clock.now())


@pytest.fixture
def sender():
    return FakeSender()


@pytest.fixture
def house(tmp_path, clock, chat, lists, sender):
    store = open_store(f"sqlite:///{tmp_path / 'house.db'}")
    yield House(
        tenant="t",
        store=store,
        clock=clock,
        zone=TOKYO,
        locale="en",
        policy=POLICY,
        chats={"slack": chat, "lineworks": FakeChat()},
        sources=SOURCES,
        lists=lists,
        sender=sender,
    )
    store.close()


@pytest.fixture
def told(house):
    """Tell the house of events, with sensible fields for all that a test does not care about."""
    return Teller(house)


class Teller:
    def __init__(self, house):
        self.house = house
        self.count = 0

    def failure(self, kind=Kind.HARD_BOUNCE, recipient="taro@example.jp", **more):
        self.count += 1
        medium = more.pop("medium", Medium.EMAIL)
        failure = Failure(
            source=more.pop("source", Source.SENDGRID_EVENTS),
            source_id=more.pop("source_id", f"f{self.count}"),
            medium=medium,
            kind=kind,
            recipient=recipient,
            occurred_at=more.pop("at", self.house.now()),
            **more,
        )
        record(self.house, Batch(failures=(failure,)))
        return failure

    def refused_message(self, kind=Kind.DAILY_CAP, recipient="hanako@works", **more):
        """A LINE WORKS refusal whose message was kept."""
        self.count += 1
        now = self.house.now()
        kept = KeptMessage(
            id=f"k{self.count}",
            bot_id="7",
            target="users",
            recipient=recipient,
            body=b"secret",
            kept_at=now,
            deadline=more.pop("deadline", datetime(2026, 11, 26, 9, tzinfo=UTC)),
            reference=more.pop("reference", ""),
        )
        failure = Failure(
            source=Source.LINEWORKS_RELAY,
            source_id=f"r{self.count}",
            medium=Medium.LINE_WORKS,
            kind=kind,
            recipient=recipient,
            occurred_at=more.pop("at", now),
            kept_message=kept.id,
            reference=kept.reference,
        )
        record(self.house, Batch(failures=(failure,), kept=(kept,)))
        return failure

    def success(self, recipient="taro@example.jp", medium=Medium.EMAIL, at=None, **more):
        self.count += 1
        success = Success(
            source=more.pop("source", Source.SENDGRID_EVENTS),
            source_id=more.pop("source_id", f"s{self.count}"),
            medium=medium,
            recipient=recipient,
            occurred_at=at or self.house.now(),
        )
        record(self.house, Batch(successes=(success,)))
        return success


@pytest.fixture
def with_policy(house):
    def changed(**fields):
        return replace(house, policy=replace(house.policy, **fields))

    return changed


def text_of(message):
    """Everything a person would read of it."""
    found = [message.summary]
    for element in message.elements:
        found += _texts(element)
    return "\n".join(found)


def _texts(element):
    for name in ("text", "label"):
        if isinstance(getattr(element, name, None), str):
            yield getattr(element, name)
    yield from getattr(element, "items", ())
    for pair in getattr(element, "pairs", ()):
        yield ": ".join(pair)
    for button in getattr(element, "buttons", ()):
        yield f"[{button.label}]"


def buttons_of(message):
    return [button for element in message.elements for button in getattr(element, "buttons", ())]
