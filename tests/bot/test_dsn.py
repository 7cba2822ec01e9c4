"""Delivery reports as people paste them: folded, quoted, without their blank lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dsn import pasted
from handlers.ports import Pasted
from storage.failures import Kind

REPORT = """Reporting-MTA: dns; mail.example.co.jp
Arrival-Date: Thu, 26 Nov 2026 10:00:00 +0900

Final-Recipient: rfc822; taro@example.jp
Original-Recipient: rfc822;taro@example.jp
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.jp
Diagnostic-Code: smtp; 550 5.1.1 <taro@example.jp>:
    Recipient address rejected:
\tUser unknown

Final-Recipient: RFC822; <hanako@example.jp>
Action: delayed
Status: 4.2.2 (mailbox full)
Diagnostic-Code: smtp; 452 4.2.2 over quota
"""


def test_each_recipient_of_a_report_is_told_by_itself():
    assert pasted(REPORT) == (
        Pasted(
            text="550 5.1.1 <taro@example.jp>: Recipient address rejected: User unknown",
            recipient="taro@example.jp",
            status="5.1.1",
            facts=(("remote_mta", "mx.example.jp"),),
        ),
        Pasted(
            text="452 4.2.2 over quota",
            kind=Kind.DEFERRED,
            recipient="hanako@example.jp",
            status="4.2.2",
        ),
    )


@pytest.mark.parametrize(
    "pasted_as",
    [
        lambda text: text.replace("\n\n", "\n"),
        lambda text: "\n".join(f"> {line}" for line in text.split("\n")),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: f"The following message could not be delivered.\n\n{text}\nSubject: news",
        str.swapcase,
    ],
)
def test_it_is_read_however_it_was_pasted(pasted_as):
    found = pasted(pasted_as(REPORT))
    assert [one.status for one in found] == ["5.1.1", "4.2.2"]
    assert [one.recipient.lower() for one in found] == ["taro@example.jp", "hanako@example.jp"]
    assert found[0].text.lower().endswith("user unknown")


@pytest.mark.parametrize("action", ["delivered", "relayed", "Expanded"])
def test_what_arrived_is_no_failure(action):
    [found] = pasted(f"Final-Recipient: rfc822; a@example.jp\nAction: {action}\nStatus: 2.0.0")
    assert not found.failed


def test_a_status_alone_is_enough():
    [found] = pasted("Final-Recipient: rfc822; a@example.jp\nAction: failed\nStatus: 5.2.2")
    assert (found.text, found.status) == ("", "5.2.2")


def test_a_reason_keeps_its_own_semicolons():
    [found] = pasted("Action: failed\nDiagnostic-Code: 550 no such user; go away")
    assert found.text == "550 no such user; go away"


@pytest.mark.parametrize(
    "text",
    [
        "550 5.1.1 User unknown",
        "Status: 5.1.1",
        "Final-Recipient: rfc822; a@example.jp",
        "Diagnostic-Code: smtp; 550 alone",
        "",
    ],
)
def test_other_texts_are_no_reports(text):
    assert pasted(text) == ()


@given(st.text("Status:Action;5.1 \n\t>x"))
def test_nothing_that_may_be_pasted_breaks_it(text):
    pasted(text)
