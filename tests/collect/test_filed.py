"""What people said of holds and gauges, as it meets units at the scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop import trace_words
from desktop.collect.filed import Filed
from desktop.domain.entries import OPEN_MS, Calibrated, Disposed, Disposition, Held, Said
from desktop.domain.events import EventKind, Thing
from desktop.domain.figures.trace import Doubt, Stage
from desktop.domain.quality import Gauge, WhenWrong
from desktop.domain.verdicts import Fault, Wrong
from desktop.reports import trace as pages
from desktop.store import entries, register, seen, trace
from desktop.store.database import KnownError
from desktop.store.journal import Batch
from desktop.store.trace import Holds
from desktop.summaries.trace import lists
from desktop.summaries.trace.history import trace_code
from tests.collect.example import reading
from tests.collect.test_tracking import Floor, known, links, owners, wrong

DAY = 86_400_000
UNIT, LOT = Thing("unit", "VH1"), Thing("lot", "OR-1")


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    found = Floor(tmp_path / "shop")
    yield found
    found.store.close()


def say(floor: Floor, said: Said) -> int:
    return entries.say(floor.store, [said], floor.at_ms, "Kim")[0]


def hold(floor: Floor, thing: Thing, reason: str = "hardness") -> int:
    return say(floor, Held(0, floor.at_ms, floor.at_ms, reason, (thing,)))


def dispose(floor: Floor, number: int, what: Disposition, *things: Thing) -> int:
    return say(floor, Disposed(0, floor.at_ms, floor.at_ms, number, what, things))


def assembled(floor: Floor) -> None:
    """A unit that has come through the CNC and the assembly with a lot."""
    floor.say("cnc", part="VH1")
    floor.scan("scan", "OR-1")
    assert wrong(floor.scan("scan", "VH1")) == []


def test_a_held_lot_is_refused_and_so_is_the_unit_that_carries_it(floor: Floor) -> None:
    assembled(floor)
    number = hold(floor, LOT)
    assert wrong(floor.scan("scan", "OR-1")) == [("on_hold", "hardness", "refused")]
    assert wrong(floor.scan("gate", "VH1")) == [("on_hold", "OR-1 · hardness", "")], "this station flags"
    dispose(floor, number, Disposition.RELEASE)
    assert wrong(floor.scan("pack", "VH1")) == []


def test_a_lot_that_is_held_while_it_is_in_use_goes_into_no_unit_unseen(floor: Floor) -> None:
    assembled(floor)
    number = hold(floor, LOT)
    floor.say("cnc", part="VH2")
    batch = floor.scan("scan", "VH2")
    assert wrong(batch) == [("on_hold", "OR-1 · hardness", "refused")]
    assert batch.links == []
    assert wrong(floor.scan("scan", "VH1"))[:1] == [("on_hold", "OR-1 · hardness", "refused")]
    assert len([each for each in wrong(floor.scan("scan", "VH1")) if each[0] == "on_hold"]) == 1, "said once"
    dispose(floor, number, Disposition.RELEASE)
    assert wrong(floor.scan("scan", "VH2")) == []


def test_a_held_lot_that_may_still_be_in_the_hopper_is_said_of_each_unit_that_may_have_it(floor: Floor) -> None:
    assembled(floor)
    floor.scan("scan", "OR-2")
    number = hold(floor, LOT)
    for code in ("VH2", "VH3", "VH4"):
        floor.say("cnc", part=code)
    assert wrong(floor.scan("scan", "VH2")) == [("on_hold", "OR-1 · hardness", "")], "let through, and held behind it"
    assert wrong(floor.scan("gate", "VH2")) == [("on_hold", "OR-1 · hardness", "")]
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = 'flag' WHERE code = 'OP20'")
    floor.restart()
    assert wrong(floor.scan("scan", "VH2")) == [("on_hold", "OR-1 · hardness", "")], "said once"
    dispose(floor, number, Disposition.RELEASE)
    assert wrong(floor.scan("scan", "VH3")) == []
    hold(floor, LOT)
    assert wrong(floor.scan("scan", "VH4")) == [], "two units around a change may have both"


def test_what_was_sent_back_passes_where_it_is_mended_and_inspected_and_nowhere_else(floor: Floor) -> None:
    assembled(floor)
    floor.scan("gate", "VH1")
    floor.say("leak", value=0.5)
    floor.say("cnc", part="VH2")
    floor.scan("scan", "VH2")
    number = hold(floor, UNIT, "leaks")
    assert wrong(floor.scan("scan", "VH1")) == [("on_hold", "leaks", "refused"), ("passed_before", "", "")]
    dispose(floor, number, Disposition.REWORK, UNIT)
    assert wrong(floor.scan("scan", "VH1")) == [], "it comes to its place again"
    assert wrong(floor.scan("pack", "VH1")) == [("on_hold", "leaks", "")], "nobody has found it good"
    assert wrong(floor.scan("gate", "VH1")) == []
    assert owners(floor.say("leak", value=0.01)) == ["VH1"]
    assert wrong(floor.scan("pack", "VH1")) == []
    floor.scan("pack", "BX1")
    assert not Filed(floor.store, register.plant(floor.store)).mended(UNIT, floor.at_ms), "it is through"


def test_what_was_sent_back_by_one_hold_is_held_by_every_other(floor: Floor) -> None:
    assembled(floor)
    dispose(floor, hold(floor, UNIT, "leaks"), Disposition.REWORK, UNIT)
    number = hold(floor, LOT)
    assert wrong(floor.scan("gate", "VH1")) == [("on_hold", "OR-1 · hardness", "")]
    dispose(floor, number, Disposition.RELEASE)
    assert wrong(floor.scan("gate", "VH1")) == []


@pytest.mark.parametrize("refuses", [False, True])
def test_a_box_that_is_closed_over_a_unit_that_was_held_since_its_scan_says_so(floor: Floor, refuses: bool) -> None:
    if refuses:
        with floor.store.transaction() as db:
            db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE code = 'OP40'")
        floor.restart()
    floor.scan("scan", "OR-1")
    for code in ("VH1", "VH2"):
        floor.say("cnc", part=code)
        for device in ("scan", "gate", "pack"):
            assert wrong(floor.scan(device, code)) == []
    hold(floor, UNIT, "scratch")
    batch = floor.scan("pack", "BX1")
    assert wrong(batch) == [("on_hold", "scratch", "refused" if refuses else "")]
    assert [json.loads(each.detail)["code"] for each in batch.events if each.word == "on_hold"] == ["VH1"]
    packed = [] if refuses else [("packed", "BX1", "VH1")]
    assert links(batch) == [*packed, ("packed", "BX1", "VH2")]
    before = known(floor.interpreter.memory)
    floor.restart()
    assert known(floor.interpreter.memory) == before


def packed(floor: Floor, box: str, *codes: str) -> Batch:
    """Units that went through the whole line, and the batch of their box."""
    for code in codes:
        floor.say("cnc", part=code)
        for device in ("scan", "gate", "pack"):
            assert wrong(floor.scan(device, code)) == []
    return floor.scan("pack", box)


def lies_in(floor: Floor, thing: Thing, holds: Holds = Holds.NOW) -> list[str]:
    [known] = [each for each in trace.find(floor.store, thing.code) if each.kind == thing.kind]
    return [edge.code for edge in trace.went_into(floor.store, known.id, holds)]


def send_back(floor: Floor, thing: Thing) -> None:
    floor.at_ms += 1000
    dispose(floor, hold(floor, thing, "leaks"), Disposition.REWORK, thing)


@pytest.mark.parametrize("station", ["scan", "gate"])
def test_a_unit_that_is_mended_is_not_in_its_box_any_more(floor: Floor, station: str) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1", "VH2")
    floor.scan("pack", "PL1")
    floor.scan("dock", "PL1")
    send_back(floor, UNIT)
    assert lies_in(floor, UNIT) == ["BX1", "PL1"], "nobody has seen it elsewhere yet"
    assert wrong(floor.scan(station, "VH1")) == []
    assert (lies_in(floor, UNIT), lies_in(floor, UNIT, Holds.BUILT)) == ([], ["BX1", "PL1"])
    assert lies_in(floor, Thing("unit", "VH2")) == ["BX1", "PL1"]
    first, second = lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1).units.units
    assert (first.stage, first.box, first.gone) == (Stage.LINE, "", False), "it was seen last at a machine"
    assert (second.stage, second.box) == (Stage.SHIPPED, "BX1")
    floor.scan("dock", "BX1")
    moves = trace_code(floor.store, "VH1", floor.at_ms + 1).moves
    assert [(move.kind, move.code) for move in moves] == [("ship", "PL1")], "as it lay in it, and none behind that"


def test_a_unit_that_was_mended_lies_in_its_new_box_alone(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1", "VH2")
    send_back(floor, UNIT)
    floor.scan("gate", "VH1")
    floor.say("leak", value=0.01)
    assert wrong(floor.scan("pack", "VH1")) == []
    assert links(floor.scan("pack", "BX2")) == [("packed", "BX2", "VH1")]
    assert lies_in(floor, UNIT) == ["BX2"]
    assert lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1).doubts == ()


def test_what_was_sent_back_and_is_packed_at_once_lies_in_its_new_box_alone(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1", "VH2")
    send_back(floor, UNIT)
    floor.scan("pack", "VH1")
    batch = floor.scan("pack", "BX2")
    assert "packed_before" not in [word for word, _about, _flag in wrong(batch)], "it had to come out"
    assert lies_in(floor, UNIT) == ["BX2"]


@pytest.mark.parametrize("refuses", [False, True])
def test_what_lies_in_a_box_and_is_packed_into_another_is_said(floor: Floor, refuses: bool) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = ? WHERE code = 'OP40'", ("refuse" if refuses else "flag",))
    floor.restart()
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    assert wrong(floor.scan("pack", "VH1")) == [], "it is read once more"
    floor.say("cnc", part="VH2")
    for device in ("scan", "gate", "pack"):
        floor.scan(device, "VH2")
    batch = floor.scan("pack", "BX2")
    assert wrong(batch) == [("packed_before", "BX1", "refused" if refuses else "")]
    again = [] if refuses else [("packed", "BX2", "VH1")]
    assert links(batch) == [*again, ("packed", "BX2", "VH2")]
    assert lies_in(floor, UNIT) == (["BX1"] if refuses else ["BX2"])
    before = known(floor.interpreter.memory)
    floor.restart()
    assert known(floor.interpreter.memory) == before


def test_a_code_that_a_reader_repeats_is_no_fault(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    floor.scan("pack", "VH1")
    for code in ("BX1", "BX1", "PL1", "PL1"):
        batch = floor.scan("pack", code)
        assert wrong(batch) == []
    assert (lies_in(floor, UNIT), batch.links) == (["BX1", "PL1"], [])
    assert floor.store.row("SELECT count(*) FROM links WHERE kind = 'packed'")[0] == 2, "read twice, packed once"


@pytest.mark.parametrize("refuses", [False, True])
def test_a_box_that_is_put_on_another_pallet_is_said(floor: Floor, refuses: bool) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = ? WHERE code = 'OP40'", ("refuse" if refuses else "flag",))
    floor.restart()
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    floor.scan("pack", "PL1")
    floor.scan("store", "PL1")  # it was taken down there
    assert wrong(floor.scan("pack", "BX1")) == []
    batch = floor.scan("pack", "PL2")
    assert wrong(batch) == [("packed_before", "PL1", "refused" if refuses else "")]
    assert lies_in(floor, UNIT) == ["BX1", "PL1" if refuses else "PL2"]
    before = known(floor.interpreter.memory)
    floor.restart()
    assert known(floor.interpreter.memory) == before


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("units", [(), ("VH2",)])
def test_a_box_that_is_read_again_after_its_pallet_changes_nothing_and_is_said(
    floor: Floor, units: tuple[str, ...], anew: bool
) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    floor.scan("pack", "PL1")
    batch = packed(floor, "BX1", *units)
    assert wrong(batch) == [("packed_before", "PL1", "refused")]
    assert (batch.steps, batch.links, batch.link_ends) == ([], [], [])
    before = known(floor.interpreter.memory)
    if anew:
        floor.restart()
        assert known(floor.interpreter.memory) == before
    batch = packed(floor, "BX2", "VH3")
    assert (wrong(batch), links(batch)) == ([], [("packed", "BX2", each) for each in (*units, "VH3")])
    batch = floor.scan("pack", "PL2")
    assert (wrong(batch), links(batch)) == ([], [("packed", "PL2", "BX2")])
    assert lies_in(floor, UNIT) == ["BX1", "PL1"]
    assert wrong(floor.scan("pack", "BX1")) == [("packed_before", "PL1", "refused")], "also after the next pallet"


def test_a_box_that_is_read_again_after_its_pallet_before_either_is_stored_changes_nothing(floor: Floor) -> None:
    batches = [floor.hear("pack", code=code) for code in ("BX1", "PL1", "BX1", "PL2")]
    assert [wrong(batch) for batch in batches] == [[], [], [("packed_before", "PL1", "refused")], []]
    assert [links(batch) for batch in batches] == [[], [("packed", "PL1", "BX1")], [], []]


def test_a_box_that_is_read_again_while_its_pallet_is_filled_elsewhere_takes_nothing(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    for code in ("BX1", "PM1"):
        assert wrong(floor.scan("spare", code)) == []
    assert lies_in(floor, UNIT) == ["BX1", "PM1"]
    batch = packed(floor, "BX1", "VH2")
    assert (wrong(batch), batch.links) == ([("packed_before", "PM1", "refused")], [])


def test_a_crate_that_came_back_and_is_filled_anew_goes_on_a_new_pallet(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    for box, pallet, *units in (("BX1", "PL1", "VH1"), ("BX2", "PL2", "VH2")):
        packed(floor, box, *units)
        floor.scan("pack", pallet)
    batch = packed(floor, "BX1", "VH3")
    assert (wrong(batch), links(batch)) == ([("used_box", "1", "")], [("packed", "BX1", "VH3")])
    batch = floor.scan("pack", "PL3")
    assert (wrong(batch), links(batch)) == ([("packed_before", "PL1", "")], [("packed", "PL3", "BX1")])


@pytest.mark.parametrize("refuses", [False, True])
def test_a_box_code_that_was_used_is_said(floor: Floor, refuses: bool) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = ? WHERE code = 'OP40'", ("refuse" if refuses else "flag",))
    floor.restart()
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1", "VH2")
    assert wrong(packed(floor, "BX2", "VH3")) == []
    batch = packed(floor, "BX1", "VH4")
    assert wrong(batch) == [("used_box", "2", "refused" if refuses else "")]
    assert links(batch) == ([] if refuses else [("packed", "BX1", "VH4")])
    before = known(floor.interpreter.memory)
    floor.restart()
    assert known(floor.interpreter.memory) == before
    if refuses:
        batch = floor.scan("pack", "BX4")
        assert (wrong(batch), links(batch)) == ([], [("packed", "BX4", "VH4")]), "it waits for a new one"


def test_a_box_that_left_takes_nothing_more(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    floor.scan("store", "BX1")
    assert wrong(packed(floor, "BX1", "VH2")) == [("used_box", "1", "")]
    packed(floor, "BX2", "VH3")
    floor.scan("pack", "PL1")
    floor.scan("dock", "PL1")
    assert wrong(packed(floor, "BX2", "VH4")) == [("used_box", "1", "")], "it left on its pallet"


def test_a_box_that_is_open_is_topped_up_and_one_that_is_read_for_its_pallet_takes_nothing(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    assert wrong(packed(floor, "BX1", "VH2")) == [], "it is the last one here"
    packed(floor, "BX2", "VH3")
    for code in ("BX1", "BX2", "PL1"):
        assert wrong(floor.scan("pack", code)) == []
    packed(floor, "BX3", "VH4")
    assert wrong(floor.scan("pack", "PL1")) == [], "the pallet is open, too"
    assert wrong(floor.scan("pack", "PL2")) == []
    packed(floor, "BX5", "VH5")
    assert wrong(floor.scan("pack", "PL1")) == [("used_box", "3", "")]


def test_a_box_that_was_emptied_is_taken_again(floor: Floor) -> None:
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    packed(floor, "BX2", "VH2")
    send_back(floor, UNIT)
    floor.scan("gate", "VH1")
    floor.say("leak", value=0.01)
    floor.scan("pack", "VH1")
    batch = floor.scan("pack", "BX1")
    assert (wrong(batch), lies_in(floor, UNIT)) == ([], ["BX1"])


def doubts(floor: Floor, box: str) -> list[str]:
    return [trace_words.doubt_words(row) for row in trace_code(floor.store, box, floor.at_ms + 1).doubts]


def test_a_piece_that_was_refused_while_a_box_was_filled_may_be_in_it(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE code = 'OP40'")
    floor.restart()
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    for code in ("VH2", "VH3", "VH4"):
        floor.say("cnc", part=code)
        floor.scan("scan", code)
        assert wrong(floor.scan("pack", code)) == [("skipped_step", "OP30", "refused")]
    packed(floor, "BX1", "VH5")
    packed(floor, "BX2", "VH6")
    for code in ("BX1", "BX2"):
        floor.scan("pack", code)  # read once more for their pallet
    one = "{} refused {} read while box BX1 was filled, {}: look whether {} in it."
    assert doubts(floor, "BX1") == [one.format(3, "pieces were", "VH2, VH3, VH4", "they are")]
    assert doubts(floor, "BX2") == []
    floor.scan("gate", "VH2")  # taken back to where it was not
    assert doubts(floor, "BX1") == [one.format(2, "pieces were", "VH3, VH4", "they are")]
    dispose(floor, hold(floor, Thing("unit", "VH3")), Disposition.SCRAP)
    assert doubts(floor, "BX1") == [one.format(1, "piece was", "VH4", "it is")]
    found = lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1)
    assert [(row.kind, row.code, row.detail) for row in found.doubts] == [(Doubt.REFUSED, "BX1", "VH4")]
    floor.scan("pack", "PL1")
    for code in ("BX1", "PL1"):
        assert one.format(1, "piece was", "VH4", "it is") in pages.notes(trace_code(floor.store, code, floor.at_ms + 1))
        assert "VH4: look" in trace_words.counted_words(lists.units_of(floor.store, code, floor.at_ms + 1))


def test_a_refused_piece_is_looked_for_in_the_box_of_others_and_in_one_that_holds_nothing_else(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE code = 'OP40'")
    floor.restart()
    floor.scan("scan", "OR-1")
    floor.say("cnc", part="VH1")
    floor.scan("scan", "VH1")
    floor.scan("pack", "VH1")
    floor.scan("scan", "OR-2")
    floor.scan("scan", "OR-3")
    assert packed(floor, "BX1", "VH2", "VH3", "VH4")
    found = lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1)
    assert [(row.kind, row.code, row.detail) for row in found.doubts] == [(Doubt.REFUSED, "BX1", "VH1")]
    floor.say("cnc", part="VH5")
    floor.scan("pack", "VH5")
    floor.scan("pack", "BX9")
    assert len(doubts(floor, "BX9")) == 1
    packed(floor, "BX3", "VH6")
    assert doubts(floor, "BX3") == []


def refused_beside(floor: Floor) -> int:
    """A piece that was assembled, and that is on hold when a second machine reads it where boxes are filled, too; the
    hold."""
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE code = 'OP10'")
    floor.restart()
    for code in ("OR-1", "XX1"):
        assert wrong(floor.scan("scan", code)) == []
    number = hold(floor, Thing("unit", "XX1"))
    assert wrong(floor.scan("spare", "XX1")) == [("on_hold", "hardness", "refused")]
    return number


def test_a_piece_that_was_refused_is_looked_for_there_whatever_box_it_lies_in_by_the_file(floor: Floor) -> None:
    for code in ("OR-1", "XX1"):
        floor.scan("scan", code)
    for code in ("XX1", "BX1"):
        floor.scan("pack", code)
    refused_beside(floor)
    floor.scan("spare", "BM1")
    said = [(Doubt.REFUSED, "BM1", "XX1")]
    assert [(row.kind, row.code, row.detail) for row in trace_code(floor.store, "BM1", floor.at_ms + 1).doubts] == said
    found = lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1)
    assert [(row.kind, row.code, row.detail) for row in found.doubts] == said
    assert doubts(floor, "BX1") == []


def test_a_piece_that_was_refused_at_one_machine_and_packed_at_another_is_where_it_was_packed(floor: Floor) -> None:
    dispose(floor, refused_beside(floor), Disposition.RELEASE, Thing("unit", "XX1"))
    floor.at_ms += 1000
    for code in ("XX1", "BX2"):
        assert wrong(floor.scan("pack", code)) == []
    floor.scan("spare", "BM1")
    assert lies_in(floor, Thing("unit", "XX1")) == ["BX2"]
    assert (doubts(floor, "BX2"), doubts(floor, "BM1")) == ([], [])
    assert lists.recall(floor.store, "lot", "OR-1", floor.at_ms + 1).doubts == ()


def test_a_piece_that_is_held_when_its_box_is_closed_may_be_in_it(floor: Floor) -> None:
    with floor.store.transaction() as db:
        db.execute("UPDATE stations SET when_wrong = 'refuse' WHERE code = 'OP40'")
    floor.restart()
    floor.scan("scan", "OR-1")
    packed(floor, "BX1", "VH1")
    for code in ("VH2", "VH3"):
        floor.say("cnc", part=code)
        for device in ("scan", "gate", "pack"):
            floor.scan(device, code)
    hold(floor, Thing("unit", "VH2"), "scratch")
    floor.scan("pack", "BX2")
    packed(floor, "BX3", "VH4")
    assert [len(doubts(floor, code)) for code in ("BX1", "BX2", "BX3")] == [0, 1, 0]


def test_nothing_on_hold_is_shipped(floor: Floor) -> None:
    assembled(floor)
    floor.scan("gate", "VH1")
    floor.scan("pack", "VH1")
    floor.scan("pack", "BX1")
    hold(floor, LOT)
    batch = floor.scan("dock", "BX1")
    assert wrong(batch) == [("on_hold", "OR-1 · hardness", "refused")]
    assert batch.moves == []


def test_a_scrapped_serial_is_held_for_good(floor: Floor) -> None:
    dispose(floor, hold(floor, UNIT, ""), Disposition.SCRAP)
    assert Filed(floor.store, register.plant(floor.store)).held(UNIT, floor.at_ms) == "scrapped"


@pytest.mark.parametrize(
    "harm",
    [
        "DROP TABLE entries",
        "UPDATE entries SET body = CAST(x'22ff22' AS TEXT)",  # no UTF-8
        "UPDATE entries SET body = '{}'",
    ],
)
def test_a_scan_is_taken_where_what_was_before_cannot_be_read(
    floor: Floor, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    assembled(floor)
    hold(floor, UNIT)
    with floor.store.transaction() as db:
        for (guard,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{guard}"')
        for (view,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'view'").fetchall():
            db.execute(f'DROP VIEW "{view}"')
        db.execute(harm)
    batch = floor.interpreter.read([reading("gate", "code", "VH1", floor.at_ms + 1000, seq=1)])
    assert [event.word for event in batch.events if event.kind is EventKind.SCAN] == ["VH1"]
    assert [step.thing.code for step in batch.steps] == ["VH1"]
    assert "nothing is known of what was before" in caplog.text


def test_since_when_a_gauge_is_overdue(floor: Floor) -> None:
    past = Filed(floor.store, register.plant(floor.store))
    gauge = Gauge(7, "G7", "Caliper", interval_days=30)
    assert past.gauge_wrong(gauge, floor.at_ms) is None, "of which nobody said anything"
    refuses = replace(gauge, when_due=WhenWrong.REFUSE)
    assert past.gauge_wrong(refuses, floor.at_ms) == Fault(Wrong.NEVER)
    assert past.gauge_wrong(replace(refuses, interval_days=0), floor.at_ms) is None, "no calibration is asked for"
    say(floor, Calibrated(0, floor.at_ms, floor.at_ms + 30 * DAY, 7, good=True))
    assert past.gauge_wrong(refuses, floor.at_ms + 29 * DAY) is None
    assert past.gauge_wrong(gauge, floor.at_ms + 31 * DAY) == Fault(Wrong.GAUGE, "2025-12-19")
    failed = say(floor, Calibrated(0, floor.at_ms + DAY, OPEN_MS, 7, good=False))
    assert past.gauge_wrong(gauge, floor.at_ms + 2 * DAY) == Fault(Wrong.GAUGE, "2025-11-20")
    entries.take_back(floor.store, [failed], floor.at_ms)
    assert past.gauge_wrong(gauge, floor.at_ms + 2 * DAY) is None


def test_what_could_not_be_read_once_is_read_again(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that is busy for a moment makes no unit one that skipped its stations until the next restart."""
    assembled(floor)
    floor.restart()

    def busy(*_asked: object) -> seen.Seen:
        raise KnownError("busy")

    with monkeypatch.context() as patch:
        patch.setattr(seen, "seen", busy)
        floor.scan("gate", "VH1")
    assert "nothing is known of what was before" in caplog.text
    assert wrong(floor.scan("gate", "VH1")) == []
