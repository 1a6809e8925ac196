"""A shop's own form: what is filled in, what moves along, what stays, and what is said where something is wrong."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
import xlsxwriter
from msgspec.structs import replace
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.formatting.rule import CellIsRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from desktop import text
from desktop.reports import form, xlsx
from desktop.reports.form.names import values_of
from desktop.store.database import KnownError
from tests.reports.example import REPORTS, full, hostile, no_data, tiny

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "installer"))
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    text.use("en")
    yield
    text.use("en")


@pytest.fixture
def fill(tmp_path: Path) -> Callable[..., Any]:
    """Fill a form that is written down as cells: {"B2": "{{good}}"}; `more` may do anything with its workbook."""

    def filled(cells: dict[str, Any], *, report: Any = None, more: Callable[[Any], None] = lambda _book: None) -> Any:
        book = openpyxl.Workbook()
        for place, value in cells.items():
            book.active[place] = value
        more(book)
        path = tmp_path / "shop form.xlsx"
        book.save(path)
        return openpyxl.load_workbook(io.BytesIO(form.fill(report or full(), path)), rich_text=True)

    return filled


def column(sheet: Any, letter: str, first: int, last: int) -> list[Any]:
    return [sheet[f"{letter}{row}"].value for row in range(first, last + 1)]


# -- values --


def test_a_cell_of_its_own_holds_a_real_value(fill: Callable[..., Any]) -> None:
    sheet = fill(
        {"A1": "{{good}}", "A2": "{{ OEE }}", "A3": "{{date}}", "A4": "{{start}}", "A5": "{{machines.3.stop_min}}",
         "A6": "{{difference}}", "A7": "{{plant}}", "A8": "{{machines.WD-01.week_before}}"}
    ).active  # fmt: skip
    assert [sheet[f"A{row}"].value for row in (1, 2, 6, 7)] == [936, 0.767, -40, "성진정밀"]
    assert sheet["A3"].value == datetime(2026, 11, 19)  # noqa: DTZ001  Excel knows no zones
    assert sheet["A4"].value == datetime(2026, 11, 19, 8)  # noqa: DTZ001
    assert sheet["A5"].value == 48.5
    assert sheet["A8"].value == pytest.approx(-2.8)
    assert [sheet[f"A{row}"].number_format for row in (1, 2, 3, 4, 5)] == [
        "#,##0", "0.0%", "yyyy-mm-dd", "hh:mm", "#,##0.0",
    ]  # fmt: skip


def test_the_shops_own_format_stays(fill: Callable[..., Any]) -> None:
    def look(book: Any) -> None:
        book.active["A1"].number_format = "0.00 %"
        book.active["A1"].font = openpyxl.styles.Font(bold=True, name="Batang")

    cell = fill({"A1": "{{oee}}"}, more=look).active["A1"]
    assert (cell.value, cell.number_format, cell.font.b, cell.font.name) == (0.767, "0.00 %", True, "Batang")


def test_within_a_text_it_reads_as_on_a_page(fill: Callable[..., Any]) -> None:
    sheet = fill(
        {"A1": "양품 {{good}} 개 · OEE {{oee}} · {{downtime_min}} min", "A2": "From {{start}} to {{end}}"}
    ).active
    assert sheet["A1"].value == "양품 936 개 · OEE 76.7 % · 238.0 min"
    assert sheet["A2"].value == "From 08:00 to 20:00"


def test_letters_of_several_looks_keep_them(fill: Callable[..., Any]) -> None:
    bold = openpyxl.cell.text.InlineFont(b=True)
    rich = CellRichText(["Good: ", TextBlock(bold, "{{good}}")])
    value = fill({"A1": rich}).active["A1"].value
    assert isinstance(value, CellRichText)
    assert [str(part) for part in value] == ["Good: ", "936"]
    assert value[1].font.b
    split = CellRichText(["Good {{go", TextBlock(bold, "od}}")])
    assert str(fill({"A1": split}).active["A1"].value) == "Good 936"


def test_what_is_not_known_is_an_empty_cell_and_a_dash_in_a_text(fill: Callable[..., Any]) -> None:
    sheet = fill(
        {"A1": "{{good}}", "A2": "good {{good}}, OEE {{oee}}", "A3": "{{machines.1.good}}"}, report=no_data()
    ).active
    assert [sheet["A1"].value, sheet["A3"].value] == [None, None]
    assert sheet["A2"].value == "good —, OEE —"
    zero = replace(full(), good=0)
    assert fill({"A1": "{{good}}"}, report=zero).active["A1"].value == 0


def test_a_name_that_looks_like_a_formula_is_a_text(fill: Callable[..., Any]) -> None:
    sheet = fill({"A1": "{{machines.name}}"}, report=hostile()).active
    assert sheet["A1"].value == "=cmd|' /C calc'!A0"
    assert sheet["A1"].data_type == "s"
    assert sheet["A7"].value == "tab\\x09and\\x0d\\x0aline {end} {machine}"


def test_cells_that_are_named(fill: Callable[..., Any]) -> None:
    def name(book: Any) -> None:
        title = book.active.title
        book.defined_names["gadong.good"] = DefinedName("gadong.good", attr_text=f"'{title}'!$B$2")
        book.defined_names["gadong.machines.code"] = DefinedName("gadong.machines.code", attr_text=f"'{title}'!$A$4")
        book.defined_names["target"] = DefinedName("target", attr_text=f"'{title}'!$C$2")  # the shop's own

    book = fill({"A1": "x", "C2": 5}, more=name)
    sheet = book.active
    assert (sheet["B2"].value, sheet["C2"].value) == (936, 5)
    assert column(sheet, "A", 4, 6) == ["PR-01", "MC-01", "WD-01"]


def test_the_demo_line_is_marked_on_every_sheet(fill: Callable[..., Any]) -> None:
    book = fill({"A1": "{{good}}"}, report=tiny(), more=lambda book: book.create_sheet("second"))
    assert [sheet.oddHeader.center.text for sheet in book] == ["Demo line, 30× speed"] * 2
    assert fill({"A1": "{{good}}"}).active.oddHeader.center.text is None


# -- rows that are repeated --


def test_a_row_comes_for_every_machine_with_its_looks_and_heights(fill: Callable[..., Any]) -> None:
    def look(book: Any) -> None:
        sheet = book.active
        sheet.row_dimensions[3].height = 33
        sheet.row_dimensions[4].height = 44
        sheet["B3"].fill = openpyxl.styles.PatternFill("solid", fgColor="FFEEDD")
        sheet.merge_cells("C3:D3")  # within the row: comes again
        sheet.merge_cells("F2:F4")  # around it: grows

    sheet = fill(
        {"A2": "Machine", "A3": "{{machines.name}}", "B3": "{{machines.good}}", "C3": "pieces", "E3": 7, "F2": "side",
         "A4": "Sum"},
        more=look,
    ).active  # fmt: skip
    assert column(sheet, "A", 2, 11) == [
        "Machine", "프레스", "CNC 가공", "용접", "세척", "조립", "기밀시험", "비전검사", "포장", "Sum",
    ]  # fmt: skip
    assert column(sheet, "B", 3, 10) == [982, 961, 936, 935, 931, 924, 921, 919]
    assert column(sheet, "C", 3, 10) == ["pieces"] * 8
    assert column(sheet, "E", 3, 10) == [7] * 8
    assert [sheet.row_dimensions[row].height for row in range(3, 12)] == [33] * 8 + [44]
    assert {sheet[f"B{row}"].fill.fgColor.rgb for row in range(3, 11)} == {"00FFEEDD"}
    assert {part.coord for part in sheet.merged_cells.ranges} == {"F2:F11", *(f"C{row}:D{row}" for row in range(3, 11))}


def test_formulas_follow(fill: Callable[..., Any]) -> None:
    """Sums grow, a row speaks of itself, and what stands below or on another sheet finds its cells."""

    def other(book: Any) -> None:
        sheet = book.create_sheet("Other 'one'")
        sheet["A1"] = "=Sheet!B4+SUM(Sheet!$B$3:$B$3)"
        sheet["A2"] = "=SUM(Sheet!3:3)"
        sheet["A3"] = '=IF(A1>0,"B3:B3",Sheet!B1)'
        book.defined_names["whole"] = DefinedName("whole", attr_text="Sheet!$B$3:$B$4")

    book = fill(
        {"A3": "{{machines.name}}", "B1": 1, "B3": "{{machines.good}}", "C3": "=B3/$B$4", "D3": "=SUM(B$3:B3)",
         "E3": "=B3-B1", "B4": "=SUM(B3:B3)", "B5": "=B4*2", "B6": "=MAX(B3:B3,B5)"},
        more=other,
    )  # fmt: skip
    sheet = book["Sheet"]
    assert column(sheet, "C", 3, 5) == ["=B3/$B$11", "=B4/$B$11", "=B5/$B$11"]
    assert column(sheet, "D", 3, 5) == ["=SUM(B$3:B3)", "=SUM(B$3:B4)", "=SUM(B$3:B5)"]
    assert column(sheet, "E", 3, 4) == ["=B3-B1", "=B4-B1"]
    assert column(sheet, "B", 11, 13) == ["=SUM(B3:B10)", "=B11*2", "=MAX(B3:B10,B12)"]
    assert column(book["Other 'one'"], "A", 1, 3) == [
        "=Sheet!B11+SUM(Sheet!$B$3:$B$10)", "=SUM(Sheet!3:10)", '=IF(A1>0,"B3:B3",Sheet!B1)',
    ]  # fmt: skip
    assert book.defined_names["whole"].attr_text == "Sheet!$B$3:$B$11"
    assert book.calculation.fullCalcOnLoad


def test_lists_side_by_side_and_rows_of_two_lines(fill: Callable[..., Any]) -> None:
    sheet = fill(
        {"A2": "{{failures.machine}}", "C2": "{{hours.from}}", "D2": "x", "A3": "end",
         "A5": "{{waits.machine}}", "B6": "{{waits.cause}}", "A7": "after"}
    ).active  # fmt: skip
    assert column(sheet, "A", 2, 10) == [
        "프레스",
        "CNC 가공",
        "용접",
        "세척",
        "조립",
        "기밀시험",
        "비전검사",
        "포장",
        None,
    ]
    assert [value.hour for value in column(sheet, "C", 2, 13)] == [*range(8, 20)]
    assert column(sheet, "D", 2, 13) == ["x"] * 12
    assert sheet["A14"].value == "end"
    assert column(sheet, "A", 16, 26) == [
        "WS-01",
        None,
        "AS-01",
        None,
        "LT-01",
        None,
        "WD-01",
        None,
        "PK-01",
        None,
        "after",
    ]
    assert column(sheet, "B", 16, 19) == [None, "WD-01", None, "WD-01"]


def test_an_empty_list_leaves_its_row_empty_and_a_fixed_row_beyond_its_end_too(fill: Callable[..., Any]) -> None:
    sheet = fill(
        {"A1": "{{stops.reason}}", "B1": "stops", "A2": "{{stops.9.reason}}", "A3": "{{hours.12.good}}"}, report=tiny()
    ).active
    assert [sheet[place].value for place in ("A1", "B1", "A2")] == [None, "stops", None]


def test_what_is_printed_checked_and_coloured_follows(fill: Callable[..., Any]) -> None:
    def more(book: Any) -> None:
        sheet = book.active
        sheet.print_area = "A1:C4"
        sheet.print_title_rows = "1:2"
        sheet.conditional_formatting.add("B3:B3", CellIsRule("lessThan", ["$B$4"], font=openpyxl.styles.Font(b=True)))
        check = DataValidation("list", formula1="$A$3:$A$4")
        check.add("C4")
        sheet.add_data_validation(check)
        sheet.row_breaks.append(openpyxl.worksheet.pagebreak.Break(id=4))
        sheet["A3"].comment = None
        sheet.auto_filter.ref = "A2:B3"

    sheet = fill({"A3": "{{machines.name}}", "B3": "{{machines.good}}", "A4": "x", "B4": 900}, more=more).active
    assert sheet.print_area == "'Sheet'!$A$1:$C$11"
    assert sheet.print_title_rows == "$1:$2"
    (formatting,) = sheet.conditional_formatting
    assert {area.coord for area in formatting.sqref.ranges} == {f"B{row}" for row in range(3, 11)} or str(
        formatting.sqref
    ) == "B3:B10"
    assert formatting.rules[0].formula == ["$B$11"]
    (check,) = sheet.data_validations.dataValidation
    assert (str(check.sqref), check.formula1) == ("C11", "$A$3:$A$11")
    assert [stop.id for stop in sheet.row_breaks.brk] == [11]
    assert sheet.auto_filter.ref == "A2:B10"


def test_pictures_and_charts_come_along(tmp_path: Path) -> None:
    path = tmp_path / "logo.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("form")
        sheet.write("A3", "{{machines.name}}")
        sheet.write("B3", "{{machines.good}}")
        sheet.insert_image("D8", "logo.png", {"image_data": io.BytesIO(PNG)})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=form!$B$3:$B$3", "categories": "=form!$A$3:$A$3"})
        sheet.insert_chart("D10", chart)
    content = form.fill(full(), path)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        media = [name for name in parts.namelist() if name.startswith("xl/media/")]
        assert [parts.read(name) for name in media] == [PNG]
        drawing = parts.read("xl/drawings/drawing1.xml").decode()
        assert "<xdr:row>14</xdr:row>" in drawing.replace("xdr:", "xdr:") or "<row>14</row>" in drawing
        told = next(parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart"))
        assert "'form'!$B$3:$B$10" in told or "form!$B$3:$B$10" in told


# -- what is wrong with a form --


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("{{gud}}", "shop form.xlsx, sheet Sheet, cell B2: {{gud}} is not known; the nearest name is {{good}}."),
        ("{{machine.name}}", "{{machine.name}} is not known; the nearest name is {{machines.name}}."),
        ("{{machines.gut}}", "the nearest name is {{machines.good}}."),
        ("{{machines.WD-1.good}}", "{{machines.WD-1.good}} is not known; the nearest name is {{machines.WD-01.good}}."),
        ("{{machines.0.good}}", "{{machines.0.good}} is not known"),
        ("{{xyzzy quux}}", "{{xyzzy quux}} is not known; the manual lists every name."),
        ("{{}}", "{{}} is not known"),
        ("good: {{good}", "a placeholder does not begin or end; write it as {{good}}."),
        ('="{{good}}"', "a placeholder cannot stand within a formula; give it a cell of its own."),
    ],
)
def test_a_wrong_placeholder_is_named_with_its_cell(fill: Callable[..., Any], written: str, sentence: str) -> None:
    with pytest.raises(KnownError) as caught:
        fill({"A1": "{{good}}", "B2": written})
    assert sentence in str(caught.value)
    assert "cell B2" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_form_is_one_sentence(tmp_path: Path, fill: Callable[..., Any]) -> None:
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(broken, "w") as parts:
        parts.writestr("[Content_Types].xml", "<no")
    for path in (tmp_path / "old.xls", broken):
        with pytest.raises(KnownError, match="no Excel workbook"):
            form.fill(full(), path)
    with pytest.raises(KnownError, match="cannot be read"):
        form.fill(full(), tmp_path / "nowhere.xlsx")
    with pytest.raises(KnownError, match="there is nothing to fill in"):
        fill({"A1": "a form without any"})


# -- names and samples --


def test_every_name_has_a_value_in_a_full_report() -> None:
    """So no name of the catalogue is a promise that no section keeps, and no named figure is missing from it."""
    told = replace(full(), head=replace(full().head, demo=True), plan=976)
    told = replace(told, machines=tuple(replace(row, plan=row.target, by_hand=3) for row in told.machines))
    told = replace(told, hours=tuple(replace(row, by_hand=3) for row in told.hours))
    values = values_of(replace(told, orders=tuple(replace(row, by_hand=3) for row in told.orders)))
    assert set(values.single) - {"doubles"} <= set(form.SINGLE)
    assert [name for name in form.SINGLE if values.single[name].raw is None] == []
    for name, rows in form.LISTS.items():
        assert values.lists[name], name
        assert set(values.lists[name][0]) == {form.NUMBER, *rows.columns}, name


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_manual_lists_every_name_and_no_other(language: str) -> None:
    page = (ROOT / f"resources/manual/{language}/forms.md").read_text(encoding="utf-8")
    text.use(language)
    names, _mark, lists = page.partition({"ko": "## 이름\n", "en": "## Names\n"}[language])[2].partition("\n### ")
    written = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", names, re.MULTILINE)
    assert written == [(name, text._(words)) for name, words in form.SINGLE.items()]
    written = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", lists, re.MULTILINE)
    assert written == [
        (f"{name}.{key}", text._(words)) for name, rows in form.LISTS.items() for key, words in rows.columns.items()
    ]
    titles = re.findall(r"^(?:### )?(\w+): (.+)$", lists, re.MULTILINE)
    assert [title for title in titles if title[0] in form.LISTS] == [
        (name, text._(rows.words)) for name, rows in form.LISTS.items()
    ]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", REPORTS)
def test_the_sample_is_filled_for_every_report(name: str, language: str) -> None:
    text.use(language)
    report = REPORTS[name]()
    book = openpyxl.load_workbook(io.BytesIO(form.fill(report, form.sample())))
    sheet = book.active
    cells = [cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not any("{{" in str(value) for value in cells)
    assert report.machines[0].name in cells or name == "hostile"
    assert sheet.print_area.endswith(f"$L${sheet.max_row}")
    assert len([value for value in cells if str(value).startswith("=SUM(")]) >= 3


def test_the_samples_are_those_of_their_script() -> None:
    import forms

    def parts(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    for language in ("ko", "en"):
        text.use(language)
        assert parts(form.sample().read_bytes()) == parts(forms.make(language)), "run installer/forms.py"


def test_the_folder_of_forms_begins_with_the_sample(tmp_path: Path) -> None:
    folder = form.offer(tmp_path / "forms")
    assert [file.name for file in folder.iterdir()] == ["daily-report-en.xlsx"]
    (folder / "daily-report-en.xlsx").unlink()
    form.offer(folder)
    assert list(folder.iterdir()) == [], "what a shop took away stays away"


# -- another program opens what we write --


@pytest.mark.long
@pytest.mark.parametrize("language", ["ko", "en"])
def test_libreoffice_opens_the_workbook_and_the_form_and_reckons_its_sums(language: str, tmp_path: Path) -> None:
    """Starts an office program: takes half a minute."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice Calc is not installed (Debian: apt-get install libreoffice-calc)")
    text.use(language)
    report = full()
    (tmp_path / "form.xlsx").write_bytes(form.fill(report, form.sample()))
    (tmp_path / "book.xlsx").write_bytes(xlsx.render(report))
    home = {**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}

    def convert(kind: str, *names: str) -> None:
        command = [office, "--headless", "--convert-to", kind, "--outdir", str(tmp_path / "out"), *names]
        subprocess.run(command, cwd=tmp_path, env=home, check=True, capture_output=True, timeout=240)

    convert("pdf", "form.xlsx", "book.xlsx")
    pages = {name: len(pypdf.PdfReader(tmp_path / "out" / f"{name}.pdf").pages) for name in ("form", "book")}
    assert pages["form"] == 1, "the sample is one A4 page"
    assert pages["book"] >= len(openpyxl.load_workbook(tmp_path / "book.xlsx").sheetnames)
    convert("xlsx:Calc MS Excel 2007 XML", "form.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out" / "form.xlsx", data_only=True).active
    row = next(row for row in sheet.iter_rows() if row[0].value in ("합계", "Sum"))
    assert row[3].value == sum(machine.reject or 0 for machine in report.machines) == 61
    stopped_ms = sum(machine.kpis.times.stop_ms for machine in report.machines)
    assert row[10].value == pytest.approx(stopped_ms / 60_000)
    shares = [cell.value for row in sheet.iter_rows() for cell in row if cell.number_format == "0.00%"]
    assert shares[0] == pytest.approx(61 / 936), "what the shop reckons itself"
    errors = [cell.coordinate for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("#")]
    assert errors == []
