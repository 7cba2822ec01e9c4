"""Real processes: the stand-ins in this one, the bot in its own. Everything goes over HTTP."""

from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from sandbox.fill import deliver
from sandbox.lineworks import people
from sandbox.stage import APPROVAL_CHANNEL, DIGEST_CHANNEL, stage
from sandbox.visitors import LineWorksVisitor, SlackVisitor
from sandbox.week import TOKYO

START = datetime(2026, 11, 18, 8, 50, tzinfo=TOKYO)  # a Wednesday, before the digest


class House:
    """One installation with its people. `house.stage` has the levers."""

    def __init__(self, stage):
        self.stage = stage
        self.admin = self.slack("U0ADMIN01")
        self.second_admin = self.slack("U0ADMIN02")
        self.approver = self.slack("U0APPROV1", APPROVAL_CHANNEL)
        self.member = self.slack("U0MEMBER1")
        self.stranger = self.slack("U0STRANGE", "C0SHARED1")
        self.yamada = self.line_works(people.YAMADA)
        self.sato = self.line_works(people.SATO)
        self.tanaka = self.line_works(people.TANAKA)

    def slack(self, user, channel=DIGEST_CHANNEL):
        return SlackVisitor(stage=self.stage, user=user, name=user, channel=channel)

    def line_works(self, member):
        return LineWorksVisitor(stage=self.stage, user=member.id, name=member.name)

    @property
    def now(self):
        return self.stage.clock.now()

    def later(self, **span):
        self.stage.turn(self.now + timedelta(**span))

    def at(self, day, hour, minute=0):
        """Turn to this hour, so many days after the start."""
        moment = START + timedelta(days=day)
        self.stage.turn(moment.replace(hour=hour, minute=minute))

    def mail(self, to, **script):
        """The customer's program sends; what becomes of it is told to the bot."""
        self.stage.sendgrid.pull("outcomes", {to: {"outcome": "deliver"} | script})
        assert self.stage.host.mail(to, "点検のお願い")[0] == 202
        deliver(self.stage)

    def bounced(self, name):
        address = f"{name}@example.jp"
        self.mail(address, outcome="bounce")
        return address

    def digests(self, channel=DIGEST_CHANNEL):
        messages = self.stage.slack.state()["messages"][channel]
        return [one for one in messages if "通知エラーのまとめ" in str(one["blocks"])]

    def deletes(self, address):
        return [c for c in self.calls("sendgrid", "DELETE") if c.url.endswith(address)]

    def calls(self, vendor, method):
        newest = list(self.stage.calls.newest)
        return [c for c in newest if (c.vendor, c.direction, c.method) == (vendor, "in", method)]


@contextmanager
def _opened(before=lambda stage: None, **changes):
    with stage(START) as made:
        made.settings.update(changes)
        before(made)
        made.open_bot()
        house = House(made)
        house.later(minutes=1)  # the first second is nobody's: vendors tell whole ones
        yield house


@pytest.fixture(scope="session")
def opened():
    """`opened(before=..., SETTING=...)` is an installation of one's own; `before` it starts."""
    return _opened


@pytest.fixture(scope="module")
def house():
    """Shared by a module's walks: each uses people of its own, and the clock only goes on."""
    with _opened() as made:
        yield made


@pytest.fixture
def fresh():
    """For walks that count days and digests."""
    with _opened() as made:
        yield made
