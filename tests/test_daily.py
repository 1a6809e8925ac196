"""Checks, pieces that are looked at and confirmed hours: what becomes of them in the file and in the report."""

from __future__ import annotations

import json

import pytest

from desktop import summaries
from desktop.configuration import applying, usual
from desktop.domain.daily_rows import CheckRow
from desktop.domain.entries import (
    OPEN_MS,
    Action,
    Attended,
    Changed,
    ChartLimits,
    Checked,
    FirstPiece,
    HourConfirmed,
    Measured,
    Ordered,
    Placed,
)
from desktop.domain.events import Event, EventKind, Result
from desktop.domain.figures.head import AlarmNow
from desktop.domain.people import Person
from desktop.domain.rounds import ChecksNow
from desktop.reports import csv_file, json_file, xlsx
from desktop.reports.sections import build
from desktop.store import entries, people, register
from desktop.store.database import Store
from desktop.store.journal import Batch
from desktop.store.records import Beat
from desktop.summaries.now import Live
from desktop.wording.alarms import alarm_sentence
from tests import test_entered
from tests.store.example import FORCE, MACHINE, TEXT
from tests.test_entered import OTHER, Floor, at, halves, say
from tests.test_live import START

shop = test_entered.shop  # a machine that tells its state, and two products
HOUR = 3_600_000
OIL, AIR, DAILY, FIRST = range(1, 5)


@pytest.fixture
def checked(shop: Store) -> Store:
    """The shop with four checks at its first machine."""
    rows = [
        {"code": "C1", "name": "Oil"},
        {"code": "C2", "name": "Air", "kind": "value", "low": 0.4, "high": 0.6, "unit": "MPa"},
        {"code": "C3", "name": "Floor", "every": "day"},
        {"code": "C4", "name": "First piece", "kind": "first"},
    ]
    known = usual.checks()[0]
    code = next(m.code for m in register.plant(shop).machines if m.id == MACHINE)
    with shop.transaction() as db:
        wanted = applying.Rows(checks=[{**known, **row, "machine": code} for row in rows])
        applying.put_rows(shop, db, wanted)
        register.audit(db, START, "", "import", "", "", "")
    return shop


def now(store: Store, minute: float) -> ChecksNow:
    found = summaries.checks_now(Live(), store, at(minute))
    assert isinstance(found, ChecksNow)
    return found


def states(rows: tuple[CheckRow, ...]) -> dict[int, str]:
    return {row.item: row.state for row in rows}


def test_what_is_due_becomes_late_and_what_is_said_answers_it(checked: Store) -> None:
    Floor(checked).makes(*halves(0.5, 70))
    assert states(now(checked, 5).rows) == {OIL: "due", AIR: "due", DAILY: "due", FIRST: "due"}
    say(checked, 6, Checked(MACHINE, at(6), at(6), OIL, good=True))
    say(checked, 7, Checked(MACHINE, at(7), at(7), AIR, False, 0.7, "outside"), Action(MACHINE, at(7), OPEN_MS, "Air"))
    found = now(checked, 65)
    assert states(found.rows) == {OIL: "good", AIR: "bad", DAILY: "due", FIRST: "late"}
    air = next(row for row in found.rows if row.item == AIR)
    assert (air.value, air.who, air.also) == (0.7, "김정호", air.entry + 1)
    assert [row.item for row in found.open] == [FIRST, DAILY]
    entries.take_back(checked, [air.entry, air.also], at(66))
    assert states(now(checked, 67).rows)[AIR] == "late"


def test_a_machine_that_is_idle_by_plan_all_shift_has_no_daily_checks(checked: Store) -> None:
    assert len(now(checked, 5).rows) == 3
    with checked.transaction() as db:
        columns = {
            "start_ms": at(-30),
            "end_ms": at(60),
            "machine_id": MACHINE,
            "approved_at_ms": at(-60),
            "no_order": 0,
        }
        names = ", ".join(columns)
        db.execute(f"INSERT INTO planned_stops ({names}) VALUES (?, ?, ?, ?, ?)", tuple(columns.values()))
        register.audit(db, START, "", "import", "", "", "")
    assert len(now(checked, 5).rows) == 3, "of half a shift it is not"
    with checked.transaction() as db:
        db.execute("UPDATE planned_stops SET end_ms = ?", (at(120),))
        register.audit(db, START, "", "import", "", "", "")
    assert now(checked, 5).rows == ()
    say(checked, 6, Checked(MACHINE, at(6), at(6), OIL, good=True))
    assert states(now(checked, 7).rows) == {OIL: "good"}


def test_a_changeover_asks_for_its_first_piece_and_one_that_is_not_right_leaves_it_open(checked: Store) -> None:
    floor = Floor(checked)
    floor.makes(*halves(0.5, 20))
    say(checked, 2, FirstPiece(MACHINE, at(2), at(2), good=True))
    say(checked, 20, Changed(MACHINE, at(20), OPEN_MS, 2))
    assert [row.state for row in now(checked, 21).rows if row.item == FIRST] == ["good", "due"]
    say(checked, 25, FirstPiece(MACHINE, at(25), at(25), False, "Burr"))
    assert [row.note for row in now(checked, 26).rows if row.item == FIRST] == ["", "Burr"]
    assert summaries.work_now(Live(), checked, at(26), MACHINE).setup is not None
    say(checked, 28, FirstPiece(MACHINE, at(28), at(28), good=True))
    assert [row.state for row in now(checked, 29).rows if row.item == FIRST] == ["good", "good"]
    assert summaries.work_now(Live(), checked, at(29), MACHINE).setup is None


def test_the_overview_counts_what_waits_from_its_second_look_on(checked: Store) -> None:
    live = Live()
    assert live.line_now(checked, at(5)).checks == 0, "the first picture does without"
    found = live.line_now(checked, at(5.1))
    assert (found.checks, [machine.checks for machine in found.machines]) == (3, [3, 0])
    say(checked, 5.2, Checked(MACHINE, at(5.2), at(5.2), OIL, good=True))
    assert live.line_now(checked, at(5.3)).checks == 2


def test_what_a_shift_did_not_check_is_missed_in_its_report(checked: Store) -> None:
    Floor(checked).makes(*halves(0.5, 119))
    say(checked, 6, Checked(MACHINE, at(6), at(6), OIL, good=True))
    shift = summaries.find_shift(checked, "current", at(5))
    report = summaries.shift_report(checked, shift, at(125))
    assert states(report.checks) == {OIL: "good", AIR: "missed", DAILY: "due", FIRST: "missed"}
    say(checked, 130, Checked(MACHINE, at(130), at(130), DAILY, good=True))
    assert states(now(checked, 131).rows)[DAILY] == "good", "once a day is enough"
    assert states(now(checked, 131).rows)[OIL] == "due", "the next shift checks anew"


def hourly(store: Store, per_hour: int = 2, code: str = "BURR", **other: object) -> int:
    """A burr that is measured by hand, so many an hour, or as `other` columns say; its number."""
    with store.transaction() as db:
        columns = {
            "name": "Burr", "product_id": None, "machine_id": MACHINE, "signal_id": None, "unit": "mm", "mark": "",
            "gauge_id": None, "sampling": "hourly", "per_hour": per_hour, "subgroup": 1, "binding": "scan",
            "window_ms": 0, "retests": 1, "place": 0, "retired_at_ms": None, **other,
        }  # fmt: skip
        number = register.upsert(db, "characteristics", {"code": code}, columns)
        register.audit(db, START, "", "import", "", "", "")
    return number


def result(floor: Floor, minute: float, value: float = 0.1) -> None:
    """A value that the signal FORCE told of no unit that is known."""
    batch = Batch(results=[Result(floor.book.next_id(at(minute)), None, FORCE, MACHINE, at(minute), value, "", "")])
    floor.book.commit(batch, Beat(1, "1", 0, floor.book.store.clock.real_ms(), at(minute), "", 0, 0))


def test_a_sample_is_due_until_so_many_pieces_were_measured(shop: Store) -> None:
    burr = hourly(shop)
    floor = Floor(shop)
    assert now(shop, 1).has_items
    floor.makes(*halves(0.5, 119))
    assert now(shop, 14).rows == (), "there is hardly a piece yet"
    (row,) = now(shop, 16).rows
    assert (row.kind, row.item, row.every, row.state, row.taken, row.wanted) == ("sample", burr, "hour", "due", 0, 2)
    assert now(shop, 16).waiting == 1
    for minute, unit in ((20, "A"), (21, "A"), (22, "")):  # the same piece again is no other one
        say(shop, minute, Measured(MACHINE, at(minute), at(minute), burr, 0.1, unit))
        (row,) = now(shop, minute + 0.5).rows
        assert (row.state, row.taken) == (("good", 2) if minute == 22 else ("due", 1))
    assert [each.state for each in now(shop, 61).rows] == ["good"]
    assert [each.state for each in now(shop, 110).rows] == ["good", "late"]
    live = Live()
    live.line_now(shop, at(110))
    assert live.line_now(shop, at(110.1)).checks == 1
    report = summaries.shift_report(shop, summaries.find_shift(shop, "current", at(5)), at(125))
    (told,) = report.checks
    assert (told.kind, told.state, told.taken, told.wanted) == ("sample", "missed", 1, 2)
    assert json.loads(json_file.render(report))["checks"][0]["taken"] == 1
    said = csv_file.render(report).decode("utf-8-sig")
    assert "Each hour" in said
    assert "1 of 2 measured" in said


def tells_product(floor: Floor, minute: float, code: str) -> None:
    """The device of the line tells what is made."""
    told = Event(floor.book.next_id(at(minute)), EventKind.PRODUCT, at(minute), None, 2, TEXT, code)
    floor.tell(told)


def sampled(store: Store, minute: float, live: Live | None = None) -> list[tuple[int, str, str, int]]:
    """The samples of a moment: of which characteristic, which one, its state and how many values there are."""
    rows = summaries.checks_now(live or Live(), store, at(minute)).rows
    return [(row.item, row.every, row.state, row.taken) for row in rows if row.kind == "sample"]


def test_samples_are_of_the_product_that_a_device_told(shop: Store) -> None:
    first, other = (hourly(shop, 1, f"B{product}", product_id=product, signal_id=FORCE) for product in (1, OTHER))
    piece = hourly(shop, 0, "C", product_id=OTHER, sampling="pieces")
    floor = Floor(shop)
    tells_product(floor, 0, "P")
    floor.makes(*halves(0.5, 119))
    assert sampled(shop, 20) == [(first, "hour", "due", 0)]
    result(floor, 21)
    assert sampled(shop, 22) == [(first, "hour", "good", 1)]
    tells_product(floor, 60, "Q")
    assert sampled(shop, 61)[:2] == [(first, "hour", "good", 1), (piece, "first", "due", 0)]
    result(floor, 80)
    assert sampled(shop, 86)[:2] == [(first, "hour", "good", 1), (other, "hour", "good", 1)]


def test_what_is_measured_while_a_changeover_goes_on_is_of_the_new_product(shop: Store) -> None:
    old = hourly(shop, 0, "A", product_id=1, sampling="pieces", signal_id=FORCE)
    new = hourly(shop, 0, "B", product_id=OTHER, sampling="pieces", signal_id=FORCE)
    by_hand = hourly(shop, 0, "C", product_id=OTHER, sampling="pieces")
    floor = Floor(shop)
    floor.makes(*halves(0.5, 119))
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1))
    result(floor, 5)
    say(shop, 30, Changed(MACHINE, at(30), OPEN_MS))
    result(floor, 34)
    say(shop, 36, Measured(MACHINE, at(36), at(36), by_hand, 0.1))
    say(shop, 40, Ordered(MACHINE, at(40), OPEN_MS, "WO-2", OTHER))
    assert sampled(shop, 41) == [
        (old, "first", "good", 1), (new, "first", "good", 1), (by_hand, "first", "good", 1),
    ]  # fmt: skip
    (point,) = summaries.measuring_now(Live(), shop, at(41), new).chosen.analysis.told
    assert point.value.at_ms == at(34), "and so its chart says"
    say(shop, 50, Changed(MACHINE, at(50), OPEN_MS, 1))
    assert (old, "first", "due", 0) in sampled(shop, 51), "to what was said of it before any order begins"


@pytest.mark.parametrize(("good", "begins"), [(None, 131), (6, 25)])
def test_an_order_that_begins_long_after_a_changeover_has_nothing_of_the_time_before(
    shop: Store, good: int | None, begins: int
) -> None:
    """A tool was changed, and the same was made on."""
    old, new = (hourly(shop, 1, code, product_id=number, signal_id=FORCE) for code, number in (("A", 1), ("B", OTHER)))
    say(shop, 0, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1), Changed(MACHINE, at(5), OPEN_MS))
    if good is not None:
        say(shop, good, FirstPiece(MACHINE, at(good), at(good), good=True))
    result(Floor(shop), 10)
    say(shop, begins, Ordered(MACHINE, at(begins), OPEN_MS, "WO-2", OTHER))
    values = [summaries.measuring_now(Live(), shop, at(begins + 1), each).chosen for each in (old, new)]
    assert [len(each.analysis.told) for each in values if each is not None] == [1, 0]


def test_a_value_ahead_of_the_clock_counts_when_its_time_has_come(shop: Store) -> None:
    burr = hourly(shop, 1, signal_id=FORCE)
    floor = Floor(shop)
    floor.makes(*halves(0.5, 119))
    result(floor, 30)
    live = Live()
    assert sampled(shop, 20, live) == [(burr, "hour", "due", 0)], "the clock was set back"
    assert sampled(shop, 31, live) == [(burr, "hour", "good", 1)]
    assert sampled(shop, 25, live) == [(burr, "hour", "due", 0)], "as it was known at a moment before"


def test_a_missed_sample_stays_on_the_overview_until_somebody_acknowledges_it(shop: Store) -> None:
    hourly(shop, 2)
    floor = Floor(shop)
    floor.makes(*halves(0.5, 119))
    say(shop, 30, Measured(MACHINE, at(30), at(30), 1, 0.1, "A"))
    live = Live()
    live.line_now(shop, at(59))

    def rung(minute: float) -> list[AlarmNow]:
        found = live.line_now(shop, at(minute))
        told = [alarm for alarm in found.alarms if alarm.kind == "sample"]
        assert found.checks == found.machines[0].checks == len(now(shop, minute).open)
        assert any(row.asks for row in now(shop, minute).open) == bool(told)
        return told

    assert rung(59.5) == []
    assert live.line_now(shop, at(59.5)).checks == 1
    [alarm] = rung(61)
    assert live.line_now(shop, at(61)).checks == 1, "counted on after its hour"
    (row,) = summaries.measuring_now(Live(), shop, at(61)).rows
    assert [(each.state, each.taken, each.asks) for each in row.samples] == [("missed", 1, True)]
    assert row.sample == row.samples[0]
    assert alarm_sentence(alarm, at(61), "Asia/Seoul") == ("Burr: 1 sample missed", "08:00–09:00")
    assert rung(110) == [alarm]
    number = register.acknowledge(shop, alarm, at(111), "김정호")
    assert rung(111.5) == []
    assert live.line_now(shop, at(111.5)).checks == 1, "the sample of this hour"
    assert live.line_now(shop, at(111.5)).seen[0].name == "Burr"
    report = summaries.shift_report(shop, summaries.find_shift(shop, "current", at(5)), at(112))
    assert [(row.state, row.done_ms, row.who) for row in report.checks] == [("missed", at(111), "김정호")]
    assert "acknowledged" in csv_file.render(report).decode("utf-8-sig")
    [told] = shop.rows("SELECT subject, who FROM audit WHERE action = 'acknowledge'")
    assert tuple(told) == ("sample BURR", "김정호")
    register.unacknowledge(shop, number, at(113))
    assert rung(113.5) == [alarm]
    late = summaries.shift_report(shop, summaries.find_shift(shop, "current", at(5)), at(121))
    assert [(row.state, row.done_ms, row.taken) for row in late.checks] == [("missed", None, 0)]
    assert [alarm.kind for alarm in live.line_now(shop, at(121)).alarms if alarm.kind == "sample"] == [], (
        "with its shift"
    )
    past = summaries.checks_now(Live(), shop, at(121), summaries.find_shift(shop, "current", at(5)))
    assert [row.state for row in past.rows] == ["missed", "missed"]
    assert past.open == (), "of a shift that is over nothing can be said any more"


def test_several_missed_samples_of_a_characteristic_ring_once(shop: Store) -> None:
    hourly(shop, 0, sampling="pieces")
    floor = Floor(shop)
    floor.makes(*halves(0.5, 119))
    say(shop, 0, Changed(MACHINE, at(30), OPEN_MS, OTHER))
    alarms = live_alarms(shop, 62)
    assert [alarm_sentence(alarm, at(62), "Asia/Seoul") for alarm in alarms] == [
        ("Burr: 1 sample missed", "First piece")
    ]
    say(shop, 0, Changed(MACHINE, at(50), OPEN_MS, 1))
    alarms = live_alarms(shop, 62)
    assert [alarm_sentence(alarm, at(62), "Asia/Seoul")[0] for alarm in alarms] == ["Burr: 2 samples missed"]


def test_what_the_rules_found_rings_before_a_missed_sample(shop: Store) -> None:
    burr = hourly(shop, 5, signal_id=FORCE)
    floor = Floor(shop)
    floor.makes(*halves(0.5, 119))
    limits = ChartLimits(MACHINE, at(0), at(0), burr, 1, "i_mr", 0.1, 0.01, 1, 25, at(-30), at(0))
    entries.say(shop, [limits], at(0), "김정호", "first")
    result(floor, 30, 0.9)
    live = Live()
    live.line_now(shop, at(61))
    kinds = [alarm.kind for alarm in live.line_now(shop, at(61)).alarms]
    assert kinds[-2:] == ["measured", "sample"]


def live_alarms(store: Store, minute: float) -> list[AlarmNow]:
    live = Live()
    live.line_now(store, at(minute))
    return [alarm for alarm in live.line_now(store, at(minute)).alarms if alarm.kind == "sample"]


def test_an_hour_is_confirmed_once_and_its_reason_stands_in_the_report(checked: Store) -> None:
    Floor(checked).makes(*halves(0.5, 30))
    say(checked, 1, Ordered(MACHINE, at(0), OPEN_MS, "WO-1", 1))
    assert now(checked, 59).hours == ()
    (hour,) = now(checked, 61).hours
    assert hour.asks == (hour.apart is not None and hour.apart < -0.1 * (hour.row.target or 0))
    say(checked, 62, HourConfirmed(0, at(0), at(60), "Material missing"))
    (hour,) = now(checked, 63).hours
    assert (hour.reason, hour.who) == ("Material missing", "김정호")
    assert not [each for each in now(checked, 63).hours if not each.entry]
    report = summaries.shift_report(checked, summaries.find_shift(checked, "current", at(5)), at(63))
    [said] = report.hours_said
    assert (said.start_ms, said.reason, said.who) == (at(0), "Material missing", "김정호")
    entries.take_back(checked, [hour.entry], at(64))
    assert not now(checked, 65).hours[0].entry


def test_people_checks_and_hours_stand_in_every_format(checked: Store) -> None:
    Floor(checked).makes(*halves(0.5, 60))
    kim = people.put(checked, Person(0, "Kim", "A"), START)
    say(checked, 1, Attended(0, at(0), OPEN_MS, kim), Placed(MACHINE, at(0), OPEN_MS, kim))
    say(checked, 6, Checked(MACHINE, at(6), at(6), AIR, False, 0.7, "too high"))
    say(checked, 61, HourConfirmed(0, at(0), at(60), "Rejects"))
    report = summaries.shift_report(checked, summaries.find_shift(checked, "current", at(5)), at(62))
    assert {"crew", "posts", "checks"} <= {section.key for section in build(report)}
    data = json.loads(json_file.render(report))
    assert data["crew"]["total_ms"] == 60 * 60_000, "an hour and two minutes less the break so far"
    assert [row["note"] for row in data["checks"] if row["state"] == "bad"] == ["too high"]
    assert [hour["reason"] for hour in data["hours_said"]] == ["Rejects"]
    said = csv_file.render(report).decode("utf-8-sig")
    assert "Kim" in said
    assert "too high" in said
    assert "Rejects" in said
    assert xlsx.render(report)


def test_a_shop_without_checks_people_or_words_has_no_such_sections(shop: Store) -> None:
    Floor(shop).makes(*halves(0.5, 30))
    report = summaries.shift_report(shop, summaries.find_shift(shop, "current", at(5)), at(40))
    assert not {"crew", "posts", "checks"} & {section.key for section in build(report)}
    assert now(shop, 40).rows == ()
    assert not now(shop, 40).has_items
