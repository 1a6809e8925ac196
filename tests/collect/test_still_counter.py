"""A counter that stands still over an outage: that nothing was made is known, and the shift keeps its OEE."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from desktop import summaries
from desktop.collect.interpret import Health, Interpreter
from desktop.collect.memory import Memory
from desktop.collect.recall import recall
from desktop.domain.figures.line import MachineNow
from desktop.store import register
from desktop.store.database import Store
from desktop.store.journal import Batch, Journal
from desktop.store.records import Beat
from tests.collect.example import CNC, PRESS, T0, open_line, reading

MINUTE = 60_000


class Day:
    """An hour of the line from 09:00 on: the press and the machining centre, seen by a collector."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_line(folder)
        with self.store.transaction() as db:
            words = {"start": "09:00", "end": "17:00", "weekdays": "[1,2,3,4,5,6,7]", "breaks": "[]", "crew": ""}
            register.upsert(db, "shift_patterns", {"name": "Day", "valid_from": "1970-01-01"}, words)
        self.begin(Memory())
        self.good, self.strokes = 5000, 70

    def begin(self, memory: Memory) -> None:
        """A new collector."""
        self.journal = Journal(self.store)
        self.interpreter = Interpreter(register.plant(self.store), memory, self.journal.next_id)

    def put(self, batch: Batch, at_ms: int) -> None:
        self.journal.commit(batch, Beat(1, "", 0, time.time_ns() // 1_000_000, at_ms, "", 0, 0))

    def health(self, minute: int, status: str) -> None:
        for device in ("plc", "cnc"):
            fault = "" if status == "online" else "link_lost"
            at_ms = T0 + minute * MINUTE
            self.put(self.interpreter.health(Health(device, status, at_ms, fault)), at_ms)

    def polls(self, minutes: range, *, made: int = 0) -> None:
        """The counters once a minute, after `made` more pieces each; a stroke of the centre makes four."""
        for minute in minutes:
            at_ms = T0 + minute * MINUTE
            self.good, self.strokes = self.good + made, self.strokes + made // 4
            told = {"good": self.good, "reject": 9, "state": 1}
            self.put(self.interpreter.read([reading("plc", key, value, at_ms) for key, value in told.items()]), at_ms)
            self.put(self.interpreter.read([reading("cnc", "strokes", self.strokes, at_ms)]), at_ms)

    def machine(self, machine: int, minute: int) -> MachineNow:
        line = summaries.line_now(self.store, T0 + minute * MINUTE)
        return next(m for m in line.machines if m.id == machine)


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("made", [0, 40])
def test_a_quarter_of_the_hour_unseen(tmp_path: Path, killed: bool, made: int) -> None:
    day = Day(tmp_path / "d")
    try:
        day.health(0, "online")
        day.polls(range(30), made=40)
        day.health(30, "offline")
        if killed:
            day.begin(recall(day.store, register.plant(day.store)))
        day.health(45, "online")
        day.polls(range(45, 46), made=made)
        day.polls(range(46, 60), made=40)
        gaps = day.store.rows(
            "SELECT machine_id, pieces, from_ms, at_ms FROM events WHERE kind = 'count' AND flag = 'gap'"
            " AND word IN ('good', 'total') ORDER BY machine_id"
        )
        gap = (T0 + 30 * MINUTE, T0 + 45 * MINUTE)
        assert gaps == [(PRESS, made, *gap), (CNC, made, *gap)]
        for_press = day.machine(PRESS, 60)
        assert for_press.kpis is not None
        assert for_press.kpis.sums.bridged_ms == 15 * MINUTE
        assert for_press.kpis.pieces.untimed == made
        assert for_press.kpis.coverage == pytest.approx(0.75)
        assert for_press.good == 43 * 40 + made
        # Ideal 1 s a piece, over the whole hour: the time in which nothing was made counts as such.
        assert for_press.kpis.oee == pytest.approx((43 * 40 + made) / 3600)
        assert day.machine(CNC, 60).good == 43 * 40 + made
    finally:
        day.store.close()


def test_while_the_counter_is_not_heard_again_nothing_is_known(tmp_path: Path) -> None:
    """The opposite: without the reading after it the same silence is blind time, and there is no OEE."""
    day = Day(tmp_path / "d")
    try:
        day.health(0, "online")
        day.polls(range(30), made=40)
        day.health(30, "offline")
        kpis = day.machine(PRESS, 45).kpis
        assert kpis is not None
        assert kpis.sums.bridged_ms == 0
        assert kpis.oee is None
    finally:
        day.store.close()
