"""Headers: ours in every language, and other people's, met with patience."""

import pytest

from bot.imports.headers import columns_of, exported
from handlers.exports import COLUMNS
from handlers.wording import say
from storage.failures import Medium


@pytest.mark.parametrize("medium", Medium)
def test_our_own_headers_are_known_in_every_language(medium):
    own = COLUMNS[medium]
    assert (columns_of(own), exported(own)) == (own, (medium, True))
    for locale in ("ja", "en"):
        headers = [say(f"column.{column}", locale) for column in own]
        assert columns_of(headers) == own
        assert exported(headers) == (medium, False)


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("日時", "occurred_at"),
        (" 送信日時 ", "occurred_at"),
        ("エラー発生日時", "occurred_at"),
        ("宛先", "recipient"),
        ("メールアドレス", "email"),
        ("E-Mail", "email"),
        ("Ｅメール", "email"),
        ("エラー", "kind"),
        ("原因", "cause"),
        ("エラー詳細", "provider_text"),
        ("ＬＩＮＥ　ＷＯＲＫＳ　ＩＤ", "line_works_id"),
        ("LINE WORKS ID", "line_works_id"),
        ("ユーザー名", "person"),
        ("アドレスなし", "no_address"),
        ("created_at", "created"),
        ("備考", ""),
        ("", ""),
    ],
)
def test_a_header_is_known_by_what_others_call_it(header, column):
    assert columns_of([header]) == (column,)


def test_of_two_headers_for_one_column_the_first_counts():
    assert columns_of(["日時", "送信日時", "宛先"]) == ("occurred_at", "", "recipient")


def test_some_of_our_columns_are_not_our_export():
    assert exported(COLUMNS[Medium.EMAIL][:-1]) == (None, False)
