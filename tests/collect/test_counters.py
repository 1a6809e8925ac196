"""A counter reading that comes late must not be counted twice, and a counter that was set back goes on from there."""

from __future__ import annotations

import pytest

from desktop.collect.interpret import Interpreter
from desktop.collect.memory import Memory
from desktop.domain.events import CountFlag, Role
from desktop.domain.plant import Bus, Device, Machine, Plant, Signal
from drivers.base import Quality, Reading

PLANT = Plant(
    "P", "L", "Asia/Seoul", None,
    machines=(Machine(1, "M", "Machine", 0),),
    buses=(Bus(1, "b", "port", "opc_ua"),),
    devices=(Device(1, 1, "plc", "PLC"),),
    signals=(Signal(1, 1, "good", "Good", 1, Role.GOOD),),
)  # fmt: skip


def pieces(values: list[int]) -> list[tuple[int, str]]:
    ids = iter(range(1, 1000))
    interpreter = Interpreter(PLANT, Memory(), lambda _at_ms: next(ids))
    found = []
    for seq, value in enumerate(values, 1):
        batch = interpreter.read([Reading("plc", "good", value, Quality.GOOD, seq * 1000, 0, seq)])
        found += [(event.pieces or 0, event.flag) for event in batch.events]
    return found


@pytest.mark.parametrize("begin", [0, 2**53, 2**59])
def test_a_counter_is_exact_to_its_last_step(begin: int) -> None:
    """Above 2^53 a float holds every second number at most."""
    assert pieces([begin, begin + 1, begin + 2, begin + 2, begin + 5])[1:] == [(1, ""), (1, ""), (3, "")]


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ([100, 101, 100, 102], 2),  # 100 came late
        ([100, 101, 100, 101, 102], 2),
        ([100, 120, 110, 111, 112], 22),  # somebody set it back by ten
        ([100, 101, 100, 100, 101], 2),  # set back by one, then one more piece
    ],
)
def test_a_small_step_back(values: list[int], total: int) -> None:
    found = pieces(values)
    assert sum(made for made, _flag in found) == total
    assert CountFlag.STEP_BACK in [flag for _made, flag in found]
