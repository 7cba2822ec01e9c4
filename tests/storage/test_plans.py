"""The hot queries find their rows by an index, whatever the file has grown to."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine("sqlite")

HOT = [
    "recipients_known",
    "recipients_with_grams",
    "recipients_not_indexed",
    "recipients_to_index",
    "index_recipients",
    "failure_numbers",
    "failures_there",
    "recipient_numbers",
    "failures_of",
    "tellings_standing",
    "tellings_newest",
    "case_of",
    "case_ids_of",
    "cases_of_hour",
    "cases_learnt",
    "hour_before",
    "groups_where",
    "alike_where",
    "delivered_between",
    "domains_reached",
    "totals_between",
    "failures_of_kind",
    "failures_of_source",
    "failures_told",
    "raws_told",
    "next_part",
    "failures_after",
    "recipients_of",
    "wording",
    "correction_standing",
    "corrections_in",
    "corrections_of",
    "standing_corrections",
    "resendable_messages",
    "kept_messages_of",
    "successes_known",
    "failures_named",
    "successes_after",
    "success_after",
    "forget_successes",
    "person_by_email",
    "person_by_line_works_id",
    "entries_of",
    "stretches_near",
    "mendings_of_gaps",
    "mendings_learnt",
    "entries_missed",
    "addresses_missed",
    "still_listed",
    "gone_between",
    "gone_counted",
    "request_under_way",
    "requests_about",
    "requests_in",
    "requests_watched",
    "resends_due",
    "notices_due",
    "last_posting",
]


# A whole table, or the whole of a tenant in it; what was asked for or already narrowed is neither.
EVERYTHING = re.compile(
    r"SCAN (?!json_each|numbers|wanted|largest|done$|indexed_recipients$|g VIRTUAL TABLE INDEX 0:M)"
    r"|\(tenant=\?\)|\(tenant=\? AND medium=\?\)$"
)


def plan_of(store, name):
    query = getattr(store._queries, name)
    parameters = dict.fromkeys(query.parameters, "[]")
    with store._reading() as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", parameters)
        return [row["detail"] for row in rows]


@pytest.mark.parametrize("name", HOT)
def test_no_hot_query_reads_everything(store, name):
    assert not [step for step in plan_of(store, name) if EVERYTHING.search(step)]


def test_a_query_that_reads_everything_would_be_seen(store):
    assert [step for step in plan_of(store, "people_like") if EVERYTHING.search(step)]


def test_those_who_left_are_found_in_their_order(store):
    assert not [step for step in plan_of(store, "addresses_missed") if "TEMP B-TREE" in step]


LAYOUT = Path(__file__).parents[2] / "docs" / "layout.md"
SHOWN = re.compile(r"\(`(\w+)`\)[^\n]*:\n\n```\n(.*?)\n```", re.DOTALL)


def test_the_plans_that_are_shown_are_those_of_sqlite(store):
    shown = dict(SHOWN.findall(LAYOUT.read_text("utf-8")))
    assert len(shown) == 3
    assert shown == {name: "\n".join(plan_of(store, name)) for name in shown}
