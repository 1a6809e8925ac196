"""Alarms of a moment, and when an acknowledged one is heard again."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop.domain.alarms import Acknowledgement, AlarmKind, derive, is_quiet, level
from desktop.domain.events import State
from desktop.domain.figures.head import AlarmNow, CollectorNow, DeviceNow
from desktop.domain.figures.line import HourRow, MachineNow
from desktop.domain.intervals import Category
from desktop.domain.spans import Span

MINUTE = 60_000
HOUR = 60 * MINUTE
NOW = 10 * HOUR
BEATING = CollectorNow(True, 500, "1", "", 0, 0)


def machine(minutes: int, category: Category = Category.STOP, waits_for: str = "") -> MachineNow:
    return MachineNow(
        1, "WD", "Weld", State.STOP, category, NOW - minutes * MINUTE, "", "", True, 1, False, 5, 0, 6, None, None,
        None, (), waits_for,
    )  # fmt: skip


def device(minutes: int, status: str = "offline") -> DeviceNow:
    return DeviceNow(1, "plc", "PLC", "opc_ua", "x", status, NOW - minutes * MINUTE, "", {}, None, (), 0, 0)


def hour(index: int, good: int | None, target: int = 100) -> HourRow:
    return HourRow(Span(index * HOUR, (index + 1) * HOUR), target, target, good, 0, False)


def alarms(
    machines: tuple[MachineNow, ...] = (),
    hours: tuple[HourRow, ...] = (),
    devices: tuple[DeviceNow, ...] = (),
    collector: CollectorNow = BEATING,
    speed: float = 1.0,
) -> list[tuple[str, str, int]]:
    return [(a.kind, a.subject, a.level) for a in derive(NOW, machines, hours, devices, collector, speed)]


@pytest.mark.parametrize(("minutes", "found"), [(9, []), (10, [0]), (19, [0]), (20, [1]), (41, [2])])
def test_a_stop_is_an_alarm_from_ten_minutes_on_and_worse_with_each_doubling(minutes: int, found: list[int]) -> None:
    assert alarms((machine(minutes),)) == [("stop", "WD", how) for how in found]


def test_the_plant_says_how_long_a_stop_may_be() -> None:
    assert [a.kind for a in derive(NOW, (machine(4),), (), (), BEATING, 1.0, 3 * MINUTE)] == ["stop"]


def test_set_up_breaks_and_waiting_for_another_machine_are_no_alarm() -> None:
    assert alarms((machine(60, Category.SETUP), machine(60, Category.PLANNED), machine(60, waits_for="PR"))) == []


def test_the_last_hour_that_is_over_is_judged_with_a_tenth_of_grace() -> None:
    assert alarms(hours=(hour(8, 10), hour(9, 90), hour(10, 1))) == []
    (missed,) = derive(NOW, (), (hour(8, 100), hour(9, 89), hour(10, 1)), (), BEATING, 1.0)
    assert (missed.kind, missed.since_ms, missed.missing, missed.hour) == (
        AlarmKind.HOUR, NOW, 11, Span(9 * HOUR, NOW),
    )  # fmt: skip
    assert alarms(hours=(hour(9, None),)) == [], "of an hour without data nothing is known"


def test_a_lost_device() -> None:
    assert alarms(devices=(device(0), device(5, "online"), device(5, "misconfigured"))) == []
    assert alarms(devices=(device(1),)) == [("device", "plc", 0)]


def test_while_nobody_collects_only_that_is_said() -> None:
    silent = CollectorNow(False, 25_000, "1", "", 0, 0)
    assert alarms((machine(30),), devices=(device(30),), collector=silent) == [("collector", "", 1)]
    (one,) = derive(NOW, (), (), (), silent, 2.0)
    assert one.since_ms == NOW - 50_000
    never = replace(silent, silent_ms=None)
    assert alarms(collector=never) == []


def test_a_simulated_history_has_no_collector_to_miss() -> None:
    silent = CollectorNow(False, 25_000, "1", "", 0, 0)
    assert alarms((machine(30),), devices=(device(30),), collector=silent, speed=0.0) == [("stop", "WD", 1)]


@pytest.mark.parametrize(("length", "expected"), [(0, 0), (10, 0), (19, 0), (20, 1), (39, 1), (40, 2), (80, 3)])
def test_levels(length: int, expected: int) -> None:
    assert level(length, 10) == expected


def test_an_acknowledged_alarm_is_quiet_until_it_ends_or_gets_worse() -> None:
    alarm = AlarmNow(AlarmKind.STOP, "WD", "Weld", NOW, 0)
    seen = [Acknowledgement("stop", "WD", NOW + MINUTE, 0)]
    assert is_quiet(alarm, seen)
    assert not is_quiet(replace(alarm, level=1), seen), "worse"
    assert not is_quiet(replace(alarm, since_ms=NOW + 2 * MINUTE), seen), "another one"
    assert not is_quiet(replace(alarm, subject="PR"), seen)
    assert not is_quiet(replace(alarm, kind=AlarmKind.DEVICE), seen)
    assert not is_quiet(alarm, [])
