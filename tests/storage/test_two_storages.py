"""Both engines are told the same and asked the same: same answers, same order, same errors."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import open_store
from storage.coverage import Coverage, Stretch
from storage.digests import Notice
from storage.failures import Batch, Cause, Kind, Medium, Reading, SetAside, Source
from storage.lists import ListEntry, ListName, Membership
from storage.people import Person
from storage.requests import Action, Request, RequestState
from storage.views import CaseQuery
from tests.storage.examples import NOW, bounce, delivery, refusal

TENANTS = (f"tenant{number}" for number in count())
END = NOW + timedelta(days=9)
# What compares, escapes, folds or stores differently somewhere; some of them meet.
ODD = [
    "",
    "a",
    "A",
    "É",
    "e\u0301",
    "ß",
    "İ",
    "ﬀ",
    "山",
    "　",
    "%",
    "_",
    "\\",
    '"',
    "'",
    "\0",
    "😀",
]
odd = st.lists(st.sampled_from([*ODD, "\ufffd", "\\u0000", "\n"]), max_size=4).map("".join)
moments = st.sampled_from([0, 1, 60, 4000, 90_000, 700_000]).map(
    lambda seconds: NOW + timedelta(seconds=seconds)
)
local_parts = st.sampled_from(["hanako", "Hanako", "ta%ro", "ta_ro", "山田"])
addresses = st.builds("{}{}@{}.jp".format, local_parts, odd, st.sampled_from(["a", "b", "例"]))
readings = st.sampled_from([Reading(), Reading(cause=Cause.USER_UNKNOWN, confidence=0.1)])
texts = {"source_id": odd, "provider_text": odd, "reference": odd, "tag": odd, "raw": odd}
bounces = st.builds(
    bounce,
    **texts,
    recipient=addresses,
    occurred_at=moments,
    kind=st.sampled_from([Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, Kind.DEFERRED]),
    reading=readings,
    history=st.booleans(),
    each_telling_counts=st.booleans(),
)
refusals = st.builds(refusal, **texts, recipient=addresses, occurred_at=moments)
deliveries = st.builds(delivery, source_id=odd, recipient=addresses, occurred_at=moments)
entries = st.builds(
    ListEntry,
    name=st.just(ListName.BOUNCES),
    address=addresses,
    created=st.none() | moments,
    reason=odd,
)
people = st.builds(Person, id=odd, name=odd, email=addresses, line_works_id=odd, tag=odd)
batches = st.builds(
    Batch,
    failures=st.lists(bounces | refusals, max_size=6).map(tuple),
    successes=st.lists(deliveries, max_size=3).map(tuple),
    set_aside=st.lists(
        st.builds(
            SetAside, source=st.just(Source.HOST_PUSH), body=st.binary(max_size=4), reason=odd
        ),
        max_size=2,
    ).map(tuple),
    source=st.just(Source.HOST_PUSH),
)
requests = st.builds(
    Request,
    id=odd,
    action=st.just(Action.REMOVE),
    medium=st.just(Medium.EMAIL),
    subject=addresses,
    asked_by=odd,
    asked_at=moments,
    asked_from=odd,
    answers=st.lists(st.tuples(odd, odd), max_size=2).map(tuple),
)
spans = st.tuples(moments, moments).filter(lambda pair: pair[0] < pair[1])
stretches = st.builds(
    lambda span, part: Stretch(
        source=Source.SENDGRID_LISTS, since=span[0], until=span[1], part=part
    ),
    spans,
    odd,
)
acts = st.one_of(
    batches.map(lambda told: ("record", told, NOW)),
    st.tuples(st.just("put_people"), st.lists(people, max_size=3)),
    st.tuples(st.just("put_fact"), odd, odd),
    st.tuples(
        st.just("remember"),
        st.just(Source.SENDGRID_LOGS),
        st.lists(odd, max_size=3),
        st.just(NOW),
    ),
    st.tuples(st.just("put_draft"), odd, odd, st.just(NOW)),
    st.tuples(
        st.just("put_entries"), st.just(ListName.BOUNCES), st.lists(entries, max_size=3), moments
    ),
    st.tuples(
        st.just("set_membership"),
        addresses,
        st.builds(Membership, entries=st.lists(entries, max_size=2).map(tuple)),
        moments,
    ),
    st.tuples(st.just("let_go"), st.just(ListName.BOUNCES), moments, moments, st.just(9)),
    st.tuples(st.just("left_lists"), addresses, moments),
    requests.map(lambda one: ("ask", one, [])),
    st.builds(Notice, id=odd, place=odd, topic=odd, subject=odd, due_at=moments).map(
        lambda one: ("notify", [one])
    ),
    st.builds(
        Coverage, source=st.sampled_from(list(Source)), since=moments, until=st.none() | moments
    ).map(lambda one: ("cover", one)),
    st.tuples(st.just("keep_stretches"), st.lists(stretches, max_size=3)),
)


@pytest.fixture(scope="module")
def both(tmp_path_factory, postgres):
    urls = f"sqlite:///{tmp_path_factory.mktemp('two') / 'one.db'}", postgres.database()
    stores = [open_store(url) for url in urls]
    yield stores
    for store in stores:
        store.close()
    postgres.drop(urls[1])


def became(act):
    """What it answers, or which error it raises; what a driver calls its own has one name in both."""
    try:
        return act()
    except Exception as error:  # noqa: BLE001 - which one it is, is what is compared
        names = [kind.__name__ for kind in type(error).__mro__]
        return "IntegrityError" if "IntegrityError" in names else names[0]


def do(store, tenant, act):
    name, *told = act
    named = {"nothing_after": END} if name == "keep_stretches" else {}
    return became(lambda: getattr(store, name)(tenant, *told, **named))


def told_of(act):
    """The addresses, ids and texts of an act, to ask for them again."""
    match act:
        case ("record", batch, _):
            return [e.recipient for e in (*batch.failures, *batch.successes)]
        case ("put_people", told):
            return [text for one in told for text in (one.id, one.name, one.email)]
        case (_, str() as text, *_):
            return [text]
    return []


def answers(store, tenant, about):
    """Everything that may be asked, in one value."""
    every = CaseQuery(since=NOW, until=END, fresh=False)
    queries = [every, replace(every, learnt=True), replace(every, medium=Medium.EMAIL, limit=2)]
    found = [
        (
            store.cases(tenant, query),
            list(store.each_case(tenant, query)),
            store.groups(tenant, query),
            store.alike(tenant, query),
        )
        for query in queries
    ]
    one_by_one = [
        (
            text,
            [store.failures(tenant, medium, text) for medium in Medium],
            [store.case(tenant, medium, text) for medium in Medium],
            [store.last_success(tenant, medium, text) for medium in Medium],
            [store.person_of(tenant, medium, text) for medium in Medium],
            store.similar(tenant, text),
            store.find_people(tenant, text),
            store.membership(tenant, text),
            store.requests_about(tenant, Action.REMOVE, text),
            (store.fact(tenant, text), store.draft(tenant, text)),
            store.succeeded(tenant, Source.SENDGRID_EVENTS, text),
            store.remembered(tenant, Source.SENDGRID_LOGS, [text]),
        )
        for text in about
    ]
    whole = (
        store.totals(tenant, NOW, END),
        store.delivered_to(tenant, Medium.EMAIL, ["a.jp", "b.jp", "例.jp"], NOW, END),
        store.domains_reached(tenant, Medium.EMAIL, ["a.jp", "b.jp", "例.jp", "\0"]),
        store.refusals(tenant, Source.LINEWORKS_RELAY, [Kind.TOO_FREQUENT], NOW, 50),
        store.gone(tenant, NOW, END, 9, [Kind.HARD_BOUNCE]),
        store.missed_entries(tenant, ListName.BOUNCES, END),
        store.requests(tenant, list(RequestState)),
        store.due_notices(tenant, END, 50),
        (store.coverage(tenant), store.stretches(tenant, NOW, END)),
        store.tallies(tenant),
        [replace(one, number=0) for one in store.quarantined(tenant, 0, 50)],
    )
    return found, one_by_one, whole


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(told=st.lists(acts, max_size=8), more=st.lists(odd, max_size=3))
def test_both_are_told_the_same_and_answer_the_same(both, told, more):
    tenant = next(TENANTS)
    sqlite, postgres = both
    for act in told:
        assert do(sqlite, tenant, act) == do(postgres, tenant, act)
    about = sorted({text for act in told for text in told_of(act)} | set(more))
    assert answers(sqlite, tenant, about) == answers(postgres, tenant, about)
