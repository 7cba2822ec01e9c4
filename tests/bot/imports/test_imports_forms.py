"""What a file is taken for: by its columns, its name, its words; never by a guess."""

import pytest

from bot.imports.forms import FORMS, NAMES, chosen, fitting
from bot.imports.text import FileError
from handlers.exports import COLUMNS
from handlers.wording import say
from storage.failures import Medium


def names(*headers, wanted=""):
    return [one.name for one in fitting(headers, wanted)]


@pytest.mark.parametrize(
    ("medium", "name"), [("email", "export-email"), ("line_works", "export-line-works")]
)
def test_our_own_export_is_known_in_every_language(medium, name):
    columns = COLUMNS[Medium(medium)]
    [raw] = fitting(columns)
    assert (raw.name, raw.raw) == (name, True)
    for locale in ("ja", "en"):
        [form] = fitting([say(f"column.{column}", locale) for column in columns])
        assert (form.name, form.raw) == (name, False)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (("日時", "氏名", "メールアドレス", "エラー", "原因"), ["screen-email"]),
        (("日時", "LINE WORKS ID", "エラー", "原因"), ["screen-line-works"]),
        (("日時", "宛先", "エラー", "原因"), ["screen-email", "screen-line-works"]),
        (("status", "reason", "email", "created"), ["sendgrid-bounces", "sendgrid-blocks"]),
        (("reason", "email", "created"), ["sendgrid-invalid"]),
        (("ip", "email", "created"), ["sendgrid-spam-reports"]),
        (("email", "created"), ["sendgrid-unsubscribes"]),
        (("email", "group_id", "group_name", "created_at"), ["sendgrid-groups"]),
        (("processed", "message_id", "event", "email", "reason"), ["sendgrid-activity"]),
        (
            ("from_email", "msg_id", "subject", "to_email", "status", "last_event_time"),
            ["sendgrid-activity"],
        ),
        (("氏名", "メールアドレス", "LINE WORKS ID", "タグ"), ["people"]),
        (("id", "name", "email"), ["people"]),
        (("商品", "価格"), []),
        (("email",), []),
    ],
)
def test_a_file_is_known_by_its_columns(headers, found):
    assert names(*headers) == found


def test_whoever_says_what_it_is_is_believed():
    assert names("email", wanted="sendgrid-groups") == ["sendgrid-groups"]
    assert names("商品", wanted="people") == []


def form(name):
    return next(one for one in FORMS if one.name == name)


BOUNCES, BLOCKS = form("sendgrid-bounces"), form("sendgrid-blocks")
MAIL, TALK = form("screen-email"), form("screen-line-works")


@pytest.mark.parametrize(
    ("fits", "name", "rows", "found"),
    [
        ([BOUNCES, BLOCKS], "suppression_bounces.csv", [], BOUNCES),
        ([BOUNCES, BLOCKS], "suppression-Blocks (1).csv", [], BLOCKS),
        ([MAIL, TALK], "通知エラー一覧_LINE WORKS.csv", [], TALK),
        ([MAIL, TALK], "通知エラー一覧(メール).csv", [], MAIL),
        ([MAIL, TALK], "a.csv", [{"kind": "deferred"}], MAIL),
        ([MAIL, TALK], "a.csv", [{"kind": "ID", "cause": "IDが存在しません"}], TALK),
    ],
)
def test_name_and_words_decide_where_columns_do_not(fits, name, rows, found):
    assert chosen(fits, name, rows)[0] is found


@pytest.mark.parametrize(
    ("fits", "name", "rows"),
    [
        ([BOUNCES, BLOCKS], "export.csv", [{"status": "5.1.1", "reason": "550 unknown"}]),
        ([BOUNCES, BLOCKS], "bounces and blocks.csv", []),
        ([MAIL, TALK], "a.csv", [{"kind": "deferred"}, {"kind": "IDが存在しません"}]),
    ],
)
def test_where_nothing_decides_a_person_must(fits, name, rows):
    with pytest.raises(FileError, match=f"say --as {fits[0].name} or --as {fits[1].name}"):
        chosen(fits, name, rows)


def test_names_are_fit_for_a_command_line():
    assert len(set(NAMES)) == len(NAMES)
    assert all(name.replace("-", "").isalpha() for name in NAMES)
