"""A vendor that stumbles: limits, errors, silences and halves, each with a stated outcome."""

import logging
import threading
import time
from datetime import UTC, datetime

import pytest
import stamina

from bot.sendgrid.client import Api
from handlers.ports import VendorError
from storage.lists import ListName
from storage.requests import Outcome

ADDRESS = "taro+list/a@example.jp"
PATH = "/v3/suppression/bounces/taro%2Blist%2Fa%40example.jp"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ONE = [{"created": 1790000000, "email": ADDRESS, "reason": "550 no", "status": "5.1.1"}]


def walked(lists):
    return [one for page in lists.pages(ListName.BOUNCES, None, NOW) for one in page.entries]


def remove(lists):
    return lists.remove(ListName.BOUNCES, ADDRESS)


def test_an_address_is_one_segment_of_the_path_whatever_it_holds(told, scripted):
    scripted.says(204)
    assert remove(told) is Outcome.REMOVED
    assert scripted.asked == [f"DELETE {PATH}"]


def test_each_key_is_used_for_its_own_purpose(told, scripted):
    scripted.says(204)
    remove(told)
    walked(told)
    assert [headers["Authorization"] for _, headers in scripted.calls] == [
        "Bearer SG.delete",
        "Bearer SG.read",
    ]


def test_a_walk_asks_for_the_largest_pages_up_to_its_frozen_end(told, scripted):
    walked(told)
    assert scripted.asked == ["GET /v3/suppression/bounces?end_time=1795392000&limit=500&offset=0"]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_the_vendors_own_trouble_is_tried_again(told, scripted, status):
    scripted.says(status)
    scripted.says(200, ONE)
    assert [one.address for one in walked(told)] == [ADDRESS]


def test_after_three_tries_the_trouble_is_told(told, scripted):
    for _ in range(3):
        scripted.says(503)
    with pytest.raises(VendorError, match="http_503") as error:
        walked(told)
    assert (error.value.permanent, len(scripted.calls)) == (False, 3)


@pytest.mark.parametrize("status", [400, 401, 403, 405])
def test_a_no_is_not_asked_twice(told, scripted, status):
    scripted.says(status, {"errors": [{"message": ADDRESS}]})
    with pytest.raises(VendorError) as error:
        remove(told)
    assert (error.value.permanent, len(scripted.calls)) == (True, 1)
    assert ADDRESS not in str(error.value)


def test_a_short_rate_limit_is_waited_for(told, scripted, soon):
    scripted.says(429, X_RateLimit_Reset=soon(1))
    scripted.says(200, ONE)
    assert len(walked(told)) == 1


def test_the_wait_is_as_long_as_the_vendor_says(told, scripted, soon):
    stamina.set_testing(False)
    scripted.says(429, X_RateLimit_Reset=soon(0))
    scripted.says(204)
    began = time.monotonic()
    assert remove(told) is Outcome.REMOVED
    assert 1 <= time.monotonic() - began < 10


@pytest.mark.parametrize("headers", [{}, {"X_RateLimit_Reset": "soon"}])
def test_a_rate_limit_without_an_end_is_waited_for_a_second(told, scripted, headers):
    for _ in range(3):
        scripted.says(429, **headers)
    with pytest.raises(VendorError) as error:
        remove(told)
    assert error.value.retry_after == 1


def test_a_long_rate_limit_is_left_to_the_caller(told, scripted, soon):
    scripted.says(429, X_RateLimit_Reset=soon(60))
    with pytest.raises(VendorError, match="too_many_requests") as error:
        remove(told)
    assert 58 < error.value.retry_after <= 60
    assert (error.value.permanent, len(scripted.calls)) == (False, 1)


def test_a_connection_that_breaks_is_tried_again(told, scripted):
    scripted.breaks_off()
    scripted.says(200, ONE)
    assert len(walked(told)) == 1


def test_a_deletion_without_any_answer_may_have_been_done(impatient, scripted):
    for _ in range(3):
        scripted.is_silent()
    with pytest.raises(VendorError, match="no_answer") as error:
        remove(impatient)
    assert (error.value.unanswered, error.value.permanent) == (True, False)


def test_absent_after_a_silence_means_that_the_silent_try_removed_it(told, scripted):
    scripted.breaks_off()
    scripted.says(404)
    assert remove(told) is Outcome.REMOVED


def test_absent_after_a_rate_limit_means_that_it_was_absent_before(told, scripted):
    scripted.says(429)
    scripted.says(404)
    assert remove(told) is Outcome.ALREADY_ABSENT


def test_nobody_listens_and_nobody_hangs(told, scripted):
    scripted.close()
    with pytest.raises(VendorError, match="no_answer"):
        walked(told)


@pytest.mark.parametrize("body", ["[{", "<html>", '{"errors": []}'])
def test_an_answer_that_is_no_list_is_none(told, scripted, body):
    for _ in range(3):
        scripted.says(200, body)
    with pytest.raises(VendorError, match="unreadable_answer") as error:
        walked(told)
    assert not error.value.permanent


def test_half_a_page_is_asked_for_again(told, scripted):
    scripted.says(200, '[{"email": "ta', Content_Length=400)
    scripted.says(200, ONE)
    assert [one.address for one in walked(told)] == [ADDRESS]


def test_a_walk_that_breaks_has_given_the_pages_before(told, scripted):
    scripted.says(200, [{**ONE[0], "email": f"taro{number}@example.jp"} for number in range(500)])
    for _ in range(3):
        scripted.says(500)
    pages = told.pages(ListName.BOUNCES, None, NOW)
    assert len(next(pages).entries) == 500
    with pytest.raises(VendorError, match="http_500"):
        next(pages)


def test_one_odd_character_does_not_hide_a_page(told, scripted):
    scripted.says(200, r'[{"email": "taro@example.jp", "reason": "550 \ud83d no"}]')
    assert [one.reason for one in walked(told)] == ["550 ? no"]


@pytest.mark.parametrize(
    "answer",
    [
        [{**ONE[0], "email": "taro+list/a@example.jp.evil.example"}],
        [],
        {"recipient_email": "somebody.else@example.jp"},
        {"suppressions": [{"id": 1, "name": "月報", "suppressed": False}]},
    ],
)
def test_an_answer_about_somebody_else_counts_for_nobody(told, scripted, answer):
    for _ in ListName:
        scripted.says(200, answer)
    assert told.holding(ADDRESS).entries == ()


def test_the_six_questions_are_asked_at_once(told, scripted):
    for _ in ListName:
        scripted.says(200, [])
    told.holding(ADDRESS)
    assert len(set(scripted.asked)) == len(ListName)
    assert "GET /v3/asm/suppressions/global/taro%2Blist%2Fa%40example.jp" in scripted.asked


def test_threads_may_share_one_key(scripted):
    api = Api("SG.read", scripted.url)
    threads = [threading.Thread(target=api.get, args=("scopes",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {headers["Authorization"] for _, headers in scripted.calls} == {"Bearer SG.read"}


def test_the_package_never_logs_a_key_or_an_address(told, scripted, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("python_http_client.client").setLevel(logging.DEBUG)
    scripted.says(403)
    with pytest.raises(VendorError):
        remove(told)
    walked(told)
    assert "SG." not in caplog.text
    assert "taro" not in caplog.text
