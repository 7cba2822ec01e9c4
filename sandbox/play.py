"""The main job, played as people would: look, ask, approve, send again; every step is checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.calls import Exchange
from sandbox.fill import deliver
from sandbox.lineworks import people
from sandbox.reading import Seen
from sandbox.stage import APPROVAL_CHANNEL, DIGEST_CHANNEL, Stage, until
from sandbox.visitors import LineWorksVisitor, Log, SlackVisitor
from sandbox.week import TOKYO, Week

CHECKS = ("junk_folder", "free_space", "address", "allow_list")
_CHECKED = "checked"
_HEADING = "通知エラーのまとめ"
_OPENS, _LONG_ENOUGH = time(9), timedelta(minutes=3)


@dataclass(frozen=True, kw_only=True)
class Play:
    """The people, the week that they look at, and where the transcript goes."""

    stage: Stage
    week: Week
    log: Log
    heard: set[str] = field(default_factory=set)

    def slack(self, user: str, name: str, channel: str = DIGEST_CHANNEL) -> SlackVisitor:
        return SlackVisitor(**self._common(user, f"{name}(Slack)"), channel=channel)

    def line_works(self, member: people.Member) -> LineWorksVisitor:
        return LineWorksVisitor(**self._common(member.id, f"{member.name}(LINE WORKS)"))

    def _common(self, user: str, name: str) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "user": user,
            "name": name,
            "log": self.log,
            "heard": self.heard,
        }

    def scene(self, title: str) -> None:
        self.log(f"\n===== {title}\n")

    def check(self, what: str, holds: Callable[[], object]) -> None:
        until(what, holds)
        self.log(f"✓ {what}")

    def deletes(self, address: str) -> list[Exchange]:
        """Every DELETE of this address that SendGrid has got."""
        return [
            one
            for one in list(self.stage.calls.newest)
            if one.method == "DELETE" and unquote(one.url).endswith(f"/bounces/{address}")
        ]

    def listed(self, address: str) -> bool:
        lists = self.stage.sendgrid.state()["lists"]
        return any(entry["email"] == address for entry in lists["bounces"])


def main_job(stage: Stage, week: Week, log: Log) -> None:
    """Raises NotSeenError, or LookupError for a button, where something is not as it should be."""
    play = Play(stage=stage, week=week, log=log)
    look(play)
    removal(play)
    removal_in_line_works(play)
    strangers(play)
    resend(play)


def newest_digest(stage: Stage) -> Seen:
    """As anybody in the channel sees it."""
    reader = SlackVisitor(stage=stage, user="U0MEMBER1", name="田中 健(Slack)")
    return reader.sees(_HEADING)


def look(play: Play) -> None:
    play.scene("まとめを読む・今日の通知エラーを調べる")
    member = play.slack("U0MEMBER1", "田中 健")
    member.looks()
    digest = member.sees(_HEADING)
    member.presses(digest, "一覧を見る")
    member.sees("***@")
    admin = play.slack("U0ADMIN01", "山田 花子")
    admin.types("/notify-errors today", "メール:", "LINE WORKS:")
    admin.types("/notify-errors week", "メール:", "LINE WORKS:")
    for fate, said in (("gateway outage", "まとめて1回"), ("mistyped", "誤りではありませんか")):
        admin.types(f"/notify-errors who {play.week.cast[fate][0].email}", said)
        admin.sees("停止リスト", "にSendGridで確認")
    emma = play.slack("U0ENGLISH", "Emma Brown")
    emma.types("/notify-errors today", "E-mail:", "LINE WORKS:")


def removal(play: Play) -> None:
    """Ask in Slack, be refused one's own yes, have it approved, see the list change."""
    play.scene("バウンスリストからの解除(Slack)")
    address = play.week.cast["docomo since today"][0].email
    admin = play.slack("U0ADMIN01", "山田 花子")
    seen = admin.types(f"/notify-errors who {address}", address)
    admin.sees("バウンスリスト", "にSendGridで確認")
    admin.presses(seen, "解除を申請")
    admin.fills(dict.fromkeys(CHECKS, _CHECKED) | {"note": "受信設定を直していただきました。"})
    admin.sees(address, "申請しました")
    asker = play.slack("U0ADMIN01", "山田 花子", APPROVAL_CHANNEL)
    asker.presses(asker.sees("解除の申請"), "承認")
    asker.sees("承認者として登録された方だけ")
    play.check("まだ解除されていない", lambda: play.listed(address) and not play.deletes(address))
    approver = play.slack("U0APPROV1", "佐藤 恵", APPROVAL_CHANNEL)
    approver.looks()
    approver.presses(approver.sees("解除の申請"), "承認")
    admin.sees(address, "外しました")
    approver.sees("解除の申請", "承認しました", "外しました")
    _gone(play, address)
    _delivered(play, address)
    approver.sees("受け付けました")
    admin.sees(address, "受け付けました")


def _gone(play: Play, address: str) -> None:
    play.check("バウンスリストから消えた", lambda: not play.listed(address))
    play.check("SendGridへのDELETEはちょうど1回", lambda: len(play.deletes(address)) == 1)
    [one] = play.deletes(address)
    play.log(f"SendGrid « {one.method} {urlsplit(one.url).path} → {one.status}")


def _delivered(play: Play, address: str) -> None:
    """The recipient's side is mended, and the customer's program sends again."""
    play.stage.sendgrid.pull("outcomes", {address: {"outcome": "deliver"}})
    play.stage.turn(play.stage.clock.now() + timedelta(minutes=5))
    status, _ = play.stage.host.mail(address, "点検のお願い")
    play.log(f"連携元システム » POST /v3/mail/send ({address}) → {status}")
    deliver(play.stage)


def removal_in_line_works(play: Play) -> None:
    """The same in a 1:1 talk: typed words, a form question by question, a decision."""
    play.scene("バウンスリストからの解除(LINE WORKSの1対1トーク)")
    address = play.week.cast["unknown since today"][0].email
    admin = play.line_works(people.SUZUKI)
    admin.types("今日", "メール:", "LINE WORKS:")
    seen = admin.types(f"だれ {address}", address, "解除を申請")
    admin.presses(seen, "解除を申請")
    for number in range(1, len(CHECKS) + 1):
        admin.presses(admin.sees(f"{number}/5"), "確認した")
    admin.presses(admin.sees("5/5"), "申し送りなし")
    admin.presses(admin.sees("申請する"), "申請する")
    admin.sees(address, "申請しました")
    approver = play.line_works(people.SATO)
    approver.presses(approver.types("承認待ち", address), "承認", address)
    approver.presses(approver.sees("もう一度"), "承認")
    approver.sees("承認しました")
    admin.sees(address, "外しました")
    _gone(play, address)


def strangers(play: Play) -> None:
    play.scene("権限のない方")
    play.slack("U0STRANGE", "中村 翼", "C0SHARED1").types(
        "/notify-errors today", "管理者として登録された方だけ"
    )
    play.line_works(people.TAKAHASHI).types("今日", "管理者として登録された方だけ")


def resend(play: Play) -> None:
    """A daily cap: asked for tomorrow, approved, sent once inside tomorrow's window, told."""
    play.scene("1日の送信上限: 翌日の再送")
    admin = play.slack("U0ADMIN01", "山田 花子")
    admin.looks()
    admin.presses(admin.sees(_HEADING), "翌日に再送", "送信上限")
    asked = _count(admin.sees("件の再送を申請しました"))
    approver = play.slack("U0APPROV1", "佐藤 恵", APPROVAL_CHANNEL)
    approver.looks()
    approver.presses(approver.sees("再送の申請"), "承認")
    admin.sees(f"{asked}件を", "再送します")
    _sent_tomorrow(play, admin, asked)


def _sent_tomorrow(play: Play, admin: SlackVisitor, asked: int) -> None:
    before, today = _arrived(play.stage), play.stage.clock.now().astimezone(TOKYO).date()
    tomorrow = datetime.combine(today + timedelta(days=1), _OPENS, TOKYO)
    play.scene(f"時計を {tomorrow:%m月%d日 %H:%M} に進める")
    play.stage.turn(tomorrow + _LONG_ENOUGH)
    sent, refused = _ends(admin.sees("再送が終わりました"))
    play.check(f"申請した{asked}件のすべてに結果がある", lambda: sent + refused == asked)
    new = {key: at for key, at in _arrived(play.stage).items() if key not in before}
    play.check(f"LINE WORKSに届いたのは{sent}件", lambda: len(new) == sent > refused)
    play.check("どの方にも1回だけ", lambda: len({talk for talk, _ in new}) == sent)
    play.check("送信時間帯の中", lambda: all(at >= tomorrow for at in new.values()))


def _count(seen: Seen) -> int:
    return int(re.findall(r"(\d+)件の再送", str(seen))[-1])


def _ends(seen: Seen) -> tuple[int, int]:
    """How many were sent; how many LINE WORKS refused again, such as those to a wrong id."""
    sent, refused = re.findall(r"(?:送信|受け付けられず) (\d+)件", str(seen))[-2:]
    return int(sent), int(refused)


def _arrived(stage: Stage) -> dict[tuple[str, int], datetime]:
    """Every notification that stands in somebody's talk: talk and number, and when it came."""
    state = stage.line_works.state()
    notices = state["bots"][str(people.NOTICE_BOT)]
    return {
        (talk["channel"], message["id"]): datetime.fromisoformat(message["at"])
        for talk in state["talks"]
        for message in talk["messages"]
        if message["from"] == notices
    }
