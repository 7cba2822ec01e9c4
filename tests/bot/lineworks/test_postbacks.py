"""A button brings back what it carried; anything else is no press."""

from __future__ import annotations

import pytest

from bot.lineworks.postbacks import Filled, Pushed, Step, Stopped, of_form, of_push, of_stop, read


@pytest.mark.parametrize("asks", [False, True])
def test_a_press_comes_back_and_tells_whether_it_asks(asks):
    carried = of_push("approve", "r:1", asks=asks)
    assert read(carried) == Pushed(verb="approve", subject="r:1", asks=asks)


def test_the_way_out_comes_back():
    assert read(of_stop()) == Stopped()


def test_a_forms_button_comes_back():
    carried = of_form("n1", 2, Step.PICK, "a:b")
    assert read(carried) == Filled(form="n1", at=2, step=Step.PICK, value="a:b")


@pytest.mark.parametrize(
    "strange", ["", "v1", "v1:", "v2:a:b", "start", "f1:n:x:pick:", "f1:n:1:jump:", "f1:n:1"]
)
def test_what_no_button_of_ours_carries_is_no_press(strange):
    assert read(strange) is None
