"""Rules for a test alone."""

from __future__ import annotations

import json
from typing import Any

from handlers.causes import RuleSet, built_in
from handlers.causes.rows import parse
from handlers.causes.ruleset import rule_set


def rule_set_of(*rows: dict[str, Any]) -> RuleSet:
    """Rows as a file of rules has them, and nothing else; other rows are another version."""
    order = built_in().order
    text = "\n".join(
        "\n".join(["[[rule]]", *(f"{name} = {json.dumps(told)}" for name, told in row.items())])
        for row in rows
    )
    return rule_set(order, parse(text, "test.toml", order, tier="plain"))
