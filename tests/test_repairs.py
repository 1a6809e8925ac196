"""A call for maintenance from the file to the machine page and the report."""

from __future__ import annotations

import json

from desktop import summaries
from desktop.domain.entries import OPEN_MS, Called, Phase
from desktop.domain.figures.machine import MachineDay
from desktop.reports import json_file
from desktop.store.database import Store
from desktop.views.widgets.basis import basis_face
from tests import test_live
from tests.store.example import MACHINE, MINUTE, count, state
from tests.test_entered import Floor, at, say

shop = test_live.shop


def test_the_machine_page_and_the_report_tell_the_same_phases(shop: Store) -> None:
    floor = Floor(shop)
    floor.tell(state(floor.book, at(20), "fault"))
    [number] = say(shop, 21, Called(MACHINE, at(21), OPEN_MS, "maintenance"))
    standing = summaries.machine_day(shop, MACHINE, at(22))
    assert "Maintenance called · not answered" in _lines(standing)
    assert [name for name in _lines(standing) if "0 calls" in name] == [
        "Till repair begins · 0 calls", "Repair · 0 calls", "Till first good piece · 0 calls",
    ]  # fmt: skip
    assert _lines(standing)["Repair · 0 calls"] == "—"
    say(shop, 25, Phase(MACHINE, at(25), at(25), number, "begun"))
    say(shop, 40, Phase(MACHINE, at(40), at(40), number, "over"))
    floor.tell(state(floor.book, at(41), "run"))
    floor.at_ms = at(43)
    floor.tell(count(floor.book, at(43), 1))
    day = summaries.machine_day(shop, MACHINE, at(50))
    lines = _lines(day)
    assert {name: lines[name] for name in lines if "1 calls" in name} == {
        "Till repair begins · 1 calls": "4 min", "Repair · 1 calls": "15 min",
        "Till first good piece · 1 calls": "3 min",
    }  # fmt: skip
    assert lines["Maintenance called · done"] == "19 min"
    report = summaries.shift_report(shop, summaries.find_shift(shop, "current", at(50)), at(50))
    [row] = [each for each in report.machines if each.id == MACHINE]
    assert row.repairs == day.repairs
    assert json.loads(json_file.render(report))["machines"][0]["repairs"]["restart"] == {
        "mean_ms": 3 * MINUTE, "count": 1,
    }  # fmt: skip


def _lines(day: MachineDay) -> dict[str, str]:
    lines = basis_face(day).lines
    return {line.name.partition(" ")[2] if line.name[0].isdigit() else line.name: line.figure for line in lines}
