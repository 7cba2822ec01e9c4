"""What a message may hold."""

import pytest

from sandbox.lineworks import people

BUTTON = {"type": "message", "label": "翌日に再送する", "postback": "v1:resend"}
REPLY = {"type": "postback", "label": "はい", "data": "yes", "displayText": "はい"}
URL = "https://example.com/x"


def template(*actions, text="3件"):
    return {"type": "button_template", "contentText": text, "actions": list(actions)}


def text(*replies):
    items = [{"action": action} for action in replies]
    return {"type": "text", "text": "x", "quickReply": {"items": items}}


@pytest.mark.parametrize(
    "content",
    [
        {"type": "text", "text": "x" * 2000},
        text(*[REPLY] * 13),
        {"type": "link", "contentText": "x", "linkText": "x", "link": URL},
        template(*[BUTTON] * 10),
        template({"type": "uri", "label": "x", "uri": URL}),
        template({"type": "copy", "label": "x", "copyText": "x"}),
        {"type": "flex", "altText": "x", "contents": {"type": "bubble"}},
        {"type": "image", "previewImageUrl": URL, "originalContentUrl": URL},
    ],
    ids=lambda content: content["type"],
)
def test_content_within_the_limits_is_taken(send, content):
    assert send(content).status_code == 201


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"type": "text", "text": "x" * 2001}, "Maximum content.text length is 2000"),
        ({"type": "text", "text": "😀" * 1001}, "Maximum content.text length is 2000"),
        (template(*[BUTTON] * 11), "Maximum content.actions length is 10"),
        (template(BUTTON | {"label": "x" * 21}), "Maximum content.actions[0].label length is 20"),
        (template(BUTTON | {"postback": "x" * 1001}), "length is 1000"),
        (template(BUTTON, text="x" * 1001), "Maximum content.contentText length is 1000"),
        (text(*[REPLY] * 14), "length is 13"),
        (text(REPLY | {"data": "x" * 301}), "length is 300"),
        (
            {"type": "flex", "altText": "x", "contents": {"type": "bubble", "x": "x" * 15_000}},
            "15000",
        ),
    ],
)
def test_content_beyond_a_limit_is_refused_with_the_limit(send, content, words):
    answer = send(content)
    assert (answer.status_code, answer.json()["code"]) == (400, "EXCEEDED_LENGTH_LIMIT_OF_PARAM")
    assert words in answer.json()["description"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"type": "text", "text": ""}, "INVALID_PARAMETER"),
        ({"type": "text"}, "MISSING_PARAMETER"),
        ({"type": "text", "text": "x", "color": "red"}, "INVALID_PARAMETER"),
        ({"type": "sonnet"}, "INVALID_PARAMETER"),
        (template(), "INVALID_PARAMETER"),
        (template(REPLY), "INVALID_PARAMETER"),
        (template({"type": "uri", "label": "x", "uri": "/relative"}), "INVALID_PARAMETER"),
        (text(BUTTON), "MISSING_PARAMETER"),
        ({"type": "flex", "altText": "x", "contents": []}, "INVALID_PARAMETER"),
        ({"type": "file", "fileId": "jp1.never"}, "INVALID_PARAMETER"),
    ],
)
def test_content_of_a_wrong_shape_is_refused(send, content, code):
    answer = send(content)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"content": [], "more": 1}', b"{}"])
def test_a_body_that_is_no_message_is_refused(api, body):
    assert api("POST", f"/users/{people.TANAKA.id}/messages", content=body).status_code == 400
