"""A half-filled form is the same after it was written down."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.lineworks.drafts import StoredDrafts, answered, begun, read, reopened, written
from handlers.conversation import Ask, Choice, Form

FORM = Form(
    verb="ask_remove",
    subject="c1",
    title="解除の申請",
    submit="申請する",
    cancel="やめる",
    questions=(
        Choice(key="junk", label="迷惑メール", options=(("yes", "確認した"), ("no", "未確認"))),
        Ask(key="note", label="申し送り", hint="h", optional=True, max_length=9),
    ),
)


def test_a_draft_survives_being_written_down():
    draft = answered(begun(FORM, "lineworks:room"), "yes")
    assert read(written(draft)) == draft


def test_a_draft_goes_on_to_its_review():
    draft = begun(FORM, "lineworks:room")
    assert (draft.at, draft.question) == (0, FORM.questions[0])
    done = answered(answered(draft, "yes"), "")
    assert (done.at, done.question) == (2, None)
    assert done.answers == {"junk": "yes", "note": ""}


def test_only_wrong_answers_are_asked_again_and_old_buttons_are_stale():
    done = answered(answered(begun(FORM, "p"), "yes"), "x")
    again = reopened(done, {"note": "短く"})
    assert (again.at, again.answers["junk"]) == (1, "yes")
    assert again.id != done.id


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"form":{"questions":[{"x":1}]}}'])
def test_what_cannot_be_read_is_no_draft(text):
    assert read(text) is None


class Rows:
    """The store's three verbs for drafts."""

    def __init__(self):
        self.rows = {}

    def put_draft(self, tenant, person, draft, now):
        self.rows[tenant, person] = (draft, now)

    def draft(self, tenant, person):
        return self.rows.get((tenant, person), (None, None))[0]

    def drop_draft(self, tenant, person):
        return self.rows.pop((tenant, person), None) is not None


def test_drafts_are_kept_per_tenant_and_person_and_dropped_once():
    now = datetime(2026, 11, 23, tzinfo=UTC)
    rows = Rows()
    drafts, others = (StoredDrafts(store=rows, tenant=t, now=lambda: now) for t in ("a", "b"))
    drafts.put("lineworks:taro", "one")
    drafts.put("lineworks:taro", "two")
    assert (drafts.get("lineworks:taro"), drafts.get("lineworks:jiro")) == ("two", None)
    assert others.get("lineworks:taro") is None
    assert [drafts.drop("lineworks:taro") for _ in range(2)] == [True, False]
