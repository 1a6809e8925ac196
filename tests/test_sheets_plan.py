"""Plan, people, stations and routes as sheets: read with line numbers, applied whole or not, taken back."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from openpyxl import Workbook

from desktop import configuration, summaries, text
from desktop.clock import PlantClock
from desktop.configuration import sheets
from desktop.configuration.sheets import cells, writing
from desktop.configuration.sheets.desk import Desk, in_words
from desktop.configuration.tables import ConfigurationError
from desktop.domain import orders as plan
from desktop.domain.calendar import shifts_between
from desktop.domain.entries import OPEN_MS, Ordered, OrderEnded
from desktop.domain.people import Person, PersonRole
from desktop.domain.spans import Span
from desktop.store import database, entries, orders, people, register, upkeep
from desktop.store.database import KnownError, Store
from desktop.summaries.now import Live

ROOT = Path(__file__).resolve().parents[1]
SEVEN_FIFTY = 1_763_506_200_000  # 2025-11-19 07:50 in Seoul
HOUR = 3_600_000
TODAY = date(2025, 11, 19)
HEAD = "작업지시번호\t품번\t지시수량\tLOT\t납기\t구분\t설비\n"
MORNING = (
    HEAD + "W-1\tVH-204\t1,200개\tA1\t17:00\t양산\tPR-01\nW-2\tVH-204\t300\t\t\t시작\t\nW-3\tVH-204\t50\t\t\t재작업\t\n"
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = text.language()
    text.use("en")
    yield
    text.use(before)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = database.create(tmp_path, clock=PlantClock(SEVEN_FIFTY, 0, 0.0))
    demo = configuration.read(ROOT / "resources" / "demo_line.toml")
    configuration.apply(made, replace(demo, stations=[], routes=[], parts=[]))
    yield made
    made.close()


def look(store: Store, words: str | bytes, kind: str = "orders") -> sheets.Preview:
    score = sheets.Titles(sheets.KINDS[kind]).score
    read = sheets.read_bytes(words, "plan.xlsx", score) if isinstance(words, bytes) else None
    sheet = read or sheets.read_text(str(words), "Clipboard", score)
    return sheets.preview(store, sheet, sheets.KINDS[kind])


def take(store: Store, words: str, kind: str = "orders", **more: Any) -> sheets.Difference:
    return sheets.apply(store, look(store, words, kind), **more)


def at(store: Store, now_ms: int) -> None:
    store.clock = PlantClock(now_ms, 0, 0.0)


def planned(store: Store) -> list[tuple[str, int]]:
    return [(o.code, o.quantity) for o in plan.in_sequence(orders.orders(store))]


# -- the plan --


def test_the_sheet_of_the_morning_is_the_plan_of_today(store: Store) -> None:
    shown = look(store, MORNING)
    assert shown.faults == ()
    assert shown.notes == ("Orders without a day are planned for today, 2025-11-19.",)
    version = register.version(store)
    done = sheets.apply(store, shown, who="김반장")
    assert (done.added, done.changed, done.retired) == (3, 0, 0)
    first, second, third = plan.in_sequence(orders.orders(store))
    assert (first.quantity, first.lot, first.kind, first.planned_on) == (1200, "A1", "mass", TODAY)
    assert first.due_ms == SEVEN_FIFTY + 9 * HOUR + 10 * 60_000
    assert (second.kind, third.kind, second.machine, second.place) == ("trial", "rework", None, 1)
    assert store.rows("SELECT who, action, subject FROM audit WHERE action = 'plan'") == [("김반장", "plan", "orders")]
    assert register.version(store) == version  # no figure of a shift that is over depends on the plan
    assert look(store, MORNING).difference.unchanged == 3


def test_the_plan_that_comes_before_its_shift_is_in_the_list_at_once(store: Store) -> None:
    """At 07:50 the night of the day before still runs: what the day will make is seen, and may be started."""
    take(store, MORNING)
    take(store, "작업지시번호\t품번\t지시수량\t계획일\nW-8\tVH-204\t70\t2025-11-21\n")
    listed = [row.code for row in summaries.work_now(Live(), store, SEVEN_FIFTY).orders if row.code]
    assert listed == ["W-1", "W-2", "W-3"]
    at_five = [row.code for row in summaries.work_now(Live(), store, SEVEN_FIFTY - 170 * 60_000).orders if row.code]
    assert at_five == [], "three hours before it is the night's list alone"


def test_at_eleven_it_changes_and_the_frozen_plan_stays(store: Store) -> None:
    take(store, MORNING)
    at(store, SEVEN_FIFTY + 3 * HOUR)
    shown = look(
        store,
        HEAD + "W-9\tVH-204\t80\t\t\t\t\nW-1\tVH-204\t900\tA1\t17:00\t양산\tPR-01\nW-3\tVH-204\t50\t\t\t재작업\t\n",
    )
    said = [in_words(sheets.KINDS["orders"], change) for change in shown.difference.changes]
    assert said[0][:2] == ("New", "W-9")
    assert said[1] == ("Changed", "W-1", "Quantity 1200 → 900, Sequence 1 → 2")
    assert [change.old["code"] for change in shown.difference.missing if change.old] == ["W-2"]
    assert planned(store) == [("W-1", 1200), ("W-2", 300), ("W-3", 50)]
    done = sheets.apply(store, shown, retire=True, who="kim")
    assert planned(store) == [("W-9", 80), ("W-1", 900), ("W-3", 50)]
    shifts = shifts_between(register.calendar(store), Span(SEVEN_FIFTY, SEVEN_FIFTY + 9 * HOUR))
    day = next(shift for shift in shifts if shift.name == "Day")
    found = plan.shift_plan(orders.versions(store, TODAY), day, store.clock.now_ms())
    assert [(o.code, o.quantity) for o in found.frozen] == [("W-1", 1200), ("W-2", 300), ("W-3", 50)]
    assert [(o.code, o.quantity) for o in found.adjusted] == [("W-9", 80), ("W-1", 900), ("W-3", 50)]
    sheets.undo(store, done, who="kim")
    assert planned(store) == [("W-1", 1200), ("W-2", 300), ("W-3", 50)]
    assert plan.shift_plan(orders.versions(store, TODAY), day, store.clock.now_ms()).frozen == found.frozen
    assert upkeep.check(store) == []


def test_an_order_that_runs_and_would_go_is_pointed_out(store: Store) -> None:
    take(store, MORNING)
    shop = register.plant(store)
    press = shop.machines[0].id
    entries.say(store, [Ordered(press, SEVEN_FIFTY, OPEN_MS, "W-2", shop.products[0].id, 300)], SEVEN_FIFTY)
    shown = look(store, HEAD + "W-1\tVH-204\t1200\tA1\t17:00\t양산\tPR-01\n")
    assert shown.notes == ("W-2 runs at Press now: look twice.",)
    assert look(store, MORNING.replace("300", "400")).notes == ()
    entries.say(store, [OrderEnded(press, SEVEN_FIFTY + 1, SEVEN_FIFTY + 1, "W-2")], SEVEN_FIFTY + 1)
    at(store, SEVEN_FIFTY + 2)
    assert look(store, HEAD + "W-1\tVH-204\t1200\tA1\t17:00\t양산\tPR-01\n").notes == ()


def test_only_open_orders_of_the_days_of_a_sheet_are_asked_about(store: Store) -> None:
    head = "order no\titem no\tqty\tdate\tstatus\n"
    take(store, head + "A\tVH-204\t1\t2025-11-19\t\nB\tVH-204\t1\t2025-11-19\t완료\nC\tVH-204\t1\t2025-11-20\t\n")
    shown = look(store, head + "D\tVH-204\t1\t2025-11-19\t\n")
    assert [change.old["code"] for change in shown.difference.missing if change.old] == ["A"]


def test_one_urgent_order_comes_last_and_lines_in_another_order_count_anew(store: Store) -> None:
    take(store, MORNING)
    take(store, HEAD + "W-9\tVH-204\t5\t\t\t\t\n")
    assert [code for code, _pieces in planned(store)] == ["W-1", "W-2", "W-3", "W-9"]
    take(store, "작업지시\t품번\t수량\nW-9\tVH-204\t5\nW-1\tVH-204\t1200\nW-2\tVH-204\t300\nW-3\tVH-204\t50\n")
    assert [code for code, _pieces in planned(store)] == ["W-9", "W-1", "W-2", "W-3"]
    take(store, "작업지시\t품번\t수량\t순서\nW-9\tVH-204\t5\t4\nW-1\tVH-204\t1200\t1\n")
    assert [(o.code, o.place) for o in plan.in_sequence(orders.orders(store))] == [
        ("W-1", 0), ("W-2", 2), ("W-3", 3), ("W-9", 3),
    ]  # fmt: skip
    assert orders.named(store, {"W-1"})[0].lot == "A1"  # what the sheet has no column for stays


def test_every_fault_is_named_with_line_and_column_and_nothing_is_entered(store: Store) -> None:
    words = (
        HEAD + "W-1\tVH-204\t1200\t\t\t\t\nW-1\tVH-204\t5\t\t\t\t\nW-2\tVH-999\t0\t\t\t\t\n\tVH-204\t5\t\t\t\t\n"
        "W-4\tVH-204\t9,999,999\t\t\t급함\t\nW-5\tVH-204\tmany\t\t내일\t\tPR-99\n"
        "W-6\tVH-204\t5\t\t2025-11-18 17:00\t\t\n" + f"{'x' * 70}\tVH-204\t5\t\t\t\t\n"
    )
    shown = look(store, words)
    assert shown.difference == sheets.Difference("orders")
    assert list(shown.faults) == [
        "line 3: W-1 stands already in line 2. Take one of them away.",
        'line 4, column C (Quantity): "0" must be a whole number from 1 to 1,000,000, for example 500.',
        "line 5, column A (Order no.): is empty: fill it in, for example WO-1042.",
        'line 6, column C (Quantity): "9,999,999" must be a whole number from 1 to 1,000,000, for example 500.',
        'line 6, column F (Kind of order): "급함" is not known: write one of Mass production, Trial, Rework.',
        'line 7, column C (Quantity): "many" must be a whole number from 1 to 1,000,000, for example 500.',
        'line 7, column E (Due by): "내일" must be a day with a time such as 2026-01-31 17:00, or a time such as'
        " 17:00.",
        'line 7, column G (Machine code): "PR-99" is no machine of this line: did you mean PR-01?',
        "line 8, column E (Due by): lies before the day for which it is planned, 2025-11-19.",
        f'line 9, column A (Order no.): "{"x" * 40}" is too long: 60 characters at most.',
    ]
    with pytest.raises(ConfigurationError):
        sheets.apply(store, shown)
    assert orders.orders(store) == ()


def test_products_and_shifts_that_may_be_meant_are_named(store: Store) -> None:
    shown = look(store, "order no\titem\tqty\tshift\nA\tVH-2O4\t5\tNite\n")
    assert shown.faults == (
        'line 2, column B (Item no.): "VH-2O4" is no product of this line: did you mean VH-204?',
        'line 2, column D (Shift): "Nite" is no shift of this line: did you mean Night?',
    )


def test_a_time_of_a_night_shift_is_on_the_day_after(store: Store) -> None:
    take(store, "order no\titem\tqty\tshift\tdue\nA\tVH-204\t5\tNight\t05:00\nB\tVH-204\t5\tDay\t15:00\n")
    first, second = orders.orders(store)
    assert first.due_ms == SEVEN_FIFTY + 21 * HOUR + 10 * 60_000
    assert second.due_ms == SEVEN_FIFTY + 7 * HOUR + 10 * 60_000


def test_a_workbook_with_merged_cells_and_dates_of_excel(store: Store) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["11월 19일 생산계획"])
    sheet.append(["일자", "지시번호", "품번", "수량", "납기"])
    sheet.append([date(2025, 11, 20), "W-1", "VH-204", 500.0, datetime.fromisoformat("2025-11-20T17:30:00")])
    sheet.append([None, "W-2", "VH-204", 60, date(2025, 11, 21)])
    sheet.append([None, "W-3", "VH-204", 70, clock_time(16, 0)])
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A3:A5")
    target = io.BytesIO()
    book.save(target)
    shown = look(store, target.getvalue())
    assert shown.faults == ()
    rows = [change.new for change in shown.difference.changes if change.new]
    assert [row["on"] for row in rows] == [date(2025, 11, 20)] * 3
    assert [str(row["due"]) for row in rows] == ["2025-11-20 17:30:00", "2025-11-22 00:00:00", "2025-11-20 16:00:00"]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("2026-01-31 17:00", datetime.fromisoformat("2026-01-31T17:00:00")),
        ("2026.1.31. 17시 30분", datetime.fromisoformat("2026-01-31T17:30:00")),
        ("2026-01-31T09:05:10", datetime.fromisoformat("2026-01-31T09:05:10")),
        ("2026-01-31 24:00", datetime.fromisoformat("2026-02-01T00:00:00")),
        ("2026-01-31", datetime.fromisoformat("2026-02-01T00:00:00")),
        ("20260131", datetime.fromisoformat("2026-02-01T00:00:00")),
        ("오후 5:30", clock_time(17, 30)),
        ("오전 12:10", clock_time(0, 10)),
        ("17시", clock_time(17)),
        (0.5, clock_time(12)),
        (46053.75, datetime.fromisoformat("2026-01-31T18:00:00")),
        (46053, datetime.fromisoformat("2026-02-01T00:00:00")),
        (datetime.fromisoformat("2026-01-31T17:00:00"), datetime.fromisoformat("2026-01-31T17:00:00")),
    ],
)  # fmt: skip
def test_a_moment_as_people_write_it(cell: object, wanted: object) -> None:
    due = sheets.KINDS["orders"].column("due")
    assert cells.value_of(cell, due) == wanted
    if isinstance(wanted, datetime):
        assert cells.value_of(cells.written(wanted, due), due) == wanted


@pytest.mark.parametrize(
    "cell", ["25:00", "17:61", "tomorrow", "2026-13-01 10:00", "1900-01-01", -1, 0.999_999_9, "24:00"]
)
def test_what_is_no_moment_is_said(cell: object) -> None:
    with pytest.raises(cells.UnfitCellError, match="must be a day"):
        cells.value_of(cell, sheets.KINDS["orders"].column("due"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats(), st.dates(), st.times()), max_size=11
        ),
        max_size=6,
    )
)
def test_any_cells_are_a_plan_or_clear_faults(store: Store, rows: list[list[object]]) -> None:
    kind = sheets.KINDS["orders"]
    lines = [sheets.reading.Line(1, tuple(column.key for column in kind.columns))]  # type: ignore[attr-defined]
    lines += [sheets.reading.Line(n, tuple(row)) for n, row in enumerate(rows, 2)]  # type: ignore[attr-defined]
    shown = sheets.preview(store, sheets.Sheet("any", lines), kind)
    assert all(fault.endswith((".", "?", ".)")) for fault in shown.faults)


def test_the_wrong_encoding_and_no_table_are_one_sentence(store: Store) -> None:
    korean = MORNING.replace("\t", ",").replace("1,200개", "1200")
    assert look(store, korean.encode("cp949")).faults == ()
    assert look(store, b"\xef\xbb\xbf" + korean.encode()).faults == ()
    with pytest.raises(KnownError, match="neither UTF-8 nor CP949"):
        look(store, korean.encode("cp949") + b"\xff\xff\x81")
    assert look(store, "안녕하세요\n").faults == (
        "Clipboard: no line with the titles of the columns was found. Write them above the rows: Order no., Item no.,"
        " Quantity.",
    )


def test_ten_thousand_orders_are_seen_and_applied_in_little_time(store: Store) -> None:
    lines = "".join(f"W-{n}\tVH-204\t{n % 900 + 1}\t\t\t\t\n" for n in range(10_000))
    begun = time.process_time()
    done = take(store, HEAD + lines)
    assert done.added == 10_000
    shown = look(store, HEAD + lines.replace("W-7\t", "W-8x\t", 1))
    assert len(shown.difference.missing) == 1
    assert time.process_time() - begun < 6


# -- people --


def test_people_come_and_change_and_no_pin_is_in_the_table(store: Store) -> None:
    kim = people.put(store, Person(0, "김민수", "A", PersonRole.OPERATOR, "GD-1"), 1)
    people.put(store, Person(0, "이영희", "B", PersonRole.ADMIN, "GD-2"), 1)
    people.set_pin(store, kim, "2580", 1)
    shown = look(store, "이름\t조\t역할\t사원증\n김민수\tA\t반장\tGD-1\n박철수\tB\t작업자\tGD-3\n", "people")
    assert shown.faults == ()
    assert [in_words(sheets.KINDS["people"], change) for change in shown.difference.changes] == [
        ("Changed", "김민수", "Role Operator → Supervisor"),
        ("New", "박철수", "Crew B, Role Operator, Badge GD-3"),
    ]
    version = register.version(store)
    done = sheets.apply(store, shown, who="이영희")
    assert [(p.name, p.role) for p in people.people(store)] == [
        ("김민수", "supervisor"), ("이영희", "admin"), ("박철수", "operator"),
    ]  # fmt: skip
    assert store.row("SELECT count(*) FROM pins")[0] == 0  # too short for a supervisor
    assert register.version(store) == version
    told = store.rows("SELECT who, old, new FROM audit WHERE action = 'people'")
    assert told == [("이영희", '{"김민수": {"role": "operator"}}', told[0][2])]
    assert "2580" not in "".join(map(str, store.rows("SELECT old, new FROM audit")))
    sheets.undo(store, done)
    assert [(p.name, p.role) for p in people.people(store)] == [("김민수", "operator"), ("이영희", "admin")]


def test_badges_are_one_person_s_each(store: Store) -> None:
    people.put(store, Person(0, "Kim", badge="GD-1"), 1)
    people.put(store, Person(0, "Lee", badge="GD-2"), 1)
    head = "name\tbadge\n"
    assert look(store, head + "Kim\tGD-2\nLee\tGD-1\n", "people").faults == ()  # they change badges
    assert look(store, head + "Kim\tgd-2\n", "people").faults == (
        'line 2, column B (Badge): "gd-2" is the badge of Lee: each person needs their own.',
    )
    assert look(store, head + "A\tX-1\nB\tx-1\nC\tPR-01\nD\t바코드\n", "people").faults == (
        'line 3, column B (Badge): "x-1" is the badge of A: each person needs their own.',
        'line 4, column B (Badge): "PR-01" is the code of Press already: a scan would mean both.',
        'line 5, column B (Badge): "바코드" cannot be a badge: at most 40 letters A-Z, digits, hyphens or dots, a'
        " letter or digit first.",
    )
    take(store, head + "Kim\tGD-2\nLee\tGD-1\n", "people")
    assert [p.badge for p in people.people(store)] == ["GD-2", "GD-1"]


# -- stations and routes --


def test_stations_and_routes_go_through_sheet_and_file(store: Store, tmp_path: Path) -> None:
    take(store, "공정코드\t공정명\t설비\nOP10\t압입\tPR-01\nOP20\t수작업 검사\t\nOP30\t포장\t\n", "stations")
    take(store, "품번\t순서\t공정\nVH-204\t1\tOP10\nVH-204\t2\tOP20\nVH-204\t3\tOP10\n", "routes")
    plant = register.plant(store)
    press = next(m.id for m in plant.machines if m.code == "PR-01")
    assert [(s.code, s.machine, s.place) for s in plant.stations] == [
        ("OP10", press, 0), ("OP20", None, 1), ("OP30", None, 2),
    ]  # fmt: skip
    codes = {s.id: s.code for s in plant.stations}
    assert [codes[each] for each in plant.route(plant.products[0].id)] == ["OP10", "OP20", "OP10"]
    written = configuration.export(store)
    assert "station = [" in written
    other = database.create(tmp_path / "other", clock=PlantClock(SEVEN_FIFTY, 0, 0.0))
    configuration.apply(other, configuration.parse(written))
    assert configuration.export(other) == written
    other.close()
    shown = look(store, "품번\t순서\t공정\nVH-204\t1\tOP30\n", "routes")
    assert [change.old["step"] for change in shown.difference.missing if change.old] == [2, 3]
    done = sheets.apply(store, shown, retire=True)
    assert len(register.plant(store).steps) == 1
    sheets.undo(store, done)
    assert register.plant(store).steps == plant.steps
    assert upkeep.check(store) == []


def test_what_stations_and_routes_cannot_be(store: Store) -> None:
    assert look(store, "공정코드\t공정명\t설비\nOP10\t압입\tPR-99\n", "stations").faults == (
        'line 2, column C (Machine code): "PR-99" is no machine of this line: did you mean PR-01?',
    )
    assert look(store, "품번\t순서\t공정\nVH-204\t0\tOP10\nX\t1\tOP10\n", "routes").faults == (
        'line 2, column B (Step no.): "0" must be a whole number from 1 to 1,000, for example 1.',
        'line 3, column A (Item no.): "X" is no product of this line: there are VH-204.',
        'line 3, column C (Station code): "OP10" is no station of this line: there are none yet.',
    )


def test_a_machine_is_one_station_s(store: Store, tmp_path: Path) -> None:
    head = "공정코드\t공정명\t설비\n"
    assert look(store, head + "A\ta\tPR-01\nB\tb\tPR-01\n", "stations").faults == (
        'line 3, column C (Machine code): "PR-01" is the machine of station A already: B needs another one or none.',
    )
    take(store, head + "A\ta\tPR-01\nB\tb\t\nC\tc\t\n", "stations")
    assert look(store, head + "B\tb\tPR-01\n", "stations").faults == (  # A is not in the sheet, and keeps its machine
        'line 2, column C (Machine code): "PR-01" is the machine of station A already: B needs another one or none.',
    )
    assert look(store, "공정코드\t공정명\nB\tbb\n", "stations").faults == ()
    take(store, head + "B\tb\tPR-01\nA\ta\t\n", "stations")  # they change
    other = database.create(tmp_path / "other", clock=PlantClock(SEVEN_FIFTY, 0, 0.0))
    configuration.apply(other, configuration.parse(configuration.export(store)))
    assert [(s.code, s.machine is None) for s in register.plant(other).stations] == [
        ("A", True), ("B", False), ("C", True),
    ]  # fmt: skip
    other.close()


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("[[station]]\ncode = 'A'\nname = 'a'\nmachine = 'XX'\n", "station"),
        ("[[route]]\nproduct = 'VH-204'\nstations = ['A']\n", "stations"),
        ("[[route]]\nproduct = 'NO'\nstations = []\n", "product"),
        ("[[station]]\ncode = 'A'\nname = 'a'\n[[station]]\ncode = 'A'\nname = 'b'\n", "A"),
    ],
)
def test_a_file_with_stations_that_cannot_be_is_refused(toml: str, problem: str) -> None:
    line = (ROOT / "resources" / "demo_line.toml").read_text(encoding="utf-8")
    with pytest.raises(ConfigurationError, match=problem):
        configuration.parse(line + toml)


# -- out and in --


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("ending", writing.ENDINGS)
@pytest.mark.parametrize("kind", ["orders", "people", "stations", "routes"])
def test_what_was_written_is_read_as_the_same(store: Store, tmp_path: Path, kind: str, ending: str, lang: str) -> None:
    take(store, "code\tname\tmachine\n=1+1\t=2+2\tPR-01\nOP2\t@a\t\n", "stations")
    take(store, "product\tstep\tstation\nVH-204\t1\t=1+1\nVH-204\t2\tOP2\n", "routes")
    take(store, "name\tcrew\trole\tbadge\n=cmd\t-A\t반장\tGD-1\n이영희\t00123\t\t\n", "people")
    take(store, MORNING + "=W\tVH-204\t7\t+1\t2025-11-19\t\t\n")
    text.use(lang)
    file = tmp_path / f"out{ending}"
    desk = Desk(tmp_path)
    desk.export(kind, file)
    text.use("ko" if lang == "en" else "en")
    shown = desk.preview(kind, file)
    assert shown.faults == ()
    assert shown.difference.changes == shown.difference.missing == ()
    assert shown.difference.unchanged == {"orders": 4, "people": 2, "stations": 2, "routes": 2}[kind]
    if ending == ".csv":
        assert b",=" not in file.read_bytes()
    desk.template(kind, tmp_path / f"blank{ending}")
    assert desk.preview(kind, tmp_path / f"blank{ending}").difference.changes == ()
