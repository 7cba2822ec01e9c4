"""The tables of both engines and what names a row of each; parents stand before children.

What is derived is left out: `hours` follows `hourly` by triggers, and parts of
addresses follow recipients.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    name: str
    key: tuple[str, ...]
    counter: str = ""  # PostgreSQL's sequence behind the key


TABLES = (
    Table("recipients", ("id",), "recipient_number"),
    Table("failures", ("id",), "failure_number"),
    Table("cases", ("recipient_id",)),
    Table("case_hours", ("tenant", "hour", "medium", "recipient_id")),
    Table("case_news", ("tenant", "at", "recipient_id")),
    Table("seen_successes", ("tenant", "source", "source_id")),
    Table("domains", ("tenant", "medium", "domain")),
    Table("hourly", ("tenant", "hour", "medium", "domain")),
    Table("kept_messages", ("tenant", "id")),
    Table("inbox", ("number",), "inbox_number_seq"),
    Table("quarantine", ("number",), "quarantine_number_seq"),
    Table("tallies", ("tenant", "source")),
    Table("imports", ("tenant", "id")),
    Table("import_parts", ("tenant", "import_id", "number")),
    Table("people", ("tenant", "id")),
    Table("list_entries", ("id",), "list_entries_id_seq"),
    Table("list_readings", ("tenant", "name")),
    Table("address_readings", ("tenant", "folded", "name")),
    Table("coverage", ("tenant", "source")),
    Table("stretches", ("tenant", "source", "part", "lost", "since")),
    Table("mendings", ("id",), "mendings_id_seq"),
    Table("facts", ("tenant", "name")),
    Table("requests", ("tenant", "id")),
    Table("resends", ("tenant", "id")),
    Table("postings", ("tenant", "channel", "day")),
    Table("notices", ("tenant", "id")),
    Table("drafts", ("tenant", "person")),
    Table("corrections", ("tenant", "id")),
    Table("wordings", ("tenant", "id")),
    Table("audit", ("number",), "audit_number_seq"),
)
BY_NAME = {table.name: table for table in TABLES}
