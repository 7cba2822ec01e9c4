"""Rules for a test alone."""

from __future__ import annotations

import hashlib
from typing import Any

from handlers.causes import RuleSet, load


def rule_set_of(*rows: dict[str, Any]) -> RuleSet:
    """Rows as a file of rules has them; other rows are another version."""
    version = hashlib.sha256(repr(rows).encode()).hexdigest()[:8]
    return RuleSet(rules=load(rows), version=version)
