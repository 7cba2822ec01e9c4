"""Takes the README's pictures from a running demo: `make screens`.

Needs Chromium (Debian: apt-get install chromium fonts-noto-cjk) and the
address of the page that `make demo` printed.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
_ADDRESS = re.compile(r"browser: (http://\S+)")
_END_SECONDS = 20


@contextmanager
def demo() -> Iterator[str]:
    """A demo of its own; yields the page's address."""
    program = Path(sys.executable).with_name("notify-errors")
    process = subprocess.Popen([program, "demo"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        for line in process.stdout:
            if found := _ADDRESS.search(line):
                yield found[1]
                break
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(_END_SECONDS)


def ask_a_removal(page: Page) -> None:
    """As the admin: the list of the bounced, one of them, the form's four checks."""
    page.get_by_role("button", name="解除を申請: 恒久的な拒否").last.click()
    page.get_by_role("button", name=re.compile("解除を申請: .*@")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for choice in dialog.get_by_role("radio", name="確認した").all():
        choice.check()
    dialog.get_by_role("textbox").fill("受信者が設定を直し、ほかのメールの受信を確認しました。")
    dialog.get_by_role("button", name="申請する").click()
    expect(dialog).to_be_hidden()


def take(shown: Locator, name: str) -> None:
    shown.screenshot(path=PICTURES / name)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1900, "height": 2200}, device_scale_factor=1)
        page.goto(address)
        feed = page.get_by_role("list", name="Slack のメッセージ")
        digest = feed.get_by_role("article").filter(has_text="通知エラーのまとめ").last
        expect(digest).to_be_visible()
        take(digest, "digest.png")
        ask_a_removal(page)
        page.get_by_label("だれになる").select_option("U0APPROV1")
        page.get_by_role("button", name=re.compile("承認")).first.click()
        card = feed.get_by_role("article").filter(has_text="解除の申請").last
        expect(card.get_by_role("button", name="承認")).to_be_visible()
        take(card, "card.png")
        browser.close()


if __name__ == "__main__":
    main()
