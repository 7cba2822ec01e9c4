"""A record that nobody can read: kept, seen, mended, counted once."""

import json
import subprocess
import sys

from sandbox.process import _environment

# A name that SendGrid may invent tomorrow, and what a person makes of it.
STRANGE = "undelivered"


def told(house, *elements):
    house.stage.sendgrid.pull("event", {"raw": list(elements)})
    assert set(house.stage.sendgrid.pull("deliver")) <= {204}


def shell(house, *arguments, **more):
    """The command beside the running bot, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=house.stage.folder,
        env=_environment(house.stage.settings),
        capture_output=True,
        check=False,
        **more,
    )


def sums(house):
    status = json.loads(shell(house, "status", "--json").stdout)
    [one] = [one for one in status["tallies"] if one["source"] == "sendgrid_events"]
    parts = ("new", "repeated", "set_aside", "ignored", "lost")
    assert one["elements"] == sum(one[name] for name in parts)
    assert one["set_aside"] == status["quarantine"]["count"]
    return one


def event(house, email, **fields):
    usual = {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 unknown"}
    return usual | {"email": email, "timestamp": int(house.now.timestamp())} | fields


def numbers(house):
    return [
        line.split()[0] for line in shell(house, "quarantine", "list").stdout.decode().splitlines()
    ]


def test_a_strange_record_is_kept_mended_and_counted_once(fresh):
    strange = event(fresh, "hanako@example.jp", event=STRANGE)
    told(fresh, event(fresh, "taro@example.jp"), strange)
    fresh.admin.types("/notify-errors who taro@example.jp", "ハードバウンス")
    fresh.admin.types("/notify-errors who hanako@example.jp", "見つかりませんでした")
    fresh.admin.types("/notify-errors status", "読み取れずに保管している記録: 1件", "上限 10,000件")

    listed = shell(fresh, "quarantine", "list").stdout.decode()
    assert STRANGE in listed
    assert "hanako" not in listed
    [number] = numbers(fresh)
    shown = json.loads(shell(fresh, "quarantine", "show", number).stdout)
    assert shown == strange
    still = shell(fresh, "quarantine", "retry", number)
    assert (still.returncode, numbers(fresh)) == (1, [number])

    mended = json.dumps(shown | {"event": "bounce"}).encode()
    done = shell(fresh, "quarantine", "retry", number, "--corrected", "-", input=mended)
    assert done.returncode == 0
    assert b"left=0 new=1" in done.stdout
    assert numbers(fresh) == []
    fresh.admin.types("/notify-errors who hanako@example.jp", "ハードバウンス", "に1回")

    told(fresh, shown | {"event": "bounce"})
    fresh.admin.types("/notify-errors who hanako@example.jp", "に1回")
    one = sums(fresh)
    assert (one["elements"], one["new"], one["repeated"], one["set_aside"]) == (3, 2, 1, 0)


def test_a_record_from_the_future_is_understood_when_its_hour_has_come(fresh):
    ahead = int(fresh.now.timestamp()) + 3 * 3600
    told(fresh, event(fresh, "ahead@example.jp", timestamp=ahead))
    assert shell(fresh, "quarantine", "retry", "--all").returncode == 1
    fresh.later(hours=3)
    done = shell(fresh, "quarantine", "retry", "--all")
    assert done.stdout.endswith(b"read=1 left=0 new=1 repeated=0 set_aside=0 ignored=0\n")
    fresh.admin.types("/notify-errors who ahead@example.jp", "ハードバウンス")
    assert sums(fresh)["set_aside"] == 0


def test_what_stays_strange_stays_one_however_often_it_is_told_and_read(fresh):
    strange = [event(fresh, f"s{n}@example.jp", event=STRANGE) for n in range(20)]
    told(fresh, *strange)
    told(fresh, *(event(fresh, f"g{n}@example.jp") for n in range(20)), *strange)
    for _ in range(2):
        assert shell(fresh, "quarantine", "retry", "--all").returncode == 1
    one = sums(fresh)
    assert (one["elements"], one["new"], one["repeated"], one["set_aside"]) == (60, 20, 20, 20)
