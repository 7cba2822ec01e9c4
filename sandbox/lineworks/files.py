"""Attachments: a file id and an upload URL that work for 24 hours, the URL once."""

from __future__ import annotations

import email
import secrets
from typing import Any

from sandbox.lineworks.answers import bad_parameter, refusal

_LIFE = 86_400


class Files:
    """Bytes by file id."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, Any]] = {}

    def announce(self, name: object, now: float) -> str:
        if not isinstance(name, str) or not name:
            raise bad_parameter("MISSING_PARAMETER", "fileName is required")
        file_id = f"jp1.{secrets.token_hex(12)}"
        self._files[file_id] = {"name": name, "ends": now + _LIFE, "bytes": None}
        return file_id

    def receive(self, file_id: str, content_type: str, body: bytes, now: float) -> dict[str, Any]:
        file = self._files.get(file_id, {"bytes": b"", "ends": 0.0})
        if file["bytes"] is not None or file["ends"] <= now:
            raise refusal("used_upload")
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        for part in email.message_from_bytes(head + body).walk():
            data = part.get_payload(decode=True)
            name = str(part.get_param("name", header="content-disposition"))
            if isinstance(data, bytes) and name.lower() == "filedata":
                file["bytes"] = data
                return {"fileId": file_id, "fileName": file["name"], "fileSize": len(data)}
        raise bad_parameter("MISSING_PARAMETER", "FileData is required")

    def check(self, file_id: str, now: float) -> dict[str, Any]:
        """Name and size of a file that may be sent; raises the vendor's 400."""
        file = self._files.get(file_id, {"bytes": None})
        if file["bytes"] is None or file["ends"] <= now:
            raise bad_parameter("INVALID_PARAMETER", "content.fileId content is invalid")
        return {"name": file["name"], "size": len(file["bytes"])}

    def content(self, file_id: str) -> bytes:
        return self._files[file_id]["bytes"] or b""
