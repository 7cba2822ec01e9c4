"""Makes a planned week happen, through the vendors' and the bot's HTTP alone."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta

from sandbox.lineworks import people
from sandbox.stage import DIGEST_CHANNEL, Json, NotSeenError, Stage, until
from sandbox.town import Resident
from sandbox.week import TOKYO, Notice, Run, Week, plan

DIGEST_AT, _A_MOMENT = time(9), timedelta(minutes=1)
_MAILS_A_CALL, _CALLS_APART = 10, timedelta(minutes=1)
_PATIENCE, _SHORT_PATIENCE = 15.0, 0.8
_TOO_LONG = 2001
_PARTNER, _OLD_DOMAIN = "partner.example.com", "old.example.com"
_SILENT = ("lost", "arrived")
_AT_THE_VENDOR = (*_SILENT, "bot_not_allowed")


def fill(stage: Stage, week: Week | None = None) -> Week:
    """The lists' past, the bot's start, then day after day with its digest."""
    week = week or plan()
    for happening in week.before:
        stage.sendgrid.pull("event", happening.event)
    ids = _enrol(stage, week)
    stage.open_bot()
    _known(stage.host.tell_people([_told(one, ids) for one in week.people]), 200, 204)
    digests = _digests(week)
    for step in week.steps:
        while digests[0] < step.at:
            digest(stage, digests.pop(0))
        stage.clock.turn(step.at)
        if isinstance(step, Run):
            _run(stage, step, ids)
        else:
            stage.sendgrid.pull("event", step.event)
    for at in digests:
        digest(stage, at)
    return week


def _digests(week: Week) -> list[datetime]:
    first = datetime.combine(week.starts.date(), DIGEST_AT, TOKYO)
    return [first + timedelta(days=day) for day in range((week.ends - first).days + 1)]


def _enrol(stage: Stage, week: Week) -> dict[str, str]:
    """Members join the tenant; answers the LINE WORKS ids that the host has on file, by our own.

    A wrong one is nobody's, a partner's is of another tenant, an old one is a login of a domain
    that was given up.
    """
    reached = {one.id: one for one in week.people if one.login}
    members: dict[str, Json] = {
        who: {"email": one.login, "name": one.name} for who, one in reached.items()
    }
    for one in week.cast["partner"]:
        login = f"{_local(one)}@{_PARTNER}"
        members[one.id] |= {"email": login, "domain": people.FOREIGN_DOMAIN}
    answers = stage.line_works.pull("members", {"members": list(members.values())})
    ids = {who: str(answer["id"]) for who, answer in zip(members, answers, strict=True)}
    former = {one.id: f"former.{one.login}" for one in week.cast["wrong id"]}
    ids |= {who: str(uuid.uuid5(uuid.NAMESPACE_DNS, name)) for who, name in former.items()}
    return ids | {one.id: f"{_local(one)}@{_OLD_DOMAIN}" for one in week.cast["old domain"]}


def _local(one: Resident) -> str:
    return one.login.partition("@")[0]


def _told(one: Resident, ids: dict[str, str]) -> dict[str, str | bool]:
    """A person, as the customer's program tells of them."""
    reached = {"email": one.email} if one.email else {"no_address": True}
    member = {"line_works_id": ids[one.id]} if one.login else {}
    return {"id": one.id, "name": one.name, "tag": one.company, **reached, **member}


def digest(stage: Stage, at: datetime) -> None:
    """Turn to the hour of the digest, and wait until it stands in both chats."""
    if stage.sendgrid.state()["coming"]:
        stage.clock.turn(at - _A_MOMENT)
        deliver(stage)
    before = posted(stage)
    stage.turn(at)
    until(
        f"the digest of {at:%Y-%m-%d}",
        lambda: all(new > old for new, old in zip(posted(stage), before, strict=True)),
    )


def posted(stage: Stage) -> tuple[int, int]:
    """How many messages stand in the digest's channel, and in its room."""
    talks = stage.line_works.state()["talks"]
    room = next(talk for talk in talks if talk["channel"] == people.DIGEST_ROOM)
    return len(stage.slack.state()["messages"][DIGEST_CHANNEL]), len(room["messages"])


def _run(stage: Stage, run: Run, ids: dict[str, str]) -> None:
    scripts = {mail.to.email: mail.script for mail in run.mails}
    stage.sendgrid.pull("outcomes", scripts)
    for first in range(0, len(run.mails), _MAILS_A_CALL):
        some = run.mails[first : first + _MAILS_A_CALL]
        _known(stage.host.mails([mail.to.email for mail in some], run.subject), 202)
        stage.clock.turn(stage.clock.now() + _CALLS_APART)
    deliver(stage)
    if run.trouble:
        stage.line_works.pull(run.trouble.lever, run.trouble.on)
    for notice in run.notices:
        _notify(stage, run, notice, ids)
    if run.trouble:
        stage.line_works.pull(run.trouble.lever, run.trouble.off)


def deliver(stage: Stage) -> None:
    """Have SendGrid post what has happened by now, once the bot's clock has caught up."""
    stage.turn(stage.clock.now())
    statuses = stage.sendgrid.pull("deliver")
    if any(status // 100 != 2 for status in statuses):  # noqa: PLR2004
        raise NotSeenError(f"the bot answered events with {statuses}")


def _notify(stage: Stage, run: Run, notice: Notice, ids: dict[str, str]) -> None:
    to, struck = ids[notice.to.id], notice.trouble in _AT_THE_VENDOR
    text = f"{notice.to.name} 様\n{run.subject}です。ご確認ください。"
    if notice.trouble == "too long":
        text = text.ljust(_TOO_LONG, "。")
    if struck:
        stage.line_works.pull("faults", {"recipients": {to: notice.trouble}})
    patience = _SHORT_PATIENCE if notice.trouble in _SILENT else _PATIENCE
    headers = {"X_Notify_Id": f"{run.at:%m%d%H%M}-{notice.to.id}", "X_Notify_Person": notice.to.id}
    stage.host.notify(to, text, patience=patience, **headers)
    if struck:
        stage.line_works.pull("faults", {"recipients": {}})


def _known(answer: tuple[int, str], *statuses: int) -> None:
    if answer[0] not in statuses:
        raise NotSeenError(f"the host was answered {answer[0]}: {answer[1][:200]}")
