"""The simulated line as arithmetic: the same every time, nothing lost, within what a real line does."""

from __future__ import annotations

import re
import time
from collections import Counter
from itertools import pairwise

import pytest

from drivers.simulated.machine import (
    BLOCKED,
    FAULT,
    IDLE,
    RUN,
    STATES,
    STOP,
    UNITS_PER_BOX,
    Happening,
    SimLine,
    Story,
)

START_MS = 1_763_852_400_000  # 2025-11-23 08:00 in Seoul (+09:00)
HOUR_S = 3600


def simulate(line: SimLine, hours: float, dt_s: float = 1.0, from_ms: int = START_MS) -> list[Happening]:
    found: list[Happening] = []
    for number in range(1, round(hours * HOUR_S / dt_s) + 1):
        found += line.step(dt_s, from_ms + round(number * dt_s * 1000))
    return found


@pytest.fixture(scope="module")
def day() -> tuple[SimLine, list[Happening]]:
    line = SimLine(7)
    return line, simulate(line, 24)


def test_same_seed_same_line_and_another_seed_another() -> None:
    first, again, other = (simulate(SimLine(seed), 2) for seed in (11, 11, 12))
    assert first == again
    assert first != other


def test_step_size_changes_nothing() -> None:
    coarse, middle, fine = (simulate(SimLine(3), 4, dt_s) for dt_s in (60.0, 1.0, 0.1))
    assert coarse == middle == fine


def test_one_day_is_quick() -> None:
    began = time.process_time()
    simulate(SimLine(1), 24)
    assert time.process_time() - began < 4.0  # 0.6 s on a quiet machine


def test_times_rise_and_lie_inside_the_day(day: tuple[SimLine, list[Happening]]) -> None:
    times = [happening.at_ms for happening in day[1]]
    assert times == sorted(times)
    assert START_MS <= times[0] <= times[-1] <= START_MS + 24 * HOUR_S * 1000


def test_pieces_are_conserved_and_buffers_keep_their_bounds() -> None:
    line = SimLine(5)
    for number in range(1, 8 * 60 + 1):
        line.step(60.0, START_MS + number * 60_000)
        for machine, buffer in zip(line.machines, line.buffers, strict=False):
            assert 0 <= len(buffer) <= machine.plan.buffer_after
        scrap = sum(machine.reject for machine in line.machines)
        assert line.started == line.machines[-1].good + scrap + line.in_process()
        for (upstream, machine), buffer in zip(pairwise(line.machines), line.buffers, strict=True):
            at_work = machine.part is not None and not machine.finished
            behind = at_work + len(buffer) + upstream.finished  # a finished part is counted already
            assert upstream.good == machine.good + machine.reject + behind
    assert line.machines[-1].good > 700


def test_counts_equal_their_events(day: tuple[SimLine, list[Happening]]) -> None:
    line, found = day
    events = Counter((happening.machine, happening.kind) for happening in found)
    for machine in line.machines:
        assert machine.good == events[machine.plan.code, "good"] > 2000
        assert machine.reject == events[machine.plan.code, "reject"]
    for code in ("AS-01", "PK-01", "LT-01"):
        words = Counter(h.value for h in found if h.machine == code and h.kind == "judge")
        assert words["OK"] == line.by_code[code].good
        assert words["NG"] + words["LO"] + words["HI"] == line.by_code[code].reject > 0


def test_figures_of_a_day_are_those_of_a_real_line(day: tuple[SimLine, list[Happening]]) -> None:
    line, found = day
    day_s = 24 * HOUR_S
    ideal = {machine.plan.code: machine.plan.ideal_cycle_s for machine in line.machines}
    assert max(ideal.items(), key=lambda pair: pair[1]) == ("WD-01", 30.0)
    for machine in line.machines:
        assert 0.65 <= machine.good * machine.plan.ideal_cycle_s / day_s <= 0.85, machine.plan.code
        if machine.plan.code != "WS-01":  # a washing machine rejects nothing
            assert 0.003 <= machine.reject / (machine.good + machine.reject) <= 0.022, machine.plan.code
    faults = [h for h in found if h.kind == "state" and h.value == FAULT]
    assert 4 <= len(faults) <= 25


def test_stops_last_as_long_as_they_should(day: tuple[SimLine, list[Happening]]) -> None:
    since: dict[str, Happening] = {}
    lasted: dict[str, list[float]] = {}
    for happening in (h for h in day[1] if h.kind == "state"):
        before = since.get(happening.machine)
        if before:
            lasted.setdefault(str(before.value), []).append((happening.at_ms - before.at_ms) / 1000)
        since[happening.machine] = happening
    assert set(lasted) <= set(STATES)
    assert 20 <= min(lasted[STOP]) <= max(lasted[STOP]) <= 90
    assert 480 <= min(lasted[FAULT]) <= max(lasted[FAULT]) <= 1500
    assert min(lasted["setup"]) >= 300
    assert all(span > 0 for spans in lasted.values() for span in spans)


def test_a_part_carries_its_serial_from_the_press_on(day: tuple[SimLine, list[Happening]]) -> None:
    found = day[1]
    serials = [str(h.value) for h in found if h.signal == "scanner-0" and h.part]
    assert serials[0] == "VH204-251123-0001"
    assert all(re.fullmatch(r"VH204-\d{6}-\d{4}", serial) for serial in serials)
    assert len(set(serials)) == len(serials)
    assert "VH204-251124-0001" in serials  # the day changes at midnight of the plant's own time
    scanned = [h.value for h in found if h.signal == "scanner-2" and h.part]
    assert set(scanned) <= set(serials)
    for code, signal in {
        "MC-01": "part_id", "WD-01": "part_id", "WS-01": "scanner-3", "AS-01": "scanner-1", "LT-01": "scanner-4",
        "VI-01": "part_id", "PK-01": "scanner-2",
    }.items():  # fmt: skip
        seen = [h for h in found if h.machine == code and h.signal == signal and h.part]
        assert seen
        assert all(h.value == h.part and h.part in set(serials) for h in seen)


def test_order_of_what_is_shown_at_one_station(day: tuple[SimLine, list[Happening]]) -> None:
    found = day[1]
    for code, steps in {
        "PR-01": ["scanner-0", "force", "count"],
        "MC-01": ["part_id", "bore", "cycle", "count"],
        "AS-01": ["scanner-1", "torque", "count"],
        "PK-01": ["scanner-2", "weight", "count"],
    }.items():
        parts: dict[str, list[tuple[str, int]]] = {}
        for h in found:
            if h.machine == code and h.part and h.kind != "state" and h.signal != "spindle_temp":
                parts.setdefault(h.part, []).append((h.signal or "count", h.at_ms))
        complete = [steps_of for steps_of in parts.values() if len(steps_of) == len(steps)]
        assert len(complete) >= len(parts) - 1 > 2000  # the last part is still at work
        assert all([name for name, _ in steps_of] == steps for steps_of in complete)
        first_two = [steps_of[1][1] - steps_of[0][1] for steps_of in complete]
        assert min(first_two) >= 500  # far enough apart to keep their order on two wires


def test_lots_change_after_about_forty_units_and_boxes_hold_twelve(day: tuple[SimLine, list[Happening]]) -> None:
    found = day[1]
    lots = [h.value for h in found if h.signal == "scanner-1" and not h.part]
    for prefix in ("OR5521", "CV110"):
        own = [str(lot) for lot in lots if str(lot).startswith(prefix)]
        assert all(re.fullmatch(prefix + r"-\d{4}", lot) for lot in own)
        assert 36 <= 2300 / len(own) <= 48
    first_scans = [str(h.value)[:5] for h in found if h.signal == "scanner-1"][:3]
    assert first_scans == ["OR552", "CV110", "VH204"]
    boxed = 0
    for h in found:
        if h.machine != "PK-01":
            continue
        if h.kind == "good":
            boxed += 1
            assert boxed <= UNITS_PER_BOX
        elif h.kind == "scan" and str(h.value).startswith("BOX-"):
            assert re.fullmatch(r"BOX-\d{6}-\d{3}", str(h.value))
            assert boxed == UNITS_PER_BOX
            boxed = 0


def test_boxes_take_the_printed_labels_and_go_into_stock_and_out() -> None:
    line, found = SimLine(3, story=Story(bad_lot=0, stock_s=40.0, ship_s=100.0)), []
    line.box_labels.extend(["BOX-251119-007", "BOX-251119-008"])
    for at_s in range(0, 7200, 10):
        found += line.step(10, 1_763_510_400_000 + at_s * 1000)
    scans = [h for h in found if h.kind == "scan" and str(h.value).startswith("BOX")]
    told = {at: {str(h.value): h.at_ms for h in scans if h.machine == at} for at in ("PK-01", "STOCK", "SHIP")}
    boxes = list(told["PK-01"])
    assert boxes[:3] == ["BOX-251119-007", "BOX-251119-008", "BOX-251119-009"], (
        "behind the last label the line counts on"
    )
    stored = [box for box in boxes if told["PK-01"][box] + 40_000 < 1_763_510_400_000 + 7_190_000]
    assert list(told["STOCK"]) == stored
    assert all(told["STOCK"][box] - told["PK-01"][box] == 40_000 for box in stored)
    assert list(told["SHIP"]) == boxes[0::2][: len(told["SHIP"])]
    assert {told["SHIP"][box] - told["STOCK"][box] for box in told["SHIP"]} == {100_000}


def test_leak_test_repeats_the_first_ng_once(day: tuple[SimLine, list[Happening]]) -> None:
    words: dict[str, list[str]] = {}
    for h in day[1]:
        if h.signal == "leak":
            words.setdefault(h.part, []).append(str(h.value))
            assert h.measure is not None
            assert (h.measure <= 0.1) == (h.value == "OK")
    kinds = {tuple(sequence) for sequence in words.values()}
    assert kinds - {("RE",)} == {("OK",), ("RE", "OK"), ("RE", "NG")}


def test_nobody_there_every_machine_ends_its_part_and_stands() -> None:
    line = SimLine(2)
    simulate(line, 1)
    line.attended(False)
    during = simulate(line, 1, from_ms=START_MS + HOUR_S * 1000)
    repairing = (FAULT, "setup")
    assert all(m.state in (IDLE, *repairing) for m in line.machines)
    late = START_MS + HOUR_S * 1000 + 25 * 60_000 + 120_000
    assert not [h for h in during if h.kind == "good" and h.at_ms > late]
    assert BLOCKED not in {h.value for h in during if h.at_ms > START_MS + HOUR_S * 1000 + 1}
    line.attended(True)
    after = simulate(line, 1, from_ms=START_MS + 2 * HOUR_S * 1000)
    assert {h.machine for h in after if h.value == RUN} == {m.plan.code for m in line.machines}
    scrap = sum(machine.reject for machine in line.machines)
    assert line.started == line.machines[-1].good + scrap + line.in_process()


def test_nothing_happens_before_people_come() -> None:
    line = SimLine(2)
    line.attended(False)
    assert {h.kind for h in simulate(line, 0.1)} == {"value"}
    line.attended(True)
    assert any(h.kind == "good" for h in simulate(line, 0.1, from_ms=START_MS + 360_000))


def test_slow_values_can_be_left_out() -> None:
    with_values, without = (simulate(SimLine(4, sample_s=period), 1) for period in (5.0, 0.0))
    slow = {"spindle_temp", "coolant_temp", "conductivity"}
    assert {h.signal for h in with_values} >= slow
    assert not {h.signal for h in without} & slow
