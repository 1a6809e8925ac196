"""The PC's clock is set while a machine stands: its stop stays one stop, and what was said of it stays with it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from desktop import control, summaries
from desktop.clock import PlantClock, starting_at
from desktop.domain.entries import OPEN_MS, Labelled
from desktop.domain.figures.stops import StopRow
from desktop.store import register, upkeep
from tests.collect.example import PRESS, T0, open_line
from tests.collect.fakes import install, wait_for
from tests.collect.test_collector import collecting

SPEED, MINUTE = 240.0, 60_000
REASON = {"name": "설비 고장", "kind": "unplanned", "failure": 1, "place": 0, "loss": ""}


@pytest.mark.parametrize("set_by", [-10, 40])
def test_a_reason_stays_with_its_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_by: int) -> None:
    """Set back into the stop itself, or set forward: nobody is asked again, on the screen that looks on and on a new
    one, and the stop ends once, when the machine runs."""
    plugs, folder, ahead = install(monkeypatch), tmp_path / "data", [0]
    told = PlantClock.at_real_ms
    monkeypatch.setattr(PlantClock, "at_real_ms", lambda self, real_ms: told(self, real_ms) + ahead[0])
    with closing(open_line(folder, starting_at(T0, SPEED))) as store, store.transaction() as db:
        reason = register.upsert(db, "reasons", {"code": "R01"}, REASON)
    with collecting(folder) as line:
        live = summaries.Live()

        def now() -> float:
            return (line.collector.clock.now_ms() - T0) / MINUTE

        def waiting(look: summaries.Live | None = None) -> list[StopRow]:
            found = summaries.stops_now(look or summaries.Live(), line.reader, line.collector.clock.now_ms())
            return [row for row in found.open if row.machine == PRESS]

        def state(word: int) -> None:
            plugs["plc"].send({"device": "plc", "signal": "state", "value": word})

        state(1)
        wait_for(lambda: now() > 1)
        state(2)
        wait_for(lambda: now() > 13 and len(waiting()) == 1)
        [row] = waiting()
        control.enter(folder, [Labelled(PRESS, row.start_ms, OPEN_MS, row.id, reason)], "김정호")
        assert waiting(live) == waiting() == []
        ahead[0] = set_by * MINUTE
        wait_for(lambda: line.count("events WHERE kind = 'clock'") == 1)
        assert waiting(live) == waiting() == []
        at = now()
        wait_for(lambda: now() > at + 1)
        state(1)
        wait_for(lambda: line.count("events WHERE kind = 'state' AND word = 'run'") == 2)
        assert waiting(live) == waiting() == []
        found = summaries.stops_now(live, line.reader, line.collector.clock.now_ms())
        [said] = found.said
        assert (said.start_ms, said.who) == (row.start_ms, "김정호")
        assert said.end_ms is not None
        assert said.start_ms < said.end_ms <= line.collector.clock.now_ms()
        assert upkeep.check(line.reader) == []
