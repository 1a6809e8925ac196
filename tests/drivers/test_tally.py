"""When answers that fail among good ones are called a disturbance."""

from __future__ import annotations

import pytest

from drivers.base import Tally
from drivers.tally import WINDOW, Record


def percent(record: Record) -> int | None:
    fault = record.fault()
    assert fault is None or (fault.kind, fault.partial) == ("noisy", True)
    return None if fault is None else int(str(fault.detail["percent"]))


@pytest.mark.parametrize("fail", [Record.damaged, Record.missing])
def test_the_third_failure_among_the_newest_is_said_and_taken_back_when_one_is_left(fail: object) -> None:
    record = Record()
    for _ in range(WINDOW - 3):
        record.well()
    for number in (None, None, 1):
        fail(record)  # type: ignore[operator]
        assert percent(record) == number
    for good in range(1, WINDOW):
        record.well()
        assert (percent(record) is None) == (good >= WINDOW - 1), good


def test_two_failures_at_the_very_start_are_none_and_a_third_tells_its_share() -> None:
    record = Record()
    record.missing()
    record.missing()
    assert percent(record) is None
    record.damaged()
    assert percent(record) == 100
    for _ in range(7):
        record.well()
    assert percent(record) == 30


def test_a_refusal_is_an_answer() -> None:
    record = Record()
    for _ in range(WINDOW):
        record.refused()
    assert percent(record) is None
    assert record.counted == Tally(refused=WINDOW)


def test_what_is_judged_begins_anew_and_the_counts_go_on() -> None:
    record = Record()
    for _ in range(10):
        record.missing()
    record.begin()
    assert percent(record) is None
    record.well()
    assert percent(record) is None
    assert record.counted == Tally(missing=10)
