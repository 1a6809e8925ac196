"""The trail of changes: each kind of change is there once, with who, old, new and why; found, paged, exported."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from msgspec.structs import replace
from openpyxl import load_workbook

from desktop import configuration, control, text, trail_words
from desktop.clock import PlantClock
from desktop.command_line import main
from desktop.configuration import line_speed, trusting
from desktop.configuration.policy import put_policy
from desktop.configuration.sheets.desk import Desk
from desktop.configuration.shop_calendar import ShopCalendar
from desktop.domain.adjust import BookingKind
from desktop.domain.alarms import AlarmKind
from desktop.domain.automatic import Policy
from desktop.domain.calendar import PlannedStop
from desktop.domain.entries import (
    OPEN_MS,
    Action,
    ActionClosed,
    Attended,
    Booked,
    Calibrated,
    Called,
    Changed,
    ChartLimits,
    Checked,
    Closed,
    Disposed,
    Disposition,
    Excluded,
    FirstPiece,
    FourM,
    Held,
    HourConfirmed,
    Joined,
    Labelled,
    Left,
    Measured,
    Note,
    Ordered,
    OrderEnded,
    Parted,
    Phase,
    Placed,
    Replaced,
    Safety,
    SafetyKind,
    Said,
    Signed,
    Split,
)
from desktop.domain.events import Thing
from desktop.domain.figures.head import AlarmNow
from desktop.domain.one_day import MoveShift
from desktop.domain.people import Person, PersonRole
from desktop.domain.scheduling import AddHoliday, AskStop, ChangeShift
from desktop.domain.spans import Span
from desktop.domain.standard_hours import SetCapacity
from desktop.domain.trail import COMMAND_LINE, Asked, Change, Cursor, Group
from desktop.reports import trail as pages
from desktop.store import database, entries, people, register
from desktop.store import trail as kept
from desktop.store.chain import EMPTY_CHAIN, link_hash
from desktop.store.database import Store
from desktop.summaries import trail
from desktop.summaries.trail import Trail

ROOT = Path(__file__).resolve().parents[1]
NOW = 1_763_510_400_000  # 2025-11-19 09:00 in Seoul
MINUTE = 60_000


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = text.language()
    text.use("en")
    yield
    text.use(before)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = database.create(tmp_path, clock=PlantClock(NOW, 0, 0.0))
    configuration.apply(made, configuration.read(ROOT / "resources" / "demo_line.toml"), who="설치자", why="처음")
    yield made
    made.close()


def seen(store: Store, **asked: Any) -> list[tuple[str, trail_words.Told]]:
    """The changes, newest first: who, and in words."""
    wanted = Asked(**asked)
    page = Trail().page(store, wanted, trail_words.named(wanted.words))
    assert page.chain.broken is None
    return [(change.who, trail_words.told(change, page.names)) for change in page.changes]


def label(reason: int, minute: int = 0, **more: Any) -> Labelled:
    return Labelled(1, NOW + minute * MINUTE, NOW + (minute + 9) * MINUTE, 7 + minute, reason, **more)


SAID: list[tuple[Said, str, str]] = [
    (label(1), "Stop reason", "B01"),
    (Split(1, NOW + MINUTE, NOW + MINUTE, 7), "Stop split", "09:01:00"),
    (Ordered(1, NOW, OPEN_MS, "WO-1", 1, 500), "Order started", "WO-1 · Valve housing VH-204 · 500"),
    (OrderEnded(1, NOW, NOW, "WO-1"), "Order ended", "WO-1"),
    (Changed(1, NOW, OPEN_MS, 1), "Changeover", "Valve housing VH-204"),
    (FirstPiece(1, NOW, NOW, False, "scratch"), "First piece", "First piece not OK · scratch"),
    (Booked(1, NOW, NOW, BookingKind.LATE_REJECT, 3, 1, 1), "Pieces corrected", "Rejects · +3 · D01"),
    (Note(0, NOW, NOW, "oil low"), "Shift note", "oil low"),
    (Action(0, NOW, NOW, "mend it", "Lee"), "Open item", "mend it · Lee"),
    (ActionClosed(0, NOW, NOW, 1, "done"), "Open item closed", "done"),
    (Safety(0, NOW, NOW, SafetyKind.NEAR_MISS, "slipped"), "Safety", "Near miss · slipped"),
    (FourM(1, NOW, NOW, "method", "new jig"), "4M change", "Method · new jig"),
    (Signed(0, NOW, NOW, "outgoing"), "Signature", "Outgoing"),
    (Closed(0, NOW, NOW), "Shift closed", ""),
    (Attended(0, NOW, OPEN_MS, 1), "Attendance", "Kim"),
    (Placed(1, NOW, OPEN_MS, 1), "Place at a machine", "Kim"),
    (Left(1, NOW, NOW, 1), "Gone", "Kim"),
    (Checked(1, NOW, NOW, 1, False, 4.5, "leaks"), "Check done", "C01 "),
    (HourConfirmed(0, NOW, NOW + 60 * MINUTE, "no material"), "Hour confirmed", "09:00"),
    (Called(1, NOW, OPEN_MS, "maintenance"), "Call for help", "Maintenance called"),
    (Phase(1, NOW, NOW, 1, "begun"), "Answer to a call", "being worked on"),
    (Measured(1, NOW, NOW, 99, 24.01, "VH-1"), "Value entered by hand", "#99 · 24.01 · VH-1"),
    (Excluded(1, NOW, NOW, 99, 7), "Value left out of the chart", "#99"),
    (
        ChartLimits(1, NOW, NOW, 99, 4, "i_mr", 24.01, 0.002, 1, 25, NOW, NOW),
        "Control limits frozen",
        "#99 · version 4 · centre 24.01 · sigma 0.002",
    ),
    (Calibrated(0, NOW, NOW + 40 * 86_400_000, 9, True), "Gauge calibrated", "#9 · right · until 2025-12-29"),
    (Held(1, NOW, NOW, "jam", since_ms=NOW, until_ms=NOW + MINUTE), "Put on hold", "09:00–09:01 · jam"),
    (
        Disposed(0, NOW, NOW, 1, Disposition.CONCESSION, (Thing("lot", "L-1"),), None, "C-7", 500, NOW + MINUTE),
        "Hold decided",
        "Concession · C-7 · 500 units · until 09:01 · L-1",
    ),
    (Replaced(1, NOW, NOW, Thing("unit", "S1"), Thing("lot", "A"), Thing("lot", "B")), "Part replaced", "S1: A → B"),
    (Joined(0, NOW, NOW, (Thing("lot", "A"), Thing("lot", "B")), Thing("lot", "C")), "Lots merged", "A + B → C"),
    (Parted(0, NOW, NOW, Thing("lot", "C"), (Thing("lot", "A"), Thing("lot", "B"))), "Lot split", "C → A + B"),
]


def test_every_kind_of_entry_has_words() -> None:
    assert {kind.__struct_config__.tag for kind in get_args(Said)} == {
        type(said).__struct_config__.tag for said, *_ in SAID
    }


@pytest.mark.parametrize(("said", "what", "new"), SAID, ids=[what for _said, what, _new in SAID])
def test_whatever_people_say_is_there_once_and_again_when_it_is_taken_back(
    store: Store, said: Said, what: str, new: str
) -> None:
    people.put(store, Person(0, "Kim"), NOW)
    [number] = entries.say(store, [said], NOW + 1, "Kim", "because")
    who, told = seen(store)[0]
    assert (who, told.what) == ("Kim", what)
    assert told.new.startswith(new)
    assert (told.old, told.note) == ("", "")
    assert told.where.startswith("Press · " if said.machine else "Line · ")
    page = Trail().page(store, Asked())
    assert [change.why for change in page.changes if change.entry] == ["because"]
    entries.take_back(store, [number], NOW + MINUTE, "Lee", "mistaken")
    (who, back), (_who, first) = seen(store)[:2]
    assert (who, back.what, back.new) == ("Lee", f"Take-back: {what}", "")
    assert back.old == told.new
    assert first.note == "taken back by Lee"


def test_a_reason_in_place_of_another_says_which_it_was(store: Store) -> None:
    entries.say(store, [label(1)], NOW, "Kim")
    entries.say(store, [label(3, 60)], NOW, "Kim")
    [second] = entries.say(store, [label(2)], NOW + MINUTE, "Lee")
    told = seen(store)[0][1]
    assert told.old.startswith("B01")
    assert told.new.startswith("B02")
    entries.take_back(store, [second], NOW + 2 * MINUTE)
    entries.say(store, [label(4)], NOW + 3 * MINUTE)
    assert seen(store)[0][1].old.startswith("B01")


def test_every_other_change_is_there_once(store: Store, tmp_path: Path) -> None:
    def newest(group: Group) -> tuple[str, trail_words.Told]:
        told = seen(store)
        assert seen(store, group=group)[0] == told[0]
        return told[0]

    who, told = newest(Group.SETTINGS)
    assert (who, told.what) == ("설치자", "Configuration imported")
    assert "Machines 8/8" in told.new
    assert Trail().page(store, Asked()).changes[0].why == "처음"
    number = register.acknowledge(store, AlarmNow(AlarmKind.STOP, "PR-01", "Press", NOW - MINUTE, 1), NOW, "Kim")
    who, told = newest(Group.ALARMS)
    assert (who, told.what, told.where, told.old) == ("Kim", "Alarm seen", "Stop · Press", "since 08:59")
    register.unacknowledge(store, number, NOW, "Lee")
    assert newest(Group.ALARMS)[0] == "Lee"
    kim = people.put(store, Person(0, "Kim"), NOW, "Lee")
    people.put(store, Person(kim, "Kim", "A", PersonRole.SUPERVISOR), NOW, "Lee")
    who, told = newest(Group.PEOPLE)
    assert (who, told.where) == ("Lee", "Kim")
    assert (told.old, told.new) == ("Role Operator", "Crew A, Role Supervisor")
    people.set_pin(store, kim, "258013", NOW, "Lee")
    who, told = newest(Group.PEOPLE)
    assert (who, told.what, told.new) == ("Lee", "PIN", "set")
    assert "258013" not in json.dumps(store.rows("SELECT who, subject, old, new, why FROM audit"))
    desk = Desk(tmp_path)
    done = desk.apply(desk.preview("orders", "order no\titem\tqty\nW-1\tVH-204\t500\n"), who="Kim", why="07:50")
    who, told = newest(Group.PLAN)
    assert (who, told.what, told.old) == ("Kim", "Plan", "")
    assert told.new.startswith("W-1: Item no. VH-204, Quantity 500,")
    desk.undo(done, who="Lee")
    who, told = newest(Group.PLAN)
    assert (who, told.new) == ("Lee", "")
    desk.apply(desk.preview("reasons", "code\tname\nB01\tBroken down\n"), who="Kim")
    who, told = newest(Group.MASTER)
    assert (who, told.what, told.where) == ("Kim", "Table taken over", "Stop reasons")
    assert told.new == "B01: Reason Broken down"
    put_policy(store, Policy(folder="D:/R"), None, "Kim")
    who, told = newest(Group.SETTINGS)
    assert (who, told.what, told.new) == ("Kim", "Automatic report", "Folder D:/R")
    put_policy(store, Policy(folder="D:/R", delay_ms=600_000), None, "Kim")
    who, told = newest(Group.SETTINGS)
    assert (told.old, told.new) == tuple(f"Minutes after the end of the shift {minutes}" for minutes in (5, 10))
    bus = register.plant(store).buses[0]
    line_speed.put(store, bus.key, {"baud": 19200, "frame": "8N1"}, "Kim")
    who, told = newest(Group.SETTINGS)
    assert (who, told.what, told.where) == ("Kim", "Baud rate", f"bus {bus.key}")
    assert "19200" in told.new
    trusting.trust(store, bus, "AB", "Kim")
    assert newest(Group.SETTINGS) == ("Kim", trail_words.Told("Certificate confirmed", f"bus {bus.key}", "", "AB"))
    actions = [change.action for change in Trail().page(store, Asked()).changes]
    assert sorted(actions) == sorted([
        "config import", "acknowledge", "unacknowledge", "person", "person", "pin", "plan", "plan", "table import",
        "automatic report", "automatic report", "baud rate", "config trust",
    ])  # fmt: skip


def test_an_import_says_each_row_that_it_changes_with_old_and_new(store: Store) -> None:
    """A few rows by name and cell, many by their number; nothing of it as the program's own notation."""
    text = configuration.export(store)
    first = text.replace("threshold_s = 120", "threshold_s = 180", 1).replace("oee_target = 0.8", "oee_target = 0.75")
    more = first.replace("product = [", 'product = [{ code = "NEW-1", name = "Neu" },', 1)
    for wanted in (first, more, first.replace("threshold_s = 120", "threshold_s = 240")):
        configuration.apply(store, configuration.parse(wanted), who="Kim", why="tuned")
    told = [told for who, told in seen(store, group=Group.SETTINGS) if who == "Kim"]
    few, added, many = told[::-1]
    assert few.old == "Plant: oee_target 0.8; Machines: PR-01 threshold_s 120.0"
    assert few.new == "Plant: oee_target 0.75; Machines: PR-01 threshold_s 180.0"
    assert (added.old, added.new) == ("", "Products: NEW-1")
    assert many.old == "Machines 7/8; Products: NEW-1"
    assert many.new == "Machines 7/8"
    assert all("{" not in each.old + each.new and "[" not in each.old + each.new for each in told)


def test_what_control_enters_carries_who_and_why(store: Store, tmp_path: Path) -> None:
    numbers = control.enter(tmp_path, [label(1)], "Kim", None, "after closing")
    control.take_back(tmp_path, numbers, "Lee", "no")
    control.set_report(tmp_path, Policy(folder="X"), Policy(), "Park")
    found = [change for change in Trail().page(store, Asked()).changes if change.action != "config import"]
    assert sorted((change.who, change.why) for change in found) == [
        ("Kim", "after closing"),
        ("Lee", "no"),
        ("Park", ""),
    ]


def test_it_is_narrowed_by_person_machine_group_time_and_words(store: Store) -> None:
    entries.say(store, [label(1)], NOW, "Kim")
    entries.say(store, [Note(0, NOW, NOW, "100 % oil_low")], NOW + MINUTE, "Lee")
    entries.say(store, [Labelled(2, NOW, NOW + MINUTE, 9, 5)], NOW + 2 * MINUTE, "")
    register.acknowledge(store, AlarmNow(AlarmKind.STOP, "PR-01", "Press", NOW, 1), NOW + 3 * MINUTE, "Kim")

    def found(**asked: Any) -> list[str]:
        return [told.what for _who, told in seen(store, **asked)]

    assert found(who="Kim") == ["Alarm seen", "Stop reason"]
    assert found(who="") == ["Stop reason"]
    assert found(machine=1) == ["Alarm seen", "Stop reason"]
    assert found(group=Group.HANDOVER) == ["Shift note"]
    assert found(group=Group.STOPS, machine=2) == ["Stop reason"]
    assert found(since_ms=NOW + MINUTE, until_ms=NOW + 3 * MINUTE) == ["Stop reason", "Shift note"]
    reason = next(each for each in register.plant(store).reasons if each.id == 5)
    assert found(words=reason.name.upper()) == ["Stop reason"]
    assert found(words="oil_l") == ["Shift note"]
    assert found(words="%") == ["Shift note"]
    assert found(words="alarm seen") == ["Alarm seen"]
    assert found(words="no such thing") == []
    assert found(words="oil", who="Kim") == []


def test_pages_follow_each_other_without_a_gap_or_anything_twice(store: Store) -> None:
    for minute in range(230):
        if minute % 3:
            entries.say(store, [Note(0, NOW, NOW, str(minute))], NOW, "Kim")  # all at one moment
        else:
            register.acknowledge(store, AlarmNow(AlarmKind.DEVICE, str(minute), "", NOW, 1), NOW, "Lee")
    cursor: Cursor | None = Cursor()
    sizes, found = [], list[Change]()
    while cursor is not None:
        changes, cursor = kept.page(store, Asked(before=cursor))
        sizes.append(len(changes))
        found += changes
    assert sizes == [100, 100, 31]
    assert len({(change.entry, change.id) for change in found}) == 231
    ids = [change.id for change in found]
    assert ids == sorted(ids, reverse=True)


def test_what_is_changed_in_the_calendar_is_there_in_words(store: Store, tmp_path: Path) -> None:
    desk = ShopCalendar(tmp_path)
    desk.change(AddHoliday(date(2025, 11, 20), "창립기념일"), "김반장", "사내 행사")
    [(who, told)] = seen(store, words="calendar")
    assert (who, told.what, told.where) == ("김반장", "Calendar", "창립기념일 2025-11-20")
    assert told.old == ""
    assert told.new.startswith("2025-11-20 ")
    assert told.new.endswith(" 창립기념일")
    desk.change(AskStop(PlannedStop(Span(NOW + 60 * MINUTE, NOW + 90 * MINUTE), 1, None, 1)), "김반장")
    told = seen(store, group=Group.SETTINGS)[0][1]
    assert told.new.startswith("10:00–10:30 Press Machine breakdown")
    stood = register.shift_patterns(store)[0]
    wanted = replace(stood, weekdays=frozenset({6, 7}), crew="A")
    desk.change(ChangeShift(stood, wanted, date(2025, 11, 24)), "김반장")
    told = seen(store, group=Group.SETTINGS)[0][1]
    assert "Sat·Sun" in told.new, "days of the week count from 1, Monday"
    standard = replace(stood, end=day_time(16), weekdays=frozenset({1, 2}), breaks=(), crew="")
    [known] = register.calendar(store).capacity
    free = frozenset((date(2025, 12, 25),))
    desk.change(SetCapacity(date(2025, 12, 1), (standard,), free, known), "김반장")
    told = seen(store, group=Group.SETTINGS)[0][1]
    assert (told.where, told.old) == ("2025-12-01", "")
    assert told.new == (
        f"Standard capacity 2025-12-01 {standard.name} Mon·Tue 08:00–16:00"
        " = capacity 480 min a day · 960 min a week 1 holiday"
    )
    desk.change(MoveShift(date(2025, 11, 29), stood.id, day_time(9), day_time(11)), "김반장")
    told = seen(store, group=Group.SETTINGS)[0][1]
    assert (told.where, told.new) == ("2025-11-29", f"2025-11-29 Moved {stood.name} 09:00–11:00")


def test_a_kind_that_is_not_known_yet_is_shown_as_it_is(store: Store) -> None:
    names = trail.names_of(store)
    body = '{"type": "weather", "machine": 0, "start_ms": 1, "end_ms": 1, "sky": "blue"}'
    told = trail_words.told(Change(1, NOW, "Kim", "", "weather", new=body, entry=True, start_ms=NOW, end_ms=NOW), names)
    assert (told.what, told.new) == ("weather", "sky blue")
    told = trail_words.told(
        Change(1, NOW, "Kim", "", "weather", "2025-11-20", '{"a": 1, "b": 2}', '{"a": 1, "b": 3}'), names
    )
    assert (told.what, told.where, told.old, told.new) == ("weather", "2025-11-20", "b 2", "b 3")
    assert Change(1, NOW, "", "", "weather", entry=True).group is Group.HANDOVER
    assert Change(1, NOW, "", "", "calendar").group is Group.SETTINGS


def test_a_chain_that_was_cut_or_changed_is_said(store: Store) -> None:
    for n in range(20):
        entries.say(store, [Note(0, NOW, NOW, str(n))], NOW, "Kim")
    watch = kept.ChainWatch()
    assert trail_words.chain_words(watch.go_on(store, 10)) == "Chain being checked: 45 %"
    assert trail_words.chain_words(watch.go_on(store)) == "Chain unbroken: 22 records"
    entries.say(store, [Note(0, NOW, NOW, "more")], NOW, "Kim")
    assert watch.go_on(store).whole
    with store.transaction() as db:
        db.execute("DROP TRIGGER entries_no_update")
        db.execute("UPDATE entries SET who = 'Lee' WHERE id = (SELECT max(id) - 3 FROM entries)")
    broken = trail.chain(store)
    assert broken.broken is not None
    assert trail_words.chain_words(broken).startswith("The chain is broken at row ")
    with store.transaction() as db:
        db.execute("UPDATE entries SET who = 'Kim'")
        db.execute("DROP TRIGGER entries_no_delete")
        db.execute("DELETE FROM entries WHERE id = (SELECT max(id) FROM entries)")
    assert trail.chain(store).broken is not None


def test_it_goes_to_excel_and_csv_with_the_exact_values_and_no_formula(store: Store, tmp_path: Path) -> None:
    entries.say(store, [Note(0, NOW, NOW, "=1+1")], NOW, "=cmd", "+why")
    file = pages.export(store, Asked(), "csv", tmp_path, "changes")
    content = file.read_bytes().decode("utf-8-sig")
    assert ",=" not in content
    assert '""text"": ""=1+1""' in content or '""text"":""=1+1""' in content
    book = load_workbook(pages.export(store, Asked(who="=cmd"), "xlsx", tmp_path, "changes"))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(cell.value == "=cmd" or cell.value == "'=cmd" for cell in cells)


def test_the_command_says_filters_and_writes_them(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries.say(store, [label(1)], NOW, "Kim", "because")
    table = tmp_path / "people.csv"
    table.write_text("name,crew\nPark,A\n", encoding="utf-8")
    front = ["--data-dir", str(tmp_path), "--lang", "en"]
    assert main([*front, "config", "table", "people", "--import", str(table), "--why", "new"]) == 0
    assert main([*front, "config", "table", "people", "--import", str(table), "--retire"]) == 0
    capsys.readouterr()
    assert main([*front, "trail"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2025-11-19 09:00 · command line · People · People · Park: Crew A, Role Operator · why: new"
    assert lines[-1] == "Chain unbroken: 4 records"
    assert (
        main(
            [*front, "trail", "--json", "--by", "Kim", "--from", "2025-11-19", "--to", "2025-11-19", "--kind", "stops"]
        )
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert [(row["who"], row["machine"], row["why"]) for row in said["changes"]] == [("Kim", "PR-01", "because")]
    assert said["chain"] == {"unbroken": True, "rows": 4, "broken": None}
    assert main([*front, "trail", "--by", "command line", "--search", "park", "--most", "5"]) == 0
    assert "Park" in capsys.readouterr().out
    assert main([*front, "trail", "--shift", "2025-11-19/Day", "--most", "5"]) == 0
    assert "Stop reason" in capsys.readouterr().out
    assert main([*front, "trail", "--shift", "2025-11-18/Night"]) == 0
    assert capsys.readouterr().out.startswith("Nothing was changed.")
    assert main([*front, "trail", "--to", "2025-11-18"]) == 0
    assert capsys.readouterr().out.startswith("Nothing was changed.")
    assert main([*front, "trail", "--csv", "--kind", "stops"]) == 0
    assert "because" in next(line for line in capsys.readouterr().out.splitlines() if "Stop reason" in line)
    assert main([*front, "trail", "--out", str(tmp_path / "out.xlsx")]) == 0
    assert (tmp_path / "out.xlsx").exists()
    for words, sentence in (
        (["--out", str(tmp_path / "out.xlsx")], "already exists"), (["--out", "x.pdf"], "written as .xlsx or .csv"),
        (["--from", "tomorrow"], "is no moment"), (["--machine", "XX"], "There is no machine XX"),
    ):  # fmt: skip
        assert main([*front, "trail", *words]) == 1
        assert sentence in capsys.readouterr().err


def test_who_imports_a_configuration_is_written_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "data"
    line = str(ROOT / "resources" / "demo_line.toml")
    assert main(["--data-dir", str(folder), "config", "import", line, "--who", "Kim", "--why", "first"]) == 0
    assert main(["--data-dir", str(folder), "config", "import", line]) == 0
    store = database.open_reader(folder)
    told = store.rows("SELECT who, why FROM audit WHERE action = 'config import' ORDER BY id")
    store.close()
    assert told == [("Kim", "first"), (COMMAND_LINE, "")]
    capsys.readouterr()


def test_an_import_says_what_it_takes_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is older than what somebody entered at the window since: nothing of that goes without a word."""
    folder, line = tmp_path / "data", str(tmp_path / "line.toml")
    begin = ["--data-dir", str(folder), "--lang", "en", "config"]
    assert main([*begin, "import", str(ROOT / "resources" / "demo_line.toml")]) == 0
    on = (datetime.now(tz=UTC) + timedelta(days=3)).date()
    ShopCalendar(folder).change(AddHoliday(on + timedelta(days=1), "휴무"), "이지호")
    assert main([*begin, "export", line]) == 0
    desk = Desk(folder)
    desk.apply(desk.preview("products", "code\tname\nNEW-1\tNew\n"), who="이지호")
    desk.apply(desk.preview("orders", "order no\titem no\tqty\nW-77\tNEW-1\t5\n"), who="이지호")
    ShopCalendar(folder).change(AddHoliday(on, "휴무"), "이지호")
    capsys.readouterr()
    assert main([*begin, "import", line]) == 0
    told = capsys.readouterr().out
    assert "Not in the file and so no longer in force: " in told
    assert "product NEW-1" in told
    assert "order W-77" in told
    assert f"exception {on}" in told
    assert main([*begin, "import", line]) == 0
    assert "no longer in force" not in capsys.readouterr().out


def test_a_page_of_a_year_takes_less_than_a_tenth_of_a_second(store: Store) -> None:
    """60,000 changes: each of 300 days has 200."""
    sealed, rows = EMPTY_CHAIN, []
    for n in range(60_000):
        said = label(n % 20 + 1, n * 7)
        body = msgspec.json.encode(said).decode()
        at_ms = NOW + n * 7 * MINUTE
        facts = (at_ms * 1000, at_ms, "label", 1, said.start_ms, said.end_ms, body, f"Kim {n % 7}", "", 0)
        sealed = link_hash(sealed, facts)
        rows.append((*facts, sealed))
    with store.transaction() as db:
        db.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        head = json.dumps([len(rows), rows[-1][0], sealed.hex()])
        db.execute("INSERT OR REPLACE INTO meta VALUES ('chain entries', ?)", (head,))
    asked = [
        Asked(), Asked(who="Kim 3"), Asked(group=Group.STOPS), Asked(machine=1), Asked(words="B07"),
        Asked(words="무엇"),
        Asked(group=Group.HANDOVER), Asked(since_ms=NOW, until_ms=NOW + 4000 * MINUTE),
    ]  # fmt: skip
    look = Trail()
    while not look.page(store, Asked()).chain.whole:
        pass
    slowest = 0.0
    for each in asked:
        took = []
        for _n in range(3):
            begun = time.process_time()
            page = look.page(store, each, trail_words.named(each.words))
            pages.table(page.changes, page.names)
            took.append(time.process_time() - begun)
        slowest = max(slowest, min(took))
    assert slowest < 0.1


def test_moments_of_the_command_are_local(store: Store) -> None:
    from desktop.commands.trail import moment_of

    zone = register.zone(store)
    assert moment_of("2025-11-19", zone, end=False) == NOW - 9 * 60 * MINUTE
    assert moment_of("2025-11-19", zone, end=True) == NOW + 15 * 60 * MINUTE
    assert moment_of("2025-11-19T09:00", zone, end=True) == NOW
    assert moment_of(datetime.fromisoformat("2025-11-19T00:00:00+00:00").isoformat(), zone, end=False) == NOW


def test_the_last_change_of_a_limit_says_who_when_and_why(store: Store, tmp_path: Path) -> None:
    """An auditor's question: whose limit is this? Each changed limit is a change of its own, found by its name."""
    wanted = configuration.read(ROOT / "resources" / "demo_line.toml")
    limits = wanted.limits or []
    code = limits[0]["characteristic"]
    brought = kept.last_limit_change(store, code)
    assert brought is not None
    assert (brought.who, brought.action, brought.why) == ("설치자", "config import", "처음")
    assert kept.last_limit_change(store, "no such") is None
    for high, who, why in ((99.5, "박품질", "고객 요청"), (98.0, "최", "PPAP")):
        limits[0]["high"] = high
        configuration.apply(store, wanted, who=who, why=why)
    last = kept.last_limit_change(store, code)
    assert last is not None
    assert (last.who, last.why, last.at_ms, last.action) == ("최", "PPAP", NOW, "limit")
    told = seen(store, group=Group.LIMITS)
    assert [(who, said.what, said.where) for who, said in told] == [
        ("최", "Limit changed", code), ("박품질", "Limit changed", code),
    ]  # fmt: skip
    assert "99.5" in told[0][1].old
    assert "98" in told[0][1].new
    configuration.apply(store, wanted, who="최")
    assert kept.last_limit_change(store, code) == last  # what stays is no change
    asked = "EXPLAIN QUERY PLAN SELECT id FROM audit WHERE action = 'limit' AND subject = 'x'"
    assert "USING COVERING INDEX audit_limits (subject=?)" in store.row(asked)[3]
