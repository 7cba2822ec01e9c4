"""Help, kind refusals, mistakes with their mend, the export's note."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.conversation import File, Heading, Message, Note, Text
from handlers.house import House
from handlers.periods import Period
from handlers.show.reader import Reader
from handlers.wording import say
from storage.failures import Medium

_HELP = (
    "today",
    "yesterday",
    "week",
    "period",
    "who",
    "explain",
    "pending",
    "export",
    "status",
    "help",
)


def plain(text: str) -> Message:
    return Message(summary=text, elements=(Text(text),))


def prefix_of(person: str) -> str:
    """What stands before a command: the slash command's name in Slack, nothing in LINE WORKS."""
    return "/notify-errors " if person.startswith("slack:") else ""


def usage(person: str, locale: str) -> Message:
    prefix = prefix_of(person)
    lines = [say(f"help.{name}", locale, prefix=prefix) for name in _HELP]
    return Message(
        summary=say("help.summary", locale),
        elements=(
            Heading(say("help.summary", locale)),
            Text(say("help.intro", locale)),
            Text("\n".join(lines)),
            Note(say("help.languages", locale)),
        ),
    )


def not_understood(word: str, nearest: str, person: str, locale: str) -> Message:
    key = "unknown.nearest" if nearest else "unknown.see_help"
    return plain(say(key, locale, typed=word, nearest=nearest, prefix=prefix_of(person)))


def no_role(house: House, locale: str) -> Message:
    """Kind, and nothing to learn from."""
    contact = house.policy.support_contact
    if contact:
        return plain(say("no_role.look_up_with_contact", locale, contact=contact))
    return plain(say("no_role.look_up", locale))


def mistake(key: str, person: str, locale: str, **slots: object) -> Message:
    """What cannot be done as typed, and what would work."""
    return plain(say(key, locale, prefix=prefix_of(person), **slots))


def exported(
    period: Period, written: Mapping[Medium, tuple[bytes, int]], reader: Reader
) -> Message:
    """The note that goes with the files."""
    files = tuple(
        File(
            name=f"{medium}.csv",
            title=reader.say(f"export.title.{medium}"),
            content=content,
        )
        for medium, (content, _) in written.items()
    )
    ready = reader.say(
        "export.ready",
        since=reader.day(period.first),
        until=reader.day(period.last),
        **{medium.value: count for medium, (_, count) in written.items()},
    )
    return Message(
        summary=reader.say("export.summary"),
        elements=(Text(ready), Note(reader.say("export.handle_with_care"))),
        files=files,
    )
