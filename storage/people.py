"""Who is behind an address and a LINE WORKS id, as the customer's system tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Person:
    """`id` is the host's own. `no_address` says that no mail is sent on purpose (アドレスなし)."""

    id: str
    name: str = ""
    email: str = ""
    no_address: bool = False
    line_works_id: str = ""
    tag: str = ""
