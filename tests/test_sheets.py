"""Master data as sheets: what people bring from Excel is read, or named with line and column; applied whole or not."""

from __future__ import annotations

import io
import json
import re
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from desktop import configuration, text
from desktop.configuration import applying, sheets
from desktop.configuration.sheets import cells, writing
from desktop.configuration.sheets.desk import Desk, in_words, said
from desktop.configuration.tables import ICONS, ConfigurationError
from desktop.store import database, register, upkeep
from desktop.store.database import KnownError, Store

ROOT = Path(__file__).resolve().parents[1]
PRODUCTS = sheets.KINDS["products"]
HEAD = ["품번", "품명", "설비", "이론 C/T", "표준 C/T", "적용일"]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = text.language()
    text.use("en")
    yield
    text.use(before)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = database.create(tmp_path)
    configuration.apply(made, configuration.read(ROOT / "resources" / "demo_line.toml"))
    yield made
    made.close()


def score(kind: str) -> Any:
    return sheets.Titles(sheets.KINDS[kind]).score


def look(store: Store, words: str | bytes, kind: str = "products") -> sheets.Preview:
    if isinstance(words, bytes):
        sheet = sheets.read_bytes(words, "table.xlsx", score(kind))
    else:
        sheet = sheets.read_text(words, "table.csv", score(kind))
    return sheets.preview(store, sheet, sheets.KINDS[kind])


def book_of(*rows: list[Any], title: str = "제품", **looks: Any) -> bytes:
    """A workbook as Excel writes it, by an independent writer."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    for area in looks.get("merged", ()):
        sheet.merge_cells(area)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def rows_of(store: Store, kind: str) -> list[dict[str, Any]]:
    return sheets.KINDS[kind].rows_of(sheets.stock_of(store))


# -- there and back --


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("ending", writing.ENDINGS)
@pytest.mark.parametrize("kind", ["machines", "products", "reasons", "scrap_reasons"])
def test_what_was_written_is_read_as_the_same(store: Store, tmp_path: Path, kind: str, ending: str, lang: str) -> None:
    text.use(lang)
    nasty = [
        "#1",
        "=1+1",
        "'=1+1",
        "'상자",
        "1e5",
        "00123",
        "-5",
        "@a",
        'a"b',
        "a,b;c\td",
        "예",
        "TRUE",
        "2026-01-31",
        "''-",
    ]
    with store.transaction() as db:
        rows = rows_of(store, kind)
        made = [{**rows[0], "code": f"#{n}", "name": name, "order": 100 + n} for n, name in enumerate(nasty)]
        applying.put_rows(store, db, sheets.KINDS[kind].to_register([*rows, *made]))
    file = tmp_path / f"out{ending}"
    sheets.write(file, sheets.KINDS[kind], sheets.stock_of(store))
    text.use("ko" if lang == "en" else "en")  # read on a PC that speaks the other language
    shown = sheets.preview(store, sheets.read_file(file, score(kind)), sheets.KINDS[kind])
    assert shown.faults == ()
    assert shown.difference.changes == shown.difference.missing == ()
    assert shown.difference.unchanged == len(rows) + len(nasty)
    assert b"\n=1" not in file.read_bytes()
    assert b",=1" not in file.read_bytes()


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30))
def test_a_guarded_text_comes_back(words: str) -> None:
    assert cells.unguarded(cells.guarded(words)) == words
    assert not cells.guarded(words).startswith(cells.FORMULA_STARTS)


@pytest.mark.parametrize("kind", sheets.KINDS)
def test_the_blank_table_has_an_example_that_is_no_row(store: Store, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "blank.xlsx"
    sheets.write(file, sheets.KINDS[kind], None)
    shown = sheets.preview(store, sheets.read_file(file, score(kind)), sheets.KINDS[kind])
    assert shown.faults == (
        "blank.xlsx [" + text._(sheets.KINDS[kind].title) + "]: there are no rows below the titles.",
    )
    assert shown.notes == ("Example and comment lines left out: 1",)
    with pytest.raises(KnownError, match="already exists"):
        sheets.write(file, sheets.KINDS[kind], None)


# -- what Excel makes --


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_texts_of_every_encoding_and_separator(store: Store, coding: str, separator: str) -> None:
    lines = [["제품 기준정보"], [], HEAD, ["똠-1", "밸브, 큰; 것", "PR-01", "4.5초", '"1,200"', "2026-01-31"]]
    lines[3] = [f'"{cell}"' if set(cell) & set(",;\t") and not cell.startswith('"') else cell for cell in lines[3]]
    content = "\r\n".join(separator.join(line) for line in lines).encode(coding)
    shown = sheets.preview(store, sheets.read_bytes(content, "table.csv", score("products")), PRODUCTS)
    assert shown.faults == ()
    new = shown.difference.changes[0].new
    assert new is not None
    assert (new["code"], new["name"]) == ("똠-1", "밸브, 큰; 것")
    assert (new["ideal_cycle_s"], new["standard_cycle_s"], new["valid_from"]) == (4.5, 1200.0, date(2026, 1, 31))
    assert shown.difference.changes[0].line == 4


def test_a_workbook_as_a_shop_keeps_it(store: Store) -> None:
    """A title above, merged item numbers, columns in another order and besides, dates as numbers, blank lines."""
    content = book_of(
        ["제품 기준정보", None, None, None, None, None, None],
        [None],
        ["비고", "적용일자", "이론 C/T(분)", "설비코드", "품명", "품번", "표준 사이클타임"],
        ["x", 46053, 0.5, "PR-01", "밸브", 1001.0, "35 초"],
        [None, datetime.fromisoformat("2026-01-31"), "0.5", "MC-01", None, None, None],
        [None, "2026년 1월 31일", "1", "WD-01", None, None, 61],
        [None],
        [None, None, None, None, "상자", "B-1", None],
        [None],
        merged=["A1:G1", "E4:E6", "F4:F6"],
    )
    shown = look(store, content)
    assert shown.faults == ()
    assert shown.notes == ("These columns are not used: A (비고)",)
    rows = [change.new for change in shown.difference.changes]
    assert [(r["code"], r["name"], r["machine"], r["ideal_cycle_s"], r["standard_cycle_s"]) for r in rows if r] == [
        ("1001", "밸브", "PR-01", 30.0, 35.0),
        ("1001", "밸브", "MC-01", 30.0, 30.0),
        ("1001", "밸브", "WD-01", 60.0, 61.0),
        ("B-1", "상자", "", None, None),
    ]
    assert {r["valid_from"] for r in rows[:3] if r} == {date(2026, 1, 31)}
    assert (shown.difference.added, len(shown.difference.missing)) == (4, 8)


def test_cells_that_are_merged_across_columns_are_named(store: Store) -> None:
    shown = look(store, book_of(HEAD, ["A", "a", "PR-01", 5, None, None], merged=["D2:E2"]))
    assert shown.faults == ("line 2: the cells D2:E2 are merged across columns. Split them in Excel.",)


def test_of_several_sheets_the_one_with_the_titles_is_read_and_hidden_ones_never(store: Store) -> None:
    book = Workbook()
    notes, hidden, data = book.active, book.create_sheet("old"), book.create_sheet("품목")
    assert notes is not None
    notes.append(["설명"])
    for sheet, code in ((hidden, "OLD"), (data, "NEW")):
        sheet.append(HEAD)
        sheet.append([code, code])
    hidden.sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    shown = look(store, target.getvalue())
    assert shown.name == "table.xlsx [품목]"
    assert [change.new["code"] for change in shown.difference.changes if change.new] == ["NEW"]


def test_formulas_without_values_and_errors_are_named(store: Store) -> None:
    shown = look(
        store, book_of(HEAD, ["A", "a", "PR-01", "=2+2", None, None], ["B", "b", "PR-01", "#REF!", None, None])
    )
    assert [fault.partition(":")[0] for fault in shown.faults] == [
        "line 2, column D (Ideal cycle)",
        "line 3, column D (Ideal cycle)",
    ]
    assert "formula" in shown.faults[0]
    assert "#REF!" in shown.faults[1]


def test_what_excel_copies(store: Store) -> None:
    """Tabs between cells, quotes around a cell with a line end in it."""
    shown = look(store, '품번\t품명\t설비\t"이론\nC/T"\r\nK-1\t"두 줄\n이름 ""새"""\tPR-01\t"1,200"\r\n')
    assert shown.faults == ()
    new = shown.difference.changes[0].new
    assert new is not None
    assert (new["name"], new["ideal_cycle_s"]) == ('두 줄 이름 "새"', 1200.0)


# -- faults, all of them at once --


def test_every_fault_is_named_with_line_and_column(store: Store) -> None:
    lines = [
        ",".join(HEAD),
        "A,a,PR-01,x,5,",
        "B,b,PR-1,5,5,2026-02-30",
        "1.23457E+12,c,,,,",
        "D,d,PR-01,0,\"4,5\",2026-01-31",
        "E,e,PR-01,5,,",
        "E,e,PR-01,6,,",
        "F,f,,5,,",
        ",g,,,,",
        "H,h1,PR-01,5,,",
        "H,h2,WD-01,5,,",
        "I,i,PR-01,,,",
        "J,,,,,",
    ]  # fmt: skip
    shown = look(store, "\n".join(lines))
    places = [fault.partition(":")[0] for fault in shown.faults]
    assert places == [
        "line 2, column D (Ideal cycle)",
        "line 3, column F (Valid from)",
        "line 3, column C (Machine code)",
        "line 4, column A (Item no.)",
        "line 5, column D (Ideal cycle)",
        "line 5, column E (Standard cycle)",
        "line 7",
        "line 8, column D (Ideal cycle)",
        "line 9, column A (Item no.)",
        "line 11, column B (Item name)",
        "line 12, column D (Ideal cycle)",
        "line 13, column B (Item name)",
    ]
    assert shown.difference.changes == ()
    before = rows_of(store, "products")
    with pytest.raises(ConfigurationError) as refused:
        sheets.apply(store, shown)
    assert refused.value.faults == shown.faults
    assert rows_of(store, "products") == before


def test_faults_beyond_five_hundred_are_counted(store: Store) -> None:
    shown = look(store, "품번,품명,설비,이론 C/T\n" + "\n".join(f"A{n},a,PR-01,x" for n in range(700)))
    assert (len(shown.faults), shown.beyond) == (500, 200)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("a,b\n1,2\n", "no line with the titles"),
        ("", "no line with the titles"),
        ("품번,품명\n", "no rows below the titles"),
        ("품명,설비\nA,B\n", "the column Item no. is missing"),
        ("품번,품명,품번\nA,B,C\n", "stands there twice"),
        ('품번,품명\nA,"B\n' + "x\n" * 20_000, "a quote is opened and not closed"),
        ("품번,품명\nA,\0\n", "holds zero bytes"),
    ],
)
def test_a_text_that_is_no_table(store: Store, words: str, problem: str) -> None:
    try:
        faults = look(store, words).faults
    except KnownError as fault:
        faults = (str(fault),)
    assert len(faults) == 1
    assert problem in faults[0]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel file or has a password"),
        (b"PK\x03\x04" + bytes(60), "no Excel workbook"),
        ("품번,품명\n".encode() + b"A,\xff\xff\xff\n", "line 2: this is neither UTF-8 nor CP949"),
        (bytes(20_000_001), "more than 20 MB"),
    ],
)
def test_a_file_that_is_no_table(content: bytes, problem: str) -> None:
    with pytest.raises(KnownError, match=problem):
        sheets.read_bytes(content, "table.xlsx", score("products"))


def test_a_workbook_that_would_unpack_to_very_much_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 49_000_000)
    with pytest.raises(KnownError, match="too large"):
        sheets.read_bytes(target.getvalue(), "bomb.xlsx", score("products"))


def test_rows_far_apart_and_many_merged_cells_are_no_trap(store: Store) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    sheet.append(["A", "a"])
    sheet["A1048576"] = "B"
    sheet["B1048576"] = "b"
    target = io.BytesIO()
    book.save(target)
    shown = look(store, target.getvalue())
    assert [change.line for change in shown.difference.changes] == [2, 1_048_576]
    whole = zipfile.ZipFile(io.BytesIO(book_of(HEAD, ["A", "a"], merged=["A2:A3"])))
    spoiled = io.BytesIO()
    with whole, zipfile.ZipFile(spoiled, "w", zipfile.ZIP_DEFLATED) as out:
        for name in whole.namelist():
            out.writestr(name, re.sub(rb"(<mergeCell [^>]*>)", rb"\1" * 5001, whole.read(name)))
    with pytest.raises(KnownError, match="too many merged cells"):
        look(store, spoiled.getvalue())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"\xff\xfe", "품번,품명\n".encode("cp949")]))
def test_any_bytes_are_a_table_or_a_clear_fault(store: Store, content: bytes, start: bytes) -> None:
    try:
        sheet = sheets.read_bytes(start + content, "any", score("products"))
    except KnownError:
        return
    shown = sheets.preview(store, sheet, PRODUCTS)
    assert shown.faults or shown.difference.changes or shown.difference.unchanged


_BOOK = book_of(HEAD, *[[f"A{n}", "a", "PR-01", n + 1, None, date(2026, 1, 31)] for n in range(5)], merged=["B2:B4"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(_BOOK) - 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_a_damaged_workbook_is_a_table_or_a_clear_fault(store: Store, at: int, other: bytes, cut: bool) -> None:
    content = _BOOK[:at] if cut else _BOOK[:at] + other + _BOOK[at + len(other) :]
    try:
        shown = look(store, content)
    except KnownError:
        return
    assert shown.faults or shown.difference.added == 5


_CELL = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(), st.times(),
    st.sampled_from(["1,200", "4.5초", "2분", "12EA", "-", "예", "O", "x", "２０２６.１.２", "9" * 5000, "1e400", "٣"]),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(_CELL, st.sampled_from([column for kind in sheets.KINDS.values() for column in kind.columns]), st.booleans())
def test_a_cell_has_a_value_that_fits_or_a_clear_fault(cell: object, column: Any, minutes: bool) -> None:
    try:
        value = cells.value_of(cell, column, minutes=minutes)
    except cells.UnfitCellError:
        return
    kinds = (*column.field.kind, *((clock_time,) if datetime in column.field.kind else ()))
    assert value is None or isinstance(value, kinds)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        assert column.field.low <= value <= column.field.high
    assert value is None or cells.value_of(cells.written(value, column) or None, column) in (value, None)


# -- the difference, applied and taken back --

SHEET = "품번,품명,설비,이론 C/T\nVH-204,밸브 하우징,PR-01,25\nVH-204,밸브 하우징,MC-01,28\nVH-300,새 제품,WD-01,40\n"


def test_a_difference_is_shown_applied_and_taken_back(store: Store) -> None:
    before = configuration.export(store)
    shown = look(store, SHEET)
    assert shown.faults == ()
    assert (shown.difference.added, shown.difference.changed, len(shown.difference.missing)) == (1, 2, 6)
    assert [in_words(PRODUCTS, change) for change in shown.difference.changes] == [
        ("Changed", "VH-204 · PR-01", "Item name Valve housing VH-204 → 밸브 하우징, Ideal cycle 26 → 25"),
        ("Changed", "VH-204 · MC-01", "Item name Valve housing VH-204 → 밸브 하우징"),
        ("New", "VH-300 · WD-01", "Item name 새 제품, Ideal cycle 40, Standard cycle 40, Cavities 1"),
    ]
    assert any("also holds for the past" in note for note in shown.notes)
    assert configuration.export(store) == before
    done = sheets.apply(store, shown, who="김", why="표준 개정")
    rows = {(row["code"], row["machine"]): row for row in rows_of(store, "products")}
    assert len(rows) == 9
    assert {row["name"] for key, row in rows.items() if key[0] == "VH-204"} == {"밸브 하우징"}
    assert (rows["VH-204", "PR-01"]["ideal_cycle_s"], rows["VH-204", "PR-01"]["standard_cycle_s"]) == (25.0, 28.0)
    who, action, subject, old, new, why = store.rows(
        "SELECT who, action, subject, old, new, why FROM audit ORDER BY id DESC LIMIT 1"
    )[0]
    assert (who, action, subject, why) == ("김", "table import", "products", "표준 개정")
    assert json.loads(old)["VH-204 · PR-01"] == {"name": "Valve housing VH-204", "ideal_cycle_s": 26.0}
    assert json.loads(new)["VH-204 · PR-01"] == {"name": "밸브 하우징", "ideal_cycle_s": 25.0}
    assert said(done) == "Products: 1 new, 8 changed, 0 retired, 0 unchanged."
    assert look(store, SHEET).difference.changes == ()
    sheets.undo(store, done)
    assert configuration.export(store) == before
    assert upkeep.check(store) == []


def test_what_the_sheet_does_not_name_is_retired_only_if_asked_and_comes_back(store: Store) -> None:
    before = configuration.export(store)
    done = sheets.apply(store, look(store, SHEET), retire=True)
    assert [(row["code"], row["machine"]) for row in rows_of(store, "products")] == [
        ("VH-204", "PR-01"),
        ("VH-204", "MC-01"),
        ("VH-300", "WD-01"),
    ]
    sheets.undo(store, done)
    assert configuration.export(store) == before


def test_cycle_times_of_a_product_that_is_retired_stay_for_the_past(store: Store) -> None:
    done = sheets.apply(store, look(store, "품번,품명\nNEW,새 제품\n"), retire=True)
    assert [row["code"] for row in rows_of(store, "products")] == ["NEW"]
    assert len(register.plant(store, since_ms=0).standards) == 8
    sheets.undo(store, done)
    assert len(rows_of(store, "products")) == 8


def test_a_list_of_names_alone_renames_a_product_on_all_its_machines(store: Store) -> None:
    shown = look(store, "품명,품번\n하우징,VH-204\n덮개,VH-205\n")
    assert (shown.difference.added, shown.difference.changed, shown.difference.missing) == (1, 8, ())
    sheets.apply(store, shown)
    assert {row["name"] for row in rows_of(store, "products") if row["code"] == "VH-204"} == {"하우징"}
    assert look(store, "품명,품번\n하우징,VH-204\n덮개,VH-205\n").difference.unchanged == 9


def test_a_code_that_differs_by_case_alone_is_asked_about(store: Store) -> None:
    shown = look(store, "품번,품명\nvh-204,밸브\nVH-9,새 제품\n")
    assert shown.notes == ("vh-204 is new although there is VH-204: is it the same?",)
    assert shown.difference.added == 2


def test_the_later_of_two_is_told(store: Store, tmp_path: Path) -> None:
    shown = look(store, SHEET)
    done = sheets.apply(store, look(store, "품번,품명\nVH-204,딴 이름\n"))
    with pytest.raises(KnownError, match="somebody changed the register meanwhile"):
        sheets.apply(store, shown)
    sheets.apply(store, look(store, "품번,품명,설비,표준 C/T\nVH-204,딴 이름,PR-01,99\n"))
    with pytest.raises(KnownError, match="somebody changed the register meanwhile"):
        sheets.undo(store, done)


def test_a_machine_with_devices_is_not_retired(store: Store) -> None:
    shown = look(store, "설비 코드,설비명,순서\nPR-01,프레스,2\nXX-01,새 설비,\n", "machines")
    with pytest.raises(ConfigurationError) as refused:
        sheets.apply(store, shown, retire=True)
    assert len(refused.value.faults) == 7
    assert "MC-01 cannot be retired: CNC control is bound to it." in refused.value.faults[0]
    assert len(rows_of(store, "machines")) == 8
    sheets.apply(store, shown)
    assert [m.code for m in register.plant(store).machines][-1] == "XX-01"


def test_the_order_of_buttons_and_the_groups_are_the_shop_s(store: Store) -> None:
    lines = "사유 코드,비가동 사유,구분,고장,대분류,중분류,순서,아이콘\nP04,무작업,계획,아니오,생산,물량,1,document\n"
    lines += "B01,설비 고장,돌발 정지,O,설비,,1,\nZ01,새 사유,external,x,설비,기타,,bolt\n"
    shown = look(store, lines, "reasons")
    assert shown.faults == ()
    sheets.apply(store, shown)
    reasons = register.plant(store).reasons
    assert [r.code for r in reasons[:2]] == ["B01", "P04"]
    assert reasons[-1].code == "Z01"
    p04 = next(r for r in reasons if r.code == "P04")
    assert (p04.group, p04.subgroup, p04.icon, p04.kind, p04.failure) == ("생산", "물량", "document", "planned", False)
    again = configuration.parse(configuration.export(store))
    configuration.apply(store, again)
    assert [r.code for r in register.plant(store).reasons] == [r.code for r in reasons]
    wrong = look(store, "사유 코드,비가동 사유,중분류,구분\nQ9,a,b,계힉\nQ8,a,b,계획\n", "reasons")
    assert [fault.partition(":")[0] for fault in wrong.faults] == [
        "line 2, column D (Kind of stop)",
        "line 3, column C (Subgroup)",
    ]


# -- what a new shop begins with --


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_new_shop_has_the_usual_reasons_in_its_language(tmp_path: Path, lang: str) -> None:
    text.use(lang)
    made = database.create(tmp_path)
    try:
        plain = 'format = 1\n[plant]\nname = "P"\nline = "L"\n[[machine]]\ncode = "M"\nname = "M"\n'
        configuration.apply(made, configuration.parse(plain))
        plant = register.plant(made)
        assert [r.code for r in plant.reasons] == [f"R{n:02d}" for n in range(1, 27)]
        assert [r.code for r in plant.scrap_reasons] == [f"D{n:02d}" for n in range(1, 14)]
        assert plant.reasons[0].name == ("Machine breakdown" if lang == "en" else "설비 고장")
        assert plant.reasons[0].failure
        assert {r.kind for r in plant.reasons} == {"planned", "unplanned", "external"}
        assert all(r.group and r.icon in ICONS for r in (*plant.reasons, *plant.scrap_reasons))
        if lang == "ko":
            assert not any(set(r.name + r.group) & set("abcdefgh") for r in plant.reasons)
        again = look(made, "사유 코드,비가동 사유\nX1,하나뿐\n", "reasons")
        sheets.apply(made, again, retire=True)
        configuration.apply(made, configuration.parse(configuration.export(made)))
        assert [r.code for r in register.plant(made).reasons] == ["X1"]  # what a shop took away stays away
    finally:
        made.close()


def test_every_icon_is_there() -> None:
    assert [icon for icon in ICONS if icon and not (ROOT / "resources" / "icons" / f"{icon}.svg").exists()] == []


# -- at hand, and what it costs --


def test_the_desk_of_a_folder(store: Store, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    shown = desk.preview("products", SHEET)
    assert shown.name == "Clipboard"
    done = desk.apply(shown)
    table = desk.table("products")
    assert table.titles[0] == "Item no."
    assert len(table.rows) == 9
    file = desk.export("products", tmp_path / "p.csv")
    assert desk.preview("products", file).difference.changes == ()
    desk.undo(done)
    assert len(desk.table("products").rows) == 8


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_ten_thousand_rows_cost_less_than_three_seconds(store: Store, ending: str) -> None:
    rows = [[f"P-{n:05d}", f"제품 {n}", "PR-01", 4.5 + n % 7, None, None] for n in range(10_000)]
    if ending == "xlsx":
        content = book_of(HEAD, *rows)
    else:
        content = "\n".join(",".join("" if c is None else str(c) for c in row) for row in [HEAD, *rows]).encode("cp949")
    began = time.process_time()
    shown = sheets.preview(store, sheets.read_bytes(content, "many", score("products")), PRODUCTS)
    done = sheets.apply(store, shown)
    spent = time.process_time() - began
    assert (shown.difference.added, done.added) == (10_000, 10_000)
    assert spent < 3 * 2, spent  # twice that on a busy computer
    print(ending, round(spent, 2))


def test_three_thousand_rows_take_less_than_15_mb(store: Store) -> None:
    words = "\n".join([",".join(HEAD), *(f"P-{n:05d},제품 {n},PR-01,{4.5 + n % 7},," for n in range(3000))])
    content = words.encode("cp949")
    tracemalloc.start()
    try:
        shown = sheets.preview(store, sheets.read_bytes(content, "many", score("products")), PRODUCTS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert shown.difference.added == 3000
    assert peak < 15_000_000
