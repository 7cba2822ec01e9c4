"""A correction as a rule: TOML that says who, when and why, and shows nobody."""

import tomllib
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from handlers.proposing import proposal
from handlers.wordings import wording_of
from storage.corrections import Correction
from storage.failures import Cause, Permanence

TEXT = (
    "550 5.7.1 <hanako@secret.co.jp> greylisted by mx7.secret.co.jp until ticket Q7SECRET is closed"
)


def correction(text=TEXT, why="asked ken@secret.co.jp"):
    wording = wording_of(text)
    return Correction(
        id="c1",
        wording=wording.id,
        words=wording.words,
        cause=Cause.POLICY_BLOCKED,
        permanence=Permanence.SOFT,
        why=why,
        author="slack:UADMIN",
        made_at=datetime(2026, 11, 26, 1, tzinfo=UTC),
    )


def row(one):
    [rule] = tomllib.loads(proposal(one))["rule"]
    return rule


def test_it_has_all_that_a_rule_has():
    assert row(correction()) == {
        "name": "correction-c1",
        "cause": "policy_blocked",
        "permanence": "soft",
        "confidence": 0.95,
        "words": ["greylisted by ... until ticket ... is closed"],
        "examples": [
            "550 <taro@example.com>: greylisted by mx.example.com until ticket mx.example.com is closed"
        ],
        "source": "corrected by slack:UADMIN on 2026-11-26: asked k***@secret.co.jp",
    }


def test_its_example_is_of_its_own_wording():
    one = correction()
    assert wording_of(row(one)["examples"][0]).id == one.wording


@given(why=st.text(), text=st.text().map(lambda text: f"no such luck {text}"))
def test_whatever_was_written_it_is_toml(why, text):
    assert row(correction(text, why))["name"] == "correction-c1"
