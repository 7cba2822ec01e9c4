"""The words of storage fit together."""

from __future__ import annotations

from storage.failures import KINDS, Kind, Medium


def test_every_kind_belongs_to_a_medium():
    assert KINDS[Medium.EMAIL] | KINDS[Medium.LINE_WORKS] == set(Kind)
    assert KINDS[Medium.EMAIL] & KINDS[Medium.LINE_WORKS] == {Kind.UNCLASSIFIED}
