"""Turns at work that others must not do meanwhile: between threads, processes and machines."""

import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.opening import hold, turn_at
from storage.store import StorageBusyError
from storage.turns import in_process

ROOT = Path(__file__).parents[2]
ALONE, BESIDE = True, False


@pytest.mark.parametrize(
    ("first", "second", "free"),
    [
        (ALONE, ALONE, False),
        (ALONE, BESIDE, False),
        (BESIDE, ALONE, False),
        (BESIDE, BESIDE, True),
    ],
)
def test_who_is_alone_keeps_everybody_away_and_others_go_side_by_side(url, first, second, free):
    with turn_at(url, "bounces", first, 0), ExitStack() as stack:
        if not free:
            stack.enter_context(pytest.raises(StorageBusyError, match="bounces is in use"))
        stack.enter_context(turn_at(url, "bounces", second, 0.1))
    with turn_at(url, "bounces", second, 0):
        pass


def test_another_work_and_the_server_have_turns_of_their_own(url):
    with hold(url), turn_at(url, "bounces", ALONE, 0), turn_at(url, "invalid_emails", ALONE, 0):
        pass


def test_who_comes_second_waits_for_the_first(url):
    first, order = threading.Event(), []

    def work():
        with turn_at(url, "bounces", BESIDE, 0):
            first.set()
            time.sleep(0.3)
            order.append("first")

    thread = threading.Thread(target=work)
    thread.start()
    first.wait()
    with turn_at(url, "bounces", ALONE, 20):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_a_turn_ends_with_its_process_however_that_ends(url):
    script = (
        "import sys, time; from storage.opening import turn_at\n"
        f"with turn_at({url!r}, 'bounces', True, 5): print('mine', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout.readline() == b"mine\n"
        with pytest.raises(StorageBusyError), turn_at(url, "bounces", BESIDE, 0.1):
            pass
        holder.kill()
    with turn_at(url, "bounces", ALONE, 20):
        pass


def test_what_fails_in_a_turn_is_told_as_it_is_and_ends_it(url):
    with pytest.raises(ZeroDivisionError), turn_at(url, "bounces", ALONE, 0):
        1 / 0  # noqa: B018
    with turn_at(url, "bounces", ALONE, 0):
        pass


@pytest.mark.engine("sqlite")
def test_where_no_file_can_be_made_there_is_no_turn(url, tmp_path):
    (tmp_path / "store.db.bounces-lock").mkdir()
    with pytest.raises(StorageBusyError, match="cannot be written"):
        turn_at(url, "bounces", ALONE, 0).__enter__()


@pytest.mark.engine("postgres")
def test_a_server_that_is_away_gives_no_turn(url):
    away = url.rpartition("/")[0] + "/no_such_database"
    with pytest.raises(StorageBusyError), turn_at(away, "bounces", ALONE, 0):
        pass


def test_in_one_process_each_is_alone():
    turns = in_process()
    refused = pytest.raises(StorageBusyError, match="bounces is in use")
    with turns("bounces", BESIDE, 0), turns("invalid_emails", ALONE, 0), refused:
        turns("bounces", ALONE, 0.01).__enter__()
