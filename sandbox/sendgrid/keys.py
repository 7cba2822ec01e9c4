"""Three API keys (reads; deletes; the host's own, which may all), and what a refusal looks like."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox.wire import Refused


def _key(word: str) -> str:
    return f"SG.{word:0<22}.{'0' * 43}"  # 69 characters, as issued


READ_KEY, DELETE_KEY, HOST_KEY = _key("sandbox-read"), _key("sandbox-delete"), _key("sandbox-host")

_KINDS = ("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes")
_PARTS = {f"suppression.{kind}" for kind in _KINDS} | {
    "asm.groups.suppressions",
    "asm.suppressions.global",
}
_READS = {f"{part}.read" for part in _PARTS} | {"asm.groups.read"}
SCOPES = {
    READ_KEY: _READS,
    DELETE_KEY: _READS | {"suppression.bounces.delete", "suppression.invalid_emails.delete"},
    HOST_KEY: _READS | {f"{part}.delete" for part in _PARTS} | {"mail.send"},
}


def refuse(status: int, message: str, field: str | None = None) -> Refused:
    errors = [{"message": message, "field": field}]
    return Refused(JSONResponse({"errors": errors}, status_code=status))


def scopes_of(request: Request, revoked: list[str]) -> set[str]:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or key not in SCOPES:
        raise refuse(401, "authorization required")
    return SCOPES[key].difference(revoked)
