"""All parts of the SQLite store as one."""

from __future__ import annotations

from storage.sqlite.cases import Cases
from storage.sqlite.corrections import Corrections
from storage.sqlite.counts import Counts
from storage.sqlite.coverage import Coverages
from storage.sqlite.failures import Failures
from storage.sqlite.imports import Imports
from storage.sqlite.intake import Intake
from storage.sqlite.leaving import Leaving
from storage.sqlite.lists import Lists
from storage.sqlite.notices import Notices, Postings
from storage.sqlite.people import People
from storage.sqlite.quarantine import Quarantine
from storage.sqlite.recipients import Recipients
from storage.sqlite.requests import Requests, Resends
from storage.sqlite.rereading import Rereading
from storage.sqlite.small import Small


class SqliteStore(
    Intake,
    Quarantine,
    Imports,
    Failures,
    Rereading,
    Corrections,
    Cases,
    Counts,
    Coverages,
    Recipients,
    People,
    Lists,
    Leaving,
    Requests,
    Resends,
    Postings,
    Notices,
    Small,
):
    """Keeps `storage.store.Store` in one file."""
