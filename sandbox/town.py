"""The people who get notifications, drawn from `town.toml` in the order of a fixed seed."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

SEED = 20261124
HOME = "example.co.jp"


@dataclass(frozen=True, kw_only=True)
class Resident:
    """`email` is empty for people without an address; `login` for those outside LINE WORKS."""

    id: str
    name: str
    company: str
    email: str
    login: str

    @property
    def domain(self) -> str:
        return self.email.partition("@")[2]


def load(name: str) -> dict[str, Any]:
    """A table of this folder."""
    return tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def residents() -> list[Resident]:
    """Everybody, the same at every call."""
    town = load("town.toml")
    names = _names(town["names"])
    homes = [*town["company"], town["no_address"]]
    places = ((company, place) for company in homes for place in range(company["people"]))
    return [
        _resident(number, company, place, *next(names))
        for number, (company, place) in enumerate(places, start=1)
    ]


def _names(names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """A name, and how it stands in an address."""
    family, given = (names[part].split() for part in ("family", "given"))
    pairs = list(
        product(
            zip(family[::2], family[1::2], strict=True), zip(given[::2], given[1::2], strict=True)
        )
    )
    random.Random(SEED).shuffle(pairs)
    for (surname, last), (forename, first) in pairs:
        yield f"{surname} {forename}", f"{last}.{first}"


def _resident(number: int, company: dict[str, Any], place: int, name: str, local: str) -> Resident:
    domain, carrier = company.get("domain", ""), company.get("carrier", False)
    email = f"{'mihon-' if carrier else ''}{local}@{domain}" if domain else ""
    login = email if domain and not carrier else f"{local}@{HOME}"
    return Resident(
        id=f"u-{number:04}",
        name=name,
        company=company["name"],
        email=email,
        login=login if place < company["line_works"] else "",
    )
