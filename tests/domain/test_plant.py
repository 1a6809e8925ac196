"""What the plant knows of a machine."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop.domain.events import Role
from desktop.domain.plant import Machine, Plant, Signal, Standard

PLANT = Plant(
    "P", "L", "Asia/Seoul", None,
    machines=(Machine(1, "A", "a", 0), Machine(2, "B", "b", 1)),
    signals=(Signal(5, 1, "state", "", 1, Role.STATE), Signal(6, 1, "good", "", 2, Role.GOOD)),
    standards=(Standard(1, 1, 1000, 1100), Standard(1, 1, 2000, 2200, valid_from_ms=50)),
)  # fmt: skip


def test_a_standard_is_valid_from_its_moment_and_never_borrowed() -> None:
    cycles = [s.ideal_cycle_ms if (s := PLANT.standard(1, 1, at)) else None for at in (-1, 0, 49, 50)]
    assert cycles == [None, 1000, 1000, 2000]
    assert PLANT.standard(2, 1, 60) is None
    assert PLANT.standard(1, 2, 60) is None
    assert PLANT.standard(1, None, 60) is None


def test_the_only_product_of_a_machine() -> None:
    second = replace(PLANT, standards=(*PLANT.standards, Standard(2, 1, 500, 500, valid_from_ms=50)))
    assert [second.only_product(1, at) for at in (-1, 0, 49, 50)] == [None, 1, 1, None]
    assert second.only_product(2, 60) is None


def test_a_stroke_takes_the_time_of_all_its_cavities() -> None:
    assert Standard(1, 1, 5_000, 6_000, cavities=4).stroke_ms == 20_000
    assert Standard(1, 1, 5_000, 6_000, cavities=2, family_cavities=6).stroke_ms == 40_000


def test_a_machine_without_a_state_signal_is_read_from_its_counts() -> None:
    assert PLANT.has_state_signal(1)
    assert not PLANT.has_state_signal(2)
    assert [s.id for s in PLANT.signals_of(2)] == [6]


def test_an_unknown_machine_is_a_key_error() -> None:
    assert PLANT.machine(2).code == "B"
    with pytest.raises(KeyError):
        PLANT.machine(3)
