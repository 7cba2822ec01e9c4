"""What a column's header may be called: ours in every language, and what others write.

The CSV of the screen that we replace is documented nowhere, so its headers are
met with patience: widths, case, blanks and punctuation do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from handlers.exports import COLUMNS
from handlers.wording import say
from storage.failures import Medium

LOCALES = ("ja", "en")
_PUNCTUATION = re.compile(r"[\s_\-・:/.'’\"()\[\]【】「」]+")

# Other people's names for a column, beside our own.
_ALSO: dict[str, tuple[str, ...]] = {
    "occurred_at": (
        "日時", "日付", "年月日", "送信日時", "送信日", "配信日時", "通知日時", "登録日時",
        "エラー日時", "エラー発生日時", "エラー発生日", "発生日", "date", "time", "datetime",
        "timestamp", "sent at",
    ),
    "person": (
        "名前", "氏名", "ユーザー", "ユーザ", "ユーザー名", "ユーザ名", "利用者", "利用者名", "回答者",
        "回答者名", "社員名", "担当者", "担当者名", "宛名", "姓名", "name", "full name", "user",
        "user name",
    ),
    "id": ("id", "user id", "ユーザーID", "ユーザID", "利用者ID", "社員番号", "社員ID", "回答者ID"),
    "recipient": (
        "送信先", "送付先", "配信先", "通知先", "宛先アドレス", "宛先メールアドレス", "送信先アドレス",
        "送信先メールアドレス", "受信者", "to", "destination",
    ),
    "email": (
        "メールアドレス", "メール", "Eメール", "Eメールアドレス", "アドレス", "email", "e-mail",
        "email address", "mail", "mail address", "to_email",
    ),
    "no_address": ("アドレスなし", "アドレス無し", "メールなし", "no_address", "no e-mail"),
    "line_works_id": (
        "LINE WORKS", "LINE WORKSのID", "LINEWORKSのユーザーID", "LINE WORKSユーザーID",
        "LINE WORKSログインID", "LINE WORKSアカウント", "LW ID", "ワークスID",
    ),
    "kind": (
        "エラー", "エラー内容", "エラー名", "エラーの種類", "エラー区分", "種別", "種類", "区分",
        "エラーコード", "error", "error code",
    ),
    "cause": (
        "エラー原因", "エラー理由", "理由", "原因内容", "考えられる原因", "failure reason",
    ),
    "provider_text": (
        "詳細", "エラー詳細", "エラーメッセージ", "メッセージ", "応答", "応答内容", "受信側の応答",
        "message", "error message", "detail", "details", "response", "description",
    ),
    "status": ("ステータス", "status code"),
    "subject_or_tag": ("件名", "タイトル", "通知名", "タグ", "部署", "所属", "subject", "title", "tag"),
    "times_seen": ("件数", "発生回数", "count"),
    # SendGrid's own.
    "created": ("created", "created_at"),
    "reason": ("reason",),
    "ip": ("ip",),
    "group": ("group_name", "group_id", "group"),
    "event": ("event", "event_name", "last_event"),
    "processed": ("processed", "last_event_time"),
    "message_id": ("message_id", "msg_id", "sg_message_id"),
    "bounce_type": ("bounce_type", "type"),
}  # fmt: skip


def plain(text: str) -> str:
    """A header or a word as it is compared."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).casefold())


def _ours() -> dict[str, str]:
    names = {column for columns in COLUMNS.values() for column in columns}
    return {
        plain(header): column
        for column in sorted(names)
        for header in (column, *(say(f"column.{column}", locale) for locale in LOCALES))
    }


_COLUMN_OF = {
    plain(header): column for column, headers in _ALSO.items() for header in headers
} | _ours()


def columns_of(headers: Sequence[str]) -> tuple[str, ...]:
    """The column of each header; empty for a stranger, and for what another has taken."""
    found: list[str] = []
    for header in headers:
        column = _COLUMN_OF.get(plain(header), "")
        found.append("" if column in found else column)
    return tuple(found)


def exported(headers: Sequence[str]) -> tuple[Medium | None, bool]:
    """The medium whose columns these are, as our own export writes them; and whether with --raw."""
    told = tuple(headers)
    for medium, columns in COLUMNS.items():
        if told == columns:
            return medium, True
        for locale in LOCALES:
            if told == tuple(say(f"column.{column}", locale) for column in columns):
                return medium, False
    return None, False
