"""Attachments: announced, uploaded once, sent for a day."""

from datetime import timedelta

import pytest

CSV = b"\xef\xbb\xbfa,b\r\n1,\x00\r\n\r\n"


@pytest.fixture
def announced(api):
    answer = api("POST", "/attachments", json={"fileName": "failures.csv"})
    assert answer.status_code == 200
    return answer.json()


def upload(api, announced, field="FileData"):
    return api("POST", announced["uploadUrl"], files={field: ("failures.csv", CSV, "text/csv")})


def test_a_file_arrives_byte_for_byte_and_can_be_sent(vendor, api, send, read, announced):
    told = upload(api, announced).json()
    assert told == {"fileId": announced["fileId"], "fileName": "failures.csv", "fileSize": len(CSV)}
    assert send({"type": "file", "fileId": announced["fileId"]}).status_code == 201
    assert read()[0]["content"]["file"] == {"name": "failures.csv", "size": len(CSV)}
    kept = vendor.client.get("/_control/file", params={"id": announced["fileId"]})
    assert kept.content == CSV


def test_an_upload_url_works_once(api, announced):
    assert [upload(api, announced).status_code, upload(api, announced).status_code] == [200, 404]


def test_an_upload_without_its_part_is_refused(api, announced):
    assert upload(api, announced, "attachment").status_code == 400
    assert upload(api, announced, "Filedata").status_code == 200


def test_a_file_lives_a_day(api, send, announced, clock):
    upload(api, announced)
    clock.turn(clock.now() + timedelta(hours=24))
    assert send({"type": "file", "fileId": announced["fileId"]}).status_code == 400


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"fileName": ""}'])
def test_a_file_needs_a_name(api, body):
    answer = api("POST", "/attachments", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "MISSING_PARAMETER")
