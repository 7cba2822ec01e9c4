"""Rounds of burst, kill and restart; exits with 1 when anything was lost, doubled or stuck."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.progress import progress
from crash.burst import RELAY, burst, repeat
from crash.house import House
from crash.judge import Judge
from crash.stores import STORES, storage_option
from crash.vendors import Vendors
from sandbox.serving import serving

# Of all starts so many are killed before they are up, and of all answered posts so many
# are told again.
_STILLBORN, _REPEATED = 0.15, 0.2
_PORTION = 300


@click.command()
@click.option("--rounds", default=1000, show_default=True)
@click.option("--seed", default=0, show_default=True, help="Of when we kill, and what is sent.")
@storage_option
def main(rounds: int, seed: int, storage: str) -> None:
    """Kill a serving bot ROUNDS times in a burst, and count what is lost or doubled."""
    vendors, dice = Vendors(), random.Random(seed)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        STORES[storage](Path(folder)) as store,
        serving(vendors.app()) as url,
    ):
        house = House(Path(folder), store, url)
        judge = Judge(house.url)
        house.start()
        with progress("crash", rounds) as reach:
            for number in range(rounds):
                _round(house, vendors, judge, number, dice)
                reach(number + 1)
        _tell_the_rest(house, judge)
        judge.at_the_end()
        house.kill()
        house.close()
    took = time.monotonic() - began
    click.echo(f"{judge.verdict.text()}\n{took:.0f} s, {took / max(rounds, 1):.2f} s a round")
    sys.exit(not judge.verdict.fine())


def _round(house: House, vendors: Vendors, judge: Judge, number: int, dice: random.Random) -> None:
    told = burst(house, vendors, number, dice.uniform(0.01, 0.15))
    judge.died()
    while dice.random() < _STILLBORN:
        house.start(wait=False)
        time.sleep(dice.uniform(0, 0.2))
        house.kill()
    restarted = datetime.now(UTC)
    house.start()
    judge.after(told, restarted)
    answered = [one for one in told.posts if one.answered and dice.random() < _REPEATED]
    lost = [one for one in told.posts if not one.answered or one.path.startswith(RELAY)]
    judge.repeated(repeat(house, lost + answered))


def _tell_the_rest(house: House, judge: Judge) -> None:
    """Relayed messages that no kill left time to tell of, in portions that the queue holds."""
    rest = judge.untold()
    for start in range(0, len(rest), _PORTION):
        portion = rest[start : start + _PORTION]
        judge.repeated(repeat(house, portion))
        judge.await_told(portion)


if __name__ == "__main__":
    main()
