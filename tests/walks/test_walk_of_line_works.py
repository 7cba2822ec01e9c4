"""The relay between a host and LINE WORKS, and what becomes of a refused message."""

from datetime import datetime

import httpx
import pytest

from sandbox.lineworks import people
from sandbox.lineworks.people import NOTICE_BOT
from sandbox.stage import until
from sandbox.week import TOKYO


def notify(house, member, number, **more):
    headers = {"X_Notify_Id": f"{number}-{member.id}"}
    return house.stage.host.notify(member.id, f"{number}です", **headers, **more)


def arrived(house, text):
    """When this text came, once for every time that it did."""
    return [
        datetime.fromisoformat(message["at"])
        for talk in house.stage.line_works.state()["talks"]
        for message in talk["messages"]
        if message["text"] == text
    ]


def answer_of(url, house, to, body):
    token = house.stage.host._line_works_token()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "X-Notify-Id": f"bytes-{to}",
    }
    return httpx.post(f"{url}/bots/{NOTICE_BOT}/users/{to}/messages", content=body, headers=headers)


def failed(house, recipient, *words):
    """The look-up, asked until what the relay has seen is stored: it is told behind the answer."""
    line = f"/notify-errors who {recipient}"
    until(
        f"{words} about {recipient}", lambda: all(w in str(house.admin.types(line)) for w in words)
    )
    return house.admin.types(line, *words)


@pytest.mark.parametrize(
    ("to", "body"),
    [
        (people.TANAKA.id, b'{"content" :{"type":"text","text":"\\u3042"}}\n'),
        ("nobody", '{"content":{"type":"text","text":"だれもいない"}}'.encode()),
        (people.TANAKA.id, b"{broken"),
    ],
)
def test_the_host_gets_line_works_own_answer_byte_for_byte(house, to, body):
    direct = answer_of(f"{house.stage.line_works.url}/v1.0", house, to, body)
    relayed = answer_of(house.stage.host.relay_url, house, to, body)
    volatile = {"date", "ratelimit-ssed", "ratelimit-remaining", "ratelimit-reset"}

    def kept(answer):
        return [(n, v) for n, v in answer.headers.raw if n.decode().lower() not in volatile]

    assert (relayed.status_code, relayed.content) == (direct.status_code, direct.content)
    assert kept(relayed) == kept(direct)


def test_line_works_sees_the_hosts_bytes_and_none_of_our_headers(house):
    body = b'{"content":   {"type":"text","text":"exactly this"}}'
    answer_of(house.stage.host.relay_url, house, people.TANAKA.id, body)
    call = house.calls("lineworks", "POST")[-1]
    assert call.body.encode() == body
    assert not [name for name in call.headers if name.lower().startswith("x-notify")]


def test_a_wrong_relay_key_is_answered_404_and_reaches_nobody(house):
    body = b'{"content": {"type": "text", "text": "by a wrong key"}}'
    url = house.stage.host.relay_url.replace(house.stage.settings["RELAY_KEY"], "guessed")
    assert answer_of(url, house, people.TANAKA.id, body).status_code == 404
    assert body.decode() not in [call.body for call in house.calls("lineworks", "POST")]


def test_an_unknown_id_becomes_a_failure_with_a_remedy(house):
    assert house.stage.host.notify("retired@example.co.jp", "連絡です")[0] == 404
    seen = failed(house, "retired@example.co.jp", "LINE WORKS IDが見つからない")
    assert "ユーザー通知設定" in str(seen)


def test_too_frequent_is_sent_again_after_the_reset_without_an_approval(house):
    house.later(minutes=2)
    house.stage.line_works.pull("plan", {"rate": 1})
    notify(house, people.TANAKA, "first")
    assert notify(house, people.TAKAHASHI, "second")[0] == 429
    house.stage.line_works.pull("plan", {"rate": 240})
    seen = failed(house, people.TAKAHASHI.id, "短時間の送信超過")
    house.admin.presses(seen, "もう一度送る")
    house.admin.sees("1件を")
    house.later(minutes=2)
    until("the message arrives", lambda: arrived(house, "secondです"))
    house.admin.sees("再送しました")
    assert len(arrived(house, "secondです")) == 1


def test_a_hung_line_works_hangs_up_and_is_unanswered(house):
    house.stage.line_works.pull("faults", {"recipients": {people.SUZUKI.id: "arrived"}})
    assert notify(house, people.SUZUKI, "hung", patience=0.5)[0] == 0
    house.stage.line_works.pull("faults", {"recipients": {}})
    failed(house, people.SUZUKI.id, "応答なし")


def test_a_body_that_fails_while_others_pass_is_no_outage(house):
    house.stage.line_works.pull("faults", {"bodies": {"poison": "internal_error"}})
    for number in range(5):
        assert notify(house, people.TANAKA, "poison")[0] == 500
        assert notify(house, people.TANAKA, f"fine{number}")[0] == 201
    assert notify(house, people.SUZUKI, "poison")[0] == 500
    house.stage.line_works.pull("faults", {"bodies": {}})
    seen = failed(house, people.SUZUKI.id, "メッセージの形式", "この種別は推定です")
    assert "障害" not in str(seen)


def test_a_daily_cap_is_resent_once_on_the_next_working_day(fresh):
    fresh.stage.line_works.pull("plan", {"cap": 1, "cap_answer": "cap_other_code"})
    assert notify(fresh, people.TANAKA, "lucky")[0] == 201
    assert notify(fresh, people.TAKAHASHI, "capped")[0] == 429
    seen = failed(fresh, people.TAKAHASHI.id, "1日の送信上限")
    fresh.admin.presses(seen, "翌日に再送")
    fresh.admin.sees("11月19日(木) 09:00 から順に再送します")
    fresh.approver.looks()
    fresh.approver.presses(fresh.approver.sees("再送の申請"), "承認")
    fresh.admin.sees("再送します")
    fresh.stage.line_works.pull("plan", {"cap": 20_000})
    fresh.at(1, 0, 10)
    assert arrived(fresh, "cappedです") == []
    fresh.at(1, 9, 1)
    fresh.admin.sees("再送しました")
    [at] = arrived(fresh, "cappedです")
    assert at >= datetime(2026, 11, 19, 9, tzinfo=TOKYO)


def test_a_host_that_sent_again_itself_is_not_doubled(fresh):
    fresh.stage.line_works.pull("plan", {"cap": 0, "cap_answer": "cap_other_code"})
    assert notify(fresh, people.TAKAHASHI, "twice")[0] == 429
    seen = failed(fresh, people.TAKAHASHI.id, "1日の送信上限")
    fresh.admin.presses(seen, "翌日に再送")
    fresh.approver.looks()
    fresh.approver.presses(fresh.approver.sees("再送の申請"), "承認")
    fresh.stage.line_works.pull("plan", {"cap": 20_000})
    fresh.at(1, 8)
    assert notify(fresh, people.TAKAHASHI, "twice")[0] == 201
    fresh.at(1, 9, 1)
    fresh.admin.sees("すでに送り直しているため、再送しませんでした")
    assert len(arrived(fresh, "twiceです")) == 1


OWN_ROW = """
[[line_works]]
status = 429
code = "MADE_UP_DAILY_CAP"
kind = "daily_cap"
evidence = "measured"
source = "our own tenant"

[[rule]]
name = "of-another-kind"
cause = "policy_blocked"
words = ["our gate says no"]
"""


def test_an_operators_own_row_proves_what_would_only_be_suspected(opened, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text(OWN_ROW, encoding="utf-8")
    with opened(RULES_FILE=str(rules)) as house:
        house.stage.line_works.pull("faults", {"answer": "cap_made_up"})
        assert notify(house, people.TANAKA, "capped")[0] == 429
        seen = failed(house, people.TANAKA.id, "1日の送信上限に達したため")
    assert "推定" not in str(seen)
