"""All verbs as one."""

from __future__ import annotations

from storage.verbs.cases import Cases
from storage.verbs.corrections import Corrections
from storage.verbs.counts import Counts
from storage.verbs.coverage import Coverages
from storage.verbs.failures import Failures
from storage.verbs.imports import Imports
from storage.verbs.inbox import Inboxes
from storage.verbs.intake import Intake
from storage.verbs.leaving import Leaving
from storage.verbs.lists import Lists
from storage.verbs.notices import Notices, Postings
from storage.verbs.people import People
from storage.verbs.quarantine import Quarantine
from storage.verbs.recipients import Recipients
from storage.verbs.requests import Requests, Resends
from storage.verbs.rereading import Rereading
from storage.verbs.retention import Retention
from storage.verbs.small import Small


class Verbs(
    Intake,
    Inboxes,
    Quarantine,
    Imports,
    Failures,
    Rereading,
    Retention,
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
    """`storage.store.Store`, but for what an engine alone knows."""
