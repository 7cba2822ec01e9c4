"""A bounce by webhook, its digest in both chats, its removal, and what the address does next."""

import httpx
import pytest

from sandbox.play import CHECKS
from sandbox.sendgrid import HOST_KEY
from sandbox.stage import APPROVAL_CHANNEL

ANSWERS = dict.fromkeys(CHECKS, "checked")


def ask_removal(house, address):
    house.admin.presses(house.admin.types(f"/notify-errors who {address}", address), "解除を申請")
    house.admin.fills(ANSWERS | {"note": "確認済みです"})
    house.admin.sees("解除を申請しました")


def card(house, address):
    """Its newest card: of the address only the first letter shows, so each test has its own."""
    local, _, domain = address.partition("@")
    house.approver.looks()
    return house.approver.sees("解除の申請", f"{local[:1]}***@{domain}")


def listed(house, address):
    bounces = house.stage.sendgrid.state()["lists"]["bounces"]
    return any(entry["email"] == address for entry in bounces)


@pytest.fixture(scope="module")
def removed(house):
    """An address that was taken off the list; `card` stands in the approvers' channel."""
    address = house.bounced("removed")
    ask_removal(house, address)
    house.approver.presses(card(house, address), "承認")
    house.admin.sees(address, "外しました")
    return address


def test_a_bounce_is_in_the_digest_of_both_chats(fresh):
    fresh.bounced("digest")
    fresh.at(0, 9)
    in_slack = fresh.member.sees("通知エラーのまとめ", "d***@example.jp")
    fresh.yamada.looks()
    fresh.yamada.sees("通知エラーのまとめ", "d***@example.jp")
    assert "恒久的な拒否(ハードバウンス): 1件(うち新規 1件)" in str(in_slack)
    assert "digest@" not in str(in_slack)


def test_a_removal_deletes_exactly_once_and_is_read_back(house, removed):
    assert len(house.deletes(removed)) == 1
    assert not listed(house, removed)
    reads = [c for c in house.calls("sendgrid", "GET") if c.url.endswith(f"/bounces/{removed}")]
    assert reads[-1].at > house.deletes(removed)[0].at
    assert reads[-1].response == "[]"


def test_the_card_ends_as_what_became_of_it(house, removed):
    end = card(house, removed)
    assert "承認しました" in str(end)
    assert "[承認]" not in str(end)


def test_the_next_mail_is_told_to_the_asker_and_under_the_card(house, removed):
    house.later(minutes=1)
    house.admin.looks()
    house.mail(removed)
    house.admin.sees(removed, "受け付けました")
    told = house.approver.sees("受け付けました", "の後に送信したメール")
    [of_card] = [
        m
        for m in house.stage.slack.state()["messages"][APPROVAL_CHANNEL]
        if m["ts"] == told.message["thread_ts"]
    ]
    assert "解除の申請" in str(of_card["blocks"])


def test_a_second_bounce_after_a_removal_is_told_too(house):
    address = house.bounced("again")
    ask_removal(house, address)
    house.approver.presses(card(house, address), "承認")
    house.admin.sees(address, "外しました")
    house.later(minutes=1)
    house.mail(address, outcome="bounce")
    house.admin.sees(address, "再びバウンスリストに登録されました")
    assert listed(house, address)


def test_nobody_decides_on_what_they_asked_for(house):
    address = house.bounced("own")
    ask_removal(house, address)
    asker = house.slack("U0ADMIN01", APPROVAL_CHANNEL)
    asker.looks()
    asker.presses(asker.sees("解除の申請", "o***@example.jp"), "承認")
    asker.sees("承認者として登録された方だけ")
    assert house.deletes(address) == []


def test_a_declined_request_gives_its_reason_to_the_asker(house):
    address = house.bounced("declined")
    ask_removal(house, address)
    house.approver.presses(card(house, address), "却下")
    house.approver.fills({"reason": "つづりを確認してください"})
    house.admin.sees(address, "却下されました", "つづりを確認してください")
    assert listed(house, address)


def test_a_check_that_was_left_out_is_asked_for_in_the_form(house):
    address = house.bounced("unchecked")
    house.admin.presses(house.admin.types(f"/notify-errors who {address}", address), "解除を申請")
    seen = house.admin.fills({"junk_folder": "checked"})
    assert set(seen["modal"]["errors"]) == {"free_space", "address", "allow_list"}
    house.admin.closes()


def test_an_entry_that_somebody_else_removed_is_no_failure(house):
    address = house.bounced("missing")
    ask_removal(house, address)
    entry = f"{house.stage.sendgrid.url}/v3/suppression/bounces/{address}"
    assert httpx.delete(entry, headers={"Authorization": f"Bearer {HOST_KEY}"}).status_code == 204
    house.approver.presses(card(house, address), "承認")
    house.admin.sees(address, "すでに")
