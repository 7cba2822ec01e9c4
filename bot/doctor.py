"""`doctor`: what an operator should mend, from what is stored; nobody outside is asked."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.checkup import Finding, Grade, findings
from handlers.house import House
from handlers.show.checkup import sentences, text
from handlers.show.reader import Reader
from handlers.status import status
from storage.store import StorageBusyError


@dataclass(frozen=True, kw_only=True)
class Examined:
    """The findings, and who reads them."""

    found: list[Finding]
    reader: Reader

    @property
    def grade(self) -> int:
        """The command's exit status: 0 sound, 1 something to look at, 2 something to mend."""
        return max((one.grade for one in self.found), default=0)

    def shown(self) -> str:
        if not self.found:
            return self.reader.say("doctor.sound")
        return "\n".join(text(one, self.reader) for one in self.found)

    def told(self) -> list[dict[str, str]]:
        """For machines: the finding's word and grade beside its sentences."""
        return [
            {"finding": one.word, "grade": one.grade.name.lower(), "source": one.source or ""}
            | sentences(one, self.reader)
            for one in self.found
        ]


def examine(house: House) -> Examined:
    reader = Reader(locale=house.locale, zone=house.zone, now=house.now())
    try:
        house.store.ready()
        return Examined(found=findings(status(house)), reader=reader)
    except StorageBusyError as error:
        trouble = {"trouble": str(error)}
        broken = Finding(word="storage", grade=Grade.ERROR, slots=trouble)
        return Examined(found=[broken], reader=reader)
