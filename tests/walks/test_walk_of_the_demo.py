"""`notify-errors demo --once`, as somebody types it: the whole main job, and its record."""

import json
import re
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("record")
    command = [sys.executable, "-m", "bot", "demo", "--once", "--record", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout, folder


def test_the_transcript_shows_every_scene_and_what_the_vendors_did(played):
    transcript, _ = played
    assert re.findall(r"^===== (.*)$", transcript, re.MULTILINE) == [
        "まとめを読む・今日の通知エラーを調べる",
        "バウンスリストからの解除(Slack)",
        "バウンスリストからの解除(LINE WORKSの1対1トーク)",
        "権限のない方",
        "1日の送信上限: 翌日の再送",
        "時計を 11月25日 09:00 に進める",
    ]
    assert transcript.count("SendGrid « DELETE /v3/suppression/bounces/") == 2
    assert transcript.rstrip().endswith("✓ 送信時間帯の中")


@pytest.mark.parametrize("vendor", ["slack", "sendgrid", "lineworks"])
def test_every_exchange_is_kept_without_secrets(played, vendor):
    _, folder = played
    text = (folder / f"{vendor}.jsonl").read_text()
    exchanges = [json.loads(line) for line in text.splitlines()]
    assert {one["direction"] for one in exchanges} == {"in", "out"}
    assert set(exchanges[0]) == {
        "at",
        "vendor",
        "direction",
        "method",
        "url",
        "headers",
        "body",
        "status",
        "response",
    }
    assert not re.search(r"xoxb-|SG\.|PRIVATE KEY|Bearer |\beyJ[\w-]+\.eyJ", text)
