"""Kept messages are unreadable without a key, and keys rotate."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from bot.lineworks.kept import cipher, opened, resendable

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def test_what_an_old_key_sealed_is_opened_after_the_change():
    sealed = cipher([OLD]).encrypt(b"hello there")
    assert b"hello there" not in sealed
    assert opened(cipher([NEW, OLD]), sealed) == b"hello there"


def test_the_newest_key_seals():
    assert opened(cipher([NEW]), cipher([NEW, OLD]).encrypt(b"hi")) == b"hi"


def test_without_its_key_it_stays_closed():
    assert opened(cipher([NEW]), cipher([OLD]).encrypt(b"hi")) is None


@pytest.mark.parametrize(
    ("body", "may"),
    [
        (b'{"content":{"type":"text","text":"hi"}}', True),
        (b'{"content":{"type":"text","text":"fileId"}}', True),
        (b'{"content":{"type":"file","fileId":"jp1.x"}}', False),
        (b'{"content":{"coverData":{"backgroundFileId":"x"}}}', False),
        (b'{"content":{"columns":[{"fileId":"x"}]}}', False),
        (b'{"text":"hi"}', False),
        (b"[]", False),
        (b"hi", False),
        (b"\xff", False),
        (b"[" * 100_000, False),
    ],
)
def test_only_a_whole_message_without_a_dying_file_may_be_sent_again(body, may):
    assert resendable(body) is may


@pytest.mark.parametrize(("inmost", "may"), [('"text"', True), ('{"fileId": "x"}', False)])
def test_a_body_nested_as_deep_as_json_can_be_read_is_judged_too(inmost, may):
    deep = '{"content": ' * 900 + inmost + "}" * 900
    assert resendable(deep.encode()) is may
