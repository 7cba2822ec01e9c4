"""The JSON that the page draws: who sees what, and that only news travel."""

import httpx
import pytest


@pytest.fixture
def state(world):
    def state(person="U0ADMIN01", **seen):
        answer = httpx.get(f"{world.url}/state", params={"person": person} | seen)
        return answer.json()["parts"]

    return state


def test_only_changed_parts_travel(world, state):
    marks = {name: part["mark"] for name, part in state().items()}
    assert state(**marks) == {}
    world.sendgrid.happen({"event": "spamreport", "email": "hanako@example.jp"})
    assert state(**marks).keys() == {"sendgrid"}


def test_people_of_both_products_are_one(state):
    people = {each["name"]: each for each in state()["people"]["value"]}
    assert people["山田 花子"]["slack"] == "U0ADMIN01"
    assert people["山田 花子"]["login"] == "yamada@example.co.jp"
    assert people["中村 翼"]["lineworks"] == ""
    assert people["伊藤 誠"]["slack"] == ""


def test_a_stranger_sees_the_shared_channel_alone(state):
    channels = state("U0STRANGE")["slack"]["value"]["channels"]
    assert [each["name"] for each in channels] == ["共同プロジェクト"]


def test_whispers_and_modals_are_their_readers_own(world, state, view):
    world.web.chat_postEphemeral(channel="C0DIGEST1", user="U0ADMIN01", text="内緒")
    world.web.views_open(trigger_id=world.slack.new_trigger("U0ADMIN01"), view=view)
    mine, others = (state(user)["slack"]["value"] for user in ("U0ADMIN01", "U0ADMIN02"))
    assert mine["modal"]["title"]["text"] == "解除の依頼"
    assert [each["text"] for each in mine["ephemerals"]] == ["内緒"]
    assert (others["modal"], others["ephemerals"]) == (None, [])


def test_a_member_without_slack_sees_no_channel(state):
    ito = next(each["id"] for each in state()["people"]["value"] if each["name"] == "伊藤 誠")
    assert state(ito)["slack"]["value"]["channels"] == []


def test_the_page_runs_no_script_but_its_own(world):
    answer = httpx.get(world.url)
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")


def test_a_mail_without_an_outcome_names_the_field(world):
    answer = httpx.post(f"{world.url}/try/mail", json={"to": "a@example.jp", "subject": "x"})
    assert (answer.status_code, answer.json()["error"]) == (400, "KeyError: 'outcome'")
