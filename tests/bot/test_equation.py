"""Whatever is posted over HTTP: elements = new + repeated + set aside + ignored, in total too."""

import base64
import json
import time
from contextlib import nullcontext
from datetime import UTC, datetime

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bot import endpoints
from bot.sendgrid.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, load_keys
from bot.vocabulary import vocabulary
from bot.web import application
from handlers import inbox, quarantine
from handlers.house import House, Policy
from sandbox.serving import serving
from storage.failures import Medium, Source
from storage.opening import open_store
from storage.quarantine import Tally
from tests.fakes import TOKYO, FakeClock

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
AT = int(NOW.timestamp())

names = st.sampled_from(["a@example.jp", "A@example.jp", "b@example.jp", "c@example.jp"])
moments = st.integers(AT - 100, AT - 90)
words = st.sampled_from(["550 5.1.1 no such user", "452 4.2.2 mailbox full"])
good = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["bounce", "deferred", "delivered", "open", "processed"]),
        "email": names,
        "timestamp": moments,
        "reason": words,
        "sg_event_id": st.uuids().map(str),
    }
)
account = st.just({"event": "account_status_change", "type": "compliance_ban", "timestamp": AT})
odd = st.one_of(
    st.integers(0, 3),
    st.none(),
    st.just({"event": "teleported", "timestamp": AT, "email": "d@example.jp"}),
    st.builds(lambda name: {"event": "bounce", "email": name}, names),
    st.just({"event": "bounce", "email": "\ud83d", "timestamp": "soon"}),
    st.just([]),
)
elements = st.lists(st.one_of(good, good, odd, account), max_size=12)
posts = st.one_of(elements, elements, st.binary(max_size=20))


class Sender:
    """Signs as SendGrid does and posts over HTTP."""

    def __init__(self, house, key, client):
        self.house, self.key, self.client = house, key, client

    def post(self, told):
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        stamp = str(int(time.time()))
        signed = self.key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        headers = {
            SIGNATURE_HEADER: base64.b64encode(signed).decode(),
            TIMESTAMP_HEADER: stamp,
        }
        return self.client.post("/sendgrid/events", content=body, headers=headers).status_code

    @property
    def sums(self):
        found = self.house.store.tallies(self.house.tenant)
        return found[0] if found else Tally(source=Source.SENDGRID_EVENTS)


@pytest.fixture(scope="module")
def sender(tmp_path_factory):
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('equation') / 'e.db'}")
    house = House(
        tenant="t",
        store=store,
        clock=FakeClock(NOW),
        zone=TOKYO,
        locale="ja",
        policy=Policy(admin_channel="slack:CADMINS"),
        chats={},
        vocabulary=vocabulary(),
    )
    key = ec.generate_private_key(ec.SECP256R1())
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    endpoint = endpoints.sendgrid_events(house, load_keys([base64.b64encode(spki).decode()]))
    app = application({"/sendgrid/events": endpoint}, store.ready, None)
    with serving(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        yield Sender(house, key, client)
    store.close()


def array(told):
    """How many elements a post has; one that is no array counts as one."""
    if isinstance(told, list):
        return len(told)
    try:
        read = json.loads(told)
    except (ValueError, RecursionError):
        return 1
    return len(read) if isinstance(read, list) else 1


def stored(house):
    failures = (
        house.store.failures(house.tenant, Medium.EMAIL, f"{name}@example.jp", 9999)
        for name in "abc"
    )
    since = datetime(2026, 1, 1, tzinfo=UTC)
    delivered = house.store.successes_since(house.tenant, Source.SENDGRID_EVENTS, since)
    return sum(map(len, failures)) + delivered


@given(told=st.lists(posts, min_size=1, max_size=6), waits=st.lists(st.booleans(), min_size=6))
def test_what_waits_in_the_inbox_is_counted_when_it_is_read_and_once(sender, told, waits):
    house, before = sender.house, sender.sums.elements
    for one, kept in zip(told, waits, strict=False):
        with house.reading if kept else nullcontext():
            assert sender.post(one) == 204
    waiting = [one for one, kept in zip(told, waits, strict=False) if kept]
    assert house.store.inbox(house.tenant).count == len(waiting)
    assert sender.sums.elements - before == sum(map(array, told)) - sum(map(array, waiting))
    inbox.read(house)
    assert house.store.inbox(house.tenant).count == 0
    sums = sender.sums
    assert sums.elements - before == sum(map(array, told))
    assert sums.elements == sums.new + sums.repeated + sums.set_aside + sums.ignored + sums.lost
    assert sums.new == stored(house)


@given(told=st.lists(posts, min_size=1, max_size=4), twice=st.booleans(), retry=st.booleans())
def test_what_was_taken_is_new_or_known_or_set_aside_or_of_no_concern(sender, told, twice, retry):
    house = sender.house
    for one in told * 2 if twice else told:
        before = sender.sums.elements
        assert sender.post(one) == 204
        assert sender.sums.elements - before == array(one)
    if retry:
        before = sender.sums
        for one in list(quarantine.each(house)):
            assert quarantine.retry(house, one).reason
        assert sender.sums == before
    sums = sender.sums
    assert sums.elements == sums.new + sums.repeated + sums.set_aside + sums.ignored + sums.lost
    assert sums.set_aside == house.store.quarantine_filled(house.tenant).count
    assert sums.new == stored(house)
