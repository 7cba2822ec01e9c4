"""*Not right?*: the form, the correction that it makes, and the way back."""

from __future__ import annotations

from handlers.causes.usual import permanence_of
from handlers.conversation import Ask, Choice, Filled, Form, Message, Mistakes, Press
from handlers.corrections import correctable, make
from handlers.corrections import undo as take_back
from handlers.house import House
from handlers.people import may_look_up
from handlers.requests import RefusedError
from handlers.show import correcting, helping
from handlers.show.reader import Reader
from handlers.telling import direct_place, locale_in, name_of
from handlers.wordings import is_wording, wording_of
from storage.corrections import Correction, CorrectionState, Wording
from storage.failures import Cause, Permanence

WHY_LIMIT = 500
# The cause's own, unless somebody knows better.
USUAL = "usual"
_PERMANENCES = (Permanence.HARD, Permanence.SOFT)


def form(house: House, pressed: Press, reader: Reader) -> Form:
    """The right cause, whether the address is dead, and why: about one wording."""
    wording = _wording(house, pressed.person, pressed.subject)
    causes = tuple((cause.value, reader.say(f"cause.{cause}")) for cause in Cause)
    permanences = (
        (USUAL, reader.say("correction.form.usual")),
        *((one.value, reader.say(f"permanence.{one}")) for one in _PERMANENCES),
    )
    return Form(
        verb="not_right",
        subject=pressed.subject,
        title=reader.say("correction.form.title"),
        submit=reader.say("correction.form.submit"),
        cancel=reader.say("button.cancel"),
        intro=reader.say("correction.form.intro", words=correcting.shortened(wording.words)),
        questions=(
            Choice(key="cause", label=reader.say("correction.form.cause"), options=causes),
            Choice(
                key="permanence",
                label=reader.say("correction.form.permanence"),
                options=permanences,
            ),
            Ask(
                key="why",
                label=reader.say("correction.form.why"),
                hint=reader.say("correction.form.why_hint"),
                max_length=WHY_LIMIT,
            ),
        ),
    )


def _wording(house: House, person: str, subject: str) -> Wording:
    """The wording behind a button: kept with an explanation, or that of a case's last words."""
    if not may_look_up(house, person):
        raise RefusedError("no_role.look_up")
    if is_wording(subject):
        wording = house.store.wording(house.tenant, subject)
    else:
        case = house.store.case_by_id(house.tenant, subject)
        spoken = case is not None and correctable(case.medium, case.kind)
        wording = wording_of(case.provider_text, case.recipient) if case and spoken else None
    if wording is None:
        raise RefusedError("stale.unknown")
    return wording


def correct(house: House, filled: Filled, reader: Reader) -> Message | Mistakes:
    wording = _wording(house, filled.person, filled.subject)
    cause, permanence = (filled.answers.get(key, "") for key in ("cause", "permanence"))
    why = filled.answers.get("why", "").strip()[:WHY_LIMIT]
    mistakes = {}
    if cause not in set(Cause):
        mistakes["cause"] = reader.say("correction.form.choose")
    if permanence not in {USUAL, *_PERMANENCES}:
        mistakes["permanence"] = reader.say("correction.form.choose")
    if not why:
        mistakes["why"] = reader.say("correction.form.why_missing")
    if mistakes:
        return Mistakes(by_question=mistakes)
    right = Cause(cause)
    correction = make(
        house,
        wording,
        cause=right,
        permanence=permanence_of(right) if permanence == USUAL else Permanence(permanence),
        why=why,
        author=filled.person,
    )
    return correcting.made(correction, reader)


def undo(house: House, pressed: Press, reader: Reader) -> Message:
    if not may_look_up(house, pressed.person):
        raise RefusedError("no_role.look_up")
    before = house.store.correction(house.tenant, pressed.subject)
    undone = take_back(house, pressed.subject, pressed.person)
    if before is None or undone is None:
        raise RefusedError("stale.unknown")
    if undone.state is CorrectionState.REPLACED:
        return helping.plain(reader.say("correction.replaced"))
    who, at = name_of(house, undone.undone_by), reader.when(undone.undone_at or house.now())
    return helping.plain(reader.say("correction.undone", who=who, at=at))


def ended(house: House, correction: Correction) -> Message:
    """For its author alone: the past is read again."""
    reader = Reader(
        locale=locale_in(house, direct_place(correction.author)),
        zone=house.zone,
        now=house.now(),
        clear=True,
    )
    return correcting.ended(correction, reader)
