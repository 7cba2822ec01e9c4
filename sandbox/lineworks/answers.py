"""The vendor's refusals by name, from `answers.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

from sandbox.wire import Refused

ANSWERS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("answers.toml").read_text(encoding="utf-8")
)


def refusal(name: str) -> Refused:
    answer = ANSWERS[name]
    status, page = answer["status"], answer.get("body")
    response = JSONResponse(answer.get("json"), status) if page is None else Response(page, status)
    if "challenge" in answer:
        response.headers["WWW-Authenticate"] = f'Bearer error="{answer["challenge"]}"'
    return Refused(response)


def bad_parameter(code: str, description: str) -> Refused:
    return Refused(JSONResponse({"code": code, "description": description}, 400))
