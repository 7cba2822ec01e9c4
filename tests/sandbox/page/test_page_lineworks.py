"""What a person sees and does in the page's LINE WORKS."""

import pytest
from playwright.sync_api import expect

from sandbox.lineworks import people


@pytest.fixture
def send(world):
    """The chat bot writes to 山田 花子, or into a room."""
    tenant = world.lineworks._tenant

    def send(content, room=None):
        if room:
            talk = tenant.talks.room(people.CHAT_BOT, room)
        else:
            talk, _ = tenant.talks.with_bot(people.CHAT_BOT, people.YAMADA)
        tenant.write(talk, "通知エラー", content)

    return send


def write(page, words):
    page.get_by_role("textbox", name="Write in LINE WORKS").fill(words)
    page.keyboard.press("Enter")


def said(world):
    talk = world.lineworks.state({})["talks"][-1]
    return [(each["from"], each["text"]) for each in talk["messages"]]


def test_a_talk_begins_with_the_first_words(page, world):
    write(page, "今日")
    expect(page.get_by_role("article", name="山田 花子")).to_contain_text("今日")
    assert said(world) == [("山田 花子", "今日")]


def test_a_template_shows_its_buttons_and_posts_their_words(page, world, send):
    action = {"type": "message", "label": "一覧を見る", "postback": "list"}
    send({"type": "button_template", "contentText": "何をしますか", "actions": [action]})
    page.get_by_role("button", name="一覧を見る").click()
    expect(page.get_by_role("article", name="山田 花子")).to_contain_text("一覧を見る")
    assert said(world)[-1] == ("山田 花子", "一覧を見る")


def test_quick_replies_go_with_the_next_message(page, send):
    action = {"type": "message", "label": "確認した", "text": "確認しました", "postback": "y"}
    send({"type": "text", "text": "確認は", "quickReply": {"items": [{"action": action}]}})
    page.get_by_role("button", name="確認した").click()
    expect(page.get_by_role("article", name="山田 花子")).to_contain_text("確認しました")
    expect(page.get_by_role("button", name="確認した")).to_have_count(0)


def test_a_room_is_read_by_its_members_alone(visit, send):
    send({"type": "text", "text": "3件"}, room=people.APPROVAL_ROOM)
    page = visit("佐藤 恵")
    page.get_by_role("button", name="通知エラーの承認").click()
    expect(page.get_by_role("article", name="3件")).to_be_visible()
    outsider = visit("山田 花子").get_by_role("navigation", name="Talks")
    expect(outsider.get_by_role("button", name="通知エラーの報告")).to_be_visible()
    expect(outsider.get_by_role("button", name="通知エラーの承認")).to_have_count(0)


def test_words_in_a_room_are_written_there(page, world):
    page.get_by_role("button", name="通知エラーの報告").click()
    write(page, "/notify-errors today")
    expect(page.get_by_role("article", name="/notify-errors today")).to_be_visible()
    rooms = {talk["title"]: talk["messages"] for talk in world.lineworks.state({})["talks"]}
    assert len(rooms["通知エラーの報告"]) == 1


def test_words_never_become_markup(page, send):
    send({"type": "text", "text": "<img src=x onerror=alert(1)>"})
    expect(page.get_by_role("article")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("article img").count() == 0


def test_who_is_not_there_is_told_so(visit):
    page = visit("Emma Brown")
    expect(page.get_by_text("Not in LINE WORKS.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Write in LINE WORKS")).to_be_disabled()
