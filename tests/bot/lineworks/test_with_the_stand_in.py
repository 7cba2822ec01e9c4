"""Both sides of the protocol meet: what we say is taken, what is told us is understood."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import http
from bot.lineworks.api import Api
from bot.lineworks.auth import Account, Tokens
from bot.lineworks.client import LineWorksChat, LineWorksSender
from bot.lineworks.errors import LineWorksError, read_refusal
from bot.lineworks.receiving import Callbacks, Crew
from bot.lineworks.relayed import Answer, batch, read
from bot.lineworks.talk import Talk
from handlers.conversation import (
    Ask,
    Bullets,
    Button,
    Buttons,
    Choice,
    Confirm,
    Facts,
    File,
    Form,
    Heading,
    Message,
    Quote,
    Text,
)
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.lineworks import LineWorks, people
from sandbox.serving import serving
from storage.failures import Kind
from storage.requests import Outcome

ROOM = f"lineworks:{people.DIGEST_ROOM}"
SATO = people.SATO.id
FORM = Form(
    verb="ask_remove",
    subject="c1",
    title="解除の申請",
    submit="申請する",
    cancel="やめる",
    intro="確認をお願いします。",
    questions=(
        Choice(key="junk", label="迷惑メール", options=(("yes", "確認した"), ("no", "未確認"))),
        Ask(key="note", label="申し送り", optional=True),
    ),
)


@pytest.fixture(scope="module")
def clock():
    return Clock(datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Asia/Tokyo")))


@pytest.fixture(scope="module")
def tenant(clock):
    tenant = LineWorks(clock, Calls(clock))
    with serving(tenant.app()) as tenant.url:
        yield tenant


@pytest.fixture(autouse=True)
def fresh(tenant):
    tenant.reset({})


@pytest.fixture
def api(tenant, client):
    account = Account(
        client_id=people.CLIENT_ID,
        client_secret=people.CLIENT_SECRET,
        service_account=people.SERVICE_ACCOUNT,
        private_key=tenant.private_key,
    )
    return Api(f"{tenant.url}/v1.0", Tokens(account, f"{tenant.url}/oauth2/v2.0", client), client)


@pytest.fixture
def chat(api):
    return LineWorksChat(api, str(people.CHAT_BOT), "ja", ZoneInfo("Asia/Tokyo"))


class Desk:
    def __init__(self):
        self.asked = []

    def command(self, asked):
        self.asked.append(asked)
        confirm = Confirm(title="確認", text="元に戻せません。", yes="承認", no="やめる")
        buttons = (
            Button(label="解除を申請", verb="form", subject="c1"),
            Button(label="承認", verb="approve", subject="r1", confirm=confirm),
        )
        return Message(summary="今日", elements=(Text("3件"), Buttons(buttons)))

    def press(self, pressed):
        self.asked.append(pressed)
        return FORM if pressed.verb == "form" else Message(summary="承認しました", elements=())

    def fill(self, filled):
        self.asked.append(filled)
        return Message(summary="申請しました", elements=())


class Drafts(dict):
    put = dict.__setitem__

    def drop(self, person):
        return self.pop(person, None) is not None


@pytest.fixture
def desk(tenant, chat):
    """A desk whose bot listens."""
    desk = Desk()
    crew = Crew(Talk(chat, desk, Drafts()).hear)
    callbacks = Callbacks(str(people.CHAT_BOT), [people.BOTS[people.CHAT_BOT][1]], crew)

    async def take(request: Request) -> Response:
        status, words = callbacks.receive(await request.body(), request.headers)
        return Response(words, status)

    with serving(Starlette(routes=[Route("/callback", take, methods=["POST"])])) as url:
        tenant.callback({"url": f"{url}/callback"})
        yield desk
        crew.close()


def messages(tenant, room=""):
    """What Sato sees, in the room or in the talk with the bot."""
    return [
        shown
        for talk in tenant.state({})["talks"]
        for shown in talk["messages"]
        if (
            talk["channel"] == room
            if room
            else SATO in {m["id"] for m in talk["members"]} and not talk["title"]
        )
    ]


def awaited(tenant, text, room=""):
    """The newest message that holds `text`, once it is there."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = [one for one in messages(tenant, room) if text in one["text"]]
        if found:
            return found[-1]
        time.sleep(0.01)
    raise AssertionError([one["text"] for one in messages(tenant, room)])


def press(tenant, shown, label):
    assert tenant.press({"user": SATO, "message": shown["id"], "action": label})["statuses"] == [
        200
    ]


def test_every_element_is_taken_as_it_is_printed(chat, tenant):
    hostile = '<m userId="all"> 😀\r\n' + "あ" * 3000
    buttons = tuple(
        Button(label=f"とても長いボタンの名前 {n} {hostile}", verb="show", subject="k" * 900)
        for n in range(12)
    )
    message = Message(
        summary="全部",
        elements=(
            Heading(hostile),
            Facts((("宛先", hostile),)),
            Quote("応答", hostile),
            Bullets((hostile, "")),
            Buttons(buttons),
        ),
        files=(File(name="a.csv", title="a", content=b"x,y"),),
    )
    chat.post(ROOM, message)
    shown = messages(tenant, people.DIGEST_ROOM)
    assert {one["type"] for one in shown} == {"text", "button_template", "file"}
    assert not any("<m" in one["text"] for one in shown)


def test_an_unknown_member_and_a_missing_scope_are_told_apart(chat, tenant):
    with pytest.raises(LineWorksError) as unknown:
        chat.post("lineworks-user:nobody", Message(summary="x", elements=()))
    tenant.fail({"scopes": ["bot.read"]})
    with pytest.raises(LineWorksError) as scope:
        chat.post(ROOM, Message(summary="x", elements=()))
    assert (unknown.value.kind, scope.value.kind) == (Kind.NO_SUCH_ID, Kind.MISSING_SCOPE)


def test_a_token_that_ended_is_renewed_on_the_way(chat, clock, tenant):
    chat.post(ROOM, Message(summary="first", elements=()))
    clock.turn(clock.now() + timedelta(days=2))
    chat.post(ROOM, Message(summary="second", elements=()))
    assert [one["text"] for one in messages(tenant, people.DIGEST_ROOM)] == ["first", "second"]


def test_a_form_goes_from_the_first_word_to_the_desk(desk, tenant):
    tenant.say({"user": SATO, "text": "今日"})
    press(tenant, awaited(tenant, "3件"), "解除を申請")
    press(tenant, awaited(tenant, "1/2 迷惑メール"), "確認した")
    awaited(tenant, "2/2 申し送り")
    tenant.say({"user": SATO, "text": "急ぎです"})
    press(tenant, awaited(tenant, "申し送り: 急ぎです"), "申請する")
    awaited(tenant, "申請しました")
    assert desk.asked[-1].answers == {"junk": "yes", "note": "急ぎです"}
    assert desk.asked[-1].person == f"lineworks:{SATO}"


def test_in_a_room_a_press_that_asks_counts_the_second_time(desk, tenant):
    room = {"user": SATO, "room": people.DIGEST_ROOM}
    tenant.say({**room, "text": "今日は暑い"})
    tenant.say({**room, "text": "@通知エラー 今日"})
    press(tenant, awaited(tenant, "3件", people.DIGEST_ROOM), "承認")
    press(tenant, awaited(tenant, "もう一度「承認」", people.DIGEST_ROOM), "承認")
    awaited(tenant, "承認しました", people.DIGEST_ROOM)
    assert [type(one).__name__ for one in desk.asked] == ["Command", "Press"]
    assert desk.asked[1].shared


REFUSALS = {
    "too_frequent": Kind.TOO_FREQUENT,
    "cap_documented_pair": Kind.TOO_FREQUENT,
    "cap_other_code": Kind.DAILY_CAP_SUSPECTED,
    "cap_made_up": Kind.DAILY_CAP_SUSPECTED,
    "cap_forbidden": Kind.DAILY_CAP_SUSPECTED,
    "unknown_id": Kind.NO_SUCH_ID,
    "unknown_id_as_parameter": Kind.NO_SUCH_ID,
    "unknown_room": Kind.NO_SUCH_ID,
    "unknown_bot": Kind.WRONG_DOMAIN_INFO,
    "foreign_domain": Kind.ID_OUTSIDE_DOMAIN,
    "wrong_domain": Kind.WRONG_DOMAIN_INFO,
    "bot_not_allowed": Kind.BOT_NOT_ALLOWED,
    "missing_scope": Kind.MISSING_SCOPE,
    "malformed_token": Kind.BAD_CREDENTIALS,
    "expired_token": Kind.BAD_CREDENTIALS,
    "internal_error": Kind.PROVIDER_DOWN,
    "unavailable": Kind.PROVIDER_DOWN,
    "not_json": Kind.PROVIDER_DOWN,
    "empty": Kind.PROVIDER_DOWN,
}


@pytest.mark.parametrize(("name", "kind"), REFUSALS.items())
def test_every_answer_that_can_be_switched_on_is_read(api, tenant, name, kind):
    tenant.fail({"answer": name})
    with pytest.raises(LineWorksError) as caught:
        api.post_once(f"/bots/{people.NOTICE_BOT}/users/{SATO}/messages", b"{}")
    assert caught.value.kind is kind


def test_a_message_refused_by_the_cap_goes_out_on_the_next_day(api, clock, sealing, tenant):
    tenant.plan({"cap": 0, "cap_answer": "cap_other_code"})
    path = f"/bots/{people.NOTICE_BOT}/users/{SATO}/messages"
    body = '{"content":{"type":"text","text":"給与のお知らせ"}}'.encode()
    with http.client() as host:
        token = api._tokens.current()
        answer = host.post(
            f"{api.url}{path}", content=body, headers={"Authorization": f"Bearer {token}"}
        )
    refusal = read_refusal(answer.status_code, answer.headers, answer.content)
    told = Answer(
        at=clock.now(), status=answer.status_code, headers=answer.headers, refusal=refusal
    )
    relayed = read("POST", f"/v1.0{path}", (), body)
    (kept,) = batch(relayed, told, sealing, lambda at: at + timedelta(days=3)).kept
    sender = LineWorksSender(api, sealing)
    assert sender.send(kept).kind is Kind.DAILY_CAP_SUSPECTED
    tenant.plan({"cap": 1})
    clock.turn(clock.now() + timedelta(days=1))
    assert sender.send(kept).outcome is Outcome.SENT
    assert awaited(tenant, "給与のお知らせ")["from"] == people.BOTS[people.NOTICE_BOT][0]
