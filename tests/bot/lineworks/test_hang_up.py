"""Closing without an answer needs a server that can."""

from __future__ import annotations

import asyncio

import pytest

from bot.lineworks.hang_up import hang_up


def test_a_server_that_cannot_hang_up_is_named_as_our_mistake():
    with pytest.raises(RuntimeError, match="SERVER_OPTIONS"):
        asyncio.run(hang_up({"type": "http"}, None))
