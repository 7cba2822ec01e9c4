"""The hot queries find their rows by an index, whatever the file has grown to."""

import re

import pytest

from tests.storage.examples import NOW, TENANT, batch, bounce, delivery

HOT = [
    "recipients_known",
    "failure_ids_after",
    "failures_of",
    "tellings_standing",
    "tellings_newest",
    "case_of",
    "case_ids_of",
    "cases_where",
    "groups_where",
    "totals_between",
    "failures_of_kind",
    "resendable_messages",
    "kept_messages_of",
    "successes_known",
    "successes_after",
    "forget_successes",
    "person_by_email",
    "person_by_line_works_id",
    "entries_of",
    "request_under_way",
    "requests_about",
    "requests_in",
    "requests_watched",
    "resends_due",
    "notices_due",
    "last_posting",
]


@pytest.mark.parametrize("name", HOT)
def test_no_hot_query_reads_a_whole_table(store, name):
    store.record(TENANT, batch(bounce(), delivery()), NOW)
    query = getattr(store._queries, name)
    parameters = dict.fromkeys(query.parameters, "[]")
    with store._reading() as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {query.sql}", parameters).fetchall()
    plan = [row["detail"] for row in rows]
    assert not [step for step in plan if re.match(r"SCAN (?!json_each|wanted)", step)], plan
