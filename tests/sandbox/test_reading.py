import pytest

from sandbox import reading

BUTTON = {"type": "button", "action_id": "open", "value": "7"}


def labelled(text):
    return BUTTON | {"text": {"type": "plain_text", "text": text}}


def section(text, kind="mrkdwn"):
    return {"type": "section", "text": {"type": kind, "text": text}}


def shown(*blocks):
    return reading.slack({"ts": "1", "text": "short", "blocks": list(blocks)})


def test_a_message_reads_as_a_person_sees_it():
    fields = [{"type": "mrkdwn", "text": "*原因*"}, {"type": "plain_text", "text": "不明"}]
    seen = shown(
        {"type": "header", "text": {"type": "plain_text", "text": "まとめ"}},
        section("*太字* a &lt;b&gt; <https://example.com|例>"),
        {"type": "section", "fields": fields},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "plain_text", "text": "注"}]},
        {"type": "actions", "block_id": "b", "elements": [labelled("開く")]},
    )
    assert str(seen).splitlines() == [
        "■ まとめ",
        "太字 a <b> 例",
        "原因: 不明",
        "―" * 12,
        "注",
        "[開く]",
    ]


def test_masks_are_no_marks():
    assert str(shown(section("t***@example.jp", "plain_text"))) == "t***@example.jp"
    assert str(shown(section("```\nt***@example.jp\n```"))) == "t***@example.jp"


def test_a_message_without_blocks_is_its_text():
    assert str(shown()) == "short"


def test_a_button_is_found_beside_its_line():
    row = {"type": "actions", "block_id": "b", "elements": [labelled("詳細")]}
    other = {"type": "actions", "block_id": "c", "elements": [labelled("詳細")]}
    seen = shown(section("taro"), row, section("hanako"), other)
    assert seen.button("詳細")["block_id"] == "b"
    assert seen.button("詳細", "hanako") == {"action_id": "open", "block_id": "c", "value": "7"}


def test_a_button_that_is_not_there_is_named():
    with pytest.raises(LookupError, match="no button '承認' beside '' in:\ntaro"):
        shown(section("taro")).button("承認")


def test_a_message_in_line_works_has_its_buttons_below():
    told = {"text": "件名\n本文", "actions": [{"label": "承認"}, {"label": "却下"}]}
    seen = reading.line_works(told)
    assert str(seen).splitlines() == ["件名", "本文", "[承認]", "[却下]"]
    assert seen.button("却下") == {"action": 1}
