"""What becomes of a mail: a script per address, told as events with their delays.

A script is `{"outcome": NAME}`; any field of the scripted event may be given too (null takes it
away). `defer` also takes `times` and `then` (`deliver`, `bounce`, `block`, or null for silence);
`after` is the delay of the last event in seconds.
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
Step = tuple[float, Event]  # seconds after the send, the event's own fields

_RETRY_PERIOD = 72 * 3600
_HOP: Event = {"tls": 1, "ip": "192.0.2.10"}
_OWN_DEFERRAL = "Email was deferred due to the following reason(s):"
_FIELDS: dict[str, Event] = {
    "processed": {"event": "processed"},
    "deliver": {"event": "delivered", "response": "250 OK", **_HOP},
    "defer": {"event": "deferred", "response": "451 4.7.1 busy, come back later", **_HOP},
    "bounce": {
        "event": "bounce",
        "type": "bounce",
        "status": "5.1.1",
        "reason": "550 5.1.1 no such person here",
        "bounce_classification": "Invalid Address",
        **_HOP,
    },
    "block": {
        "event": "bounce",
        "type": "blocked",
        "status": "4.2.2",
        "reason": "452 4.2.2 the mailbox has no room left",
        "bounce_classification": "Mailbox Unavailable",
        **_HOP,
    },
    "unroutable": {
        "event": "bounce",
        "type": "blocked",
        "reason": "no mail exchanger found for the domain",
        "tls": 0,
    },
    "invalid": {"event": "dropped", "reason": "Invalid"},
    "spam": {"event": "spamreport"},
    # What a bounce that came back to the return path does not know.
    "nameless": {"sg_message_id": None, "smtp-id": None, "ip": None},
}
_PLANS: dict[str, list[tuple[float, str]]] = {
    "deliver": [(0, "processed"), (0, "deliver")],
    "bounce": [(0, "processed"), (0, "bounce")],
    "block": [(0, "processed"), (0, "block")],
    "invalid": [(0, "invalid")],
    "spam": [(0, "processed"), (0, "deliver"), (3600, "spam")],
    "async_bounce": [(0, "processed"), (0, "deliver"), (300, "bounce")],
    "dns": [
        (0, "processed"),
        *((after, "defer") for after in (0, 30, 90, 180)),
        (300, "unroutable"),
    ],
}


def _deferrals(script: Event) -> list[tuple[float, str]]:
    times, final = int(script.get("times", 1)), script.get("then", "deliver")
    plan = [(600.0 * (2**n - 1), "defer") for n in range(times)]
    last = _RETRY_PERIOD if final == "block" else 600.0 * (2**times - 1)
    return [(0, "processed"), *plan, *([(last, final)] if final else [])]


def check(script: Any) -> Event:
    if not isinstance(script, dict) or script.get("outcome") not in _PLANS.keys() | {"defer"}:
        raise ValueError(f"outcome must be defer or one of {', '.join(_PLANS)}, not {script!r}")
    return script


def steps(script: Event) -> list[Step]:
    plan = _PLANS.get(script["outcome"]) or _deferrals(script)
    told, attempt = list[Step](), 0
    for number, (after, name) in enumerate(plan):
        last = number == len(plan) - 1
        event = dict(_FIELDS[name])
        if last or name == "defer":
            event |= {key: value for key, value in script.items() if key in event}
        if name == "defer":
            event["attempt"] = str(attempt)
            attempt += 1
        if script["outcome"] == "dns" or str(event.get("response")).startswith(_OWN_DEFERRAL):
            event.pop("ip", None)
        if script["outcome"] == "async_bounce" and last:
            event |= _FIELDS["nameless"]
        told.append((float(script.get("after", after)) if last else after, event))
    return told
