"""The stand-ins, a bot on Slack, the customer's program, and a browser that looks at their page."""

import json
from collections.abc import Callable
from ctypes.util import find_library
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import httpx
import pytest
from playwright.sync_api import expect, sync_playwright
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.lineworks import LineWorks
from sandbox.page import Page
from sandbox.sendgrid import HOST_KEY, SendGrid
from sandbox.serving import serving
from sandbox.slack import Slack, seed

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 15_000  # milliseconds, for a busy machine
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class Bot:
    """Keeps what Slack sends, and answers `answer(payload)` as JSON."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.heard: list[dict] = []
        self.answer: Callable[[dict], dict | None] = lambda _payload: None

    async def receive(self, request):
        form = dict(parse_qsl((await request.body()).decode()))
        payload = json.loads(form["payload"]) if "payload" in form else form
        self.heard.append(payload)
        return JSONResponse(await run_in_threadpool(self.answer, payload) or {})


class Customer:
    """Mails through SendGrid; keeps what it would send to LINE WORKS."""

    def __init__(self, sendgrid):
        self.sendgrid, self.notified = sendgrid, []

    def mail(self, to, subject):
        mail = {
            "personalizations": [{"to": [{"email": to}]}],
            "from": {"email": "notice@example.co.jp"},
            "subject": subject,
            "content": [{"type": "text/plain", "value": subject}],
        }
        bearer = {"Authorization": f"Bearer {HOST_KEY}"}
        answer = httpx.post(f"{self.sendgrid}/v3/mail/send", json=mail, headers=bearer)
        return answer.status_code, answer.text

    def notify(self, to, text):
        self.notified.append((to, text))
        return 201, ""


@pytest.fixture(scope="session")
def served(clock, kept_calls):
    """Started once, since a reset is as good as a start."""
    slack, sendgrid = Slack(clock, kept_calls), SendGrid(clock, kept_calls)
    lineworks, bot = LineWorks(clock, kept_calls), Bot()
    receiver = Starlette(routes=[Route("/slack/events", bot.receive, methods=["POST"])])
    with (
        serving(slack.app()) as slack.base_url,
        serving(receiver) as bot_url,
        serving(sendgrid.app()) as sendgrid_url,
    ):
        slack.events_url = f"{bot_url}/slack/events"
        customer = Customer(sendgrid_url)
        page = Page(
            slack=slack,
            lineworks=lineworks,
            sendgrid=sendgrid,
            clock=clock,
            calls=kept_calls,
            host=customer,
        )
        web = WebClient(seed.BOT_TOKEN, base_url=f"{slack.base_url}/api/", timeout=5)
        with serving(page.app()) as url:
            parts = vars(page) | {"bot": bot, "web": web, "url": url, "customer": customer}
            yield SimpleNamespace(**parts)
    sendgrid.close()


@pytest.fixture
def world(served):
    served.bot.reset()
    served.slack.reset()
    served.sendgrid.reset({})
    served.lineworks.reset({})
    served.calls.newest.clear()
    served.customer.notified.clear()
    return served


@pytest.fixture(scope="module")
def browser():
    """Ends with the module: while it runs, no other event loop can on this thread."""
    if not CHROMIUM.exists() or find_library("atomic") is None:
        # The second is asked for by the driver's own Node.
        pytest.skip("no Chromium, or half of it: apt-get install chromium libatomic1")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tabs(browser):
    """Shared by tests one after the other, since opening one takes half a second; each in a window
    of its own, since a tab behind another draws once a second.
    """
    pages = []

    def tab(number):
        if number == len(pages):
            pages.append(browser.new_context().new_page())
        return pages[number]

    return tab


@pytest.fixture
def visit(world, tabs):
    """Opens the page, as whom and how wide one likes; fails on any error of its script."""
    pages, errors = [], []

    def listen(error):
        errors.append(str(error))

    def visit(person="山田 花子", width=1400, height=900):
        page = tabs(len(pages))
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": width, "height": height})
        page.on("pageerror", listen)
        page.goto(world.url)
        become(page, person)
        return page

    yield visit
    for page in pages:
        page.remove_listener("pageerror", listen)
        page.goto("about:blank")
    assert errors == []


def become(page, person):
    people = page.get_by_label("だれになる")
    people.select_option(people.locator("option", has_text=person).get_attribute("value"))


@pytest.fixture
def page(visit):
    return visit()


def text(words, kind="plain_text"):
    return {"type": kind, "text": words}


@pytest.fixture
def button():
    def build(label, action_id="go", **more):
        return {"type": "button", "action_id": action_id, "text": text(label), **more}

    return build


@pytest.fixture
def post(world):
    """The bot posts blocks, or words alone, to the digest's channel."""

    def post(words="3件", *blocks, channel="C0DIGEST1", **more):
        return world.web.chat_postMessage(channel=channel, text=words, blocks=blocks, **more)["ts"]

    return post


@pytest.fixture
def view():
    """A modal with a choice to make and a line to fill."""
    options = [{"text": text(words), "value": key} for key, words in (("y", "はい"), ("n", "未"))]
    radio = {"type": "radio_buttons", "action_id": "answer", "options": options}
    line = {"type": "plain_text_input", "action_id": "answer", "multiline": True}
    blocks = [
        {"type": "input", "block_id": "junk", "label": text("確認しましたか"), "element": radio},
        {"type": "input", "block_id": "note", "label": text("補足"), "element": line},
    ]
    words = {"title": text("解除の依頼"), "submit": text("依頼する"), "close": text("やめる")}
    return {
        "type": "modal",
        "callback_id": "ask",
        "notify_on_close": True,
        "blocks": blocks,
    } | words
