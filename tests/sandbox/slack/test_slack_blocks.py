"""Block Kit's limits, each at its edge and one beyond."""

import pytest

from sandbox.slack.blocks import message_problems, too_long, view_problems


def plain(words):
    return {"type": "plain_text", "text": words}


def mrkdwn(words):
    return {"type": "mrkdwn", "text": words}


def section(**more):
    return {"type": "section", "text": mrkdwn("x"), **more}


def button(**more):
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def option(value="v", words="x"):
    return {"text": plain(words), "value": value}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def field(element, **more):
    return {"type": "input", "label": plain("x"), "element": element, **more}


def select(**more):
    return {"type": "static_select", "action_id": "s", **more}


def modal(*blocks, **more):
    return {"type": "modal", "title": plain("x"), "blocks": list(blocks), **more}


GOOD = {
    "fifty blocks": [{"type": "divider"}] * 50,
    "3000 characters": [section(text=mrkdwn("x" * 3000))],
    "fields alone": [{"type": "section", "fields": [mrkdwn("x" * 2000)] * 10}],
    "header of 150": [{"type": "header", "text": plain("x" * 150), "level": 2}],
    "25 buttons": [actions(*(button(action_id=str(n)) for n in range(25)))],
    "value of 2000": [section(accessory=button(value="x" * 2000, style="danger"))],
    "same action in two blocks": [actions(button()), actions(button())],
    "context": [{"type": "context", "elements": [mrkdwn("x"), plain("y")]}],
    "picture": [
        section(accessory={"type": "image", "image_url": "https://example.jp/a", "alt_text": "a"})
    ],
    "initial option": [actions(select(options=[option()], initial_option=option()))],
    "confirm": [
        actions(
            button(
                confirm={
                    "title": plain("x" * 100),
                    "text": mrkdwn("x" * 300),
                    "confirm": plain("x" * 30),
                    "deny": plain("x" * 30),
                }
            )
        )
    ],
}
BAD = {
    "51 blocks": [{"type": "divider"}] * 51,
    "no list": {"type": "divider"},
    "no object": ["divider"],
    "unknown block": [{"type": "poem"}],
    "unknown key": [section(colour="red")],
    "3001 characters": [section(text=mrkdwn("x" * 3001))],
    "1501 pairs of surrogates": [section(text=mrkdwn("🙂" * 1501))],
    "empty text": [section(text=mrkdwn(""))],
    "neither text nor fields": [{"type": "section"}],
    "text as a string": [section(text="x")],
    "11 fields": [{"type": "section", "fields": [mrkdwn("x")] * 11}],
    "mrkdwn header": [{"type": "header", "text": mrkdwn("x")}],
    "header of 151": [{"type": "header", "text": plain("x" * 151)}],
    "level 5": [{"type": "header", "text": plain("x"), "level": 5}],
    "11 in context": [{"type": "context", "elements": [mrkdwn("x")] * 11}],
    "button in context": [{"type": "context", "elements": [button()]}],
    "no elements": [actions()],
    "26 buttons": [actions(*(button(action_id=str(n)) for n in range(26)))],
    "button of 76": [actions(button(text=plain("x" * 76)))],
    "value of 2001": [actions(button(value="x" * 2001))],
    "value as a number": [actions(button(value=7))],
    "unknown style": [actions(button(style="loud"))],
    "label of 76": [actions(button(accessibility_label="x" * 76))],
    "half a confirm": [actions(button(confirm={"title": plain("x")}))],
    "action_id of 256": [actions(button(action_id="x" * 256))],
    "action_id twice": [actions(button(), button())],
    "block_id twice": [section(block_id="a"), section(block_id="a")],
    "block_id of 256": [section(block_id="x" * 256)],
    "input in actions": [actions({"type": "plain_text_input", "action_id": "t"})],
    "button as input": [field(button())],
    "101 options": [actions(select(options=[option(str(n)) for n in range(101)]))],
    "options and groups": [
        actions(
            select(options=[option()], option_groups=[{"label": plain("g"), "options": [option()]}])
        )
    ],
    "no options": [actions(select())],
    "option value of 151": [actions(select(options=[option("x" * 151)]))],
    "option of 76": [actions(select(options=[option(words="x" * 76)]))],
    "another initial option": [actions(select(options=[option()], initial_option=option("w")))],
    "6 in overflow": [
        actions(
            {"type": "overflow", "action_id": "o", "options": [option(str(n)) for n in range(6)]}
        )
    ],
    "11 checkboxes": [
        actions(
            {"type": "checkboxes", "action_id": "c", "options": [option(str(n)) for n in range(11)]}
        )
    ],
    "max_length of 3001": [field({"type": "plain_text_input", "max_length": 3001})],
    "optional as a string": [field({"type": "plain_text_input"}, optional="yes")],
}
BAD_VIEWS = {
    "no title": {"type": "modal", "blocks": []},
    "home": {"type": "home", "blocks": []},
    "title of 25": modal(title=plain("x" * 25)),
    "submit of 25": modal(submit=plain("x" * 25)),
    "private_metadata of 3001": modal(private_metadata="x" * 3001),
    "callback_id of 256": modal(callback_id="x" * 256),
    "101 blocks": modal(*[{"type": "divider"}] * 101),
    "input without submit": modal(field({"type": "plain_text_input"})),
    "unknown key": modal(colour="red"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_slack_takes_is_taken(name):
    assert message_problems(GOOD[name]) == []


@pytest.mark.parametrize("name", BAD)
def test_what_slack_refuses_is_refused_with_a_place(name):
    problems = message_problems(BAD[name])
    assert problems
    assert all("[json-pointer:/blocks" in each for each in problems)


@pytest.mark.parametrize("name", BAD_VIEWS)
def test_a_view_that_slack_refuses_is_refused(name):
    assert "[json-pointer:/view" in view_problems(BAD_VIEWS[name])[0]


def test_a_view_of_100_blocks_with_its_longest_words_is_taken():
    words = {"title": plain("x" * 24), "submit": plain("x" * 24), "private_metadata": "x" * 3000}
    line = field({"type": "plain_text_input", "action_id": "t"})
    assert view_problems(modal(line, *[{"type": "divider"}] * 99, **words)) == []


def test_13200_characters_in_all_are_the_end():
    four = [section(text=mrkdwn("x" * 3000))] * 4
    assert not too_long([*four, section(text=mrkdwn("x" * 1200))])
    assert too_long([*four, section(text=mrkdwn("x" * 1201))])
