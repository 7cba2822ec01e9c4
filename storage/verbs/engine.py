"""What the verbs stand on, whichever engine keeps the rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any, Protocol

from storage.failures import Medium


class Connection(Protocol):
    """A driver's own; the queries are handed it, and nobody else looks into it."""


class Engine(ABC):
    """Each raises StorageBusyError for trouble that is not the statement's fault."""

    _queries: Any  # of storage.queries; rows answer to numbers and to names

    def __init__(self, _place: Any) -> None:
        """Where the store is, as the engine understands it."""
        super().__init__()

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]:
        """The thread's own connection; one statement sees one moment."""

    @abstractmethod
    def _lasting_reader(self) -> AbstractContextManager[Connection]:
        """For one long read of one moment, which must not stand in a thread's other reads."""

    @abstractmethod
    def _writing(self, tenant: str) -> AbstractContextManager[Connection]:
        """One transaction: kept whole when the block ends, forgotten whole when it raises.

        Nobody else writes of this tenant meanwhile, so what it reads stays true.
        """

    @abstractmethod
    def _turn_taken(self) -> AbstractContextManager[None]:
        """The only one in this process who stores what arrives."""

    @abstractmethod
    def _committing(
        self, _tenants: frozenset[str], *, synced: bool = True
    ) -> AbstractContextManager[Connection]:
        """`_writing` of several tenants, for whoever has the turn.

        What is not `synced` may go with a power cut, but nothing that was committed before it.
        """

    @abstractmethod
    def _arrived(self, connection: Connection) -> None:
        """Keep up what follows arrivals, in their transaction."""

    @abstractmethod
    def _unfindable(self, connection: Connection, recipients: list[tuple[int, str]]) -> None:
        """Recipients that were dropped are not to be found by a part of their address."""

    @abstractmethod
    def _containing(
        self, connection: Connection, tenant: str, medium: Medium, text: str, most: int
    ) -> list[Any]:
        """`address` and `folded` of recipients with the text inside; it has three characters or more."""
