"""Knows what was sent and what was answered, and asks the store what became of it."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crash.burst import RELAY, Burst, Post
from crash.house import TENANT
from storage.failures import Medium, Source
from storage.opening import open_store
from storage.store import Store

_PUSHED = (Source.SENDGRID_EVENTS, Source.HOST_PUSH, Source.LINEWORKS_RELAY)
_MOST = 1000


@dataclass(kw_only=True)
class Verdict:
    """Counts of what must not be, and what they were taken from."""

    rounds: int = 0
    posts: int = 0
    answered: int = 0
    failures: int = 0
    losses: int = 0
    doubles: int = 0
    halves: int = 0
    lies: int = 0
    stuck: int = 0
    refused: int = 0
    waited: int = 0  # answered, and not read yet when we died
    relay_gaps: int = 0  # answered by the vendor, not yet told when we died: before the coverage
    examples: list[str] = field(default_factory=list)

    def fine(self) -> bool:
        return not (
            self.losses or self.doubles or self.halves or self.lies or self.stuck or self.refused
        )

    def text(self) -> str:
        found = (
            f"{self.rounds} rounds, {self.posts} posts, {self.answered} answered,"
            f" {self.failures} failures told\n"
            f"losses {self.losses}, doubles {self.doubles}, half posts {self.halves},"
            f" false coverage {self.lies}, stuck {self.stuck}, refused {self.refused}\n"
            f"relayed messages that a kill left untold, before the coverage begins:"
            f" {self.relay_gaps}\n"
            f"posts that were answered and waited to be read when a kill came: {self.waited}"
        )
        return "\n".join([found, *self.examples[:10]])


class Judge:
    """`died` and `after` a kill and a restart; `repeated` and `at_the_end` when all was sent again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.verdict = Verdict()
        self._expected: dict[tuple[Medium, str], set[str]] = defaultdict(set)
        self._delivered = 0
        self._listed: dict[str, int] = {}
        self._began = datetime.now(UTC)
        self._relayed: list[Post] = []

    def died(self) -> None:
        """Straight after a kill, before anybody reads what waits."""
        store = open_store(self._url)
        try:
            self.verdict.waited += store.inbox(TENANT).count
        finally:
            store.close()

    def after(self, burst: Burst, restarted: datetime) -> None:
        """Straight after the restart, before anything is repeated."""
        self.verdict.rounds += 1
        self.verdict.posts += len(burst.posts)
        self.verdict.stuck += burst.stuck
        self._refusals(burst)
        self._listed |= burst.listed
        store = open_store(self._url)
        try:
            self._await_read(store)
            for post in burst.posts:
                self._judge(store, post)
            self._coverage(store, restarted)
        finally:
            store.close()
        for post in burst.posts:
            self._delivered += post.delivered
            if post.path.startswith(RELAY):
                self._relayed.append(post)
            for recipient, reference in post.told:
                self._expected[_medium(post), recipient].add(reference)
                self.verdict.failures += 1

    def repeated(self, burst: Burst) -> None:
        self.verdict.stuck += burst.stuck
        self._refusals(burst)
        if unanswered := burst.unanswered():
            self._note("losses", f"sent again to a living bot, not answered: {unanswered[0].path}")

    def untold(self) -> list[Post]:
        """Relayed messages that no kill left time to tell of: a host sends them again."""
        store = open_store(self._url)
        try:
            return [one for one in self._relayed if not _told(store, one)]
        finally:
            store.close()

    def await_told(self, posts: list[Post], patience: float = 30.0) -> None:
        """What the relay saw is told behind its answer."""
        deadline = time.monotonic() + patience
        store = open_store(self._url)
        try:
            waiting = posts
            while waiting and time.monotonic() < deadline:
                waiting = [one for one in waiting if not _told(store, one)]
                time.sleep(0.05)
        finally:
            store.close()

    def at_the_end(self) -> None:
        """Everything was sent again and answered: each failure is there, and once."""
        store = open_store(self._url)
        try:
            self._await_read(store)
            for (medium, recipient), references in self._expected.items():
                self._once(store, medium, recipient, references)
            until = datetime.now(UTC) + timedelta(hours=2)
            totals = store.totals(TENANT, self._began - timedelta(hours=2), until)
            counted = totals[Medium.EMAIL].delivered
            word = "losses" if counted < self._delivered else "doubles"
            if counted != self._delivered:
                self._note(word, f"{self._delivered} deliveries told, {counted} counted")
        finally:
            store.close()

    def _await_read(self, store: Store, patience: float = 30.0) -> None:
        """What was answered may wait to be read, and outlive its process so."""
        deadline = time.monotonic() + patience
        while waiting := store.inbox(TENANT).count:
            if time.monotonic() > deadline:
                self._note("stuck", f"{waiting} posts were never read")
                return
            time.sleep(0.005)

    def _judge(self, store: Store, post: Post) -> None:
        self.verdict.answered += post.answered
        stored = [_stored(store, _medium(post), one)[ref] for one, ref in post.told]
        if any(times > 1 for times in stored):
            self._note("doubles", f"{post.path} {post.told}: {stored}")
        elif post.path.startswith(RELAY):
            self.verdict.relay_gaps += post.answered and not all(stored)
        elif post.answered and not all(stored):
            self._note("losses", f"{post.path} {post.told}: {stored}")
        elif any(stored) and not all(stored):
            self._note("halves", f"{post.path} {post.told}: {stored}")

    def _coverage(self, store: Store, restarted: datetime) -> None:
        """Nobody claims the time in which we were dead; a list is read as far as it is said."""
        for one in store.coverage(TENANT):
            if one.source in _PUSHED and one.since < restarted:
                self._note("lies", f"{one.source} since {one.since}, restarted {restarted}")
            if one.source is Source.SENDGRID_LISTS and one.until:
                read = [a for a, at in self._listed.items() if at < int(one.until.timestamp())]
                for address in read:
                    if not _stored(store, Medium.EMAIL, address):
                        self._note("lies", f"read to {one.until}, without {address}")
                    del self._listed[address]

    def _once(self, store: Store, medium: Medium, recipient: str, references: set[str]) -> None:
        stored = _stored(store, medium, recipient)
        case = store.case(TENANT, medium, recipient)
        if set(stored) != references:
            self._note("losses", f"{recipient}: {references - set(stored)} missing")
        elif max(stored.values()) > 1 or not case or case.times_seen != len(references):
            self._note(
                "doubles", f"{recipient}: {len(references)} told, {case and case.times_seen}"
            )

    def _refusals(self, burst: Burst) -> None:
        for words in burst.refused:
            self._note("refused", words)

    def _note(self, what: str, words: str) -> None:
        setattr(self.verdict, what, getattr(self.verdict, what) + 1)
        self.verdict.examples.append(f"{what}: {words}")


def _medium(post: Post) -> Medium:
    return Medium.LINE_WORKS if post.path.startswith(RELAY) else Medium.EMAIL


def _told(store: Store, post: Post) -> bool:
    return bool(_stored(store, _medium(post), post.told[0][0]))


def _stored(store: Store, medium: Medium, recipient: str) -> Counter[str]:
    """How often each reference is stored."""
    found = store.failures(TENANT, medium, recipient, limit=_MOST)
    return Counter(one.reference for one in found)
