"""SendGrid's lists, the log, what can be tried, the faults, the clock; and the phone's width."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

NAMES = "button, input:not([type=radio]), select, textarea, [role=tab], dialog[open]"


def tab(page, name):
    page.get_by_role("tab", name=name).click()
    return page.get_by_role("tabpanel", name=name)


@pytest.fixture
def bounce(world):
    def bounce(email):
        world.sendgrid.happen(
            {"event": "bounce", "type": "bounce", "email": email, "reason": "550"}
        )

    return bounce


def test_a_list_shows_its_addresses(page, bounce):
    bounce("hanako@example.jp")
    summary = page.get_by_text("バウンス bounces")
    expect(summary).to_contain_text("1")
    summary.click()
    expect(page.get_by_role("listitem").filter(has_text="hanako@example.jp")).to_contain_text("550")
    expect(page.locator("[aria-live=polite]")).to_contain_text("SendGrid バウンス 0 → 1")


def test_lists_are_filtered_by_address(page, bounce):
    bounce("hanako@example.jp")
    bounce("taro@example.jp")
    page.get_by_role("searchbox", name="Filter by address").fill("TARO")
    expect(page.get_by_text("taro@example.jp")).to_be_visible()
    expect(page.get_by_text("hanako@example.jp")).to_have_count(0)


def test_a_mail_goes_through_sendgrid_with_its_outcome(page, world):
    panel = tab(page, "試す")
    panel.get_by_label("宛先 To", exact=True).fill("jiro@example.jp")
    panel.get_by_label("結果").select_option("invalid")
    panel.get_by_role("button", name="Send the mail").click()
    expect(page.get_by_role("status")).to_contain_text("202")
    state = world.sendgrid.state({})
    assert [each["email"] for each in state["lists"]["invalid_emails"]] == ["jiro@example.jp"]


def test_a_notification_goes_through_the_customers_program(page, world):
    panel = tab(page, "試す")
    panel.get_by_label("To (login or id)").fill("tanaka@example.co.jp")
    panel.get_by_role("button", name="Notify").click()
    expect(page.get_by_role("status")).to_contain_text("201")
    assert world.customer.notified == [("tanaka@example.co.jp", "予定が登録されました")]


def test_a_recipient_can_complain(page, world):
    panel = tab(page, "試す")
    panel.get_by_label("できごと").select_option(label="迷惑メールとして報告 / Complains")
    panel.get_by_role("button", name="Make it happen").click()
    expect(page.get_by_role("status")).to_contain_text("OK")
    assert len(world.sendgrid.state({})["lists"]["spam_reports"]) == 1


def test_a_call_opens_to_its_body_without_secrets(page, world):
    world.customer.mail("jiro@example.jp", "お知らせ")
    panel = tab(page, "通信")
    panel.get_by_text("POST /v3/mail/send").click()
    expect(panel.get_by_label("Request")).to_contain_text('"subject": "お知らせ"')
    expect(panel.get_by_role("listitem")).to_contain_text("202")


def test_calls_are_filtered_by_vendor(page, world):
    world.customer.mail("jiro@example.jp", "お知らせ")
    panel = tab(page, "通信")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    panel.get_by_label("相手").select_option("slack")
    expect(panel.get_by_role("listitem")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("Token revoked", lambda world: world.slack.faults["token_revoked"]),
        ("Channel archived", lambda world: world.slack.faults["archived"] == ["C0DIGEST1"]),
        ("reverse order", lambda world: world.sendgrid.state({})["webhook"]["reorder"]),
    ],
)
def test_a_fault_is_switched_on_and_off(page, world, name, held):
    switch = tab(page, "障害").get_by_role("checkbox", name=name)
    for wanted in (True, False):
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            switch.set_checked(wanted)
        assert held(world) == wanted


def test_faults_are_numbers_where_the_vendor_counts(page, world):
    panel = tab(page, "障害")
    panel.get_by_label("Answer to every call").select_option("503")
    panel.get_by_label("Daily cap").fill("3")
    with page.expect_response("**/lineworks/plan"):
        page.keyboard.press("Tab")
    assert world.lineworks.state({})["plan"]["cap"] == 3
    assert world.sendgrid.state({})["faults"]["status"] == 503


def test_a_fault_made_elsewhere_is_shown(page, world):
    panel = tab(page, "障害")
    world.lineworks.fail({"answer": "too_frequent"})
    expect(panel.get_by_label("Answer to every message")).to_have_value("too_frequent")


def test_the_clock_goes_an_hour_on(page, world):
    before = world.clock.now()
    with page.expect_response("**/clock"):
        page.get_by_role("button", name="+1 hour").click()
    assert world.clock.now() - before >= timedelta(hours=1)


def test_the_clock_goes_to_the_next_day_in_tokyo(page):
    page.get_by_role("button", name="Next day 0:10").click()
    expect(page.get_by_role("time").first).to_contain_text("00:10:")


def test_the_clock_does_not_run_backwards(page, world):
    page.get_by_label("Turn to (Tokyo time)").fill("2020-01-01T09:00")
    page.get_by_role("button", name="進める Turn", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("時計は戻せません")
    assert world.clock.now().year > 2020


def test_tabs_are_walked_with_arrows(page):
    page.get_by_role("tab", name="SendGrid").press("ArrowRight")
    expect(page.get_by_role("tab", name="通信")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="通信")).to_be_visible()


def test_a_phone_shows_one_part_at_a_time(visit):
    page = visit(width=390, height=844)
    for name, part in (("LINE WORKS", "LINE WORKS"), ("舞台裏", "舞台裏"), ("Slack", "Slack")):
        page.get_by_role("navigation", name="画面").get_by_role("button", name=name).click()
        expect(page.locator("main > section:visible")).to_have_attribute("data-panel", PANELS[part])
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


PANELS = {"LINE WORKS": "lineworks", "舞台裏": "backstage", "Slack": "slack"}


def test_a_phone_tells_what_waits_in_the_other_part(visit, world):
    page = visit(width=390, height=844)
    expect(page.get_by_role("button", name="通知エラー-管理")).to_be_visible()
    world.lineworks.say({"user": "suzuki@example.co.jp", "text": "3件", "room": ROOM})
    other = page.get_by_role("navigation", name="画面").get_by_role("button", name="LINE WORKS")
    expect(other).to_contain_text("1")


ROOM = "0f3c9a5e-1b2d-4c6f-8e90-aa11bb22cc33"


def test_everything_that_can_be_used_has_a_name(page):
    nameless = page.locator(NAMES).evaluate_all(
        "all => all.filter((each) => each.checkVisibility() && !(each.ariaLabel"
        " || each.textContent.trim() || each.labels?.length)).map((each) => each.outerHTML)"
    )
    assert nameless == []
