"""Half-filled forms: one per person, kept as text, so that they survive a restart."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from handlers.conversation import Ask, Choice, Form, Question
from storage.store import Store


class Drafts(Protocol):
    """Where they are kept."""

    def put(self, person: str, draft: str) -> None: ...

    def get(self, person: str) -> str | None: ...

    def drop(self, person: str) -> bool:
        """Whether there was one; true for exactly one caller."""
        ...


@dataclass(frozen=True, kw_only=True)
class StoredDrafts:
    """Those of one tenant, in its store."""

    store: Store
    tenant: str
    now: Callable[[], datetime]

    def put(self, person: str, draft: str) -> None:
        self.store.put_draft(self.tenant, person, draft, self.now())

    def get(self, person: str) -> str | None:
        return self.store.draft(self.tenant, person)

    def drop(self, person: str) -> bool:
        return self.store.drop_draft(self.tenant, person)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`place` is where the form was asked for; `open` are the questions still to ask, by number."""

    form: Form
    place: str
    open: tuple[int, ...]
    answers: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def at(self) -> int:
        """The question that waits; at their number stands the review."""
        return self.open[0] if self.open else len(self.form.questions)

    @property
    def question(self) -> Question | None:
        return self.form.questions[self.at] if self.open else None


def begun(form: Form, place: str) -> Draft:
    return Draft(form=form, place=place, open=tuple(range(len(form.questions))))


def answered(draft: Draft, answer: str) -> Draft:
    key = draft.form.questions[draft.at].key
    return replace(draft, answers={**draft.answers, key: answer}, open=draft.open[1:])


def reopened(draft: Draft, keys: Mapping[str, str]) -> Draft:
    """To be asked once more what was answered wrongly; under a new id, so old buttons are stale."""
    wrong = tuple(n for n, asked in enumerate(draft.form.questions) if asked.key in keys)
    return replace(draft, open=wrong, id=secrets.token_hex(4))


def written(draft: Draft) -> str:
    return json.dumps(asdict(draft), ensure_ascii=False)


def read(text: str | None) -> Draft | None:
    """None for nothing, and for what an earlier version wrote otherwise."""
    try:
        told = json.loads(text or "")
        form = told["form"]
        questions = tuple(_question(one) for one in form.pop("questions"))
        return Draft(
            form=Form(**form, questions=questions),
            place=told["place"],
            open=tuple(told["open"]),
            answers=told["answers"],
            id=told["id"],
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _question(told: dict[str, Any]) -> Question:
    if "options" not in told:
        return Ask(**told)
    options = tuple((value, label) for value, label in told.pop("options"))
    return Choice(**told, options=options)
