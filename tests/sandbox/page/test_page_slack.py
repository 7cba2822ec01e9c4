"""What a person sees and does in the page's Slack, found by accessible names."""

import re

import pytest
from playwright.sync_api import expect

HOSTILE = "&lt;img src=x onerror=alert(1)&gt; <b>no</b>"


def section(words):
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}}


@pytest.fixture
def row(button):
    return {"type": "actions", "elements": [button("解除を依頼する", value="case-7")]}


@pytest.fixture
def asking(world, post, row, view):
    """A message whose button opens the modal."""

    def answer(payload):
        if payload["type"] == "block_actions":
            world.web.views_open(trigger_id=payload["trigger_id"], view=view)

    world.bot.answer = answer
    post("3件", row)


def write(page, words):
    page.get_by_role("textbox", name="Write in Slack").fill(words)
    page.keyboard.press("Enter")


def open_modal(page):
    page.get_by_role("button", name="解除を依頼する").click()
    return page.get_by_role("dialog", name="解除の依頼")


def test_a_message_is_an_article_named_by_sender_and_words(page, post):
    post("昨日は3件", section("*ハードバウンス* と `a***@example.jp`"))
    message = page.get_by_role("article", name=re.compile(r"notify-errors \d\d:\d\d 昨日は3件"))
    expect(message.locator("strong", has_text="ハードバウンス")).to_be_visible()
    expect(message.locator("code")).to_have_text("a***@example.jp")


def test_words_never_become_markup(page, post):
    title = {"type": "plain_text", "text": "API &gt; <i>"}
    post("3件", section(HOSTILE), {"type": "header", "text": title})
    message = page.get_by_role("article")
    expect(message).to_contain_text("<img src=x onerror=alert(1)> <b>no</b>")
    expect(message.get_by_role("heading")).to_have_text("API > <i>")
    assert message.locator("img, b").count() == 0


def test_links_times_and_people_are_written_out(page, post):
    post(
        "x", section("<https://example.com/help|手順> <@U0ADMIN02> <!date^0^{time}|-> <#C0DIGEST1>")
    )
    message = page.get_by_role("article")
    link = message.get_by_role("link", name="手順")
    expect(link).to_have_attribute("href", "https://example.com/help")
    expect(message).to_contain_text("@鈴木 一郎 09:00 #通知エラー")


def test_a_link_to_a_script_stays_words(page, post):
    post("x", section("<javascript:alert(1)|手順>"))
    expect(page.get_by_role("article")).to_contain_text("<javascript:alert(1)|手順>")
    assert page.get_by_role("link").count() == 0


def test_times_stand_in_the_readers_own_zone(visit, post):
    post("x", section("<!date^0^{time}|->"))
    expect(visit("Emma Brown").get_by_role("article")).to_contain_text("01:00")


def test_a_button_presses_with_its_value(page, world, post, row):
    post("3件", row)
    with page.expect_response("**/slack/press"):
        page.get_by_role("button", name="解除を依頼する").click()
    (payload,) = world.bot.heard
    assert payload["actions"][0]["value"] == "case-7"
    assert payload["user"]["id"] == "U0ADMIN01"


def test_a_button_is_pressed_by_keyboard(page, world, post, row):
    post("3件", row)
    page.get_by_role("button", name="解除を依頼する").focus()
    with page.expect_response("**/slack/press"):
        page.keyboard.press("Enter")
    assert world.bot.heard[0]["type"] == "block_actions"


def test_a_grave_button_asks_first(page, world, post, button):
    words = {
        "title": "却下しますか",
        "text": "取り消せません。",
        "confirm": "却下",
        "deny": "やめる",
    }
    confirm = {key: {"type": "plain_text", "text": each} for key, each in words.items()}
    post("3件", {"type": "actions", "elements": [button("却下する", confirm=confirm)]})
    page.get_by_role("button", name="却下する").click()
    page.get_by_role("alertdialog", name="却下しますか").get_by_role(
        "button", name="やめる"
    ).click()
    assert world.bot.heard == []
    page.get_by_role("button", name="却下する").click()
    with page.expect_response("**/slack/press"):
        page.get_by_role("button", name="却下", exact=True).click()
    assert len(world.bot.heard) == 1


def test_an_edited_message_loses_its_buttons_and_keeps_the_focus(page, world, post, row):
    ts = post("3件", row)
    page.get_by_role("button", name="解除を依頼する").focus()
    world.web.chat_update(channel="C0DIGEST1", ts=ts, text="済み", blocks=[section("済み")])
    expect(page.get_by_role("button", name="解除を依頼する")).to_have_count(0)
    expect(page.locator("li:focus")).to_contain_text("済み")


def test_a_command_is_answered_to_the_asker_alone(page, world):
    world.bot.answer = lambda _payload: {"text": "今日は0件"}
    write(page, "/notify-errors today")
    expect(page.get_by_role("article", name="今日は0件")).to_contain_text("Only visible to you")
    assert world.bot.heard[0]["text"] == "today"
    page.get_by_label("だれになる").select_option("U0ADMIN02")
    expect(page.get_by_role("article", name="今日は0件")).to_have_count(0)


def test_plain_words_are_posted_for_all(page):
    write(page, "了解です <b>")
    expect(page.get_by_role("article", name="山田 花子")).to_contain_text("了解です <b>")


def test_an_unknown_command_says_so_and_stays_in_the_field(page):
    write(page, "/notify today")
    expect(page.get_by_role("status")).to_contain_text("/notify is not a valid command.")
    expect(page.get_by_role("textbox", name="Write in Slack")).to_have_value("/notify today")


def test_typed_words_survive_what_arrives(page, post):
    field = page.get_by_role("textbox", name="Write in Slack")
    field.fill("まだ途中")
    post("3件")
    expect(page.get_by_role("article")).to_be_visible()
    expect(field).to_have_value("まだ途中")
    expect(field).to_be_focused()


def test_a_new_message_is_told_politely(page, post):
    post("3件")
    expect(page.locator("[aria-live=polite]")).to_contain_text("3件")


def test_a_press_shows_its_answer(page, world, post, row):
    world.bot.answer = lambda _payload: post("一覧です") and None
    post("3件", row, section("\n".join("長い話" * 20 for _ in range(20))))
    page.get_by_role("button", name="解除を依頼する").click()
    expect(page.get_by_role("article", name="一覧です")).to_be_in_viewport()


def test_a_long_message_is_shown_from_its_beginning(page, post):
    post("3件", {"type": "header", "text": {"type": "plain_text", "text": "まとめ"}})
    post("x", section("はじめ"), section("\n".join("長い話" * 20 for _ in range(40))))
    expect(page.get_by_text("はじめ")).to_be_in_viewport()


def test_replies_stand_under_their_message(page, post):
    post("解除しました", thread_ts=post("3件"))
    replies = page.get_by_role("region", name="Replies")
    expect(replies.get_by_role("article", name="解除しました")).to_be_visible()


def test_a_file_can_be_downloaded(page, world):
    world.web.files_upload_v2(filename="email.csv", content="a,b\n", channel="C0DIGEST1")
    with page.expect_download() as download:
        page.get_by_role("link", name="email.csv").click()
    assert download.value.path().read_text() == "a,b\n"


def test_a_modal_sends_what_was_filled_in(page, world, asking):
    modal = open_modal(page)
    modal.get_by_role("radio", name="はい").check()
    modal.get_by_role("textbox", name="補足").fill("急ぎます")
    modal.get_by_role("button", name="依頼する").click()
    expect(modal).to_have_count(0)
    values = world.bot.heard[-1]["view"]["state"]["values"]
    assert values["junk"]["answer"]["selected_option"]["value"] == "y"
    assert values["note"]["answer"]["value"] == "急ぎます"


def test_a_modal_shows_what_is_missing_and_keeps_the_rest(page, world, asking):
    modal = open_modal(page)
    modal.get_by_role("textbox", name="補足").fill("急ぎます")
    modal.get_by_role("button", name="依頼する").click()
    choice = modal.get_by_role("radiogroup", name="確認しましたか")
    expect(choice).to_have_accessible_description("Please complete this required field.")
    expect(modal.get_by_role("textbox", name="補足")).to_have_value("急ぎます")
    expect(modal.get_by_role("radio", name="はい")).to_be_focused()


def test_escape_closes_a_modal_and_tells_the_bot(page, world, asking):
    modal = open_modal(page)
    expect(modal).to_be_visible()
    with page.expect_response("**/slack/close"):
        page.keyboard.press("Escape")
    expect(modal).to_have_count(0)
    assert world.bot.heard[-1]["type"] == "view_closed"


def test_focus_stays_inside_a_modal(page, asking):
    modal = open_modal(page)
    expect(modal).to_be_visible()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )


def test_private_channels_are_listed_for_members_alone(visit):
    channels = "Slack のチャンネル"
    approver = visit("佐藤 恵").get_by_role("navigation", name=channels)
    expect(approver.get_by_role("button", name="通知エラー-承認")).to_be_visible()
    guest = visit("高橋 光").get_by_role("navigation", name=channels)
    expect(guest.get_by_role("button")).to_have_count(1)


def test_a_channel_counts_what_was_not_read(page, post):
    expect(page.get_by_role("button", name="通知エラー-承認")).to_be_visible()
    post("承認のお願い", channel="C0APPROVE")
    approvals = page.get_by_role("button", name="通知エラー-承認")
    expect(approvals).to_contain_text("1 件の新着")
    approvals.click()
    expect(page.get_by_role("article", name="承認のお願い")).to_be_visible()
    expect(approvals).not_to_contain_text("新着")


def test_nobody_writes_in_an_archived_channel(page):
    page.get_by_role("button", name="旧-通知エラー").click()
    expect(page.get_by_role("textbox", name="Write in Slack")).to_be_disabled()
